"""How values and their places are written in this package's findings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_endpoint_docs.model.source import Mismatch, MismatchKind
from pytest_endpoint_docs.openapi.schemas import SchemaProblem, shown_type
from pytest_endpoint_docs.pointers import last_key
from pytest_endpoint_docs.redaction import MASK, Redactor, is_secret_field
from pytest_endpoint_docs.words import cut_line

_LONGEST_VALUE = 120


def shown_value(value: Any, pointer: str, redactor: Redactor) -> str:
    """A value as JSON with its type, without secrets, cut: ``"3600" (string)``; objects and arrays by size alone."""
    kind = shown_type(value)
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        names = ", ".join(list(value)[:6])
        return f"object with {names}{', …' if len(value) > 6 else ''}" if value else "empty object"
    if isinstance(value, list):
        return f"array of {len(value)}"
    field = last_key(pointer)
    text = json.dumps(redactor.json(value), ensure_ascii=False)
    if isinstance(value, str) and value and is_secret_field(field) and not text.startswith('"$'):
        text = MASK
    return f"{cut_line(text, _LONGEST_VALUE)} ({kind})"


def problem_text(problem: SchemaProblem) -> str:
    """The first half of a message: what is wrong, without place and values."""
    texts = {
        "required": "is missing",
        "type": "has another type than described",
        "enum": "is not among the described values",
        "format": "has not the described format",
        "additionalProperties": "has properties that the description does not allow",
        "readOnly": "is read-only and must not be sent",
        "writeOnly": "is write-only and must not be answered",
        "oneOf": "matches several alternatives where one is described",
    }
    return texts.get(problem.keyword, f"violates '{problem.keyword}' of the description") + problem.note


_MISMATCH_KINDS: Mapping[str, MismatchKind] = {
    "required": "missing",
    "type": "type",
    "enum": "enum",
    "const": "enum",
    "format": "format",
    "additionalProperties": "undescribed",
    "readOnly": "unexpected",
    "writeOnly": "unexpected",
}


def problem_mismatch(
    problem: SchemaProblem, *, check: str, severity: Any, redactor: Redactor, prefix: str = "", subject: str = ""
) -> Mismatch:
    """A schema problem as a mismatch; ``prefix`` stands before the JSON Pointer, ``subject`` before the message."""
    actual = "missing" if problem.keyword == "required" else shown_value(problem.instance, problem.pointer, redactor)
    return Mismatch(
        check=check,
        message=f"{subject}{problem_text(problem)}",
        kind=_MISMATCH_KINDS.get(problem.keyword, "constraint"),
        pointer=f"{prefix}{problem.pointer}",
        expected=problem.expected,
        actual=actual,
        severity=severity,
        source=problem.source,
    )

"""How values, their types and their places are written in a mismatch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.secret import MASK
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.pointers import last_key
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import cut, listed

_LONGEST_VALUE = 200


def json_type(value: JSONValue) -> str:
    """The JSON type's name; ``integer`` is told apart from ``number`` as JSON Schema does."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def shown(value: JSONValue, redactor: Redactor, *, pointer: str = "") -> str:
    """A value as JSON with its type after it, without secrets, cut: ``"3600" (string)``."""
    field = last_key(pointer)
    text: str
    if isinstance(value, str) and value and redactor.is_secret(field):
        text = redactor.masked(value)
    elif is_number(value) and redactor.is_secret(field):
        text = MASK
    else:
        text = cut(json.dumps(redactor.field(field, value), ensure_ascii=False), _LONGEST_VALUE)
    return f"{text} ({json_type(value)})" if value is not None else text


def keys_of(value: JSONValue) -> str:
    """The keys of an object, for a message about one that is not there."""
    if not isinstance(value, Mapping):
        return json_type(value)
    names = list(value)
    return f"an object with {listed((quote(name, safe=' -._') for name in names), 8)}" if names else "{}"

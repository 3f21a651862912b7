"""``Cases`` applied: the main request of a doc with the changes of an entry (doc format, section 6)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, get_args

from pytest_endpoint_docs.errors import TemplateError
from pytest_endpoint_docs.model.body import (
    Change,
    ContentType,
    DerivedCase,
    MainRequest,
    RequestTemplate,
    Step,
    is_sent_as_text,
)
from pytest_endpoint_docs.model.header_fields import media_type_in
from pytest_endpoint_docs.model.source import METHODS, Finding, JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import is_index, pointer_of, split_pointer
from pytest_endpoint_docs.words import did_you_mean, or_near

_PARTS = ("method", "path", "params", "headers", "body", "token", "content_type", "form_fields")
_SYNONYMS = {"query": "params", "token_type": "token"}


def derived_step(main: Step, case: DerivedCase) -> Step:
    """The step of a case: the main request with the case's changes, the case's expectation and extracts.

    Raises: ``TemplateError`` that lists every change that cannot be made.
    """
    request, made, wrong = _changed(main.request, case)
    if wrong:
        raise TemplateError("\n".join(message for _, message in wrong), location=_place(case, wrong[0][0]))
    return Step(
        id=case.id,
        phase="case",
        location=case.location,
        request=request,
        expect=case.expect,
        description=case.description,
        extracts=case.extracts,
        source=case.source,
        pointer=case.pointer,
        changes=made,
    )


def wrong_changes(cases: Iterable[DerivedCase], requests: Sequence[MainRequest]) -> Iterator[Finding]:
    """Every change of ``Cases`` that cannot be made, as an error of its case."""
    main = requests[0].subject if requests else None
    if main is None:
        return
    for case in cases:
        _, _, wrong = _changed(main.request, case)
        for change, message in wrong:
            yield Finding(code="bad-change", message=message, location=_place(case, change), case_id=case.id)


def _place(case: DerivedCase, change: Change) -> SourceLocation:
    return case.source.at(change.place) if case.source is not None and change.place else case.location


def _changed(
    template: RequestTemplate, case: DerivedCase
) -> tuple[RequestTemplate, tuple[Change, ...], list[tuple[Change, str]]]:
    """The request with every change made that can be, those changes, and what is wrong with the others.

    The first segment of a change's pointer names a part of the request. Objects on the way that are not there are made;
    ``-`` appends to a list, and is the index of the new element in the changes that were made.
    """
    parts = _as_parts(template)
    made: list[Change] = []
    wrong: list[tuple[Change, str]] = []
    for change in case.changes:
        part, *way = split_pointer(change.pointer) or [""]
        part = _SYNONYMS.get(part, part)
        problem = _refusal(part, way, change)
        if not problem:
            led = _change(parts, [part, *way], copy.deepcopy(change.value))
            if led is not None:
                made.append(replace(change, pointer=pointer_of(led)))
                continue
            problem = (
                f"{change.pointer!r} leads through a value of the main request that is neither an object nor a list"
                " with that index"
            )
        wrong.append((change, problem))
    wrong += _unsent(case.changes, parts.get("content_type", "json"))
    return _from_parts(template, parts, case.location), tuple(made), wrong


def _refusal(part: str, way: list[str], change: Change) -> str:
    """Why a change cannot be made, whatever the request is; an empty text where it can."""
    value = change.value
    if part not in _PARTS or not change.pointer.startswith("/"):
        return f"{change.pointer!r} is not a place in a request{_nearest(part)}"
    if not way and part in ("method", "path") and (not isinstance(value, str) or not value):
        return f"'/{part}' must be a text: every request has a {part}, which can be changed and not removed"
    if not way and part == "method" and str(value).upper() not in METHODS:
        return f"unknown method \"{value}\" in '/method'.{did_you_mean(str(value), METHODS)}"
    if not way and part == "path" and not str(value).startswith(("/", "{")):
        return f'the path "{value}" of \'/path\' must start with "/"; the server comes from the environment.'
    if not way and part == "token" and value is not None and not isinstance(value, str):
        return "'/token' must be a text: the name of a token kind, or none"
    if not way and part == "content_type" and value not in (*get_args(ContentType), None):
        return f"'/content_type' must be json, form, multipart or text, but is {json.dumps(value)}"
    if not way and part in ("params", "headers", "form_fields") and not isinstance(value, (dict, type(None))):
        return f"'/{part}' must be a mapping"
    if part == "headers" and any(isinstance(text, (dict, list)) for text in _header_values(way, value)):
        return "a header field must be a text"
    return ""


def _unsent(changes: Sequence[Change], content_type: str) -> Iterator[tuple[Change, str]]:
    """The changes of what is not sent: of the body of a multipart request, of the fields of another."""
    unsent, instead = ("body", "/form_fields") if content_type == "multipart" else ("form_fields", "/body")
    for change in changes:
        if change.value is not None and split_pointer(change.pointer)[:1] == [unsent]:
            yield change, f"'/{unsent}' is not sent with content_type {content_type}: change '{instead}'"


def _header_values(way: list[str], value: JSONValue) -> list[JSONValue]:
    return list(value.values()) if not way and isinstance(value, dict) else [value]


def _nearest(part: str) -> str:
    known = ", ".join(f"/{name}" for name in _PARTS)
    return or_near(part, _PARTS, otherwise=f"; it starts with one of {known}", shown="'/{}'".format)


def _as_parts(template: RequestTemplate) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "method": template.method,
        "path": template.path,
        "params": dict(template.params),
        "headers": dict(template.headers),
        "token": template.token,
        "content_type": template.content_type,
        "form_fields": dict(template.form_fields),
    }
    if template.has_body:
        parts["body"] = template.body
    return copy.deepcopy(parts)


def _change(value: Any, way: list[str], new: JSONValue) -> list[str] | None:
    """Make one change inside a value. Returns the way that it went, ``None`` where it leads nowhere."""
    head, rest = way[0], way[1:]
    if isinstance(value, list):
        if head == "-" and not rest and new is not None:
            value.append(new)
            return [str(len(value) - 1)]
        if not is_index(head) or int(head) >= len(value):
            return None
        if rest:
            return _with(head, _change(value[int(head)], rest, new))
        if new is None:
            del value[int(head)]
        else:
            value[int(head)] = new
        return way
    if not isinstance(value, dict):
        return None
    if rest:
        if new is None and head not in value:
            return way
        return _with(head, _change(value.setdefault(head, {}), rest, new))
    if new is None:
        value.pop(head, None)
    else:
        value[head] = new
    return way


def _with(head: str, rest: list[str] | None) -> list[str] | None:
    return None if rest is None else [head, *rest]


def _from_parts(template: RequestTemplate, parts: dict[str, Any], location: SourceLocation) -> RequestTemplate:
    headers = {name: _header(value) for name, value in parts.get("headers", {}).items()}
    content_type = parts.get("content_type", "json")
    if content_type == template.content_type == "json" and is_sent_as_text(parts.get("body"), media_type_in(headers)):
        content_type = "text"
    return replace(
        template,
        method=parts["method"].upper(),
        path=parts["path"],
        location=location,
        params=parts.get("params", {}),
        headers=headers,
        body=parts.get("body"),
        has_body="body" in parts,
        token=parts.get("token"),
        content_type=content_type,
        form_fields=parts.get("form_fields", {}),
    )


def _header(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

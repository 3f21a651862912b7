"""``Cases``: the main request with changes at JSON Pointers (doc format, section 6)."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from pytest_endpoint_docs.errors import TemplateError
from pytest_endpoint_docs.model import DerivedCase, JSONValue, RequestTemplate, SourceLocation, Step

_PARTS = ("method", "path", "params", "headers", "body", "token", "content_type", "form_fields")
_SYNONYMS = {"query": "params", "token_type": "token"}


def derived_step(main: Step, case: DerivedCase) -> Step:
    """The step of a case: the main request with the case's changes, the case's expectation and extracts."""
    return Step(
        id=case.id,
        phase="case",
        location=case.location,
        request=derived_request(main.request, case.changes, location=case.location),
        expect=case.expect,
        description=case.description,
        extracts=case.extracts,
        source=case.source,
    )


def derived_request(
    template: RequestTemplate, changes: Mapping[str, JSONValue], *, location: SourceLocation
) -> RequestTemplate:
    """The request with every change made: JSON Pointer (RFC 6901) -> value, ``None`` removes.

    The first segment names a part of the request: ``/method``, ``/path``, ``/params``, ``/headers``, ``/body``,
    ``/token``, ``/content_type``, ``/form_fields``. Objects on the way that are not there are made; ``-`` appends to a
    list.

    Raises: ``TemplateError`` for a pointer that leads into no part of a request, or through a value that has no
    members.
    """
    parts = _as_parts(template)
    for pointer, value in changes.items():
        segments = [segment.replace("~1", "/").replace("~0", "~") for segment in pointer.split("/")[1:]]
        part = _SYNONYMS.get(segments[0], segments[0]) if segments else ""
        if not pointer.startswith("/") or part not in _PARTS:
            raise TemplateError(f"{pointer!r} is no place in a request{_nearest(part)}", location=location)
        if not _change(parts, [part, *segments[1:]], copy.deepcopy(value)):
            raise TemplateError(
                f"{pointer!r} leads through a value of the main request that is neither an object nor a list with that"
                " index",
                location=location,
            )
    return _from_parts(template, parts, location)


def _nearest(part: str) -> str:
    near = difflib.get_close_matches(part, _PARTS, n=1)
    known = ", ".join(f"/{name}" for name in _PARTS)
    return f"; did you mean '/{near[0]}'?" if near else f"; it starts with one of {known}"


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


def _change(value: Any, way: list[str], new: JSONValue) -> bool:
    """Make one change inside a value; ``False`` where the way leads nowhere."""
    head, rest = way[0], way[1:]
    if isinstance(value, list):
        if head == "-" and not rest and new is not None:
            value.append(new)
            return True
        if not head.isdecimal() or int(head) >= len(value):
            return False
        if rest:
            return _change(value[int(head)], rest, new)
        if new is None:
            del value[int(head)]
        else:
            value[int(head)] = new
        return True
    if not isinstance(value, dict):
        return False
    if rest:
        if new is None and head not in value:
            return True
        return _change(value.setdefault(head, {}), rest, new)
    if new is None:
        value.pop(head, None)
    else:
        value[head] = new
    return True


def _from_parts(template: RequestTemplate, parts: dict[str, Any], location: SourceLocation) -> RequestTemplate:
    method, path = parts.get("method", template.method), parts.get("path", template.path)
    content_type = parts.get("content_type", "json")
    if not isinstance(method, str) or not isinstance(path, str):
        raise TemplateError("/method and /path are text", location=location)
    if content_type not in ("json", "form", "multipart"):
        raise TemplateError(f"/content_type {content_type!r} is not json, form or multipart", location=location)
    return replace(
        template,
        method=method.upper(),
        path=path,
        location=location,
        params=cast("dict[str, JSONValue]", parts.get("params", {})),
        headers=cast("dict[str, str]", parts.get("headers", {})),
        body=parts.get("body"),
        has_body="body" in parts,
        token=parts.get("token"),
        content_type=content_type,
        form_fields=cast("dict[str, JSONValue]", parts.get("form_fields", {})),
    )

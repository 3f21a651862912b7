"""A request as octets: its target URI and its content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlencode

from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue

USER_AGENT = f"pytest-endpoint-docs/{version('pytest-endpoint-docs')}"


def target_uri(request: Request) -> str:
    """The URL with its query. Brackets in names stay as they are; everything else is percent-encoded."""
    if not request.params:
        return request.url
    query = urlencode(request.params, quote_via=lambda text, *_: quote(text, safe="[]"))
    return f"{request.url}{'&' if '?' in request.url else '?'}{query}"


def pairs(name: str, value: JSONValue) -> Iterator[tuple[str, str]]:
    """A parameter as (name, text) pairs: lists repeat the name, objects put keys in brackets, ``null`` is left out."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from pairs(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for item in value:
            yield from pairs(name, item)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def form_pairs(body: JSONValue) -> list[tuple[str, str]]:
    """The fields of a form as (name, text) pairs."""
    if not isinstance(body, Mapping):
        return []
    return [pair for name, value in body.items() for pair in pairs(name, value)]


def header_fields(request: Request) -> dict[str, str | bytes]:
    """The header fields as they are sent, secrets revealed."""
    defaults = {
        "User-Agent": USER_AGENT,
        "Accept": "application/json, */*;q=0.8",
        "Accept-Encoding": "gzip, deflate",
    }
    if request.has_body and request.content_type == "json":
        defaults["Content-Type"] = "application/json"
    elif request.has_body and request.content_type == "form":
        defaults["Content-Type"] = "application/x-www-form-urlencoded"
    given = {name.lower() for name in request.headers}
    fields: dict[str, str | bytes] = {name: value for name, value in defaults.items() if name.lower() not in given}
    for name, value in request.headers.items():
        text = value.reveal() if isinstance(value, Secret) else value
        # Field values are octets (RFC 9110 section 5.5); what is not Latin-1 goes out as UTF-8.
        fields[name] = text if text.isascii() else text.encode()
    return fields


def content(request: Request) -> dict[str, Any]:
    """The content as keyword arguments of ``requests.Request``."""
    if not request.has_body:
        return {}
    if request.content_type == "multipart":
        text_parts = [(name, (None, text, "text/plain; charset=utf-8")) for name, text in form_pairs(request.body)]
        file_parts = [(part.field_name, (part.filename, part.content, part.content_type)) for part in request.files]
        return {"files": [*text_parts, *file_parts]}
    if request.content_type == "form":
        return {"data": urlencode(form_pairs(request.body))}
    return {"data": json.dumps(request.body, ensure_ascii=False).encode()}

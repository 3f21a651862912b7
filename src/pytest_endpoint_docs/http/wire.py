"""A request as octets: its target URI, its header fields and its content."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import field
from urllib.parse import quote, urlencode

from pytest_endpoint_docs.http.targets import DEFAULT_PORTS, Target
from pytest_endpoint_docs.model.body import MEDIA_TYPES
from pytest_endpoint_docs.model.exchange import Request, WrittenValue
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import late

_FIELD_NAME = late(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_FIELDS = late(r"[\x00\r\n]")
# To ask the metadata of the installed package for its version takes as long as a dozen docs.
USER_AGENT = f"pytest-endpoint-docs/{sys.modules['pytest_endpoint_docs'].__version__}"
_METHODS = frozenset(["GET", "POST", "PUT", "PATCH", "DELETE"])
# Their requests have no framing where they have no content, as urllib3 sends them.
_WITHOUT_CONTENT = frozenset(["GET", "DELETE"])
_OF_CONNECTION = frozenset(
    ["host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"]
)


@value_class
class WireRequest:
    """What goes over the wire: secrets are revealed in it, and everything is encoded.

    ``shown_url`` is how messages name the URL, which may hold secrets in its query.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str | bytes] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)
    shown_url: str = field(repr=False)


def wire_request(request: Request) -> WireRequest:
    """A request as it is sent; messages name its whole target URI."""
    url = target_uri(request)
    content, media_type = _content(request)
    return WireRequest(
        method=request.method, url=url, headers=_header_fields(request, media_type), content=content, shown_url=url
    )


def request_octets(wire: WireRequest, target: Target) -> bytes | None:
    """A request as it is sent to its origin; ``None`` for one that says something about its connection or framing."""
    if wire.method not in _METHODS or not target.path.isascii() or target.host.startswith("["):
        return None
    is_default = target.port == DEFAULT_PORTS[target.scheme]
    lines = [
        f"{wire.method} {target.path} HTTP/1.1",
        f"Host: {target.host}" if is_default else f"Host: {target.host}:{target.port}",
    ]
    if wire.content is not None:
        lines.append(f"Content-Length: {len(wire.content)}")
    elif wire.method not in _WITHOUT_CONTENT:
        lines.append("Content-Length: 0")
    for name, value in wire.headers.items():
        if name.lower() in _OF_CONNECTION:
            return None
        lines.append(f"{name}: {value if isinstance(value, str) else value.decode('latin-1')}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (wire.content or b"")


def target_uri(request: Request) -> str:
    """The URL with its query: what the doc's path writes out as it stands there, the others percent-encoded.

    Brackets stay as they are.
    """
    if not request.params:
        return request.url
    query = "&".join(query_pair(name, value) for name, value in request.params)
    return f"{request.url}{'&' if '?' in request.url else '?'}{query}"


def query_pair(name: str, value: str) -> str:
    """A parameter as it stands in a query."""
    if isinstance(value, WrittenValue) and value.name == name:
        return value.written
    return f"{quote(name, safe='[]')}={quote(value, safe='[]')}"


def named_values(name: str, value: JSONValue) -> Iterator[tuple[str, JSONValue]]:
    """A parameter by the names it is sent with: lists repeat it, objects put keys in brackets, ``null`` is left out."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from named_values(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for item in value:
            yield from named_values(name, item)
    elif value is not None:
        yield name, value


def pairs(name: str, value: JSONValue) -> Iterator[tuple[str, str]]:
    """The same as (name, text) pairs."""
    for written, single in named_values(name, value):
        yield written, single if isinstance(single, str) else json.dumps(single)


def form_pairs(body: JSONValue) -> list[tuple[str, str]]:
    """The fields of a form as (name, text) pairs."""
    if not isinstance(body, Mapping):
        return []
    return [pair for name, value in body.items() for pair in pairs(name, value)]


def _header_fields(request: Request, media_type: str | None) -> dict[str, str | bytes]:
    defaults: dict[str, str | bytes] = {
        "User-Agent": USER_AGENT,
        "Accept": "application/json, */*;q=0.8",
        "Accept-Encoding": "gzip, deflate",
    }
    if media_type:
        defaults["Content-Type"] = media_type
    if not request.headers:
        return defaults
    given = {name.lower() for name in request.headers}
    fields: dict[str, str | bytes] = {name: value for name, value in defaults.items() if name.lower() not in given}
    for name, value in request.headers.items():
        text = value.reveal() if isinstance(value, Secret) else value
        if not _FIELD_NAME.fullmatch(name) or _NOT_IN_FIELDS.search(text):
            # Without the value: it may be a secret.
            raise ValueError(f"header field {name!r} holds a line break or another character that no field can hold")
        if name.lower() == "content-type" and (media_type or "").startswith("multipart/") and "boundary" not in text:
            text += f"; {(media_type or '').partition('; ')[2]}"
        # Field values are octets (RFC 9110 section 5.5); what is not Latin-1 goes out as UTF-8.
        fields[name] = text if text.isascii() else text.encode()
    return fields


def _content(request: Request) -> tuple[bytes | None, str | None]:
    """The content, and the media type that goes with it."""
    if not request.has_body:
        return None, None
    if request.content_type == "multipart":
        return _multipart(request)
    if request.content_type != "json" and isinstance(request.body, str):
        return request.body.encode(), MEDIA_TYPES[request.content_type]
    if request.content_type == "form":
        return urlencode(form_pairs(request.body)).encode(), MEDIA_TYPES["form"]
    return json.dumps(request.body, ensure_ascii=False).encode(), MEDIA_TYPES["json"]


def _multipart(request: Request) -> tuple[bytes, str]:
    from urllib3.fields import RequestField
    from urllib3.filepost import encode_multipart_formdata

    def part(name: str, content: bytes, media_type: str, filename: str | None = None) -> RequestField:
        made = RequestField(name, content, filename=filename)
        made.make_multipart(content_type=media_type)
        return made

    texts = [part(name, text.encode(), "text/plain; charset=utf-8") for name, text in form_pairs(request.body)]
    files = [part(file.field_name, file.content, file.content_type, file.filename) for file in request.files]
    return encode_multipart_formdata([*texts, *files])

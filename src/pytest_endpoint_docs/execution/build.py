"""From a request template to a request that is ready to send."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast
from urllib.parse import parse_qsl

from pytest_endpoint_docs.environment.authorization import authorization, server_for
from pytest_endpoint_docs.errors import DocError, MethodNotAllowed
from pytest_endpoint_docs.http.wire import pairs
from pytest_endpoint_docs.model.body import FilePart, RequestTemplate
from pytest_endpoint_docs.model.environment import Environment, OnBehalfOf, Server
from pytest_endpoint_docs.model.exchange import MultipartFile, Request
from pytest_endpoint_docs.model.secret import HeaderValue
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.template import Lookup, as_text, render, render_path

Lookups: TypeAlias = Callable[[str], Lookup]

SAFE = frozenset(["GET", "HEAD", "OPTIONS", "TRACE"])
"""Methods that every environment allows (RFC 9110 section 9.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the doc as a whole, or the OpenAPI operation, asks for beyond the request template."""

    fallback: bool = False
    on_behalf_of: bool = False


def check_method(template: RequestTemplate, environment: Environment) -> None:
    """Raise ``MethodNotAllowed``, which names the key that allows it, where the environment forbids a method."""
    method = template.method
    if method in SAFE:
        return
    key = "deletes" if method == "DELETE" else "writes"
    if environment.deletes if key == "deletes" else environment.writes:
        return
    if environment.file is None:
        how = f"name an environment (--endpoint-env) whose file says '{key}: true'"
        raise MethodNotAllowed(
            f"{method} is not allowed with nothing but a base URL: {how}", location=template.location
        )
    raise MethodNotAllowed(
        f"{method} is not allowed on environment {environment.name!r}: "
        f"'{key}: true' in {environment.file.name} allows it",
        location=template.location,
    )


def check_sendable(template: RequestTemplate, environment: Environment, asked: Asked) -> None:
    """Raise what can be known before any variable is: method, server, token.

    Raises: ``MethodNotAllowed``, ``MissingToken``, ``RequestError`` (no fallback server).
    """
    check_method(template, environment)
    server = _server(template.path.partition("?")[0], template, environment, asked)
    if not _has_header(template.headers, "Authorization"):
        authorization(environment, template.token, server, location=template.location)


def on_behalf_of(template: RequestTemplate, environment: Environment, asked: Asked) -> OnBehalfOf | None:
    """The header field to send on somebody's behalf.

    Where the step asks; or where the operation does, and the token is of a kind that acts for others.
    """
    rule = environment.on_behalf_of or OnBehalfOf()
    kind = template.token if template.token is not None else environment.default_token
    wanted = template.on_behalf_of or (asked.on_behalf_of and kind in rule.tokens)
    return rule if wanted and not _has_header(template.headers, rule.header) else None


def build_request(template: RequestTemplate, lookups: Lookups, environment: Environment, asked: Asked) -> Request:
    """Fill in the variables of a request, and give it its server and its credentials.

    ``lookups`` gives the variables for a part of the request: ``path``, ``params``, ``headers``, ``body``,
    ``form_fields``, ``file_fields``, ``on_behalf_of``. Each part is filled in once.

    Raises: what the lookups raise; ``DocError`` for a file that is not there; what :func:`check_sendable` raises.
    """
    check_method(template, environment)
    path, _, query = render_path(template.path, lookups("path")).partition("?")
    server = _server(path, template, environment, asked)
    params = _params(
        query, cast("Mapping[str, JSONValue]", rendered(dict(template.params), lookups("params"), template))
    )
    headers = _headers(template, lookups, environment, asked, server)
    is_multipart = template.content_type == "multipart"
    body = rendered(dict(template.form_fields), lookups("form_fields"), template) if is_multipart else None
    if template.has_body and not is_multipart:
        body = rendered(template.body, lookups("body"), template)
    return Request(
        method=template.method,
        url=server.base_url.rstrip("/") + (path if path.startswith("/") else f"/{path}"),
        params=params,
        headers=headers,
        body=body,
        has_body=template.has_body or is_multipart,
        content_type=template.content_type,
        files=tuple(_file(part, lookups("file_fields"), environment) for part in template.file_parts)
        if is_multipart
        else (),
        token_kind=template.token if template.token is not None else environment.default_token,
        path=path,
    )


def rendered(value: JSONValue, lookup: Lookup, template: RequestTemplate) -> JSONValue:
    """A value with its variables filled in. Raises: what the lookup raises; ``DocError`` where two keys become one."""
    try:
        return render(value, lookup)
    except ValueError as error:
        raise DocError(str(error), location=template.location) from error


def _server(path: str, template: RequestTemplate, environment: Environment, asked: Asked) -> Server:
    use_fallback = template.use_fallback or asked.fallback
    return server_for(environment, path, use_fallback=use_fallback, location=template.location)


def _params(query: str, given: Mapping[str, JSONValue]) -> tuple[tuple[str, str], ...]:
    """The path's own query, then ``params``, which replace what the path says of the same name."""
    own = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in given]
    return (*own, *(pair for name, value in given.items() for pair in pairs(name, value)))


def _headers(
    template: RequestTemplate, lookups: Lookups, environment: Environment, asked: Asked, server: Server
) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {}
    if not _has_header(template.headers, "Authorization"):
        credentials = authorization(environment, template.token, server, location=template.location)
        if credentials is not None:
            headers["Authorization"] = credentials
    rule = on_behalf_of(template, environment, asked)
    if rule is not None:
        headers[rule.header] = as_text(render(rule.value, lookups("on_behalf_of")))
    given = cast("Mapping[str, JSONValue]", rendered(dict(template.headers), lookups("headers"), template))
    headers.update({name: as_text(value) for name, value in given.items()})
    return headers


def _has_header(headers: Mapping[str, str], name: str) -> bool:
    return any(given.lower() == name.lower() for given in headers)


def _file(part: FilePart, lookup: Lookup, environment: Environment) -> MultipartFile:
    path = as_text(render(part.file_path, lookup))
    if environment.files is None:
        raise DocError(
            f"file {path!r} cannot be looked up: environment {environment.name!r} has no 'files' folder",
            location=part.location,
        )
    file = environment.files / path
    # A doc must not be able to send any file of the machine that it runs on.
    if not file.resolve().is_relative_to(environment.files.resolve()):
        raise DocError(f"file {path!r} lies outside of the folder {environment.files}", location=part.location)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DocError(f"file {path!r}: {file} cannot be read: {error.strerror}", location=part.location) from error
    filename = as_text(render(part.filename, lookup)) if part.filename else file.name
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return MultipartFile(
        field_name=part.field_name,
        filename=filename,
        content=content,
        content_type=part.content_type or guessed,
    )

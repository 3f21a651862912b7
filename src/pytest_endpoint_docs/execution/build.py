"""From a request template to a request that is ready to send."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from pytest_endpoint_docs.environment.authorization import destination
from pytest_endpoint_docs.errors import DocError, MethodNotAllowed
from pytest_endpoint_docs.files import read_regular
from pytest_endpoint_docs.http.methods import SAFE, refuse_in_production
from pytest_endpoint_docs.http.targets import encoded_query
from pytest_endpoint_docs.http.wire import pairs
from pytest_endpoint_docs.model.body import FilePart, RequestTemplate
from pytest_endpoint_docs.model.environment import Environment, OnBehalfOf
from pytest_endpoint_docs.model.exchange import MultipartFile, Request, WrittenValue
from pytest_endpoint_docs.model.secret import HeaderValue
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.variables.template import PATH, Lookup, as_text, render_parts


def check_method(template: RequestTemplate, environment: Environment) -> None:
    """Raise ``MethodNotAllowed``, which names the key that allows it, where the environment forbids a method."""
    method = template.method
    if method in SAFE:
        return
    refuse_in_production(environment, method, template.location)
    key = "deletes" if method == "DELETE" else "writes"
    if environment.deletes if key == "deletes" else environment.writes:
        return
    if environment.file is None:
        how = f"name an environment (--endpoint-env) whose file says '{key}: true'"
        raise MethodNotAllowed(f"{method} is not allowed with only a base URL: {how}", location=template.location)
    raise MethodNotAllowed(
        f"{method} is not allowed on environment {environment.name!r}: "
        f"'{key}: true' in {environment.file.name} allows it",
        location=template.location,
    )


def check_destination(template: RequestTemplate, environment: Environment) -> None:
    """Raise what can be known of a request's server and token: ``MissingToken``, ``RequestError`` (no fallback)."""
    destination(environment, template, template.path.partition("?")[0])


def header_on_behalf(template: RequestTemplate, environment: Environment) -> OnBehalfOf | None:
    """The header field to send on somebody's behalf, where it is due and the template does not give it itself."""
    rule = environment.on_behalf_of
    is_due = rule.is_due(
        step_asks=template.asks_on_behalf_of, token=template.token, default_token=environment.default_token
    )
    if not is_due or any(name.lower() == rule.header.lower() for name in template.headers):
        return None
    return rule


def request_parts(template: RequestTemplate, rule: OnBehalfOf | None = None) -> dict[str, JSONValue]:
    """The parts of a request that can hold variables, those that there are, by the names that they have in a doc."""
    parts: dict[str, JSONValue] = {PATH: template.path}
    if template.params:
        parts["params"] = dict(template.params)
    if template.headers:
        parts["headers"] = dict(template.headers)
    if template.has_body:
        parts["body"] = template.body
    if template.form_fields:
        parts["form_fields"] = dict(template.form_fields)
    if template.file_parts:
        parts["file_fields"] = [
            {"file_path": part.file_path, "filename": part.filename} for part in template.file_parts
        ]
    if rule is not None:
        parts["on_behalf_of"] = rule.value
    return parts


def build_request(template: RequestTemplate, lookup: Lookup, environment: Environment) -> Request:
    """Fill in the variables of a request, each once, and give it its server and its credentials.

    Raises: what the lookup raises; ``DocError`` for a file that is not there; what :func:`check_method`
    and :func:`check_destination` raise.
    """
    check_method(template, environment)
    is_multipart = template.content_type == "multipart"
    rule = header_on_behalf(template, environment)
    parts = request_parts(template, rule)
    for unused in ("body",) if is_multipart else ("form_fields", "file_fields"):
        parts.pop(unused, None)
    filled: dict[str, Any] = rendered(parts, lookup, template.location)
    path, _, query = filled[PATH].partition("?")
    server, credentials = destination(environment, template, path)
    headers: dict[str, HeaderValue] = {}
    if credentials is not None:
        headers["Authorization"] = credentials
    if rule is not None:
        headers[rule.header] = as_text(filled["on_behalf_of"])
    headers.update({name: as_text(value) for name, value in filled.get("headers", {}).items()})
    return Request(
        method=template.method,
        url=server.base_url.rstrip("/") + (path if path.startswith("/") else f"/{path}"),
        params=_params(query, filled.get("params", {})) if query or template.params else (),
        headers=headers,
        body=filled.get("form_fields", {}) if is_multipart else filled.get("body"),
        has_body=template.has_body or is_multipart,
        content_type=template.content_type,
        files=_files(template, filled.get("file_fields", ()), environment) if is_multipart else (),
        path=path,
    )


def rendered(parts: Mapping[str, JSONValue], lookup: Lookup, location: SourceLocation) -> dict[str, JSONValue]:
    """Parts with their variables filled in. Raises: what the lookup raises; ``DocError`` where two keys become one."""
    try:
        return render_parts(parts, lookup)
    except ValueError as error:
        raise DocError(str(error), location=location) from error


def _params(query: str, given: Mapping[str, JSONValue]) -> tuple[tuple[str, str], ...]:
    """The path's own query as it is written, then ``params``, which replace what the path says of the same name."""
    own: list[tuple[str, str]] = []
    for written in filter(None, query.split("&")):
        name, _, value = map(unquote_plus, written.partition("="))
        if name not in given:
            own.append((name, WrittenValue.of(name, value, written=encoded_query(written))))
    return (*own, *(pair for name, value in given.items() for pair in pairs(name, value)))


def _files(
    template: RequestTemplate, filled: Sequence[Mapping[str, JSONValue]], environment: Environment
) -> tuple[MultipartFile, ...]:
    return tuple(_file(part, names, environment) for part, names in zip(template.file_parts, filled, strict=True))


def _file(part: FilePart, names: Mapping[str, JSONValue], environment: Environment) -> MultipartFile:
    path = as_text(names["file_path"])
    if environment.files is None:
        raise DocError(
            f"file {path!r} cannot be looked up: environment {environment.name!r} has no 'files' folder",
            location=part.location,
        )
    file = environment.files / path
    # A doc must not be able to send any file of the machine that it runs on, nor to wait for one that never ends.
    if not file.resolve().is_relative_to(environment.files.resolve()):
        raise DocError(f"file {path!r} is outside the folder {environment.files}", location=part.location)
    try:
        content = read_regular(file)
    except ValueError as error:
        raise DocError(f"file {path!r}: {file} {error}", location=part.location) from None
    except OSError as error:
        raise DocError(f"file {path!r}: {file} cannot be read: {error.strerror}", location=part.location) from error
    filename = as_text(names["filename"]) if part.filename else file.name
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return MultipartFile(
        field_name=part.field_name,
        filename=filename,
        content=content,
        content_type=part.content_type or guessed,
    )

"""A request as descriptions see it: one that is ready to send, or a doc's template with its variables unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pytest_endpoint_docs.model.body import MEDIA_TYPES, ContentType, RequestTemplate
from pytest_endpoint_docs.model.environment import Environment, OnBehalfOf
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.header_fields import media_type_of
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.parameters import SentFile
from pytest_endpoint_docs.openapi.unknowns import Unknown, with_unknowns


@value_class
class RequestParts:
    """A request's parts; texts and values may be :class:`Unknown`.

    ``query`` holds (name, text or value) pairs; ``headers`` names in lower case; ``media_type`` is the body's, with its
    parameters. ``token`` is the kind of token that the request is sent with, ``None`` where that is not known.
    """

    path: str
    query: Sequence[tuple[str, Any]]
    headers: Mapping[str, str]
    body: Any
    has_body: bool
    media_type: str
    files: tuple[SentFile, ...] = ()
    token: str | None = None


def parts_of(request: Request, *, token: str | None = None) -> RequestParts:
    """The parts of a request that is ready to send; ``token`` is its kind of token, where that is known."""
    path = request.path or urlsplit(request.url).path
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    return RequestParts(
        path=path,
        query=[*parse_qsl(urlsplit(path).query, keep_blank_values=True), *request.params],
        headers=headers,
        body=request.body,
        has_body=request.has_body or bool(request.files),
        media_type=_media_type(headers, request.content_type),
        files=tuple(SentFile(file.field_name, file.content_type, file.content) for file in request.files),
        token=token,
    )


def template_parts(request: RequestTemplate, operation: Operation, environment: Environment | None) -> RequestParts:
    """The parts of a template: every ``{{variable}}`` is unknown, and what the environment adds is there."""
    path, _, text = request.path.partition("?")
    written = [(name, value) for name, value in parse_qsl(text, keep_blank_values=True) if name not in request.params]
    query = [(name, with_unknowns(value)) for name, value in written]
    query += [pair for name, value in request.params.items() for pair in _query(name, value)]
    headers = {name.lower(): with_unknowns(value) for name, value in request.headers.items()}
    rule, default_token = OnBehalfOf(), None
    if environment is not None:
        rule, default_token = environment.on_behalf_of, environment.default_token
    if rule.is_due(
        step_asks=request.asks_on_behalf_of,
        token=request.token,
        default_token=default_token,
        operation_asks=lambda: asks_on_behalf_of(operation, rule.header),
    ):
        headers.setdefault(rule.header.lower(), Unknown(rule.value, whole=True))
    is_multipart = request.content_type == "multipart"
    return RequestParts(
        path=path,
        query=query,
        headers=headers,
        body=with_unknowns(dict(request.form_fields) if is_multipart else request.body),
        has_body=request.has_body or bool(request.form_fields) or bool(request.file_parts),
        media_type=_media_type(headers, request.content_type),
        files=tuple(SentFile(part.field_name, part.content_type or "") for part in request.file_parts),
        token=default_token if request.token is None else request.token,
    )


def asks_on_behalf_of(operation: Operation, header: str) -> bool:
    """Whether an operation has the header field that says on whose behalf a request is made.

    It has it among its parameters, or its text requires it.
    """
    described = [parameter.name for parameter in operation.parameters_in("header")]
    names = [*described, *(by_text.name for by_text in operation.told_headers)]
    return any(name.lower() == header.lower() for name in names)


def _media_type(headers: Mapping[str, str], content_type: ContentType) -> str:
    written = headers.get("content-type", "")
    return written if media_type_of(written) else MEDIA_TYPES[content_type]


def _query(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((name, with_unknowns(item)) for item in value)
    elif isinstance(value, Mapping):
        yield from ((f"{name}[{key}]", with_unknowns(item)) for key, item in value.items())
    else:
        yield name, with_unknowns(value)

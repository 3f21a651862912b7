"""A doc's request templates as descriptions see requests, with variables for unknown values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from pytest_endpoint_docs.loading.documented import is_deliberately_wrong, line_of_part
from pytest_endpoint_docs.model.body import RequestTemplate, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.environment import Environment, OnBehalfOf
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.openapi.described_requests import CONTENT_TYPES, RequestCheck, asks_on_behalf_of
from pytest_endpoint_docs.openapi.dialects import Unknown
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_differences import RequestParts
from pytest_endpoint_docs.redaction import Redactor

_WHOLE = re.compile(r"\s*\{\{[^{}]*\}\}\s*")


def template_parts(request: RequestTemplate, operation: Operation, environment: Environment | None) -> RequestParts:
    """The request with every ``{{variable}}`` as an unknown value, and the header fields that the environment adds."""
    path, _, text = request.path.partition("?")
    query = [(name, unknown(value)) for name, value in parse_qsl(text, keep_blank_values=True)]
    query += [pair for name, value in request.params.items() for pair in _query(name, value)]
    headers = {name.lower(): unknown(value) for name, value in request.headers.items()}
    on_behalf_of = (environment.on_behalf_of if environment is not None else None) or OnBehalfOf()
    token = request.token or (environment.default_token if environment is not None else None)
    if request.on_behalf_of or (token in on_behalf_of.tokens and asks_on_behalf_of(operation, on_behalf_of.header)):
        headers.setdefault(on_behalf_of.header.lower(), Unknown(on_behalf_of.value, whole=True))
    is_multipart = request.content_type == "multipart"
    return RequestParts(
        path=path,
        query=query,
        headers=headers,
        body=unknown(dict(request.form_fields) if is_multipart else request.body),
        has_body=request.has_body or bool(request.form_fields) or bool(request.file_parts),
        content_type=_content_type(request),
        files=tuple(part.field_name for part in request.file_parts),
    )


def unknown(value: Any) -> Any:
    """A copy of a JSON value in which every text and key with a variable is an :class:`Unknown`."""
    if isinstance(value, str):
        return Unknown(value, whole=bool(_WHOLE.fullmatch(value))) if "{{" in value else value
    if isinstance(value, list):
        return [unknown(item) for item in value]
    if isinstance(value, Mapping):
        return {Unknown(key, whole=False) if "{{" in key else key: unknown(item) for key, item in value.items()}
    return value


def _content_type(request: RequestTemplate) -> str:
    written = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    return written.split(";")[0].strip().lower() or CONTENT_TYPES[request.content_type]


def _query(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((name, unknown(item)) for item in value)
    elif isinstance(value, Mapping):
        yield from ((f"{name}[{key}]", unknown(item)) for key, item in value.items())
    else:
        yield name, unknown(value)


@dataclass(frozen=True, slots=True)
class DescribedRequests:
    """For ``RunContext.request_check``: every difference between a request and its operation, at the doc's line.

    A request that the doc expects to be refused as such is left out: it may be wrong on purpose.
    """

    check: RequestCheck
    redactor: Redactor

    def __call__(self, case: ContractCase, step: Step, request: Request) -> tuple[Mismatch, ...]:
        """The differences."""
        if is_deliberately_wrong(step):
            return ()
        found = self.check(case.doc, request, template=step.request.path, redactor=self.redactor)
        return tuple(replace(mismatch, location=line_of_part(step, mismatch.pointer)) for mismatch in found)

"""Requests held against the operation that describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import Mismatch, MismatchKind
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_differences import RequestParts, request_differences
from pytest_endpoint_docs.openapi.response_check import operation_of
from pytest_endpoint_docs.openapi.schemas import SchemaValidators
from pytest_endpoint_docs.redaction import Redactor

ON_BEHALF_OF = "X-On-Behalf-Of"

CONTENT_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}


# By the kind of drift that a difference is.
_KINDS: Mapping[str, MismatchKind] = {
    "parameter-missing": "missing",
    "header-missing": "missing",
    "body-missing": "missing",
    "body-property-missing": "missing",
    "parameter-unknown": "undescribed",
    "body-undescribed": "undescribed",
    "body-property-unknown": "undescribed",
    "read-only-sent": "unexpected",
    "wrong-type": "type",
    "enum": "enum",
    "format": "format",
    "constraint": "constraint",
    "content-type": "media-type",
    "trailing-slash": "operation",
}


class RequestCheck:
    """Holds a request, before it is sent, against the operation that describes it.

    Its mismatches warn, and fail where ``strict``. One instance serves a run.
    """

    def __init__(
        self, descriptions: Descriptions, *, strict: bool = False, validators: SchemaValidators | None = None
    ) -> None:
        self._descriptions = descriptions
        self._validators = validators or SchemaValidators()
        self._severity: Literal["fail", "warn"] = "fail" if strict else "warn"

    def __call__(self, doc: EndpointDoc, request: Request, *, template: str, redactor: Redactor) -> list[Mismatch]:
        """Every difference; none without an operation (the response check tells). ``template`` is the doc's path."""
        operation = operation_of(self._descriptions, doc, request.method, template, request.path or request.url)
        if operation is None:
            return []
        return [
            Mismatch(
                check="openapi-request",
                message=found.message,
                kind=_KINDS.get(found.kind, "other"),
                pointer=found.pointer,
                expected=found.expected,
                actual=found.actual,
                severity=self._severity,
                source=found.source,
            )
            for found in request_differences(operation, parts_of(request), self._validators, redactor)
        ]


def parts_of(request: Request) -> RequestParts:
    """A request that is ready to send."""
    path = request.path or urlsplit(request.url).path
    query = [*parse_qsl(urlsplit(path).query, keep_blank_values=True), *request.params]
    return RequestParts(
        path=path,
        query=query,
        headers={name.lower(): str(value) for name, value in request.headers.items()},
        body=request.body,
        has_body=request.has_body or bool(request.files),
        content_type=CONTENT_TYPES[request.content_type],
        files=tuple(file.field_name for file in request.files),
    )


def asks_on_behalf_of(operation: Operation, header: str = ON_BEHALF_OF) -> bool:
    """Whether an operation describes the header parameter that says on whose behalf a request is made."""
    return any(found.name.lower() == header.lower() for found in operation.parameters_in("header"))


def asks_by_description(descriptions: Descriptions, header: str = ON_BEHALF_OF) -> Callable[[ContractCase, Step], bool]:
    """For ``RunContext.operation_asks_on_behalf_of``: whether the operation of a step asks for the header field."""

    def asks(case: ContractCase, step: Step) -> bool:
        found = descriptions.match(step.request.method, step.request.path, swagger=case.doc.swagger)
        return found is not None and asks_on_behalf_of(found, header)

    return asks

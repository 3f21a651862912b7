"""Answers against the operation that describes them: status, media type, header fields, content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.openapi.coercion import coerced, coerced_array
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import (
    HeaderDescription,
    Operation,
    ResponseDescription,
    is_json_media_type,
    media_type_for,
)
from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators, shown_value
from pytest_endpoint_docs.openapi.schema_shape import schema_types, undescribed
from pytest_endpoint_docs.redaction import Redactor

if TYPE_CHECKING:
    from pytest_endpoint_docs.checks.checking import CheckInput

Severity = Literal["fail", "warn"]


class ResponseCheck:
    """A check for ``RunContext.checks``: holds every answer against the operation of its request.

    What fails: an undescribed status, media type, missing header field, every violation of a schema. What warns (and
    fails where ``strict``): an undescribed property, a request that no description has, a fault in a description.
    Validators are compiled once per schema, so one instance serves a run.
    """

    def __init__(
        self, descriptions: Descriptions, *, strict: bool = False, validators: SchemaValidators | None = None
    ) -> None:
        self._descriptions = descriptions
        self._validators = validators or SchemaValidators()
        self._drift: Severity = "fail" if strict else "warn"

    def __call__(self, given: CheckInput) -> list[Mismatch]:
        """Every difference; ``source`` says where in a description the expectation stands."""
        request, expect = given.exchange.request, given.step.expect
        operation = self._descriptions.of_request(
            given.doc, request.method, given.step.request.path, sent_path=request.path
        )
        if operation is None:
            return [] if expect.is_refusal else [self._not_described(request.method, given.step.request.path)]
        any_status = given.response.status_code // 100 in expect.status_classes
        return list(self.mismatches(operation, given.response, given.redactor, any_status=any_status))

    def mismatches(
        self, operation: Operation, response: Response, redactor: Redactor, *, any_status: bool = False
    ) -> Iterator[Mismatch]:
        """Every difference between an answer and an operation; ``any_status`` lets an undescribed status pass."""
        for problem in operation.problems:
            yield Mismatch(
                check="openapi",
                message=f"the description is at fault: {problem.message}",
                kind="fault",
                severity=self._drift,
                source=operation.source,
            )
        described = operation.response_for(response.status_code)
        if described is None:
            if not any_status:
                yield _undescribed_status(operation, response.status_code)
            return
        for header in described.headers:
            yield from self._header(header, response, operation, redactor)
        # An answer to HEAD has no content, whatever is described (RFC 9110 section 9.3.2).
        if described.content and operation.method != "HEAD":
            yield from self._content(described, response, operation, redactor)

    def _content(
        self, described: ResponseDescription, response: Response, operation: Operation, redactor: Redactor
    ) -> Iterator[Mismatch]:
        names = ", ".join(described.content)
        if not response.content and not response.media_type:
            wants = any(schema is not None for schema in described.content.values())
            if wants and response.status_code not in (204, 304):
                yield Mismatch(
                    check="openapi",
                    message="the answer has no content",
                    kind="missing",
                    expected=names,
                    actual="no content",
                    source=described.node.source,
                )
            return
        media_type = response.media_type or ("application/json" if response.is_json else "application/octet-stream")
        entry = media_type_for(described.content, media_type)
        if entry is None:
            yield Mismatch(
                check="openapi",
                message=f"the media type is not described for status {described.key}",
                kind="media-type",
                pointer="Content-Type",
                expected=names,
                actual=media_type,
                source=f"{described.node.source}/{'content' if operation.version != '2.0' else 'schema'}",
            )
            return
        schema = entry[1]
        if schema is None or not (is_json_media_type(media_type) or response.is_json):
            return
        value, is_json = response.as_json()
        if not is_json:
            yield Mismatch(
                check="openapi",
                message=f"the content is declared as {media_type}, but is not JSON",
                kind="not-json",
                expected="JSON",
                actual="text",
                source=schema.source,
            )
            return
        yield from self._schema(schema, value, operation, redactor)

    def _schema(self, schema: Node, value: object, operation: Operation, redactor: Redactor) -> Iterator[Mismatch]:
        for fault in self._validators.faults(schema):
            yield Mismatch(
                check="openapi",
                message=f"the description is at fault: {fault.message}",
                kind="fault",
                severity=self._drift,
                source=fault.source,
            )
        for problem in self._validators.problems(schema, value, version=operation.version, direction="response"):
            yield Mismatch(
                check="openapi",
                message=problem.text,
                kind=problem.kind,
                pointer=problem.pointer,
                expected=problem.expected,
                actual=problem.actual(redactor),
                source=problem.source,
            )
        for found in undescribed(schema, value):
            yield Mismatch(
                check="openapi",
                message="is not described",
                kind="undescribed",
                pointer=found.pointer,
                expected=found.expected,
                actual="an undescribed property",
                severity=self._drift,
                source=found.source,
            )

    def _header(
        self, header: HeaderDescription, response: Response, operation: Operation, redactor: Redactor
    ) -> Iterator[Mismatch]:
        text = response.headers.get(header.name)
        if text is None:
            if header.required:
                yield Mismatch(
                    check="openapi",
                    message="the header field is missing",
                    kind="missing",
                    pointer=header.name,
                    expected="present",
                    actual="missing",
                    source=header.node.source,
                )
            return
        if header.schema is None:
            return
        types = schema_types(header.schema)
        value = (
            coerced_array([part.strip() for part in text.split(",")], header.schema, style="", explode=True)
            if "array" in types
            else coerced(text, header.schema)
        )
        if "object" in types:
            return  # ``key,value`` lists: too loose a form to judge
        for problem in self._validators.problems(header.schema, value, version=operation.version, direction="response"):
            yield Mismatch(
                check="openapi",
                message=f"the header field {problem.text}",
                kind=problem.kind,
                pointer=header.name,
                expected=problem.expected,
                actual=redactor.header(header.name, shown_value(value, f"/{header.name}", redactor)),
                source=problem.source,
            )

    def _not_described(self, method: str, path: str) -> Mismatch:
        methods = self._descriptions.methods(path)
        near = self._descriptions.near(method, path)
        problems = self._descriptions.findings()
        hint = (
            f"; the path is described for {', '.join(methods)}"
            if methods
            else f"; did you mean {near[0]}?"
            if near
            else f"; {problems[0]}"
            if problems
            else ""
        )
        return Mismatch(
            check="openapi",
            message=f"no API description has {method} {path}{hint}",
            kind="operation",
            expected="a described operation",
            actual=f"{method} {path}",
            severity=self._drift,
        )


def _undescribed_status(operation: Operation, status: int) -> Mismatch:
    return Mismatch(
        check="openapi",
        message=f"status {status} is not described for {operation}",
        kind="status",
        expected=", ".join(operation.responses) or "no responses are described",
        actual=str(status),
        source=f"{operation.source}/responses",
    )

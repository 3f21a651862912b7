"""Answers against the operation that describes them: status, media type, header fields, content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.model.header_fields import single_fields
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.openapi.description_policy import DescriptionPolicy
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.documents import DescriptionFault, Node
from pytest_endpoint_docs.openapi.media_types import is_json_media_type, is_text, media_type_for
from pytest_endpoint_docs.openapi.operations import Operation, ResponseDescription
from pytest_endpoint_docs.openapi.parameters import Parameter
from pytest_endpoint_docs.openapi.schema_problems import SchemaProblem, SchemaValidators
from pytest_endpoint_docs.openapi.schema_shape import schema_types, undescribed
from pytest_endpoint_docs.openapi.structured_contents import NotAsDeclared, structured_values
from pytest_endpoint_docs.redaction.redactor import Redactor

if TYPE_CHECKING:
    from pytest_endpoint_docs.checks.checking import CheckInput

Severity = Literal["fail", "warn"]


class ResponseCheck:
    """A check for ``RunContext.checks``: holds every answer against the operation of its request.

    What fails: an undescribed status, media type, missing header field, every violation of a schema. What warns (and
    fails where ``strict``): an undescribed property, a status that the doc expects and the description lacks, a fault
    in a description. Of requests that are not the tested one, everything warns. That no description has a request is
    told of the request. Validators are compiled once per schema, so one instance serves a run.
    """

    def __init__(
        self,
        descriptions: Descriptions,
        *,
        strict: bool = False,
        validators: SchemaValidators | None = None,
        policy: DescriptionPolicy | None = None,
    ) -> None:
        self._descriptions = descriptions
        self._validators = validators or SchemaValidators()
        self._drift: Severity = "fail" if strict else "warn"
        self._policy = policy or DescriptionPolicy()

    def __call__(self, given: CheckInput) -> list[Mismatch]:
        """Every difference; ``source`` says where in a description the expectation stands."""
        operation, expect = self._operation(given), given.step.expect
        if operation is None:
            return []
        status = given.response.status_code
        found = self.mismatches(
            operation,
            given.response,
            given.redactor,
            expects_status=status in expect.statuses,
        )
        return list(self._policy.applied(found, operation, is_tested=given.is_tested))

    def describes_content(self, given: CheckInput) -> bool:
        """Whether a description says something of an answer's content: a schema of JSON, the media type of others."""
        operation, response = self._operation(given), given.response
        described = operation.response_for(response.status_code) if operation is not None else None
        if described is None or not response.content:
            return False
        media_type = _media_type(response)
        entry = media_type_for(described.content, response.headers.get("Content-Type") or media_type)
        if entry is None or not (is_json_media_type(media_type) or response.is_json):
            return entry is not None
        return entry[1] is not None and entry[1].value not in ({}, True)

    def _operation(self, given: CheckInput) -> Operation | None:
        request = given.exchange.request
        return self._descriptions.of_request(given.doc, request.method, given.step.request.path, sent_path=request.path)

    def mismatches(
        self,
        operation: Operation,
        response: Response,
        redactor: Redactor,
        *,
        expects_status: bool = False,
    ) -> Iterator[Mismatch]:
        """Every difference between an answer and an operation.

        ``expects_status``: the doc names the status that came; doc and description disagree, and not the server.
        """
        for problem in operation.problems:
            yield self._fault(problem)
        described = operation.response_for(response.status_code)
        if described is None:
            if "responses" not in operation.unread:
                yield _undescribed_status(operation, response.status_code, self._drift if expects_status else "fail")
            return
        for header in described.headers:
            yield from self._header(header, response, operation, redactor)
        # An answer to HEAD has no content, whatever is described (RFC 9110 section 9.3.2).
        if described.content and operation.method != "HEAD":
            yield from self._content(described, response, operation, redactor)

    def _content(
        self, described: ResponseDescription, response: Response, operation: Operation, redactor: Redactor
    ) -> Iterator[Mismatch]:
        if not response.content and not response.media_type:
            yield from _no_content(described, response)
            return
        media_type = _media_type(response)
        entry = media_type_for(described.content, response.headers.get("Content-Type") or media_type)
        if entry is None:
            yield Mismatch(
                check="openapi",
                message=f"the media type is not described for status {described.status_of(response.status_code)}",
                kind="media-type",
                pointer="Content-Type",
                expected=", ".join(described.content),
                actual=response.media_type or "no Content-Type",
                source=f"{described.node.source}/{'content' if operation.version != '2.0' else 'schema'}",
            )
            return
        schema = entry[1]
        if schema is None:
            return
        if not is_json_media_type(media_type) and not response.is_json:
            yield from self._other(schema, media_type, response, operation, redactor)
            return
        value, is_json = response.as_json()
        if not is_json:
            yield Mismatch(
                check="openapi",
                message=f"is declared as {media_type}, but is not JSON",
                kind="not-json",
                expected="JSON",
                actual=response.not_json(),
                source=schema.source,
            )
            return
        yield from self._schema(schema, value, operation, redactor)

    def _other(
        self, schema: Node, media_type: str, response: Response, operation: Operation, redactor: Redactor
    ) -> Iterator[Mismatch]:
        """Differences of a text; an object that is declared as text is looked at where it is JSON all the same.

        Of objects in other media types, such as CSV, it is told that they are not looked at.
        """
        is_structured = bool(schema_types(schema) & {"object", "array"})
        if not is_text(media_type):
            if is_structured:
                yield from self._structured(schema, media_type, response, operation, redactor)
            return
        value, is_json = response.as_json()
        if is_structured and is_json and isinstance(value, (dict, list)):
            yield from self._schema(schema, value, operation, redactor)
            return
        if is_structured:
            yield from self._structured(schema, media_type, response, operation, redactor)
            return
        for fault in self._validators.faults(schema):
            yield self._fault(fault)
        text = Parameter(name="", location="body", required=True, schema=schema, node=schema, media_type=media_type)
        found = self._validators.problems_of_texts(
            text, [response.text], version=operation.version, direction="response"
        )
        yield from (_content_mismatch(problem, redactor) for problem in found)

    def _structured(
        self, schema: Node, media_type: str, response: Response, operation: Operation, redactor: Redactor
    ) -> Iterator[Mismatch]:
        """Differences of lines of JSON and of XML, one once; of what is neither, that it is not looked at."""
        try:
            values = structured_values(response.text, media_type, schema)
        except NotAsDeclared as problem:
            yield Mismatch(
                check="openapi",
                message=f"is declared as {media_type}, and is not",
                kind="not-json",
                expected=problem.expected,
                actual=str(problem),
                source=schema.source,
            )
            return
        if values is None:
            for fault in self._validators.faults(schema):
                yield self._fault(fault)
            yield _unjudged(schema, media_type)
            return
        told = set[tuple[str | None, str]]()
        for place, value in values:
            for found in self._schema(schema, value, operation, redactor):
                if (found.source, found.pointer) not in told:
                    told.add((found.source, found.pointer))
                    is_of_description = found.kind in ("fault", "unread")
                    yield found if is_of_description else replace(found, pointer=place + found.pointer)

    def _schema(self, schema: Node, value: object, operation: Operation, redactor: Redactor) -> Iterator[Mismatch]:
        for fault in self._validators.faults(schema):
            yield self._fault(fault)
        for problem in self._validators.problems(schema, value, version=operation.version, direction="response"):
            yield _content_mismatch(problem, redactor)
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

    def _fault(self, fault: DescriptionFault) -> Mismatch:
        return Mismatch(
            check="openapi",
            message=fault.message if fault.is_unread else f"the description is at fault: {fault.message}",
            kind="unread" if fault.is_unread else "fault",
            severity=self._drift,
            source=fault.source,
        )

    def _header(
        self, header: Parameter, response: Response, operation: Operation, redactor: Redactor
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
        for fault in self._validators.faults(header.own_schema) if header.own_schema is not None else ():
            yield self._fault(fault)
        for problem in self._header_problems(header, text, operation.version):
            yield Mismatch(
                check="openapi",
                message=f"the header field {problem.text}",
                kind=problem.kind,
                pointer=header.name,
                expected=problem.expected,
                actual=redactor.header(header.name, problem.actual_at(f"/{header.name}", redactor)),
                source=problem.source,
            )

    def _header_problems(self, header: Parameter, text: str, version: str) -> list[SchemaProblem]:
        """Every difference of a field. Of cookies, which cannot be one list (RFC 9110 section 5.3), one has to fit."""
        found = [
            self._validators.problems_of_texts(header, [each], version=version, direction="response")
            for each in single_fields(header.name, text)
        ]
        return found[0] if all(found) else []


def _content_mismatch(problem: SchemaProblem, redactor: Redactor) -> Mismatch:
    return Mismatch(
        check="openapi",
        message=problem.text,
        kind=problem.kind,
        pointer=problem.pointer,
        expected=problem.expected,
        actual=problem.actual(redactor),
        source=problem.source,
    )


def _unjudged(schema: Node, media_type: str) -> Mismatch:
    return Mismatch(
        check="openapi",
        message="is not checked against the described schema",
        kind="unjudged",
        expected="JSON",
        actual=media_type,
        severity="warn",
        source=schema.source,
    )


def _no_content(described: ResponseDescription, response: Response) -> Iterator[Mismatch]:
    wants = any(schema is not None for schema in described.content.values())
    if wants and response.status_code not in (204, 205, 304):
        yield Mismatch(
            check="openapi",
            message="the answer has no content",
            kind="missing",
            expected=", ".join(described.content),
            actual="no content",
            source=described.node.source,
        )


def _undescribed_status(operation: Operation, status: int, severity: Severity) -> Mismatch:
    return Mismatch(
        check="openapi",
        message=f"status {status} is not described for {operation}",
        kind="status",
        expected=", ".join(operation.responses) or "no responses are described",
        actual=str(status),
        severity=severity,
        source=f"{operation.source}/responses",
    )


def _media_type(response: Response) -> str:
    """The media type that a response declares, else what its content looks like."""
    return response.media_type or ("application/json" if response.is_json else "application/octet-stream")

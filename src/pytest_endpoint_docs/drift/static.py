"""Docs against descriptions, without a server: every disagreement with its place on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pytest_endpoint_docs.drift.drift_finding import DriftFinding, with_fingerprints
from pytest_endpoint_docs.loading.documented import DocumentedRequest, documented_requests, line_of_part
from pytest_endpoint_docs.model.body import DocBody, RequestTemplate
from pytest_endpoint_docs.model.doc import DocStatus, EndpointDoc
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.documented_parts import template_parts
from pytest_endpoint_docs.openapi.matching import PathPattern, split_path
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_differences import request_differences
from pytest_endpoint_docs.openapi.schemas import SchemaValidators
from pytest_endpoint_docs.redaction import Redactor


def find_drift(
    docs: Iterable[EndpointDoc],
    descriptions: Descriptions,
    *,
    environment: Environment | None = None,
) -> tuple[DriftFinding, ...]:
    """Every disagreement between docs and descriptions, in the order of the docs.

    All requests of a doc count: prerequisites, main requests, ``Cases``, cleanup and UID resolution. A string that is
    one variable agrees with every type. ``environment`` says which token is the default one and which token kinds get
    ``X-On-Behalf-Of``.
    """
    validators = SchemaValidators()
    found: list[DriftFinding] = []
    used: dict[str, Operation] = {}
    for doc in docs:
        comparison = _Comparison(doc, descriptions, environment, validators)
        found += comparison.findings(doc.body)
        used |= {operation.source: operation for operation in comparison.operations}
    found += _description_faults(descriptions, used.values(), validators)
    return with_fingerprints(dict.fromkeys(found))


class _Comparison:
    """One doc against the descriptions."""

    def __init__(
        self,
        doc: EndpointDoc,
        descriptions: Descriptions,
        environment: Environment | None,
        validators: SchemaValidators,
    ) -> None:
        self._doc, self._descriptions, self._environment = doc, descriptions, environment
        self._validators = validators
        self._redactor = Redactor(environment.secrets if environment is not None else ())
        self.operations: list[Operation] = []

    def findings(self, body: DocBody) -> Iterator[DriftFinding]:
        endpoint = self._doc.endpoint
        own = self._match(endpoint.method, endpoint.path)
        yield from self._swagger(own)
        at_endpoint = self._doc.line_of("endpoint")
        if own is None:
            yield self._not_described(endpoint.method, endpoint.path, at_endpoint, name="", phase="endpoint")
        else:
            yield from self._own(own, body)
        for request in documented_requests(body):
            yield from self._request(request, own)
        for resolution in body.resolutions:
            for target in (resolution.create, resolution.source, resolution.fallback, resolution.cleanup):
                if target is not None and self._match(target.method, target.path) is None:
                    yield self._not_described(
                        target.method, target.path, resolution.location, name=resolution.field, phase="resolution"
                    )
            yield from self._resolution_body(resolution.create, resolution)
        if own is not None:
            from pytest_endpoint_docs.drift.described_responses import example_findings

            yield from example_findings(self._doc, body, own, self._validators, self._redactor)

    def _match(self, method: str, path: str) -> Operation | None:
        found = self._descriptions.match(method, path, swagger=self._doc.swagger)
        if found is not None:
            self.operations.append(found)
        return found

    def _swagger(self, own: Operation | None) -> Iterator[DriftFinding]:
        written = self._doc.swagger
        if not written:
            where = f"; {own.description} has the operation" if own else ""
            yield self._finding(
                "swagger-unset",
                f"no 'swagger' in the frontmatter{where}",
                self._doc.location,
                operation=str(self._doc.endpoint),
                source=own.source if own else None,
            )
            return
        target = self._descriptions.resolve_swagger(written)
        at_line = self._doc.line_of("swagger")
        if target.code:
            where = f" (the operation was found in {own.description})" if own else ""
            yield self._finding(
                target.code,
                target.problem + where,
                at_line,
                operation=str(self._doc.endpoint),
                pointer=written,
                source=own.source if own else None,
            )
        elif target.file is not None and (own is None or own.node.document.file != target.file):
            where = f"; {own.description} has it" if own else ""
            yield self._finding(
                "swagger-without-operation",
                f"swagger: {written} does not have {self._doc.endpoint.key}{where}",
                at_line,
                operation=str(self._doc.endpoint),
                source=own.source if own else None,
            )

    def _own(self, own: Operation, body: DocBody) -> Iterator[DriftFinding]:
        _, ours = split_path(own.template)
        _, theirs = split_path(self._doc.endpoint.path)
        if ours != theirs:
            yield self._finding(
                "trailing-slash",
                f"the endpoint {self._doc.endpoint.key} is described as {own}",
                self._doc.line_of("endpoint"),
                operation=str(own),
                expected=own.template,
                actual=self._doc.endpoint.path,
                source=own.source,
                phase="endpoint",
            )
        if own.deprecated and self._doc.status is not DocStatus.DEPRECATED:
            yield self._finding(
                "operation-deprecated",
                f"{own} is deprecated in the description",
                self._doc.line_of("status"),
                operation=str(own),
                source=f"{own.source}/deprecated",
                phase="endpoint",
            )
        if not any(main.steps for main in body.requests):
            return
        if body.requests and not self._goes_to_endpoint(body):
            last = body.requests[0].steps[-1]
            yield self._finding(
                "request-not-the-endpoint",
                f"the main request goes to {last.request.method} {last.request.path}, "
                f"the doc is about {self._doc.endpoint.key}",
                line_of_part(last, "/path"),
                operation=str(own),
                expected=self._doc.endpoint.key,
                actual=f"{last.request.method} {last.request.path}",
                source=own.source,
                step=last.id,
                phase="main",
            )

    def _goes_to_endpoint(self, body: DocBody) -> bool:
        pattern = PathPattern.of(self._doc.endpoint.path)
        return any(
            step.request.method == self._doc.endpoint.method and pattern.matches(split_path(step.request.path)[0])
            for main in body.requests
            for step in main.steps
        )

    def _request(self, request: DocumentedRequest, own: Operation | None) -> Iterator[DriftFinding]:
        method, path = request.step.request.method, request.step.request.path
        operation = self._match(method, path)
        if operation is None:
            same_as_endpoint = (
                own is None
                and method == self._doc.endpoint.method
                and PathPattern.of(self._doc.endpoint.path).matches(split_path(path)[0])
            )
            if not same_as_endpoint and not request.is_deliberately_wrong:
                yield self._not_described(
                    method, path, request.line_of("/path"), name=request.step.id, phase=request.step.phase
                )
            return
        if not request.is_deliberately_wrong:
            yield from self._parts(request, operation)
        from pytest_endpoint_docs.drift.described_responses import answer_findings

        yield from answer_findings(self._doc, request, operation, self._validators, self._redactor)

    def _parts(self, request: DocumentedRequest, operation: Operation) -> Iterator[DriftFinding]:
        parts = template_parts(request.step.request, operation, self._environment)
        for found in request_differences(operation, parts, self._validators, self._redactor):
            yield self._finding(
                found.kind,
                f"{operation}: {found.message}",
                request.line_of(found.pointer),
                operation=str(operation),
                pointer=found.pointer,
                expected=found.expected,
                actual=found.actual,
                source=found.source,
                step=request.step.id,
                phase=request.step.phase,
            )

    def _resolution_body(self, create: Endpoint | None, resolution: Any) -> Iterator[DriftFinding]:
        operation = self._match(create.method, create.path) if create is not None else None
        if operation is None or create is None or not resolution.has_create_body:
            return
        template = RequestTemplate(
            method=create.method,
            path=str(create).split(" ", 1)[1],
            location=resolution.location,
            body=resolution.create_body,
            has_body=True,
            token=resolution.token,
        )
        for found in request_differences(
            operation, template_parts(template, operation, self._environment), self._validators, self._redactor
        ):
            if found.part == "body":
                yield self._finding(
                    found.kind,
                    f"{operation}: {found.message}",
                    resolution.location,
                    operation=str(operation),
                    pointer=found.pointer,
                    expected=found.expected,
                    actual=found.actual,
                    source=found.source,
                    step=resolution.field,
                    phase="resolution",
                )

    def _not_described(
        self, method: str, path: str, location: SourceLocation, *, name: str, phase: str
    ) -> DriftFinding:
        methods = self._descriptions.methods(path)
        if methods:
            return self._finding(
                "method-not-described",
                f"{method} {path}: the path is described for {', '.join(methods)} only",
                location,
                operation=f"{method} {path}",
                expected=" or ".join(methods),
                actual=method,
                step=name,
                phase=phase,
            )
        near = self._descriptions.near(method, path)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return self._finding(
            "operation-not-described",
            f"no description has {method} {path}{hint}",
            location,
            operation=f"{method} {path}",
            step=name,
            phase=phase,
        )

    def _finding(self, kind: str, message: str, location: SourceLocation, **more: Any) -> DriftFinding:
        return DriftFinding(kind=kind, message=message, location=location, doc=self._doc.path, **more)


def _description_faults(
    descriptions: Descriptions, operations: Iterable[Operation], validators: SchemaValidators
) -> Iterator[DriftFinding]:
    """What is wrong with the descriptions themselves, as far as the docs' operations reach."""
    found: dict[tuple[str, str], str] = {}
    for finding in descriptions.findings():
        found[finding.location.path, finding.message] = str(finding.location)
    for operation in operations:
        for problem in operation.problems:
            found[operation.description, problem.message] = problem.message.split(": ", 1)[0]
        schemas = [schema for response in operation.responses.values() for schema in response.content.values()]
        schemas += list(operation.body.content.values()) if operation.body else []
        for schema in schemas:
            for fault in validators.faults(schema) if schema is not None else ():
                found[operation.description, f"{fault.source}: {fault.message}"] = fault.source
    for (name, message), source in found.items():
        yield DriftFinding(
            kind="description-fault",
            message=message,
            location=SourceLocation(name, 1),
            doc=name,
            operation="",
            source=source,
            pointer=source,
        )

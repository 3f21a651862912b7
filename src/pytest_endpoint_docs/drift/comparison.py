"""One doc beside the descriptions: which operations its requests are, and findings about the two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TypedDict, Unpack

from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.model.body import RequestTemplate
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.source import Endpoint, JSONValue, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.matching import PathPattern, split_path
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators
from pytest_endpoint_docs.redaction.redactor import Redactor


class _Parts(TypedDict, total=False):
    """What a finding may say besides: see :class:`DriftFinding`."""

    step: str
    phase: str
    pointer: str
    expected: str
    actual: str
    source: str | None


@value_class
class Comparison:
    """A doc, the descriptions, and what both are read with; ``operations`` collects those that the doc leads to.

    ``builtins`` are values of the built-in variables that the doc may use.
    """

    doc: EndpointDoc
    descriptions: Descriptions
    environment: Environment | None
    validators: SchemaValidators
    redactor: Redactor
    builtins: Mapping[str, JSONValue] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a request of the doc."""
        found = self.descriptions.of_request(self.doc, method, path)
        if found is not None:
            self.operations[found.source] = found
        return found

    def is_of_endpoint(self, request: RequestTemplate) -> bool:
        """Whether a request goes to the endpoint that the doc is about; one of the two may leave out the base path."""
        endpoint = self.doc.endpoint
        sent, documented = split_path(request.path)[0], split_path(endpoint.path)[0]
        shorter = min(len(sent), len(documented))
        alike = PathPattern.of("/" + "/".join(documented[len(documented) - shorter :]))
        if request.method != endpoint.method or not alike.matches(sent[len(sent) - shorter :]):
            return False
        return len(sent) == len(documented) or self._is_one_operation(request.method, request.path, endpoint.path)

    def _is_one_operation(self, method: str, *paths: str) -> bool:
        found = [self.descriptions.of_request(self.doc, method, path) for path in paths]
        sources = {operation.source for operation in found if operation is not None}
        return None not in found and len(sources) == 1

    def finding(
        self,
        kind: str,
        message: str,
        location: SourceLocation,
        *,
        operation: Operation | Endpoint | str,
        **parts: Unpack[_Parts],
    ) -> DriftFinding:
        """A finding about the doc."""
        return DriftFinding(
            kind=kind, message=message, location=location, doc=self.doc.path, operation=str(operation), **parts
        )

    def not_described(
        self, method: str, path: str, location: SourceLocation, *, phase: str, step: str = ""
    ) -> DriftFinding:
        """The finding that no description has a request of the doc."""
        methods = self.descriptions.methods(path)
        if methods:
            return self.finding(
                "method-not-described",
                f"{method} {path}: the path is described for {', '.join(methods)} only",
                location,
                operation=f"{method} {path}",
                expected=" or ".join(methods),
                actual=method,
                step=step,
                phase=phase,
            )
        rest = self.descriptions.without_base(method, path)
        if rest is not None:
            base, described = rest
            return self.finding(
                "base-path",
                f"no description has {method} {path}: {described} is described, without {base!r} before it",
                location,
                operation=described,
                pointer="/path",
                expected=described.template,
                actual=path,
                source=described.source,
                step=step,
                phase=phase,
            )
        near = self.descriptions.near(method, path)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return self.finding(
            "operation-not-described",
            f"no description has {method} {path}{hint}",
            location,
            operation=f"{method} {path}",
            step=step,
            phase=phase,
        )


def described_places(findings: Iterable[DriftFinding], descriptions: Descriptions) -> Iterator[DriftFinding]:
    """The findings with the lines of their places in the descriptions."""
    for finding in findings:
        at = descriptions.location_of(finding.source) if finding.source else None
        yield replace(finding, described_at=at) if at is not None else finding

"""What a doc says of answers, against what the description says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.described_responses import (
    json_schema_of,
    response_of_example,
    steps_of_expression,
    success_response,
)
from pytest_endpoint_docs.drift.drift_finding import DriftFinding, answer_drift_kind
from pytest_endpoint_docs.loading.documented import DocumentedRequest
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.schema_shape import (
    Undescribed,
    is_open,
    item_schemas,
    known_names,
    object_schemas,
    property_schemas,
    undescribed,
)
from pytest_endpoint_docs.openapi.unknowns import example_with_unknowns, with_unknowns
from pytest_endpoint_docs.pointers import join_pointer


@value_class
class _Difference:
    """A place of a documented answer that the description does not have so."""

    kind: str
    text: str
    pointer: str
    expected: str
    actual: str
    source: str


def answer_findings(
    compared: Comparison, documented: DocumentedRequest, operation: Operation
) -> Iterator[DriftFinding]:
    """Expected statuses that are not described, extracts of properties that are not, ``expect.body`` that cannot be."""
    step = documented.step
    yield from _statuses(compared, step, operation)
    schema = json_schema_of(success_response(step.expect.accepted, operation))
    if schema is None:
        return
    for extract in step.extracts if step.phase != "case" else ():
        missing = _undescribed_step(schema, extract.expression)
        if missing is not None:
            yield compared.finding(
                "response-property-unknown",
                f"{operation}: extract {extract.name!r} reads {extract.expression}, "
                f"but {missing.pointer} is not described",
                extract.location,
                operation=operation,
                step=step.id,
                phase=step.phase,
                pointer=f"/response{missing.pointer}",
                expected=missing.expected,
                actual=extract.expression,
                source=missing.source,
            )
    if step.expect.has_body and isinstance(step.expect.body, Mapping):
        for found in _differences(compared, schema, with_unknowns(step.expect.body), operation):
            at = documented.line_of(f"/expect/body{found.pointer}")
            yield _finding(compared, operation, found, at, "expected answer", step=step.id, phase=step.phase)


def example_findings(compared: Comparison, operation: Operation) -> Iterator[DriftFinding]:
    """Examples of answers that the description would not allow; what an example leaves out is no disagreement."""
    for example in compared.doc.body.examples:
        schema = json_schema_of(response_of_example(example, operation))
        if schema is None:
            continue
        for found in _differences(compared, schema, example_with_unknowns(example.body), operation):
            step = str(example.status or "")
            yield _finding(compared, operation, found, example.location, "example answer", step=step, phase="example")


def _finding(
    compared: Comparison,
    operation: Operation,
    found: _Difference,
    location: SourceLocation,
    shown: str,
    *,
    step: str,
    phase: str,
) -> DriftFinding:
    return compared.finding(
        found.kind,
        f"{operation}: {shown}: {found.text}",
        location,
        operation=operation,
        step=step,
        phase=phase,
        pointer=f"/response{found.pointer}",
        expected=found.expected,
        actual=found.actual,
        source=found.source,
    )


def _statuses(compared: Comparison, step: Step, operation: Operation) -> Iterator[DriftFinding]:
    if not operation.responses:
        return
    expected = step.expect.statuses

    def undeclared(message: str, pointer: str, actual: str) -> DriftFinding:
        return compared.finding(
            "status-undeclared",
            f"{operation}: {message}",
            step.expect.status_location or step.expect.location,
            operation=operation,
            step=step.id,
            phase=step.phase,
            pointer=pointer,
            expected=", ".join(operation.responses),
            actual=actual,
            source=f"{operation.source}/responses",
        )

    # A list is a choice: one declared status of a class is enough for its class.
    for group in sorted({status // 100 for status in expected}):
        codes = [status for status in expected if status // 100 == group]
        if not any(operation.response_for(status) for status in codes):
            written = " or ".join(map(str, codes))
            yield undeclared(f"expected status {written} is not described", f"/status/{group}XX", written)
    if not expected and success_response(step.expect.accepted, operation) is None:
        yield undeclared("a success is expected, but no 2xx status is described", "/status/2XX", "any 2xx")


def _differences(compared: Comparison, schema: Node, value: Any, operation: Operation) -> Iterator[_Difference]:
    for problem in compared.validators.problems(schema, value, version=operation.version, direction="response"):
        if problem.kind == "missing":
            continue
        yield from (_undescribed(each, problem.expected, problem.source) for each in problem.surplus)
        if problem.surplus:
            continue
        yield _Difference(
            kind=answer_drift_kind(problem.kind),
            text=f"{problem.pointer or 'the whole'} {problem.text}",
            pointer=problem.pointer,
            expected=problem.expected,
            actual=problem.actual(compared.redactor),
            source=problem.source,
        )
    for found in undescribed(schema, value):
        yield _undescribed(found.pointer, found.expected, found.source)


def _undescribed(pointer: str, expected: str, source: str) -> _Difference:
    return _Difference(
        kind="response-property-unknown",
        text=f"{pointer} is not described",
        pointer=pointer,
        expected=expected,
        actual="an undescribed property",
        source=source,
    )


def _undescribed_step(schema: Node, expression: str) -> Undescribed | None:
    """Where a simple path expression leaves what is described."""
    nodes = object_schemas(schema)
    pointer = ""
    for step in steps_of_expression(expression):
        if step.startswith("[") or step.isdecimal():
            below = item_schemas(nodes)
            pointer += "/*"
            if not below:
                return None
        else:
            below = property_schemas(nodes, step)
            pointer = join_pointer(pointer, step)
            if not below:
                if is_open(nodes):
                    return None
                return Undescribed(pointer=pointer, known=known_names(nodes), source=nodes[0].source)
        nodes = object_schemas(*below)
    return None

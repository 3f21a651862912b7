"""What a doc reads of an answer, expects or shows, against the description's example where it has no schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_endpoint_docs.checks.values import json_type
from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.described_responses import (
    json_schema_of,
    response_of_example,
    steps_of_expression,
    success_response,
)
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.documented import DocumentedRequest
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.described_examples import DescribedExample, json_examples
from pytest_endpoint_docs.openapi.operations import Operation, ResponseDescription
from pytest_endpoint_docs.openapi.unknowns import Unknown, example_with_unknowns, with_unknowns
from pytest_endpoint_docs.pointers import join_pointer, without_indices
from pytest_endpoint_docs.words import listed

_MOST_NAMES = 12
_NUMBERS = {"integer": "number"}


@value_class
class _Difference:
    """A place where two examples differ: a name that the description's lacks, or another type."""

    pointer: str
    expected: str
    actual: str


def shown_otherwise(
    compared: Comparison, documented: DocumentedRequest, operation: Operation
) -> Iterator[DriftFinding]:
    """Extracts and ``expect.body`` of a request that the description's example does not have so."""
    step = documented.step
    examples = _examples(success_response(step.expect.accepted, operation))
    if not examples:
        return
    values = [example.value for example in examples]
    for extract in step.extracts if step.phase != "case" else ():
        found = _left_at(extract.expression, values)
        if found is not None:
            yield _finding(
                compared,
                operation,
                found,
                extract.location,
                f"extract {extract.name!r} reads {extract.expression}",
                examples[0],
                step=step.id,
                phase=step.phase,
            )
    if step.expect.has_body and isinstance(step.expect.body, Mapping):
        for found in _differences(with_unknowns(step.expect.body), values, "", set()):
            location = documented.line_of(f"/expect/body{found.pointer}")
            said = f"the expected answer has {found.pointer}"
            yield _finding(compared, operation, found, location, said, examples[0], step=step.id, phase=step.phase)


def examples_otherwise(compared: Comparison, operation: Operation) -> Iterator[DriftFinding]:
    """Examples of the doc that the description's example does not have so."""
    for example in compared.doc.body.examples:
        examples = _examples(response_of_example(example, operation))
        values = [found.value for found in examples]
        for found in _differences(example_with_unknowns(example.body), values, "", set()) if examples else ():
            said = f"the doc's example answer has {found.pointer}"
            status = str(example.status or "")
            yield _finding(
                compared, operation, found, example.location, said, examples[0], step=status, phase="example"
            )


def _examples(response: ResponseDescription | None) -> tuple[DescribedExample, ...]:
    if response is None or json_schema_of(response) is not None:
        return ()
    return json_examples(response)


def _finding(
    compared: Comparison,
    operation: Operation,
    found: _Difference,
    location: SourceLocation,
    said: str,
    example: DescribedExample,
    *,
    step: str,
    phase: str,
) -> DriftFinding:
    lacks = f"but the description's example has no {found.pointer}"
    as_type = f"which is of type {found.expected} in the description's example"
    return compared.finding(
        "example-differs",
        f"{operation}: {said}, {lacks if found.actual == 'not shown' else as_type}",
        location,
        operation=operation,
        pointer=f"/response{found.pointer}",
        expected=found.expected,
        actual=found.actual,
        source=example.source,
        step=step,
        phase=phase,
    )


def _differences(ours: Any, theirs: Sequence[Any], pointer: str, told: set[str]) -> Iterator[_Difference]:
    """Where a value of a doc has what no value of a description shows; ``theirs`` are all that stand at one place."""
    known = [value for value in theirs if value is not None]
    if ours is None or isinstance(ours, Unknown) or not known:
        return
    types = {_type(value) for value in known}
    if _type(ours) not in types:
        if without_indices(pointer) not in told:
            told.add(without_indices(pointer))
            yield _Difference(pointer=pointer, expected=" or ".join(sorted(types)), actual=_type(ours))
        return
    if isinstance(ours, Mapping):
        shown = [value for value in known if isinstance(value, Mapping) and value]
        for name, member in ours.items() if shown else ():
            here = join_pointer(pointer, name)
            below = [value[name] for value in shown if name in value]
            if below:
                yield from _differences(member, below, here, told)
            elif not isinstance(name, Unknown) and name != "..." and without_indices(here) not in told:
                told.add(without_indices(here))
                yield _absent(here, shown)
    elif isinstance(ours, list):
        members = [member for value in known if isinstance(value, list) for member in value]
        for index, member in enumerate(ours):
            yield from _differences(member, members, join_pointer(pointer, index), told)


def _left_at(expression: str, values: Sequence[Any]) -> _Difference | None:
    """Where a simple path expression leaves what the examples show."""
    pointer = ""
    for step in steps_of_expression(expression):
        if step.startswith("[") or step.isdecimal():
            pointer += "/*"
            values = [member for value in values if isinstance(value, list) for member in value]
            continue
        shown = [value for value in values if isinstance(value, Mapping) and value]
        pointer = join_pointer(pointer, step)
        if not shown:
            return None
        values = [value[step] for value in shown if step in value]
        if not values:
            return _absent(pointer, shown)
    return None


def _absent(pointer: str, shown: Sequence[Mapping[str, Any]]) -> _Difference:
    names = sorted({str(name) for value in shown for name in value})
    return _Difference(pointer=pointer, expected=f"one of {listed(names, _MOST_NAMES)}", actual="not shown")


def _type(value: Any) -> str:
    name = json_type(value)
    return _NUMBERS.get(name, name)

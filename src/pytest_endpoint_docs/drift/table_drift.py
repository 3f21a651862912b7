"""What a doc's tables and error examples say of statuses and parameters, against the operation of its endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.described_names import body_schemas, described_name, first_name
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.reference_tables import ParameterPlace, ReferenceTables, ToldParameter
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.schema_shape import object_schemas, property_schemas
from pytest_endpoint_docs.words import listed

_MOST_NAMES = 12
_TEXT_FORMATS = frozenset(["string", "file"])


def table_findings(compared: Comparison, operation: Operation, tables: ReferenceTables) -> Iterator[DriftFinding]:
    """Statuses and parameters that one side lacks, or says otherwise: required or optional, of another type."""
    told = {found.status: found.location for found in reversed(tables.statuses)}
    for example in compared.doc.body.examples:
        if example.is_error and example.status is not None:
            told.setdefault(example.status, example.location)
    yield from _statuses(compared, operation, told)
    for parameter in tables.parameters:
        yield from _parameter(compared, operation, parameter)
    yield from _not_listed(compared, operation, tables.parameters)


def _statuses(compared: Comparison, operation: Operation, told: dict[int, SourceLocation]) -> Iterator[DriftFinding]:
    if not operation.responses or "responses" in operation.unread:
        return
    for status, location in sorted(told.items()):
        if operation.response_for(status) is None:
            yield compared.finding(
                "status-not-listed",
                f"{operation}: the doc lists status {status}, which is not described",
                location,
                operation=operation,
                pointer=f"/status/{status}",
                expected=", ".join(operation.responses),
                actual=str(status),
                source=f"{operation.source}/responses",
                phase="table",
            )


def _parameter(compared: Comparison, operation: Operation, told: ToldParameter) -> Iterator[DriftFinding]:
    described = described_name(operation, told.place, told.name)
    if described is None:
        return
    about = {"": "parameter", "body": "body property"}.get(told.place, f"{told.place} parameter")

    def finding(kind: str, message: str, expected: str, actual: str) -> DriftFinding:
        return compared.finding(
            kind,
            f"{operation}: the doc lists the {about} {told.name!r}{message}",
            told.location,
            operation=operation,
            pointer=f"/{told.place or 'parameters'}/{told.name}",
            expected=expected,
            actual=actual,
            source=described.source,
            phase="table",
        )

    word = {True: "required", False: "optional", None: "listed"}
    if not described.is_known:
        known = f"one of {listed(described.known, _MOST_NAMES)}" if described.known else "none"
        yield finding(
            "parameter-not-described",
            f"{'' if told.required is None else f' as {word[told.required]}'}, but it is not described",
            known,
            word[told.required],
        )
        return
    if None not in (told.required, described.required) and told.required != described.required:
        yield finding(
            "listed-otherwise",
            f" as {word[told.required]}, but it is described as {word[described.required]}",
            word[described.required],
            word[told.required],
        )
    if told.type and described.types and not _may_be(told.type, described.types):
        types = " or ".join(sorted(described.types))
        yield finding("type-listed-otherwise", f" as {told.type}, but it is described as {types}", types, told.type)


def _may_be(told: str, types: frozenset[str]) -> bool:
    """Whether a type may be meant by what is described; people call every number a number, and a file is a text."""
    if told in ("integer", "number"):
        return bool(types & {"integer", "number"})
    return bool(types & _TEXT_FORMATS) if told in _TEXT_FORMATS else told in types


def _not_listed(compared: Comparison, operation: Operation, told: Sequence[ToldParameter]) -> Iterator[DriftFinding]:
    """What is required, and a table that lists others of its kind leaves out."""
    for place, required in (("query", _required(operation, "query")), ("body", _required_properties(operation))):
        rows = [row for row in told if row.place == place]
        listed_names = {first_name(row.name) for row in told}
        for name, source in required if rows else ():
            if name not in listed_names:
                about = "query parameter" if place == "query" else "body property"
                yield compared.finding(
                    "parameter-not-listed",
                    f"{operation}: the {about} {name!r} is required, and the doc's table does not list it",
                    rows[0].location,
                    operation=operation,
                    pointer=f"/{place}/{name}",
                    expected="required",
                    actual="not listed",
                    source=source,
                    phase="table",
                )


def _required(operation: Operation, place: ParameterPlace) -> Iterator[tuple[str, str]]:
    for parameter in operation.parameters:
        if parameter.location == place and parameter.required:
            yield first_name(parameter.name), parameter.node.source


def _required_properties(operation: Operation) -> Iterator[tuple[str, str]]:
    nodes = object_schemas(*body_schemas(operation))
    if any({"anyOf", "oneOf"} & node.value.keys() for node in nodes):
        return
    for node in nodes:
        names = node.value.get("required")
        for name in names if isinstance(names, list) else ():
            below = object_schemas(*property_schemas(nodes, name)) if isinstance(name, str) else ()
            if below and not any(schema.value.get("readOnly") is True for schema in below):
                yield first_name(name), f"{node.source}/required"

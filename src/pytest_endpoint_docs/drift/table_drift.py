"""What a doc's tables, error examples and ``tokens`` say, against the operation of its endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.reference_tables import ToldParameter, read_reference_tables
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operation_text import available_tokens
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.schema_shape import (
    is_open,
    item_schemas,
    known_names,
    object_schemas,
    property_schemas,
)
from pytest_endpoint_docs.words import listed

_MOST_NAMES = 12
# Kinds that a service does not speak of to those who read its description.
_NO_KINDS = frozenset(["none", "admin", "internal"])


def table_findings(compared: Comparison, operation: Operation) -> Iterator[DriftFinding]:
    """Status codes and parameters that the description lacks, requiredness and token kinds that it says otherwise."""
    tables = read_reference_tables(compared.doc)
    told = {found.status: found.location for found in reversed(tables.statuses)}
    for example in compared.doc.body.examples:
        if example.is_error and example.status is not None:
            told.setdefault(example.status, example.location)
    yield from _statuses(compared, operation, told)
    for parameter in tables.parameters:
        yield from _parameter(compared, operation, parameter)
    yield from _tokens(compared, operation)


def _statuses(compared: Comparison, operation: Operation, told: dict[int, SourceLocation]) -> Iterator[DriftFinding]:
    if not operation.responses or "responses" in operation.unread:
        return
    for status, location in sorted(told.items()):
        if operation.response_for(status) is None:
            yield compared.finding(
                "status-not-listed",
                f"{operation}: the doc lists status {status}, which is not described",
                location,
                operation=str(operation),
                pointer=f"/status/{status}",
                expected=", ".join(operation.responses),
                actual=str(status),
                source=f"{operation.source}/responses",
                phase="table",
            )


def _parameter(compared: Comparison, operation: Operation, told: ToldParameter) -> Iterator[DriftFinding]:
    described = _described(operation, told)
    if described is None:
        return
    is_known, required, known, source = described
    if is_known and required == told.required:
        return
    if is_known and (told.required is None or required is None):
        return
    word = {True: "required", False: "optional", None: "there"}
    about = f"{told.place} parameter" if told.place != "body" else "body property"
    yield compared.finding(
        "listed-otherwise" if is_known else "parameter-not-described",
        f"{operation}: the doc lists the {about} {told.name!r} as {word[told.required]}, "
        + (f"which is described as {word[required]}" if is_known else "which is not described"),
        told.location,
        operation=str(operation),
        pointer=f"/{told.place}/{told.name}",
        expected=word[required] if is_known else f"one of {listed(known, _MOST_NAMES)}" if known else "none",
        actual=word[told.required],
        source=source,
        phase="table",
    )


def _described(operation: Operation, told: ToldParameter) -> tuple[bool, bool | None, tuple[str, ...], str] | None:
    """Whether a parameter is described, as required or not, what else is, and where; ``None``: nobody can say."""
    if told.place == "body":
        return _property(operation, told.name)
    if "parameters" in operation.unread:
        return None
    found = {parameter.name.lower(): parameter for parameter in operation.parameters_in(told.place)}
    if told.place == "header" and told.name.lower() in ("authorization", "content-type", "accept"):
        return None
    own = found.get(told.name.lower()) or found.get(told.name.removesuffix("[]").lower())
    source = own.node.source if own is not None else f"{operation.source}/parameters"
    # A parameter of the path is required anyhow.
    required = None if own is None or told.place == "path" else own.required
    return own is not None, required, tuple(sorted(found)), source


def _property(operation: Operation, name: str) -> tuple[bool, bool | None, tuple[str, ...], str] | None:
    starts: list[Node] = [schema for schema in (operation.body.content.values() if operation.body else ()) if schema]
    nodes = object_schemas(*starts)
    if not nodes:
        return None
    *around, last = name.split(".")
    for segment in around:
        nodes = object_schemas(*property_schemas(nodes, segment.removesuffix("[]")))
        if segment.endswith("[]"):
            nodes = object_schemas(*item_schemas(nodes))
        if not nodes:
            return None
    last = last.removesuffix("[]")
    below = property_schemas(nodes, last)
    if below:
        is_choice = any({"anyOf", "oneOf"} & node.value.keys() for node in nodes)
        required = any(last in names for node in nodes if isinstance(names := node.value.get("required"), list))
        return True, None if is_choice else required, (), below[0].source
    return None if is_open(nodes) else (False, None, known_names(nodes), nodes[0].source)


def _tokens(compared: Comparison, operation: Operation) -> Iterator[DriftFinding]:
    available, listed_kinds = available_tokens(operation), compared.doc.tokens
    if available is None or not listed_kinds:
        return
    kinds, source = available
    ours = {"app" if kind.lower() == "application" else kind.lower() for kind in listed_kinds} - _NO_KINDS
    theirs = kinds - _NO_KINDS
    if ours and theirs and ours != theirs:
        yield compared.finding(
            "tokens-differ" if ours - theirs else "tokens-fewer",
            f"{operation}: the doc's 'tokens' are {listed(sorted(ours), _MOST_NAMES)}, "
            f"the operation's text says {listed(sorted(theirs), _MOST_NAMES)}",
            compared.doc.line_of("tokens"),
            operation=str(operation),
            expected=", ".join(sorted(theirs)),
            actual=", ".join(sorted(ours)),
            source=source,
            phase="head",
        )

"""What a doc's tables and error examples say of statuses and parameters, against the operation of its endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.reference_tables import ParameterPlace, ReferenceTables, ToldParameter
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import Operation, Parameter
from pytest_endpoint_docs.openapi.schema_shape import (
    is_open,
    item_schemas,
    known_names,
    object_schemas,
    property_schemas,
    schema_types,
)
from pytest_endpoint_docs.words import listed

_MOST_NAMES = 12
_EVERYWHERE: tuple[ParameterPlace, ...] = ("path", "query", "header", "body")
# OpenAPI describes these elsewhere than among the parameters.
_OTHER_HEADERS = ("authorization", "content-type", "accept")
_TEXT_FORMATS = frozenset(["string", "file"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """What is described of a name: whether it is, as required or not (``None``: it depends), its types, what else is.

    ``types`` is empty where nothing is said of them.
    """

    is_known: bool
    source: str
    required: bool | None = None
    types: frozenset[str] = frozenset()
    known: tuple[str, ...] = ()


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
    about = {"": "parameter", "body": "body property"}.get(told.place, f"{told.place} parameter")

    def finding(kind: str, message: str, expected: str, actual: str) -> DriftFinding:
        return compared.finding(
            kind,
            f"{operation}: the doc lists the {about} {told.name!r} as {message}",
            told.location,
            operation=str(operation),
            pointer=f"/{told.place or 'parameters'}/{told.name}",
            expected=expected,
            actual=actual,
            source=described.source,
            phase="table",
        )

    word = {True: "required", False: "optional", None: "there"}
    if not described.is_known:
        known = f"one of {listed(described.known, _MOST_NAMES)}" if described.known else "none"
        yield finding(
            "parameter-not-described",
            f"{word[told.required]}, which is not described",
            known,
            word[told.required],
        )
        return
    if None not in (told.required, described.required) and told.required != described.required:
        yield finding(
            "listed-otherwise",
            f"{word[told.required]}, which is described as {word[described.required]}",
            word[described.required],
            word[told.required],
        )
    if told.type and described.types and not _may_be(told.type, described.types):
        types = " or ".join(sorted(described.types))
        yield finding("type-listed-otherwise", f"{told.type}, which is described as {types}", types, told.type)


def _may_be(told: str, types: frozenset[str]) -> bool:
    """Whether a type may be meant by what is described; people call every number a number, and a file is a text."""
    if told in ("integer", "number"):
        return bool(types & {"integer", "number"})
    return bool(types & _TEXT_FORMATS) if told in _TEXT_FORMATS else told in types


def _not_listed(compared: Comparison, operation: Operation, told: Sequence[ToldParameter]) -> Iterator[DriftFinding]:
    """What is required, and a table that lists others of its kind leaves out."""
    for place, required in (("query", _required(operation, "query")), ("body", _required_properties(operation))):
        rows = [row for row in told if row.place == place]
        listed_names = {_first_name(row.name) for row in told}
        for name, source in required if rows else ():
            if name not in listed_names:
                about = "query parameter" if place == "query" else "body property"
                yield compared.finding(
                    "parameter-not-listed",
                    f"{operation}: the {about} {name!r} is required, and the doc's table does not list it",
                    rows[0].location,
                    operation=str(operation),
                    pointer=f"/{place}/{name}",
                    expected="required",
                    actual="not listed",
                    source=source,
                    phase="table",
                )


def _first_name(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]


def _required(operation: Operation, place: ParameterPlace) -> Iterator[tuple[str, str]]:
    for parameter in operation.parameters:
        if parameter.location == place and parameter.required:
            yield _first_name(parameter.name), parameter.node.source


def _required_properties(operation: Operation) -> Iterator[tuple[str, str]]:
    nodes = object_schemas(*_body_schemas(operation))
    if any({"anyOf", "oneOf"} & node.value.keys() for node in nodes):
        return
    for node in nodes:
        names = node.value.get("required")
        for name in names if isinstance(names, list) else ():
            below = object_schemas(*property_schemas(nodes, name)) if isinstance(name, str) else ()
            if below and not any(schema.value.get("readOnly") is True for schema in below):
                yield _first_name(name), f"{node.source}/required"


def _body_schemas(operation: Operation) -> list[Node]:
    return [schema for schema in (operation.body.content.values() if operation.body else ()) if schema]


def _described(operation: Operation, told: ToldParameter) -> _Described | None:
    """What is described of a parameter that a doc lists; ``None``: nobody can say."""
    if told.place:
        return _at(operation, told.place, told.name)
    found = [_at(operation, place, told.name) for place in _EVERYWHERE]
    known = next((each for each in found if each is not None and each.is_known), None)
    if known is not None or None in found:
        return known
    names = sorted({name for each in found if each is not None for name in each.known})
    return _Described(is_known=False, source=operation.source, known=tuple(names))


def _at(operation: Operation, place: ParameterPlace, name: str) -> _Described | None:
    if place == "body":
        return _property(operation, name)
    if "parameters" in operation.unread or (place == "header" and name.lower() in _OTHER_HEADERS):
        return None
    found = {parameter.name.lower(): parameter for parameter in operation.parameters if parameter.location == place}
    own = found.get(name.lower()) or found.get(name.partition("[")[0].lower())
    if own is None:
        return _Described(is_known=False, source=f"{operation.source}/parameters", known=tuple(sorted(found)))
    return _Described(
        is_known=True,
        source=own.node.source,
        # A parameter of the path is required anyhow.
        required=None if place == "path" else own.required,
        types=_types([own.schema] if own.schema is not None and own.name.lower() == name.lower() else []),
    )


def _property(operation: Operation, name: str) -> _Described | None:
    form: Sequence[Parameter] = operation.body.form if operation.body else ()
    if form:
        return _form_field(form, name, operation)
    nodes = object_schemas(*_body_schemas(operation))
    if not nodes:
        # A body without a schema may have anything, and where there is none, no property is described.
        return (
            None
            if operation.body or "requestBody" in operation.unread
            else _Described(is_known=False, source=operation.source)
        )
    whole = property_schemas(nodes, name)
    *around, last = [name] if whole else name.split(".")
    for segment in around:
        nodes = object_schemas(*property_schemas(nodes, segment.removesuffix("[]")))
        if segment.endswith("[]"):
            nodes = object_schemas(*item_schemas(nodes))
        if not nodes:
            return None
    last = last if whole else last.partition("[")[0]
    below = property_schemas(nodes, last)
    if below:
        is_choice = any({"anyOf", "oneOf"} & node.value.keys() for node in nodes)
        required = any(last in names for node in nodes if isinstance(names := node.value.get("required"), list))
        return _Described(
            is_known=True,
            source=below[0].source,
            required=None if is_choice else required,
            types=_types(below) if name.endswith(last) else frozenset(),
        )
    if is_open(nodes):
        return None
    return _Described(is_known=False, source=nodes[0].source, known=known_names(nodes))


def _form_field(form: Sequence[Parameter], name: str, operation: Operation) -> _Described:
    own = next((field for field in form if field.name in (name, _first_name(name))), None)
    if own is None:
        names = tuple(sorted(field.name for field in form))
        return _Described(is_known=False, source=operation.source, known=names)
    types = _types([own.node]) if own.name == name else frozenset()
    return _Described(is_known=True, source=own.node.source, required=own.required, types=types)


def _types(schemas: Iterable[Node]) -> frozenset[str]:
    return frozenset().union(*(schema_types(schema) for schema in schemas)) - {"null"}

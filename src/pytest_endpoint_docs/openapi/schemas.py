"""Values against schemas: compiled once per schema, every difference with its place on both sides."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.openapi.documents import Node, UnresolvedReference
from pytest_endpoint_docs.openapi.faults import SchemaFault, schema_faults
from pytest_endpoint_docs.pointers import join_pointer, pointer_of, without_indices
from pytest_endpoint_docs.words import cut_line

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from pytest_endpoint_docs.openapi.dialects import Direction


_LONGEST_VALUE = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaProblem:
    """A difference between a value and a schema.

    ``keyword`` is the schema's (``required``, ``type``, ``enum`` ...), ``pointer`` the JSON Pointer of the value (of
    the missing one for ``required``), ``expected`` in words, ``instance`` the value itself (not redacted), ``source``
    the description's place, ``note`` how the schema was reached.
    """

    keyword: str
    pointer: str
    expected: str
    instance: Any
    source: str
    note: str = ""


class SchemaValidators:
    """The compiled validators of a run."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], Any] = {}
        self._faults: dict[str, tuple[SchemaFault, ...]] = {}

    def faults(self, schema: Node) -> tuple[SchemaFault, ...]:
        """What is wrong with the schema itself."""
        if schema.uri not in self._faults:
            self._faults[schema.uri] = schema_faults(schema)
        return self._faults[schema.uri]

    def problems(self, schema: Node, value: Any, *, version: str, direction: Direction) -> list[SchemaProblem]:
        """Every difference; none where the schema cannot be used (see :meth:`faults`)."""
        if any(fault.is_loop for fault in self.faults(schema)):
            return []
        validator = self._validator(schema, version, direction)
        errors = sorted(validator.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])
        found = [problem for error in errors for problem in _problems(error, schema, "")]
        return list({(problem.pointer, problem.keyword, problem.expected): problem for problem in found}.values())

    def _validator(self, schema: Node, version: str, direction: Direction) -> Any:
        from pytest_endpoint_docs.openapi.dialects import format_checker, validator_class

        key = (schema.uri, direction)
        if key not in self._compiled:
            self._compiled[key] = validator_class(version, direction)(
                {"$ref": schema.uri}, registry=schema.store.registry(), format_checker=format_checker()
            )
        return self._compiled[key]


def shown_type(value: Any) -> str:
    """The JSON type of a value, and what a variable is."""
    from pytest_endpoint_docs.openapi.dialects import Unknown

    if isinstance(value, Unknown):
        return "a variable" if value.whole else "string"
    names = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def _problems(error: ValidationError, schema: Node, note: str) -> Iterator[SchemaProblem]:
    if error.validator in ("anyOf", "oneOf") and error.context:
        branch, count = _closest(error), len(error.validator_value)  # type: ignore[arg-type]
        own = f" (the closest of {count} alternatives)" if count > 1 else note
        for inner in error.context:
            if inner.relative_schema_path and inner.relative_schema_path[0] == branch:
                yield from _problems(inner, schema, own)
        return
    path = list(error.absolute_path)
    keyword = str(error.validator)
    if keyword == "required":
        path.append(error.validator_value[0])  # type: ignore[index]
    yield SchemaProblem(
        keyword=keyword,
        pointer=pointer_of(path),
        expected=_expected(keyword, error.validator_value),
        instance=None if keyword == "required" else error.instance,
        source=_source(schema, list(error.absolute_schema_path)),
        note=note,
    )


def _closest(error: ValidationError) -> object:
    """The alternative with the fewest errors and then the deepest; one whose type is wrong at the top comes last."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        if inner.relative_schema_path:
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)

    def distance(errors: list[ValidationError]) -> tuple[bool, int, int]:
        at_top = any(not inner.relative_path and inner.validator == "type" for inner in errors)
        return at_top, len(errors), -max(len(inner.relative_path) for inner in errors)

    return min(branches, key=lambda branch: distance(branches[branch])) if branches else 0


def _source(schema: Node, path: Sequence[str | int]) -> str:
    node = schema
    for position, key in enumerate(path):
        if position == 0 and key == "$ref":
            continue  # the reference that a validator starts from
        found = node.child(key)
        if found is None:
            return join_pointer(node.source, *path[position:])
        node = found
    return node.source


def _expected(keyword: str, value: Any) -> str:
    if keyword == "type":
        return " or ".join(value) if isinstance(value, list) else str(value)
    if keyword == "required":
        return "present"
    if keyword == "enum":
        return "one of " + cut_line(
            ", ".join(json.dumps(member, ensure_ascii=False) for member in value), _LONGEST_VALUE
        )
    if keyword in ("readOnly", "writeOnly"):
        return f"absent, for it is {keyword}"
    if keyword == "additionalProperties":
        return "no other properties"
    if keyword in ("oneOf", "not"):
        return "exactly one alternative" if keyword == "oneOf" else "anything but what 'not' describes"
    if keyword == "None":
        return "nothing"
    return f"{keyword} {cut_line(json.dumps(value, ensure_ascii=False, default=str), _LONGEST_VALUE)}"


def object_schemas(schema: Node) -> tuple[Node, ...]:
    """The schema and all that apply in its place: targets of ``$ref``, members of ``allOf``, ``anyOf``, ``oneOf``."""
    found: dict[str, Node] = {}
    pending = [schema]
    while pending:
        node = pending.pop()
        if node.uri in found or not isinstance(node.value, Mapping):
            continue
        found[node.uri] = node
        if isinstance(node.value.get("$ref"), str):
            try:
                pending.append(node.resolved())
            except UnresolvedReference:
                continue
        for keyword in ("allOf", "anyOf", "oneOf"):
            listed = node.step(keyword)
            pending += [item for _, item in listed.children()] if listed is not None else []
        pending += [child for child in (node.step("then"), node.step("else")) if child is not None]
    return tuple(found.values())


def property_schemas(schemas: Sequence[Node], name: str) -> tuple[Node, ...]:
    """The schemas of a property in any of these."""
    found = (node.step("properties") for node in schemas)
    return tuple(
        child for properties in found if properties is not None and (child := properties.step(name)) is not None
    )


def is_open(schemas: Sequence[Node]) -> bool:
    """Whether a schema says that other properties may come, says nothing about properties at all, or has subtypes."""
    described = False
    for node in schemas:
        described = described or isinstance(node.value.get("properties"), Mapping)
        more = node.value.get("additionalProperties")
        if more is True or isinstance(more, Mapping) or "patternProperties" in node.value:
            return True
        if "discriminator" in node.value and not {"oneOf", "anyOf"} & node.value.keys():
            return True
    return not described


def undescribed(schema: Node, value: Any, pointer: str = "") -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Properties of a value that its schema does not know: (JSON Pointer, known names, source), array items once."""
    yield from _undescribed((schema,), value, pointer, set())


def _undescribed(
    starts: Sequence[Node], value: Any, pointer: str, told: set[str]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    schemas = list({node.uri: node for start in starts for node in object_schemas(start)}.values())
    if isinstance(value, list):
        items = [item for node in schemas if (item := node.step("items")) is not None]
        for index, member in enumerate(value if items else ()):
            yield from _undescribed(items, member, join_pointer(pointer, index), told)
        return
    if not isinstance(value, dict) or not schemas:
        return
    closed = any(node.value.get("additionalProperties") is False for node in schemas)
    for name, member in value.items():
        if "{{" in name or name == "...":
            continue  # a variable, or an example that leaves something out
        below = property_schemas(schemas, name)
        here = join_pointer(pointer, name)
        if below:
            yield from _undescribed(below, member, here, told)
        elif not closed and not is_open(schemas):
            # One finding for all items of an array: they have the same shape.
            place = without_indices(here)
            if place not in told:
                told.add(place)
                known = {key for node in schemas for key in (node.value.get("properties") or {})}
                yield here, tuple(sorted(known)), schemas[0].source

"""What a schema says of the shape of a value: its types, properties and items, through every reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node, UnresolvedReference
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.words import listed

MOST_NAMES = 12


@value_class
class Undescribed:
    """A property that a schema does not know.

    ``pointer`` is its JSON Pointer, ``known`` the names that the schema knows there, ``source`` the schema's place.
    """

    pointer: str
    known: tuple[str, ...]
    source: str

    @property
    def expected(self) -> str:
        """What could stand there instead, in words."""
        return f"one of {listed(self.known, MOST_NAMES)}" if self.known else "absent"


def object_schemas(*schemas: Node) -> tuple[Node, ...]:
    """Schemas and all that apply in their place, or may: targets of ``$ref``, members of ``allOf`` and its kin."""
    found: dict[str, Node] = {}
    pending = list(reversed(schemas))
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
        for keyword in ("allOf", "anyOf", "oneOf", "dependentSchemas"):
            listed = node.step(keyword)
            pending += [item for _, item in listed.children()] if listed is not None else []
        pending += [child for child in map(node.step, ("if", "then", "else")) if child is not None]
    return tuple(found.values())


def property_schemas(schemas: Sequence[Node], name: str) -> tuple[Node, ...]:
    """The schemas of a property in any of these."""
    found = (node.step("properties") for node in schemas)
    return tuple(
        child for properties in found if properties is not None and (child := properties.step(name)) is not None
    )


def item_schemas(schemas: Sequence[Node]) -> tuple[Node, ...]:
    """The schemas of an array's items in any of these."""
    return tuple(item for node in schemas if (item := node.step("items")) is not None)


def known_names(schemas: Sequence[Node]) -> tuple[str, ...]:
    """The names of all properties in any of these, in alphabetical order."""
    properties = (node.value.get("properties") for node in schemas)
    return tuple(sorted({name for known in properties if isinstance(known, Mapping) for name in known}))


def schema_types(schema: Node) -> frozenset[str]:
    """Every type that a schema names, through references and alternatives."""
    found: set[str] = set()
    for node in object_schemas(schema):
        written = node.value.get("type")
        found |= {name for name in (written if isinstance(written, list) else [written]) if isinstance(name, str)}
    return frozenset(found)


def is_open(schemas: Sequence[Node]) -> bool:
    """Whether other properties may come.

    A schema says so, says nothing about properties at all, has subtypes, or refers to something that cannot be read.
    """
    described = False
    for node in schemas:
        described = described or isinstance(node.value.get("properties"), Mapping)
        if any(more is True or isinstance(more, Mapping) for more in _further(node)):
            return True
        if "patternProperties" in node.value:
            return True
        if "discriminator" in node.value and not {"oneOf", "anyOf"} & node.value.keys():
            return True
        if _is_unread(node):
            return True
    return not described


def _further(node: Node) -> tuple[Any, Any]:
    """What a schema says of the properties that it does not name."""
    return node.value.get("additionalProperties"), node.value.get("unevaluatedProperties")


def _is_unread(node: Node) -> bool:
    """Whether a ``$ref`` stands here that cannot be followed."""
    try:
        node.resolved()
    except UnresolvedReference:
        return True
    return False


def undescribed(schema: Node, value: Any) -> Iterator[Undescribed]:
    """Properties of a value that its schema does not know; one for all items of an array, which have the same shape."""
    yield from _undescribed((schema,), value, "", "", set())


def _undescribed(starts: Sequence[Node], value: Any, pointer: str, shape: str, told: set[str]) -> Iterator[Undescribed]:
    """``shape`` is ``pointer`` with ``*`` for what has the same schema as its neighbours."""
    schemas = object_schemas(*starts)
    if isinstance(value, list):
        items = item_schemas(schemas)
        for index, member in enumerate(value if items else ()):
            yield from _undescribed(items, member, join_pointer(pointer, index), f"{shape}/*", told)
        return
    if not isinstance(value, dict) or not schemas:
        return
    closed = any(False in _further(node) for node in schemas)
    others = _schemas_of_others(schemas)
    for name, member in value.items():
        if "{{" in name or name == "...":
            continue  # a variable, or an example that leaves something out
        below = property_schemas(schemas, name)
        here, place = join_pointer(pointer, name), join_pointer(shape, name)
        if below:
            yield from _undescribed(below, member, here, place, told)
        elif others:
            yield from _undescribed(others, member, here, f"{shape}/*", told)
        elif not closed and not is_open(schemas) and place not in told:
            told.add(place)
            yield Undescribed(pointer=here, known=known_names(schemas), source=schemas[0].source)


def _schemas_of_others(schemas: Sequence[Node]) -> tuple[Node, ...]:
    """The schemas of the properties that none of these names; none where patterns of names decide."""
    if any("patternProperties" in node.value for node in schemas):
        return ()
    found = (node.step(keyword) for node in schemas for keyword in ("additionalProperties", "unevaluatedProperties"))
    return tuple(node for node in found if node is not None and isinstance(node.value, Mapping))

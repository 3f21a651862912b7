"""XML as the value that a schema describes, by OpenAPI's ``xml`` objects (OpenAPI 3.0.3 section 4.7.26).

Whatever these leave open is not told: text between elements, alternatives that want different types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.parameter_values import coerced, member_schemas
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, known_names, object_schemas, schema_types

_DEEPEST = 64
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class NotXML(ValueError):
    """A text is not XML that is read here; the message says why."""


class Untold(Exception):
    """What a schema says leaves open which value a piece of XML is."""


def xml_value(text: str, schema: Node) -> Any:
    """The value of an XML document. Raises: ``NotXML``; ``Untold``, also where no schema has an ``xml`` object."""
    # Entities can refer to files, and grow without end; descriptions have no use for them.
    if "<!DOCTYPE" in text or not any(_speaks_of_xml(schema, set())):
        raise Untold
    try:
        root = ElementTree.fromstring(text.removeprefix("\ufeff"))  # without a document type there are no entities
    except ElementTree.ParseError as error:
        raise NotXML(str(error)) from error
    return _value(root, schema, 0)


def _speaks_of_xml(schema: Node, known: set[str]) -> Iterator[bool]:
    for node in object_schemas(schema):
        if node.uri in known:
            continue
        known.add(node.uri)
        yield isinstance(node.value.get("xml"), Mapping)
        properties = node.step("properties")
        below = [child for _, child in properties.children()] if properties is not None else []
        for child in (*below, *item_schemas([node])):
            yield from _speaks_of_xml(child, known)


def _value(element: ElementTree.Element, schema: Node, depth: int) -> Any:
    if depth > _DEEPEST:
        raise Untold
    if element.get(_NIL) in ("true", "1"):
        return None
    types = schema_types(schema)
    if "object" in types or known_names(object_schemas(schema)):
        return _object(element, schema, depth)
    if "array" in types:
        return _items(list(element), schema, depth)
    if len(element):
        return {_local(child.tag): child.text or "" for child in element}
    text = element.text or ""
    return coerced(text if "string" in types else text.strip(), schema)


def _object(element: ElementTree.Element, schema: Node, depth: int) -> dict[str, Any]:
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise Untold
    schemas = object_schemas(schema)
    children: dict[str, list[ElementTree.Element]] = {}
    for child in element:
        children.setdefault(_local(child.tag), []).append(child)
    attributes = {_local(name): text for name, text in element.attrib.items()}
    found: dict[str, Any] = {}
    for name in known_names(schemas):
        own = member_schemas(schemas, name)
        if len(own) != 1:
            raise Untold
        said = _xml(own[0])
        written = str(said.get("name", name))
        if said.get("attribute") is True:
            if written in attributes:
                found[name] = coerced(attributes[written], own[0])
        elif "array" in schema_types(own[0]):
            items = _xml(*item_schemas(object_schemas(own[0])))
            if said.get("wrapped") is True:
                for wrapper in children.pop(written, ())[:1]:
                    found[name] = _items(list(wrapper), own[0], depth)
            else:
                elements = children.pop(str(items.get("name", name)), [])
                # No elements are an empty list, or none at all.
                if elements or any(name in node.value.get("required", ()) for node in schemas):
                    found[name] = _items(elements, own[0], depth)
        elif written in children:
            values = [_value(child, own[0], depth + 1) for child in children.pop(written)]
            found[name] = values[0] if len(values) == 1 else values
    for name, further in children.items():
        if any(len(child) for child in further) or name in found:
            raise Untold
        found[name] = further[0].text or "" if len(further) == 1 else [child.text or "" for child in further]
    return found


def _items(elements: Sequence[ElementTree.Element], schema: Node, depth: int) -> list[Any]:
    items = item_schemas(object_schemas(schema))
    if len(items) != 1 and elements:
        raise Untold
    return [_value(element, items[0], depth + 1) for element in elements]


def _xml(*schemas: Node) -> Mapping[str, Any]:
    """The first ``xml`` object of schemas; an empty one where there is none."""
    found = (node.value.get("xml") for node in object_schemas(*schemas))
    return next((said for said in found if isinstance(said, Mapping)), {})


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]

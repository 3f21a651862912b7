"""Contents with a structure that are not one JSON value, as the values that their schemas describe: lines of JSON, XML.

What OpenAPI's ``xml`` objects leave open is not told: text between elements, alternatives that want different types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.json_source import SourceProblem, read_json_lines
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.media_types import is_json_lines, is_xml
from pytest_endpoint_docs.openapi.parameter_values import coerced, member_schemas
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, known_names, object_schemas, schema_types

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DEEPEST = 64
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class _Untold(Exception):
    """What a schema says leaves open which value a piece of XML is."""


class NotAsDeclared(ValueError):
    """A content that is not of its media type; ``expected`` says what it should be, and the message what is wrong."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


def structured_values(text: str, media_type: str, schema: Node) -> Sequence[tuple[str, Any]] | None:
    """The values to hold against a schema of an object or array, each with its JSON Pointer in the content.

    Of lines of JSON, a schema of arrays is that of all of them, any other that of each. ``None``: not to be told.
    Raises: ``NotAsDeclared``.
    """
    if is_json_lines(media_type):
        try:
            values = read_json_lines(text)
        except SourceProblem as problem:
            raise NotAsDeclared(f"line {problem.line}: {problem.message}", "a JSON value in each line") from problem
        if schema_types(schema) == {"array"}:
            return [("", values)]
        return [(f"/{index}", value) for index, value in enumerate(values)]
    if not is_xml(media_type):
        return None
    try:
        return [("", _of_document(text, schema))]
    except _Untold:
        return None


def _of_document(text: str, schema: Node) -> Any:
    """The value of an XML document, by ``xml`` objects (OpenAPI 3.0.3 section 4.7.26).

    Raises: ``NotAsDeclared``; ``_Untold``, also where no schema has such an object.
    """
    # Costly, and few answers are XML.
    from xml.etree import ElementTree

    # Entities can refer to files, and grow without end; descriptions have no use for them.
    if "<!DOCTYPE" in text or not any(_speaks_of_xml(schema, set())):
        raise _Untold
    try:
        root = ElementTree.fromstring(text.removeprefix("\ufeff"))  # without a document type there are no entities
    except ElementTree.ParseError as error:
        raise NotAsDeclared(str(error), "XML") from error
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


def _value(element: Element, schema: Node, depth: int) -> Any:
    if depth > _DEEPEST:
        raise _Untold
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


def _object(element: Element, schema: Node, depth: int) -> dict[str, Any]:
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise _Untold
    schemas = object_schemas(schema)
    children: dict[str, list[Element]] = {}
    for child in element:
        children.setdefault(_local(child.tag), []).append(child)
    attributes = {_local(name): text for name, text in element.attrib.items()}
    found: dict[str, Any] = {}
    for name in known_names(schemas):
        own = member_schemas(schemas, name)
        if len(own) != 1:
            raise _Untold
        is_required = any(name in node.value.get("required", ()) for node in schemas)
        found |= _member(name, own[0], attributes, children, depth, is_required=is_required)
    for name, further in children.items():
        if any(len(child) for child in further) or name in found:
            raise _Untold
        found[name] = further[0].text or "" if len(further) == 1 else [child.text or "" for child in further]
    return found


def _member(
    name: str,
    schema: Node,
    attributes: Mapping[str, str],
    children: dict[str, list[Element]],
    depth: int,
    *,
    is_required: bool,
) -> dict[str, Any]:
    """A described member by its name, out of the attributes or children, which are taken; empty if it is not there."""
    said = _xml(schema)
    written = str(said.get("name", name))
    if said.get("attribute") is True:
        return {name: coerced(attributes[written], schema)} if written in attributes else {}
    if "array" not in schema_types(schema):
        values = [_value(child, schema, depth + 1) for child in children.pop(written, ())]
        return {name: values[0] if len(values) == 1 else values} if values else {}
    if said.get("wrapped") is True:
        wrappers = children.pop(written, ())
        return {name: _items(list(wrappers[0]), schema, depth)} if wrappers else {}
    elements = children.pop(str(_xml(*item_schemas(object_schemas(schema))).get("name", name)), [])
    # No elements are an empty list, or none at all.
    return {name: _items(elements, schema, depth)} if elements or is_required else {}


def _items(elements: Sequence[Element], schema: Node, depth: int) -> list[Any]:
    items = item_schemas(object_schemas(schema))
    if len(items) != 1 and elements:
        raise _Untold
    return [_value(element, items[0], depth + 1) for element in elements]


def _xml(*schemas: Node) -> Mapping[str, Any]:
    """The first ``xml`` object of schemas; an empty one where there is none."""
    found = (node.value.get("xml") for node in object_schemas(*schemas))
    return next((said for said in found if isinstance(said, Mapping)), {})


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]

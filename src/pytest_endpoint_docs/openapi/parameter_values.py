"""Values of parameters and header fields, read from their texts as ``style``, ``explode`` or ``content`` say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pytest_endpoint_docs.json_source import GENERATED, SourceProblem, parse_json
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.media_types import is_json_media_type
from pytest_endpoint_docs.openapi.parameters import Parameter
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, object_schemas, property_schemas, schema_types

_SEPARATORS = {"ssv": " ", "spaceDelimited": " ", "pipes": "|", "pipeDelimited": "|", "tsv": "\t"}
# "nan" and "1_000" are numbers for Python alone. Longer ones are not read, as in JSON.
_INTEGER = re.compile(r"[+-]?[0-9]{1,640}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,640}\.?[0-9]{0,640}|\.[0-9]{1,640})(?:[eE][+-]?[0-9]{1,4})?")
_STRUCTURED = frozenset(["array", "object"])
# What stands between the members of an object whose members are written as ``name=value``.
_BETWEEN_MEMBERS = {"label": ".", "matrix": ";"}


class Misread(ValueError):
    """A text is not written as a parameter is described; the message says how it is."""


def parameter_values(parameter: Parameter, texts: Sequence[str]) -> Iterator[Any]:
    """Every value that the texts of a parameter may stand for, the likeliest first. Raises: ``Misread``."""
    schema = parameter.schema
    if schema is None:
        return
    if parameter.media_type:
        yield from content_values(texts[-1], parameter.media_type, schema)
        return
    types = schema_types(schema)
    texts = [_without_prefix(text, parameter) for text in texts]
    if len(texts) > 1 and types and not types & _STRUCTURED:
        raise Misread("one value")
    if parameter.location == "cookie" and parameter.explode and types & _STRUCTURED:
        return  # no cookie can be written so (OpenAPI 3.1.1, 4.8.12.3)
    if "object" in types:
        yield from _tried(lambda: text_object(texts[-1], parameter), is_only=types == {"object"})
    if "array" in types:
        yield from _tried(lambda: _array(texts, parameter, schema), is_only=types == {"array"})
    if not types or types - _STRUCTURED:
        yield from scalar_values(texts[-1], schema)


def content_values(text: str, media_type: str, schema: Node) -> Iterator[Any]:
    """The value of a text of a media type: JSON, or of a type that any text can have. Raises: ``Misread``.

    A line break at the end of a text may be a part of it, or end its last line.
    """
    if is_json_media_type(media_type):
        try:
            yield parse_json(text, GENERATED)
        except SourceProblem:
            raise Misread("JSON") from None
    elif not schema_types(schema) & _STRUCTURED:
        yield from scalar_values(text, schema)
        if text.endswith("\n"):
            yield from scalar_values(text[:-1].removesuffix("\r"), schema)


def member_schemas(schemas: Sequence[Node], name: str) -> tuple[Node, ...]:
    """The schema of a member; several where they want different types, and nobody knows what its text stands for."""
    found = property_schemas(schemas, name)
    by_types = {types: node for node in reversed(found) if (types := schema_types(node))}
    return tuple(by_types.values()) or found[:1]


def object_from(members: Sequence[tuple[str, str]], schema: Node) -> dict[str, Any] | None:
    """The object of members that are texts; ``None`` where one of them is more than a text can tell."""
    found: dict[str, Any] = {}
    schemas = object_schemas(schema)
    further = (node.step("additionalProperties") for node in schemas)
    others = tuple(node for node in further if node is not None and isinstance(node.value, Mapping))
    for name, text in members:
        own = member_schemas(schemas, name) or others[:1]
        if name in found or len(own) > 1 or (own and schema_types(own[0]) & _STRUCTURED):
            return None
        found[name] = coerced(text, own[0]) if own else text
    return found


def text_object(text: str, parameter: Parameter) -> dict[str, Any] | None:
    """The object in one text: ``R=100,G=200``, without ``explode`` ``R,100,G,200``. Raises: ``Misread``."""
    if parameter.schema is None:
        return None
    if parameter.explode:
        separator = _BETWEEN_MEMBERS.get(parameter.style, ",")
        pairs = [part.strip().partition("=") for part in text.split(separator)] if text else []
        if not all(equals for _, equals, _ in pairs):
            raise Misread(f"name=value{separator}name=value")
        return object_from([(name, value) for name, _, value in pairs], parameter.schema)
    separator = _list_separator(text, parameter)
    parts = [part.strip() for part in text.split(separator)] if text else []
    if len(parts) % 2 or any("=" in name for name in parts[::2]):
        raise Misread(f"name{separator}value{separator}name{separator}value")
    return object_from(list(zip(parts[::2], parts[1::2], strict=True)), parameter.schema)


def coerced(text: str, schema: Node) -> Any:
    """The value that a text most likely stands for, by its schema; else the text itself."""
    return next(scalar_values(text, schema))


def scalar_values(text: str, schema: Node) -> Iterator[Any]:
    """Every value that a text may stand for, by the types and members of its schema: ``5``, ``true`` and texts.

    A text that may be a text is one first; at least one value comes.
    """
    schemas = object_schemas(schema)
    types = schema_types(schema)
    members = [member for node in schemas for member in _members(node) if not isinstance(member, str)]
    found: list[Any] = [text] if "string" in types else []
    if (not text or text == "null") and ("null" in types or any(_is_nullable(node) for node in schemas)):
        found.append(None)
    if "boolean" in types and text in ("true", "false"):
        found.append(text == "true")
    if types & {"integer", "number"}:
        found.append(_number(text))
    found += [member for member in members if json.dumps(member) == text]
    yield from found or [text]


def _array(texts: Sequence[str], parameter: Parameter, schema: Node) -> list[Any] | None:
    items = next(iter(item_schemas(object_schemas(schema))), None)
    if items is not None and schema_types(items) & _STRUCTURED:
        return None
    style, explode = parameter.style, parameter.explode
    if style in _BETWEEN_MEMBERS:
        separator = _BETWEEN_MEMBERS[style] if explode else _list_separator(texts[0], parameter)
        parts = texts[0].split(separator) if texts[0] else []
        texts, style, explode = [part.removeprefix(f"{parameter.name}=") for part in parts], "form", True
    elif parameter.location in ("path", "header") and style in ("simple", "csv"):
        texts, style, explode = [part.strip() for part in texts[0].split(",")] if texts[0] else [], "form", True
    return _coerced_array(texts, schema, style=style, explode=explode)


def _list_separator(text: str, parameter: Parameter) -> str:
    # Up to OpenAPI 3.0.3, a label's items were apart by dots (4.7.12.5), from 3.0.4 on by commas.
    return "." if parameter.style == "label" and "," not in text else _SEPARATORS.get(parameter.style, ",")


def _without_prefix(text: str, parameter: Parameter) -> str:
    """A text without what ``label`` and ``matrix`` put before it. Raises: ``Misread``."""
    if parameter.style == "label":
        if not text.startswith("."):
            raise Misread(".value (style label)")
        return text[1:]
    if parameter.style != "matrix":
        return text
    if parameter.explode and parameter.schema is not None and "object" in schema_types(parameter.schema):
        if not text.startswith(";"):
            raise Misread(";name=value (style matrix)")
        return text[1:]
    name, _, rest = text.partition("=")
    if name != f";{parameter.name}":
        raise Misread(f";{parameter.name}=value (style matrix)")
    return rest


def _tried(read: Callable[[], Any], *, is_only: bool) -> Iterator[Any]:
    """What is read, if anything. ``is_only``: no other value is described, and what cannot be read so is wrong."""
    try:
        value = read()
    except Misread:
        if is_only:
            raise
        return
    if value is not None:
        yield value


def _coerced_array(texts: Sequence[str], schema: Node, *, style: str, explode: bool) -> list[Any]:
    """The items of an array parameter, from one text or from several of the same name. Raises: ``Misread``."""
    if len(texts) > 1 and not explode and style != "multi":
        raise Misread(f"one value, with {_SEPARATORS.get(style, ',')!r} between the items")
    if len(texts) == 1 and not (explode and style in ("form", "multi")):
        texts = texts[0].split(_SEPARATORS.get(style, ",")) if texts[0] else []
    items = next(iter(item_schemas(object_schemas(schema))), None)
    return [coerced(text, items) if items is not None and isinstance(items.value, Mapping) else text for text in texts]


def _members(schema: Node) -> Sequence[Any]:
    listed = schema.value.get("enum")
    return [
        *(listed if isinstance(listed, list) else ()),
        *([schema.value["const"]] if "const" in schema.value else ()),
    ]


def _is_nullable(schema: Node) -> bool:
    return True in (schema.value.get("nullable"), schema.value.get("x-nullable"))


def _number(text: str) -> Any:
    plain = text.strip()
    if _INTEGER.fullmatch(plain):
        return int(plain)
    return float(plain) if _NUMBER.fullmatch(plain) else text

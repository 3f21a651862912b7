"""Keywords of schemas, in every dialect of OpenAPI: the form of the value of each, and those that hold schemas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import starmap
from typing import Any

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.pattern import Pattern

SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Keywords with schemas by name."""
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
"""Keywords with lists of schemas."""
SINGLE_SCHEMAS = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
)
"""Keywords with a schema."""
TEXTS_FOR_PEOPLE = ("title", "description", "id")
"""Keywords with a text that no value is held against; a schema there is that of a property of this name."""
TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")
"""The names of types."""
_TYPES = frozenset([*TYPES, "file"])


def is_well_formed(keyword: str, value: Any) -> bool:
    """Whether a keyword's value has the form that the keyword needs; true for unknown keywords."""
    test = _FORMS.get(keyword)
    return test is None or test(value)


def demands_something(schema: Any) -> bool:
    """Whether a schema has anything that a value may fail, and not only what tells people about it."""
    return schema is False or (isinstance(schema, dict) and any(starmap(_demands, schema.items())))


def _demands(keyword: str, value: Any) -> bool:
    if keyword not in _DEMANDING:
        return False
    if keyword in _DEMANDING_IF_ANY:
        return bool(value)
    if keyword in SCHEMA_MAPS and isinstance(value, dict):
        return any(map(demands_something, value.values()))
    if keyword in (*SCHEMA_LISTS, "items") and isinstance(value, list):
        return any(map(demands_something, value))
    return demands_something(value) if keyword in _OF_PARTS else True


def _is_schema(value: Any) -> bool:
    return isinstance(value, (dict, bool))


def _is_count(value: Any) -> bool:
    return is_number(value) and value >= 0 and value == int(value)


def _is_schema_map(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_schema(item) for item in value.values())


def _is_name_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_schema_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_schema(item) for item in value)


def _is_type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(name, str) and name in _TYPES for name in value)
    return isinstance(value, str) and value in _TYPES


# Characters, and classes of such that everybody writes, each once or repeated: a regular expression for certain.
_PLAIN = (
    r"\^?(?:(?:[A-Za-z0-9 _@%:;,=/.-]|\\[.\-/+*?()\[\]{}|^$\\dw]"
    r"|\[\^?(?:a-z|A-Z|0-9|a-f|A-F|[A-Za-z0-9_@:/. ]|\\[dw])+-?\])(?:[*+?]|\{[0-9]{1,3},?\})?)*+\$?"
)


def is_pattern(value: Any) -> bool:
    """Whether a value is a regular expression; the engine, whose import takes long, says so where it is not plain."""
    if isinstance(value, str) and re.fullmatch(_PLAIN, value):
        return True
    try:
        Pattern(value)
    except (ValueError, TypeError):
        return False
    return True


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "required": _is_name_list,
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_is_name_list, value.values())),
    "dependencies": lambda value: (
        isinstance(value, dict) and all(_is_schema(item) or _is_name_list(item) for item in value.values())
    ),
    "enum": lambda value: isinstance(value, list),
    "properties": _is_schema_map,
    "patternProperties": lambda value: _is_schema_map(value) and all(is_pattern(name) for name in value),
    "items": _is_schema,
    "additionalProperties": _is_schema,
    **dict.fromkeys(["not", "if", "then", "else", "contains", "propertyNames"], _is_schema),
    **dict.fromkeys(["unevaluatedProperties", "unevaluatedItems"], _is_schema),
    "dependentSchemas": _is_schema_map,
    "prefixItems": _is_schema_list,
    "allOf": _is_schema_list,
    "anyOf": _is_schema_list,
    "oneOf": _is_schema_list,
    "pattern": is_pattern,
    **dict.fromkeys(["format", "$ref", *TEXTS_FOR_PEOPLE], lambda value: isinstance(value, str)),
    **dict.fromkeys(["minimum", "maximum"], is_number),
    **dict.fromkeys(["readOnly", "writeOnly", "nullable", "uniqueItems"], lambda value: isinstance(value, bool)),
    "multipleOf": lambda value: is_number(value) and value > 0,
    **dict.fromkeys(["exclusiveMinimum", "exclusiveMaximum"], lambda value: isinstance(value, (int, float))),
    **dict.fromkeys(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"], _is_count),
    **dict.fromkeys(["minContains", "maxContains"], _is_count),
}
_TELLING = {*TEXTS_FOR_PEOPLE, "readOnly", "writeOnly", "nullable", "$defs", "definitions", "if"}
_DEMANDING = {*_FORMS, *SCHEMA_MAPS, *SCHEMA_LISTS, *SINGLE_SCHEMAS, "const", "$dynamicRef"} - _TELLING
# Where nothing stands, or 0, or false, each value fits.
_DEMANDING_IF_ANY = {
    *("required", "dependentRequired", "dependencies", "uniqueItems"),
    *("minLength", "minItems", "minProperties"),
}
# With a schema that parts of a value must fit, or that a value must fit at times.
_OF_PARTS = {*SINGLE_SCHEMAS, "unevaluatedItems"} - {"not", "contains"}

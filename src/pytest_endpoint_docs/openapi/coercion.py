"""Texts of parameters and header fields as the values that their schemas speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, object_schemas, schema_types

_SEPARATORS = {
    "csv": ",",
    "simple": ",",
    "form": ",",
    "ssv": " ",
    "spaceDelimited": " ",
    "pipes": "|",
    "pipeDelimited": "|",
    "tsv": "\t",
}


def coerced(text: str, schema: Node) -> Any:
    """The value that a text stands for, by the types of its schema; else the text itself."""
    types = schema_types(schema)
    if "string" in types:
        return text
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "null" in types and text in ("", "null"):
        return None
    if types & {"integer", "number"}:
        return _number(text)
    return text


def coerced_array(texts: Sequence[str], schema: Node, *, style: str, explode: bool) -> list[Any]:
    """The items of an array parameter, from one text or from several of the same name."""
    if len(texts) == 1 and not (explode and style in ("form", "multi")):
        separator = _SEPARATORS.get(style, ",")
        texts = texts[0].split(separator) if texts[0] else []
    items = next(iter(item_schemas(object_schemas(schema))), None)
    return [coerced(text, items) if items is not None and isinstance(items.value, Mapping) else text for text in texts]


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        # "nan" and "1_000" are numbers for Python alone.
        return value if text.strip("+-").replace(".", "", 1).replace("e", "", 1).isalnum() and "_" not in text else text
    return text

"""Names that schemas give themselves in OpenAPI 3.1: ``$id``, ``$anchor``, ``$dynamicAnchor``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_library import answer, differences, with_schema

TEXT = {"type": "object", "properties": {"t": {"type": "string"}}}
LIST = {
    "$id": "https://library.example/list",
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"$dynamicRef": "#member"}}},
    "$defs": {"any": {"$dynamicAnchor": "member"}},
}
TEXTS = {
    "$id": "https://library.example/texts",
    "$ref": "list",
    "$defs": {"text": {"$dynamicAnchor": "member", "type": "string"}},
}
LOCAL = {
    "$id": "urn:library:local",
    "type": "object",
    "properties": {"t": {"$ref": "#/$defs/text"}},
    "$defs": {"text": {"type": "string"}},
}


@pytest.mark.parametrize(
    ("schema", "good", "bad", "place"),
    [
        ({"$ref": "#text"}, {"t": "1"}, {"t": 1}, "/t"),
        ({"$ref": "other.json#text"}, {"t": "1"}, {"t": 1}, "/t"),
        ({"$ref": "https://library.example/texts"}, {"items": ["1"]}, {"items": [1]}, "/items/0"),
        ({"$ref": "#/components/schemas/Texts"}, {"items": ["1"]}, {"items": [1]}, "/items/0"),
        ({"$ref": "urn:library:local"}, {"t": "1"}, {"t": 1}, "/t"),
        ({"$ref": "#/components/schemas/Local"}, {"t": "1"}, {"t": 1}, "/t"),
        ({"$dynamicRef": "#text"}, {"t": "1"}, {"t": 1}, "/t"),
    ],
)
def test_schemas_are_found_by_their_names(
    tmp_path: Path, schema: dict[str, Any], good: Any, bad: Any, place: str
) -> None:
    (tmp_path / "other.json").write_text(json.dumps({"$defs": {"Text": {**TEXT, "$anchor": "text"}}}))
    named = {**TEXT, "$anchor": "text"}
    descriptions, operation = with_schema(tmp_path, schema, Text=named, List=LIST, Texts=TEXTS, Local=LOCAL)
    assert differences(descriptions, operation, answer(good)) == []
    found = differences(descriptions, operation, answer(bad))
    assert [(severity, pointer) for severity, pointer, _ in found] == [("fail", place)]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#nobody"}, "$ref '#nobody': library.json has no such anchor"),
        ({"$dynamicRef": "#nobody"}, "$ref '#nobody': library.json has no such anchor"),
        ({"$ref": "https://library.example/nobody"}, "is remote and is not fetched"),
    ],
)
def test_names_that_nothing_has_are_told(tmp_path: Path, schema: dict[str, Any], words: str) -> None:
    descriptions, operation = with_schema(tmp_path, schema, Text={**TEXT, "$anchor": "text"}, List=LIST)
    found = differences(descriptions, operation, answer({"t": 1}))
    assert [severity for severity, _, _ in found] == ["warn"]
    assert words in found[0][2]


def test_a_property_of_the_name_is_none(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"$id": {"type": "string"}, "$anchor": {"type": "string"}}}
    descriptions, operation = with_schema(tmp_path, schema)
    assert differences(descriptions, operation, answer({"$id": "a", "$anchor": "b"})) == []
    assert len(differences(descriptions, operation, answer({"$id": 1, "$anchor": "b"}))) == 1

"""Schemas of every version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_library import answer, described, differences, with_schema

from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.redaction.redactor import Redactor

NULLABLE: list[dict[str, Any]] = [
    {"type": "string", "nullable": True},
    {"type": "string", "enum": ["a"], "nullable": True},
    {"$ref": "#/components/schemas/Text", "nullable": True},
    {"allOf": [{"$ref": "#/components/schemas/Text"}], "nullable": True},
    {"oneOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("schema", NULLABLE)
def test_nullable_is_honoured_in_every_version(tmp_path: Path, version: str, schema: dict[str, Any]) -> None:
    descriptions, operation = with_schema(tmp_path, schema, version=version, Text={"type": "string"})
    assert differences(descriptions, operation, answer(None)) == []

    strict, its_operation = with_schema(
        tmp_path, {**schema, "nullable": False}, version=version, Text={"type": "string"}
    )
    assert differences(strict, its_operation, answer(None)) != []


def test_2_0_has_files_nullable_extensions_and_boolean_limits(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {
            "note": {"type": "string", "x-nullable": True},
            "scan": {"type": "file"},
            "share": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        },
    }
    responses = {"200": {"description": "", "schema": schema}}
    descriptions = described(tmp_path, {"swagger": "2.0", "paths": {"/x": {"get": {"responses": responses}}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None

    assert differences(descriptions, operation, answer({"note": None, "scan": "bytes", "share": 0.5})) == []
    assert [pointer for _, pointer, _ in differences(descriptions, operation, answer({"share": 0}))] == ["/share"]


def test_3_1_is_2020_12(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"const": "x"},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
            "share": {"type": ["number", "null"], "exclusiveMinimum": 0},
        },
    }
    descriptions, operation = with_schema(tmp_path, schema)

    assert differences(descriptions, operation, answer({"kind": "x", "pair": ["a", 1], "share": None})) == []
    found = differences(descriptions, operation, answer({"kind": "y", "pair": [1, 1], "share": 0}))
    assert [pointer for _, pointer, _ in found] == ["/kind", "/pair/0", "/share"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_the_discriminator_chooses_the_alternative(tmp_path: Path, version: str) -> None:
    cat = {
        "type": "object",
        "required": ["lives"],
        "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}},
    }
    dog = {
        "type": "object",
        "required": ["name"],
        "properties": {"kind": {"type": "string"}, "name": {"type": "string"}},
    }
    references = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    mapping = {"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat"}}
    schema = {"oneOf": references, "discriminator": mapping}
    descriptions, operation = with_schema(tmp_path, schema, version=version, Cat=cat, Dog=dog)

    # Without the discriminator, the first one would match both alternatives.
    assert differences(descriptions, operation, answer({"kind": "Dog", "name": "Rex", "lives": 1})) == []
    found = differences(descriptions, operation, answer({"kind": "feline", "name": "Tom"}))
    assert [pointer for _, pointer, _ in found] == ["/lives"]


def test_the_closest_alternative_explains(tmp_path: Path) -> None:
    schema = {
        "anyOf": [
            {"type": "string"},
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "object", "required": ["b"]}}},
        ]
    }
    descriptions, operation = with_schema(tmp_path, schema)

    found = differences(descriptions, operation, answer({"a": {}}))
    assert [pointer for _, pointer, _ in found] == ["/a/b"]
    assert "closest of 2" in found[0][2]


def test_the_alternative_that_a_property_names_is_the_closest(tmp_path: Path) -> None:
    def entry(name: str, *required: str) -> dict[str, Any]:
        properties = {"type": {"enum": [name]}, "id": {"type": "string"}}
        return {"type": "object", "required": list(required), "properties": properties}

    schema = {"oneOf": [entry("folder"), entry("file", "size", "owner")]}
    descriptions, operation = with_schema(tmp_path, schema)

    found = differences(descriptions, operation, answer({"type": "file", "id": 4}))
    assert {pointer for _, pointer, _ in found} == {"/id", "/owner", "/size"}


def test_an_alternative_whose_properties_are_there_is_closer_than_one_that_misses_some(tmp_path: Path) -> None:
    integer = {"type": "integer"}
    thing = {"required": ["id", "size"], "properties": {"id": {}, "size": integer, "since": integer}}
    deleted = {"required": ["id", "deleted"], "properties": {"id": {}, "deleted": {"enum": [True]}}}
    descriptions, operation = with_schema(tmp_path, {"anyOf": [thing, deleted]})

    found = differences(descriptions, operation, answer({"id": "a", "size": "1", "since": "2"}))
    assert {pointer for _, pointer, _ in found} == {"/since", "/size"}
    found = differences(descriptions, operation, answer({"id": "a", "deleted": False}))
    assert [pointer for _, pointer, _ in found] == ["/deleted"]


@pytest.mark.parametrize(
    ("alternatives", "value", "expected"),
    [
        ([{"type": "string"}, {"type": ["integer", "null"]}], [], ("", "string or integer or null")),
        ([{"enum": ["a"]}, {"const": "b"}, {"enum": ["a", 1]}], "c", ("", 'one of "a", "b", 1')),
        (
            [{"properties": {"kind": {"const": "a"}}}, {"properties": {"kind": {"const": "b"}}}],
            {"kind": "c"},
            ("/kind", 'one of "a", "b"'),
        ),
        # What they want is not one thing.
        ([{"type": "string"}, {"enum": [1, 2]}], [], ("", "one of 1, 2")),
    ],
)
def test_alternatives_that_want_the_same_kind_of_thing_are_told_together(
    tmp_path: Path, alternatives: list[Any], value: Any, expected: tuple[str, str]
) -> None:
    descriptions, operation = with_schema(tmp_path, {"anyOf": alternatives})

    (found,) = ResponseCheck(descriptions).mismatches(operation, answer(value), Redactor())
    assert (found.pointer, found.expected) == expected


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2026-02-03T04:05:06Z", "2026-02-03 04:05"),
        ("time", "10:00:00Z", "10:00:00"),
        ("uuid", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "17"),
        ("email", "a@b.example", "nobody"),
        ("int32", 2**31 - 1, 2**31),
        ("byte", "aGk=", "not base64!"),
    ],
)
def test_formats_are_asserted(tmp_path: Path, name: str, good: Any, bad: Any) -> None:
    descriptions, operation = with_schema(tmp_path, {"format": name})

    assert differences(descriptions, operation, answer(good)) == []
    assert len(differences(descriptions, operation, answer(bad))) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"dependentSchemas": {"uid": {"properties": {"shelf": {}}}}},
        {"if": {"properties": {"shelf": {"const": 1}}}},
    ],
)
def test_a_property_that_a_condition_describes_is_described(tmp_path: Path, schema: dict[str, Any]) -> None:
    descriptions, operation = with_schema(tmp_path, {"type": "object", "properties": {"uid": {}}, **schema})
    assert differences(descriptions, operation, answer({"uid": 1, "shelf": 1})) == []


def test_a_recursive_schema_ends(tmp_path: Path) -> None:
    tree = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    }
    descriptions, operation = with_schema(tmp_path, {"$ref": "#/components/schemas/Tree"}, Tree=tree)

    found = differences(descriptions, operation, answer({"below": [{"below": [{"name": 1, "more": 2}]}]}))
    assert [(severity, pointer) for severity, pointer, _ in found] == [
        ("fail", "/below/0/below/0/name"),
        ("warn", "/below/0/below/0/more"),
    ]


@pytest.mark.parametrize("more", [True, {"type": "integer"}])
def test_a_map_may_have_any_key(tmp_path: Path, more: Any) -> None:
    descriptions, operation = with_schema(tmp_path, {"type": "object", "properties": {}, "additionalProperties": more})

    assert differences(descriptions, operation, answer({"anything": 1})) == []


def test_a_schema_that_two_versions_share_is_read_in_each(tmp_path: Path) -> None:
    shared = {"Kind": {"description": "", "content": {"application/json": {"schema": {"const": "x"}}}}}
    (tmp_path / "shared.json").write_text(json.dumps(shared), encoding="utf-8")
    for name, version in (("old", "3.0.3"), ("new", "3.1.0")):
        get = {"responses": {"200": {"$ref": "shared.json#/Kind"}}}
        described(tmp_path, {"openapi": version, "paths": {f"/{name}": {"get": get}}}, name=f"{name}.json")
    descriptions = Descriptions([tmp_path / "old.json", tmp_path / "new.json"], root=tmp_path)
    check = ResponseCheck(descriptions)

    found = [
        [mismatch.message for mismatch in check.mismatches(operation, answer("y"), Redactor())]
        for operation in descriptions.operations()
    ]
    assert found == [[], ["violates 'const' of the description"]]


def test_a_recursive_schema_follows_a_value_as_deep_as_values_are_read(tmp_path: Path) -> None:
    below = {"allOf": [{"$ref": "#/components/schemas/Node"}]}
    node = {"type": "object", "properties": {"below": below, "end": {"type": "integer"}}}
    descriptions, operation = with_schema(tmp_path, {"$ref": "#/components/schemas/Node"}, Node=node)
    value: dict[str, Any] = {"end": "x"}
    for _ in range(190):
        value = {"below": value}

    found = differences(descriptions, operation, answer(value))
    assert found == [("fail", "/below" * 190 + "/end", "has another type than described")]


def test_one_of_says_which_alternatives_match(tmp_path: Path) -> None:
    schema = {
        "oneOf": [
            {"$ref": "#/components/schemas/Cat"},
            {"title": "Dog", "type": "object"},
            {"type": "object"},
            {"type": "string"},
        ]
    }
    descriptions, operation = with_schema(tmp_path, schema, Cat={"type": "object"})

    assert differences(descriptions, operation, answer({})) == [
        ("fail", "", "matches several alternatives where one is described: Cat, Dog, no. 3")
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "object"}, {"$ref": "other.json"}]},
        {"not": {"$ref": "other.json"}},
        {"type": "object", "unevaluatedProperties": False, "allOf": [{"$ref": "other.json"}]},
        {"type": "object", "properties": {"a": {}}, "allOf": [{"$ref": "other.json"}]},
    ],
)
def test_what_cannot_be_read_forbids_nothing(tmp_path: Path, schema: dict[str, Any]) -> None:
    descriptions, operation = with_schema(tmp_path, schema)

    found = differences(descriptions, operation, answer({"b": 1}))
    assert [(severity, "no such file" in message) for severity, _, message in found] == [("warn", True)]


PAYMENT: dict[str, Any] = {
    "type": "object",
    "unevaluatedProperties": False,
    "properties": {"id": {"type": "string"}},
    "anyOf": [
        {
            "required": ["digits"],
            "properties": {"digits": {"type": "string"}, "cvc": {"type": "string", "writeOnly": True}},
        },
        {"required": ["iban"], "properties": {"iban": {"type": "string"}}},
    ],
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": "a", "iban": "x"}, []),
        ({"iban": "x", "bic": "y"}, [("", "has properties that the description does not allow: bic")]),
        # That a part is violated is no reason to call what it speaks of undescribed.
        (
            {"digits": "4", "cvc": "1"},
            [("/cvc", "is write-only and must not be in an answer (the closest of 2 alternatives)")],
        ),
        ({"iban": 1}, [("/iban", "has another type than described (the closest of 2 alternatives)")]),
        (
            {"iban": 1, "bic": "y"},
            [
                ("", "has properties that the description does not allow: bic"),
                ("/iban", "has another type than described (the closest of 2 alternatives)"),
            ],
        ),
    ],
)
def test_properties_that_no_part_of_a_schema_speaks_of(
    tmp_path: Path, value: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    descriptions, operation = with_schema(tmp_path, PAYMENT)

    found = differences(descriptions, operation, answer(value))
    assert [(pointer, message) for _, pointer, message in found] == expected
    assert {severity for severity, _, _ in found} <= {"fail"}


def test_properties_of_a_part_that_is_referred_to(tmp_path: Path) -> None:
    base = {"properties": {"id": {"type": "string"}, "made": {"type": "string"}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Base"}], "unevaluatedProperties": {"type": "integer"}}
    descriptions, operation = with_schema(tmp_path, schema, Base=base)

    assert differences(descriptions, operation, answer({"id": "a", "size": 1})) == []
    found = differences(descriptions, operation, answer({"id": 1, "made": "b", "size": "x"}))
    assert [(pointer, message) for _, pointer, message in found] == [
        ("/id", "has another type than described"),
        ("/size", "has another type than described"),
    ]

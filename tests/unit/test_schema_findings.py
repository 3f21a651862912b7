"""JSON Schemas in docs: what is wrong with them is found before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running_docs import write_doc

from pytest_endpoint_docs.loading import schema_findings
from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.loading.schema_findings import GoodSchemas

REQUEST = "---\nendpoint: GET /x\n---\n## Test Request\n\n```yaml\nsteps:\n  - {method: GET, path: /x}\n```\n\n"


def found(tmp_path: Path, schema: Any) -> list[tuple[str, int]]:
    text = json.dumps(schema, indent=1)
    doc = write_doc(tmp_path, f"{REQUEST}## Response Schema\n\n```json\n{text}\n```\n")
    return [(finding.message, finding.location.line - 13) for finding in doc.body.findings]


@pytest.mark.parametrize(
    ("schema", "message", "line"),
    [
        ({"type": "objct"}, 'unknown `type` "objct". Did you mean "object"?', 2),
        ({"type": ["string", "nul"]}, 'unknown `type` "nul". Did you mean "null"?', 2),
        (
            {"type": 3},
            "`type` must be one of null, boolean, object, array, number, string, integer, or a list of them",
            2,
        ),
        ({"type": "object", "required": "id"}, "`required` must be a list of names, but is the text", 3),
        ({"proprties": {}}, 'unknown keyword "proprties". Did you mean "properties"?', 2),
        (
            {"data": {"type": "object", "required": ["id"]}},
            'unknown keyword "data". If it is a property, put it below `properties`.',
            2,
        ),
        (
            {"id": {"type": "string"}, "type": "object"},
            "`id` must be text, but is a schema. If it is a property, put it below `properties`.",
            2,
        ),
        (
            {"type": "array", "items": {"title": {"type": "string"}}},
            "`title` must be text, but is a schema. If it is a property, put it below `properties`.",
            4,
        ),
        ({"properties": ["id"]}, "`properties` must be a mapping of names to schemas, but is a list.", 2),
        ({"properties": {"id": {"type": "uuid"}}}, 'unknown `type` "uuid". Known: array, boolean,', 4),
        ({"items": {"anyOf": []}}, "`anyOf` must be a list of one or more schemas", 3),
        ({"oneOf": [{}, {"minLength": -1}]}, "`minLength` must be a whole number from 0, but is -1.", 5),
        ({"pattern": "("}, "`pattern` must be a regular expression, but is the text", 2),
        ({"$ref": "#/definitions/thing"}, '`$ref` "#/definitions/thing" leads nowhere.', 2),
        ({"$ref": "#thing"}, '`$ref` "#thing" leads nowhere.', 2),
        (
            {"items": {"$ref": "schemas/thing.json"}},
            '`$ref` "schemas/thing.json" leads nowhere. Only parts of the schema itself are found: put them below',
            3,
        ),
        ({"$ref": "https://example.com/thing.json#/a"}, '`$ref` "https://example.com/thing.json#/a" leads nowhere.', 2),
    ],
)
def test_what_is_wrong_is_told_at_its_line(tmp_path: Path, schema: Any, message: str, line: int) -> None:
    ((told, at),) = found(tmp_path, schema)
    assert told.startswith(f"in a JSON Schema: {message}")
    assert at == line


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": "object", "required": [], "properties": {"tpye": {"const": {"type": "objct"}}}, "x-note": 1},
        {"$defs": {"a/b": {"type": "string"}}, "$ref": "#/$defs/a~1b", "remark": "for people"},
        {"remarks": {"author": "Ada", "type": "of a person"}, "x-field": {"type": "string"}, "type": "object"},
        {"$id": "https://example.com/s", "$ref": "#/elsewhere"},
        {"$ref": "#"},
        {"items": {"$ref": "#/thing"}, "thing": {"type": "object"}},
        {"$ref": "#thing", "$defs": {"a": {"$anchor": "thing"}}},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        {"$ref": "thing.json", "$defs": {"a": {"$id": "thing.json"}}},
        {"properties": {"id": {"type": "string"}, "next": {"$ref": "#/properties/id"}}},
        {"example": {"required": "id"}, "enum": [{"type": "objct"}], "nullable": True},
    ],
)
def test_schemas_without_a_flaw(tmp_path: Path, schema: Any) -> None:
    assert found(tmp_path, schema) == []


def test_the_schema_of_a_step_is_looked_at_too(tmp_path: Path) -> None:
    step = "{method: GET, path: /x, expect: {schema: {type: objct}}}"
    doc = write_doc(tmp_path, REQUEST.replace("{method: GET, path: /x}", step))
    (finding,) = doc.body.findings
    assert (finding.code, finding.location.line) == ("bad-schema", 8)


@pytest.mark.parametrize(
    "schema",
    [
        {"x-nullable": True, "x-enum": "a note", "x-type": "uuid"},
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]},
        {"pattern": r"^\p{L}+$"},
    ],
)
def test_what_is_right_is_not_objected_to(tmp_path: Path, schema: dict[str, Any]) -> None:
    assert found(tmp_path, schema) == []


def test_the_schemas_of_a_tuple_are_looked_at_too(tmp_path: Path) -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "strng"}]}
    ((message, _),) = found(tmp_path, schema)
    assert message.startswith('in a JSON Schema: unknown `type` "strng".')


def test_a_length_is_a_whole_number(tmp_path: Path) -> None:
    ((message, _),) = found(tmp_path, {"minLength": 2.5})
    assert message == "in a JSON Schema: `minLength` must be a whole number from 0, but is 2.5."


def test_a_schema_is_looked_through_once_however_many_references_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = []
    walk = schema_findings._objects
    monkeypatch.setattr(schema_findings, "_objects", lambda value: walks.append(value) or walk(value))
    schema = {"properties": {f"p{number}": {"$ref": "#/$defs/a"} for number in range(50)}, "$defs": {"a": {}}}
    assert found(tmp_path, schema) == []
    assert len(walks) == 1


def test_a_schema_that_docs_have_in_common_is_read_once_and_has_the_lines_of_each(tmp_path: Path) -> None:
    good = GoodSchemas()
    schema = '\n## Response Schema\n\n```json\n{\n  "type": "object",\n  "required": ["id"]\n}\n```\n'
    heads = ["---\nendpoint: GET /a\n---\n", "---\nendpoint: GET /b\n---\n# B\n\nMore.\n"]
    bodies = [parse_body(write_doc(tmp_path, head + schema), good) for head in heads]
    one, other = [body.response_schema for body in bodies if body.response_schema]

    assert one.schema is other.schema
    assert [one.at(pointer).line for pointer in ("/type", "/required/0")] == [9, 10]
    assert [other.at(pointer).line for pointer in ("/type", "/required/0")] == [12, 13]

"""Descriptions with one value that must not stand where it stands: told where it matters, and never a crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_library import answer, differences, doc, library, with_schema

from pytest_endpoint_docs.coverage.operation_coverage import find_coverage
from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.documents import DocumentStore, Node
from pytest_endpoint_docs.openapi.negatives import derive_negatives
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators
from pytest_endpoint_docs.redaction.redactor import Redactor

STEPS = """\
  - id: list
    method: GET
    path: "/books?shelf=3"
    extract: {first: "$.books[0].uid"}
    expect: {status: 200, body: {books: [{uid: b1}]}}
  - id: add
    method: POST
    path: /books
    body: {title: "{{title}}", kind: novel, more: {a: 1}}
"""
EXAMPLE = '\n## Expected Response (200)\n\n```json\n{"books": [{"uid": "..."}]}\n```\n'

OLD: dict[str, Any] = {
    "swagger": "2.0",
    "basePath": "/api",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "security": [{}],
    "paths": {
        "/books": {
            "parameters": [{"name": "shelf", "in": "query", "type": "integer", "required": True}],
            "get": {
                "responses": {
                    "200": {
                        "schema": {"properties": {"books": {"type": "array", "items": {"type": "string"}}}},
                        "headers": {"X-Total": {"type": "integer"}},
                    }
                }
            },
            "post": {
                "parameters": [
                    {"name": "b", "in": "body", "required": True, "schema": {"required": ["title"], "properties": {}}},
                    {"name": "scan", "in": "formData", "type": "file"},
                ],
                "responses": {"201": {"description": ""}},
            },
        }
    },
}


def new() -> dict[str, Any]:
    whole = library()
    del whole["paths"]["/books/latest"]  # it has nothing that "/books/{book_uid}" does not have
    books = whole["paths"]["/books"]
    books["servers"] = [{"url": "https://x/{base}", "variables": {"base": {"default": "api"}}}]
    books["get"]["responses"]["200"]["headers"] = {"X-Total": {"required": True, "schema": {"type": "integer"}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Book"}], "discriminator": {"propertyName": "kind"}}
    books["post"]["requestBody"]["content"] = {"application/json": {"schema": schema}}
    return whole


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from places(member, (*path, key))


def broken(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    whole = copy.deepcopy(value)
    around = whole
    for key in path[:-1]:
        around = around[key]
    around[path[-1]] = by
    return whole


def use(descriptions: Descriptions, about: EndpointDoc) -> None:
    find_drift([about], descriptions)
    find_coverage([about], descriptions)
    for operation in descriptions.operations():
        came = answer({"books": [{"uid": 1, "colour": "red"}]}, X_Total="many")
        list(ResponseCheck(descriptions).mismatches(operation, came, Redactor()))
        for case in cases_of(about):
            derive_negatives(case, about.body, operation)


@pytest.mark.parametrize("whole", [OLD, new()], ids=["2.0", "3.1"])
@pytest.mark.parametrize("by", [5, "x", True, {"$ref": "#/nowhere"}], ids=["number", "text", "true", "reference"])
def test_no_value_anywhere_ends_a_run(tmp_path: Path, whole: Any, by: Any) -> None:
    about = doc(tmp_path, "GET /books", STEPS, after=EXAMPLE)
    for place in places(whole):
        (tmp_path / "library.json").write_text(json.dumps(broken(whole, place, by)), encoding="utf-8")
        descriptions = Descriptions([tmp_path / "library.json"], root=tmp_path)
        try:
            use(descriptions, about)
        except Exception as error:
            error.add_note(f"with {by!r} at {place}")
            raise


@pytest.mark.parametrize(
    ("place", "by", "message"),
    [
        (("paths", "/books", "get", "responses", "200"), {"$ref": "#/nowhere"}, "has nothing at #/nowhere"),
        (
            ("paths", "/books", "post", "requestBody", "content", "application/json"),
            {"$ref": "#/nowhere"},
            "has nothing at #/nowhere",
        ),
        (
            ("paths", "/books", "post", "requestBody", "content", "application/json", "schema"),
            5,
            "a schema is an object, but this is 5",
        ),
        (
            ("components", "schemas", "Book", "properties", "required"),
            ["title"],
            "(a list of names belongs beside 'properties'); 'properties' is left out",
        ),
        (("components",), "x", "has nothing at #/components/schemas/Book"),
    ],
)
def test_what_is_broken_is_told(tmp_path: Path, place: tuple[Any, ...], by: Any, message: str) -> None:
    (tmp_path / "library.json").write_text(json.dumps(broken(new(), place, by)), encoding="utf-8")
    about = doc(tmp_path, "GET /books", STEPS)
    found = find_drift([about], Descriptions([tmp_path / "library.json"], root=tmp_path))
    assert message in "\n".join(finding.message for finding in found if finding.kind == "description-fault")


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    "schema",
    [
        {"patternProperties": {"(": {}}, "additionalProperties": False},
        {"properties": 5, "additionalProperties": False},
        {"unevaluatedProperties": None, "if": 1, "contains": "x", "propertyNames": 1},
        {"properties": {"a": 1}, "unevaluatedProperties": False},
        {"dependentSchemas": [1], "dependentRequired": 5, "dependencies": 5, "prefixItems": 3, "minContains": "a"},
        {"dependentRequired": {"a": 5}, "dependencies": {"a": "b"}},
    ],
)
def test_a_keyword_without_its_form_is_told_and_left_out(tmp_path: Path, version: str, schema: dict[str, Any]) -> None:
    for value in ({"a": 1}, [1]):
        descriptions, operation = with_schema(tmp_path, schema, version=version)
        found = differences(descriptions, operation, answer(value))
        assert {severity for severity, _, _ in found} == {"warn"}


def test_schemas_that_lead_to_each_other_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"S{number}" for number in range(20)]
    ring = {
        name: {"properties": {"next": {"$ref": f"#/components/schemas/S{(number + 1) % 20}"}, "wrong": {"type": "txt"}}}
        for number, name in enumerate(names)
    }
    _, operation = with_schema(
        tmp_path, {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}, **ring
    )
    followed: list[str] = []
    follow = DocumentStore.follow

    def counted(store: DocumentStore, node: Node, reference: str) -> Node:
        followed.append(node.source)
        return follow(store, node, reference)

    monkeypatch.setattr(DocumentStore, "follow", counted)
    validators = SchemaValidators()
    schema = next(iter(operation.responses["200"].content.values()))
    assert schema is not None
    alternatives = [each for _, each in schema.step("oneOf").children()]  # type: ignore[union-attr]

    told = [{fault.source for fault in validators.faults(each)} for each in alternatives]

    assert [len(sources) for sources in told] == [20] * 20
    assert len(followed) == len(set(followed)) == 40

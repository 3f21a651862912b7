"""Answers against descriptions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from checked_answers import answered
from openapi_library import answer, described, differences, with_schema

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.redaction.redactor import Redactor

GOOD = {"uid": "b1", "title": "T", "kind": "novel", "pages": 3, "published": "2026-02-03", "subtitle": None}


def of_book(tmp_path: Path, response: Response) -> list[tuple[str, str, str]]:
    descriptions = described(tmp_path)
    operation = descriptions.match("GET", "/books/{x}")
    assert operation is not None
    return differences(descriptions, operation, response)


def test_a_good_answer_has_no_difference(tmp_path: Path) -> None:
    assert of_book(tmp_path, answer(GOOD)) == []


@pytest.mark.parametrize(
    ("change", "severity", "pointer", "message"),
    [
        ({"title": None}, "fail", "/title", "another type"),
        ({"pages": "3"}, "fail", "/pages", "another type"),
        ({"kind": "poem"}, "fail", "/kind", "not among"),
        ({"published": "yesterday"}, "fail", "/published", "format"),
        ({"pages": 0}, "fail", "/pages", "minimum"),
        ({"shelf_code": "x"}, "fail", "/shelf_code", "write-only"),
        ({"colour": "red"}, "warn", "/colour", "is not described"),
        ({"tags": ["a", 1]}, "fail", "/tags/1", "another type"),
    ],
)
def test_a_difference_is_told_at_its_place(
    tmp_path: Path, change: dict[str, Any], severity: str, pointer: str, message: str
) -> None:
    found = of_book(tmp_path, answer({**GOOD, **change}))

    assert [(one, where) for one, where, _ in found] == [(severity, pointer)]
    assert message in found[0][2]


def test_members_of_a_map_have_the_properties_that_its_schema_describes(tmp_path: Path) -> None:
    file = {"type": "object", "properties": {"size": {"type": "integer"}}}
    maps = {"files": {"additionalProperties": file}, "other": {"patternProperties": {"^a": file}}}
    descriptions, operation = with_schema(tmp_path, {"type": "object", "properties": maps})
    files = {"a.txt": {"size": 1, "colour": "red"}, "b.txt": {"size": 2, "colour": "blue"}}

    found = differences(descriptions, operation, answer({"files": files, "other": {"a": {"colour": 1}}}))

    assert found == [("warn", "/files/a.txt/colour", "is not described")]


@pytest.mark.parametrize(
    ("key", "told"), [("200", "200"), ("2XX", "200 (described as '2XX')"), ("default", "200 (described as 'default')")]
)
def test_the_status_of_a_media_type_is_that_of_the_answer(tmp_path: Path, key: str, told: str) -> None:
    responses = {key: {"description": "", "content": {"application/json": {}}}}
    descriptions = described(tmp_path, {"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": responses}}}})
    operation = descriptions.match("GET", "/a")
    assert operation is not None

    found = differences(descriptions, operation, answer(b"<p>", Content_Type="text/html"))

    assert found == [("fail", "Content-Type", f"the media type is not described for status {told}")]


def test_an_answer_that_declares_no_media_type_is_not_said_to_declare_one(tmp_path: Path) -> None:
    descriptions = described(tmp_path)
    operation = descriptions.match("GET", "/books/{x}")
    assert operation is not None
    silent = Response(status_code=200, content=b'"a text"')

    (found,) = ResponseCheck(descriptions).mismatches(operation, silent, Redactor())

    assert (found.kind, found.actual) == ("media-type", "no Content-Type")


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"minimum": 5, "exclusiveMinimum": True}, 5, ["more than 5"]),
        ({"maximum": 5, "exclusiveMaximum": True}, 5, ["less than 5"]),
        ({"minimum": 5, "exclusiveMinimum": True}, 6, []),
        ({"maximum": 5, "exclusiveMaximum": True}, 4, []),
        ({"maximum": 5, "exclusiveMaximum": False}, 5, []),
        ({"exclusiveMinimum": 5}, 5, ["exclusiveMinimum 5"]),
        ({"exclusiveMaximum": 5}, 5, ["exclusiveMaximum 5"]),
        ({"exclusiveMaximum": 5}, 4.5, []),
        ({"minimum": 5, "exclusiveMinimum": 3}, 5, []),
        ({"exclusiveMaximum": True}, 7, []),
        ({"minimum": 5}, 4, ["minimum 5"]),
        ({"multipleOf": 0.01}, 19.99, []),
        ({"multipleOf": 0.01}, 1e300, []),
        ({"multipleOf": 0.01}, 19.999, ["multipleOf 0.01"]),
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_numbers(tmp_path: Path, version: str, schema: dict[str, Any], value: float, expected: list[str]) -> None:
    descriptions, operation = with_schema(tmp_path, {"type": "number", **schema}, version=version)
    found = ResponseCheck(descriptions).mismatches(operation, answer(value), Redactor())
    assert [mismatch.expected for mismatch in found] == expected


def test_every_difference_is_told(tmp_path: Path) -> None:
    found = of_book(tmp_path, answer({"pages": "3", "colour": 1}))

    assert [pointer for _, pointer, _ in found] == ["/uid", "/title", "/pages", "/colour"]


def test_properties_that_may_not_be_there_are_named(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"uid": {}}, "additionalProperties": False}
    descriptions, operation = with_schema(tmp_path, schema)
    found = differences(descriptions, operation, answer({"uid": 1, "colour": 2, "size": 3}))
    assert found == [("fail", "", "has properties that the description does not allow: colour, size")]


def test_the_source_is_the_place_in_the_description(tmp_path: Path) -> None:
    descriptions = described(tmp_path)
    operation = descriptions.match("GET", "/books")
    assert operation is not None
    found = list(
        ResponseCheck(descriptions).mismatches(operation, answer({"books": [{**GOOD, "pages": "3"}]}), Redactor())
    )

    assert [(mismatch.pointer, mismatch.source) for mismatch in found] == [
        ("/books/0/pages", "library.json#/components/schemas/Book/properties/pages/type")
    ]


def test_values_of_secret_fields_are_masked(tmp_path: Path) -> None:
    descriptions, operation = with_schema(
        tmp_path, {"type": "object", "properties": {"access_token": {"type": "integer"}}}
    )
    found = list(ResponseCheck(descriptions).mismatches(operation, answer({"access_token": "t0p-secret"}), Redactor()))

    assert len(found) == 1
    assert "t0p-secret" not in repr(found)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (answer({}, 500), "status 500 is not described"),
        (Response(status_code=200, content=b"<p>", headers=HeaderFields({"Content-Type": "text/html"})), "media type"),
        (answer(b"{not json"), "is not JSON"),
        (Response(status_code=200), "no content"),
    ],
)
def test_status_media_type_and_content(tmp_path: Path, response: Response, message: str) -> None:
    found = of_book(tmp_path, response)

    assert [severity for severity, _, _ in found] == ["fail"]
    assert message in found[0][2]


def test_why_a_content_is_not_json(tmp_path: Path) -> None:
    descriptions, operation = with_schema(tmp_path, {"type": "number"})
    (found,) = ResponseCheck(descriptions).mismatches(operation, answer(b"NaN"), Redactor())
    assert found.actual == "content of type application/json that is not JSON: NaN is not a JSON value"


def test_a_status_without_described_content_takes_any(tmp_path: Path) -> None:
    assert of_book(tmp_path, answer({"whatever": 1}, 404)) == []


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_that_has_no_content_needs_none(tmp_path: Path, status: int) -> None:
    content = {"application/json": {"schema": {"type": "object"}}}
    get = {"responses": {"default": {"description": "", "content": content}}}
    descriptions = described(tmp_path, {"openapi": "3.1.0", "paths": {"/thing": {"get": get}}})
    operation = descriptions.match("GET", "/thing")
    assert operation is not None
    assert differences(descriptions, operation, Response(status_code=status)) == []


def test_a_status_by_range_and_by_default(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"type": "object", "required": ["a"]}}}
    responses = {"2XX": {"description": "", "content": content}, "default": {"description": ""}}
    descriptions = described(tmp_path, {"openapi": "3.0.0", "paths": {"/x": {"get": {"responses": responses}}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None

    assert [pointer for _, pointer, _ in differences(descriptions, operation, answer({}, 202))] == ["/a"]
    assert differences(descriptions, operation, answer({}, 503)) == []


def test_required_header_fields(tmp_path: Path) -> None:
    headers = {"X-Total": {"required": True, "schema": {"type": "integer"}}}
    responses = {"200": {"description": "", "headers": headers}}
    descriptions = described(tmp_path, {"openapi": "3.0.0", "paths": {"/x": {"get": {"responses": responses}}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None

    assert differences(descriptions, operation, answer({}, X_Total="12")) == []
    assert [pointer for _, pointer, _ in differences(descriptions, operation, answer({}))] == ["X-Total"]
    assert [pointer for _, pointer, _ in differences(descriptions, operation, answer({}, X_Total="many"))] == [
        "X-Total"
    ]


def test_a_schema_that_is_wrong_warns_and_the_rest_still_counts(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "sting"}, "b": {"type": "string", "required": True}, "c": {"$ref": "#/nowhere"}},
    }
    descriptions, operation = with_schema(tmp_path, schema)

    found = differences(descriptions, operation, answer({"a": 1, "b": 2, "c": 3}))
    assert [(severity, pointer) for severity, pointer, _ in found] == [
        ("warn", ""),
        ("warn", ""),
        ("warn", ""),
        ("fail", "/b"),
    ]
    assert "belongs beside 'properties'" in "".join(message for _, _, message in found)


def test_strict_fails_for_what_else_warns(tmp_path: Path) -> None:
    descriptions = described(tmp_path)
    operation = descriptions.match("GET", "/books/{x}")
    assert operation is not None

    found = ResponseCheck(descriptions, strict=True).mismatches(operation, answer({**GOOD, "colour": 1}), Redactor())
    assert [mismatch.severity for mismatch in found] == ["fail"]


def test_that_no_description_has_a_request_is_not_told_of_its_answer(tmp_path: Path) -> None:
    whole = {"openapi": "3.1.0", "paths": {"/nothing/like/it": {"get": {"responses": {}}}}}

    assert ResponseCheck(described(tmp_path, whole))(answered({"error": "x"})) == []


@pytest.mark.parametrize("strict", [False, True])
def test_only_the_tested_request_fails(tmp_path: Path, *, strict: bool) -> None:
    things = {"type": "array", "items": {"type": "string"}}
    response = {"description": "", "content": {"application/json": {"schema": things}}}
    whole = {"openapi": "3.1.0", "paths": {"/things": {"get": {"responses": {"200": response}}}}}
    check = ResponseCheck(described(tmp_path, whole), strict=strict)
    given = answered([1])

    assert [found.severity for found in check(given)] == ["fail"]
    assert [found.severity for found in check(replace(given, is_tested=False))] == ["warn"]


@pytest.mark.parametrize(
    ("expect", "strict", "severity"),
    [
        ({}, False, "fail"),
        ({"statuses": (200,)}, False, "fail"),
        ({"statuses": (200, 202)}, False, "warn"),
        ({"statuses": (200, 202)}, True, "fail"),
    ],
)
def test_an_undescribed_status_that_the_doc_expects_is_drift(
    tmp_path: Path, expect: dict[str, Any], severity: str, *, strict: bool
) -> None:
    whole = {"openapi": "3.1.0", "paths": {"/things": {"get": {"responses": {"200": {"description": ""}}}}}}
    found = ResponseCheck(described(tmp_path, whole), strict=strict)(answered({}, status=202, expect=expect))

    assert [(one.kind, one.severity) for one in found] == [("status", severity)]

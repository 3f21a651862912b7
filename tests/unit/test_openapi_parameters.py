"""Parameters of requests and header fields of answers, in every place, style and media type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import answer, described, differences

from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.openapi.request_check import RequestCheck
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.redaction.redactor import Redactor

INTEGER = {"type": "integer"}
INTEGERS = {"type": "array", "items": INTEGER}
COLOUR = {"type": "object", "properties": {"r": INTEGER, "g": INTEGER}, "additionalProperties": False}
JSON_COLOUR = {"content": {"application/json": {"schema": {**COLOUR, "required": ["r"]}}}}


def told(
    folder: Path, parameters: list[dict[str, Any]], path: str, template: str = "/books", **headers: str
) -> list[tuple[str, str, str, str]]:
    """(pointer, message, expected, actual) of every difference of a request with these parameters."""
    operation = {"parameters": parameters, "responses": {"200": {"description": ""}}}
    descriptions = described(folder, {"openapi": "3.0.3", "paths": {template: {"get": operation}}})
    request = Request(method="GET", url=f"http://127.0.0.1{path}", path=path, headers=headers)
    found = descriptions.match("GET", path)
    assert found is not None
    return [
        (each.pointer, each.message, each.expected, each.actual)
        for each in RequestCheck(descriptions, Redactor()).mismatches(found, request)
    ]


def pointers(
    folder: Path, parameters: list[dict[str, Any]], path: str, template: str = "/books", **headers: str
) -> list[str]:
    return [pointer for pointer, *_ in told(folder, parameters, path, template, **headers)]


@pytest.mark.parametrize(
    ("style", "explode", "schema", "segment", "expected"),
    [
        ("simple", False, INTEGER, "5", []),
        ("simple", False, INTEGERS, "3,x", ["/path/id/1"]),
        ("simple", False, COLOUR, "r,1,g,2", []),
        ("simple", False, COLOUR, "r,x", ["/path/id/r"]),
        ("simple", False, COLOUR, "r,1,g", ["/path/id"]),
        ("simple", True, COLOUR, "r=1,g=2", []),
        ("simple", True, COLOUR, "r=1,g=x", ["/path/id/g"]),
        ("simple", True, COLOUR, "r,1", ["/path/id"]),
        ("label", False, INTEGER, ".5", []),
        ("label", False, INTEGER, ".x", ["/path/id"]),
        ("label", False, INTEGER, "5", ["/path/id"]),
        ("label", False, INTEGERS, ".3,4", []),
        ("label", False, INTEGERS, ".3.4", []),
        ("label", False, INTEGERS, ".3,x", ["/path/id/1"]),
        ("label", True, INTEGERS, ".3.4", []),
        ("label", True, INTEGERS, ".3.x", ["/path/id/1"]),
        ("label", False, COLOUR, ".r,1", []),
        ("label", False, COLOUR, ".r,x", ["/path/id/r"]),
        ("label", True, COLOUR, ".r=1.g=2", []),
        ("label", True, COLOUR, ".r=x", ["/path/id/r"]),
        ("matrix", False, INTEGER, ";id=5", []),
        ("matrix", False, INTEGER, ";id=x", ["/path/id"]),
        ("matrix", False, INTEGER, ";no=5", ["/path/id"]),
        ("matrix", False, INTEGERS, ";id=3,4", []),
        ("matrix", False, INTEGERS, ";id=3,x", ["/path/id/1"]),
        ("matrix", True, INTEGERS, ";id=3;id=4", []),
        ("matrix", True, INTEGERS, ";id=3;id=x", ["/path/id/1"]),
        ("matrix", False, COLOUR, ";id=r,1", []),
        ("matrix", False, COLOUR, ";id=r,x", ["/path/id/r"]),
        ("matrix", True, COLOUR, ";r=1;g=2", []),
        ("matrix", True, COLOUR, ";r=x", ["/path/id/r"]),
        ("matrix", True, COLOUR, ";b=1", ["/path/id"]),
    ],
)
def test_path_parameters_of_every_style(
    tmp_path: Path, style: str, schema: dict[str, Any], segment: str, expected: list[str], *, explode: bool
) -> None:
    parameter = {"name": "id", "in": "path", "required": True, "style": style, "explode": explode, "schema": schema}
    assert pointers(tmp_path, [parameter], f"/books/{segment}", "/books/{id}") == expected


def test_a_style_says_how_the_value_is_written(tmp_path: Path) -> None:
    parameter = {"name": "id", "in": "path", "required": True, "style": "matrix", "schema": INTEGER}
    assert told(tmp_path, [parameter], "/books/5", "/books/{id}") == [
        (
            "/path/id",
            "path parameter 'id' is not written in the described style",
            ";id=value (style matrix)",
            '"5" (string)',
        )
    ]


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/books/{id}.json", "/books/5.json", []),
        ("/books/{id}.json", "/books/five.json", ["/path/id"]),
        ("/books/{id}-{to}", "/books/1-2", []),
        ("/books/{id}-{to}", "/books/1-two", ["/path/to"]),
        ("/books/{id}-{to}", "/books/1-2-3", []),
        ("/books/{id}:read", "/books/x:read", ["/path/id"]),
    ],
)
def test_parameters_that_are_a_part_of_a_segment(tmp_path: Path, template: str, path: str, expected: list[str]) -> None:
    parameters = [{"name": name, "in": "path", "required": True, "schema": INTEGER} for name in ("id", "to")]
    assert pointers(tmp_path, parameters, path, template) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('f={"r":1}', []),
        ("f=%7B%22r%22%3A1%7D", []),
        ('f={"r":"x"}', ["/query/f/r"]),
        ('f={"g":1}', ["/query/f/r"]),
        ("f=r,1", ["/query/f"]),
        ("", ["/query/f"]),
    ],
)
def test_a_query_parameter_that_is_json(tmp_path: Path, query: str, expected: list[str]) -> None:
    parameter = {"name": "f", "in": "query", "required": True, **JSON_COLOUR}
    assert pointers(tmp_path, [parameter], f"/books?{query}") == expected


def test_the_member_of_a_parameter_that_is_wrong_is_named(tmp_path: Path) -> None:
    parameters = [{"name": "f", "in": "query", **JSON_COLOUR}, {"name": "n", "in": "query", "schema": INTEGERS}]
    found = told(tmp_path, parameters, '/books?f={"g":1}&n=1&n=x')
    assert [message for _, message, _, _ in found] == [
        "query parameter 'f': /r is missing",
        "query parameter 'n' has another type than described",
    ]


@pytest.mark.parametrize(
    ("parameter", "query", "expected"),
    [
        ({"explode": False, "schema": COLOUR}, "f=r,1", []),
        ({"explode": False, "schema": COLOUR}, "f=r,x", ["/query/f/r"]),
        ({"style": "pipeDelimited", "explode": False, "schema": COLOUR}, "f=r|x", ["/query/f/r"]),
        ({"style": "deepObject", "schema": {"type": "object", "additionalProperties": INTEGER}}, "f[any]=1", []),
        (
            {"style": "deepObject", "schema": {"type": "object", "additionalProperties": INTEGER}},
            "f[a]=x",
            ["/query/f[a]"],
        ),
        ({"schema": {"type": "integer", "nullable": True}}, "f=", []),
        ({"schema": {"anyOf": [INTEGER, {"type": "string", "enum": ["all"]}]}}, "f=5", []),
        ({"schema": {"anyOf": [INTEGER, {"type": "string", "enum": ["all"]}]}}, "f=all", []),
        ({"schema": {"anyOf": [INTEGER, {"type": "string", "enum": ["all"]}]}}, "f=none", ["/query/f"]),
        ({"schema": {"oneOf": [INTEGER, {"type": "array", "items": {"type": "string"}}]}}, "f=5", []),
        ({"schema": {"enum": [1, 2]}}, "f=2", []),
        ({"schema": {"enum": [1, 2]}}, "f=3", ["/query/f"]),
        ({"schema": {"type": "number"}}, "f=1.5e-3", []),
        ({"schema": {"type": "number"}}, "f=nan", ["/query/f"]),
        ({"schema": {"type": "integer"}}, "f=1_0", ["/query/f"]),
        ({"schema": {"oneOf": [{"type": "string", "maxLength": 3}, COLOUR]}}, "f=abc", []),
        ({"schema": {"oneOf": [{"type": "string", "maxLength": 3}, COLOUR]}}, "f=abcd", ["/query/f"]),
    ],
)
def test_a_text_is_read_as_its_schema_says(
    tmp_path: Path, parameter: dict[str, Any], query: str, expected: list[str]
) -> None:
    assert pointers(tmp_path, [{"name": "f", "in": "query", **parameter}], f"/books?{query}") == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, [("/headers/Cookie", "missing")]),
        ("other=1", [("/headers/Cookie", "missing")]),
        ("other=1; shelf=3", []),
        ('shelf="3"', []),
        ("shelf=third", [("/headers/Cookie", "***")]),
        ("{{session}}", []),
        ("shelf={{shelf}}", []),
    ],
)
def test_cookies(tmp_path: Path, field: str | None, expected: list[tuple[str, str]]) -> None:
    parameter = {"name": "shelf", "in": "cookie", "required": True, "schema": INTEGER}
    headers = {} if field is None else {"Cookie": field}
    found = told(tmp_path, [parameter], "/books", **headers)
    assert [(pointer, actual) for pointer, _, _, actual in found] == expected
    assert all("cookie 'shelf'" in message for _, message, _, _ in found)


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ({"schema": COLOUR}, "r,1,g,2", []),
        ({"schema": COLOUR}, "r,x", ["/headers/X-Colour/r"]),
        ({"schema": COLOUR}, "r=1,g=2", ["/headers/X-Colour"]),
        ({"schema": COLOUR, "explode": True}, "r=1, g=x", ["/headers/X-Colour/g"]),
        (JSON_COLOUR, '{"r": 1}', []),
        (JSON_COLOUR, '{"r": "x"}', ["/headers/X-Colour/r"]),
    ],
)
def test_header_fields_of_requests(tmp_path: Path, parameter: dict[str, Any], value: str, expected: list[str]) -> None:
    parameters = [{"name": "X-Colour", "in": "header", **parameter}]
    assert pointers(tmp_path, parameters, "/books", **{"X-Colour": value}) == expected


def test_values_of_secret_parameters_are_masked(tmp_path: Path) -> None:
    parameters = [
        {"name": "access_token", "in": "query", "schema": INTEGER},
        {"name": "api_keys", "in": "query", "explode": False, "schema": INTEGERS},
    ]
    found = told(tmp_path, parameters, "/books?access_token=hidden-1&api_keys=hidden-2")
    assert len(found) == 2
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(
    ("cookies", "is_found"),
    [
        ("session=1; Path=/", True),
        ("theme=dark; Expires=Wed, 21 Oct 2026 07:28:00 GMT, session=1", True),
        ("theme=dark, language=en", False),
    ],
)
def test_one_of_several_cookies_is_as_described(tmp_path: Path, cookies: str, *, is_found: bool) -> None:
    headers = {"Set-Cookie": {"schema": {"type": "string", "pattern": "^session="}}}
    get = {"responses": {"200": {"description": "", "headers": headers}}}
    descriptions = described(tmp_path, {"openapi": "3.1.0", "paths": {"/x": {"get": get}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None
    found = ResponseCheck(descriptions).mismatches(operation, answer({}, Set_Cookie=cookies), Redactor())
    assert [mismatch.actual for mismatch in found] == ([] if is_found else ["***"])


def test_a_fault_of_the_schema_of_a_header_field_is_told(tmp_path: Path) -> None:
    headers = {"X-Colour": {"schema": {"type": "colour"}}}
    get = {"responses": {"200": {"description": "", "headers": headers}}}
    descriptions = described(tmp_path, {"openapi": "3.1.0", "paths": {"/x": {"get": get}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None
    found = differences(descriptions, operation, answer({}, X_Colour="red"))
    assert [severity for severity, *_ in found] == ["warn"]
    assert "'type' cannot be \"colour\"" in found[0][2]


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ({"schema": INTEGERS}, "1, 2", []),
        ({"schema": INTEGERS}, "1, x", ["fail"]),
        ({"schema": COLOUR}, "r,1", []),
        ({"schema": COLOUR}, "r,x", ["fail"]),
        ({"schema": COLOUR, "explode": True}, "r=1", []),
        ({"schema": COLOUR, "explode": True}, "r=x", ["fail"]),
        (JSON_COLOUR, '{"r": 1}', []),
        (JSON_COLOUR, '{"r": "x"}', ["fail"]),
        (JSON_COLOUR, "red", ["fail"]),
        ({"content": {"text/plain": {"schema": INTEGER}}}, "red", ["fail"]),
        ({"content": {"text/plain": {"schema": COLOUR}}}, "red", []),
    ],
)
def test_header_fields_of_answers(tmp_path: Path, header: dict[str, Any], value: str, expected: list[str]) -> None:
    response = {"description": "", "headers": {"X-Colour": header}}
    descriptions = described(tmp_path, {"openapi": "3.0.3", "paths": {"/x": {"get": {"responses": {"200": response}}}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None
    found = differences(descriptions, operation, answer({}, X_Colour=value))
    assert [(severity, pointer) for severity, pointer, _ in found] == [(each, "X-Colour") for each in expected]

"""Requests against descriptions, before they are sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_library import BOOK, described, doc

from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.request_check import RequestCheck, asks_by_description
from pytest_endpoint_docs.openapi.request_parts import asks_on_behalf_of
from pytest_endpoint_docs.redaction.redactor import Redactor


def told(tmp_path: Path, method: str, path: str, **more: Any) -> list[tuple[str, str]]:
    request = Request(method=method, url=f"http://127.0.0.1/api{path}", path=path, **more)
    found = mismatches(described(tmp_path), request)
    return [(mismatch.severity, mismatch.pointer) for mismatch in found]


def mismatches(descriptions: Descriptions, request: Request) -> list[Mismatch]:
    operation = descriptions.match(request.method, request.path)
    assert operation is not None
    return list(RequestCheck(descriptions, Redactor()).mismatches(operation, request))


def test_a_good_request_has_no_difference(tmp_path: Path) -> None:
    assert told(tmp_path, "GET", "/books", params=(("shelf", "3"), ("kind", "novel"))) == []
    assert told(tmp_path, "POST", "/books", body={"title": "T"}, has_body=True) == []


@pytest.mark.parametrize(
    ("params", "pointers"),
    [
        ((), ["/query/shelf"]),
        ((("shelf", "third"),), ["/query/shelf"]),
        ((("shelf", "3"), ("kind", "poem")), ["/query/kind"]),
        ((("shelf", "3"), ("page", "2")), ["/query/page"]),
    ],
)
def test_query_parameters(tmp_path: Path, params: tuple[tuple[str, str], ...], pointers: list[str]) -> None:
    assert told(tmp_path, "GET", "/books", params=params) == [("warn", pointer) for pointer in pointers]


def test_the_query_of_the_path_counts(tmp_path: Path) -> None:
    assert told(tmp_path, "GET", "/books?shelf=3") == []


@pytest.mark.parametrize(("path", "pointers"), [("/", []), ("/api/", []), ("/api", ["/path"])])
def test_the_root_has_one_slash(tmp_path: Path, path: str, pointers: list[str]) -> None:
    paths = {"/": {"get": {"responses": {"200": {"description": ""}}}}}
    descriptions = described(tmp_path, {"openapi": "3.0.0", "servers": [{"url": "/api"}], "paths": paths})
    request = Request(method="GET", url=f"http://127.0.0.1{path}", path=path)
    assert [found.pointer for found in mismatches(descriptions, request)] == pointers


INTEGERS = {"type": "array", "items": {"type": "integer"}}
MEMBERS = {
    "type": "object",
    "properties": {"shelf": {"type": "integer"}, "of": {"type": "object"}},
    "additionalProperties": False,
}
OPEN_MEMBERS = {"type": "object", "properties": {"shelf": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("parameter", "query", "pointers"),
    [
        ({"schema": INTEGERS}, "f=1&f=2", []),
        ({"schema": INTEGERS}, "f=1,2", ["/query/f/0"]),
        ({"schema": INTEGERS, "explode": False}, "f=1,2", []),
        ({"schema": INTEGERS, "explode": False}, "f=1&f=2", ["/query/f"]),
        ({"schema": INTEGERS, "explode": False}, "f[]=1&f[]=2", ["/query/f"]),
        ({"schema": INTEGERS, "style": "pipeDelimited", "explode": False}, "f=1|x", ["/query/f/1"]),
        ({"schema": {"type": "integer"}, "allowEmptyValue": True}, "f=", []),
        ({"schema": {"type": "integer"}}, "f=", ["/query/f"]),
        ({"schema": {"type": "integer"}}, "f=1&f=2", ["/query/f"]),
        ({"schema": {}}, "f=1&f=2", []),
        ({"schema": {"type": "integer", "readOnly": True}}, "f=1", []),
        ({"schema": {"type": "array", "items": {"type": "integer", "readOnly": True}}}, "f=1", []),
        ({"schema": MEMBERS, "style": "deepObject"}, "f[shelf]=3", []),
        ({"schema": MEMBERS, "style": "deepObject"}, "f[shelf]=third", ["/query/f[shelf]"]),
        ({"schema": MEMBERS, "style": "deepObject"}, "f[shelf]=third&f[of][floor]=1", []),
        (
            {"schema": {**MEMBERS, "required": ["shelf"]}, "style": "deepObject"},
            "f[floor]=1",
            ["/query/f[floor]", "/query/f[shelf]"],
        ),
        ({"schema": OPEN_MEMBERS, "style": "deepObject"}, "f[shelf]=3&f[floor]=1", ["/query/f[floor]"]),
        ({"schema": OPEN_MEMBERS, "style": "deepObject"}, "f[shelf]=3&f[{{any}}]=1", []),
        ({"schema": MEMBERS}, "shelf=3", []),
        ({"schema": MEMBERS}, "shelf=third", ["/query/shelf"]),
        ({"schema": MEMBERS}, "floor=3", ["/query/floor"]),
        ({"schema": MEMBERS, "required": True}, "", ["/query/f"]),
        ({"schema": {"type": "object"}}, "any=3", []),
        ({"schema": MEMBERS}, "f[shelf]=third", []),
    ],
)
def test_query_parameters_of_every_style(
    tmp_path: Path, parameter: dict[str, Any], query: str, pointers: list[str]
) -> None:
    operation = {"parameters": [{"name": "f", "in": "query", **parameter}], "responses": {"200": {"description": ""}}}
    descriptions = described(tmp_path, {"openapi": "3.0.0", "paths": {"/books": {"get": operation}}})
    request = Request(method="GET", url=f"http://127.0.0.1/books?{query}", path=f"/books?{query}")
    assert [found.pointer for found in mismatches(descriptions, request)] == pointers


def test_values_in_one_text_are_apart_by_commas_where_nothing_else_is_said(tmp_path: Path) -> None:
    ids = {"name": "ids", "in": "path", "required": True, "schema": INTEGERS}
    shelves = {"name": "X-Shelves", "in": "header", "schema": INTEGERS}
    newer = {"parameters": [ids, shelves], "responses": {"200": {"description": ""}}}
    older = {"parameters": [{"name": "ids", "in": "query", **INTEGERS}], "responses": {"200": {"description": ""}}}
    descriptions = described(tmp_path, {"openapi": "3.0.0", "paths": {"/books/{ids}": {"get": newer}}})
    request = Request(method="GET", url="http://127.0.0.1/books/1,2", path="/books/1,2", headers={"X-Shelves": "3,4"})
    assert mismatches(descriptions, request) == []
    descriptions = described(tmp_path, {"swagger": "2.0", "paths": {"/books": {"get": older}}}, name="older.json")
    request = Request(method="GET", url="http://127.0.0.1/books?ids=1,2", path="/books?ids=1,2")
    assert mismatches(descriptions, request) == []


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/body/title"]),
        ({"title": "T", "uid": "mine"}, ["/body/uid"]),
        ({"title": "T", "pages": "many"}, ["/body/pages"]),
        ({"title": "T", "colour": "red"}, ["/body/colour"]),
        ({"title": "T", "subtitle": None}, []),
    ],
)
def test_bodies(tmp_path: Path, body: Any, pointers: list[str]) -> None:
    assert told(tmp_path, "POST", "/books", body=body, has_body=True) == [("warn", pointer) for pointer in pointers]


def test_a_body_that_is_missing_and_one_of_another_type(tmp_path: Path) -> None:
    assert told(tmp_path, "POST", "/books") == [("warn", "/body")]
    assert told(tmp_path, "POST", "/books", body={"title": "T"}, has_body=True, content_type="form") == [
        ("warn", "/body")
    ]


@pytest.mark.parametrize(("is_tested", "severity"), [(True, "fail"), (False, "warn")])
def test_strict_fails_the_tested_request(tmp_path: Path, severity: str, *, is_tested: bool) -> None:
    about = doc(tmp_path, "GET /books", "  - id: a\n    method: GET\n    path: /books\n")
    request = Request(method="GET", url="http://127.0.0.1/books", path="/books")
    check = RequestCheck(described(tmp_path), Redactor(), strict=True)

    found = check(cases_of(about)[0], about.body.requests[0].steps[0], request, is_tested=is_tested)
    assert [(one.severity, one.pointer) for one in found] == [(severity, "/query/shelf")]


def test_header_fields_and_who_asks_for_them(tmp_path: Path) -> None:
    descriptions = described(tmp_path)
    delete, get = descriptions.match("DELETE", "/books/{x}"), descriptions.match("GET", "/books/{x}")
    assert delete is not None
    assert get is not None

    assert asks_on_behalf_of(delete, "x-on-behalf-of")
    assert not asks_on_behalf_of(get, "X-On-Behalf-Of")
    assert not asks_on_behalf_of(delete, "X-Acting-For")
    assert told(tmp_path, "DELETE", "/books/7") == [("warn", "/headers/X-On-Behalf-Of")]
    assert told(tmp_path, "DELETE", "/books/7", headers={"x-on-behalf-of": "b1"}) == []


def test_a_step_asks_by_its_description(tmp_path: Path) -> None:
    from pytest_endpoint_docs.loading.doc_body import parse_body

    step = "  - id: a\n    method: DELETE\n    path: /books/{{uid}}\n"
    about = doc(tmp_path, "DELETE /books/{uid}", step)
    main = parse_body(about).requests[0].steps[-1]
    asks = asks_by_description(described(tmp_path), "X-On-Behalf-Of")

    assert asks(cases_of(about)[0], main)
    assert not asks(cases_of(about)[0], replace(main, request=replace(main.request, method="GET")))


def test_a_required_property_that_is_read_only_elsewhere_is_not_due(tmp_path: Path) -> None:
    schema = {"allOf": [{"$ref": "#/components/schemas/Book"}, {"type": "object", "required": ["uid"]}]}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    whole = {
        "openapi": "3.1.0",
        "paths": {"/books": {"post": {"requestBody": body, "responses": {}}}},
        "components": {"schemas": {"Book": BOOK}},
    }
    request = Request(method="POST", url="http://127.0.0.1/books", path="/books", body={"title": "T"}, has_body=True)

    assert mismatches(described(tmp_path, whole), request) == []


def test_only_properties_are_read_only(tmp_path: Path) -> None:
    number = {"type": "integer", "readOnly": True}
    properties = {"numbers": {"type": "array", "items": number}, "number": number, "either": {"anyOf": [number, {}]}}
    body = {"content": {"application/json": {"schema": {"readOnly": True, "properties": properties}}}}
    whole = {"openapi": "3.0.3", "paths": {"/books": {"post": {"requestBody": body, "responses": {}}}}}
    sent = {"numbers": [1], "number": 1, "either": 1}
    request = Request(method="POST", url="http://127.0.0.1/books", path="/books", body=sent, has_body=True)

    assert [found.pointer for found in mismatches(described(tmp_path, whole), request)] == ["/body/number"]


def test_forms_of_2_0(tmp_path: Path) -> None:
    parameters = [
        {"name": "title", "in": "formData", "type": "string", "required": True},
        {"name": "scan", "in": "formData", "type": "file"},
    ]
    operation = {"consumes": ["multipart/form-data"], "parameters": parameters, "responses": {}}
    descriptions = described(tmp_path, {"swagger": "2.0", "paths": {"/books": {"post": operation}}})
    request = Request(
        method="POST",
        url="http://127.0.0.1/books",
        path="/books",
        body={"name": "x"},
        has_body=True,
        content_type="multipart",
    )

    assert [mismatch.pointer for mismatch in mismatches(descriptions, request)] == ["/body/title", "/body/name"]


def test_the_content_type_that_is_sent_counts(tmp_path: Path) -> None:
    title = {"title": "T"}
    assert told(tmp_path, "POST", "/books", body=title, has_body=True, headers={"content-type": "text/csv"}) == [
        ("warn", "/body")
    ]
    assert (
        told(tmp_path, "POST", "/books", body=title, has_body=True, headers={"Content-Type": "application/json; a=b"})
        == []
    )

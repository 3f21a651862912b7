"""Form bodies against their schemas: URL-encoded and multipart, in every version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import described

from pytest_endpoint_docs.model.exchange import MultipartFile, Request
from pytest_endpoint_docs.openapi.request_check import RequestCheck
from pytest_endpoint_docs.redaction.redactor import Redactor

INTEGER = {"type": "integer"}
ADDRESS = {"type": "object", "properties": {"floor": INTEGER}, "additionalProperties": False}
BOOK = {
    "type": "object",
    "required": ["pages"],
    "properties": {
        "pages": INTEGER,
        "kind": {"type": "string", "enum": ["novel", "essay"]},
        "shelves": {"type": "array", "items": INTEGER},
        "authors": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "address": ADDRESS,
        "lent": {"type": "boolean"},
        "published": {"type": "string", "format": "date"},
        "uid": {"type": "string", "readOnly": True},
        "price": {"type": "integer", "nullable": True},
    },
    "additionalProperties": False,
}
SCAN = {
    "type": "object",
    "required": ["scan"],
    "properties": {
        "scan": {"type": "string", "format": "binary"},
        "pages": INTEGER,
        "address": ADDRESS,
        "scans": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": 2},
    },
    "additionalProperties": False,
}


def told(folder: Path, operation: dict[str, Any], version: str = "3.0.3", **request: Any) -> list[tuple[str, str]]:
    """(pointer, actual) of every difference of a form that is sent."""
    key = "swagger" if version == "2.0" else "openapi"
    whole = {key: version, "paths": {"/books": {"post": {**operation, "responses": {"200": {"description": ""}}}}}}
    descriptions = described(folder, whole)
    found = descriptions.match("POST", "/books")
    assert found is not None
    sent = Request(method="POST", url="http://127.0.0.1/books", path="/books", has_body=True, **request)
    return [(each.pointer, each.actual) for each in RequestCheck(descriptions, Redactor()).mismatches(found, sent)]


def with_form(media_type: str, schema: dict[str, Any], encoding: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"requestBody": {"content": {media_type: {"schema": schema, "encoding": encoding or {}}}}}


def file(name: str, media_type: str = "text/plain", content: bytes = b"abc") -> MultipartFile:
    return MultipartFile(field_name=name, filename="f", content=content, content_type=media_type)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"pages": 5, "lent": True}, []),
        ({"kind": "essay", "lent": "true", "published": "2026-01-31"}, []),
        ({"pages": "many"}, ["/body/pages"]),
        ({"pages": None}, ["/body/pages"]),
        ({"kind": "poem"}, ["/body/kind"]),
        ({"colour": "red"}, ["/body/colour"]),
        ({"published": "yesterday"}, ["/body/published"]),
        ({"uid": "mine"}, ["/body/uid"]),
        ({"lent": "perhaps"}, ["/body/lent"]),
        ({"price": ""}, []),
        ({"shelves": [1, "2"]}, []),
        ({"shelves[]": ["1", "2"]}, []),
        ({"shelves": "3"}, []),
        ({"shelves": ["1", "x"]}, ["/body/shelves/1"]),
        ({"shelves": "1,2"}, ["/body/shelves/0"]),
        ({"address": '{"floor": 1}'}, []),
        ({"address": '{"floor": "x"}'}, ["/body/address/floor"]),
        ({"address": "ground"}, ["/body/address"]),
        ({"address": {"floor": 1}}, []),
        ({"address[floor]": "x"}, ["/body/address/floor"]),
        ({"authors": ['{"name": "A"}', '{"name": "B"}']}, []),
        ({"authors": ['{"name": "A"}', "{}"]}, ["/body/authors/1/name"]),
        ({"authors": [{"name": "A"}]}, []),
        ({"authors[0][name]": "A", "shelves[0]": "1"}, []),
        ({"address[city][zip]": "A"}, []),
    ],
)
def test_url_encoded_forms(tmp_path: Path, more: dict[str, Any], expected: list[str]) -> None:
    form = with_form("application/x-www-form-urlencoded", BOOK)
    found = told(tmp_path, form, body={"pages": "5", **more}, content_type="form")
    assert [pointer for pointer, _ in found] == expected


@pytest.mark.parametrize(
    ("encoding", "fields", "expected"),
    [
        ({"shelves": {"style": "form", "explode": False}}, {"shelves": "1,2"}, []),
        ({"shelves": {"style": "form", "explode": False}}, {"shelves": "1,x"}, ["/body/shelves/1"]),
        ({"shelves": {"style": "pipeDelimited", "explode": False}}, {"shelves": "1|2"}, []),
        ({"address": {"style": "deepObject", "explode": True}}, {"address[floor]": "1"}, []),
        ({"address": {"style": "form", "explode": False}}, {"address": "floor,x"}, ["/body/address/floor"]),
        ({"address": {"contentType": "application/json"}}, {"address": '{"floor": "x"}'}, ["/body/address/floor"]),
        ({"kind": {"contentType": "application/json"}}, {"kind": '"poem"'}, ["/body/kind"]),
        ({"kind": {"contentType": "application/json"}}, {"kind": '"novel"'}, []),
    ],
)
def test_encodings_of_fields(
    tmp_path: Path, encoding: dict[str, Any], fields: dict[str, Any], expected: list[str]
) -> None:
    form = with_form("application/x-www-form-urlencoded", BOOK, encoding)
    found = told(tmp_path, form, body={"pages": "5", **fields}, content_type="form")
    assert [pointer for pointer, _ in found] == expected


def test_a_field_of_several_types_and_alternatives(tmp_path: Path) -> None:
    def grant(name: str, ttl: dict[str, Any]) -> dict[str, Any]:
        properties = {"grant": {"enum": [name]}, name: {"type": "string"}, "ttl": ttl}
        return {"type": "object", "required": [name], "properties": properties}

    either = {"oneOf": [grant("code", {"type": "string"}), grant("token", INTEGER)]}
    form = with_form("application/x-www-form-urlencoded", either)

    def found(**fields: Any) -> list[tuple[str, str]]:
        return told(tmp_path, form, body=fields, content_type="form")

    assert found(grant="code", code="c", ttl="5") == []
    assert found(grant="token", token="t", ttl="5") == []
    assert found(grant="token", code="c") != []
    assert found(grant="other", code="c") != []


def test_a_property_that_the_form_does_not_describe(tmp_path: Path) -> None:
    open_form = {"type": "object", "properties": {"pages": INTEGER}, "minProperties": 3}
    form = with_form("application/x-www-form-urlencoded", open_form)
    found = told(tmp_path, form, body={"pages": "5", "colour": "red"}, content_type="form")
    assert found == [("/body", "object with pages, colour"), ("/body/colour", "an undescribed property")]
    of_integers = {"type": "object", "additionalProperties": INTEGER}
    form = with_form("application/x-www-form-urlencoded", of_integers)
    assert told(tmp_path, form, body={"any": "5"}, content_type="form") == []


def test_values_of_secret_fields_are_masked(tmp_path: Path) -> None:
    form = with_form(
        "application/x-www-form-urlencoded", {"type": "object", "properties": {"client_secret": {"maxLength": 2}}}
    )
    found = told(tmp_path, form, body={"client_secret": "hidden"}, content_type="form")
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(
    ("fields", "files", "expected"),
    [
        ({"pages": "5"}, [file("scan")], []),
        ({"pages": "x"}, [file("scan")], ["/body/pages"]),
        ({"pages": "5"}, [], ["/body/scan"]),
        ({}, [file("scan"), file("cover")], ["/body/cover"]),
        ({}, [file("scan"), file("scans"), file("scans")], []),
        ({}, [file("scan"), file("scans"), file("scans"), file("scans")], ["/body/scans"]),
        ({"address": '{"floor": 1}'}, [file("scan")], []),
        ({"address": '{"floor": "x"}'}, [file("scan")], ["/body/address/floor"]),
        ({}, [file("scan"), file("address", "application/json", b'{"floor": 1}')], []),
        ({}, [file("scan"), file("address", "application/json", b'{"floor": "x"}')], ["/body/address/floor"]),
        ({}, [file("scan"), file("address", "application/json", b"{")], ["/body/address"]),
    ],
)
def test_multipart_forms(
    tmp_path: Path, fields: dict[str, Any], files: list[MultipartFile], expected: list[str]
) -> None:
    form = with_form("multipart/form-data", SCAN)
    found = told(tmp_path, form, body=fields, files=tuple(files), content_type="multipart")
    assert [pointer for pointer, _ in found] == expected


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [("image/png", []), ("image/gif; a=b", []), ("text/plain", [("/body/scan", "text/plain")])],
)
def test_media_types_of_files(tmp_path: Path, media_type: str, expected: list[tuple[str, str]]) -> None:
    form = with_form("multipart/form-data", SCAN, {"scan": {"contentType": "application/pdf, image/*"}})
    assert told(tmp_path, form, body={}, files=(file("scan", media_type),), content_type="multipart") == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ({"type": "integer"}, "5", []),
        ({"type": "integer"}, "five", ["/body/n"]),
        ({"type": "string", "enum": ["a"]}, "b", ["/body/n"]),
        ({"type": "array", "items": INTEGER}, "1,2", []),
        ({"type": "array", "items": INTEGER}, "1,x", ["/body/n/1"]),
        ({"type": "array", "items": INTEGER, "collectionFormat": "multi"}, {"": ["1", "2"]}, []),
        ({"type": "array", "items": INTEGER, "collectionFormat": "multi"}, ["1", "x"], ["/body/n/1"]),
    ],
)
def test_fields_of_2_0(tmp_path: Path, field: dict[str, Any], value: Any, expected: list[str]) -> None:
    operation = {"parameters": [{"name": "n", "in": "formData", **field}]}
    found = told(tmp_path, operation, "2.0", body={"n": value}, content_type="form")
    assert [pointer for pointer, _ in found] == expected


def test_a_file_of_2_0_is_not_sent_as_text(tmp_path: Path) -> None:
    operation = {"parameters": [{"name": "scan", "in": "formData", "type": "file", "required": True}]}
    assert told(tmp_path, operation, "2.0", body={}, files=(file("scan"),), content_type="multipart") == []
    found = told(tmp_path, operation, "2.0", body={"scan": "abc"}, content_type="multipart")
    assert found == [("/body/scan", "text")]


def test_bodies_of_other_media_types_are_not_looked_at(tmp_path: Path) -> None:
    form = with_form("text/plain", {"type": "string", "maxLength": 2})
    assert told(tmp_path, form, body="abc", headers={"Content-Type": "text/plain"}) == []

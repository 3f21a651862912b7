"""Contents of answers that are not plain JSON, and which description of several a content is held against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import answer, described, differences, with_schema

from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.media_types import media_type_for

OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


def told(folder: Path, content: dict[str, Any], media_type: str, octets: bytes) -> list[str]:
    response = {"description": "", "content": {media: {"schema": schema} for media, schema in content.items()}}
    descriptions = described(folder, {"openapi": "3.0.3", "paths": {"/x": {"get": {"responses": {"200": response}}}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None
    found = differences(descriptions, operation, answer(octets, Content_Type=media_type))
    return [message for _, _, message in found]


@pytest.mark.parametrize(
    ("media_type", "schema", "octets", "words"),
    [
        ("text/plain", {"type": "string", "pattern": "^a+$"}, b"aaa", ""),
        ("text/plain", {"type": "string", "pattern": "^a+$"}, b"bbb", "'pattern'"),
        ("text/plain", {"type": "string", "enum": ["up", "down"]}, b"left", "not among"),
        ("text/plain", {"type": "string", "enum": ["up", "down"]}, b"up\r\n", ""),
        ("text/plain", {"type": "string", "enum": ["up\n"]}, b"up\n", ""),
        ("text/plain", {"type": "string", "enum": ["up"]}, b"up\n\n", "not among"),
        ("text/plain; charset=utf-8", {"type": "string", "maxLength": 2}, "äö".encode(), ""),
        ("text/plain; charset=latin-1", {"type": "string", "maxLength": 2}, "äö".encode("latin-1"), ""),
        ("text/plain", {"type": "string", "maxLength": 2}, b"abc", "'maxLength'"),
        ("text/plain", {"type": "integer"}, b"12", ""),
        ("text/plain", {"type": "integer"}, b"twelve", "another type"),
        ("text/plain", {"type": "string", "format": "uuid"}, b"one", "format"),
        ("text/csv", {"type": "string", "format": "binary"}, b"a,b\n\xff", ""),
        ("text/html", {"type": "string"}, b"<p>", ""),
        ("application/xml", {"type": "string", "minLength": 9}, b"<a/>", "'minLength'"),
        # What they are read as is not for this package to say, but that it does not is told.
        ("application/xml", OBJECT, b"<r><a>x</a></r>", "not checked"),
        ("text/csv", {"type": "array", "items": OBJECT}, b"a\nx\n", "not checked"),
        ("application/x-ndjson", OBJECT, b'{"a": 1}\n{"a": 2}\n', ""),
        ("application/x-ndjson; charset=utf-8", OBJECT, b'{"a": 1}\r\n\r\n{"a": 2}', ""),
        ("application/jsonl", OBJECT, b'{"a": 1}\n{"a": "x"}\n{"a": "y"}\n', "another type"),
        ("application/json-seq", OBJECT, b'\x1e{"a": 1}\n\x1e{"a": "x"}\n', "another type"),
        ("application/x-ndjson", {"type": "array", "items": OBJECT}, b'{"a": 1}\n{"a": 2}', ""),
        ("application/x-ndjson", {"type": "array", "maxItems": 1}, b"1\n2\n", "'maxItems'"),
        ("application/x-ndjson", OBJECT, b'{"a": 1}\n{"a": \n', "application/x-ndjson, and is not"),
        ("application/x-ndjson", {"type": "string", "format": "binary"}, b'{"a": 1}\n', ""),
        ("application/pdf", {"type": "string", "format": "byte", "maxLength": 1}, b"%PDF\xff", ""),
        # Declared as text, and JSON all the same.
        ("text/plain", OBJECT, b'{"a": 1}', ""),
        ("text/plain", OBJECT, b'{"a": "x"}', "another type"),
        ("text/plain", {"type": "string"}, b'{"a": "x"}', ""),
        ("text/json", {"type": "string", "maxLength": 3}, b'"abc"', ""),
        ("text/json", OBJECT, b'{"a": "x"}', "another type"),
    ],
)
def test_contents_that_are_not_json(
    tmp_path: Path, media_type: str, schema: dict[str, Any], octets: bytes, words: str
) -> None:
    found = told(tmp_path, {media_type.partition(";")[0]: schema}, media_type, octets)
    assert len(found) == bool(words)
    assert words in "".join(found)


def test_a_difference_of_lines_has_the_index_of_its_line(tmp_path: Path) -> None:
    response = {"description": "", "content": {"application/x-ndjson": {"schema": OBJECT}}}
    descriptions = described(tmp_path, {"openapi": "3.0.3", "paths": {"/x": {"get": {"responses": {"200": response}}}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None
    content = answer(b'{"a": 1}\n{"a": "x"}\n{"b": 1}\n', Content_Type="application/x-ndjson")
    pointers = [pointer for _, pointer, _ in differences(descriptions, operation, content)]
    assert pointers == ["/1/a", "/2/a", "/2/b"]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ('application/json; Version="2"', "application/json; version=2"),
        ("application/json; version=1", "application/json"),
        ("application/json; version=3", "application/json"),
        ("application/vnd.a+json", "application/vnd.a+json; charset=utf-8"),
        ("application/vnd.b+json", "application/*+json"),
        ("application/pdf", "application/*"),
        ("text/html", "*/*"),
    ],
)
def test_the_nearest_media_type_counts(written: str, key: str) -> None:
    keys = [
        "*/*",
        "application/*",
        "application/*+json",
        "application/vnd.a+json; charset=utf-8",
        "application/json; version=1; profile=x",
        "application/json; version=2",
        "application/json",
    ]
    assert media_type_for(dict.fromkeys(keys), written) == (key, None)


def test_contents_of_one_type_are_told_apart_by_their_parameters(tmp_path: Path) -> None:
    content = {"application/json; v=1": {"type": "string"}, "application/json; v=2": {"type": "integer"}}
    assert told(tmp_path, content, "application/json;v=1", b'"a"') == []
    assert told(tmp_path, content, "application/json;v=2", b"1") == []
    assert told(tmp_path, content, "application/json;v=1", b"1") != []


def test_a_discriminator_that_names_no_alternative(tmp_path: Path) -> None:
    def alternative(name: str) -> dict[str, Any]:
        return {"type": "object", "required": ["kind", name], "properties": {"kind": {"type": "string"}, name: {}}}

    mapping = {"n": "#/components/schemas/Novel", "e": "Essay"}
    either = {"oneOf": [{"$ref": "#/components/schemas/Novel"}, {"$ref": "#/components/schemas/Essay"}]}

    def found(value: Any, discriminator: dict[str, Any]) -> list[tuple[str, str, str]]:
        schema = {**either, "discriminator": {"propertyName": "kind", **discriminator}}
        descriptions, operation = with_schema(tmp_path, schema, Novel=alternative("plot"), Essay=alternative("thesis"))
        return differences(descriptions, operation, answer(value))

    poem = {"kind": "poem", "plot": 1}
    assert found(poem, {"mapping": mapping}) == [("fail", "/kind", "names none of the described alternatives")]
    assert found({**poem, "kind": "n"}, {"mapping": mapping}) == []
    assert found({**poem, "kind": "Novel"}, {"mapping": mapping}) == []
    # Without a mapping, and with one that leaves alternatives out, other names may be meant.
    assert found(poem, {}) == []
    assert found(poem, {"mapping": {"e": "Essay"}}) == []
    assert found({"plot": 1}, {"mapping": mapping}) != []


@pytest.mark.parametrize(
    "properties",
    [
        {"properties": {"pin": {"$ref": "#/components/schemas/Pin"}}},
        {"allOf": [{"properties": {"pin": {"type": "string", "writeOnly": True}}}]},
    ],
)
def test_a_required_property_that_is_write_only_elsewhere_is_not_due(
    tmp_path: Path, properties: dict[str, Any]
) -> None:
    schema = {"type": "object", "required": ["pin", "uid"], **properties}
    descriptions, operation = with_schema(tmp_path, schema, Pin={"type": "string", "writeOnly": True})
    found = differences(descriptions, operation, answer({}))
    assert [pointer for _, pointer, _ in found] == ["/uid"]


def servers(folder: Path) -> Descriptions:
    get = {"responses": {"200": {"description": ""}}}
    versions = {"default": "v1", "enum": ["v1", "v2"]}
    return described(
        folder,
        {
            "openapi": "3.0.3",
            "servers": [{"url": "https://{host}/{v}", "variables": {"host": {"default": "a"}, "v": versions}}],
            "paths": {
                "/books": {"get": get, "post": {**get, "servers": [{"url": "/upload"}]}},
                "/shelves": {"get": get, "servers": [{"url": "https://[broken/"}]},
            },
        },
    )


@pytest.mark.parametrize(
    ("method", "path", "is_found"),
    [
        ("GET", "/v1/books", True),
        ("GET", "/v2/books", True),
        ("GET", "/v3/books", False),
        ("POST", "/upload/books", True),
        ("GET", "/books", True),
        ("GET", "/shelves", True),
    ],
)
def test_base_paths_of_every_server(tmp_path: Path, method: str, path: str, *, is_found: bool) -> None:
    assert (servers(tmp_path).match(method, path) is not None) is is_found

"""XML answers against their schemas, by OpenAPI's `xml` objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import answer, described, differences

NAME = {"type": "string", "xml": {"attribute": True}}
BOOK = {
    "type": "object",
    "required": ["id", "tags"],
    "xml": {"name": "Book"},
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "title": {"type": "string", "xml": {"name": "Title"}},
        "price": {"type": "number"},
        "sold": {"type": "boolean", "nullable": True},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3, "xml": {"name": "tag"}}},
        "authors": {
            "type": "array",
            "maxItems": 2,
            "xml": {"name": "Authors", "wrapped": True},
            "items": {"type": "object", "required": ["name"], "properties": {"name": NAME}},
        },
    },
}


def found(
    folder: Path, schema: dict[str, Any], content: str, media_type: str = "application/xml"
) -> list[tuple[str, str]]:
    response = {"description": "", "content": {media_type: {"schema": schema}}}
    descriptions = described(folder, {"openapi": "3.0.3", "paths": {"/x": {"get": {"responses": {"200": response}}}}})
    operation = descriptions.match("GET", "/x")
    assert operation is not None
    told = differences(descriptions, operation, answer(content.encode(), Content_Type=media_type))
    return [(pointer, message) for _, pointer, message in told]


@pytest.mark.parametrize(
    "content",
    [
        '<Book id="1"><Title>T</Title><price> 9.50 </price><sold>true</sold><tag>a</tag><tag>b</tag></Book>',
        '<Book id="1"/>',
        '<?xml version="1.0"?>\n<b:Book xmlns:b="urn:b" b:id="1">\n  <b:Title/>\n  <b:Authors/>\n</b:Book>',
        '<Book id="1"><Authors><author name="A"/><author name="B"/></Authors></Book>',
        '<Book id="1" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><sold i:nil="true"/></Book>',
    ],
)
def test_what_is_as_described(tmp_path: Path, content: str) -> None:
    assert found(tmp_path, BOOK, content) == []
    assert found(tmp_path, BOOK, content, "text/xml") == []
    assert found(tmp_path, BOOK, content, "application/atom+xml") == []


@pytest.mark.parametrize(
    ("content", "pointer", "words"),
    [
        ("<Book/>", "/id", "missing"),
        ('<Book id="x"/>', "/id", "another type"),
        ('<Book id="1"><price>cheap</price></Book>', "/price", "another type"),
        ('<Book id="1"><price>1</price><price>2</price></Book>', "/price", "another type"),
        ('<Book id="1"><tag>long</tag></Book>', "/tags/0", "'maxLength'"),
        ('<Book id="1"><Authors><a name="A"/><a/></Authors></Book>', "/authors/1/name", "missing"),
        ('<Book id="1"><Title><b>T</b></Title></Book>', "/title", "another type"),
        ('<Book id="1"><shelf>3</shelf></Book>', "/shelf", "is not described"),
        ('<Book id="1"><Title>T</Book>', "", "is declared as application/xml, and is not"),
    ],
)
def test_what_is_not(tmp_path: Path, content: str, pointer: str, words: str) -> None:
    ((place, message),) = found(tmp_path, BOOK, content)
    assert place == pointer
    assert words in message


@pytest.mark.parametrize(
    ("schema", "content"),
    [
        # Nothing says that anybody has thought of XML.
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, "<r><a>x</a></r>"),
        # What the text beside elements is, no object says.
        (BOOK, '<Book id="1">text</Book>'),
        (BOOK, '<!DOCTYPE b [<!ENTITY e "x">]><Book id="1"><Title>&e;</Title></Book>'),
        (
            {**BOOK, "oneOf": [{"properties": {"n": {"type": "integer"}}}, {"properties": {"n": {"type": "array"}}}]},
            "<Book/>",
        ),
        (BOOK, '<Book id="1"><more><less/></more></Book>'),
    ],
)
def test_what_nobody_can_tell_is_told_to_be_left_out(tmp_path: Path, schema: dict[str, Any], content: str) -> None:
    ((_, message),) = found(tmp_path, schema, content)
    assert "not checked" in message


def test_a_list_of_elements(tmp_path: Path) -> None:
    books = {"type": "array", "items": BOOK}
    assert found(tmp_path, books, '<Books><Book id="1"/><Book id="2"/></Books>') == []
    ((pointer, _),) = found(tmp_path, books, '<Books><Book id="1"/><Book id="x"/></Books>')
    assert pointer == "/1/id"

"""What a doc reads or shows of an answer, against the description's example where there is no schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import described, doc

from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.drift.static import find_drift

SHOWN = {"data": {"books": [{"id": 7, "title": "T", "shelf": None, "labels": {}}], "total": 1}}
JSON = {"example": SHOWN}


def drift(
    tmp_path: Path, request: str, *, after: str = "", media: Any = None, version: str = "3.1.0"
) -> tuple[DriftFinding, ...]:
    response: dict[str, Any] = {"description": "ok"}
    if version == "2.0":
        response["examples"] = {"application/json": SHOWN}
    else:
        response["content"] = {"application/json": JSON if media is None else media}
    whole = {
        ("swagger" if version == "2.0" else "openapi"): version,
        "info": {"title": "T", "version": "1"},
        "paths": {"/books": {"get": {"responses": {"200": response}}}},
    }
    about = doc(tmp_path, "GET /books", f"  - id: list\n    method: GET\n    path: /books\n{request}", after=after)
    return find_drift([about], described(tmp_path, whole))


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("$.data.books[0].id", None),
        ("$.data.books[0].uid", "/response/data/books/*/uid"),
        ("data.book.id", "/response/data/book"),
        # An empty object or a ``null`` shows nothing of what may be in it.
        ("$.data.books[0].labels.colour", None),
        ("$.data.books[0].shelf.id", None),
        ("$.data.books[?(@.uid==3)].id", None),
    ],
)
@pytest.mark.parametrize("version", ["2.0", "3.0.3", "3.1.0"])
def test_an_extract_that_the_example_does_not_have(
    tmp_path: Path, path: str, pointer: str | None, version: str
) -> None:
    found = drift(tmp_path, f'    extract: {{x: "{path}"}}\n', version=version)

    assert [(one.kind, one.pointer) for one in found] == ([("example-differs", pointer)] if pointer else [])


def test_the_finding_has_both_places_and_says_what_the_example_has(tmp_path: Path) -> None:
    (found,) = drift(tmp_path, '    extract: {x: "$.data.books[0].uid"}\n')

    assert found.message == (
        "GET /books: extract 'x' reads $.data.books[0].uid, but the description's example has no /data/books/*/uid"
    )
    assert str(found.location) == "doc.md:16"
    assert (found.expected, found.source) == (
        "one of id, labels, shelf, title",
        "library.json#/paths/~1books/get/responses/200/content/application~1json/example",
    )


def test_examples_of_the_doc(tmp_path: Path) -> None:
    after = (
        '\n## Expected Response\n\n```json\n{"data": {"books": [{"id": "7", "title": "<title>", "shelf": 3, '
        '"isbn": "x"}, {"isbn": "y", "id": "8"}]}}\n```\n'
    )

    assert [(one.kind, one.pointer, one.expected, one.actual) for one in drift(tmp_path, "", after=after)] == [
        ("example-differs", "/response/data/books/0/id", "number", "string"),
        ("example-differs", "/response/data/books/0/isbn", "one of id, labels, shelf, title", "not shown"),
    ]


def test_what_the_doc_expects_of_the_body(tmp_path: Path) -> None:
    found = drift(tmp_path, '    expect: {body: {data: {total: "1", next: 2, books: "{{books}}"}}}\n')

    assert [(one.kind, one.pointer) for one in found] == [
        ("example-differs", "/response/data/total"),
        ("example-differs", "/response/data/next"),
    ]


@pytest.mark.parametrize(
    "media",
    [
        {"examples": {"one": {"value": {"data": {"uid": 1}}}, "two": {"value": SHOWN}}},
        {"example": '{"data": {"uid": 1}}'},
        {"example": SHOWN, "schema": {"type": "object"}},
        {"example": "no JSON"},
        {},
    ],
)
def test_any_of_several_examples_will_do_and_a_schema_counts_more(tmp_path: Path, media: Any) -> None:
    assert drift(tmp_path, '    extract: {x: "$.data.uid"}\n', media=media) == ()

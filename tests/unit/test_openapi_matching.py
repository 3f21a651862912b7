"""Finding the operation of a request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_library import described, doc, library

from pytest_endpoint_docs.openapi.descriptions import Descriptions


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/books/{id}", "/api/books/{book_uid}"),
        ("/books/{id}", "/api/books/{book_uid}"),
        ("/books/{{book}}", "/api/books/{book_uid}"),
        ("/books/17?full=true", "/api/books/{book_uid}"),
        ("/books/latest", "/api/books/latest"),
        ("/books?shelf={{shelf}}", "/api/books"),
        ("/books/", "/api/books"),
    ],
)
def test_a_path_finds_its_template(tmp_path: Path, path: str, template: str) -> None:
    found = described(tmp_path).match("GET", path)

    assert found is not None
    assert found.template == template


@pytest.mark.parametrize("path", ["/books/1/pages", "/book", "/", "/other/api/books"])
def test_other_paths_find_nothing(tmp_path: Path, path: str) -> None:
    assert described(tmp_path).match("GET", path) is None


def test_a_path_with_another_method_is_told_apart(tmp_path: Path) -> None:
    descriptions = described(tmp_path)

    assert descriptions.match("PUT", "/books/{x}") is None
    assert descriptions.methods("/books/{x}") == ("GET", "DELETE")


def test_the_same_trailing_slash_wins(tmp_path: Path) -> None:
    response = {"responses": {"200": {"description": ""}}}
    paths = {"/things": {"get": response}, "/things/": {"get": response}}
    descriptions = described(tmp_path, {"openapi": "3.0.0", "paths": paths})

    assert str(descriptions.match("GET", "/things/")) == "GET /things/"
    assert str(descriptions.match("GET", "/things")) == "GET /things"


def test_the_docs_own_description_comes_first(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(library()), encoding="utf-8")
    descriptions = Descriptions([tmp_path / "*.json"], root=tmp_path)

    assert descriptions.match("GET", "/books/latest").description == "a.json"  # type: ignore[union-attr]
    assert descriptions.match("GET", "/books/latest", swagger="b.json").description == "b.json"  # type: ignore[union-attr]


def test_a_concrete_path_in_one_file_wins_over_a_template_in_another(tmp_path: Path) -> None:
    get = {"get": {"responses": {}}}
    (tmp_path / "a.json").write_text(json.dumps({"openapi": "3.1.0", "paths": {"/x/{id}": get}}), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"openapi": "3.1.0", "paths": {"/x/all": get}}), encoding="utf-8")
    descriptions = Descriptions([tmp_path / "a.json", tmp_path / "b.json"], root=tmp_path)

    assert descriptions.match("GET", "/x/all").template == "/x/all"  # type: ignore[union-attr]


def test_files_that_cannot_have_the_path_are_not_parsed(tmp_path: Path) -> None:
    described(tmp_path)
    (tmp_path / "broken.json").write_text('{"openapi": "3.1.0", "paths": {"/films": ', encoding="utf-8")
    descriptions = Descriptions([tmp_path / "broken.json", tmp_path / "library.json"], root=tmp_path)

    assert descriptions.match("GET", "/books/latest") is not None
    assert descriptions.findings() != ()  # asked for, it is read and found broken
    assert "broken.json:1" in str(descriptions.findings()[0])


def test_base_path_of_2_0_and_server_variables(tmp_path: Path) -> None:
    get = {"get": {"responses": {}}}
    old = described(tmp_path, {"swagger": "2.0", "basePath": "/v2", "paths": {"/pets": get}}, name="old.json")
    server = {"url": "https://{host}/{base}", "variables": {"host": {"default": "h"}, "base": {"default": "v3"}}}
    new = described(tmp_path, {"openapi": "3.0.3", "servers": [server], "paths": {"/pets": get}}, name="new.json")

    assert old.match("GET", "/v2/pets") == old.match("GET", "/pets")
    assert str(new.match("GET", "/v3/pets")) == "GET /v3/pets"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/bücher/{uid}", "/b%C3%BCcher/1"),
        ("/b%C3%BCcher/{uid}", "/bücher/1"),
        ("/📚/{uid}", "/%F0%9F%93%9A/1"),
        ("/books({uid})", "/books('1')"),
    ],
)
def test_letters_are_the_same_however_they_are_written(tmp_path: Path, template: str, path: str) -> None:
    get = {"get": {"responses": {"200": {"description": ""}}}}
    found = described(tmp_path, {"openapi": "3.0.3", "paths": {template: get}}).match("GET", path)
    assert found is not None
    assert found.template == template


@pytest.mark.parametrize("url", ["./api", "api", "/api/", "https://h/api?x=1"])
def test_servers_whose_paths_are_written_in_other_ways(tmp_path: Path, url: str) -> None:
    get = {"get": {"responses": {"200": {"description": ""}}}}
    whole = {"openapi": "3.0.3", "servers": [{"url": url}], "paths": {"/books": get}}
    found = described(tmp_path, whole).match("GET", "/api/books")
    assert str(found) == "GET /api/books"


def test_swagger_paths_that_lead_nowhere(tmp_path: Path) -> None:
    descriptions = described(tmp_path)
    (tmp_path / "notes.json").write_text('{"a": 1}', encoding="utf-8")

    assert descriptions.resolve_swagger("/home/me/library.json").code == "swagger-absolute"
    assert descriptions.resolve_swagger("C:\\me\\library.json").code == "swagger-absolute"
    assert descriptions.resolve_swagger("notes.json").code == "swagger-not-a-description"
    missing = descriptions.resolve_swagger("old/library.json")
    assert missing.code == "swagger-missing"
    assert "did you mean 'library.json'?" in missing.hint


def test_a_path_of_one_variable_is_found_by_what_was_sent(tmp_path: Path) -> None:
    descriptions = described(tmp_path)
    about = doc(tmp_path, "GET /books/{uid}", "  - id: next\n    method: GET\n    path: '{{next}}'\n")

    assert str(descriptions.of_doc(about)) == "GET /api/books/{book_uid}"
    assert descriptions.of_request(about, "GET", "{{next}}") is None
    assert str(descriptions.of_request(about, "GET", "{{next}}", sent_path="/books")) == "GET /api/books"
    assert (
        str(descriptions.of_request(about, "GET", "/books/{{uid}}", sent_path="/books/latest"))
        == "GET /api/books/{book_uid}"
    )

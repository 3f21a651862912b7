"""Loading description files and following references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_library import answer, described, differences, doc, library

from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.openapi.descriptions import Descriptions

YAML = """
swagger: 2.0
produces: [application/json]
paths:
  /books:
    get:
      responses:
        200:
          description: since 2026-02-03
          schema: {$ref: 'schemas/book.yaml#/Book'}
"""


def test_yaml_with_relative_references_number_versions_and_number_keys(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/book.yaml").write_text(
        "Book: {type: object, required: [since], properties: {since: {$ref: '#/Date'}}}\n"
        "Date: {type: string, enum: [2026-02-03, 10:30]}\n",
        encoding="utf-8",
    )
    descriptions = described(tmp_path, YAML, name="library.yaml")
    operation = descriptions.match("GET", "/books")

    assert operation is not None
    assert differences(descriptions, operation, answer({"since": "2026-02-03"})) == []
    assert differences(descriptions, operation, answer({"since": "10:30"})) == []
    assert [pointer for _, pointer, _ in differences(descriptions, operation, answer({"since": "2026-02-04"}))] == [
        "/since"
    ]


def test_yaml_1_2_has_no_other_booleans_than_true_and_false(tmp_path: Path) -> None:
    countries = YAML.replace("{$ref: 'schemas/book.yaml#/Book'}", "{properties: {on: {enum: [NO, yes, off]}}}")
    descriptions = described(tmp_path, countries, name="library.yaml")
    operation = descriptions.match("GET", "/books")

    assert operation is not None
    assert differences(descriptions, operation, answer({"on": "NO"})) == []
    assert [pointer for _, pointer, _ in differences(descriptions, operation, answer({"on": False}))] == ["/on"]


def test_what_is_neither_true_nor_false_is_told_at_its_line(tmp_path: Path) -> None:
    flags = """\
openapi: 3.0.3
paths:
  /books:
    post:
      deprecated: no
      parameters:
        - {name: shelf, in: query, required: true, explode: null, schema: {type: string, description: , nullable: yes}}
        - name: floor
          in: query
          required: yes
          schema: {type: string}
      requestBody:
        required: on
        content: {application/json: {schema: {title: 404, properties: {title: {type: string}}}}}
      responses:
        "200": {description: "", headers: {X-Total: {required: "true"}}}
"""
    descriptions = described(tmp_path, flags, name="library.yaml")
    about = doc(tmp_path, "POST /books", "  - {id: a, method: POST, path: /books?x=1, body: {title: a}}\n")

    found = find_drift([about], descriptions)

    faults = {(str(each.location), each.message) for each in found if each.kind == "description-fault"}
    assert faults == {
        ("library.yaml:5", "'deprecated' cannot be \"no\" (write true or false); it is left out"),
        ("library.yaml:7", "'nullable' cannot be \"yes\" (write true or false); it is left out"),
        ("library.yaml:10", "'required' cannot be \"yes\" (write true or false); it is left out"),
        ("library.yaml:13", "'required' cannot be \"on\" (write true or false); it is left out"),
        ("library.yaml:16", "'required' cannot be \"true\" (write true or false); it is left out"),
    }
    assert {each.kind for each in found} >= {"parameter-missing", "parameter-unknown"}


def test_a_remote_reference_is_mapped_to_a_folder_or_told(tmp_path: Path) -> None:
    schema = {"$ref": "https://schemas.example/v1/book.json"}
    content = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    text = json.dumps({"openapi": "3.1.0", "paths": {"/books": {"get": {"responses": content}}}})
    (tmp_path / "library.json").write_text(text, encoding="utf-8")
    (tmp_path / "local").mkdir()
    (tmp_path / "local/book.json").write_text('{"type": "object", "required": ["uid"]}', encoding="utf-8")

    mapped = Descriptions(
        [tmp_path / "library.json"], root=tmp_path, refs={"https://schemas.example/v1/": tmp_path / "local"}
    )
    plain = Descriptions([tmp_path / "library.json"], root=tmp_path)

    found = [
        differences(descriptions, descriptions.match("GET", "/books"), answer({})) for descriptions in (mapped, plain)
    ]  # type: ignore[arg-type]
    assert [(severity, pointer) for severity, pointer, _ in found[0]] == [("fail", "/uid")]
    assert [severity for severity, _, _ in found[1]] == ["warn"]
    assert "openapi_refs" in found[1][0][2]


def test_a_mapped_reference_cannot_leave_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"type": "string"}', encoding="utf-8")
    (tmp_path / "local").mkdir()
    parameters = [{"$ref": "https://schemas.example/..%2Fsecret.json"}]
    operation = {"parameters": parameters, "responses": {}}
    (tmp_path / "library.json").write_text(
        json.dumps({"openapi": "3.1.0", "paths": {"/books": {"get": operation}}}), encoding="utf-8"
    )
    descriptions = Descriptions(
        [tmp_path / "library.json"], root=tmp_path, refs={"https://schemas.example/": tmp_path / "local"}
    )

    found = descriptions.match("GET", "/books")
    assert found is not None
    assert [problem.is_unread for problem in found.problems] == [True]


# Ten texts, and ten times the line above in each line: read with its aliases written out it would take gigabytes.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '{"openapi": "3.1.0",\n "paths": }', "a.json:2: the API description is not JSON"),
        ("a.yaml", "openapi: 3.1.0\npaths: [", "a.yaml:3: the API description is not YAML"),
        ("a.yaml", "openapi: &a {x: *a}", "cannot be read: an alias that contains itself"),
        ("a.yaml", f"openapi: 3.1.0\n{BOMB}", "a.yaml:8: the API description cannot be read: more than 100,000,000"),
        ("a.yaml", "openapi: [" + "{a: " * 500, "a.yaml:1: the API description cannot be read: nested deeper than 200"),
        ("a.json", "[" * 200_000, "the API description cannot be read: nested deeper than 200 levels"),
        (
            "a.json",
            '{"openapi": ' + "9" * 5000 + "}",
            "cannot be read: a whole number of more than",
        ),
        ("a.yaml", "", "is empty"),
        ("a.json", '{"asyncapi": "2.0"}', "neither 'openapi: 3.x' nor 'swagger"),
        ("missing.json", None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_description_is_a_finding(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    descriptions = Descriptions([tmp_path / name], root=tmp_path)

    assert descriptions.operations() == ()
    assert [message in str(finding) for finding in descriptions.findings()] == [True]


@pytest.mark.parametrize(
    "reference",
    ["../../secret.yaml", "%2e%2e/%2e%2e/secret.yaml", "FOLDER/secret.yaml", "file://FOLDER/secret.yaml", "link.yaml"],
)
def test_a_reference_cannot_leave_the_project(tmp_path: Path, reference: str) -> None:
    (tmp_path / "secret.yaml").write_text("required: [top-secret]\n", encoding="utf-8")
    root = tmp_path / "project"
    (root / "openapi").mkdir(parents=True)
    (root / "openapi/link.yaml").symlink_to(tmp_path / "secret.yaml")
    written = reference.replace("FOLDER", str(tmp_path))
    schema = {"$ref": written}
    content = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    paths = {"/a": {"get": {"responses": content}}}
    whole = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}
    (root / "openapi/own.json").write_text(json.dumps(whole), encoding="utf-8")
    descriptions = Descriptions([root / "openapi/own.json"], root=root)
    operation = descriptions.match("GET", "/a")
    assert operation is not None
    told = " ".join(message for _, _, message in differences(descriptions, operation, answer({})))
    assert f"$ref {written!r} leads out of the project and is not read" in told
    assert "top-secret" not in told


def test_a_docs_swagger_cannot_leave_the_project(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(json.dumps(library()), encoding="utf-8")
    root = tmp_path / "project"
    root.mkdir()
    found = Descriptions([], root=root).resolve_swagger("../own.json")
    assert (found.file, found.code) == (None, "swagger-missing")
    assert found.problem == "swagger: '../own.json' leads out of the root directory, and is not read"
    # A description that the environment names may lie anywhere.
    assert Descriptions([tmp_path / "own.json"], root=root).resolve_swagger("../own.json").file == tmp_path / "own.json"


def test_references_in_a_circle_are_told(tmp_path: Path) -> None:
    loop = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    content = {"application/json": {"schema": loop["A"]}}
    whole = {
        "openapi": "3.1.0",
        "paths": {"/x": {"get": {"responses": {"200": {"description": "", "content": content}}}}},
        "components": {"schemas": loop},
    }
    descriptions = described(tmp_path, whole)

    found = differences(descriptions, descriptions.match("GET", "/x"), answer({}))  # type: ignore[arg-type]
    assert {severity for severity, _, _ in found} == {"warn"}
    assert "circle" in found[0][2]


def test_a_description_that_is_a_symbolic_link_is_read_as_the_file_itself(tmp_path: Path) -> None:
    elsewhere, project = tmp_path / "elsewhere", tmp_path / "project"
    described(elsewhere)
    (project / "openapi").mkdir(parents=True)
    (project / "openapi" / "library.json").symlink_to(elsewhere / "library.json")
    linked = Descriptions([project / "openapi" / "*.json"], root=project)
    operation = linked.match("GET", "/api/books/1")
    assert operation is not None
    assert differences(linked, operation, answer({"title": 1}))

"""Docs against descriptions, without a server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from openapi_library import described, doc, library

from pytest_endpoint_docs.drift.drift_finding import DRIFT_KINDS, DriftFinding
from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.doc import DocStatus
from pytest_endpoint_docs.model.environment import Environment, OnBehalfOf

LIST = '  - id: list\n    method: GET\n    path: "/books?shelf=3"\n'
ADD = "  - id: add\n    method: POST\n    path: /books\n    body:\n      title: T\n"


def drift(tmp_path: Path, endpoint: str, request: str, **more: str) -> tuple[DriftFinding, ...]:
    return find_drift([doc(tmp_path, endpoint, request, **more)], described(tmp_path))


def kinds(found: tuple[DriftFinding, ...]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.pointer) for finding in found]


@pytest.mark.parametrize(
    ("endpoint", "request_"),
    [
        ("GET /books", LIST),
        (
            "GET /books",
            '  - id: list\n    method: GET\n    path: /books\n    params: {shelf: "{{shelf}}", kind: "{{kind}}"}\n',
        ),
        ("POST /books", ADD),
        ("POST /books", ADD + '      pages: "{{pages}}"\n      kind: "{{kind}}"\n      tags: "{{tags}}"\n'),
        ("POST /books", ADD + '      published: "{{year}}-02-03"\n      tags: ["{{tag}}", "b"]\n'),
        ("GET /books/{uid}", '  - id: one\n    method: GET\n    path: "/books/{{uid}}"\n'),
        ("GET /books/{uid}", '  - id: one\n    method: GET\n    path: "/api/books/{{uid}}"\n'),
        ("GET /api/books/{uid}", '  - id: one\n    method: GET\n    path: "/books/{{uid}}"\n'),
    ],
)
def test_a_doc_that_agrees_has_no_finding(tmp_path: Path, endpoint: str, request_: str) -> None:
    assert drift(tmp_path, endpoint, request_) == ()


@pytest.mark.parametrize(
    ("endpoint", "request_", "kind", "pointer", "line"),
    [
        ("GET /books", "  - id: list\n    method: GET\n    path: /books\n", "parameter-missing", "/query/shelf", 15),
        ("GET /books", LIST + "    params: {colour: red}\n", "parameter-unknown", "/query/colour", 16),
        ("GET /books", LIST.replace("shelf=3", "shelf=high"), "wrong-type", "/query/shelf", 15),
        ("GET /books", LIST + "    params: {kind: poem}\n", "enum", "/query/kind", 16),
        ("POST /books", ADD.replace("title: T", "pages: 3"), "body-property-missing", "/body/title", 16),
        ("POST /books", ADD + "      colour: red\n", "body-property-unknown", "/body/colour", 18),
        ("POST /books", ADD + '      tags: {"0": a}\n', "wrong-type", "/body/tags", 18),
        ("POST /books", ADD + "      kind: poem\n", "enum", "/body/kind", 18),
        ("POST /books", ADD + "      published: soon\n", "format", "/body/published", 18),
        ("POST /books", ADD + "      pages: 0\n", "constraint", "/body/pages", 18),
        ("POST /books", ADD + "      uid: mine\n", "read-only-sent", "/body/uid", 18),
        ("POST /books", ADD + "    content_type: form\n", "content-type", "/body", 16),
        ("POST /books", "  - id: add\n    method: POST\n    path: /books\n", "body-missing", "/body", 13),
        (
            "DELETE /books/{uid}",
            '  - id: d\n    method: DELETE\n    path: "/books/{{uid}}"\n',
            "header-missing",
            "/headers/X-On-Behalf-Of",
            13,
        ),
        ("GET /books", LIST + "    expect: {status: 204}\n", "status-undeclared", "/status/2XX", 16),
        (
            "GET /books",
            LIST + '    extract: {u: "$.books[0].id"}\n',
            "response-property-unknown",
            "/response/books/*/id",
            16,
        ),
        ("GET /books", LIST + "    expect: {body: {books: none}}\n", "wrong-type", "/response/books", 16),
    ],
)
def test_a_disagreement_has_its_kind_its_place_and_its_line(
    tmp_path: Path, endpoint: str, request_: str, kind: str, pointer: str, line: int
) -> None:
    found = drift(tmp_path, endpoint, request_)

    assert kinds(found) == [(kind, pointer)]
    assert str(found[0].location) == f"doc.md:{line}"
    assert (found[0].source or "").startswith("library.json#/")


def test_an_operation_that_is_deprecated_has_a_doc_that_says_so(tmp_path: Path) -> None:
    content = library()
    content["paths"]["/books"]["get"]["deprecated"] = True
    about, descriptions = doc(tmp_path, "GET /books", LIST), described(tmp_path, content)

    (found,) = find_drift([about], descriptions)

    assert (found.kind, str(found.location)) == ("operation-deprecated", "doc.md:3")
    assert found.message == "GET /api/books is deprecated in the description"
    assert find_drift([replace(about, status=DocStatus.DEPRECATED)], descriptions) == ()


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("", [("GET /api/books: a success is expected, but no 2xx status is described", "/status/2XX", "404")]),
        ("    expect: {status: 404}\n", []),
    ],
)
def test_a_success_that_is_not_described(tmp_path: Path, expect: str, told: list[tuple[str, str, str]]) -> None:
    content = library()
    content["paths"]["/books"]["get"]["responses"] = {"404": {"description": "none"}}
    found = find_drift([doc(tmp_path, "GET /books", LIST + expect)], described(tmp_path, content))

    assert [(finding.message, finding.pointer, finding.expected) for finding in found] == told


def test_a_success_of_any_code_is_a_success(tmp_path: Path) -> None:
    content = library()
    content["paths"]["/books"]["get"]["responses"] = {"226": {"description": "IM Used"}}
    assert find_drift([doc(tmp_path, "GET /books", LIST)], described(tmp_path, content)) == ()


def test_a_request_to_another_path_than_the_docs_own(tmp_path: Path) -> None:
    request = '  - id: add\n    method: POST\n    path: "/books/{{uid}}"\n    body: {title: T}\n'
    found = drift(tmp_path, "POST /books", request)

    assert [finding.kind for finding in found] == ["request-not-the-endpoint", "method-not-described"]
    assert {str(finding.location) for finding in found} == {"doc.md:15"}
    assert "GET, DELETE" in found[1].message


def test_an_operation_that_nothing_describes_is_told_once_with_a_near_one(tmp_path: Path) -> None:
    found = drift(tmp_path, "GET /boks", "  - id: list\n    method: GET\n    path: /boks\n")

    assert [finding.kind for finding in found] == ["swagger-without-operation", "operation-not-described"]
    assert "did you mean GET /api/books" in found[1].message


def test_prerequisites_count(tmp_path: Path) -> None:
    found = drift(tmp_path, "GET /books", LIST, before=ADD.replace("title: T", "title: 3"))

    assert [(finding.kind, finding.phase, finding.pointer) for finding in found] == [
        ("wrong-type", "prerequisite", "/body/title")
    ]


@pytest.mark.parametrize(
    ("swagger", "kind"),
    [
        ("/home/me/library.json", "swagger-absolute"),
        ("swagger/library.json", "swagger-missing"),
        ("notes.md", "swagger-not-a-description"),
    ],
)
def test_swagger_paths(tmp_path: Path, swagger: str, kind: str) -> None:
    about = doc(tmp_path, "GET /books", LIST)
    file = tmp_path / "doc.md"
    file.write_text(
        file.read_text(encoding="utf-8").replace("swagger: library.json", f"swagger: {swagger}"), encoding="utf-8"
    )

    (tmp_path / "notes.md").write_text("openapi: none\n", encoding="utf-8")

    changed = load_doc(file, display_path=about.path)
    assert changed is not None
    found = find_drift([changed], described(tmp_path))
    assert [(finding.kind, finding.location.line) for finding in found] == [(kind, 4)]
    assert "the operation is in library.json" in found[0].message


def test_a_list_of_statuses_is_a_choice_within_its_class(tmp_path: Path) -> None:
    assert drift(tmp_path, "POST /books", ADD + "    expect: {status: [200, 201]}\n") == ()
    found = drift(tmp_path, "POST /books", ADD + "    expect: {status: [201, 409]}\n")
    assert kinds(found) == [("status-undeclared", "/status/4XX")]


def test_a_request_that_is_to_be_refused_proves_nothing(tmp_path: Path) -> None:
    refused = ADD.replace("title: T", "title: 3") + "    expect: {status: 422}\n"
    assert drift(tmp_path, "POST /books", refused) == ()


def test_who_gets_the_on_behalf_of_header_field(tmp_path: Path) -> None:
    about = doc(tmp_path, "DELETE /books/{uid}", '  - id: d\n    method: DELETE\n    path: "/books/{{uid}}"\n')
    descriptions = described(tmp_path)
    for token, expected in (("directory", []), ("staff", ["header-missing"])):
        environment = Environment(
            name="e", file=None, base_url="http://127.0.0.1", default_token=token, on_behalf_of=OnBehalfOf()
        )
        assert [finding.kind for finding in find_drift([about], descriptions, environment=environment)] == expected


def test_examples_of_answers(tmp_path: Path) -> None:
    content = '{"books": [{"uid": "<uid>", "title": 3, "kind": "...", "isbn": "1"}]}'
    example = f"\n## Expected Response\n\n```json\n{content}\n```\n"
    found = drift(tmp_path, "GET /books", LIST, after=example)

    assert kinds(found) == [
        ("wrong-type", "/response/books/0/title"),
        ("response-property-unknown", "/response/books/0/isbn"),
    ]


def test_cases_with_a_success_are_compared_and_refusals_are_not(tmp_path: Path) -> None:
    cases = (
        "\n## Cases\n\n```yaml\ncases:\n"
        "  - id: good\n    request: {/body/kind: poem}\n    expect: {status: 201}\n"
        "  - id: bad\n    request: {/body/title: null}\n    expect: {status: 422}\n```\n"
    )
    found = drift(tmp_path, "POST /books", ADD, after=cases)

    assert [(finding.kind, finding.step, finding.pointer) for finding in found] == [("enum", "good", "/body/kind")]


def test_a_fault_of_the_description_is_told_once(tmp_path: Path) -> None:
    whole = library()
    whole["components"]["schemas"]["Book"]["properties"]["uid"]["required"] = True
    try:
        found = find_drift([doc(tmp_path, "POST /books", ADD)], described(tmp_path, whole))
    finally:
        del whole["components"]["schemas"]["Book"]["properties"]["uid"]["required"]

    assert [finding.kind for finding in found] == ["description-fault"]
    assert found[0].source == "library.json#/components/schemas/Book/properties/uid/required"


def test_every_kind_has_a_severity_and_a_meaning() -> None:
    assert {severity for severity, _ in DRIFT_KINDS.values()} == {"error", "warning", "note"}
    assert all(meaning and meaning[0] == meaning[0].lower() for _, meaning in DRIFT_KINDS.values())


def test_a_parameter_replaces_the_one_of_the_path(tmp_path: Path) -> None:
    step = '  - id: list\n    method: GET\n    path: "/books?shelf=high"\n    params: {shelf: 3}\n'
    assert drift(tmp_path, "GET /books", step) == ()


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [("GET /books/newest", True), ("GET /books/b17", False), ("GET /books/latest", False), ("GET /books/{id}", False)],
)
def test_a_path_that_only_a_parameter_matches_is_told(tmp_path: Path, endpoint: str, *, told: bool) -> None:
    method, path = endpoint.split()
    about = doc(tmp_path, endpoint, f"  - id: a\n    method: {method}\n    path: '{path}'\n")
    found = [one for one in find_drift([about], described(tmp_path)) if one.kind == "operation-shadowed"]

    expected = (
        "no description has GET /books/newest itself: GET /api/books/{book_uid} matches it, "
        "with 'newest' as its {book_uid}"
    )
    assert [one.message for one in found] == ([expected] if told else [])


def test_that_docs_name_no_description_is_said_once_where_there_is_one(tmp_path: Path) -> None:
    about = replace(doc(tmp_path, "GET /books/{id}", "  - id: a\n    method: GET\n    path: /books/1\n"), swagger=None)
    docs = [replace(about, path=f"{name}.md") for name in ("a", "b", "c")]
    found = find_drift(docs, described(tmp_path))

    assert [(one.kind, one.doc, one.message) for one in found] == [
        ("swagger-unset", "a.md", "3 docs have no 'swagger' in the frontmatter; library.json is the only one")
    ]


@pytest.mark.parametrize(
    ("value", "kind", "actual"),
    [
        ("{{today_date}}", "", ""),
        ("{{ now_datetime }}", "format", '{{ now_datetime }}, such as "2026-01-31T12:00:00Z" (string)'),
        ("{{now_timestamp}}", "wrong-type", "{{now_timestamp}}, such as 1769860800 (integer)"),
        ("{{today_date}} 10:00", "format", '{{today_date}} 10:00, such as "2026-01-31 10:00" (string)'),
        ("{{someday}}", "", ""),
        ("{{someday}} {{today_date}}", "", ""),
    ],
)
def test_the_form_of_built_in_variables_is_known(tmp_path: Path, value: str, kind: str, actual: str) -> None:
    found = drift(tmp_path, "POST /books", ADD + f'      published: "{value}"\n')

    assert [(one.kind, one.actual) for one in found] == ([(kind, actual)] if kind else [])


@pytest.mark.parametrize(
    ("path", "params", "found"),
    [
        ("/books?shelf={{now_timestamp}}", "{}", []),
        ("/books?shelf={{today_date}}", "{}", ["/query/shelf"]),
        ("/books", '{shelf: "{{random_string}}"}', ["/query/shelf"]),
        ("/books", '{shelf: "{{random_number}}"}', []),
    ],
)
def test_built_in_variables_in_a_query(tmp_path: Path, path: str, params: str, found: list[str]) -> None:
    request = f'  - id: list\n    method: GET\n    path: "{path}"\n    params: {params}\n'

    assert [one.pointer for one in drift(tmp_path, "GET /books", request)] == found


def test_a_variable_of_the_doc_or_the_environment_goes_before_a_built_in_one_of_the_same_name(tmp_path: Path) -> None:
    request = ADD + '      published: "{{now_timestamp}}"\n'
    before = "  - id: one\n    method: GET\n    path: /books/latest\n    extract: {now_timestamp: $.published}\n"
    environment = Environment(name="e", file=None, base_url="http://127.0.0.1", params={"now_timestamp": "x"})

    assert drift(tmp_path, "POST /books", request, before=before) == ()
    assert find_drift([doc(tmp_path, "POST /books", request)], described(tmp_path), environment=environment) == ()
    assert drift(tmp_path, "POST /books", request, head="requires: [GET /books]\n") == ()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/gateway/books/latest", "GET /api/books/latest is described, without '/gateway' before it"),
        ("/gateway/v2/books/latest", "GET /api/books/latest is described, without '/gateway/v2' before it"),
        ("/gateway/{uid}", "no description has GET /gateway/{uid}"),
        ("/accounts/{uid}/books/latest", "no description has GET /accounts/{uid}/books/latest"),
        ("/gateway/boks/latest", "no description has GET /gateway/boks/latest"),
    ],
)
def test_a_path_that_is_described_without_the_base_path_before_it(tmp_path: Path, path: str, message: str) -> None:
    found = drift(tmp_path, f"GET {path}", f"  - id: one\n    method: GET\n    path: '{path}'\n")

    assert [one.kind for one in found[1:]] == ["base-path" if "without" in message else "operation-not-described"]
    assert message in found[1].message


FORM = {
    "openapi": "3.1.0",
    "paths": {
        "/scans": {
            "post": {
                "parameters": [{"name": "shelf", "in": "cookie", "required": True, "schema": {"type": "integer"}}],
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "pages": {"type": "integer"},
                                    "on": {"type": "string", "format": "date"},
                                },
                                "additionalProperties": False,
                            }
                        }
                    }
                },
                "responses": {"2XX": {"description": "ok"}},
            }
        }
    },
}


@pytest.mark.parametrize(
    ("cookie", "fields", "expected"),
    [
        ("shelf={{shelf}}", '{pages: "{{pages}}", "on": "{{current_date}}"}', []),
        ("{{cookies}}", '{pages: "{{one}}{{two}}"}', []),
        ("shelf=3", "{pages: many}", [("wrong-type", "/body/pages", 18)]),
        ("shelf=3", '{"on": "{{now_datetime}}"}', [("format", "/body/on", 18)]),
        ("shelf=3", "{colour: red}", [("body-property-unknown", "/body/colour", 18)]),
        ("shelf=high", "{pages: 1}", [("wrong-type", "/headers/Cookie", 16)]),
        ("other=3", "{pages: 1}", [("parameter-missing", "/headers/Cookie", 16)]),
    ],
)
def test_forms_and_cookies(tmp_path: Path, cookie: str, fields: str, expected: list[tuple[str, str, int]]) -> None:
    request = (
        "  - id: scan\n    method: POST\n    path: /scans\n"
        f'    headers: {{Cookie: "{cookie}"}}\n    content_type: multipart\n    form_fields: {fields}\n'
    )
    found = find_drift([doc(tmp_path, "POST /scans", request)], described(tmp_path, FORM))
    assert [(each.kind, each.pointer, each.location.line) for each in found] == expected
    assert all("such as" in each.actual for each in found if each.kind == "format")


def test_faults_of_parameters_and_header_fields(tmp_path: Path) -> None:
    whole = library()
    get = whole["paths"]["/books"]["get"]
    get["parameters"][1]["schema"] = {"type": "kind"}
    get["responses"]["200"]["headers"] = {"X-Total": {"schema": {"minimum": "none"}}}
    found = find_drift([doc(tmp_path, "GET /books", LIST)], described(tmp_path, whole))
    assert [finding.kind for finding in found] == ["description-fault", "description-fault"]
    older = {"name": "shelf", "in": "query", "required": True, "type": "string"}
    total = {"X-Total": {"type": "integer", "required": True}}
    responses = {"200": {"description": "", "headers": total}}
    whole = {"swagger": "2.0", "paths": {"/books": {"get": {"parameters": [older], "responses": responses}}}}
    assert find_drift([doc(tmp_path, "GET /books", LIST)], described(tmp_path, whole)) == ()

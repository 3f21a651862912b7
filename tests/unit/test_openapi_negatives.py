"""Negative cases that follow from a doc and its description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import described, doc, library

from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.body import Change, DerivedCase
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.negative_attempts import UNKNOWN_ID
from pytest_endpoint_docs.openapi.negatives import derive_negatives

ADD = (
    "  - id: add\n    method: POST\n    path: /books\n    body:\n"
    '      title: T\n      kind: novel\n      pages: 3\n      published: "{{today_date}}"\n'
)


def derived(
    tmp_path: Path,
    endpoint: str,
    request: str,
    *,
    descriptions: Descriptions | None = None,
    head: str = "",
    limit: int = 25,
) -> dict[str, DerivedCase]:
    about = doc(tmp_path, endpoint, request, head=head)
    operation = (descriptions or described(tmp_path)).match(about.endpoint.method, about.endpoint.path)
    found = derive_negatives(
        cases_of(about)[0], parse_body(about), operation, tokens=("directory", "staff"), limit=limit
    )
    return {case.id: case for case in found.cases}


def test_what_follows_from_a_body(tmp_path: Path) -> None:
    found = derived(tmp_path, "POST /books", ADD, head="tokens: [staff]\n")

    assert list(found) == [
        "negative-missing-title",
        "negative-type-title",
        "negative-type-kind",
        "negative-type-pages",
        "negative-type-published",
        "negative-enum-kind",
        "negative-below-pages",
        "negative-malformed-json",
        "negative-content-type",
        "negative-no-credentials",
        "negative-token-directory",
        "negative-method-patch",
    ]
    assert found["negative-missing-title"].changes == (Change(pointer="/body/title", value=None),)
    assert found["negative-type-pages"].changes == (Change(pointer="/body/pages", value="not-a-number"),)
    assert found["negative-token-directory"].changes == (Change(pointer="/token", value="directory"),)
    assert found["negative-no-credentials"].changes == (Change(pointer="/token", value="none"),)


def test_a_body_that_is_not_json_breaks_off_whatever_it_was(tmp_path: Path) -> None:
    found = derived(
        tmp_path, "POST /books", ADD.replace("    body:", "    headers: {content-type: application/json}\n    body:")
    )
    assert {change.pointer: change.value for change in found["negative-malformed-json"].changes} == {
        "/content_type": "text",
        "/body": '{"endpoint_docs": ',
        "/headers/content-type": "application/json",
    }
    assert {change.pointer: change.value for change in found["negative-content-type"].changes} == {
        "/content_type": "form",
        "/headers/content-type": None,
    }


def test_a_body_that_makes_no_form_is_not_sent_as_one(tmp_path: Path) -> None:
    found = derived(tmp_path, "POST /books", "  - id: add\n    method: POST\n    path: /books\n    body: {tags: []}\n")
    assert "negative-malformed-json" in found
    assert "negative-content-type" not in found


def test_any_status_that_fits_the_refusal_is_expected(tmp_path: Path) -> None:
    found = derived(tmp_path, "POST /books", ADD)

    assert {name.removeprefix("negative-"): case.expect.statuses for name, case in found.items()} == {
        "missing-title": (400, 404, 409, 422),
        "type-title": (400, 404, 409, 422),
        "type-kind": (400, 404, 409, 422),
        "type-pages": (400, 404, 409, 422),
        "type-published": (400, 404, 409, 422),
        "enum-kind": (400, 404, 409, 422),
        "below-pages": (400, 404, 409, 422),
        "malformed-json": (400, 415, 422),
        "content-type": (400, 415, 422),
        # The library refuses with 422, and says nothing of 401 and 403.
        "no-credentials": (401, 403, 404, 422),
        "method-patch": (400, 403, 404, 405),
    }


def left_out(
    tmp_path: Path, about: EndpointDoc, descriptions: Descriptions | None = None, **more: Any
) -> dict[str, str]:
    operation = (descriptions or described(tmp_path)).match(about.endpoint.method, about.endpoint.path)
    found = derive_negatives(cases_of(about)[0], parse_body(about), operation, **more)
    names = {case.id for case in found.cases}
    assert not names & dict(found.left_out).keys()
    return dict(found.left_out)


def cases(*entries: str) -> str:
    return "\n## Cases\n\n```yaml\ncases:\n" + "".join(f"  - {entry}\n" for entry in entries) + "```\n"


def test_a_case_that_sends_the_same_decides(tmp_path: Path) -> None:
    about = doc(
        tmp_path,
        "POST /books",
        ADD,
        after=cases(
            "{id: untitled, request: {/body/title: null}, expect: {status: 201}}",
            "{id: odd_kind, request: {/body/kind: endpoint-docs-unknown-member}, expect: {status: 409}}",
        ),
    )

    assert left_out(tmp_path, about) == {
        "negative-missing-title": "the doc's case 'untitled' sends it",
        "negative-enum-kind": "the doc's case 'odd_kind' sends it",
    }


def test_what_a_case_shows_to_pass_is_not_refused(tmp_path: Path) -> None:
    about = doc(
        tmp_path,
        "POST /books",
        ADD,
        after=cases(
            "{id: untitled, request: {/body/title: null, /body/kind: essay}, expect: {status: 201}}",
            "{id: lenient, request: {/body/pages: '3'}, expect: {status: 201}}",
            "{id: refused, request: {/body/published: never}, expect: {status: 422}}",
        ),
    )

    assert left_out(tmp_path, about) == {
        "negative-missing-title": "the doc's 'untitled' passes with it",
        "negative-type-pages": "the doc's 'lenient' passes with it",
    }


def test_a_value_that_the_schema_allows_is_no_negative(tmp_path: Path) -> None:
    lenient = library()
    schema = {
        "anyOf": [{"required": ["title"]}, {"required": ["isbn"]}],
        "properties": {"title": {}, "isbn": {"type": "integer"}},
    }
    lenient["paths"]["/books"]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema
    request = "  - id: add\n    method: POST\n    path: /books\n    body: {title: 3, isbn: 4}\n"
    found = derived(tmp_path, "POST /books", request, descriptions=described(tmp_path, lenient))

    of_body = [name for name in found if "title" in name or "isbn" in name]
    assert of_body == ["negative-type-isbn"]


def test_an_example_alone_says_nothing_of_types(tmp_path: Path) -> None:
    about = doc(tmp_path, "POST /books", "  - id: add\n    method: POST\n    path: /books\n    body: {pages: 3}\n")
    found = derive_negatives(cases_of(about)[0], parse_body(about))

    assert [case.id for case in found.cases] == ["negative-no-credentials"]


@pytest.mark.parametrize(("status", "told"), [("201", True), ("204", False)])
def test_a_put_may_create_what_is_not_there(tmp_path: Path, status: str, *, told: bool) -> None:
    whole = library()
    whole["paths"]["/books/{book_uid}"]["put"] = {
        "responses": {"200": {"description": ""}, status: {"description": ""}}
    }
    about = doc(tmp_path, "PUT /books/{book_uid}", '  - id: a\n    method: PUT\n    path: "/books/{{book}}"\n')
    found = left_out(tmp_path, about, described(tmp_path, whole))

    assert ("negative-unknown-book_uid" in found) is told


def test_what_is_redirected_anyhow_is_not_looked_at(tmp_path: Path) -> None:
    found = derived(tmp_path, "POST /books", ADD + "    expect: {status: 307}\n")

    assert list(found) == ["negative-no-credentials", "negative-method-patch"]


def test_limits_lengths_and_closed_objects(tmp_path: Path) -> None:
    limited = library()
    schema = {
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 2, "maxLength": 4},
            "size": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9},
        },
    }
    limited["paths"]["/books"]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema
    request = "  - id: add\n    method: POST\n    path: /books\n    body: {name: abc, size: 3}\n"
    found = derived(tmp_path, "POST /books", request, descriptions=described(tmp_path, limited))

    values = {name.removeprefix("negative-"): case.changes[0].value for name, case in found.items()}
    assert values["short-name"] == "x"
    assert values["long-name"] == "xxxxx"
    assert values["below-size"] == 0
    assert values["above-size"] == 9
    assert values["undescribed-endpoint_docs_unknown"] == "x"


def test_a_read_only_property_may_be_ignored_and_is_not_tried(tmp_path: Path) -> None:
    limited = library()
    known = {"type": "string", "maxLength": 4}
    schema = {
        "properties": {
            "uid": {**known, "readOnly": True},
            "made": {"readOnly": True, "properties": {"by": known}},
            "about": {"properties": {"by": {**known, "readOnly": True}, "title": known}},
        },
    }
    limited["paths"]["/books"]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema
    body = "{uid: a, made: {by: me}, about: {by: me, title: T}}"
    request = f"  - id: add\n    method: POST\n    path: /books\n    body: {body}\n"
    found = derived(tmp_path, "POST /books", request, descriptions=described(tmp_path, limited))

    of_values = [name for name in found if name.startswith(("negative-type", "negative-long"))]
    assert of_values == ["negative-type-about-title", "negative-long-about-title"]


def test_query_parameters_and_header_fields(tmp_path: Path) -> None:
    strict = library()
    strict["paths"]["/books"]["get"]["parameters"] += [
        {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 5}},
        {"name": "X-Branch", "in": "header", "required": True, "schema": {"type": "string"}},
    ]
    request = "  - id: list\n    method: GET\n    path: '/books?shelf=3&sort={{sort}}'\n    headers: {x-branch: b1}\n"
    found = derived(tmp_path, "GET /books", request, descriptions=described(tmp_path, strict))

    assert {
        name.removeprefix("negative-"): case.changes
        for name, case in found.items()
        if "query" in name or "header" in name
    } == {
        "missing-query-shelf": (Change(pointer="/path", value="/books?sort={{sort}}"),),
        "type-query-shelf": (Change(pointer="/params/shelf", value="not-a-number"),),
        "enum-query-kind": (Change(pointer="/params/kind", value="endpoint-docs-unknown-member"),),
        "type-query-page": (Change(pointer="/params/page", value="not-a-number"),),
        "above-query-page": (Change(pointer="/params/page", value=6),),
        "missing-header-x-branch": (Change(pointer="/headers/x-branch", value=None),),
    }


def test_a_parameter_without_a_value_stays_when_another_one_is_left_out(tmp_path: Path) -> None:
    request = "  - id: list\n    method: GET\n    path: '/books?archived&shelf=3&sort={{ sort }}'\n"
    (change,) = derived(tmp_path, "GET /books", request)["negative-missing-query-shelf"].changes
    assert change == Change(pointer="/path", value="/books?archived&sort={{ sort }}")


@pytest.mark.parametrize(
    ("security", "head", "derives", "why"),
    [
        (None, "tokens: [staff]\n", True, None),
        (None, "", False, "neither the description's 'security' nor the doc's 'tokens' say that some are needed"),
        ([], "tokens: [staff]\n", False, "the description says that none are needed"),
        ([{"bearer": []}], "", True, None),
    ],
)
def test_the_docs_tokens_count_where_the_description_has_no_security(
    tmp_path: Path, security: Any, head: str, why: str | None, *, derives: bool
) -> None:
    whole = library()
    del whole["security"]
    if security is not None:
        whole["paths"]["/books"]["post"]["security"] = security
    about = doc(tmp_path, "POST /books", ADD, head=head)
    descriptions = described(tmp_path, whole)
    found = derived(tmp_path, "POST /books", ADD, head=head, descriptions=descriptions)

    assert ("negative-no-credentials" in found) is derives
    assert left_out(tmp_path, about, descriptions, tokens=("directory", "staff")).get("negative-no-credentials") == why


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, "2147480321"),
        ({"type": "string", "format": "uuid"}, "5f0c1d7e-0000-4000-8000-0000000e4d0c"),
        ({"type": "string"}, UNKNOWN_ID),
    ],
)
def test_an_unknown_id_has_the_described_type(tmp_path: Path, schema: dict[str, str], value: str) -> None:
    whole = library()
    whole["paths"]["/books/{book_uid}"]["parameters"][0]["schema"] = schema
    request = '  - id: one\n    method: GET\n    path: "/books/{{book}}"\n'
    found = derived(tmp_path, "GET /books/{book_uid}", request, descriptions=described(tmp_path, whole))

    assert found["negative-unknown-book_uid"].changes == (Change(pointer="/path", value=f"/books/{value}"),)


def test_an_unknown_id_in_the_path(tmp_path: Path) -> None:
    found = derived(tmp_path, "GET /books/{book}", '  - id: one\n    method: GET\n    path: "/books/{{book}}"\n')

    assert found["negative-unknown-book"].changes == (Change(pointer="/path", value=f"/books/{UNKNOWN_ID}"),)
    assert found["negative-unknown-book"].expect.statuses == (400, 403, 404, 410, 422)


def test_every_kind_keeps_its_share_of_the_limit(tmp_path: Path) -> None:
    wide = library()
    names = [f"field_{number:02}" for number in range(40)]
    schema = {"type": "object", "required": names, "properties": {name: {"type": "integer"} for name in names}}
    wide["paths"]["/books"]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema
    request = "  - id: add\n    method: POST\n    path: /books\n    body:\n" + "".join(
        f"      {name}: 1\n" for name in names
    )
    found = derived(tmp_path, "POST /books", request, descriptions=described(tmp_path, wide))

    assert len(found) == 25
    assert {
        "negative-no-credentials",
        "negative-method-patch",
        "negative-missing-field_00",
        "negative-type-field_00",
    } <= set(found)


def test_the_same_doc_gives_the_same_cases(tmp_path: Path) -> None:
    assert derived(tmp_path, "POST /books", ADD) == derived(tmp_path, "POST /books", ADD)


def test_an_open_operation_needs_no_credentials(tmp_path: Path) -> None:
    open_library = library()
    open_library["paths"]["/books"]["post"]["security"] = []
    found = derived(tmp_path, "POST /books", ADD, descriptions=described(tmp_path, open_library))

    assert "negative-no-credentials" not in found


@pytest.mark.parametrize(
    ("after", "statuses"),
    [
        ("", (401, 403, 404)),
        ('\n## Error Response (400)\n\n```json\n{"error": "token"}\n```\n', (400, 401, 403, 404)),
        # A doc that shows 401 does not mean the 400 beside it.
        (
            "".join(f'\n## Error Response ({code})\n\n```json\n{{"error": "x"}}\n```\n' for code in (400, 401)),
            (401, 403, 404),
        ),
    ],
)
def test_a_docs_own_error_examples_say_how_credentials_are_refused(
    tmp_path: Path, after: str, statuses: tuple[int, ...]
) -> None:
    whole = library()
    del whole["paths"]["/books"]["post"]["responses"]["422"]
    about = doc(tmp_path, "POST /books", ADD, after=after)
    operation = described(tmp_path, whole).of_doc(about)

    found = derive_negatives(cases_of(about)[0], parse_body(about), operation)
    assert [case.expect.statuses for case in found.cases if case.id == "negative-no-credentials"] == [statuses]

"""Negative cases that follow from a doc and its description."""

from __future__ import annotations

from pathlib import Path

from checked_answers import answered
from openapi_library import described, doc, library

from pytest_endpoint_docs.checks.standard import check_status
from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.body import Change, DerivedCase
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.negatives import UNKNOWN_ID, derive_negatives

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
    return {case.id: case for case in found}


def test_what_follows_from_a_body(tmp_path: Path) -> None:
    found = derived(tmp_path, "POST /books", ADD, head="tokens: [staff]\n")

    assert list(found) == [
        "negative-missing-title",
        "negative-type-title",
        "negative-type-kind",
        "negative-type-pages",
        "negative-type-published",
        "negative-enum-kind",
        "negative-no-credentials",
        "negative-token-directory",
        "negative-method-patch",
    ]
    assert found["negative-missing-title"].changes == (Change(pointer="/body/title", value=None),)
    assert found["negative-type-pages"].changes == (Change(pointer="/body/pages", value="not-a-number"),)
    assert found["negative-token-directory"].changes == (Change(pointer="/token", value="directory"),)
    assert found["negative-no-credentials"].changes == (Change(pointer="/token", value="none"),)


def test_a_described_error_status_is_expected_else_any_4xx(tmp_path: Path) -> None:
    found = derived(tmp_path, "POST /books", ADD)

    assert found["negative-missing-title"].expect.statuses == (422,)
    assert found["negative-no-credentials"].expect.statuses == ()
    assert found["negative-no-credentials"].expect.status_classes == (4,)


def test_an_error_example_of_the_doc_counts_as_described(tmp_path: Path) -> None:
    about = doc(
        tmp_path,
        "POST /books",
        ADD,
        after='\n## Error Responses\n\n### 401 Unauthorized\n\n```json\n{"error": "no"}\n```\n',
    )
    body = parse_body(about)
    found = {case.id: case for case in derive_negatives(cases_of(about)[0], body)}

    assert [example.status for example in body.examples] == [401]
    assert found["negative-no-credentials"].expect.statuses == (401,)


def test_an_unknown_id_in_the_path(tmp_path: Path) -> None:
    found = derived(tmp_path, "GET /books/{book}", '  - id: one\n    method: GET\n    path: "/books/{{book}}"\n')

    assert found["negative-unknown-book"].changes == (Change(pointer="/path", value=f"/books/{UNKNOWN_ID}"),)
    assert found["negative-unknown-book"].expect.statuses == (404,)


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


def test_any_4xx_and_nothing_else_satisfies_a_status_class() -> None:
    for status, expected in ((400, 0), (422, 0), (200, 1), (500, 1), (302, 1)):
        given = answered({}, status=status, expect={"status_classes": (4,)})
        assert len(check_status(given)) == expected

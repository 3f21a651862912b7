"""What a doc's tables, error examples and ``tokens`` say, against the description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import described, doc, library

from pytest_endpoint_docs.drift.static import find_drift

GET = "  - id: list\n    method: GET\n    path: '/books?shelf=3'\n"
ADD = "  - id: add\n    method: POST\n    path: /books\n    body: {title: T}\n"


def told(
    tmp_path: Path, endpoint: str, request: str, after: str = "", *, head: str = "", whole: Any = None
) -> list[tuple[str, int, str]]:
    about = doc(tmp_path, endpoint, request, after=after, head=head)
    found = find_drift([about], described(tmp_path, whole))
    return [(one.kind, one.location.line, one.message.partition(": ")[2]) for one in found]


def test_statuses_of_tables_and_error_examples(tmp_path: Path) -> None:
    after = (
        "\n## Response Codes\n\n| Status | Meaning |\n|---|---|\n| 201 | Made |\n| `401` | No |\n| 422 | Wrong |\n"
        '\n## Error Responses\n\n### 404 Not Found\n\n```json\n{"error": "no"}\n```\n'
    )

    assert told(tmp_path, "POST /books", ADD, after) == [
        ("status-not-listed", 24, "the doc lists status 401, which is not described"),
        ("status-not-listed", 31, "the doc lists status 404, which is not described"),
    ]


def test_tables_of_other_things_say_nothing(tmp_path: Path) -> None:
    after = "\n## Known Numbers\n\n| Status | Meaning |\n|---|---|\n| 401 | a shelf |\n"

    assert told(tmp_path, "POST /books", ADD, after) == []


@pytest.mark.parametrize(
    ("title", "row", "kind", "message"),
    [
        ("Query Parameters", "| shelf | integer | Yes |", "", ""),
        (
            "Query Parameters",
            "| `shelf` | integer | No |",
            "listed-otherwise",
            "the doc lists the query parameter 'shelf' as optional, which is described as required",
        ),
        (
            "Query parameters",
            "| page | integer | No |",
            "parameter-not-described",
            "the doc lists the query parameter 'page' as optional, which is not described",
        ),
        ("Query Parameters", "| kind | string | depends |", "", ""),
        ("How to Resolve Parameters", "| page | integer | No |", "", ""),
    ],
)
def test_query_parameters(tmp_path: Path, title: str, row: str, kind: str, message: str) -> None:
    after = f"\n## {title}\n\n| Parameter | Type | Required |\n|---|---|---|\n{row}\n"
    line = 17 + after.count("\n") - 1

    assert told(tmp_path, "GET /books", GET, after) == ([(kind, line, message)] if kind else [])


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("| title | string | yes |", ""),
        ("| title | string | no |", "listed-otherwise"),
        ("| kind | string | required |", "listed-otherwise"),
        ("| colour | string | no |", "parameter-not-described"),
        ("| author.name | string | no |", ""),
    ],
)
def test_properties_of_the_body(tmp_path: Path, row: str, kind: str) -> None:
    after = f"\n## Parameters Reference\n\n### Body Parameters\n\n| Name | Type | Required |\n|---|---|---|\n{row}\n"

    assert [found for found, _, _ in told(tmp_path, "POST /books", ADD, after)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("tokens", "kind", "message"),
    [
        ("[staff, client]", "", ""),
        ("[none]", "", ""),
        (
            "[staff]",
            "tokens-fewer",
            "the doc's 'tokens' are staff, the operation's text says client, staff",
        ),
        (
            "[staff, app]",
            "tokens-differ",
            "the doc's 'tokens' are app, staff, the operation's text says client, staff",
        ),
    ],
)
def test_token_kinds(tmp_path: Path, tokens: str, kind: str, message: str) -> None:
    whole = library()
    whole["paths"]["/books"]["post"]["description"] = "Adds one.\n\nAvailable for **Staff and Client tokens**."

    found = told(tmp_path, "POST /books", ADD, head=f"tokens: {tokens}\n", whole=whole)
    assert found == ([(kind, 5, message)] if kind else [])

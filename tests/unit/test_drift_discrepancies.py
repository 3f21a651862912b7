"""A doc's table of discrepancies: each row is confirmed, refuted, or not decided."""

from __future__ import annotations

from pathlib import Path

import pytest
from openapi_library import described, doc, library

from pytest_endpoint_docs.drift.static import find_drift

ADD = "  - id: add\n    method: POST\n    path: /books\n    body: {title: T}\n"
HEAD = "\n## Swagger Discrepancies\n\n| Aspect | Swagger Says | Actual Behavior |\n|---|---|---|\n"


def verdicts(
    tmp_path: Path, row: str, *, head: str = HEAD, endpoint: str = "POST /books"
) -> list[tuple[str, int, str]]:
    whole = library()
    whole["paths"]["/books"]["post"]["description"] = "Available for **Staff tokens**. Without a shelf, 409 comes."
    about = doc(tmp_path, endpoint, ADD, after=f"{head}{row}\n")
    found = find_drift([about], described(tmp_path, whole))
    return [
        (one.kind.removeprefix("discrepancy-"), one.location.line, one.message.split(": ", 2)[2])
        for one in found
        if one.kind.startswith("discrepancy-")
    ]


@pytest.mark.parametrize(
    ("row", "verdict", "words"),
    [
        ("| Required field | `title` required | |", "confirmed", "'title' is required there"),
        ("| Required field | `title` is optional | |", "refuted", "'title' is required there"),
        ("| required_field: kind | Required | optional |", "refuted", "'kind' is optional there"),
        (
            "| Body | title is required, 422 without it | |",
            "confirmed",
            "'title' is required there; status 422 is described",
        ),
        ("| colour | Not documented | works |", "confirmed", "'colour' is not described"),
        ("| missing_field: colour | - | works |", "confirmed", "'colour' is not described"),
        ("| missing_field: pages | - | works |", "refuted", "'pages' is described"),
        ("| colour | Required | |", "refuted", "'colour' is not described"),
        ("| Query | Not documented as query param: `kind` | |", "confirmed", "'kind' is not described"),
        ("| Type of `pages` | `pages` is a string | |", "refuted", "'pages' is of type integer"),
        ("| Type | `pages`: integer | |", "confirmed", "'pages' is of type integer"),
        (
            "| Names | Only `title` and `kind` | |",
            "refuted",
            "it has kind, pages, published, shelf_code, subtitle, tags",
        ),
        ("| Status | Returns 201 | 200 |", "confirmed", "status 201 is described"),
        ("| Status | Likely 404 | 422 |", "refuted", "status 404 is not described (201, 422)"),
        ("| Status | 409 Conflict | 422 |", "confirmed", "its text has status 409"),
        ("| auth | Available for Staff tokens | |", "confirmed", "its text says staff"),
        ("| auth | Available for Staff and App tokens | |", "refuted", "its text says staff"),
        ("| response_field: uid | Not documented | there |", "refuted", "'uid' is described in its answers"),
        ("| response_field: isbn | Not documented | there |", "confirmed", "'isbn' is not described in its answers"),
        ("| `uid` | Not documented in the response | there |", "refuted", "'uid' is described in its answers"),
        ("| Pages | At most 100 of them | 200 |", "undecided", "nothing in it can be looked up there"),
        ("| Other endpoint | Use `GET /books/latest` | |", "confirmed", "GET /books/latest is described"),
        ("| Wording | Speaks of volumes | of books |", "undecided", "nothing in it can be looked up there"),
        ("| Path param | `{uid}` | |", "refuted", "the path is /api/books"),
    ],
)
def test_a_row_gets_a_verdict_with_what_the_description_has(tmp_path: Path, row: str, verdict: str, words: str) -> None:
    ((found, line, told),) = verdicts(tmp_path, row)

    assert (found, line) == (verdict, 23)
    assert told.startswith(words)


def test_a_column_for_the_field_and_one_for_the_code(tmp_path: Path) -> None:
    head = "\n## Discrepancies Found\n\n| Aspect | Field | Swagger Says | Code Says |\n|---|---|---|---|\n"

    ((found, _, words),) = verdicts(tmp_path, "| validation_rule | title | Required | Optional |", head=head)
    assert (found, words) == ("confirmed", "'title' is required there (validation_rule: title: Required)")


def test_where_the_operation_is_not_described_nothing_is_decided(tmp_path: Path) -> None:
    assert [found for found, _, _ in verdicts(tmp_path, "| title | Required | |", endpoint="POST /bks")] == [
        "undecided"
    ]


@pytest.mark.parametrize(
    "head",
    [
        "\n## Notes\n\n| Aspect | Swagger Says | Actual |\n|---|---|---|\n",
        "\n## Swagger Discrepancies\n\n| Aspect | What | Else |\n|---|---|---|\n",
    ],
)
def test_other_tables_get_none(tmp_path: Path, head: str) -> None:
    assert verdicts(tmp_path, "| title | Required | |", head=head) == []

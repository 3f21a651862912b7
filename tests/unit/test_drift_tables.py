"""What a doc's tables, error examples and ``tokens`` say, against the description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_library import described, doc, library

from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.model.environment import Environment

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
            "the doc lists the query parameter 'shelf' as optional, but it is described as required",
        ),
        (
            "Query parameters",
            "| page | integer | No |",
            "parameter-not-described",
            "the doc lists the query parameter 'page' as optional, but it is not described",
        ),
        ("Query Parameters", "| kind | string | depends |", "", ""),
        ("How to Resolve Parameters", "| page | integer | No |", "", ""),
    ],
)
def test_query_parameters(tmp_path: Path, title: str, row: str, kind: str, message: str) -> None:
    after = f"\n## {title}\n\n| Parameter | Type | Required |\n|---|---|---|\n{row}\n"
    line = 17 + after.count("\n") - 1
    # What is required stands in the table, for it would be told where it is missing.
    after += "| shelf | | |\n" if "shelf" not in row else ""

    assert told(tmp_path, "GET /books", GET, after) == ([(kind, line, message)] if kind else [])


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("| title | string | yes |", ""),
        ("| title | string | no |", "listed-otherwise"),
        ("| kind | string | required |", "listed-otherwise"),
        ("| colour | string | no |", "parameter-not-described"),
        ("| author.name | string | no |", ""),
        ("| pages | string | no |", "type-listed-otherwise"),
        ("| pages | number | no |", ""),
        ("| tags | array of strings | no |", ""),
        ("| published | date | no |", ""),
        ("| cover | whatever | no |", "parameter-not-described"),
    ],
)
def test_properties_of_the_body(tmp_path: Path, row: str, kind: str) -> None:
    after = f"\n## Parameters Reference\n\n### Body Parameters\n\n| Name | Type | Required |\n|---|---|---|\n{row}\n"
    # What is required stands in the table, for it would be told where it is missing.
    after += "| title | string | |\n" if "| title" not in row else ""

    assert [found for found, _, _ in told(tmp_path, "POST /books", ADD, after)] == ([kind] if kind else [])


def test_a_type_of_the_table_that_is_described_otherwise(tmp_path: Path) -> None:
    after = "\n## Query Parameters\n\n| Parameter | Type | Required |\n|---|---|---|\n| shelf | boolean | Yes |\n"

    assert told(tmp_path, "GET /books", GET, after) == [
        (
            "type-listed-otherwise",
            22,
            "the doc lists the query parameter 'shelf' as boolean, but it is described as integer",
        )
    ]


def test_a_table_that_leaves_out_what_is_required(tmp_path: Path) -> None:
    query = "\n## Query Parameters\n\n| Parameter | Required |\n|---|---|\n| kind | No |\n"
    body = "\n## Body Parameters\n\n| Name | Required |\n|---|---|\n| pages | No |\n"

    assert told(tmp_path, "GET /books", GET, query) == [
        (
            "parameter-not-listed",
            22,
            "the query parameter 'shelf' is required, and the doc's table does not list it",
        )
    ]
    # ``uid`` is required too, but read-only.
    assert told(tmp_path, "POST /books", ADD, body) == [
        ("parameter-not-listed", 23, "the body property 'title' is required, and the doc's table does not list it")
    ]


@pytest.mark.parametrize(("name", "kind"), [("book_uid", ""), ("colour", "parameter-not-described")])
def test_a_table_that_does_not_say_where_its_parameters_are(tmp_path: Path, name: str, kind: str) -> None:
    after = f"\n## Parameters Reference\n\n| Parameter | Type | Required |\n|---|---|---|\n| {name} | string | Yes |\n"
    one = "  - id: one\n    method: GET\n    path: '/books/{{uid}}'\n"

    assert [found for found, _, _ in told(tmp_path, "GET /books/{uid}", one, after)] == ([kind] if kind else [])


def test_a_table_of_where_values_come_from_says_nothing(tmp_path: Path) -> None:
    after = "\n## Parameters\n\n| Parameter | Source | Path |\n|---|---|---|\n| colour | GET /books | $.x |\n"

    assert told(tmp_path, "POST /books", ADD, after) == []


def test_fields_of_a_form(tmp_path: Path) -> None:
    whole = library()
    fields = {"type": "object", "required": ["file[title]"], "properties": {"file[title]": {"type": "string"}}}
    whole["paths"]["/books"]["post"]["requestBody"] = {"content": {"multipart/form-data": {"schema": fields}}}
    table = "| file[title] | string | No |\n| file[cover] | file | No |\n"
    after = f"\n## Form Fields (multipart/form-data)\n\n| Field | Type | Required |\n|---|---|---|\n{table}"
    request = "  - id: add\n    method: POST\n    path: /books\n    content_type: multipart\n"

    found = told(tmp_path, "POST /books", f"{request}    form_fields: {{'file[title]': T}}\n", after, whole=whole)
    assert [kind for kind, _, _ in found] == ["listed-otherwise", "parameter-not-described"]


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


TOKEN_TABLE = "\n## Authentication\n\n| Token Type | Works | Notes |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("head", "rows", "found"),
    [
        ("tokens: [staff]\n", "| Staff | ✅ | |\n| Client | ❌ | no |\n", [("tokens-differ", 25)]),
        ("", "| Staff | Yes | |\n| Client | No | no |\n", [("tokens-differ", 24)]),
        ("", "| Staff | ✅ | |\n| App | ❌ | |\n", [("tokens-fewer", 23)]),
        ("", "| Staff | ✅ | |\n| Client | ✅ | |\n| Application | ✅ | |\n", [("tokens-differ", 23)]),
        ("", "| Staff | ✅ | |\n| Client | ✅ | |\n| Admin | ✅ | |\n", []),
    ],
)
def test_a_table_of_tokens_that_work(tmp_path: Path, head: str, rows: str, found: list[tuple[str, int]]) -> None:
    whole = library()
    whole["paths"]["/books"]["post"]["description"] = "Available for **Staff and Client tokens**."

    told_ = told(tmp_path, "POST /books", ADD, TOKEN_TABLE + rows, head=head, whole=whole)
    assert [(kind, line) for kind, line, _ in told_] == found


def test_a_sentence_about_tokens_counts_where_nothing_else_says_it(tmp_path: Path) -> None:
    whole = library()
    whole["paths"]["/books"]["post"]["description"] = "Available for **Staff and Client tokens**."
    after = "\n## Authentication\n\nAvailable for **Staff** and **Application**\ntokens.\n"

    assert told(tmp_path, "POST /books", ADD, after, whole=whole) == [
        ("tokens-differ", 21, "the doc's text says app, staff, the operation's text says client, staff")
    ]


def test_a_label_in_the_summary_says_which_token_is_needed(tmp_path: Path) -> None:
    whole = library()
    whole["paths"]["/books"]["post"]["description"] = "Available for **Staff and Client tokens**."
    label = "**Token Type**: Requires a **directory token** with X-On-Behalf-Of. Client tokens fail."
    after = f"\n## Summary\n\nMakes a book. {label}\n"

    assert told(tmp_path, "POST /books", ADD, after, whole=whole) == [
        ("tokens-differ", 21, "the doc's text says directory, the operation's text says client, staff")
    ]


@pytest.mark.parametrize(
    ("head", "token", "expect", "found"),
    [
        ("", "directory", "", [("token-not-available", 17)]),
        ("", "Client", "", []),
        ("", "none", "", []),
        ("", "admin", "", []),
        ("", "directory", "    expect: {status: 403}\n", []),
        # What ``tokens`` have is told of them.
        ("tokens: [directory]\n", "directory", "", [("tokens-differ", 5)]),
    ],
)
def test_a_request_with_a_token_that_the_text_does_not_name(
    tmp_path: Path, head: str, token: str, expect: str, found: list[tuple[str, int]]
) -> None:
    whole = library()
    whole["paths"]["/books"]["post"]["description"] = "Available for **Staff and Client tokens**."
    whole["paths"]["/books"]["post"]["responses"]["403"] = {"description": "no"}

    told_ = told(tmp_path, "POST /books", f"{ADD}    token: {token}\n{expect}", head=head, whole=whole)
    assert [(kind, line) for kind, line, _ in told_] == found


def test_the_default_token_of_the_environment_is_sent_too(tmp_path: Path) -> None:
    whole = library()
    whole["paths"]["/books"]["post"]["description"] = "Available for **Client tokens**."
    environment = Environment(name="e", file=None, base_url="http://127.0.0.1", default_token="staff")

    about = doc(tmp_path, "POST /books", ADD)
    (found,) = find_drift([about], described(tmp_path, whole), environment=environment)
    assert found.message == "POST /api/books: sent with a token of kind staff, the operation's text says client"


@pytest.mark.parametrize(
    ("title", "row", "kinds"),
    [
        ("Query Parameters", "| filter | string | No |", []),
        ("Query Parameters", "| filter | string | Yes |", ["listed-otherwise"]),
        ("Header Parameters", "| Cookie | string | Yes |", []),
        ("Header Parameters", "| X-Cookie | string | Yes |", ["parameter-not-described"]),
    ],
)
def test_json_in_a_parameter_and_cookies(tmp_path: Path, title: str, row: str, kinds: list[str]) -> None:
    content = {"application/json": {"schema": {"type": "object"}}}
    parameters = [
        {"name": "filter", "in": "query", "content": content},
        {"name": "session", "in": "cookie", "schema": {"type": "string"}},
    ]
    get = {"parameters": parameters, "responses": {"200": {"description": ""}}}
    after = f"\n## {title}\n\n| Name | Type | Required |\n|---|---|---|\n{row}\n"
    whole = {"openapi": "3.0.3", "paths": {"/books": {"get": get}}}
    found = told(tmp_path, "GET /books", GET.replace("?shelf=3", ""), after, whole=whole)
    assert [kind for kind, _, _ in found] == kinds

"""UID resolution: JSON fence or table, and what the prose around it shows of the source."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_docs import write_doc

from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.model.body import DocBody, Resolution
from pytest_endpoint_docs.model.source import Endpoint

REQUEST = "\n\n## Request Template\n\n```json\n{}\n```\n"
APPS = Endpoint("POST", "/v1/apps")


def body_of(tmp_path: Path, markdown: str) -> DocBody:
    return parse_body(write_doc(tmp_path, f"---\nendpoint: POST /x\n---\n{markdown}{REQUEST}"))


def json_row(tmp_path: Path, row: str) -> Resolution:
    body = body_of(tmp_path, f'## UID Resolution\n\n```json\n{{"uid": {row}}}\n```')
    (resolution,) = body.resolutions
    return resolution


def table(*rows: str, head: str = "| Field | Source | Notes |") -> str:
    rule = "|---" * (head.count("|") - 1) + "|"
    return "## UID Resolution Procedure\n\n" + "\n".join([head, rule, *rows])


def table_row(tmp_path: Path, row: str, **options: str) -> Resolution:
    (resolution,) = body_of(tmp_path, table(row, **options)).resolutions
    return resolution


def test_an_unknown_key_of_a_row_is_an_error(tmp_path: Path) -> None:
    body = body_of(
        tmp_path,
        '## UID Resolution\n\n```json\n{"uid": {"source_endpoint": "GET /x", "extract_from": "a", "retry": 3}}\n```',
    )

    (finding,) = body.findings
    assert finding.message.startswith('unknown key "retry" of a row of UID Resolution. Known: ')


def test_a_json_row(tmp_path: Path) -> None:
    row = json_row(
        tmp_path,
        """{
  "source_endpoint": "GET /v1/apps/{id}?all=1", "extract_from": "data.apps[0].id", "fallback_endpoint": "GET /v2/apps",
  "create_fresh": true, "create_endpoint": "POST /v1/apps", "create_body": {"name": "{{timestamp}}"},
  "cleanup_endpoint": "DELETE /v1/apps/{uid}", "cleanup_note": "delete it", "token_type": "Directory"}""",
    )

    assert (row.field, row.kind, row.location.line) == ("uid", "endpoint", 7)
    assert (row.source, row.fallback) == (Endpoint("GET", "/v1/apps/{id}", "all=1"), Endpoint("GET", "/v2/apps"))
    assert (row.create, row.create_fresh, row.create_body) == (APPS, True, {"name": "{{timestamp}}"})
    assert (row.extract_from, row.token, row.note) == ("data.apps[0].id", "directory", "delete it")
    assert row.cleanup == Endpoint("DELETE", "/v1/apps/{uid}")


def test_a_body_without_create_endpoint_belongs_to_a_source_that_creates(tmp_path: Path) -> None:
    row = json_row(
        tmp_path,
        '{"source_endpoint": "POST /v1/apps", "extract_from": "data.id", "create_fresh": true,'
        ' "create_endpoint": null, "create_body": {"a": 1}}',
    )

    assert (row.source, row.create, row.has_source_body, row.source_body) == (APPS, None, True, {"a": 1})


def test_a_row_that_only_creates_creates(tmp_path: Path) -> None:
    row = json_row(
        tmp_path,
        '{"source_endpoint": null, "extract_from": "data.id", "create_fresh": false,'
        ' "create_endpoint": "POST /v1/apps"}',
    )

    assert (row.create, row.create_fresh) == (APPS, True)


@pytest.mark.parametrize(
    "row",
    [
        '"Already resolved from config"',
        "null",
        '{"source_endpoint": "Used the configured one", "extract_from": "Configuration parameters"}',
        '{"extract_from": "Generated value", "create_fresh": true, "create_endpoint": "Generated identifier"}',
        '{"source_endpoint": null, "extract_from": null, "create_fresh": true}',
    ],
)
def test_prose_is_no_error(tmp_path: Path, row: str) -> None:
    body = body_of(tmp_path, f'## UID Resolution\n\n```json\n{{"uid": {row}, "other": {{"extract_from": "a"}}}}\n```')

    assert [one.kind for one in body.resolutions] == ["prose", "prose"]
    assert body.findings == ()


def test_an_endpoint_without_a_path_of_its_value_is_a_finding(tmp_path: Path) -> None:
    body = body_of(tmp_path, '## UID Resolution\n\n```json\n{"uid": {"source_endpoint": "GET /a"}}\n```')

    assert [one.kind for one in body.resolutions] == ["prose"]
    assert [(one.code, one.location.line) for one in body.findings] == [("resolution-without-extract", 7)]


def test_json_wins_over_the_table_in_either_section(tmp_path: Path) -> None:
    rows = '```json\n{"uid": {"source_endpoint": "GET /json", "extract_from": "a"}}\n```'
    body = body_of(tmp_path, table("| uid | `GET /table` → `b` | - |") + f"\n\n## UID Resolution\n\n{rows}")

    assert [str(one.source) for one in body.resolutions] == ["GET /json"]


@pytest.mark.parametrize("fence", ["{}", '{"name": "a body"}', "POST /v1/apps\n{}"])
def test_a_fence_that_maps_no_fields_leaves_the_table(tmp_path: Path, fence: str) -> None:
    body = body_of(tmp_path, table("| uid | `GET /table` → `b` | - |") + f"\n\n```json\n{fence}\n```")

    assert [str(one.source) for one in body.resolutions] == ["GET /table"]
    assert [(one.code, one.severity.value) for one in body.findings] == (
        [("bad-json", "warning")] if fence.startswith("POST") else []
    )


def test_only_the_titles_of_the_format_count(tmp_path: Path) -> None:
    rows = '```json\n{"uid": {"source_endpoint": "GET /json", "extract_from": "a"}}\n```'

    assert body_of(tmp_path, f"## UID Resolution JSON\n\n{rows}").resolutions == ()


@pytest.mark.parametrize("arrow", ["→", "->", "=>"])
def test_a_table_row_with_source_and_path(tmp_path: Path, arrow: str) -> None:
    row = table_row(tmp_path, f"| client_id | `POST /v1/apps` {arrow} `data.client_id` | once |")

    assert (row.field, row.kind, row.source, row.extract_from) == ("client_id", "endpoint", APPS, "data.client_id")
    assert (row.note, row.location.line) == ("once", 8)


def test_a_table_row_with_columns(tmp_path: Path) -> None:
    row = table_row(
        tmp_path,
        "| `uid` | GET /v1/a/{b} | $.data[0].id | ✓ POST /v1/apps | DELETE /v1/apps/{uid} |",
        head="| UID Field | GET Endpoint | Extract From | Create Fresh | Cleanup |",
    )

    assert (row.field, row.source, row.extract_from) == ("uid", Endpoint("GET", "/v1/a/{b}"), "$.data[0].id")
    assert (row.create, row.create_fresh, row.cleanup) == (APPS, True, Endpoint("DELETE", "/v1/apps/{uid}"))


@pytest.mark.parametrize(
    ("cell", "create", "fresh"),
    [
        ("-", None, False),
        ("No", None, False),
        ("POST /v1/apps", APPS, False),
        ("**Yes** - POST /v1/apps", APPS, True),
        ("✓ Yes", None, False),
        ("by the creation flow", None, False),
    ],
)
def test_when_a_table_creates(tmp_path: Path, cell: str, create: Endpoint | None, fresh: bool) -> None:
    row = table_row(
        tmp_path, f"| uid | GET /a | id | {cell} |", head="| Field | Source | Extract From | Create Fresh |"
    )

    assert (row.create, row.create_fresh) == (create, fresh)


@pytest.mark.parametrize("cell", ["Already resolved in config", "Your own URL", "-", "N/A"])
def test_prose_in_a_table(tmp_path: Path, cell: str) -> None:
    assert table_row(tmp_path, f"| uid | {cell} | n |").kind == "prose"


def test_the_redirect_of_the_authorization_endpoint(tmp_path: Path) -> None:
    row = table_row(tmp_path, "| code | `/oauth/authorize` redirect | by a person |")

    assert (row.kind, row.source) == ("authorization", None)


def test_rows_of_dashes_are_none(tmp_path: Path) -> None:
    assert body_of(tmp_path, table("| - | - | - |")).resolutions == ()


def test_a_field_twice_is_a_finding(tmp_path: Path) -> None:
    body = body_of(tmp_path, table("| uid | GET /a → x | - |", "| uid | GET /b → x | - |"))

    assert [str(one.source) for one in body.resolutions] == ["GET /a"]
    assert [one.code for one in body.findings] == ["duplicate-resolution"]


PREREQUISITES = """## Prerequisites

### 1. An app
First call `POST /v1/apps` with a **Directory token**. Other calls need `GET /v1/me` using a staff token:

```json
{"me": true}
```

### 2. Again
- Create the app with `POST /v1/apps`:

  ```json
  {"name": "An app"}
  ```

"""


def test_prerequisites_show_body_and_token_of_the_source(tmp_path: Path) -> None:
    (row,) = body_of(tmp_path, PREREQUISITES + table("| uid | `POST /v1/apps` → `id` | - |")).resolutions

    assert (row.has_source_body, row.source_body, row.token) == (True, {"name": "An app"}, "directory")


def test_the_token_may_stand_in_the_resolution_steps(tmp_path: Path) -> None:
    text = table("| uid | GET /a | - |", head="| F | Source | Extract |").replace("| - |", "| id |")
    (row,) = body_of(
        tmp_path, text + "\n\n1. Call `GET /a` with the admin token\n2. Call `GET /b` with an app token\n"
    ).resolutions

    assert row.token == "admin"


def test_an_access_token_is_no_kind(tmp_path: Path) -> None:
    (row,) = body_of(
        tmp_path, table("| uid | GET /a → id | - |") + "\n\nCall `GET /a` with a valid token.\n"
    ).resolutions

    assert row.token is None

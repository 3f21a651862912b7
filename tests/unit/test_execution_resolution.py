"""UID Resolution and required docs, on a real server."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running_docs import case_of, environment, run_case, run_context, write_doc
from scripted_server import Reply, ScriptedServer

from pytest_endpoint_docs import errors
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.execution.protocols import CaseClient
from pytest_endpoint_docs.execution.requirements import RequirementStore
from pytest_endpoint_docs.model.case import CaseResult, ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc


def resolving(rows: dict[str, Any], request: dict[str, Any]) -> str:
    return f"""---
endpoint: {request["method"]} {request["path"].partition("?")[0]}
---
# Doc

## UID Resolution Procedure

```json
{json.dumps(rows, indent=2)}
```

## Request Template

```json
{json.dumps(request, indent=2)}
```
"""


@pytest.fixture
def run(server: ScriptedServer, tmp_path: Path) -> Any:
    def run(rows: dict[str, Any], request: dict[str, Any], *others: EndpointDoc, **given: Any) -> CaseResult:
        doc = write_doc(tmp_path, resolving(rows, request))
        return run_case(case_of(doc), run_context(environment(server.url), [doc, *others], **given))

    return run


GET_CLIENT = {"method": "GET", "path": "/clients/{{resolved.client_uid}}"}


@pytest.mark.parametrize(
    "path",
    [
        "/c/{{client_uid}}",
        "/c/{client_uid}",
        "/c/{{resolved.client_uid}}",
        "/c/{{app.client_uid}}",
    ],
)
def test_a_row_is_found_by_name_or_last_segment(server: ScriptedServer, run: Any, path: str) -> None:
    server.replies["GET /list"] = Reply(body={"data": [{"uid": "c7"}]})
    server.replies["GET /c/c7"] = Reply(body={})
    result = run(
        {"client_uid": {"source_endpoint": "GET /list", "extract_from": "data[0].uid"}}, {"method": "GET", "path": path}
    )
    assert result.outcome == "passed", result.error
    assert server.lines == ["GET /list", "GET /c/c7"]
    assert result.exchanges[0].phase == "resolution"


def test_a_row_is_found_by_the_body_key(server: ScriptedServer, run: Any) -> None:
    server.replies["GET /list"] = Reply(body={"uid": "c7"})
    server.replies["GET /other"] = Reply(body={"uid": "x"})
    server.replies["POST /use"] = Reply(body={})
    rows = {
        "client": {"source_endpoint": "GET /list", "extract_from": "uid"},
        "other": {"source_endpoint": "GET /other", "extract_from": "uid"},
    }
    run(rows, {"method": "POST", "path": "/use", "body": {"client": "{{whoever_it_is}}"}})
    assert server.asked[-1].json() == {"client": "c7"}


LISTED = {"source_endpoint": "GET /list", "extract_from": "data[0].uid"}


def resolved_doc(
    tmp_path: Path, endpoint: str, rows: dict[str, Any], path: str, body: dict[str, Any] | None = None
) -> EndpointDoc:
    method = endpoint.partition(" ")[0]
    text = resolving(rows, {"method": method, "path": path, **({"body": body} if body else {})})
    return write_doc(tmp_path, text.replace(text.split("\n")[1], f"endpoint: {endpoint}", 1))


@pytest.mark.parametrize(
    ("endpoint", "field", "path"),
    [
        pytest.param("GET /c/{client_uid}", "client_uid", "/c/{{resolved.uid}}", id="the placeholder at its place"),
        pytest.param("GET /c/{client_uid}", "client_uid", "/c/{{anything}}?a=1", id="whatever the variable is called"),
        pytest.param("GET /clients/me", "client_uid", "/clients/{{resolved.uid}}", id="the only row, of that segment"),
        pytest.param(
            "GET /v1/sales_categories/me",
            "category_id",
            "/v1/sales_categories/{{resolved.id}}",
            id="of a segment of two words",
        ),
    ],
)
def test_a_row_is_found_by_its_place_in_the_path(
    server: ScriptedServer, tmp_path: Path, endpoint: str, field: str, path: str
) -> None:
    server.replies["GET /list"] = Reply(body={"data": [{"uid": "c7"}]})
    sent = path.partition("?")[0].partition("{{")[0] + "c7"
    server.replies[f"GET {sent}"] = Reply(body={})
    doc = resolved_doc(tmp_path, endpoint, {field: LISTED}, path)
    result = run_case(case_of(doc), run_context(environment(server.url), [doc]))
    assert result.outcome == "passed", result.error
    assert [line.partition("?")[0] for line in server.lines] == ["GET /list", f"GET {sent}"]


@pytest.mark.parametrize(
    ("endpoint", "rows", "path", "body"),
    [
        pytest.param("POST /x", {"service_uid": LISTED}, "/x", {"secret": "{{resolved.secret}}"}, id="another name"),
        pytest.param("POST /x", {"service_uid": LISTED}, "/x", {"to": "{{resolved.uid}}"}, id="not in a path"),
        pytest.param(
            "GET /contacts/me", {"client_uid": LISTED}, "/contacts/{{resolved.uid}}", None, id="another segment before"
        ),
        pytest.param(
            "GET /clients/me", {"client_uid": LISTED}, "/clients/{{resolved.merge_with}}", None, id="not bare"
        ),
        pytest.param(
            "GET /clients/me",
            {"client_uid": LISTED, "contact_uid": "ask your admin"},
            "/clients/{{resolved.uid}}",
            None,
            id="not the only row",
        ),
    ],
)
def test_an_id_is_never_guessed(
    server: ScriptedServer,
    tmp_path: Path,
    endpoint: str,
    rows: dict[str, Any],
    path: str,
    body: dict[str, Any] | None,
) -> None:
    doc = resolved_doc(tmp_path, endpoint, rows, path, body)
    result = run_case(case_of(doc), run_context(environment(server.url), [doc]))
    shown = ", ".join(name if row is LISTED else f"{name} (written for people)" for name, row in rows.items())
    assert f"nothing defines it; the rows of UID Resolution are {shown}: use the row's own name" in str(result.error)
    assert server.asked == []


def test_the_placeholder_of_endpoint_is_found_in_the_environment(server: ScriptedServer, tmp_path: Path) -> None:
    server.replies["GET /businesses/b1"] = Reply(body={})
    doc = resolved_doc(tmp_path, "GET /businesses/{business_uid}", {"x_uid": LISTED}, "/businesses/{{resolved.uid}}")
    where = replace(environment(server.url), params={"business_uid": "b1"})
    result = run_case(case_of(doc), run_context(where, [doc]))
    assert result.outcome == "passed", result.error
    assert server.lines == ["GET /businesses/b1"]


def test_a_misspelt_name_is_not_taken_for_the_placeholder(server: ScriptedServer, tmp_path: Path) -> None:
    doc = resolved_doc(tmp_path, "GET /businesses/{business_id}", {"x_uid": LISTED}, "/businesses/{{busines_id}}")
    result = run_case(case_of(doc), run_context(environment(server.url), [doc]))
    assert "undefined variable {{busines_id}}" in str(result.error)
    assert server.asked == []


def test_a_row_that_is_prose_is_not_passed_over_for_another(server: ScriptedServer, tmp_path: Path) -> None:
    rows = {"client_uid": "Already resolved from config", "uid": LISTED}
    doc = resolved_doc(tmp_path, "GET /c/{uid}", rows, "/c/{{resolved.client_uid}}")
    result = run_case(case_of(doc), run_context(environment(server.url), [doc]))
    assert 'is written for people: "Already resolved from config"' in str(result.error)
    assert server.asked == []


def test_a_row_takes_a_param_of_the_environment_or_the_first_of_a_list(server: ScriptedServer, tmp_path: Path) -> None:
    server.replies["GET /list"] = Reply(body={"data": [{"uid": "c7"}, {"uid": "c8"}]})
    server.replies["GET /b/b1/c/c7"] = Reply(body={})
    rows = {
        "b_uid": {"source_endpoint": "Already in the config", "extract_from": "config.params.business"},
        "c_uid": {"source_endpoint": "GET /list", "extract_from": "data[].uid"},
    }
    doc = resolved_doc(tmp_path, "GET /b/{b_uid}/c/{c_uid}", rows, "/b/{{resolved.b_uid}}/c/{{resolved.c_uid}}")
    where = replace(environment(server.url), params={"business": "b1"})
    assert run_case(case_of(doc), run_context(where, [doc])).outcome == "passed"
    assert server.lines == ["GET /list", "GET /b/b1/c/c7"]

    without = run_case(case_of(doc), run_context(environment(server.url), [doc]))
    assert "takes it from config.params.business, which the environment does not define" in str(without.error)


def test_rows_that_nothing_needs_are_not_called(server: ScriptedServer, run: Any) -> None:
    run({"x": {"source_endpoint": "GET /list", "extract_from": "uid"}}, {"method": "GET", "path": "/c/1"})
    assert server.lines == ["GET /c/1"]


def test_a_name_that_no_row_has_is_undefined(server: ScriptedServer, run: Any) -> None:
    rows = {
        "a_uid": {"source_endpoint": "GET /a", "extract_from": "uid"},
        "b_uid": {"source_endpoint": "GET /b", "extract_from": "uid"},
    }
    result = run(rows, {"method": "GET", "path": "/c/{{resolved.uid}}"})
    assert "nothing defines it; the rows of UID Resolution are a_uid, b_uid: use the row's own name" in str(
        result.error
    )
    assert server.asked == []


def test_rows_of_one_source_share_one_call(server: ScriptedServer, run: Any) -> None:
    apps = iter(range(9))
    server.replies["POST /apps"] = lambda _: Reply(
        status=201, body={"data": (lambda n: {"id": f"id{n}", "secret": f"secret{n}"})(next(apps))}
    )
    server.replies["POST /token"] = Reply(body={})
    rows = {
        "client_id": {"source_endpoint": "POST /apps", "extract_from": "data.id"},
        "client_secret": {"source_endpoint": "POST /apps", "extract_from": "data.secret"},
    }
    body = {"client_id": "{{app.client_id}}", "client_secret": "{{app.client_secret}}"}
    run(rows, {"method": "POST", "path": "/token", "body": body})
    assert server.lines == ["POST /apps", "POST /token"]
    assert server.asked[-1].json() == {"client_id": "id0", "client_secret": "secret0"}


def test_rows_that_depend_on_each_other(server: ScriptedServer, run: Any) -> None:
    server.replies["GET /matters"] = Reply(body={"uid": "m1"})
    server.replies["POST /matters/m1/notes"] = Reply(status=201, body={"uid": "n1"})
    server.replies["PUT /matters/m1/notes/n1"] = Reply(body={})
    server.replies["DELETE /matters/m1/notes/n1"] = Reply(status=204)
    rows = {
        "note_uid": {
            "create_fresh": True,
            "create_endpoint": "POST /matters/{matter_uid}/notes",
            "create_body": {"text": "{{random_string}}"},
            "extract_from": "uid",
            "cleanup_endpoint": "DELETE /matters/{matter_uid}/notes/{note_uid}",
        },
        "matter_uid": {"source_endpoint": "GET /matters", "extract_from": "uid"},
    }
    result = run(rows, {"method": "PUT", "path": "/matters/{matter_uid}/notes/{note_uid}", "body": {"a": 1}})
    assert result.outcome == "passed", result.error
    assert server.lines == [
        "GET /matters",
        "POST /matters/m1/notes",
        "PUT /matters/m1/notes/n1",
        "DELETE /matters/m1/notes/n1",
    ]


def test_a_circle_is_an_error(server: ScriptedServer, run: Any) -> None:
    rows = {
        "a": {"source_endpoint": "GET /x/{b}", "extract_from": "uid"},
        "b": {"source_endpoint": "GET /y/{a}", "extract_from": "uid"},
    }
    result = run(rows, {"method": "GET", "path": "/c/{a}"})
    assert "UID Resolution is circular: a -> b -> a" in str(result.error)
    assert server.asked == []


CREATED = {
    "source_endpoint": "GET /clients",
    "create_fresh": True,
    "create_endpoint": "POST /clients",
    "create_body": {"name": "A"},
    "fallback_endpoint": "GET /more-clients",
    "extract_from": "data.uid",
    "cleanup_endpoint": "DELETE /clients/{uid}",
}


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        pytest.param(
            {"POST /clients": Reply(status=201, body={"data": {"uid": "c1"}})},
            ["POST /clients", "GET /clients/c1", "DELETE /clients/c1"],
            id="created and cleaned up",
        ),
        pytest.param(
            {"POST /clients": Reply(status=422), "GET /clients": Reply(body={"data": {"uid": "c1"}})},
            ["POST /clients", "GET /clients", "GET /clients/c1"],
            id="the source where creating fails, which is not deleted",
        ),
        pytest.param(
            {"GET /clients": Reply(body={"data": {}}), "GET /more-clients": Reply(body={"data": {"uid": "c1"}})},
            ["POST /clients", "GET /clients", "GET /more-clients", "GET /clients/c1"],
            id="the fallback at last",
        ),
    ],
)
def test_create_then_source_then_fallback(
    server: ScriptedServer, run: Any, replies: dict[str, Reply], asked: list[str]
) -> None:
    server.replies |= {"GET /clients/c1": Reply(body={}), "DELETE /clients/c1": Reply(status=404), **replies}
    result = run({"client_uid": CREATED}, GET_CLIENT)
    assert result.outcome == "passed", result.error
    assert server.lines == asked


def test_what_was_created_is_never_replaced_by_an_entity_of_somebody_else(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"client": {"uid": "c1"}}})
    server.replies["GET /clients"] = Reply(body={"data": {"uid": "theirs"}})
    server.replies["DELETE /clients/c1"] = Reply(status=204)
    result = run({"client_uid": CREATED}, GET_CLIENT)
    assert str(result.error) == (
        "prerequisite failed: UID resolution of client_uid: POST /clients answered, and data.uid selected nothing;"
        " there is data.client.uid. It created something (201 Created): no other entity is taken in its place"
    )
    assert server.lines == ["POST /clients", "DELETE /clients/c1"]


def test_what_was_created_and_cannot_be_named_is_told(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"first": {"uid": "a"}, "second": {"uid": "b"}}})
    server.replies["GET /clients"] = Reply(body={"data": {"uid": "theirs"}})
    result = run({"client_uid": CREATED}, GET_CLIENT)
    assert str(result.error).endswith("taken in its place, and it is not cleaned up, as its id is not known")
    assert server.lines == ["POST /clients"]


def test_a_row_that_nothing_gives(server: ScriptedServer, run: Any) -> None:
    server.replies["GET /clients"] = Reply(body={"data": {}})
    result = run({"client_uid": CREATED}, GET_CLIENT)
    assert isinstance(result.error, errors.PrerequisiteFailed)
    assert str(result.error) == (
        "prerequisite failed: UID resolution of client_uid: POST /clients answered 404 Not Found;"
        " GET /clients answered, and data.uid selected nothing; `$.data` is empty;"
        " GET /more-clients answered 404 Not Found"
    )


def test_cleanup_that_fails_is_reported(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": "c1"}})
    server.replies |= {"GET /clients/c1": Reply(body={}), "DELETE /clients/c1": Reply(status=409)}
    result = run({"client_uid": CREATED}, GET_CLIENT)
    assert [str(error) for error in result.cleanup_errors] == [
        "cleanup failed: step clean up client_uid: DELETE /clients/{uid} answered 409 Conflict"
    ]


def test_the_sources_own_doc_gives_the_request(server: ScriptedServer, run: Any, tmp_path: Path) -> None:
    source = write_doc(
        tmp_path,
        """
        ---
        endpoint: POST /apps
        ---
        # Apps

        ## Request Template

        ```json
        {"method": "POST", "path": "/apps", "token_type": "admin", "body": {"name": "{{random_lastname}}", "kind": "x"}}
        ```
        """,
        name="apps.md",
    )
    server.replies["POST /apps"] = Reply(status=201, body={"id": "a1"})
    server.replies["GET /apps/a1"] = Reply(body={})
    row = {"source_endpoint": "POST /apps", "extract_from": "id"}
    result = run({"app_id": row}, {"method": "GET", "path": "/apps/{app_id}"}, source)
    assert result.outcome == "passed", result.error
    assert server.asked[0].headers["Authorization"] == "Admin admin-secret-1"
    assert server.asked[0].json()["kind"] == "x"


def test_a_code_comes_from_the_consent(server: ScriptedServer, tmp_path: Path) -> None:
    text = """
    ---
    endpoint: POST /token
    ---
    # Token

    ## UID Resolution Procedure

    | Field | Source |
    |-------|--------|
    | client_id | `POST /apps` → `data.id` |
    | code | `/oauth/authorize` redirect |

    ## Request Template

    ```json
    {"method": "POST", "path": "/token", "body": {
      "client_id": "{{app.client_id}}",
      "code": "{{code_from_user_flow}}",
      "redirect_uri": "https://app.example.com/cb"
    }}
    ```
    """
    server.replies["POST /apps"] = Reply(status=201, body={"data": {"id": "app1"}})
    server.replies["POST /token"] = Reply(body={})
    doc = write_doc(tmp_path, text)
    asked: list[tuple[str | None, str | None]] = []

    class GivenConsent:
        def defines(self, name: str) -> bool:
            return name == "oauth.code"

        def value(self, name: str, case: ContractCase, client: CaseClient) -> str:
            asked.append((client.client_id(), client.redirect_uri()))
            return "code-12345"

    context = run_context(environment(server.url), [doc], consent=GivenConsent())
    result = run_case(case_of(doc), context)
    assert result.outcome == "passed", result.error
    assert asked == [("app1", "https://app.example.com/cb")]
    assert server.asked[-1].json()["code"] == "code-12345"

    without = run_case(case_of(doc), run_context(environment(server.url), [doc]))
    assert "needs a consent: run with --endpoint-manual automated or attended" in str(without.error)


APP = """
---
endpoint: POST /apps
---
# Apps

## Test Request

```yaml
steps:
  - id: create_app
    method: POST
    path: /apps
    body: {name: x}
    extract: {app_id: $.id}
    expect: {status: 201}
```

## Cleanup

```yaml
steps:
  - {id: delete_app, method: DELETE, path: "/apps/{{app_id}}"}
```
"""

USING = """
---
endpoint: GET /apps/{id}
requires: [POST /apps]
---
# App

## Test Request

```yaml
steps:
  - {id: get_app, method: GET, path: "/apps/{{app_id}}"}
```
"""


def run_both(server: ScriptedServer, tmp_path: Path, app: str = APP) -> tuple[list[CaseResult], RequirementStore]:
    docs = [write_doc(tmp_path, app, name="app.md"), write_doc(tmp_path, USING, name="using.md")]
    requirements = RequirementStore(CaseExecution)
    context = run_context(environment(server.url), docs, requirements=requirements)
    return [run_case(case_of(docs[1]), context) for _ in range(2)], requirements


def test_a_required_doc_runs_once_and_is_cleaned_up_at_the_end(server: ScriptedServer, tmp_path: Path) -> None:
    server.replies |= {
        "POST /apps": Reply(status=201, body={"id": "a1"}),
        "GET /apps/a1": Reply(body={}),
        "DELETE /apps/a1": Reply(status=204),
    }
    results, requirements = run_both(server, tmp_path)
    assert [result.outcome for result in results] == ["passed", "passed"]
    assert server.lines == ["POST /apps", "GET /apps/a1", "GET /apps/a1"]
    assert requirements.close() == ()
    assert server.lines[-1] == "DELETE /apps/a1"


def test_the_failure_of_a_required_doc_is_remembered(server: ScriptedServer, tmp_path: Path) -> None:
    server.replies["POST /apps"] = Reply(status=500)
    results, _ = run_both(server, tmp_path)
    assert {str(result.error) for result in results} == {
        "prerequisite failed: required POST /apps: expected status 201, got 500 Internal Server Error"
    }
    assert server.lines == ["POST /apps"]


def test_a_required_doc_that_is_skipped_skips(server: ScriptedServer, tmp_path: Path) -> None:
    app = APP.replace("endpoint: POST /apps\n", "endpoint: POST /apps\nstatus: skip\nskipReason: closed\n")
    results, _ = run_both(server, tmp_path, app)
    assert [(result.outcome, result.reason) for result in results] == [
        ("skipped", "requires POST /apps, which is skipped: closed")
    ] * 2
    assert server.asked == []


def test_a_required_doc_that_is_not_there(server: ScriptedServer, tmp_path: Path) -> None:
    doc = write_doc(tmp_path, USING)
    result = run_case(case_of(doc), run_context(environment(server.url), [doc]))
    assert str(result.error) == "doc.md:3: requires POST /apps, and no doc has that endpoint"


def test_docs_that_require_each_other(server: ScriptedServer, tmp_path: Path) -> None:
    app = APP.replace("endpoint: POST /apps\n", 'endpoint: POST /apps\nrequires: ["GET /apps/{id}"]\n')
    results, _ = run_both(server, tmp_path, app)
    assert isinstance(results[0].error, errors.RequirementCycle)
    assert server.asked == []

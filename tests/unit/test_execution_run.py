"""Running a case end to end on a real server."""

from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path
from typing import Any

import pytest
from running_docs import case_of, endpoint_of, environment, run_case, run_context, write_doc
from scripted_server import Reply, ScriptedServer

from pytest_endpoint_docs import errors
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.model.case import CaseResult, ContractCase
from pytest_endpoint_docs.model.environment import Limits, OnBehalfOf, Server
from pytest_endpoint_docs.model.exchange import Exchange, Request
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.reporting.failure import render_failure
from pytest_endpoint_docs.reporting.item_records import exchange_records

OWN = "GET /clients/{uid}"
HEAD = """
---
endpoint: GET /clients/{uid}
---
# Clients
"""


@pytest.fixture
def run(server: ScriptedServer, tmp_path: Path) -> Any:
    """Run a doc's text against the server, and give the result."""

    def run(text: str, *, case: str | None = None, where: dict[str, Any] | None = None, **given: Any) -> CaseResult:
        doc = write_doc(
            tmp_path, text if text.lstrip().startswith("---") else HEAD.replace(OWN, endpoint_of(text, OWN)) + text
        )
        return run_case(case_of(doc, case), run_context(environment(server.url, **(where or {})), [doc], **given))

    return run


MAIN = """
## Test Request

```yaml
steps:
  - id: get_client
    method: GET
    path: /clients/{{client_uid}}
```
"""

CREATE = """
## Prerequisites

```yaml
steps:
  - id: create_client
    method: POST
    path: /clients
    body: {name: "{{random_firstname}}", age: 7}
    extract:
      client_uid: $.data.uid
    expect: {status: 201}
    ON_FAIL
```
"""


def create(on_fail: str = "") -> str:
    return CREATE.replace("    ON_FAIL\n", f"    {on_fail}\n" if on_fail else "")


CLEANUP = """
## Cleanup

```yaml
steps:
  - id: delete_client
    method: DELETE
    path: /clients/{{client_uid}}
    expect: {status: 204}
```
"""


def test_what_a_prerequisite_extracts_is_used(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": "c 1/ü"}})
    server.replies["GET /clients/c%201%2F%C3%BC"] = Reply(body={})

    result = run(create() + MAIN)

    assert (result.outcome, result.error) == ("passed", None)
    assert server.lines == ["POST /clients", "GET /clients/c%201%2F%C3%BC"]
    assert server.asked[0].json()["age"] == 7
    assert server.asked[0].headers["Authorization"] == "Bearer staff-secret-1"
    assert result.variables == {"client_uid": "c 1/ü"}
    assert [exchange.phase for exchange in result.exchanges] == ["prerequisite", "main"]
    assert result.response.status_code == 200


def test_an_undefined_variable_fails_before_anything_is_sent(server: ScriptedServer, run: Any) -> None:
    text = create().replace("client_uid: $.data.uid", "client_uidd: $.data.uid")
    result = run(text + MAIN)
    assert isinstance(result.error, errors.UndefinedVariable)
    assert server.asked == []
    verdict = str(result.error).splitlines()[0]
    assert verdict == (
        "doc.md:25: undefined variable {{client_uid}} in step get_client: nothing defines it;"
        " did you mean {{client_uidd}} or {{client_id}}?"
    )


def test_every_undefined_variable_is_named(server: ScriptedServer, run: Any) -> None:
    text = MAIN.replace(
        "path: /clients/{{client_uid}}",
        'path: /clients/{client_uid}\n    headers: {X-A: "{{ one | slice: -4 }}"}\n    body: {"k{{two}}": "{{three"}',
    )
    result = run(text)
    lines = str(result.error).splitlines()
    assert lines[0].startswith("doc.md:12: undefined variables {client_uid}, {{ one | slice: -4 }}, {{two}}, {{three,")
    assert "doc.md:13: {{ one | slice: -4 }} of step get_client: filters ('| slice: -4') are not supported" in lines[2]
    assert "'{{three' has no closing braces" in lines[4]


@pytest.mark.parametrize("written", ["one | default('x')", "one || 'x'", "one ?? 'x'", "one:-x", "one or 'x'"])
def test_variables_have_no_defaults(server: ScriptedServer, run: Any, written: str) -> None:
    result = run(MAIN.replace("/{{client_uid}}", f'/1\n    headers: {{X-A: "{{{{ {written} }}}}"}}'))
    assert "variables have no defaults: put the value under `params` of the environment" in str(result.error)


def test_undefined_variables_can_skip(server: ScriptedServer, run: Any) -> None:
    result = run(MAIN, undefined="skip")
    assert (result.outcome, result.reason, server.asked) == ("skipped", "needs variables: client_uid", [])


def test_a_variable_that_only_a_later_step_extracts(run: Any) -> None:
    steps = """
## Test Request

```yaml
steps:
  - {id: first, method: GET, path: "/a/{{uid}}"}
  - {id: second, method: GET, path: /b, extract: {uid: $.uid}}
```
"""
    assert "it is extracted only later, by step second" in str(run(steps).error)


def test_an_extract_that_selected_nothing(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {}})
    result = run(create() + MAIN)
    assert isinstance(result.error, errors.UndefinedVariable)
    assert result.error.message.endswith(
        "(line 25): extracted by step create_client with $.data.uid, which selected nothing; `$.data` is empty"
    )
    assert "$.data.uid" in result.case.doc.text.splitlines()[result.error.location.line - 1]
    assert server.lines == ["POST /clients"]


def test_an_extract_of_a_step_that_was_not_sent(server: ScriptedServer, run: Any) -> None:
    server.replies["GET /a"] = Reply(body={})
    steps = """
## Prerequisites

```yaml
steps:
  - {id: first, method: GET, path: /a, extract: {a: $.id}, onFail: continue}
  - {id: second, method: GET, path: "/b/{{a}}", extract: {b: $.id}, onFail: continue}
```

## Test Request

```yaml
steps:
  - {id: third, method: GET, path: "/c/{{b}}"}
```
"""
    assert "extracted by step second with $.id, which was not sent" in str(run(steps).error)
    assert server.lines == ["GET /a"]


@pytest.mark.parametrize("value", [None, "", {"a": 1}], ids=["null", "empty", "object"])
def test_what_cannot_stand_in_a_path(server: ScriptedServer, run: Any, value: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": value}})
    result = run(create() + MAIN)
    assert "which cannot be part of a path" in str(result.error)
    assert "undefined" not in str(result.error)
    assert server.lines == ["POST /clients"]


def test_extract_with_alias_default_and_first_match(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": [{"k": 1}, {"k": 2, "uid": "u2"}]})
    text = create().replace(
        "client_uid: $.data.uid",
        "first: $.data[?(@.k==2)].uid | [0]\n      client_uid: \"{{first}}\"\n      name: $.data[0].name || 'nobody'",
    )
    server.replies["GET /clients/u2"] = Reply(body={})
    assert run(text + MAIN).variables == {"first": "u2", "client_uid": "u2", "name": "nobody"}


def test_a_prerequisite_that_fails_is_told_apart(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=500, body={})
    result = run(create() + MAIN)
    assert isinstance(result.error, errors.PrerequisiteFailed)
    assert str(result.error) == (
        "prerequisite failed: step create_client: expected status 201, got 500 Internal Server Error"
    )
    assert server.lines == ["POST /clients"]


def test_on_fail_skip_gives_the_recorded_reason(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=500)
    result = run(create("onFail: skip\n    skipReason: no clients here") + MAIN)
    assert (result.outcome, result.reason) == ("skipped", "no clients here")
    assert "failed, and onFail is skip (no clients here): step create_client: expected" in result.notes[0]
    assert server.lines == ["POST /clients"]


def test_on_fail_skip_skips_the_step_alone_where_nothing_uses_it(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=500)
    server.replies["GET /clients"] = Reply(body=[])
    result = run(create("onFail: skip\n    skipReason: no clients here") + MAIN.replace("/{{client_uid}}", ""))
    assert (result.outcome, result.reason) == ("passed", "")
    (note,) = result.notes
    assert note == (
        "doc.md:10: failed, and onFail is skip (no clients here): step create_client: expected status 201,"
        " got 500 Internal Server Error"
    )


def test_on_fail_skip_skips_the_case_where_an_extract_selected_nothing(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {}})
    result = run(create("onFail: skip\n    skipReason: no clients here") + MAIN)
    assert (result.outcome, result.reason, server.lines) == ("skipped", "no clients here", ["POST /clients"])


def test_what_a_step_lost_is_not_taken_from_the_environment(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {}})
    text = create() + MAIN + CLEANUP
    result = run(text.replace("client_uid", "client_id"))
    assert "with $.data.uid, which selected nothing" in str(result.error)
    assert server.lines == ["POST /clients"]


@pytest.mark.parametrize("on_fail", ["continue", "warn"])
def test_on_fail_continue_goes_on_and_notes_it(server: ScriptedServer, run: Any, on_fail: str) -> None:
    server.replies["POST /clients"] = Reply(status=500)
    server.replies["GET /clients"] = Reply(body=[])
    result = run(create(f"onFail: {on_fail}") + MAIN.replace("/{{client_uid}}", ""))
    assert (result.outcome, len(result.notes)) == ("passed", 1)
    assert result.notes[0].startswith(f"doc.md:10: failed, and onFail is {on_fail}")


def test_cleanup_runs_after_a_failure_with_what_was_extracted(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": "c1"}})
    server.replies["GET /clients/c1"] = Reply(status=500)
    server.replies["DELETE /clients/c1"] = Reply(status=204)
    result = run(create() + MAIN + CLEANUP)
    assert server.lines == ["POST /clients", "GET /clients/c1", "DELETE /clients/c1"]
    assert isinstance(result.error, errors.ContractFailure)
    assert result.cleanup_errors == ()


def test_both_failures_are_reported(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": "c1"}})
    server.replies["GET /clients/c1"] = Reply(status=500)
    server.replies["DELETE /clients/c1"] = Reply(status=409)
    result = run(create() + MAIN + CLEANUP)
    assert isinstance(result.error, errors.ContractFailure)
    (error,) = result.cleanup_errors
    assert str(error) == "cleanup failed: step delete_client: expected status 204, got 409 Conflict"


def test_a_failed_cleanup_fails_a_case_that_else_passed(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": "c1"}})
    server.replies["GET /clients/c1"] = Reply(body={})
    result = run(create() + MAIN + CLEANUP)
    assert (result.outcome, result.error, len(result.cleanup_errors)) == ("failed", None, 1)


def test_nothing_to_clean_up_where_nothing_was_created(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=500)
    result = run(create() + MAIN + CLEANUP)
    assert server.lines == ["POST /clients"]
    assert result.cleanup_errors == ()
    assert "not cleaned up: undefined variable {{client_uid}} in step delete_client" in result.notes[0]
    assert "which answered 500 Internal Server Error" in result.notes[0]


def test_what_an_undocumented_success_created_is_cleaned_up(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=200, body={"data": {"uid": "c1"}})
    server.replies["DELETE /clients/c1"] = Reply(status=204)
    result = run(create() + MAIN + CLEANUP)
    assert isinstance(result.error, errors.PrerequisiteFailed)
    assert server.lines == ["POST /clients", "DELETE /clients/c1"]


def test_a_method_that_the_environment_does_not_allow_is_a_skip(server: ScriptedServer, run: Any) -> None:
    result = run(create() + MAIN, where={"writes": False, "file": Path("fixtures/environments/prod.yaml")})
    assert (result.outcome, server.asked) == ("skipped", [])
    assert result.reason == ("POST is not allowed on environment 'test': 'writes: true' in prod.yaml allows it")


def test_delete_needs_a_permission_of_its_own(server: ScriptedServer, run: Any) -> None:
    result = run(MAIN.replace("GET", "DELETE").replace("{{client_uid}}", "1"), where={"deletes": False})
    assert (result.outcome, server.asked) == ("skipped", [])
    assert "'deletes: true'" in result.reason


def test_a_missing_token_fails_before_anything_is_sent(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": "c1"}})
    result = run(create() + MAIN + "    ", where={"default_token": "operator"})
    assert isinstance(result.error, errors.MissingToken)
    assert server.asked == []


def test_token_none_sends_no_credentials(server: ScriptedServer, run: Any) -> None:
    server.replies["GET /clients/1"] = Reply(body={})
    run(MAIN.replace("/{{client_uid}}", "/1\n    token: none"))
    assert "Authorization" not in server.asked[0].headers


def test_servers_and_schemes_by_path(server: ScriptedServer, run: Any) -> None:
    partner = Server(path="*/partners/*", base_url=f"{server.url}/partner", auth='Token token="{token}"')
    server.replies["GET /partner/v1/partners/1"] = Reply(body={})
    result = run(MAIN.replace("/clients/{{client_uid}}", "/v1/partners/1"), where={"servers": (partner,)})
    assert result.outcome == "passed"
    assert server.asked[0].headers["Authorization"] == 'Token token="staff-secret-1"'


def test_the_fallback_server(server: ScriptedServer, run: Any) -> None:
    text = MAIN.replace("/{{client_uid}}", "/1\n    useFallback: true")
    run(text, where={"fallback_url": f"{server.url}/api2"})
    assert server.lines == ["GET /api2/clients/1"]
    result = run(text)
    assert "has no fallback_url" in str(result.error)


def test_on_behalf_of_where_the_step_asks(server: ScriptedServer, run: Any) -> None:
    run(MAIN.replace("/{{client_uid}}", "/1\n    x_on_behalf_of: true"))
    assert server.asked[0].headers["X-On-Behalf-Of"] == "biz_1"


@pytest.mark.parametrize(("kinds", "sent"), [(("staff",), "b9"), (("directory",), None)])
def test_on_behalf_of_where_the_operation_asks(
    server: ScriptedServer, run: Any, kinds: tuple[str, ...], sent: str | None
) -> None:
    rule = OnBehalfOf(header="X-For", value="{{other}}", tokens=kinds)
    where = {"on_behalf_of": rule, "params": {"other": "b9"}}
    result = run(MAIN.replace("/{{client_uid}}", "/1"), where=where, operation_asks_on_behalf_of=lambda *_: True)
    assert result.exchanges, result.error
    assert server.asked[0].headers.get("X-For") == sent


def test_params_are_merged_with_the_paths_query(server: ScriptedServer, run: Any) -> None:
    text = MAIN.replace(
        "/{{client_uid}}",
        '?page=1&q={{client_id}}\n    params: {page: 2, "filter[on]": true, ids: [1, 2], none: null}',
    )
    run(text)
    target = server.asked[0].target.replace("%5B", "[").replace("%5D", "]")
    assert target == "/clients?q=cli_1&page=2&filter[on]=true&ids=1&ids=2"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("q=type:group+a&inc=a,b", "q=type:group+a&inc=a,b"),
        ("acl", "acl"),
        ("empty=", "empty="),
        ("town=M%FCnchen%2C", "town=M%FCnchen%2C"),
        ("$filter=a eq 'ä'", "$filter=a%20eq%20'%C3%A4'"),
        ("rate=5%&tag=#1", "rate=5%25&tag=%231"),
        ("q={{odd}}", "q=a%26b%2Bc"),
    ],
)
def test_the_paths_query_is_sent_as_it_is_written(server: ScriptedServer, run: Any, written: str, sent: str) -> None:
    text = MAIN.replace("path: /clients/{{client_uid}}", f'path: "/clients?{written}"')
    result = run(text, where={"params": {"odd": "a&b+c"}})
    assert result.exchanges, result.error
    assert server.asked[0].target == f"/clients?{sent}"


MULTIPART = MAIN.replace("GET", "POST").replace(
    "/{{client_uid}}",
    """/files
    content_type: multipart
    form_fields: {title: "For {{client_id}}"}
    file_fields:
      - {field_name: file, file_path: FILE}""",
)


def test_a_file_is_looked_up_in_the_environments_folder(server: ScriptedServer, run: Any, tmp_path: Path) -> None:
    (tmp_path / "sample.txt").write_text("hello")
    run(MULTIPART.replace("FILE", "sample.txt"), where={"files": tmp_path})
    content = server.asked[0].content
    assert b"For cli_1" in content
    assert b'filename="sample.txt"\r\nContent-Type: text/plain' in content


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("missing.pdf", "cannot be read: No such file"),
        ("../doc.md", "is outside the folder"),
        ("pipe", "is not a regular file"),
    ],
)
def test_a_file_that_cannot_be_sent(server: ScriptedServer, run: Any, tmp_path: Path, file: str, message: str) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    result = run(MULTIPART.replace("FILE", file), where={"files": folder})
    assert isinstance(result.error, errors.DocError)
    assert message in str(result.error)
    assert server.asked == []


def test_the_status_of_the_frontmatter(server: ScriptedServer, run: Any) -> None:
    server.replies["GET /clients/1"] = Reply(status=404)
    text = "---\nendpoint: GET /clients/{uid}\nexpectedOutcome: 404\n---\n" + MAIN.replace("{{client_uid}}", "1")
    assert run(text).outcome == "passed"


def test_every_mismatch_is_in_the_failure(server: ScriptedServer, run: Any) -> None:
    server.replies["GET /clients/1"] = Reply(body={"uid": 1, "tags": ["x"]})
    text = MAIN.replace(
        "/{{client_uid}}", '/1\n    expect:\n      body:\n        uid: "{{client_id}}"\n        tags: [y]'
    )
    result = run(text)
    assert isinstance(result.error, errors.ContractFailure)
    assert [(one.pointer, one.location.line) for one in result.error.mismatches] == [("/uid", 15), ("/tags/0", 16)]
    assert str(result.error) == ('/uid has another type: expected "cli_1" (string), got 1 (integer) (and 1 more)')


def test_findings_are_one_error_that_lists_them(server: ScriptedServer, run: Any) -> None:
    result = run(MAIN.replace("path", "pat").replace("method: GET", "method: [GET]"))
    assert isinstance(result.error, errors.DocError)
    assert len(result.error.findings) >= 2
    assert server.asked == []


@pytest.mark.parametrize("key", ["sleep: 5001", "sleep: 999999999"])
def test_a_sleep_that_the_environment_does_not_allow_is_refused_before_anything_is_sent(
    server: ScriptedServer, run: Any, key: str
) -> None:
    where = {"limits": Limits(sleep_max_s=5)}
    result = run(MAIN.replace("/{{client_uid}}", f"/1\n    {key}"), where=where, sleep=lambda _: pytest.fail("slept"))
    assert result.error.message == (
        f"sleep of {int(key.split()[1]) / 1000:g} s in step get_client: environment 'test' allows 5 s "
        "(limits.sleep_max_s)"
    )
    assert server.asked == []


def test_a_sleep_is_waited_for(server: ScriptedServer, run: Any) -> None:
    waits: list[float] = []
    run(MAIN.replace("/{{client_uid}}", "/1\n    sleep: 1500"), sleep=waits.append)
    assert waits == [1.5]


def test_requests_that_chain(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /offers"] = Reply(status=201, body={"data": {"uid": "o1"}})
    server.replies["POST /offers/use"] = Reply(body={})
    result = run(
        """
## Request Template

```json
{"method": "POST", "path": "/offers", "purpose": "uid_resolution", "body": {"a": 1}}
```
```json
{"method": "POST", "path": "/offers/use", "purpose": "retry_original", "body": {"uid": "{{step1.response.data.uid}}"}}
```
"""
    )
    assert result.outcome == "passed", result.error
    assert server.asked[1].json() == {"uid": "o1"}


CASES = """
## Test Request

```yaml
steps:
  - id: exchange
    method: POST
    path: /token
    token: none
    body: {code: "{{fresh.code}}", grant_type: authorization_code}
```

## Cases

```yaml
cases:
  - id: single-use
    after: main
    request:
      /body/code: "{{main.request.body.code}}"
      /body/grant_type: null
      /body/app/id: "{{client_id}}"
    expect: {status: 400, body: {error: invalid_grant}}
  - id: fresh
    request:
      /headers/X-Case: fresh
    expect: {status: 200}
```
"""


class Codes:
    """A provider whose value is another one at each rendering."""

    name = "codes"

    def __init__(self) -> None:
        self.given = 0

    def names(self) -> tuple[str, ...]:
        return ("fresh.code",)

    def provides(self, name: str, case: ContractCase) -> bool:
        return name == "fresh.code"

    def value(self, name: str, case: ContractCase) -> JSONValue:
        self.given += 1
        return f"code-{self.given}"


def test_a_case_after_the_main_request(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /token"] = [Reply(body={}), Reply(status=400, body={"error": "invalid_grant"})]
    codes = Codes()
    result = run(CASES, case="single-use", providers=(codes,))
    assert (result.outcome, codes.given) == ("passed", 1)
    assert [asked.json() for asked in server.asked] == [
        {"code": "code-1", "grant_type": "authorization_code"},
        {"code": "code-1", "app": {"id": "cli_1"}},
    ]
    assert [exchange.phase for exchange in result.exchanges] == ["main", "case"]
    assert result.exchange.step.id == "single-use"


def test_a_case_on_its_own_gets_a_fresh_value(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /token"] = Reply(body={})
    result = run(CASES, case="fresh", providers=(Codes(),))
    assert result.outcome == "passed"
    assert server.asked[0].headers["X-Case"] == "fresh"


def test_a_case_fails_at_its_own_lines(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /token"] = Reply(body={"error": "x"})
    result = run(CASES, case="single-use", providers=(Codes(),))
    assert [(one.check, one.location.line) for one in result.error.mismatches] == [("status", 27), ("body", 27)]


CASES_WITH_CLEANUP = """
## Test Request

```yaml
steps:
  - {id: create, method: POST, path: /clients, body: {a: 1}, extract: {client_uid: $.uid}, expect: {status: 201}}
```

## Cases

```yaml
cases:
  - {id: refused, request: {/body/a: -1}, expect: {status: 422}}
```
"""


def test_cleanup_is_not_for_what_another_item_creates(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=422)
    result = run(CASES_WITH_CLEANUP + CLEANUP, case="refused")
    assert (result.outcome, result.notes, server.lines) == ("passed", (), ["POST /clients"])


def test_what_a_case_created_against_its_expectation_is_cleaned_up(server: ScriptedServer, run: Any) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"uid": "c1"})
    server.replies["DELETE /clients/c1"] = Reply(status=204)
    result = run(CASES_WITH_CLEANUP + CLEANUP, case="refused")
    assert "expected status 422, got 201" in str(result.error)
    assert server.lines == ["POST /clients", "DELETE /clients/c1"]


def test_what_a_case_extracts_itself_is_not_taken_from_the_main_requests_extracts(
    server: ScriptedServer, run: Any
) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"uid": "of-main", "id": "of-case"})
    server.replies["DELETE /clients/of-case"] = Reply(status=204)
    own = CASES_WITH_CLEANUP.replace("expect: {status: 422}}", "extract: {client_uid: $.id}, expect: {status: 201}}")
    assert run(own + CLEANUP, case="refused").outcome == "passed"
    assert server.lines == ["POST /clients", "DELETE /clients/of-case"]


def test_what_a_project_changes_is_sent(server: ScriptedServer, run: Any) -> None:
    seen: list[int] = []

    class Hooks:
        def before_request(self, case: ContractCase, request: Request) -> Request:
            return Request(method="GET", url=request.url + "?hooked")

        def after_response(self, case: ContractCase, exchange: Exchange) -> None:
            assert exchange.response is not None
            seen.append(exchange.response.status_code)

    run(MAIN.replace("{{client_uid}}", "1"), hooks=Hooks())
    assert (server.lines, seen) == (["GET /clients/1?hooked"], [404])


def test_parts_run_one_by_one_and_each_once(server: ScriptedServer, tmp_path: Path) -> None:
    server.replies["POST /clients"] = Reply(status=201, body={"data": {"uid": "c1"}})
    server.replies["GET /clients/c1"] = Reply(status=500)
    server.replies["DELETE /clients/c1"] = Reply(status=204)
    doc = write_doc(tmp_path, HEAD + create() + MAIN + CLEANUP)
    execution = CaseExecution(case_of(doc), run_context(environment(server.url), [doc]))

    execution.prerequisites()
    assert (server.lines, execution.variables) == (["POST /clients"], {"client_uid": "c1"})
    assert execution.send().response is execution.response
    with pytest.raises(errors.ContractFailure, match="got 500"):
        execution.check()
    result = execution.finish()
    execution.finish()

    assert server.lines == ["POST /clients", "GET /clients/c1", "DELETE /clients/c1"]
    assert (result.outcome, result.error) == ("failed", None)
    assert "expected status 2xx, got 500" in result.reason


def test_what_a_case_held_is_gone_when_it_is_over(server: ScriptedServer, tmp_path: Path) -> None:
    """At once, and not when garbage is collected: of a run of thousands that would be most of the garbage."""
    server.replies["GET /clients/1"] = Reply(body={})
    doc = write_doc(tmp_path, HEAD + MAIN.replace("{{client_uid}}", "1"))
    execution = CaseExecution(case_of(doc), run_context(environment(server.url), [doc]))
    execution.run()
    held = weakref.ref(execution.start()[1].variables)
    assert held() is not None
    gc.disable()
    try:
        del execution
        assert held() is None
    finally:
        gc.enable()


def test_secrets_of_answers_are_learned(server: ScriptedServer, tmp_path: Path) -> None:
    server.replies["GET /clients/1"] = Reply(body={"client_secret": "very-secret-1", "uid": "u"})
    doc = write_doc(tmp_path, HEAD + MAIN.replace("{{client_uid}}", "1"))
    context = run_context(environment(server.url), [doc])
    result = run_case(case_of(doc), context)
    assert context.redactor.text("it is very-secret-1") == "it is $CLIENT_SECRET"
    assert "very-secret-1" not in repr(result)
    assert "staff-secret-1" not in repr(result)


def test_connection_errors_are_no_contract_failures(run: Any) -> None:
    result = run(MAIN.replace("{{client_uid}}", "1"), where={"base_url": "http://127.0.0.1:9"})
    assert isinstance(result.error, errors.ConnectionFailed)
    assert (result.error.location.line, result.exchanges[0].response) == (10, None)


def test_keys_that_become_one_are_an_error_of_the_doc(server: ScriptedServer, run: Any) -> None:
    text = MAIN.replace("/{{client_uid}}", '/1\n    body: {"{{client_id}}": 1, cli_1: 2}')
    result = run(text)
    assert isinstance(result.error, errors.DocError)
    assert "cli_1" in str(result.error)
    assert server.asked == []


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 900 + b"]" * 900,
        b"[" * 100_000,
        b'{"a":' * 5000,
        b"\xff\xfe\x00",
        b"NaN",
        b'{"token": "\\ud800abcd"}',
        b"1" * 6000,
    ],
    ids=["deep", "deeper", "open objects", "no text", "NaN", "lone surrogate", "long number"],
)
def test_no_answer_breaks_the_run(server: ScriptedServer, run: Any, content: bytes) -> None:
    server.replies["GET /clients/1"] = Reply(body=content, headers={"Content-Type": "application/json"})
    text = MAIN.replace("/{{client_uid}}", "/1\n    extract: {x: $.a}\n    expect: {status: 200, body: {a: 1}}")
    result = run(text + "\n## Response Schema\n\n```json\n{}\n```\n")
    assert isinstance(result.error, errors.ContractFailure)
    context = run_context(environment(server.url), [])
    assert render_failure(result, context.redactor).text.encode()
    assert exchange_records(result, context.redactor)

"""The steps dialect: what a step says, and what is wrong with one."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from running_docs import endpoint_of, found, only_step, write_doc

from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.body import DocBody
from pytest_endpoint_docs.model.source import SourceLocation

GOOD = "method: GET\n    path: /x"


def body_of(tmp_path: Path, markdown: str, head: str = "") -> DocBody:
    endpoint = endpoint_of(markdown, "POST /v1/things")
    return parse_body(write_doc(tmp_path, f"---\nendpoint: {endpoint}\n{head}---\n{markdown}"))


def steps(yaml: str, title: str = "Test Request") -> str:
    return f"## {title}\n\n```yaml\nsteps:\n{textwrap.indent(textwrap.dedent(yaml).strip(), '  ')}\n```\n\n"


def test_every_key_of_a_step(tmp_path: Path) -> None:
    body = body_of(
        tmp_path,
        steps(
            """
            - id: create
              description: Make one
              method: POST
              path: /v1/things/?a={a}
              params: {"filter[name]": "{{name}}", page: 2}
              headers: {X-Count: 3}
              body: {day: 2026-02-03, at: 10:30, "yes": True}
              token: staff
              extract: {thing_id: $.data.id}
              expect:
                status: [200, 201]
                headers: {Location: /things/, X-Debug: null}
                body: {ok: true}
                schema: {type: object}
              onFail: skip
              skipReason: no room
              sleep: 1500
              useFallback: true
              x_on_behalf_of: true
            """
        ),
    )

    step = only_step(body)
    assert body.findings == ()
    assert (step.id, step.phase, step.description, step.location.line) == ("create", "main", "Make one", 8)
    assert (step.request.method, step.request.path) == ("POST", "/v1/things/?a={a}")
    assert step.request.params == {"filter[name]": "{{name}}", "page": 2}
    assert step.request.headers == {"X-Count": "3"}
    assert step.request.body == {"day": "2026-02-03", "at": "10:30", "yes": True}
    assert (step.request.token, step.request.use_fallback, step.request.asks_on_behalf_of) == ("staff", True, True)
    assert [(one.name, one.expression, one.location.line) for one in step.extracts] == [("thing_id", "$.data.id", 16)]
    assert step.expect.statuses == (200, 201)
    assert step.expect.headers == {"Location": "/things/", "X-Debug": None}
    assert (step.expect.body, step.expect.schema) == ({"ok": True}, {"type": "object"})
    assert (step.on_fail, step.skip_reason, step.sleep_ms) == ("skip", "no room", 1500)
    assert step.source is not None
    assert step.source.at(f"{step.pointer}/body/at").line == 14


def test_an_empty_body_is_none(tmp_path: Path) -> None:
    body = body_of(tmp_path, steps("- {method: POST, path: /x, body: {}}\n- {method: POST, path: /x}"))

    assert [step.request.has_body for step in body.requests[0].steps] == [False, False]


def test_mapping_keys_stay_as_written(tmp_path: Path) -> None:
    body = body_of(tmp_path, steps("- {method: POST, path: /x, body: {on: 1, 200: 2, 2026-01-01: 3}}"))

    assert only_step(body).request.body == {"on": 1, "200": 2, "2026-01-01": 3}


def test_multipart(tmp_path: Path) -> None:
    body = body_of(
        tmp_path,
        steps(
            """
            - method: POST
              path: /upload
              content_type: multipart/form-data
              form_fields: {"form[title]": Report}
              file_fields:
                - {field_name: "form[0]", file_path: a.pdf, filename: b.pdf, content_type: application/pdf}
            """
        ),
    )

    request = only_step(body).request
    (part,) = request.file_parts
    assert (request.content_type, request.form_fields) == ("multipart", {"form[title]": "Report"})
    assert (part.field_name, part.file_path, part.filename, part.content_type) == (
        "form[0]",
        "a.pdf",
        "b.pdf",
        "application/pdf",
    )
    assert part.location.line == 13


def test_all_fences_form_one_request_and_ids_may_repeat(tmp_path: Path) -> None:
    first, second = "- id: same\n  " + GOOD.replace("    ", "  "), "- " + GOOD.replace("    ", "  ")
    body = body_of(tmp_path, steps(first) + steps(first + "\n" + second).replace("## Test Request\n\n", ""))

    (main,) = body.requests
    assert [step.id for step in main.steps] == ["same", "same", "step3"]
    assert body.findings == ()


def test_yaml_runs_under_its_titles_only(tmp_path: Path) -> None:
    step = "- {method: GET, path: /x}"
    body = body_of(
        tmp_path,
        steps(step)
        + steps(step, "Prerequisites")
        + steps(step, "🧹 Cleanup")
        + steps(step, "Test Request (WILL FAIL)")
        + steps(step, "Workflow"),
    )

    assert [one.phase for one in (*body.prerequisites, *body.requests[0].steps, *body.cleanup)] == [
        "prerequisite",
        "main",
        "cleanup",
    ]
    assert body.findings == ()


def test_notes_for_people_are_let_through(tmp_path: Path) -> None:
    body = body_of(tmp_path, steps("- {method: GET, path: /x, note: hi, x-ticket: A-1, expect: {comment: ok}}"))

    assert body.findings == ()


def test_cleanup_in_prose_is_for_people(tmp_path: Path) -> None:
    body = body_of(tmp_path, steps("- {method: GET, path: /x}") + "## Cleanup\n\n```\nDELETE /v1/x\n```\n")

    assert (body.cleanup, body.findings) == ((), ())


@pytest.mark.parametrize(
    ("step", "code", "severity", "words"),
    [
        ("{path: /x}", "no-method", "error", "a step needs a `method`"),
        ("{method: GTE, path: /x}", "unknown-method", "error", 'Did you mean "GET"?'),
        ("{method: GET}", "no-path", "error", "a step needs a `path`"),
        ("{method: GET, path: 'https://h/x'}", "bad-path", "error", "environment"),
        ("{method: GET, path: /x, exract: {}}", "unknown-key", "error", 'Did you mean "extract"?'),
        ("{method: GET, path: /x, query: {}}", "unknown-key", "error", 'Did you mean "params"?'),
        ("{method: GET, path: /x, mood: good}", "unknown-key", "error", 'unknown key "mood" of a step. Known: auth,'),
        ("{method: GET, path: /x, retry: 3}", "unknown-key", "error", "A request is sent once"),
        ("{method: GET, path: /x, when: never}", "unknown-key", "error", "write `onFail`"),
        ("{method: GET, path: /x, foreach: [1]}", "unknown-key", "error", "There are no loops"),
        ("{method: GET, path: /x, response: {status: 418}}", "unknown-key", "error", 'Did you mean "expect"?'),
        ("{method: GET, path: /x, x-on-behalf-of: true}", "unknown-key", "error", 'Did you mean "x_on_behalf_of"?'),
        ("{method: GET, path: /x, params: [a]}", "wrong-type", "error", "must be a mapping, but is a list"),
        (
            "{method: GET, path: /x, headers: {A: {}}}",
            "wrong-type",
            "error",
            "`headers.A` must be text, but",
        ),
        ("{method: GET, path: /x, sleep: soon}", "wrong-type", "error", "a number"),
        ("{method: GET, path: /x, onFail: ignore}", "unknown-value", "error", "abort"),
        ("{method: GET, path: /x, content_type: multi}", "unknown-value", "error", 'Did you mean "multipart"?'),
        ("{method: GET, path: /x, form_fields: {a: 1}}", "unused-fields", "error", "multipart"),
        (
            "{method: GET, path: /x, content_type: multipart, file_fields: [{}]}",
            "incomplete-file",
            "error",
            "file_path",
        ),
        ("{method: GET, path: /x, extract: {a: '$.['}}", "bad-extract", "error", "`extract.a`: "),
        ("{method: GET, path: /x, extract: {a: 1}}", "wrong-type", "error", "a path expression"),
        ("{method: GET, path: /x, expect: 200}", "wrong-type", "error", "expect: {status: 200}"),
        ("{method: GET, path: /x, expect: {code: 1}}", "unknown-key", "error", 'Did you mean "status"?'),
        ("{method: GET, path: /x, expect: {json: {a: 1}}}", "unknown-key", "error", 'Did you mean "body"?'),
        ("{method: GET, path: /x, expect: {jsonpath: $.a}}", "unknown-key", "error", "matched as a subset"),
        ("{method: GET, path: /x, expect: {max_ms: 0}}", "unknown-key", "error", "How long an answer takes"),
        ("{method: GET, path: /x, expect: {stauts: 1}}", "unknown-key", "error", 'Did you mean "status"?'),
        ("{method: GET, path: /x, expect: {status: 2xx}}", "wrong-type", "error", "any 2xx"),
        ("{method: GET, path: /x, expect: {status: true}}", "wrong-type", "error", "a status code"),
        ("{method: GET, path: /x, expect: {status: '200'}}", "wrong-type", "warning", "without quotes"),
        ("{method: GET, path: /x, expect: {schema: 3}}", "wrong-type", "error", "JSON Schema"),
        ("{method: GET, path: /x, path: /y}", "duplicate-key", "error", "`path` is given twice"),
        ("only text", "wrong-type", "error", "a step must be a mapping"),
    ],
)
def test_wrong_steps_are_findings(tmp_path: Path, step: str, code: str, severity: str, words: str) -> None:
    body = body_of(tmp_path, steps(f"- {{method: GET, path: /x}}\n- {step}"))

    assert found(body) == [(code, severity, 9)]
    assert words in body.findings[0].message


@pytest.mark.parametrize(
    ("markdown", "code", "line", "words"),
    [
        ("```yaml\nsteps: {}\n```", "wrong-type", 7, "must be a list"),
        ("```yaml\nsteps:\n```", "no-request", 6, "is empty"),
        ("```yaml\nstep:\n  - a\n```", "no-steps", 6, 'Did you mean "steps"'),
        ("```yaml\n- a\n```", "no-steps", 6, "a list"),
        ("```yaml\nsteps:\n\t- id: a\n```", "bad-yaml", 8, "not tabs"),
        ("```yaml\nsteps:\n  - description: a: b\n```", "bad-yaml", 8, "in quotes"),
        ("```yaml\nsteps: &s [*s]\n```", "bad-yaml", 7, "contains itself"),
        ("```yaml\nsteps: !!python/object:os.system {}\n```", "bad-yaml", 7, "no JSON value"),
        ("```yaml\nsteps: [{body: {{name}}}]\n```", "bad-yaml", 7, '"{{name}}"'),
        ("", "no-request", 4, "it has no fence"),
        ("```\n{}\n```", "no-request", 4, "the language none"),
    ],
)
def test_requests_that_cannot_be_read(tmp_path: Path, markdown: str, code: str, line: int, words: str) -> None:
    body = body_of(tmp_path, f"## Test Request\n\n{markdown}\n")

    assert found(body) == [(code, "error", line)]
    assert words in body.findings[0].message
    assert not any(main.steps for main in body.requests)


def test_a_near_title_is_named(tmp_path: Path) -> None:
    body = body_of(tmp_path, "## Test Request (WILL FAIL)\n\n```json\n{}\n```\n")

    assert found(body) == [("no-request", "error", 2)]
    assert '"Test Request (WILL FAIL)" in line 4 is not one' in body.findings[0].message


def test_an_unclosed_fence_that_can_be_read_is_a_warning(tmp_path: Path) -> None:
    body = body_of(tmp_path, "## Test Request\n\n```yaml\nsteps:\n  - method: GET\n    path: /x")

    assert found(body) == [("unclosed-fence", "warning", 6)]
    assert only_step(body).request.path == "/x"


def test_an_unclosed_fence_that_hides_the_request_is_named(tmp_path: Path) -> None:
    body = body_of(tmp_path, "## Notes\n\n```\ntext\n\n## Test Request\n\nsteps\n")

    assert ("no-request", "error", 2) in found(body)
    assert "line 6 is never closed" in body.findings[0].message


def test_fallback_server_of_doc_and_step(tmp_path: Path) -> None:
    text = steps("- {method: GET, path: /x}\n- {method: GET, path: /x, useFallbackApi: false}")
    body = body_of(tmp_path, text, head="useFallbackApi: true\n")

    assert [step.request.use_fallback for step in body.requests[0].steps] == [True, False]


def test_expected_outcome_stands_in_for_the_last_step(tmp_path: Path) -> None:
    text = steps("- {method: GET, path: /x}\n- {method: GET, path: /x}")
    body = body_of(tmp_path, text, head="expectedOutcome: [404]\n")

    assert [step.expect.statuses for step in body.requests[0].steps] == [(), (404,)]
    expect = body.requests[0].steps[-1].expect
    assert (expect.status_location, expect.location.line) == (SourceLocation("doc.md", 3), 10)


@pytest.mark.parametrize(("status", "codes"), [("422", ["contradicting-outcome"]), ("[404, 422]", [])])
def test_expect_status_decides_over_expected_outcome(tmp_path: Path, status: str, codes: list[str]) -> None:
    text = steps(f"- {{method: GET, path: /x, expect: {{status: {status}}}}}")
    body = body_of(tmp_path, text, head="expectedOutcome: 404\n")

    assert [finding.code for finding in body.findings] == codes
    assert 422 in only_step(body).expect.statuses


def about(tmp_path: Path, endpoint: str, request: str, head: str = "") -> list[tuple[str, int]]:
    method, path = request.split()
    markdown = steps(f"- {{method: {method}, path: '{path}'}}")
    file = tmp_path / "doc.md"
    file.write_text(f"---\nendpoint: {endpoint}\n{head}---\n{markdown}", encoding="utf-8")
    doc = load_doc(file, display_path="doc.md")
    assert doc is not None
    return [(finding.code, finding.location.line) for finding in parse_body(doc).findings]


@pytest.mark.parametrize(
    ("endpoint", "request_"),
    [
        ("GET /books/{id}", "GET /health"),
        ("GET /books/{id}", "PUT /books/1"),
        ("GET /books/{id}", "GET /books"),
        ("GET /books/{id}", "GET /books/{{id}}/pages"),
        ("POST /matters/{uid}/notes", "POST /matters/{{uid}}"),
        ("GET /books", "GET /v1/shelves"),
    ],
)
def test_a_doc_whose_request_is_for_another_endpoint_is_wrong(tmp_path: Path, endpoint: str, request_: str) -> None:
    assert about(tmp_path, endpoint, request_) == [("other-endpoint", 8)]
    known = "knownIssues:\n  - {path: /path, reason: the older path is an alias}\n"
    assert about(tmp_path, endpoint, request_, known) == []


@pytest.mark.parametrize(
    ("endpoint", "request_"),
    [
        ("GET /books/{id}", "GET /books/7?full=1"),
        ("GET /books/{id}?full=1", "GET /books/{{book_id}}/"),
        ("GET /books/{id}.json", "GET /books/7.json"),
        ("GET /books", "GET /api/v1/books"),
        ("GET /api/v1/books", "GET /books"),
        ("GET /{kind}/{id}", "GET /books/7"),
        ("GET /books", "GET {{books_url}}"),
        ("GET /books/me", "GET /books/{{user}}"),
    ],
)
def test_a_request_for_the_docs_own_endpoint(tmp_path: Path, endpoint: str, request_: str) -> None:
    assert about(tmp_path, endpoint, request_) == []


def test_one_of_several_requests_is_for_the_docs_endpoint(tmp_path: Path) -> None:
    file = tmp_path / "doc.md"
    both = steps("- {method: PUT, path: /books/1}\n- {method: GET, path: /books/1}")
    file.write_text(f"---\nendpoint: PUT /books/{{id}}\n---\n{both}", encoding="utf-8")
    doc = load_doc(file, display_path="doc.md")
    assert doc is not None
    assert parse_body(doc).findings == ()


def test_the_client_authenticates_with_http_basic(tmp_path: Path) -> None:
    body = body_of(tmp_path, steps("- {id: a, method: POST, path: /token, auth: basic, token: client}"))
    assert found(body) == []
    assert only_step(body).request.headers == {"Authorization": "{{oauth.client_basic}}"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("auth: digest", "unknown-value"),
        ("auth: basic, token: staff", "two-authorizations"),
        ("auth: basic, headers: {authorization: Bearer x}", "two-authorizations"),
    ],
)
def test_what_does_not_go_with_http_basic(more: str, code: str, tmp_path: Path) -> None:
    body = body_of(tmp_path, steps(f"- {{id: a, method: POST, path: /token, {more}}}"))
    assert [(name, severity) for name, severity, _ in found(body)] == [(code, "error")]

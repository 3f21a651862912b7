"""The request-template dialect: templates, bare bodies, alternatives, chains."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_docs import found, only_step, write_doc

from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.body import DocBody


def body_of(tmp_path: Path, *fences: str, head: str = "") -> DocBody:
    blocks = "".join(f"```json\n{text}\n```\n\n" for text in fences)
    return parse_body(
        write_doc(tmp_path, f"---\nendpoint: PUT /v1/things/{{id}}?dry=1\n{head}---\n## Request Template\n\n{blocks}")
    )


def test_every_key_of_a_template(tmp_path: Path) -> None:
    step = only_step(
        body_of(
            tmp_path,
            '{"method": "PUT", "path": "/v1/x?a=1", "query": {"b": 2}, "headers": {"X-A": "{{a}}"},'
            ' "token_type": "directory", "body": {"n": 1.50}}',
        )
    )

    assert (step.id, step.phase, step.location.line) == ("request", "main", 6)
    assert (step.request.method, step.request.path, step.request.params) == ("PUT", "/v1/x?a=1", {"b": 2})
    assert (step.request.headers, step.request.token, step.request.body) == ({"X-A": "{{a}}"}, "directory", {"n": 1.5})
    assert step.expect.statuses == ()


def test_expected_outcome_is_the_expectation(tmp_path: Path) -> None:
    body = body_of(tmp_path, "{}", head="expectedOutcome: 409\n")

    assert only_step(body).expect.statuses == (409,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"name": "Ada"}', {"name": "Ada"}),
        ('{"method": "card", "amount": 5}', {"method": "card", "amount": 5}),
        ('{"path": "relative", "name": 1}', {"path": "relative", "name": 1}),
        ('[{"name": "Ada"}]', [{"name": "Ada"}]),
        ("{}", {}),
        ('{"body": {"name": "Ada"}, "token_type": "app"}', {"name": "Ada"}),
    ],
)
def test_a_bare_body_takes_method_and_path_from_the_endpoint(tmp_path: Path, text: str, expected: object) -> None:
    body = body_of(tmp_path, text)

    request = only_step(body).request
    assert (request.method, request.path) == ("PUT", "/v1/things/{id}?dry=1")
    assert (request.has_body, request.body) == (True, expected)
    assert body.findings == ()


@pytest.mark.parametrize(
    ("text", "method", "path"),
    [('{"path": "/v2"}', "PUT", "/v2"), ('{"method": "DELETE"}', "DELETE", "/v1/things/{id}?dry=1")],
)
def test_the_missing_half_comes_from_the_endpoint(tmp_path: Path, text: str, method: str, path: str) -> None:
    request = only_step(body_of(tmp_path, text)).request

    assert (request.method, request.path, request.has_body) == (method, path, False)


def test_an_empty_object_is_sent_and_null_is_not(tmp_path: Path) -> None:
    body = body_of(
        tmp_path, '{"method": "PUT", "path": "/x", "body": {}}', '{"method": "PUT", "path": "/x", "body": null}'
    )

    assert [main.steps[0].request.has_body for main in body.requests] == [True, False]


def test_null_records_no_request(tmp_path: Path) -> None:
    body = body_of(tmp_path, "null")

    (main,) = body.requests
    assert (main.no_request, main.steps) == ("no request recorded", ())
    assert found(body) == [("no-request-recorded", "warning", 6)]


def test_several_fences_are_alternatives_and_one_may_be_broken(tmp_path: Path) -> None:
    body = body_of(tmp_path, "{}", '{"a": 1,}', '{"b": 1}')

    assert [len(main.steps) for main in body.requests] == [1, 0, 1]
    assert [(one.code, one.case_id) for one in body.findings] == [("bad-json", "PUT /v1/things/{id}?dry=1[2]")]


def test_purpose_chains_requests(tmp_path: Path) -> None:
    first = '{"method": "POST", "path": "/a", "purpose": "uid_resolution"}'
    last = '{"method": "PUT", "path": "/things/{{step1.response.data.id}}", "purpose": "retry_original"}'
    body = body_of(tmp_path, first, last, head="expectedOutcome: 409\n")

    (main,) = body.requests
    assert [(step.id, step.purpose, step.expect.statuses) for step in main.steps] == [
        ("step1", "uid_resolution", ()),
        ("step2", "retry_original", (409,)),
    ]
    assert body.findings == ()


def test_a_chain_without_end_is_a_finding(tmp_path: Path) -> None:
    body = body_of(tmp_path, '{"method": "PUT", "path": "/things/1", "purpose": "uid_resolution"}')

    assert found(body) == [("open-chain", "warning", 6)]


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ('{\n"a": 1,\n}', "bad-json", 8, "JSON allows no comma after the last value (line 8, column 7)."),
        ('{\n"a": [1, 2, ]\n}', "bad-json", 8, "JSON allows no comma after the last value (line 8, column 11)."),
        ('{\n"a": [1,, 2]\n}', "bad-json", 8, "Expecting value"),
        ('{\n"a": [1], ]\n}', "bad-json", 8, "cannot be read: "),
        ("]", "bad-json", 7, "Expecting value"),
        ('{\n"a": 1 // one\n}', "bad-json", 8, "no comments"),
        ('{\n"a": {{n}}\n}', "bad-json", 8, '"{{name}}"'),
        ('{"a": NaN}', "bad-json", 6, "NaN is not a JSON value"),
        ("", "bad-json", 6, "The fence is empty"),
        ('{"a": 1, "a": 2}', "duplicate-key", 6, "`a` is given twice"),
        ("[" * 500 + "]" * 500, "bad-json", 6, "nested deeper"),
        ("[" * 100_000, "bad-json", 6, "cannot be read"),
        ('"text"', "bad-template", 6, 'the text "text"'),
        ('[{"method": "GET", "path": "/a"}]', "bad-template", 6, "a fence of its own"),
        ('{"method": "GTE", "path": "/a"}', "unknown-method", 7, 'Did you mean "GET"?'),
        ('{"method": "GET", "path": "a"}', "bad-path", 7, 'must start with "/"'),
        ('{"method": "PUT", "path": "/things/1", "boby": {}}', "unknown-key", 7, 'Did you mean "body"?'),
        ('{"method": "PUT", "path": "/things/1", "headers": []}', "wrong-type", 7, "must be a mapping"),
    ],
)
def test_wrong_templates_are_findings(tmp_path: Path, text: str, code: str, line: int, words: str) -> None:
    body = body_of(tmp_path, text)

    assert found(body) == [(code, "error", line)]
    assert words in body.findings[0].message


def test_other_languages_in_the_section_are_illustrations(tmp_path: Path) -> None:
    file = tmp_path / "doc.md"
    file.write_text(
        "---\nendpoint: GET /x\n---\n## Test Request\n\n"
        '```bash\ncurl\n```\n\n1. Send\n\n   ```JSON\n   {"a": 1}\n   ```\n'
    )
    doc = load_doc(file, display_path="doc.md")
    assert doc is not None

    body = parse_body(doc)
    assert only_step(body).request.body == {"a": 1}
    assert only_step(body).location.line == 12
    assert body.findings == ()

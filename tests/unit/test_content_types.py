"""How bodies are sent: as JSON, as forms, in parts, or as the text that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running_docs import write_doc

from pytest_endpoint_docs.http.wire import wire_request
from pytest_endpoint_docs.loading.changes import derived_step, wrong_changes
from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.model.body import DocBody
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.curl_line import render_curl
from pytest_endpoint_docs.reporting.exchange_text import render_request_body

FORM = "application/x-www-form-urlencoded"


def body_of(tmp_path: Path, step: str, cases: str = "") -> DocBody:
    text = (
        f"---\nendpoint: POST /x\n---\n## Test Request\n```yaml\nsteps:\n  - method: POST\n    path: /x\n{step}\n```\n"
    )
    return parse_body(write_doc(tmp_path, text + (f"## Cases\n```yaml\ncases:\n{cases}```\n" if cases else "")))


def sent_as(body: DocBody) -> tuple[str, dict[str, str]]:
    subject = body.requests[0].subject
    assert subject is not None
    return subject.request.content_type, dict(subject.request.headers)


@pytest.mark.parametrize(
    ("step", "content_type", "headers"),
    [
        ("    body: {a: 1}", "json", {}),
        ("    body: hello", "json", {}),
        ("    content_type: text\n    body: hello", "text", {}),
        ("    content_type: text/csv\n    body: a,b", "text", {"Content-Type": "text/csv"}),
        ("    headers: {content-type: text/csv; charset=utf-8}\n    body: a,b", "text", None),
        ("    headers: {Content-Type: application/x-ndjson}\n    body: '{}'", "text", None),
        ("    headers: {Content-Type: application/json}\n    body: a", "json", None),
        ("    headers: {Content-Type: application/json-patch+json}\n    body: [{op: add}]", "json", None),
        (
            "    content_type: application/vnd.api+json\n    body: {}",
            "json",
            {"Content-Type": "application/vnd.api+json"},
        ),
        (f"    headers: {{Content-Type: {FORM}}}\n    body: {{a: 1}}", "form", None),
        (f"    headers: {{Content-Type: {FORM}}}\n    body: a=1", "text", None),
        ("    headers: {Content-Type: multipart/form-data}\n    form_fields: {a: 1}", "multipart", None),
        ("    headers: {Content-Type: '{{type}}'}\n    body: a", "json", None),
        ("    content_type: json\n    headers: {Content-Type: text/csv}\n    body: a", "json", None),
    ],
)
def test_how_a_body_is_sent(tmp_path: Path, step: str, content_type: str, headers: dict[str, str] | None) -> None:
    body = body_of(tmp_path, step)
    read, fields = sent_as(body)
    assert read == content_type
    assert headers is None or fields == headers
    assert not [finding.message for finding in body.findings if finding.code != "json-as-other"]


@pytest.mark.parametrize(
    ("step", "code", "severity", "words"),
    [
        ("    content_type: multipart\n    body: {a: 1}", "unused-fields", "error", "write `form_fields`"),
        ("    content_type: form\n    body: [1]", "wrong-type", "error", "must be a mapping"),
        ("    content_type: text\n    body: {a: 1}", "wrong-type", "error", "must be text, but is a mapping"),
        ("    content_type: text/csv\n    body: [1]", "wrong-type", "error", "the type text/csv must be text"),
        ("    content_type: xml\n    body: <a/>", "unknown-value", "error", "Known: form, json, multipart, text"),
        ("    headers: {Content-Type: text/csv}\n    body: [1]", "json-as-other", "warning", "says text/csv"),
    ],
)
def test_what_is_not_sent_as_it_is_named(tmp_path: Path, step: str, code: str, severity: str, words: str) -> None:
    (finding,) = body_of(tmp_path, step).findings
    assert (finding.code, finding.severity.value) == (code, severity)
    assert words in finding.message


def test_another_declaration_may_be_meant_to_be_refused(tmp_path: Path) -> None:
    step = "    headers: {Content-Type: text/csv}\n    body: [1]\n    expect: {status: 415}"
    assert body_of(tmp_path, step).findings == ()


@pytest.mark.parametrize(
    ("step", "request_", "content_type"),
    [
        ("body: {a: 1}", "{/body: <a/>, /headers/Content-Type: text/xml}", "text"),
        ("body: {a: 1}", "{/headers/Content-Type: text/xml}", "json"),
        ("body: {a: 1}", "{/body: a}", "json"),
        ("body: {a: 1}", "{/body: '{', /content_type: text, /headers/Content-Type: application/json}", "text"),
        ("content_type: form\n    body: {a: 1}", "{/body: a=%zz}", "form"),
    ],
)
def test_how_the_body_of_a_case_is_sent(tmp_path: Path, step: str, request_: str, content_type: str) -> None:
    body = body_of(tmp_path, f"    {step}", f"  - id: other\n    request: {request_}\n    expect: {{status: 400}}\n")
    (case,) = body.cases
    subject = body.requests[0].subject
    assert subject is not None
    assert derived_step(subject, case).request.content_type == content_type
    assert body.findings == ()


@pytest.mark.parametrize(
    ("step", "change", "words"),
    [
        ("content_type: multipart\n    form_fields: {a: 1}", "/body: {a: 2}", "change '/form_fields'"),
        ("body: {a: 1}", "/form_fields/a: 2", "change '/body'"),
    ],
)
def test_a_change_of_what_is_not_sent_is_an_error(tmp_path: Path, step: str, change: str, words: str) -> None:
    body = body_of(tmp_path, f"    {step}", f"  - id: other\n    request: {{{change}}}\n    expect: {{status: 400}}\n")
    (finding,) = wrong_changes(body.cases, body.requests)
    assert words in finding.message


@pytest.mark.parametrize(
    ("given", "content", "media_type"),
    [
        ({"content_type": "text", "body": "a\nü\n"}, "a\nü\n", "text/plain; charset=utf-8"),
        ({"content_type": "text", "body": "<a/>", "headers": {"content-type": "text/xml"}}, "<a/>", "text/xml"),
        ({"content_type": "form", "body": "a=%zz"}, "a=%zz", FORM),
    ],
)
def test_a_text_is_sent_and_shown_as_it_is(given: dict[str, Any], content: str, media_type: str) -> None:
    request = Request(method="POST", url="http://127.0.0.1/x", has_body=True, **given)
    wire = wire_request(request)
    assert wire.content == content.encode()
    assert {name.lower(): value for name, value in wire.headers.items()}["content-type"] == media_type
    assert render_request_body(request, Redactor([])) == content
    assert content.rstrip("\n") in render_curl(request, Redactor([]))


def test_parts_have_their_boundary_in_a_field_that_the_doc_gives() -> None:
    headers = {"content-type": "multipart/form-data"}
    wire = wire_request(
        Request(
            method="POST",
            url="http://127.0.0.1/x",
            has_body=True,
            content_type="multipart",
            body={"a": "1"},
            headers=headers,
        )
    )
    boundary = str(wire.headers["content-type"]).partition("; boundary=")[2]
    assert boundary
    assert f"--{boundary}".encode() in (wire.content or b"")

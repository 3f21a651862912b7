"""Numbers and booleans of YAML that may be meant as texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_docs import write_doc

from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.model.body import DocBody


def body_of(tmp_path: Path, step: str, rest: str = "") -> DocBody:
    text = (
        f"---\nendpoint: POST /x\n---\n## Test Request\n```yaml\nsteps:\n  - method: POST\n    path: /x\n{step}\n```\n"
    )
    return parse_body(write_doc(tmp_path, text + rest))


def told(body: DocBody) -> list[tuple[str, int]]:
    assert {(finding.code, finding.severity.value) for finding in body.findings} <= {("doubtful-value", "warning")}
    return [(finding.message, finding.location.line) for finding in body.findings]


@pytest.mark.parametrize(
    ("written", "what", "value"),
    [
        ("01234", "the number 668", "668"),
        ("+15550100", "the number 15550100", "15550100"),
        ("1_000", "the number 1000", "1000"),
        ("0x1F", "the number 31", "31"),
        ("12e5", "the number 1200000.0", "1200000.0"),
        ("NO", "false", "false"),
        ("yes", "true", "true"),
    ],
)
def test_a_value_that_may_be_meant_as_a_text_is_a_warning(tmp_path: Path, written: str, what: str, value: str) -> None:
    message = f'`{written}` without quotes is {what} in YAML: write "{written}" for the text, or {value}.'
    assert told(body_of(tmp_path, f"    body:\n      items:\n        - a: {written}")) == [(message, 11)]
    assert told(body_of(tmp_path, f"    expect:\n      body: {{a: {written}}}")) == [(message, 10)]


@pytest.mark.parametrize(
    "written", ["10.50", "-0.5", "5", "true", "True", "'01234'", '"NO"', "10:30", "2026-02-03", "~"]
)
def test_what_everybody_reads_alike_is_none(tmp_path: Path, written: str) -> None:
    assert told(body_of(tmp_path, f"    body: {{a: {written}}}")) == []


def test_switches_are_no_data(tmp_path: Path) -> None:
    assert (
        told(body_of(tmp_path, "    x_on_behalf_of: no\n    body: {a: 1}\n    expect: {schema: {uniqueItems: yes}}"))
        == []
    )


def test_numbers_of_parameters_and_header_fields_are_sent_as_they_are_written(tmp_path: Path) -> None:
    step = (
        "    params: {v: 1.10, page: 007, ids: [01, 2]}\n    headers: {X-Version: 1.10, X-Count: 0017}\n"
        "    body: {params: {v: 1.10}}\n"
    )
    cases = (
        "## Cases\n```yaml\ncases:\n  - id: other\n    request: {/params/v: 2.10, /headers: {X-Version: +1}}\n"
        "    expect: {status: 400}\n```\n"
    )
    body = body_of(tmp_path, step, cases)
    subject = body.requests[0].subject
    assert subject is not None
    assert subject.request.params == {"v": "1.10", "page": "007", "ids": ["01", 2]}
    assert subject.request.headers == {"X-Version": "1.10", "X-Count": "0017"}
    assert subject.request.body == {"params": {"v": 1.1}}
    assert [change.value for change in body.cases[0].changes] == ["2.10", {"X-Version": "+1"}]
    assert told(body) == []


def test_what_aliases_share_is_left_alone(tmp_path: Path) -> None:
    body = body_of(tmp_path, "    params: &all {v: 1.10}\n    body: *all")
    subject = body.requests[0].subject
    assert subject is not None
    assert (subject.request.params, subject.request.body) == ({"v": "1.10"}, {"v": 1.1})

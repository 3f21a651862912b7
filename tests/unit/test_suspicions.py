"""What a doc says and can hardly mean is told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_docs import write_doc

Told = list[tuple[str, str, int]]


def told(tmp_path: Path, keys: str, rest: str = "") -> Told:
    step = f"  - method: POST\n    path: /x\n{keys}"
    text = f"---\nendpoint: POST /x\n---\n## Test Request\n\n```yaml\nsteps:\n{step}```\n{rest}"
    doc = write_doc(tmp_path, text)
    return [
        (finding.code, finding.severity.value, finding.location.line) for finding in (*doc.findings, *doc.body.findings)
    ]


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ("{status: [201, 409]}", ["mixed-statuses"]),
        ("{status: [200, 201]}", []),
        ("{status: [404, 409]}", []),
        ("{}", ["empty-expect"]),
        ("{status: }", ["empty-expect"]),
        ("{status: []}", ["empty-expect"]),
        ("{body: {data: []}}", ["empty-in-body"]),
        ("{body: {data: [{}], more: []}}", ["empty-in-body", "empty-in-body"]),
        ("{body: {data: [1], none: null, no: false, zero: 0}}", []),
        ("{body: {$.data.id: 7, '$[0]': {$.x: 1}}}", ["path-in-body", "path-in-body", "path-in-body"]),
        ("{body: {$ref: x, $: 1, data: $.id, 7: 7, null: 8, 2026-01-01: 9}}", []),
    ],
)
def test_expectations_that_check_nothing(tmp_path: Path, expect: str, found: list[str]) -> None:
    codes = told(tmp_path, f"    expect: {expect}\n")
    assert [code for code, _, _ in codes] == found
    assert {(severity, line) for _, severity, line in codes} <= {("warning", 10)}


def test_cases_are_looked_at_too(tmp_path: Path) -> None:
    cases = "  - id: same\n  - id: both\n    request: {/body/to: her}\n    expect: {status: [200, 404]}\n"
    assert told(tmp_path, "", f"\n## Cases\n\n```yaml\ncases:\n{cases}```\n") == [
        ("empty-case", "warning", 16),
        ("mixed-statuses", "warning", 19),
    ]


@pytest.mark.parametrize("before", ["", '"description": "d", '])
@pytest.mark.parametrize(("title", "key"), [("Prerequisites", "steps"), ("Cleanup", "steps"), ("Cases", "cases")])
def test_lists_in_json_would_be_lost(tmp_path: Path, title: str, key: str, before: str) -> None:
    fence = f'\n## {title}\n\n```json\n{{{before}"{key}": []}}\n```\n'
    assert told(tmp_path, "", fence) == [(f"{key}-in-json", "error", 14)]


@pytest.mark.parametrize("language", ["", "text", "{.yaml}"])
@pytest.mark.parametrize(
    ("title", "key"),
    [("Prerequisites", "steps"), ("Cleanup", "steps"), ("Cases", "cases"), ("Test Request", "steps")],
)
def test_lists_in_fences_of_no_language_would_be_lost(tmp_path: Path, title: str, key: str, language: str) -> None:
    fence = f"## {title}\n\n```{language}\n{key}: # what runs - or not\n  # first\n  - id: a\n```\n"
    same_section = fence.partition("\n\n")[2]
    rest = f"\n{same_section}" if title == "Test Request" else f"\n{fence}"
    line = 12 if title == "Test Request" else 14
    assert told(tmp_path, "", rest) == [(f"{key}-not-in-yaml", "error", line)]


@pytest.mark.parametrize(
    "written", ["steps:\n1. Log in.\n2. Pay.\n", "steps: list[str] = []\n", "steps: log in, pay\n"]
)
def test_steps_for_people_are_no_list(tmp_path: Path, written: str) -> None:
    assert told(tmp_path, "", f"\n## Prerequisites\n\n```text\n{written}```\n") == []


def test_cases_without_yaml_run_nothing(tmp_path: Path) -> None:
    table = "| id | status |\n|---|---|\n| a | 404 |\n"
    assert told(tmp_path, "", f"\n## Cases\n\n{table}") == [("no-cases", "warning", 12)]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("4. Cases", "cases"),
        ("Cases {#cases}", "cases"),
        ("[Cases](#cases)", "cases"),
        ("Edge Cases", "cases"),
        ("Cleanup Steps", "steps"),
        ("5. Prerequisites", "steps"),
    ],
)
def test_a_longer_title_above_a_list_is_none_of_the_sections(tmp_path: Path, title: str, key: str) -> None:
    fence = f"\n## {title}\n\n```yaml\n{key}:\n  - id: a\n```\n"
    assert told(tmp_path, "", fence) == [("unknown-section", "error", 12)]
    assert told(tmp_path, "", f"\n## {title}\n\n```yaml\nnote: for people\n```\n") == []


def test_steps_of_a_request_for_people_are_no_mistake(tmp_path: Path) -> None:
    assert told(tmp_path, "", "\n## Test Request (will fail)\n\n```yaml\nsteps:\n  - id: a\n```\n") == []


def test_an_expected_response_without_an_example_checks_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, "", "\n## Expected Response\n\nA thing.\n") == [("no-example", "warning", 12)]


def test_an_expected_header_is_a_regular_expression_or_a_text(tmp_path: Path) -> None:
    assert told(tmp_path, "    expect: {headers: {A: /(/, B: /x/}}\n") == [("bad-pattern", "error", 10)]


@pytest.mark.parametrize(
    ("status", "title", "found"),
    [
        ("200", "Expected Response (201)", [("unused-example", "warning", 15)]),
        ("[200, 202]", "Expected Response (201)", [("unused-example", "warning", 15)]),
        ("[200, 201]", "Expected Response (201)", []),
        ("200", "Expected Response", []),
        ("200", "Expected Response (404)", []),
        ("200", "Error Responses", []),
    ],
)
def test_an_example_of_another_success_is_compared_with_nothing(
    tmp_path: Path, status: str, title: str, found: Told
) -> None:
    example = f"\n## {title}\n\n```json\n{{}}\n```\n"
    assert told(tmp_path, f"    expect: {{status: {status}}}\n", example) == found
    assert told(tmp_path, "", example) == []


@pytest.mark.parametrize(
    ("expect", "found"), [("{body: {a: 1}}", []), ("{status: 200}", [("unused-example", "warning", 15)])]
)
def test_an_example_may_be_of_a_case_that_any_success_passes(tmp_path: Path, expect: str, found: Told) -> None:
    example = "\n## Expected Response (202)\n\n```json\n{}\n```\n"
    case = f"\n## Cases\n\n```yaml\ncases:\n  - {{id: later, token: none, expect: {expect}}}\n```\n"
    assert told(tmp_path, "    expect: {status: 200}\n", example + case) == found

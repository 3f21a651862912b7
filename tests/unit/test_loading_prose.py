"""Sections for people and for checks: learnings, procedure, schema, examples; names of markers."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_docs import write_doc

from pytest_endpoint_docs.loading.doc_body import parse_body
from pytest_endpoint_docs.loading.items import marker_name
from pytest_endpoint_docs.loading.markdown import fold_title
from pytest_endpoint_docs.model.body import DocBody

REQUEST = "\n\n## Test Request\n\n```json\n{}\n```\n\n"


def body_of(tmp_path: Path, markdown: str) -> DocBody:
    return parse_body(write_doc(tmp_path, f"---\nendpoint: POST /x\n---\n{REQUEST}{markdown}"))


@pytest.mark.parametrize(
    "written", ["Cases", "cases", "⚠️ Cases", "✅ CASES", "👩‍💻 Cases", "2️⃣ Cases", "**Cases**", "  Cases "]
)
def test_titles_are_compared_without_emoji_and_case(written: str) -> None:
    assert fold_title(written) == "cases"


def test_title(tmp_path: Path) -> None:
    assert body_of(tmp_path, "# Make a thing\n\n## Summary\n\nIt makes\na thing.\n").title == "Make a thing"


def test_learnings_are_numbered_over_all_lists(tmp_path: Path) -> None:
    body = body_of(tmp_path, "## Critical Learnings\n\n3. **A**: one\n   more\n\n### Other\n\n- b\n  - nested\n- c\n")

    assert [(one.number, one.text, one.location.line) for one in body.learnings] == [
        (1, "**A**: one\nmore", 14),
        (2, "b\n- nested", 19),
        (3, "c", 21),
    ]


def test_no_learnings(tmp_path: Path) -> None:
    assert body_of(tmp_path, "## Critical Learnings\n\nNo specific learnings documented.\n").learnings == ()


def test_the_procedure_keeps_fences_with_their_steps(tmp_path: Path) -> None:
    body = body_of(
        tmp_path,
        "## Manual Testing Procedure\n\nBy hand:\n\n1. **Open** it:\n   ```bash\n   open x\n   ```\n   Look.\n\n"
        "2. Close:\n\n"
        "```bash\nclose x\n```\n\n3. Done\n```",
    )

    assert [(one.number, one.text, one.location.line) for one in body.procedure] == [
        (1, "**Open** it:\n```bash\nopen x\n```\nLook.", 16),
        (2, "Close:\n\n```bash\nclose x\n```", 22),
        (3, "Done", 28),
    ]
    assert [(one.code, one.severity.value) for one in body.findings] == [("unclosed-fence", "warning")]


def test_the_procedure_may_be_headings(tmp_path: Path) -> None:
    body = body_of(tmp_path, "## Manual Testing Procedure\n\n### Open\n\nIt.\n\n### Close\n\nIt.\n")

    assert [(one.number, one.text) for one in body.procedure] == [(1, "Open\n\nIt."), (2, "Close\n\nIt.")]


@pytest.mark.parametrize("fence", ['```json\n{"type": "object"}\n```', "```yaml\ntype: object\n```"])
def test_the_response_schema(tmp_path: Path, fence: str) -> None:
    schema = body_of(tmp_path, f"## Response Schema\n\n{fence}\n").response_schema

    assert schema is not None
    assert (schema.schema, schema.location.line) == ({"type": "object"}, 14)


@pytest.mark.parametrize(
    ("fence", "code", "severity"),
    [
        ("```json\n[]\n```", "wrong-type", "error"),
        ("```json\n{\n```", "bad-json", "error"),
        ("Prose.", "no-schema", "warning"),
        ("```json\n{}\n```\n\n```json\n{}\n```", "second-schema", "warning"),
    ],
)
def test_wrong_schemas(tmp_path: Path, fence: str, code: str, severity: str) -> None:
    body = body_of(tmp_path, f"## Response Schema\n\n{fence}\n")

    assert [(one.code, one.severity.value) for one in body.findings] == [(code, severity)]


def test_examples_take_their_code_from_the_nearest_heading(tmp_path: Path) -> None:
    fence = '\n\n```json\n{"a": 1}\n```\n\n'
    body = body_of(
        tmp_path,
        f"## Expected Response{fence}## Expected Response (201 Created){fence}"
        f"## Error Responses\n\n### 404 Not found{fence}### Other{fence}## Error Response (409){fence}"
        f"## Expected Responses\n\n### OK (200){fence}### Bad (422){fence}"
        f"## Unexpected Response{fence}",
    )

    assert [(one.status, one.is_error) for one in body.examples] == [
        (None, False),
        (201, False),
        (404, True),
        (None, True),
        (409, True),
        (200, False),
        (422, True),
    ]
    assert body.examples[0].body == {"a": 1}
    assert body.findings == ()


def test_an_example_that_is_not_json_is_an_error_where_nothing_else_says_what_the_content_is(tmp_path: Path) -> None:
    example = '## Expected Response\n\n```json\n{"a": ...}\n```\n'
    body = body_of(tmp_path, example)

    assert body.examples == ()
    (finding,) = body.findings
    assert (finding.code, finding.severity.value, finding.location.line) == ("bad-json", "error", 15)
    assert finding.message.endswith("Leave out what `...` stands for: an example need not be complete.")

    with_schema = body_of(tmp_path, f"{example}\n## Response Schema\n\n```json\n{{}}\n```\n")
    assert [(one.code, one.severity.value) for one in with_schema.findings] == [("bad-json", "warning")]


@pytest.mark.parametrize(
    ("title", "fence", "severity", "meant"),
    [
        ("Case", "", "error", "Cases"),
        ("Prerequisite", "", "error", "Prerequisites"),
        ("Expected Responce", "", "error", "Expected Response"),
        ("UID Resolutions", "", "error", "UID Resolution"),
        ("Response", "json", "error", "Expected Response"),
        ("Expected Response (success)", "json", "error", "Expected Response"),
        ("Teardown", "yaml", "error", "Cleanup"),
        ("Critical Learning", "", "warning", "Critical Learnings"),
        ("Response", "", "", ""),
        ("Response", "http", "", ""),
        ("Test Request (will fail)", "json", "", ""),
        ("UID Resolution JSON", "json", "", ""),
        ("Unexpected Response", "json", "", ""),
        ("Notes", "json", "", ""),
    ],
)
def test_a_section_that_nothing_reads_is_told_where_it_is_meant_to_be_read(
    tmp_path: Path, title: str, fence: str, severity: str, meant: str
) -> None:
    body = body_of(tmp_path, f"## {title}\n\n" + (f"```{fence}\n{{}}\n```\n" if fence else "Words.\n"))

    message = f'nothing reads a section `{title}`. Did you mean "{meant}"?'
    told = [(one.code, one.severity.value, one.message) for one in body.findings]
    assert told == ([("unknown-section", severity, message)] if meant else [])


def test_a_second_section_with_requests_is_an_error(tmp_path: Path) -> None:
    body = body_of(tmp_path, "## Request Template\n\n```json\n{}\n```\n")

    (finding,) = body.findings
    assert (finding.code, finding.severity.value, finding.location.line) == ("second-request", "error", 12)
    assert finding.message.startswith("a second section with requests: the first is in line 6.")


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("requires-manual-testing", "requires_manual_testing"),
        ("Communication Messages (SMS)", "communication_messages_sms"),
        ("Zürich", "zürich"),
        ("2fa", "tag_2fa"),
        ("skip", "tag_skip"),
        ("Parametrize", "tag_parametrize"),
        ("asyncio", "tag_asyncio"),
        ("not", "tag_not"),
        ("True", "tag_true"),
        ("🚀", ""),
    ],
)
def test_marker_names(tag: str, name: str) -> None:
    assert marker_name(tag) == name

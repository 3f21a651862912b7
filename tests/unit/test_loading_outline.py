"""The names of a doc's items, found by the cheap scan or by the parser, and that both agree with the body."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from pytest_endpoint_docs.loading import doc_body as doc_body_module
from pytest_endpoint_docs.loading.doc_body import parse_body, parse_outline
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.items import cases_of, scan_outline
from pytest_endpoint_docs.loading.mapping_reader import FindingLog
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation

HEAD = "---\nendpoint: POST /v1/things?dry={dry}\n---\n"
NAME = "POST /v1/things?dry={dry}"


def load(tmp_path: Path, body: str) -> EndpointDoc:
    file = tmp_path / "doc.md"
    file.write_text(HEAD + body, encoding="utf-8")
    doc = load_doc(file, display_path="doc.md")
    assert doc is not None
    return doc


def names(doc: EndpointDoc) -> list[str]:
    return [outline.name for outline in doc.outlines]


def fence(text: str = "{}", language: str = "json") -> str:
    return f"```{language}\n{text}\n```\n\n"


CHAINED = fence('{"method": "GET", "path": "/a", "purpose": "uid_resolution"}')
FINAL = fence('{"method": "POST", "path": "/b", "purpose": "retry_original"}')
CASES = "## Cases\n\n" + fence("cases:\n- id: one\n- id: two\n  learning: 2", "yaml")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## Request Template\n\n" + fence(), [NAME]),
        ("## ✅ test  REQUEST ##\n\n" + fence(), [NAME]),
        ("Test Request\n---\n\n" + fence(), [NAME]),
        ("## Notes\n\nNothing.\n", [NAME]),
        ("## Test Request (WILL FAIL)\n\n" + fence(), [NAME]),
        ("## Test Request\n\n" + fence("steps: []", "yaml") + fence("steps: []", "yml"), [NAME]),
        ("## Test Request\n\n" + fence() + fence("curl", "bash"), [NAME]),
        ("## Test Request\n\n" + fence() + fence(), [f"{NAME}[1]", f"{NAME}[2]"]),
        ("## Test Request\n\n```json\n{}\n```\n---\n\n" + fence(), [f"{NAME}[1]", f"{NAME}[2]"]),
        ("## Test Request\n\n" + fence() + "### With a Query!\n\n" + fence(), [f"{NAME}[1]", f"{NAME}[with-a-query]"]),
        ("## Test Request\n\n### A\n\n" + fence() + "### A\n\n" + fence(), [f"{NAME}[a]", f"{NAME}[a-2]"]),
        ("## Test Request\n\n### A\n\n" + fence() + fence(), [f"{NAME}[a]", f"{NAME}[2]"]),
        ("## Test Request\n\n### One\n\n" + CHAINED + "### Two\n\n" + FINAL, [NAME]),
        ("## Test Request\n\n" + CHAINED + FINAL + fence(), [f"{NAME}[1]", f"{NAME}[2]"]),
        ("## Test Request\n\n" + fence() + CASES, [NAME, "one", "two"]),
        (CASES + "## Test Request\n\n" + fence(), [NAME, "one", "two"]),
    ],
)
def test_item_names(tmp_path: Path, body: str, expected: list[str]) -> None:
    doc = load(tmp_path, body)

    assert names(doc) == expected
    assert [case.id for case in parse_body(doc).cases] == [one.case_id for one in doc.outlines if one.case_id]


def test_outlines_point_at_their_fences(tmp_path: Path) -> None:
    doc = load(tmp_path, "## Test Request\n\n" + fence() + fence() + CASES)

    assert [(one.location.line, one.request_index, one.learning) for one in doc.outlines] == [
        (6, 0, None),
        (10, 1, None),
        (18, 0, None),
        (19, 0, 2),
    ]
    assert [main.location.line for main in parse_body(doc).requests] == [6, 10]


@pytest.mark.parametrize(
    "body",
    [
        "## Test Request\n\n" + fence(),
        "## Prerequisites\n\n" + fence("steps: []", "yaml") + "## Test Request\n\n" + fence("steps: []", "yaml"),
        "## Prerequisites\n\n~~~~yaml\n```\n~~~\n- ~~~~\n~~~~\n\n## Test Request\n\n- a\n\n  ~~~json\n  {}\n  ~~~\n",
        "| a | b |\n|---|---|\n\n## Test Request\n\n```json title\n{}",
        "## Test Request\n\n> ```json\n> {}\n> ```\n",
    ],
)
def test_a_simple_doc_is_not_parsed_for_collection(tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the Markdown was parsed")

    monkeypatch.setattr(doc_body_module, "parse_outline", parse)
    doc = load(tmp_path, body)

    assert names(doc) == [NAME]
    assert [main.location for main in parse_body(doc).requests] == [doc.outlines[0].location]


def test_a_heading_inside_a_fence_is_none(tmp_path: Path) -> None:
    body = "## Notes\n\n````markdown\n## Test Request\n\n```json\n{}\n```\n````\n\n## Test Request\n\n" + fence()

    assert load(tmp_path, body).outlines[0].location.line == 16


def test_duplicate_case_ids_keep_an_item_each(tmp_path: Path) -> None:
    cases = fence("cases:\n- id: twice\n- id: twice\n- id: once", "yaml")
    doc = load(tmp_path, "## Test Request\n\n" + fence() + "## Cases\n\n" + cases)

    assert names(doc) == [NAME, "twice", "twice[2]", "once"]
    assert [(one.code, one.case_id, one.location.line) for one in doc.findings] == [
        ("duplicate-case-id", "twice[2]", 15)
    ]
    assert [case.disposition.action for case in cases_of(doc)] == ["run", "run", "broken", "run"]
    assert [case.id for case in parse_body(doc).cases] == ["twice", "twice[2]", "once"]


@pytest.mark.parametrize(
    ("cases", "name", "code"),
    [
        ("cases:\n- id: [", "cases-in-line-12", "bad-yaml"),
        ("case:\n- id: a", "cases-in-line-12", "no-cases"),
        ("cases:\n- description: nameless", "case-1", "no-case-id"),
        ("cases:\n- just text", "case-1", "wrong-type"),
    ],
)
def test_cases_that_cannot_be_read_fail_alone(tmp_path: Path, cases: str, name: str, code: str) -> None:
    doc = load(tmp_path, "## Test Request\n\n" + fence() + "## Cases\n\n" + fence(cases, "yaml"))

    assert names(doc) == [NAME, name]
    assert [(one.code, one.case_id) for one in doc.findings] == [(code, name)]
    assert [case.disposition.action for case in cases_of(doc)] == ["run", "broken"]


def test_a_request_in_a_comment_is_none(tmp_path: Path) -> None:
    doc = load(tmp_path, "## Test Request\n\n<!--\n" + fence() + "-->\n")

    assert [outline.location for outline in doc.outlines] == [doc.location]
    assert [finding.code for finding in parse_body(doc).findings] == ["no-request"]


def test_an_endpoint_without_method_names_its_item_as_written(tmp_path: Path) -> None:
    file = tmp_path / "doc.md"
    file.write_text("---\nendpoint: v1/things\n---\n## Test Request\n\n" + fence())
    doc = load_doc(file, display_path="doc.md")

    assert doc is not None
    assert names(doc) == ["v1/things"]


USUAL = (
    *("# Things\n", "\n## Summary\n\nWhat it does.\n", "\n### Sooner\n", "- a\n- b\n", "\n> quoted\n", "\n\n"),
    *("\n## Test Request\n\n", "\n## Test Request\n\n```yaml\nsteps: []\n```\n", "\n## Notes\n\n```json\n{}\n```\n"),
)
ODD = (
    *("---\n", "\n***\n", "\nTest Request\n---\n", "\n## Request Template ##\n", "\n  ## Cases\n", "\n| a |\n|---|\n"),
    *("\n```json\n{}\n```\n", "\n~~~json\n{}\n~~~\n", "\n> ```json\n> {}\n> ```\n", "\n  ```json\n  {}\n  ```\n"),
    *(
        "\n- a\n\n  ```json\n  {}\n  ```\n",
        "\n1. a\n\n   ```yaml\n   steps: []\n   ```\n",
        "\n    ```json\n    {}\n    ```\n",
    ),
)
SCRAPS = ("```", "\n```", "````", "~~~", "`", "## ", "##", " ", "    ", "\t", "\n", "-", ">", "<a>", "#", "1. ", "\n--")


@pytest.mark.parametrize("seed", range(10))
def test_the_cheap_scan_says_what_the_parser_says(seed: int) -> None:
    at_random = Random(seed)
    endpoint, location = Endpoint.of("GET", "/things"), SourceLocation("doc.md", 2)
    answered = 0
    for _ in range(300):
        pieces = [piece for kind in (USUAL, ODD, SCRAPS) for piece in at_random.choices(kind, k=at_random.randrange(5))]
        at_random.shuffle(pieces)
        text = "---\nendpoint: GET /things\n---\n" + "".join(pieces)
        quick = scan_outline(text, head_end=text.index("---\n", 4) + 3, endpoint=endpoint, location=location)
        if quick is None:
            continue
        answered += 1
        parsed, _ = parse_outline(text, body_line=4, endpoint=endpoint, location=location, findings=FindingLog())
        assert quick == parsed, text

    assert answered

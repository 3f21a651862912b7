from __future__ import annotations

import pytest
from made_records import made_item, made_run
from markdown_it import MarkdownIt

from pytest_endpoint_docs.model.record import FindingRecord
from pytest_endpoint_docs.reporting.markdown_report import render_markdown


def html(text: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


def test_a_summary_of_everything() -> None:
    text = render_markdown(
        made_run(
            made_item("s/a.md", domain="sales", age_days=3.0),
            made_item(
                "s/b.md",
                domain="sales",
                outcome="failed",
                case_id="twice",
                verdict="s/b.md:9: 500",
                failure_line=9,
                failure="s/b.md:9: 500, documented 200\n\ncurl ...",
            ),
            made_item("p/c.md", outcome="skipped", cause="recorded"),
            findings=(FindingRecord(code="stale", message="old", severity="warning", path="s/a.md", line=7),),
        )
    )
    assert text == (
        "# Endpoint docs\n"
        "\n"
        "**1 of 2 contracts is broken**\n"
        "\n"
        "**1 passed, 1 failed, 1 did not run** in 75 s, environment `staging`, 2026-03-13T00:00:00Z\n"
        "\n"
        "| domain | passed | failed | did not run | oldest verification |\n"
        "| --- | ---: | ---: | ---: | --- |\n"
        "| (none) |  |  | 1 | never |\n"
        "| sales | 1 | 1 |  | 3 days ago |\n"
        "\n"
        "## 1 failure\n"
        "\n"
        "### `s/b.md:9` GET /a twice\n"
        "\n"
        "```text\n"
        "s/b.md:9: 500, documented 200\n"
        "\n"
        "curl ...\n"
        "```\n"
        "\n"
        "## 1 did not run\n"
        "\n"
        "| why | items | oldest |\n"
        "| --- | ---: | --- |\n"
        "| skip recorded in the doc | 1 | `p/c.md:2` never verified |\n"
        "\n"
        "## 2 findings\n"
        "\n"
        "- `s/a.md:7` old\n"
        "- `p/c.md:2` skipped without a reason: write one into skipReason\n"
    )


def test_a_run_without_items_is_still_a_summary() -> None:
    assert "**nothing was collected**" in render_markdown(made_run())


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "a | b | c",
        "[x](javascript:alert(1))",
        "**bold** `code`",
        "x\n\n# Heading",
        "``` ` ```",
    ],
)
def test_hostile_text_stays_text(hostile: str) -> None:
    text = render_markdown(
        made_run(
            made_item(
                "d.md", domain=hostile, outcome="failed", endpoint=hostile, failure=f"x\n{hostile}\n```\n# Heading"
            ),
            made_item(hostile, outcome="skipped", cause="manual", reason="r", verified_by=hostile, age_days=1.0),
            findings=(FindingRecord(code="x", message=hostile, severity="warning", path=hostile, line=1),),
            environment=hostile,
        )
    )
    shown = html(text)
    assert "<script" not in shown
    assert "<a " not in shown
    assert shown.count("<h1>") == 1
    assert shown.count("<h2>") == 3
    assert shown.count("<td") == 2 * 4 + 3
    assert "<code>a \\| b" not in shown


def test_failures_that_are_expected_are_listed_with_their_reasons() -> None:
    expected = [
        made_item(f"{number}.md", outcome="xfailed", reason="pending: SB-1", verdict="got 500") for number in range(2)
    ]
    assert (
        "## 2 failed as expected\n\n- `0.md` pending: SB-1: got 500\n- `1.md` pending: SB-1: got 500\n"
    ) in render_markdown(made_run(*expected, made_item("p.md")))


def test_a_long_failure_is_cut_and_says_so() -> None:
    failure = "\n".join(f"line {number}" for number in range(40))
    text = render_markdown(made_run(made_item("a.md", outcome="failed", failure=failure)))
    assert "line 14\n… (25 more lines)\n```" in text
    assert "line 15" not in text


def test_many_failures_are_cut_and_counted() -> None:
    text = render_markdown(made_run(*(made_item(f"{number}.md", outcome="failed") for number in range(60))))
    assert text.count("### ") == 50
    assert "... and 10 more" in text

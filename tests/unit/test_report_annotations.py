from __future__ import annotations

import pytest
from made_records import made_item, made_run

from pytest_endpoint_docs.model.record import FindingRecord, MismatchRecord
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.annotations import render_annotations
from pytest_endpoint_docs.reporting.item_records import junit_properties
from pytest_endpoint_docs.reporting.progress import estimate, render_seconds


def test_failures_are_errors_and_findings_warnings_on_their_lines() -> None:
    stale = FindingRecord(
        code="stale", message="last verified 91 days ago", severity="warning", path="docs/b.md", line=7
    )
    assert render_annotations(
        made_run(
            made_item(), made_item(outcome="failed", failure="500\n100% off", case_id="again"), findings=(stale, stale)
        )
    ) == [
        "::error file=docs/a.md,line=2,title=GET /a (again)::500%0A100%25 off",
        "::warning file=docs/b.md,line=7,title=stale::last verified 91 days ago",
    ]


@pytest.mark.parametrize(("failure_line", "line"), [(75, 75), (None, 2)])
def test_a_failure_stands_at_the_line_that_its_verdict_names(failure_line: int | None, line: int) -> None:
    (annotation,) = render_annotations(made_run(made_item(outcome="failed", failure_line=failure_line)))
    assert f"file=docs/a.md,line={line}," in annotation


def test_a_skip_without_a_reason_is_annotated() -> None:
    (line,) = render_annotations(made_run(made_item(outcome="skipped", cause="recorded", reason="")))
    assert line.startswith("::warning file=docs/a.md,line=2,title=skip-without-reason::")


def test_properties_and_data_are_escaped_so_that_no_text_can_end_the_command() -> None:
    (line,) = render_annotations(
        made_run(made_item(outcome="error", doc="d,o:c.md", endpoint="GET /a,b::x\r\n::set-env", failure="%0A"))
    )
    assert line == "::error file=d%2Co%3Ac.md,line=2,title=GET /a%2Cb%3A%3Ax%0D%0A%3A%3Aset-env::%250A"
    assert "\n" not in line


def test_paths_start_at_the_root_of_the_repository() -> None:
    (line,) = render_annotations(
        made_run(made_item(outcome="failed", doc="../docs/a.md", failure="x")), prefix="tests/api"
    )
    assert "file=tests/docs/a.md," in line


def test_a_further_line_has_the_place_once() -> None:
    def at(line: int, check: str, pointer: str, message: str) -> MismatchRecord:
        shown = Redactor().text
        return MismatchRecord(
            check=check, pointer=shown(pointer), message=shown(message), location=shown(f"docs/a.md:{line}")
        )

    found = (
        at(7, "openapi-request", "/query/limit", "query parameter 'limit' is not described"),
        at(8, "body", "/name", "has another value"),
    )
    _, *others = render_annotations(made_run(made_item(outcome="failed", failure="500", mismatches=found)))
    assert [line.partition("::")[2].partition("::")[2] for line in others] == [
        "query parameter 'limit' is not described",
        "/name has another value",
    ]


@pytest.mark.parametrize(("age", "shown"), [(None, "never"), (12.345, "12.3")])
def test_junit_properties(age: float | None, shown: str) -> None:
    assert junit_properties(made_item(age_days=age, status="verified")) == [
        ("endpoint", "GET /a"),
        ("doc", "docs/a.md:2"),
        ("status", "verified"),
        ("age_days", shown),
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((0, 334, []), "0 of 334 docs"),
        ((2, 334, [9.0, 9.0]), "2 of 334 docs"),
        ((12, 334, [0.5, 1.0, 1.5]), "12 of 334 docs, about 5 min left"),
        ((1000, 4000, [2.0] * 3), "1,000 of 4,000 docs, about 1 h 40 min left"),
        ((4, 4, [1.0] * 4), "4 of 4 docs"),
    ],
)
def test_the_time_left_is_counted_from_what_is_done(arguments: tuple[int, int, list[float]], text: str) -> None:
    assert estimate(*arguments) == text


def test_workers_share_what_is_left_but_not_one_item() -> None:
    assert estimate(10, 110, [3.0] * 10, workers=4, current="a.md") == "10 of 110 docs, about 75 s left: a.md"
    assert estimate(10, 11, [3.0] * 10, workers=4) == "10 of 11 docs, about 3.0 s left"


@pytest.mark.parametrize(("seconds", "text"), [(0.44, "0.4 s"), (12.4, "12 s"), (150, "2 min"), (3900, "1 h 05 min")])
def test_durations_for_people(seconds: float, text: str) -> None:
    assert render_seconds(seconds) == text

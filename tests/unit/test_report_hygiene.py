from __future__ import annotations

from typing import Any

from made_records import made_item, made_run

from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, ManualVerification
from pytest_endpoint_docs.reporting.hygiene import hygiene_findings, not_run, render_hygiene


def item(doc: str, **given: Any) -> ItemRecord:
    skipped: dict[str, Any] = {"outcome": "skipped", "cause": "recorded", "reason": "the feature is off"}
    return made_item(doc, **(skipped | given))


def test_a_run_where_everything_ran_says_nothing() -> None:
    assert render_hygiene(made_run(item("a.md", outcome="passed", cause=""), item("b.md", outcome="xfailed"))) == []


def test_what_did_not_run_is_told_by_cause_with_the_oldest_of_each() -> None:
    evidence = ManualVerification(at="2026-03-01T00:00:00Z", by="Ana", outcome="passed")
    lines = render_hygiene(
        made_run(
            item("ran.md", outcome="passed", cause="", reason=""),
            item("r1.md", age_days=20.0, verified_at="x", verified_by="Bo"),
            item("r2.md", age_days=143.2, verified_at="x"),
            item("m1.md", cause="manual", evidence=evidence),
            item("d1.md", cause="deprecated", reason="deprecated"),
            item("v1.md", cause="variables", reason="needs variables: a"),
            item("o1.md", cause="", reason="a mark of the user's"),
        )
    )
    assert lines == [
        "6 of 7 items did not run:",
        "  needs a person            1  m1.md:2 (last verified by hand 12 days ago by Ana)",
        "  undefined variables       1  v1.md:2 (never verified)",
        "  skip recorded in the doc  2  oldest: r2.md:2 (last verified 143 days ago)",
        "  deprecated                1  d1.md:2 (never verified)",
        "  other                     1  o1.md:2 (never verified)",
    ]


def test_what_was_never_verified_is_older_than_any_date() -> None:
    (group,) = not_run(made_run(item("a.md", age_days=900.0, verified_at="x"), item("b.md")))
    assert [each.doc for each in group.items] == ["b.md", "a.md"]


def test_evidence_of_a_pass_counts_as_verification() -> None:
    evidence = ManualVerification(at="2026-03-01T00:00:00Z", by="Ana", outcome="passed")
    failed = ManualVerification(at="2026-03-12T00:00:00Z", by="Ana", outcome="failed")
    items = [
        item("a.md", evidence=evidence),
        item("b.md", age_days=13.0),
        item("c.md", age_days=500.0, evidence=failed),
    ]
    (group,) = not_run(made_run(*items))
    assert [each.doc for each in group.items] == ["c.md", "b.md", "a.md"]


UNSAID = FindingRecord(code="no-skip-reason", message="no reason", severity="warning", path="a.md", line=2)


def test_a_skip_without_a_reason_is_a_finding_once_for_each_doc() -> None:
    nothing = made_run(
        item("a.md", reason="no reason recorded", owner="team-sales", findings=(UNSAID,)),
        item("a.md", reason="no reason recorded", case_id="other", findings=(UNSAID,)),
        item("b.md", reason=" ", cause="manual"),
        item("c.md", reason="deprecated", cause="deprecated"),
        item("f.md", reason="what the support says: no reason recorded"),
        item("d.md", reason="the feature is off"),
        item("e.md", reason="", outcome="passed"),
    )
    assert [(found.code, found.path, found.line) for found in hygiene_findings(nothing)] == [
        ("skip-without-reason", "a.md", 2),
        ("skip-without-reason", "b.md", 2),
    ]
    assert render_hygiene(nothing)[-3:] == [
        "2 skips without a reason:",
        "  a.md:2: skipped without a reason: write one into skipReason; owner: team-sales",
        "  b.md:2: skipped without a reason: write one into skipReason",
    ]

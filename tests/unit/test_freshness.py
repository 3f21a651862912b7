from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.doc import DocStatus, EndpointDoc
from pytest_endpoint_docs.model.record import ManualVerification
from pytest_endpoint_docs.model.source import Endpoint, Finding, Severity, SourceLocation
from pytest_endpoint_docs.verification.freshness import (
    AgePolicy,
    DocAges,
    freshness,
    parse_age_policy,
    parse_limit,
    render_last_manual,
)

VERIFIED = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = AgePolicy(default=timedelta(days=90))
EVIDENCE = ManualVerification(at="2026-03-01T00:00:00Z", by="Ana", outcome="passed")


def doc(**head: Any) -> EndpointDoc:
    given = {"verified_at": "2026-01-01T00:00:00Z", "lines": {"verifiedAt": 7, "skipUntil": 8, "savedAt": 6}} | head
    return EndpointDoc(
        file=Path("a.md"),
        path="docs/a.md",
        endpoint=Endpoint("GET", "/a"),
        location=SourceLocation("docs/a.md", 2),
        **given,
    )


def findings(
    doc: EndpointDoc,
    age_days: float,
    *,
    policy: AgePolicy = POLICY,
    evidence: ManualVerification | None = None,
    severity: Severity = Severity.WARNING,
) -> tuple[Finding, ...]:
    now = VERIFIED + timedelta(days=age_days)
    return DocAges(policy, lambda _: evidence, lambda: now, severity).of(doc).findings


def told(doc: EndpointDoc, age_days: float, **given: Any) -> list[tuple[str, str]]:
    return [(finding.code, str(finding)) for finding in findings(doc, age_days, **given)]


def codes(doc: EndpointDoc, age_days: float, **given: Any) -> list[str]:
    return [code for code, _ in told(doc, age_days, **given)]


@pytest.mark.parametrize(("age_days", "expected"), [(89, []), (90, []), (90.001, ["stale"]), (91, ["stale"])])
def test_a_doc_is_stale_past_its_limit_and_not_at_it(age_days: float, expected: list[str]) -> None:
    assert codes(doc(), age_days) == expected


def test_a_stale_doc_is_told_with_place_date_person_and_owner() -> None:
    assert told(doc(verified_by="Ana", owner="team-sales"), 91) == [
        (
            "stale",
            (
                "docs/a.md:7: last verified 91 days ago (2026-01-01 by Ana), "
                "which is longer than the 90 days allowed; owner: team-sales"
            ),
        )
    ]


def test_without_a_limit_nothing_is_stale() -> None:
    assert codes(doc(), 9999, policy=AgePolicy()) == []
    assert codes(doc(verified_at=None), 1, policy=AgePolicy()) == []


@pytest.mark.parametrize(
    ("limit", "age_days", "state"),
    [
        ("12h", 0.49, "fresh"),
        ("12h", 0.51, "stale"),
        ("2w", 14, "fresh"),
        ("2w", 14.1, "stale"),
        ("1.5d", 1.6, "stale"),
    ],
)
def test_limits_have_units(limit: str, age_days: float, state: str) -> None:
    assert freshness(doc(), AgePolicy(default=parse_limit(limit)), VERIFIED + timedelta(days=age_days)).state == state


@pytest.mark.parametrize(
    ("head", "limit_days"),
    [
        ({}, 90),
        ({"tags": ("oauth",)}, 30),
        ({"tags": ("OAuth", "slow tag")}, 10),
        ({"domain": "sales"}, 180),
        ({"domain": "sales", "tags": ("oauth",)}, 30),
        ({"domain": "Platform Administration"}, 7),
    ],
)
def test_tags_go_before_domains_and_the_strictest_tag_holds(head: dict[str, Any], limit_days: int) -> None:
    lines = [
        "",
        "# ours",
        "tag:oauth = 30d",
        "tag:slow_tag=10d",
        "domain:sales = 180d",
        "domain : platform_administration = 1w",
    ]
    policy = replace(parse_age_policy(lines), default=timedelta(days=90))
    assert policy.limit(doc(**head)) == timedelta(days=limit_days)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["tag:a = 90"],
            "max age 'tag:a = 90': '90' is not a duration; expected a number with m, h, d or w, such as 90d",
        ),
        (["tag:a = 0d"], "max age 'tag:a = 0d': a limit of zero"),
        (["tag:a = 99999999999d"], "longer than"),
        (["oauth = 30d"], "max age 'oauth = 30d': expected 'tag:NAME = 30d'"),
        (["tags:oauth = 30d"], "'tags' is neither tag nor domain; did you mean tag:oauth"),
        (["tag:oauth = soon"], "max age 'tag:oauth = soon': 'soon' is not a duration"),
        (["tag:a = 1d", "tag:A = 2d"], "tag:A has a limit already"),
    ],
)
def test_a_wrong_limit_is_refused_with_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_age_policy(lines)
    assert message in str(raised.value)


def test_a_doc_that_was_never_verified_is_a_finding() -> None:
    assert told(doc(verified_at=None, lines={}), 1) == [
        ("never-verified", "docs/a.md:2: never verified; it has to be verified every 90 days")
    ]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({"status": DocStatus.SKIP}, []),
        ({"status": DocStatus.FAILED}, []),
        ({"status": DocStatus.DEPRECATED}, []),
        ({"status": DocStatus.PENDING}, ["never-verified"]),
        ({"status": DocStatus.SKIP, "tags": ("requires_manual_testing",)}, ["never-verified"]),
    ],
)
def test_who_is_asked_for_a_first_verification(head: dict[str, Any], expected: list[str]) -> None:
    assert codes(doc(verified_at=None, **head), 1) == expected


def test_a_deprecated_doc_does_not_age_and_a_skipped_one_does() -> None:
    assert codes(doc(status=DocStatus.DEPRECATED), 200) == []
    assert codes(doc(status=DocStatus.SKIP), 200) == ["stale"]


@pytest.mark.parametrize(
    ("verified_at", "expected"),
    [
        ("2026-01-01T00:04:00Z", []),
        ("2026-01-01T01:00:00Z", ["future-date"]),
        ("2026-01-01T01:00:00+02:00", []),
        ("2026-01-02", ["future-date"]),
        ("2025-12-31", []),
    ],
)
def test_a_date_that_has_not_come_is_a_finding(verified_at: str, expected: list[str]) -> None:
    assert codes(doc(verified_at=verified_at), 0) == expected


def test_a_date_alone_may_be_that_of_a_tester_further_east() -> None:
    assert codes(doc(verified_at="2026-01-02"), 0.5) == []


def test_dates_that_cannot_be_read_are_findings_without_any_limit() -> None:
    found = told(doc(verified_at="yesterday", saved_at="x", skip_until="2026-13-01"), 1, policy=AgePolicy())
    assert [code for code, _ in found] == ["unreadable-date"] * 3
    assert found[0][1].startswith("docs/a.md:7: verifiedAt 'yesterday' is not a date; expected ISO 8601")
    assert found[2][1].startswith("docs/a.md:8: skipUntil '2026-13-01'")


@pytest.mark.parametrize(
    ("until", "age_days", "expected"),
    [
        ("2026-01-10", 9.9, []),
        ("2026-01-10", 10, ["skip-until-past"]),
        ("2026-01-10T12:00:00Z", 9.4, []),
        ("2026-01-10T12:00:00Z", 9.6, ["skip-until-past"]),
    ],
)
def test_a_skip_is_a_finding_after_its_last_day(until: str, age_days: float, expected: list[str]) -> None:
    assert codes(doc(status=DocStatus.SKIP, skip_until=until), age_days) == expected
    assert codes(doc(skip_until=until), age_days) == []


def test_evidence_of_a_manual_pass_refreshes_a_doc() -> None:
    assert codes(doc(), 100) == ["stale"]
    assert codes(doc(), 100, evidence=EVIDENCE) == []
    fresh = freshness(doc(), POLICY, VERIFIED + timedelta(days=100), EVIDENCE)
    assert (fresh.by, fresh.by_hand, fresh.age_days) == ("Ana", True, 41.0)


@pytest.mark.parametrize("other", [{"outcome": "failed"}, {"doc_changed": True}, {"at": "2025-01-01T00:00:00Z"}])
def test_evidence_that_proves_nothing_about_this_doc_does_not(other: dict[str, Any]) -> None:
    evidence = ManualVerification(**{"at": EVIDENCE.at, "by": "Ana", "outcome": "passed"} | other)
    assert codes(doc(), 100, evidence=evidence) == ["stale"]


def test_stale_evidence_says_that_it_was_by_hand() -> None:
    ((_, text),) = told(doc(), 200, evidence=EVIDENCE)
    assert "last verified by hand 141 days ago (2026-03-01 by Ana)" in text


def test_findings_can_be_errors() -> None:
    assert [found.severity for found in findings(doc(), 91, severity=Severity.ERROR)] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        ({}, "last verified by hand 12 days ago by Ana"),
        ({"doc_changed": True}, "last verified by hand 12 days ago by Ana, before the doc changed"),
        ({"outcome": "failed"}, "failed by hand 12 days ago by Ana"),
        ({"at": "2026-03-12T20:00:00Z"}, "last verified by hand 4 hours ago by Ana"),
        ({"at": "2026-03-12T00:00:00Z"}, "last verified by hand 1 day ago by Ana"),
        ({"at": "2026-03-12T23:59:00Z"}, "last verified by hand less than an hour ago by Ana"),
    ],
)
def test_the_last_manual_verification_in_half_a_sentence(evidence: dict[str, Any], text: str) -> None:
    given = ManualVerification(**{"at": EVIDENCE.at, "by": "Ana", "outcome": "passed"} | evidence)
    assert render_last_manual(given, datetime(2026, 3, 13, tzinfo=UTC)) == text

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.case import CaseResult, ContractCase, Disposition
from pytest_endpoint_docs.model.record import ItemRecord
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.item_records import ItemEnd, item_record
from pytest_endpoint_docs.verification.freshness import AgePolicy, DocAge, Freshness, freshness

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = """---
endpoint: GET /things
domain: sales
tags: [slow]
status: {status}
skipReason: the feature is off
owner: team-sales
verifiedAt: 2026-01-30T00:00:00Z
verifiedBy: Ana
---

# List things #

## Test Request

```yaml
steps:
  - id: main
    method: GET
    path: /things
```
"""


def case_of(tmp_path: Path, status: str = "verified") -> ContractCase:
    file = tmp_path / "get_things.md"
    file.write_text(TEXT.format(status=status))
    doc = load_doc(file, display_path="endpoints/get_things.md")
    assert doc is not None
    return cases_of(doc)[0]


def record(
    case: ContractCase, result: CaseResult | None, *, fresh: Freshness | None = None, **given: Any
) -> ItemRecord:
    end: dict[str, Any] = {
        "nodeid": case.id,
        "outcome": "passed",
        "kind": "main",
        "started_s": NOW.timestamp(),
        "duration_s": 0.123456,
    }
    age = DocAge(freshness=fresh or freshness(case.doc, AgePolicy(default=timedelta(days=90)), NOW))
    return item_record(case, result, ItemEnd(**(end | given)), age, Redactor([Secret("TOKEN", "hunter22")]))


def test_a_passed_item_knows_its_doc(tmp_path: Path) -> None:
    case = case_of(tmp_path)
    made = record(case, CaseResult(case=case, outcome="passed", notes=("saw hunter22",)))
    assert (made.doc, made.endpoint, made.title) == ("endpoints/get_things.md", "GET /things", "List things")
    assert (made.domain, made.tags, made.status, made.owner) == ("sales", ("slow",), "verified", "team-sales")
    assert (made.verified_by, made.age_days, made.max_age_days) == ("Ana", 30.0, 90.0)
    assert (made.reason, made.cause, made.verdict) == ("", "", "")
    assert (made.duration_s, made.started_at) == (0.1235, "2026-03-01T00:00:00Z")
    assert made.notes == ("saw $TOKEN",)


def test_a_failure_is_redacted_and_its_first_line_is_the_verdict(tmp_path: Path) -> None:
    made = record(case_of(tmp_path), None, outcome="failed", failure="\na.md:9: hunter22\n\ncurl hunter22")
    assert (made.verdict, made.failure) == ("a.md:9: $TOKEN", "\na.md:9: $TOKEN\n\ncurl $TOKEN")


def test_a_recorded_skip_keeps_reason_and_cause(tmp_path: Path) -> None:
    made = record(case_of(tmp_path, "skip"), None, outcome="skipped")
    assert (made.reason, made.cause) == ("the feature is off", "recorded")


@pytest.mark.parametrize(("cause", "expected"), [("variables", "variables"), ("", "blocked")])
def test_a_skip_while_running_says_what_was_in_the_way(tmp_path: Path, cause: Any, expected: str) -> None:
    case = case_of(tmp_path)
    result = CaseResult(case=case, outcome="skipped", reason="needs variables: a", cause=cause)
    made = record(case, result, outcome="skipped")
    assert (made.reason, made.cause) == ("needs variables: a", expected)


def test_a_skip_by_somebody_elses_mark_has_no_cause_of_ours(tmp_path: Path) -> None:
    made = record(case_of(tmp_path), None, outcome="skipped", reason="not on Tuesdays")
    assert (made.reason, made.cause) == ("not on Tuesdays", "")


def test_an_expected_failure_tells_why_it_is_expected(tmp_path: Path) -> None:
    case = case_of(tmp_path, "pending")
    assert case.disposition == Disposition(
        action="xfail", reason="pending: the feature is off", location=case.disposition.location
    )
    made = record(case, None, outcome="xfailed", failure="a.md:9: 500")
    assert (made.reason, made.verdict) == ("pending: the feature is off", "a.md:9: 500")


def test_an_age_of_an_hour_is_a_part_of_a_day(tmp_path: Path) -> None:
    case = case_of(tmp_path)
    fresh = freshness(
        case.doc, AgePolicy(default=timedelta(hours=12)), datetime(2026, 1, 30, tzinfo=UTC) + timedelta(hours=1)
    )
    made = record(case, None, fresh=fresh)
    assert (made.age_days, made.max_age_days) == (0.0417, 0.5)

"""From an item's report to its record, which the report carries to where the run's records are collected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest

from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.record import ItemRecord
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.plugin.nodes import ContractItem, case_of
from pytest_endpoint_docs.plugin.recorder import ATTRIBUTE
from pytest_endpoint_docs.plugin.session import EndpointSession, session_of
from pytest_endpoint_docs.reporting.annotations import junit_properties
from pytest_endpoint_docs.reporting.item_records import item_record
from pytest_endpoint_docs.reporting.result_file import item_to_json
from pytest_endpoint_docs.verification.standing import attach_standing, keeps_exchanges

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import CaseResult
    from pytest_endpoint_docs.model.record import Outcome
    from pytest_endpoint_docs.model.source import Finding


def attach_record(item: pytest.Item, report: pytest.TestReport) -> None:
    """Put the item's record on the report that decides its outcome, from where it reaches the controller too."""
    case = case_of(item)
    decides = report.when == "call" or (report.when == "setup" and not report.passed)
    if case is None or not (decides or (report.when == "teardown" and report.failed)):
        return
    session = session_of(item.config)
    record = record_of(item, case, report, session)
    setattr(report, ATTRIBUTE, item_to_json(record))
    attach_standing(report, case, session.results.get(item.nodeid), session)
    known = {name for name, _ in item.user_properties}
    properties = [(name, value) for name, value in junit_properties(record) if name not in known]
    # The report in hand has its own list; pytest makes the next one, which JUnit XML reads, from the item's.
    item.user_properties += properties
    report.user_properties += properties


def record_of(item: pytest.Item, case: ContractCase, report: pytest.TestReport, session: EndpointSession) -> ItemRecord:
    """The record of one item: what was run, what came of it, and where its doc stands."""
    result = session.results.get(item.nodeid)
    outcome = outcome_of(report)
    age = session.ages.of(case.doc)
    operation = session.target.operation_of(case, result)
    return item_record(
        case,
        result,
        nodeid=item.nodeid,
        outcome=outcome,
        kind=case.outline.kind if isinstance(item, ContractItem) else "custom",
        started_at=datetime.fromtimestamp(report.start, UTC),
        duration_s=report.duration,
        fresh=age.freshness,
        evidence=age.evidence,
        redactor=session.redactor,
        reason=_reason(report),
        failure=str(report.longrepr) if report.failed else "",
        verdict=_verdict(report) if report.failed else "",
        findings=(*_findings_of_body(case, result), *age.findings),
        operation=str(operation) if operation else None,
        description=operation.source.partition("#")[0] if operation else None,
        extra=_extra(case, outcome),
        with_exchanges=keeps_exchanges(case, result, session) or outcome in ("failed", "error"),
    )


def outcome_of(report: pytest.TestReport) -> Outcome:
    """The outcome of a report in the words of the result file."""
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    if report.failed and report.when != "call":
        return "error"
    return cast("Outcome", report.outcome)


def _findings_of_body(case: ContractCase, result: CaseResult | None) -> tuple[Finding, ...]:
    return case.doc.body.findings if result is not None else ()


def _extra(case: ContractCase, outcome: Outcome) -> dict[str, JSONValue]:
    """Which mode runs an item that needs a person."""
    if outcome != "skipped" or not case.is_manual:
        return {}
    from pytest_endpoint_docs.manual.manual_mode import mode_for

    mode = mode_for(case)
    return {"runs_with": mode} if mode else {}


def _reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).removeprefix("reason: ")
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return ""


def _verdict(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).partition("\n")[0]

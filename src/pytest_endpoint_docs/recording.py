"""From an item's report to its record, and from a run's records to the result file."""

from __future__ import annotations

import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_endpoint_docs.collector import ContractItem, case_of
from pytest_endpoint_docs.instants import parse_instant, render_instant
from pytest_endpoint_docs.loading import parse_body
from pytest_endpoint_docs.model import (
    ContractCase,
    FindingRecord,
    ItemRecord,
    JSONValue,
    RunRecord,
)
from pytest_endpoint_docs.reporting.records import SCHEMA_VERSION, item_from_json, item_to_json, write_records
from pytest_endpoint_docs.session import EndpointSession, session_of

if TYPE_CHECKING:
    from pytest_endpoint_docs.model import CaseResult, Finding
    from pytest_endpoint_docs.model.case import Cause
    from pytest_endpoint_docs.model.record import Outcome

ATTRIBUTE = "endpoint_docs_record"


def attach_record(item: pytest.Item, report: pytest.TestReport) -> None:
    """Put the item's record on the report that decides its outcome, from where it reaches the controller too."""
    case = case_of(item)
    decides = report.when == "call" or (report.when == "setup" and not report.passed)
    if case is None or not (decides or (report.when == "teardown" and report.failed)):
        return
    record = record_of(item, case, report, session_of(item.config))
    setattr(report, ATTRIBUTE, item_to_json(record))


def record_of(item: pytest.Item, case: ContractCase, report: pytest.TestReport, session: EndpointSession) -> ItemRecord:
    """The record of one item: what was run, what came of it, and where its doc stands."""
    doc, result = case.doc, session.results.get(item.nodeid)
    outcome = outcome_of(report)
    verified = _instant(doc.verified_at)
    now = session.clock()
    full = session.keeps_exchanges or outcome in ("failed", "error")
    return ItemRecord(
        nodeid=item.nodeid,
        doc=doc.path,
        line=case.location.line,
        endpoint=str(doc.endpoint),
        kind=case.outline.kind if isinstance(item, ContractItem) else "custom",
        outcome=outcome,
        reason=_reason(case, report),
        cause=_cause(case, result) if outcome == "skipped" else "",
        case_id=case.outline.case_id,
        title=case.outline.name,
        domain=doc.domain,
        tags=doc.tags,
        status=doc.raw_status,
        owner=doc.owner,
        verified_at=doc.verified_at,
        verified_by=doc.verified_by,
        age_days=round((now - verified).total_seconds() / 86_400, 4) if verified else None,
        skip_until=doc.skip_until,
        statuses=_statuses(result),
        duration_s=round(report.duration, 4),
        started_at=render_instant(datetime.fromtimestamp(report.start, UTC)),
        failure=str(report.longrepr) if report.failed else "",
        verdict=_verdict(report) if report.failed else "",
        findings=tuple(finding_record(finding) for finding in _findings(case, ran=result is not None)),
        **_of_result(result, session, full=full),
    )


def outcome_of(report: pytest.TestReport) -> Outcome:
    """The outcome of a report in the words of the result file."""
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    if report.failed and report.when != "call":
        return "error"
    return cast("Outcome", report.outcome)


def _of_result(result: CaseResult | None, session: EndpointSession, *, full: bool) -> dict[str, Any]:
    if result is None:
        return {}
    from pytest_endpoint_docs.reporting.exchange_records import exchange_records, mismatch_records

    operation = session.operation_of(result)
    return {
        "notes": tuple(session.redactor.text(note) for note in result.notes),
        "mismatches": mismatch_records(result, session.redactor),
        "exchanges": exchange_records(result, session.redactor) if full else (),
        "operation": str(operation) if operation else None,
        "description": operation.source.partition("#")[0] if operation else None,
    }


def _findings(case: ContractCase, *, ran: bool) -> tuple[Finding, ...]:
    of_body = parse_body(case.doc).findings if ran else ()
    names = (None, case.outline.name, case.outline.case_id)
    return tuple(finding for finding in (*case.doc.findings, *of_body) if finding.case_id in names)


def finding_record(finding: Finding) -> FindingRecord:
    """A finding as text."""
    return FindingRecord(
        code=finding.code,
        message=finding.message,
        severity=str(finding.severity),
        path=finding.location.path,
        line=finding.location.line,
    )


def _cause(case: ContractCase, result: CaseResult | None) -> Cause:
    if case.disposition.action == "skip":
        return case.disposition.cause
    return result.cause if result else ""


def _reason(case: ContractCase, report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).removeprefix("reason: ")
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return case.disposition.reason


def _verdict(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).partition("\n")[0]


def _statuses(result: CaseResult | None) -> tuple[int, ...]:
    own = [exchange for exchange in result.exchanges if exchange.phase in ("main", "case")] if result else []
    return tuple(exchange.response.status_code for exchange in own if exchange.response)


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        return None


class Recorder:
    """Collects the records of a run where its reports arrive: in the only process, or in xdist's controller."""

    def __init__(self, session: EndpointSession) -> None:
        self._session = session
        self._items: dict[str, ItemRecord] = {}
        self._started = time.time()
        self._now = session.clock()

    @property
    def items(self) -> tuple[ItemRecord, ...]:
        """The records so far, in the order in which their items ended."""
        return tuple(self._items.values())

    def run(self, exit_status: int = 0) -> RunRecord:
        """The run so far as a record."""
        environment = self._session.described_environment
        return RunRecord(
            schema_version=SCHEMA_VERSION,
            started_at=render_instant(datetime.fromtimestamp(self._started, UTC)),
            now=render_instant(self._now),
            duration_s=round(time.time() - self._started, 3),
            environment=environment[0],
            base_url=environment[1],
            versions=versions(),
            items=self.items,
            exit_status=exit_status,
            root=self._session.config.rootpath.name,
        )

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the record off a report."""
        value: dict[str, JSONValue] | None = getattr(report, ATTRIBUTE, None)
        if value is not None:
            record = item_from_json(value)
            self._items[record.nodeid] = record

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the result file, where one was asked for."""
        if self._session.options.results and not self._session.is_worker:
            write_records(self.run(int(exitstatus)), Path(self._session.options.results))


def versions() -> dict[str, str]:
    """What the run was made with."""
    names = ("pytest", "pytest-endpoint-docs", "requests", "jsonschema")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}

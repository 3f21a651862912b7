"""From what happened to a case to the record that a result file keeps of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pytest_endpoint_docs.instants import days, render_instant
from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord
from pytest_endpoint_docs.reporting.exchange_records import exchange_records, mismatch_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.record import ManualVerification, Outcome
    from pytest_endpoint_docs.model.source import Cause, Finding, JSONValue
    from pytest_endpoint_docs.redaction import Redactor
    from pytest_endpoint_docs.verification.freshness import Freshness

_FRACTION_PLACES = 4


def item_record(
    case: ContractCase,
    result: CaseResult | None,
    *,
    nodeid: str,
    outcome: Outcome,
    kind: Literal["main", "case", "negative", "check", "custom"],
    started_at: datetime,
    duration_s: float,
    fresh: Freshness,
    redactor: Redactor,
    evidence: ManualVerification | None = None,
    reason: str = "",
    failure: str = "",
    verdict: str = "",
    findings: Iterable[Finding] = (),
    operation: str | None = None,
    description: str | None = None,
    extra: Mapping[str, JSONValue] | None = None,
    with_exchanges: bool = True,
) -> ItemRecord:
    """The record of one item; ``result`` is ``None`` where nothing ran.

    ``reason`` is pytest's (of a skip or an expected failure) and goes before the case's own; ``failure`` is the text
    that people saw, and its first line is the verdict where none is given. ``findings`` come on top of those of the
    doc's head. Texts pass the redactor here.
    """
    doc = case.doc
    told = reason or (result.reason if result and outcome == "skipped" else "") or case.disposition.reason
    text = redactor.text(failure)
    return ItemRecord(
        nodeid=nodeid,
        doc=doc.path,
        line=case.location.line,
        endpoint=str(doc.endpoint),
        kind=kind,
        outcome=outcome,
        reason=redactor.text(told) if outcome in ("skipped", "xfailed", "xpassed") else "",
        cause=_cause(case, result) if outcome == "skipped" else "",
        case_id=case.outline.negative.id if case.outline.negative else case.outline.case_id,
        title=title_of(doc),
        domain=doc.domain,
        tags=doc.tags,
        status=str(doc.status) if doc.status else doc.raw_status,
        owner=doc.owner,
        verified_at=doc.verified_at,
        verified_by=doc.verified_by,
        age_days=fresh.age_days,
        max_age_days=None if fresh.limit is None else round(days(fresh.limit), _FRACTION_PLACES),
        skip_until=doc.skip_until,
        evidence=evidence,
        operation=operation,
        description=description,
        statuses=_statuses(result),
        duration_s=round(duration_s, _FRACTION_PLACES),
        started_at=render_instant(started_at),
        failure=text,
        verdict=redactor.text(verdict) or text.strip().partition("\n")[0],
        notes=tuple(redactor.text(note) for note in result.notes) if result else (),
        mismatches=mismatch_records(result, redactor) if result else (),
        findings=finding_records(
            finding
            for finding in (*doc.findings, *findings)
            if finding.case_id in (None, case.outline.case_id, case.outline.name)
        ),
        exchanges=exchange_records(result, redactor) if result and with_exchanges else (),
        extra=dict(extra or {}),
    )


def finding_records(findings: Iterable[Finding]) -> tuple[FindingRecord, ...]:
    """Findings as records."""
    return tuple(
        FindingRecord(
            code=finding.code,
            message=finding.message,
            severity=str(finding.severity),
            path=finding.location.path,
            line=finding.location.line,
        )
        for finding in findings
    )


def title_of(doc: EndpointDoc) -> str:
    """The doc's first level-1 heading, without the cost of parsing its body."""
    body = doc.text.split("\n")[doc.body_line - 1 :]
    headings = (re.match(r"#[ \t]+(.*?)[ \t#]*$", line) for line in body)
    return next((heading[1] for heading in headings if heading), "")


def _statuses(result: CaseResult | None) -> tuple[int, ...]:
    own = [exchange for exchange in result.exchanges if exchange.phase in ("main", "case")] if result else []
    return tuple(exchange.response.status_code for exchange in own if exchange.response)


def _cause(case: ContractCase, result: CaseResult | None) -> Cause:
    if result is not None and result.outcome == "skipped":
        return result.cause or "blocked"
    return case.disposition.cause if case.disposition.action == "skip" else ""

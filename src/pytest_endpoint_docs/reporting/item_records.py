"""From what happened to a case to the record that a result file keeps of it, without secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from pytest_endpoint_docs.instants import days, render_epoch
from pytest_endpoint_docs.model.body import OWN_PHASES
from pytest_endpoint_docs.model.record import ExchangeRecord, FindingRecord, ItemRecord, MismatchRecord, ObstacleRecord
from pytest_endpoint_docs.model.secret import NO_TEXT, SafeText, first_line
from pytest_endpoint_docs.model.source import Finding, Severity
from pytest_endpoint_docs.model.value_class import Alike, value_class
from pytest_endpoint_docs.redaction.rendering import public, shortened
from pytest_endpoint_docs.reporting.failure_causes import failure_cause
from pytest_endpoint_docs.reporting.hygiene import NOW_PASSES, NOW_PASSES_CODE
from pytest_endpoint_docs.reporting.passes import render_checked
from pytest_endpoint_docs.words import late

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.record import ItemKind, Outcome
    from pytest_endpoint_docs.model.source import Cause, JSONValue, Mismatch, Obstacle
    from pytest_endpoint_docs.openapi.operations import Operation
    from pytest_endpoint_docs.redaction.redactor import Redactor
    from pytest_endpoint_docs.reporting.exchange_text import ShownExchange
    from pytest_endpoint_docs.verification.freshness import DocAge

LONGEST_BODY = 4000

_FRACTION_PLACES = 4
_TITLE = late(r"^#[ \t]+(.*)$", re.MULTILINE)


@value_class
class ItemEnd:
    """How an item ended, as pytest reports it.

    ``started_s`` is in epoch seconds. ``reason`` is pytest's, of a skip or an expected failure, and goes before the
    case's own; ``failure`` is the text that people saw, and its first line is the verdict where ``verdict`` is empty;
    ``root_cause`` and ``failure_line`` are those of the record, if they are known; ``obstacle`` is what kept the item
    from being tested; ``shown`` is the exchange that the failure shows.
    """

    nodeid: str
    kind: ItemKind
    outcome: Outcome
    started_s: float
    duration_s: float
    reason: str = ""
    failure: str = ""
    verdict: str = ""
    root_cause: str = ""
    failure_line: int | None = None
    obstacle: Obstacle | None = None
    shown: ShownExchange | None = None


def item_record(
    case: ContractCase,
    result: CaseResult | None,
    end: ItemEnd,
    age: DocAge,
    redactor: Redactor,
    *,
    operation: Operation | None = None,
    with_exchanges: bool = True,
    alike: Alike | None = None,
) -> ItemRecord:
    """The record of one item; ``result`` is ``None`` where nothing ran. Texts pass the redactor here.

    ``alike`` keeps what it has in common with the record before.
    """
    doc, fresh, alike = case.doc, age.freshness, alike or Alike()
    redactor = redactor.beside(doc.text)
    skipped = end.outcome == "skipped"
    told = end.reason or (result.reason if result and skipped else "") or case.disposition.reason
    text = redactor.text(end.failure)
    findings = _findings(case, result, end, age)
    title = _title(case, is_read=result is not None)
    fields = doc_fields(doc)
    fields["tags"] = alike.as_before("tags", fields["tags"])
    return ItemRecord(
        line=case.location.line,
        kind=end.kind,
        outcome=end.outcome,
        reason=redactor.text(told) if end.outcome in ("skipped", "xfailed", "xpassed") else NO_TEXT,
        failure=text,
        verdict=redactor.text(end.verdict) or first_line(text),
        root_cause=redactor.text(end.root_cause),
        failure_line=end.failure_line,
        obstacle=_obstacle_record(end.obstacle, redactor),
        notes=redactor.lines(result.notes) if result and result.notes else (),
        mismatches=mismatch_records(result, redactor) if result and result.mismatches else (),
        findings=_finding_records(findings, redactor) if findings else (),
        exchanges=exchange_records(result, redactor, shown=end.shown) if result and with_exchanges else (),
        cause=_cause(case, result) if skipped else "",
        times_reused=doc.times_reused,
        age_days=fresh.age_days,
        max_age_days=None if fresh.limit is None else round(days(fresh.limit), _FRACTION_PLACES),
        evidence=age.evidence,
        statuses=alike.as_before("statuses", _statuses(result)),
        checked=alike.as_before("checked", result.checked if result else ()),
        duration_s=round(end.duration_s, _FRACTION_PLACES),
        started_at=alike.as_before("started_at", render_epoch(end.started_s)),
        extra=alike.as_before("extra", (_runs_with(case) if skipped and case.is_manual else {}) | _left_out(case)),
        **fields,
        nodeid=public(end.nodeid),
        case_id=public(case.outline.negative.id if case.outline.negative else case.outline.case_id),
        title=public(title),
        skip_until=public(doc.skip_until),
        operation=public(str(operation)) if operation else None,
        description=public(operation.source.partition("#")[0]) if operation else None,
    )


def exchange_records(
    result: CaseResult, redactor: Redactor, *, shown: ShownExchange | None = None
) -> tuple[ExchangeRecord, ...]:
    """Every exchange of a case, in order; ``shown`` is one that was rendered already."""
    # It costs start-up, and runs that keep no exchanges need none of it.
    from pytest_endpoint_docs.reporting.exchange_text import ShownExchange

    return tuple(
        exchange_record(shown if shown and shown.sent is exchange else ShownExchange(exchange, redactor))
        for exchange in result.exchanges
    )


def exchange_record(exchange: ShownExchange) -> ExchangeRecord:
    """One exchange; bodies are cut at ``LONGEST_BODY`` characters."""
    sent, response = exchange.sent, exchange.sent.response
    return ExchangeRecord(
        phase=sent.phase,
        url=exchange.url,
        request_headers=exchange.request_headers,
        request_body=_cut(exchange.request_body),
        status_code=response.status_code if response else None,
        response_headers=exchange.response_headers,
        response_body=_cut(exchange.response_body),
        error=exchange.error,
        elapsed_s=response.elapsed_s if response else 0.0,
        curl=exchange.curl,
        step=public(sent.step.id),
        method=public(sent.request.method),
    )


def _cut(body: SafeText) -> SafeText:
    return body if len(body) <= LONGEST_BODY else shortened(body, LONGEST_BODY)


def mismatch_records(result: CaseResult, redactor: Redactor) -> tuple[MismatchRecord, ...]:
    """Every mismatch of a case, in order."""
    return tuple(mismatch_record(mismatch, redactor) for mismatch in result.mismatches)


def mismatch_record(mismatch: Mismatch, redactor: Redactor) -> MismatchRecord:
    """One mismatch as text."""
    told = [mismatch.message, mismatch.expected, mismatch.actual, mismatch.pointer]
    message, expected, actual, pointer = redactor.lines(told)
    return MismatchRecord(
        check=mismatch.check,
        message=message,
        kind=mismatch.kind,
        pointer=pointer,
        expected=expected,
        actual=actual,
        severity=mismatch.severity,
        known=public(mismatch.known),
        location=public(str(mismatch.location)) if mismatch.location else NO_TEXT,
        source=public(mismatch.source),
        step=public(mismatch.step),
    )


def _obstacle_record(met: Obstacle | None, redactor: Redactor) -> ObstacleRecord | None:
    if met is None:
        return None
    return ObstacleRecord(kind=met.kind, subject=redactor.text(met.subject), message=redactor.text(met.message))


class DocFields(TypedDict):
    """What a record of an item has of its doc as it is written there."""

    doc: SafeText
    endpoint: SafeText
    domain: SafeText | None
    tags: tuple[SafeText, ...]
    status: SafeText | None
    owner: SafeText | None
    verified_at: SafeText | None
    verified_by: SafeText | None


def doc_fields(doc: EndpointDoc) -> DocFields:
    """What the records of a doc's items have in common."""
    return {
        "doc": public(doc.path),
        "endpoint": public(str(doc.endpoint)),
        "domain": public(doc.domain),
        "tags": tuple(map(public, doc.tags)),
        "status": public(doc.status.value if doc.status else doc.raw_status),
        "owner": public(doc.owner),
        "verified_at": public(doc.verified_at),
        "verified_by": public(doc.verified_by),
    }


def _finding_records(findings: Iterable[Finding], redactor: Redactor) -> tuple[FindingRecord, ...]:
    return tuple(
        FindingRecord(
            code=finding.code,
            message=redactor.text(finding.message),
            severity=str(finding.severity),
            path=public(finding.location.path),
            line=finding.location.line,
            key=public(finding.key),
        )
        for finding in findings
    )


def title_of(doc: EndpointDoc) -> str:
    """The doc's first level-1 heading, without the cost of parsing its body."""
    *before, body = doc.text.split("\n", doc.body_line - 1)
    heading = _TITLE.search(body) if len(before) == doc.body_line - 1 else None
    return heading[1].rstrip(" \t#") if heading else ""


def junit_properties(item: ItemRecord) -> list[tuple[str, SafeText]]:
    """What JUnit XML tells.

    ``endpoint``, ``doc`` (``path:line``), ``status``, ``age_days``, ``checked``, ``cause`` of a failure, warnings.
    """
    told = [
        ("endpoint", item.endpoint),
        ("doc", public(f"{item.doc}:{item.line}")),
        ("status", item.status or NO_TEXT),
        ("age_days", public("never" if item.age_days is None else f"{item.age_days:.1f}")),
    ]
    if item.checked:
        told.append(("checked", public(render_checked(item.checked))))
    if item.outcome in ("failed", "error") and (cause := failure_cause(item)) is not None:
        told.append(("cause", public(cause)))
    if item.mismatches:
        warned = (one for one in item.mismatches if one.severity == "warn" and not one.known)
        told += [("warning", public(one.headline)) for one in warned]
        told += [("known", public(f"{one.headline} [{one.known}]")) for one in item.mismatches if one.known]
    return told


def _findings(case: ContractCase, result: CaseResult | None, end: ItemEnd, age: DocAge) -> list[Finding]:
    """What reading the doc and its dates found; of the body only where it was read anyhow, because the item ran.

    And that an item passed of which a failure is expected.
    """
    of_body = case.doc.body.findings if result is not None else ()
    found = [*case.doc.findings, *of_body, *age.findings]
    if found:
        names = (None, case.outline.case_id, case.outline.name)
        found = [each for each in found if each.case_id in names]
    if end.outcome == "passed" and case.disposition.action == "xfail":
        location = case.doc.line_of("status")
        found.append(Finding(code=NOW_PASSES_CODE, message=NOW_PASSES, location=location, severity=Severity.WARNING))
    return found


def _title(case: ContractCase, *, is_read: bool) -> str:
    """The doc's title; of a negative case with what it sends. ``is_read``: the doc's body was read anyhow."""
    title = (case.doc.body.title or "") if is_read else title_of(case.doc)
    return f"{title} {case.outline.sent}".strip()


def _left_out(case: ContractCase) -> dict[str, JSONValue]:
    """The negative cases that were not derived, and why."""
    return {"negatives_left_out": dict(case.outline.left_out)} if case.outline.left_out else {}


def _runs_with(case: ContractCase) -> dict[str, JSONValue]:
    """Which mode runs an item that needs a person."""
    from pytest_endpoint_docs.manual.manual_mode import mode_for

    mode = mode_for(case)
    return {"runs_with": mode} if mode else {}


def _statuses(result: CaseResult | None) -> tuple[int, ...]:
    if result is None:
        return ()
    answers = [exchange.response for exchange in result.exchanges if exchange.phase in OWN_PHASES]
    return tuple([answer.status_code for answer in answers if answer])


def _cause(case: ContractCase, result: CaseResult | None) -> Cause:
    if result is not None and result.outcome == "skipped":
        return result.cause or "blocked"
    return case.disposition.cause if case.disposition.action == "skip" else ""

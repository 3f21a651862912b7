"""The end of a run, in the process that has all records: evidence, stamps, ages, the result file, reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, ManualVerification, RunRecord
from pytest_endpoint_docs.plugin.recorder import Recorder
from pytest_endpoint_docs.reporting.hygiene import all_findings
from pytest_endpoint_docs.reporting.reports import write_report
from pytest_endpoint_docs.reporting.result_file import write_records
from pytest_endpoint_docs.verification.doc_ages import FRESHNESS_CODES, VERIFICATION_CODES
from pytest_endpoint_docs.verification.evidence import Evidence, EvidenceOutcome, versions
from pytest_endpoint_docs.verification.stamping import Stamps, stamp_docs, why_no_stamps

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.session import EndpointSession
    from pytest_endpoint_docs.verification.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """What a run's end made and found; ``stale``: findings about dates, ``problems``: what could not be written."""

    run: RunRecord
    exit_status: int
    stale: tuple[FindingRecord, ...] = ()
    failed_by_age: bool = False
    stamps: Stamps | None = None
    evidence: tuple[Path, ...] = ()
    reports: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def conclude(recorder: Recorder, session: EndpointSession, exit_status: int) -> RunEnd:
    """Write everything that was asked for, and give the exit status that the ages of the docs ask for. Never raises."""
    options = session.options
    items = dict(recorder.items)
    problems: list[str] = []
    evidence = _write_evidence(items, recorder.standings, session, problems)
    stamps = None
    if options.stamp:
        forbidden = why_no_stamps(session)
        stamps = stamp_docs(items, recorder.standings, tester=session.tester, forbidden=forbidden)
        for stamp in stamps.stamped:
            _settle(items, stamp.doc, verified_at=stamp.at, verified_by=stamp.by, age_days=0.0)
    recorder.items.update(items)
    run = recorder.run(exit_status)
    stale = _stale(run)
    failed_by_age = bool(stale) and options.stale == "fail"
    if failed_by_age and exit_status == pytest.ExitCode.OK:
        exit_status = int(pytest.ExitCode.TESTS_FAILED)
    run = replace(run, exit_status=exit_status)
    written = _write_reports(run, session, problems)
    if problems:
        exit_status = int(pytest.ExitCode.USAGE_ERROR)
    return RunEnd(
        run=run,
        exit_status=exit_status,
        stale=stale,
        failed_by_age=failed_by_age,
        stamps=stamps,
        evidence=evidence,
        reports=written,
        problems=tuple(problems),
    )


def _stale(run: RunRecord) -> tuple[FindingRecord, ...]:
    """The findings about dates, of what was verified longest ago first; never verified before all."""
    ages = {item.doc: float("inf") if item.age_days is None else item.age_days for item in run.items}
    found = [finding for finding in all_findings(run) if finding.code in FRESHNESS_CODES]
    return tuple(sorted(found, key=lambda finding: -ages.get(finding.path, 0.0)))


def _write_reports(run: RunRecord, session: EndpointSession, problems: list[str]) -> tuple[str, ...]:
    written: list[str] = []

    def attempt(write: Callable[[RunRecord, Path], None], file: str) -> None:
        try:
            write(run, session.config.invocation_params.dir / file)
        except ConfigError as error:
            problems.append(str(error))
        else:
            written.append(file)

    if session.options.results:
        attempt(write_records, session.options.results)
    for file in session.options.report:
        attempt(write_report, file)
    return tuple(written)


def _write_evidence(
    items: dict[str, ItemRecord],
    standings: Mapping[str, Standing],
    session: EndpointSession,
    problems: list[str],
) -> tuple[Path, ...]:
    """One record for each doc that consents took part in; a walk-through has written its own."""
    docs: dict[str, list[tuple[ItemRecord, Standing]]] = {}
    for nodeid, standing in standings.items():
        if standing.by == "consent":
            docs.setdefault(standing.doc, []).append((items[nodeid], standing))
    written = []
    for doc, parts in docs.items():
        try:
            evidence = _evidence_of(doc, parts, session)
            written.append(session.evidence.write(evidence))
        except ConfigError as error:
            problems.append(str(error))
            continue
        if evidence.outcome == "passed" and not evidence.sandbox and session.options.now is None:
            latest = ManualVerification(at=evidence.at, by=evidence.tester, outcome="passed")
            _settle(items, doc, evidence=latest, age_days=0.0)
    return tuple(written)


def _evidence_of(doc: str, parts: list[tuple[ItemRecord, Standing]], session: EndpointSession) -> Evidence:
    at = render_instant(datetime.now(UTC))
    pictures = [Path(path) for _, standing in parts for path in standing.screenshots]
    failed = [item for item, _ in parts if item.outcome in ("failed", "error", "xfailed")]
    outcome: EvidenceOutcome = "failed" if failed else "passed"
    total = len(parts)
    note = f"{total} items passed" if total > 1 else ""
    if failed:
        note = f"{len(failed)} of {total} items failed: " + "; ".join(item.verdict or item.reason for item in failed)
    return Evidence(
        doc=doc,
        endpoint=parts[0][1].endpoint,
        contract_hash=parts[0][1].contract_hash,
        environment=session.target.described[0],
        tester=session.tester,
        started_at=min(item.started_at for item, _ in parts),
        at=at,
        outcome=outcome,
        kind="consent",
        note=note,
        versions=versions(),
        exchanges=tuple(exchange for item, _ in parts for exchange in item.exchanges),
        screenshots=session.evidence.keep_pictures(doc, at, pictures),
        sandbox=session.target.is_sandbox,
    )


def _settle(items: dict[str, ItemRecord], doc: str, **now: object) -> None:
    """The records of a doc that was verified in this run: its age is none, and findings about it are settled."""
    for nodeid, item in items.items():
        if item.doc == doc:
            findings = tuple(
                finding for finding in item.findings if not _is_settled(finding, rewritten="verified_at" in now)
            )
            known = {key: value for key, value in now.items() if value is not None}
            items[nodeid] = replace(item, findings=findings, **known)  # type: ignore[arg-type]


def _is_settled(finding: FindingRecord, *, rewritten: bool) -> bool:
    """Whether a verification of today settles a finding; ``rewritten``: the written date is another one now."""
    unreadable = finding.code == "unreadable-date" and finding.message.startswith("verifiedAt ")
    return finding.code in VERIFICATION_CODES or (rewritten and unreadable)

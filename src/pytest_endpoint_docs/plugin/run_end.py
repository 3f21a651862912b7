"""The end of a run, in the process that has all records: evidence, stamps, ages, the result file, reports."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, ManualVerification, RunRecord
from pytest_endpoint_docs.model.secret import SafeRecord, SafeText
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.plugin.options import Options
from pytest_endpoint_docs.plugin.run_records import ItemKey, RunRecords
from pytest_endpoint_docs.plugin.session import Target
from pytest_endpoint_docs.redaction.rendering import public
from pytest_endpoint_docs.reporting.hygiene import all_findings
from pytest_endpoint_docs.verification.freshness import FRESHNESS_CODES, VERIFICATION_CODES

if TYPE_CHECKING:
    from pytest_endpoint_docs.verification.doc_part import DocPart
    from pytest_endpoint_docs.verification.evidence import Evidence, EvidenceOutcome, ItemEvidence
    from pytest_endpoint_docs.verification.evidence_store import EvidenceStore
    from pytest_endpoint_docs.verification.stamping import Stamps


@value_class
class RunEnd(SafeRecord):
    """What a run's end made and found; ``problems``: what could not be written.

    ``findings`` are all that are told of the docs, ``stale`` those about dates.
    """

    run: RunRecord
    exit_status: int
    findings: tuple[FindingRecord, ...] = ()
    stale: tuple[FindingRecord, ...] = ()
    failed_by_age: bool = False
    stamps: Stamps | None = None
    evidence: tuple[Path, ...] = ()
    reports: tuple[Path, ...] = ()
    problems: tuple[SafeText, ...] = ()


@value_class
class EndOfRun:
    """Makes of a run's records what was asked for. ``folder`` is the one that pytest was called in.

    ``environment`` and ``tester`` are looked up where they are needed.
    """

    options: Options
    target: Target
    records: RunRecords
    evidence: EvidenceStore
    folder: Path
    environment: Callable[[], Environment]
    tester: Callable[[], SafeText]

    def conclude(self, exit_status: int) -> RunEnd:
        """Write everything, and give the exit status that the ages of the docs ask for. Never raises."""
        options = self.options
        items = dict(self.records.items)
        problems: list[str] = []
        evidence = self._write_evidence(items, problems)
        stamps = None
        if options.stamp:
            with _telling(problems, "the docs could not be stamped"):
                stamps = self._stamp(items)
        self.records.items.update(items)
        run = self.records.run(exit_status, self._versions())
        if options.update_baseline and options.baseline is not None:
            from pytest_endpoint_docs.plugin.known_differences import write_baseline

            with _telling(problems, f"{options.baseline} could not be written"):
                write_baseline(options.baseline, run.items, self.records.doc_parts.values())
        run = replace(run, findings=(*run.findings, *self._gone(run, problems)))
        findings = all_findings(run)
        stale = _stale(run, findings)
        failed_by_age = bool(stale) and options.stale == "fail"
        if failed_by_age and exit_status == pytest.ExitCode.OK:
            exit_status = int(pytest.ExitCode.TESTS_FAILED)
        run = replace(run, exit_status=exit_status)
        written = self._write_reports(run, problems)
        if problems:
            exit_status = int(pytest.ExitCode.USAGE_ERROR)
        return RunEnd(
            run=run,
            exit_status=exit_status,
            findings=findings,
            stale=stale,
            failed_by_age=failed_by_age,
            stamps=stamps,
            evidence=evidence,
            reports=written,
            problems=self.records.redactor().lines(problems) if problems else (),
        )

    def _gone(self, run: RunRecord, problems: list[str]) -> tuple[FindingRecord, ...]:
        """What is known or accepted, and did not occur."""
        if not any(item.statuses for item in run.items):
            return ()  # nothing was asked, and no target is started for it
        try:
            environment = self.environment()
        except ConfigError:
            return ()
        if self.options.baseline is None and not environment.known_issues:
            return ()
        from pytest_endpoint_docs.plugin.known_differences import gone_findings

        with _telling(problems, "what is known could not be compared"):
            return tuple(
                gone_findings(
                    run.items,
                    self.records.doc_parts.values(),
                    baseline=self.options.baseline,
                    issues=environment.known_issues,
                    today=(self.options.now or datetime.now(UTC)).date(),
                    redactor=self.records.redactor(),
                )
            )
        return ()

    def _stamp(self, items: dict[ItemKey, ItemRecord]) -> Stamps:
        from pytest_endpoint_docs.verification.stamping import stamp_docs

        forbidden = self._why_no_stamps()
        stamps = stamp_docs(items, self.records.doc_parts, tester=self.tester(), forbidden=forbidden)
        for stamp in stamps.stamped:
            _settle(items, stamp.doc, verified_at=stamp.at, verified_by=stamp.by, age_days=0.0)
        return stamps

    def _why_no_stamps(self) -> SafeText:
        """Why this run verifies nothing, whatever passes; empty where it may."""
        return self.records.redactor().text(self._what_forbids_stamps())

    def _what_forbids_stamps(self) -> str:
        if self.options.now is not None:
            return "the clock is pinned by --endpoint-now, so a date would not be true"
        if self.target.base_url:
            return (
                f"requests went to the base URL {self.target.base_url}, not to a server that an environment file names"
            )
        from pytest_endpoint_docs.verification.stamping import why_no_stamps

        try:
            return why_no_stamps(self.environment(), is_sandbox=self.target.is_sandbox)
        except ConfigError as error:
            return str(error)

    def _versions(self) -> dict[str, str]:
        """What the run was made with, where a file is to say so: to find it takes long."""
        if not (self.options.results or self.options.report):
            return {}
        from pytest_endpoint_docs.verification.evidence import versions

        return versions()

    def _write_reports(self, run: RunRecord, problems: list[str]) -> tuple[Path, ...]:
        if not (self.options.results or self.options.report):
            return ()
        from pytest_endpoint_docs.reporting.reports import write_report
        from pytest_endpoint_docs.reporting.result_file import write_records

        wanted = [(write_report, file) for file in self.options.report]
        if self.options.results:
            wanted.insert(0, (write_records, self.options.results))
        written = []
        for write, file in wanted:
            with _telling(problems, f"{file} could not be written"):
                write(run, self.folder / file)
                written.append(file)
        return tuple(written)

    def _write_evidence(self, items: dict[ItemKey, ItemRecord], problems: list[str]) -> tuple[Path, ...]:
        """One record for each doc that consents took part in; a walk-through has written its own."""
        docs: dict[SafeText, list[tuple[ItemRecord, DocPart]]] = {}
        for key, doc_part in self.records.doc_parts.items():
            if doc_part.by == "consent":
                docs.setdefault(doc_part.doc, []).append((items[key], doc_part))
        written = []
        for doc, parts in docs.items():
            with _telling(problems, f"the evidence of {doc} could not be written"):
                evidence = self._evidence_of(doc, parts, [item for item in items.values() if item.doc == doc])
                written.append(self.evidence.write(evidence))
                if evidence.outcome == "passed" and not evidence.sandbox and self.options.now is None:
                    latest = ManualVerification(at=evidence.at, by=evidence.tester, outcome="passed")
                    _settle(items, doc, evidence=latest, age_days=0.0)
        return tuple(written)

    def _evidence_of(
        self, doc: SafeText, parts: list[tuple[ItemRecord, DocPart]], of_doc: list[ItemRecord]
    ) -> Evidence:
        from pytest_endpoint_docs.verification.evidence import Evidence, versions

        at = render_instant(datetime.now(UTC))
        pictures = [Path(path) for _, doc_part in parts for path in doc_part.screenshots]
        failed = [item for item, _ in parts if item.outcome in ("failed", "error", "xfailed")]
        outcome: EvidenceOutcome = "failed" if failed else "passed"
        note = _in_short(of_doc)
        if failed:
            note = f"{note}: {'; '.join(item.verdict or item.reason for item in failed)}"
        environment, _ = self.records.target()
        return Evidence(
            doc=doc,
            endpoint=parts[0][1].endpoint,
            contract_hash=parts[0][1].contract_hash,
            environment=public(environment),
            tester=self.tester(),
            started_at=min(item.started_at for item, _ in parts),
            at=at,
            outcome=outcome,
            kind="consent",
            note=self.records.redactor().text(note),
            versions=versions(),
            items=tuple(_items(of_doc)),
            exchanges=tuple(exchange for item in of_doc for exchange in item.exchanges),
            screenshots=self.evidence.keep_pictures(doc, at, pictures),
            sandbox=self.target.is_sandbox,
        )


@contextmanager
def _telling(problems: list[str], what: str) -> Iterator[None]:
    """A boundary: what goes wrong in the block is told, and takes nothing with it of what else the run's end makes."""
    try:
        yield
    except ConfigError as error:
        problems.append(str(error))
    except Exception as error:  # noqa: BLE001 - told in full at the end of the run
        problems.append(f"{what}: {type(error).__name__}: {error}\n{traceback.format_exc()}")


def _items(records: list[ItemRecord]) -> Iterator[ItemEvidence]:
    """Each item with its outcome, and with the positions of its exchanges in those of all."""
    from pytest_endpoint_docs.verification.evidence import ItemEvidence

    position = 0
    for record in records:
        own = range(position, position + len(record.exchanges))
        position = own.stop
        name = record.nodeid if record.kind == "custom" else public(record.nodeid.partition("::")[2])
        yield ItemEvidence(
            name=name, outcome=record.outcome, note=record.verdict or record.reason, exchanges=tuple(own)
        )


def _in_short(records: list[ItemRecord]) -> str:
    """``2 failed, 31 passed, 2 skipped``; empty for one item."""
    counted = Counter(record.outcome for record in records)
    return ", ".join(f"{counted[outcome]} {outcome}" for outcome in sorted(counted)) if len(records) > 1 else ""


def _stale(run: RunRecord, findings: tuple[FindingRecord, ...]) -> tuple[FindingRecord, ...]:
    """The findings about dates, of what was verified longest ago first; never verified before all."""
    ages = {item.doc: float("inf") if item.age_days is None else item.age_days for item in run.items}
    found = [finding for finding in findings if finding.code in FRESHNESS_CODES]
    return tuple(sorted(found, key=lambda finding: -ages.get(finding.path, 0.0)))


def _settle(items: dict[ItemKey, ItemRecord], doc: str, **now: object) -> None:
    """The records of a doc that was verified in this run: its age is none, and findings about it are settled."""
    for key, item in items.items():
        if item.doc == doc:
            findings = tuple(
                finding for finding in item.findings if not _is_settled(finding, rewritten="verified_at" in now)
            )
            known = {key: value for key, value in now.items() if value is not None}
            items[key] = replace(item, findings=findings, **known)  # type: ignore[arg-type]


def _is_settled(finding: FindingRecord, *, rewritten: bool) -> bool:
    """Whether a verification of today settles a finding; ``rewritten``: the written date is another one now."""
    unreadable = finding.code == "unreadable-date" and finding.key == "verifiedAt"
    return finding.code in VERIFICATION_CODES or (rewritten and unreadable)

"""The end of a run with known differences: the baseline that is written, and what is known but no longer occurs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import write_safe_text
from pytest_endpoint_docs.model.environment import DescriptionIssue
from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, MismatchRecord
from pytest_endpoint_docs.openapi.description_policy import (
    ACCEPTED,
    DescriptionPolicy,
    RunBaseline,
    fingerprint,
    is_at,
    is_from_description,
    read_run_baseline,
    render_run_baseline,
)
from pytest_endpoint_docs.pointers import split_pointer
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import public
from pytest_endpoint_docs.verification.doc_part import DocPart


def write_baseline(file: Path, items: Collection[ItemRecord], parts: Iterable[DocPart]) -> None:
    """Write what a run accepted into its baseline, beside what stands there of docs that did not run.

    Raises: ``ConfigError`` where the place cannot be written to.
    """
    before = read_run_baseline(file).entries if file.exists() else {}
    ran = _docs_that_ran(items, parts)
    entries: dict[str, Mapping[str, Any]] = {
        name: entry for name, entry in before.items() if not set(entry["docs"]) & ran
    }
    docs: dict[str, set[str]] = {}
    for item in items:
        for found in item.mismatches:
            if is_from_description(found) and found.known == ACCEPTED:
                name = fingerprint(found)
                kept = {doc for doc in before.get(name, {}).get("docs", ()) if doc not in ran}
                docs.setdefault(name, kept).add(item.doc)
                entries[name] = _entry(name, found, sorted(docs[name]))
    # Of records, and of the file as it was.
    text = public(render_run_baseline(RunBaseline(entries=entries)))
    try:
        write_safe_text(file, text)
    except OSError as error:
        raise ConfigError(f"baseline {str(file)!r}: cannot be written: {error.strerror or error}") from error


def _entry(name: str, found: MismatchRecord, docs: list[str]) -> Mapping[str, Any]:
    return {
        "fingerprint": name,
        "kind": found.kind,
        "message": str(found.message),
        "source": found.source,
        "docs": docs,
    }


def gone_findings(
    items: Collection[ItemRecord],
    parts: Iterable[DocPart],
    *,
    baseline: Path | None,
    issues: tuple[DescriptionIssue, ...],
    today: date,
    redactor: Redactor,
) -> Iterator[FindingRecord]:
    """What is accepted or known and did not occur, where its docs ran; and known issues whose day has passed."""
    found = [mismatch for item in items for mismatch in item.mismatches if is_from_description(mismatch)]
    occurred, ran = {fingerprint(mismatch) for mismatch in found}, _docs_that_ran(items, parts)
    asked = {item.operation for item in items if item.statuses and item.operation}

    def finding(code: str, message: str, path: str, line: int) -> FindingRecord:
        told = redactor.text(message)
        return FindingRecord(code=code, message=told, severity="warning", path=public(path), line=line)

    if baseline is not None and baseline.exists():
        for name, entry in read_run_baseline(baseline).entries.items():
            if name not in occurred and set(entry["docs"]) <= ran:
                about = f"{entry.get('message', name)} ({entry.get('source') or ', '.join(entry['docs'])})"
                message = f"accepted, but no longer found: {about}; --endpoint-update-baseline forgets it"
                yield finding("baseline-gone", message, baseline.name, 1)
    expired = DescriptionPolicy(issues=issues, today=today).expired()
    for issue in issues:
        if issue in expired:
            message = f"the known issue at {issue.source} has expired: it was accepted until {issue.until}"
            yield finding("known-issue-expired", message, issue.location.path, issue.location.line)
        elif _is_about(issue.source, asked) and not any(is_at(issue.source, mismatch.source) for mismatch in found):
            message = f"the known issue at {issue.source} did not occur in this run"
            yield finding("known-issue-gone", message, issue.location.path, issue.location.line)


def _is_about(source: str, operations: Collection[str]) -> bool:
    """Whether a place in a description belongs to one of these operations (``GET /api/things``)."""
    segments = split_pointer(source.partition("#")[2])
    if len(segments) < 3 or segments[0] != "paths":
        # A place that operations share: any of them may lead to it.
        return bool(operations)
    method, path = segments[2].upper(), segments[1]
    return any(one.startswith(f"{method} ") and one.endswith(path) for one in operations)


def _docs_that_ran(items: Iterable[ItemRecord], parts: Iterable[DocPart]) -> set[str]:
    """The docs of which every item ran and got an answer."""
    answered: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for part in parts:
        names.setdefault(part.doc, set()).update(part.names)
        answered.setdefault(part.doc, set()).update([part.name] if part.live else [])
    left_out = {item.doc for item in items if item.outcome in ("skipped", "error")}
    return {doc for doc, every in names.items() if every and every <= answered[doc]} - left_out

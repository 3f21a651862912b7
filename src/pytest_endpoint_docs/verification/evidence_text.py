"""The records of manual and consent runs as text: in full, one line per doc, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from pytest_endpoint_docs.instants import days, parse_instant
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ExchangeRecord
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.verification.evidence import Evidence, EvidenceLog, contract_hash
from pytest_endpoint_docs.words import render_days


@value_class
class DocEvidence:
    """A doc as it is now, and its records."""

    doc: EndpointDoc
    log: EvidenceLog

    def is_same_since(self, record: Evidence) -> bool:
        """Whether the doc's contract is the one of the record."""
        return record.contract_hash == contract_hash(self.doc.text)


def render_overview(known: Iterable[DocEvidence], now: datetime) -> str:
    """One line for each doc: what its last run said, when, by whom, and whether the doc has changed since."""
    rows = [(entry.doc.path, _last(entry, now)) for entry in known]
    width = max((len(path) for path, _ in rows), default=0)
    return "".join(f"{path:{width}}  {last}\n" for path, last in rows)


def _last(entry: DocEvidence, now: datetime) -> str:
    if not entry.log.records:
        return "no evidence"
    record = entry.log.records[0]
    age = render_days(days(now - parse_instant(record.at)))
    since = "" if entry.is_same_since(record) else "; the doc has changed since"
    return f"{record.outcome} {age} ago by {record.tester} ({record.kind} run, {_environment(record)}){since}"


def _environment(record: Evidence) -> str:
    return f"{record.environment}, which verifies no server" if record.sandbox else record.environment


def render_json(known: Iterable[DocEvidence]) -> str:
    """``{"docs": [{"doc", "endpoint", "records": [...], "unreadable": [...]}]}``, each record with ``doc_changed``."""
    docs = [
        {
            "doc": entry.doc.path,
            "endpoint": str(entry.doc.endpoint),
            "records": [
                {**asdict(record), "doc_changed": not entry.is_same_since(record)} for record in entry.log.records
            ],
            "unreadable": list(entry.log.unreadable),
        }
        for entry in known
    ]
    return json.dumps({"docs": docs}, indent=1) + "\n"


def render_evidence(entry: DocEvidence) -> str:
    """The records of a doc as text for a person, newest first, with whether the doc changed since."""
    lines = [f"{entry.doc.path}: {entry.doc.endpoint}"]
    if not entry.log.records:
        lines.append("  no evidence of a manual or consent run")
    for record in entry.log.records:
        changed = "the doc has not changed since" if entry.is_same_since(record) else "the doc has changed since"
        lines.append("")
        lines.append(f"  {record.at}  {record.outcome}  by {record.tester}")
        lines.append(f"    {record.kind} run, environment {_environment(record)}; {changed}")
        if record.versions:
            lines.append("    " + ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items())))
        lines += [f"    note: {line}" for line in record.note.splitlines()]
        for step in record.steps:
            lines.append(f"    step {step.number}: {step.outcome}" + (f" - {step.note}" if step.note else ""))
        for item in record.items:
            lines.append(f"    {item.name}: {item.outcome}" + (f" - {item.note}" if item.note else ""))
            lines += [f"      {_exchange(record.exchanges[number])}" for number in item.exchanges]
        told = {number for item in record.items for number in item.exchanges}
        lines += [
            f"    {_exchange(exchange)}" for number, exchange in enumerate(record.exchanges) if number not in told
        ]
        lines += [f"    screenshot: {path}" for path in record.screenshots]
    lines += [f"  cannot be read: {reason}" for reason in entry.log.unreadable]
    return "\n".join(lines) + "\n"


def _exchange(exchange: ExchangeRecord) -> str:
    return f"{exchange.method} {exchange.url} -> {exchange.status_code or exchange.error}"

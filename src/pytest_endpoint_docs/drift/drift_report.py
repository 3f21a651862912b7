"""Drift as text for people and as JSON for tools; the baseline of findings that are accepted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pytest_endpoint_docs.drift.causes import DriftCause, drift_causes
from pytest_endpoint_docs.drift.drift_finding import DRIFT_KINDS, DriftFinding
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.accepted_file import AcceptedFile, render_accepted
from pytest_endpoint_docs.words import count, listed

_BASELINES = AcceptedFile(name="a drift baseline", how="--write-baseline writes one from today's findings")
_MOST_PLACES = 5

_SAYING_ALL = frozenset(
    ["tokens-differ", "tokens-fewer", "token-not-available", "listed-otherwise", "type-listed-otherwise",
     "parameter-not-listed", "method-not-described", "request-not-the-endpoint", "base-path"]
)  # fmt: skip


def render_drift_text(findings: Sequence[DriftFinding], *, docs: int, accepted: int = 0) -> str:
    """One line for each cause, by file, with both places, and the numbers of findings at the end."""
    lines: list[str] = []
    previous = ""
    causes = drift_causes(sorted(findings, key=lambda found: (found.location.path, found.location.line)))
    for cause in causes:
        finding = cause.first
        if finding.location.path != previous:
            previous = finding.location.path
            lines += [*([""] if lines else []), previous]
        lines.append(f"  {finding.location}: {finding.severity} [{finding.kind}] {cause.message}")
        if finding.values and cause.message == finding.message and not _says_all(finding):
            at = f"{finding.pointer}: " if finding.pointer.startswith("/") else ""
            lines.append(f"      {at}{finding.values}")
        if finding.source:
            lines.append(f"      {_described_place(finding)}")
        below = (finding.verdict, _at_other_lines(cause), _in_other_docs(cause), cause.to_mend)
        lines += [f"      {text}" for text in below if text]
    counts = Counter(finding.severity for finding in findings)
    numbers = ", ".join(count(counts[name], name) for name in ("error", "warning", "note") if counts[name])
    by_cause = f" from {count(len(causes), 'cause')}" if len(causes) < len(findings) else ""
    rest = f"{by_cause} ({accepted} accepted by the baseline)" if accepted else by_cause
    lines += ["", f"{count(docs, 'doc')}: {numbers or 'no disagreement'}{rest}"]
    return "\n".join(lines).lstrip("\n") + "\n"


def _says_all(finding: DriftFinding) -> bool:
    """Whether the message alone says what is described and documented."""
    return finding.kind in _SAYING_ALL or (finding.expected, finding.actual) == ("present", "missing")


def _described_place(finding: DriftFinding) -> str:
    """Line and JSON Pointer of a place in a description; the line is left out where it is the finding's own."""
    _, _, pointer = (finding.source or "").partition("#")
    if finding.described_at is None:
        return finding.source or ""
    return f"#{pointer}" if finding.described_at == finding.location else f"{finding.described_at}: #{pointer}"


def _at_other_lines(cause: DriftCause) -> str:
    own = [
        found.location for found in cause.findings if found.doc == cause.first.doc and cause.message == found.message
    ]
    lines = sorted({location.line for location in own} - {cause.first.location.line})
    return f"also at {'lines' if len(lines) > 1 else 'line'} {listed(map(str, lines), _MOST_PLACES)}" if lines else ""


def _in_other_docs(cause: DriftCause) -> str:
    others = list(dict.fromkeys(str(found.location) for found in cause.findings if found.doc != cause.first.doc))
    return f"also in {count(len(cause.docs) - 1, 'other doc')}: {listed(others, _MOST_PLACES)}" if others else ""


def render_drift_json(findings: Sequence[DriftFinding], *, docs: int, accepted: int = 0) -> str:
    """``{"version": 1, "docs": n, "accepted": n, "counts": {kind: n}, "causes": [...], "findings": [...]}``."""
    counts = Counter(finding.kind for finding in findings)
    causes = drift_causes(findings)
    cause_of = {finding.fingerprint: cause.id for cause in causes for finding in cause.findings}
    whole: dict[str, JSONValue] = {
        "version": 1,
        "docs": docs,
        "accepted": accepted,
        "counts": {kind: counts[kind] for kind in DRIFT_KINDS if counts[kind]},
        "causes": [_cause_as_json(cause) for cause in causes],
        "findings": [{**_as_json(finding), "cause": cause_of[finding.fingerprint]} for finding in findings],
    }
    return json.dumps(whole, indent=2) + "\n"


def _cause_as_json(cause: DriftCause) -> dict[str, JSONValue]:
    return {
        "id": cause.id,
        "kind": cause.first.kind,
        "severity": cause.first.severity,
        "message": cause.message,
        "docs": list(cause.docs),
        "to_mend": cause.to_mend,
    }


def _as_json(finding: DriftFinding) -> dict[str, JSONValue]:
    """A finding in JSON types."""
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.location.path,
        "line": finding.location.line,
        "operation": finding.operation,
        "step": finding.step,
        "phase": finding.phase,
        "pointer": finding.pointer,
        "expected": finding.expected,
        "actual": finding.actual,
        "expected_by": finding.expected_by,
        "actual_by": finding.actual_by,
        "source": finding.source,
        "source_line": finding.described_at.line if finding.described_at is not None else None,
        "fingerprint": finding.fingerprint,
        "alone": finding.alone,
        "reason": finding.reason,
    }


@value_class
class DriftBaseline:
    """Fingerprints of accepted findings."""

    fingerprints: frozenset[str] = frozenset()

    def new(self, findings: Sequence[DriftFinding]) -> tuple[DriftFinding, ...]:
        """The findings that are not accepted."""
        return tuple(finding for finding in findings if finding.fingerprint not in self.fingerprints)

    def gone(self, findings: Sequence[DriftFinding]) -> frozenset[str]:
        """Accepted fingerprints that no finding has any more: the baseline can be written anew."""
        return self.fingerprints - {finding.fingerprint for finding in findings}


def read_baseline(path: Path) -> DriftBaseline:
    """Read a baseline file. Raises: ``ConfigError`` where it is absent or no baseline."""
    return DriftBaseline(fingerprints=frozenset(str(entry["fingerprint"]) for entry in _BASELINES.read(path)))


def render_baseline(findings: Sequence[DriftFinding]) -> str:
    """The text of a baseline that accepts these findings; what each one is stands beside its fingerprint."""
    return render_accepted(
        {"fingerprint": finding.fingerprint, "kind": finding.kind, "doc": finding.doc, "message": finding.message}
        for finding in sorted(findings, key=lambda found: (found.doc, found.kind, found.fingerprint))
    )

"""A run as GitHub's workflow commands. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, RunRecord
from pytest_endpoint_docs.reporting.hygiene import all_findings, hygiene_findings

_MESSAGE_LENGTH = 4000


def render_annotations(run: RunRecord, *, prefix: str = "") -> list[str]:
    """GitHub workflow commands that put failures and findings on the docs' lines, failures first, each once.

    ``prefix`` is the path from the repository's root to pytest's root directory. GitHub shows the first ten errors
    and ten warnings of a step. See "Workflow commands for GitHub Actions".
    """
    failed = [item for item in run.items if item.outcome in ("failed", "error")]
    failures = [
        _command(
            "error",
            item.doc,
            failure_line(item),
            _title(item),
            item.failure or item.verdict or item.reason or item.outcome,
            prefix,
        )
        for item in failed
    ]
    # The first mismatch of each item is its failure; the others stand at lines of their own.
    others = [
        _command("error", item.doc, line, _title(item), text, prefix)
        for item in failed
        for line, text in _further_lines(item)
    ]
    findings = [_finding(finding, prefix) for finding in [*all_findings(run), *hygiene_findings(run)]]
    return list(dict.fromkeys([*failures, *others, *findings]))


def _further_lines(item: ItemRecord) -> Iterator[tuple[int, str]]:
    """The doc's lines that further mismatches of an item are about, and what is wrong there."""
    for mismatch in item.mismatches:
        path, _, line = mismatch.location.rpartition(":")
        if mismatch.severity == "fail" and path == item.doc and int(line) != failure_line(item):
            place = f"{mismatch.pointer} " if mismatch.pointer.startswith("/") else ""
            compared = f": expected {mismatch.expected}, got {mismatch.actual}" if mismatch.expected else ""
            yield int(line), f"{place}{mismatch.message}{compared}"


def failure_line(item: ItemRecord) -> int:
    """The line of the doc that a failure is about: the verdict's where it names one of this doc, else the item's."""
    found = re.match(r":(\d+): ", item.verdict.removeprefix(item.doc)) if item.verdict.startswith(item.doc) else None
    return int(found[1]) if found else item.line


def _title(item: ItemRecord) -> str:
    return f"{item.endpoint} ({item.case_id})" if item.case_id else item.endpoint


def _finding(finding: FindingRecord, prefix: str) -> str:
    level = "error" if finding.severity == "error" else "warning"
    return _command(level, finding.path, finding.line, finding.code, finding.message, prefix)


def _command(level: str, path: str, line: int, title: str, message: str, prefix: str) -> str:
    file = posixpath.normpath(posixpath.join(prefix, path.replace("\\", "/")))
    properties = f"file={_property(file)},line={max(1, line)},title={_property(title)}"
    return f"::{level} {properties}::{_data(message[:_MESSAGE_LENGTH])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

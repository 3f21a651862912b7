"""A run as GitHub's workflow commands. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Literal

from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, RunRecord
from pytest_endpoint_docs.reporting.failure_causes import (
    FailureCause,
    broken,
    failure_causes,
    failure_line,
    render_obstacle,
)
from pytest_endpoint_docs.reporting.hygiene import findings_to_show
from pytest_endpoint_docs.words import listed

_MESSAGE_LENGTH = 4000
_MOST_DOCS = 10
# GitHub shows this many errors, and as many warnings, of a step.
_MOST_OF_A_LEVEL = 10

_Level = Literal["error", "warning"]
_Command = tuple[_Level, str]


def render_annotations(run: RunRecord, *, prefix: str = "") -> list[str]:
    """GitHub workflow commands that put failures and findings on the docs' lines, failures first, each once.

    What kept items from being tested stands before all, at the first of them, and errors before warnings; no more of
    either than GitHub shows.

    ``prefix`` is the path from the repository's root to pytest's root directory. See "Workflow commands for GitHub
    Actions".
    """
    failed = broken(run.items)
    obstacles = [_obstacle(cause, prefix) for cause in failure_causes(run.items) if cause.obstacle is not None]
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
    findings = [_finding(finding, prefix) for finding in findings_to_show(run)]
    commands = dict.fromkeys([*obstacles, *failures, *others, *findings])
    errors = [line for level, line in commands if level == "error"]
    warnings = [line for level, line in commands if level == "warning"]
    return errors[:_MOST_OF_A_LEVEL] + warnings[:_MOST_OF_A_LEVEL]


def _obstacle(cause: FailureCause, prefix: str) -> _Command:
    assert cause.obstacle is not None
    first, title = cause.first, cause.obstacle.title
    message = f"{render_obstacle(cause)}\n{listed(cause.docs, _MOST_DOCS)}"
    return _command("error", first.doc, failure_line(first), title, message, prefix)


def _further_lines(item: ItemRecord) -> Iterator[tuple[int, str]]:
    """The doc's lines that further mismatches of an item are about, and what is wrong there."""
    for mismatch in item.mismatches:
        place = mismatch.place
        if mismatch.severity == "fail" and place and place.path == item.doc and place.line != failure_line(item):
            compared = f": expected {mismatch.expected}, got {mismatch.actual}" if mismatch.expected else ""
            yield place.line, f"{mismatch.headline}{compared}"


def _title(item: ItemRecord) -> str:
    return f"{item.endpoint} ({item.case_id})" if item.case_id else item.endpoint


def _finding(finding: FindingRecord, prefix: str) -> _Command:
    level: _Level = "error" if finding.severity == "error" else "warning"
    return _command(level, finding.path, finding.line, finding.code, finding.message, prefix)


def _command(level: _Level, path: str, line: int, title: str, message: str, prefix: str) -> _Command:
    file = posixpath.normpath(posixpath.join(prefix, path.replace("\\", "/")))
    properties = f"file={_property(file)},line={max(1, line)},title={_property(title)}"
    return level, f"::{level} {properties}::{_data(message[:_MESSAGE_LENGTH])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""pytest's sections of failures and errors: failure texts in colour, and of errors that many items met the first one.

Counts, the short summary and everybody else still have all errors, and so has the section with ``-v``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.words import count

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.record import ItemRecord
    from pytest_endpoint_docs.reporting.failure import LineKind

_VERDICT = {"red": True, "bold": True}
_MARKUP: Mapping[LineKind, Mapping[str, bool]] = {
    "": {},
    "marked": {"bold": True},
    "expected": {"green": True},
    "actual": {"red": True},
}
_EVERY = pytest.StashKey[list[Any]]()


def colour(report: pytest.TestReport, kinds: Sequence[LineKind]) -> None:
    """Have the failure text of a doc's item written in colour; where it arrives, since no colour crosses processes.

    ``kinds`` are those of its lines.
    """
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", None)
    if entries and entries[0].style == "value":
        entries[0].toterminal = partial(_write, entries[0].lines, kinds)


def _write(lines: Sequence[str], kinds: Sequence[LineKind], writer: Any) -> None:
    """Write the lines; pytest's terminal writer leaves out markup where it is not wanted."""
    for number, line in enumerate(lines):
        kind = kinds[number] if number < len(kinds) else ""
        writer.line(line, **(_MARKUP[kind] if number else _VERDICT))


def leave_one_of_a_kind(reporter: pytest.TerminalReporter, record_of: Callable[[Any], ItemRecord | None]) -> None:
    """Before the section is written: leave an error that stands for others, and say how many those are.

    ``record_of`` gives the record that a report has of its item.
    """
    errors = reporter.stats.get("error", [])
    if errors and reporter.config.get_verbosity() < 1:
        reporter.config.stash[_EVERY] = errors
        reporter.stats["error"] = _one_of_a_kind(errors, record_of)


def give_back(reporter: pytest.TerminalReporter) -> None:
    """After the section, and before the short summary: have all errors counted and listed again."""
    errors = reporter.config.stash.get(_EVERY, None)
    if errors is not None:
        reporter.stats["error"] = errors


def _one_of_a_kind(reports: list[Any], record_of: Callable[[Any], ItemRecord | None]) -> list[Any]:
    alike: dict[object, list[Any]] = {}
    for report in reports:
        record = record_of(report)
        obstacle = record.obstacle if record else None
        alike.setdefault((obstacle.kind, obstacle.message) if obstacle else id(report), []).append(report)
    return [_standing_for(same) for same in alike.values()]


def _standing_for(same: list[Any]) -> Any:
    first, others = same[0], len(same) - 1
    if not others:
        return first
    shown = copy.copy(first)
    told = f"{count(others, 'other item')} met the same error (-v shows all)"
    shown.sections = [*first.sections, ("the same error", told)]
    return shown

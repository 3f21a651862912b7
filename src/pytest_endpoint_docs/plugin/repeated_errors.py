"""Errors that items met before they were tested: pytest's section of errors shows the first of each kind in full.

Counts, the short summary and everybody else still have them all, and so has the section with ``-v``.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_endpoint_docs.plugin.run_records import RECORD
from pytest_endpoint_docs.words import count

_EVERY = pytest.StashKey[list[Any]]()


def leave_one_of_a_kind(reporter: pytest.TerminalReporter) -> None:
    """Before the section is written: leave an error that stands for others, and say how many those are."""
    errors = reporter.stats.get("error", [])
    if errors and reporter.config.get_verbosity() < 1:
        reporter.config.stash[_EVERY] = errors
        reporter.stats["error"] = _one_of_a_kind(errors)


def give_back(reporter: pytest.TerminalReporter) -> None:
    """After the section, and before the short summary: have all errors counted and listed again."""
    errors = reporter.config.stash.get(_EVERY, None)
    if errors is not None:
        reporter.stats["error"] = errors


def _one_of_a_kind(reports: list[Any]) -> list[Any]:
    alike: dict[object, list[Any]] = {}
    for report in reports:
        obstacle = getattr(report, RECORD, {}).get("obstacle")
        alike.setdefault((obstacle["kind"], obstacle["message"]) if obstacle else id(report), []).append(report)
    return [_standing_for(same) for same in alike.values()]


def _standing_for(same: list[Any]) -> Any:
    first, others = same[0], len(same) - 1
    if not others:
        return first
    shown = copy.copy(first)
    told = f"{count(others, 'other item')} met the same error (-v shows all)"
    shown.sections = [*first.sections, ("the same error", told)]
    return shown

"""Failure texts in colour, where pytest's terminal shows colours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest

# The doc's line that the failure is about, among those around it.
_MARKED = re.compile(r"> +\d+ \| ")


def colour(report: pytest.TestReport) -> None:
    """Have the failure text of a doc's item written in colour; where it arrives, since no colour crosses processes."""
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", None)
    if entries and entries[0].style == "value":
        entries[0].toterminal = partial(_write, entries[0].lines)


def _write(lines: Iterable[str], writer: Any) -> None:
    """Write the lines; pytest's terminal writer leaves out markup where it is not wanted."""
    for number, line in enumerate(lines):
        writer.line(line, **_markup(line, is_verdict=number == 0))


def _markup(line: str, *, is_verdict: bool) -> dict[str, bool]:
    if is_verdict:
        return {"red": True, "bold": True}
    if _MARKED.match(line):
        return {"bold": True}
    if line.startswith("  expected: "):
        return {"green": True}
    return {"red": True} if line.startswith("  actual:   ") else {}

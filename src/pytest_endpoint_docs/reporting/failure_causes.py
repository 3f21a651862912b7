"""Failures by what they have in common: a server that is down fails forty items, and is one thing to mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_endpoint_docs.model.record import ItemRecord
from pytest_endpoint_docs.pointers import without_indices
from pytest_endpoint_docs.words import capped, count

# Fewer items are read faster one by one.
_LEAST = 3
_PLACE = re.compile(r"^\S+:\d+: ")
_WITHIN = re.compile(r"\b(?:prerequisite failed: |required \S+ \S+: |step [^:]+: )")
_URI = re.compile(r"(https?://[^/\s'\"]+)[^\s'\",;:]*")


def render_failure_causes(items: Sequence[ItemRecord], *, most: int | None = None) -> Iterator[str]:
    """One line for each cause that three failures or more share, the most frequent first; nothing without one."""
    causes: dict[str, list[ItemRecord]] = {}
    for item in items:
        if item.outcome in ("failed", "error"):
            causes.setdefault(_cause(item), []).append(item)
    shared = sorted(
        ((len(found), cause) for cause, found in causes.items() if len(found) >= _LEAST), key=lambda one: -one[0]
    )
    if shared:
        yield "failures with one cause:"
        yield from capped([f"  {count(number, 'item')}: {cause}" for number, cause in shared], most, indent="  ")


def _cause(item: ItemRecord) -> str:
    """A failure in words that are the same for all with its cause: its place in the description, else its verdict."""
    failing = next((found for found in item.mismatches if found.severity == "fail"), None)
    if failing is not None and failing.source and failing.check.startswith("openapi"):
        place = without_indices(failing.pointer) if failing.pointer.startswith("/") else failing.pointer
        came = f": expected {failing.expected}, got {failing.actual}" if failing.kind == "status" else ""
        return f"{place} {failing.message}{came}, at {failing.source}".strip()
    return _URI.sub(r"\1", _WITHIN.sub("", _PLACE.sub("", item.verdict)))

"""Failures by what they have in common: a server that is down fails forty items, and is one thing to mend.

What kept items from being tested is no failure of theirs: it stands apart from broken contracts, and is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pytest_endpoint_docs.model.record import ItemRecord, ObstacleRecord, RunRecord
from pytest_endpoint_docs.model.source import OBSTACLES, ObstacleKind
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import without_indices
from pytest_endpoint_docs.words import capped, count, late

# Fewer items are read faster one by one.
_LEAST = 3
_URI = late(r"(https?://[^/\s'\"]+)[^\s'\",;:]*")


@value_class
class FailureCause:
    """The items that failed for one reason; where that is an obstacle, also those that it kept from being tried."""

    text: str
    obstacle: ObstacleRecord | None
    items: tuple[ItemRecord, ...]
    not_tried: tuple[ItemRecord, ...] = ()

    @property
    def first(self) -> ItemRecord:
        """The item that stands for all."""
        return (*self.items, *self.not_tried)[0]

    @property
    def docs(self) -> tuple[str, ...]:
        """The docs that met it."""
        return tuple(dict.fromkeys(item.doc for item in (*self.items, *self.not_tried)))


class RunHeadline(NamedTuple):
    """One sentence about a run; ``obstacle`` is what kept items from being tested, where it is about these."""

    text: str
    obstacle: ObstacleKind | None = None


def failure_causes(items: Iterable[ItemRecord]) -> tuple[FailureCause, ...]:
    """What failed, by its cause: obstacles before broken contracts, then what most items share."""
    found: dict[tuple[str, ObstacleRecord | None], list[ItemRecord]] = {}
    for item in items:
        if item.outcome in ("failed", "error") or item.obstacle is not None:
            found.setdefault((failure_cause(item), item.obstacle), []).append(item)
    causes = [
        FailureCause(
            text=text,
            obstacle=obstacle,
            items=tuple(item for item in shared if item.outcome != "skipped"),
            not_tried=tuple(item for item in shared if item.outcome == "skipped"),
        )
        for (text, obstacle), shared in found.items()
    ]
    return tuple(sorted(causes, key=lambda one: (one.obstacle is None, -len(one.items) - len(one.not_tried))))


def failure_cause(item: ItemRecord) -> str:
    """A failure in words that are the same for all with its cause.

    That is its obstacle, else its place in the description, else what its verdict says is wrong.
    """
    if item.obstacle is not None:
        return item.obstacle.message
    failing = next((found for found in item.mismatches if found.severity == "fail"), None)
    if failing is not None and failing.source and failing.check.startswith("openapi"):
        place = without_indices(failing.pointer) if failing.pointer.startswith("/") else failing.pointer
        came = f": expected {failing.expected}, got {failing.actual}" if failing.kind == "status" else ""
        return f"{place} {failing.message}{came}, at {failing.source}".strip()
    return _URI.sub(r"\1", item.root_cause or item.verdict)


def failure_line(item: ItemRecord) -> int:
    """The line of the doc that a failure is about: the verdict's where it names one, else the item's."""
    return item.line if item.failure_line is None else item.failure_line


def broken(items: Iterable[ItemRecord]) -> tuple[ItemRecord, ...]:
    """The items that failed, those apart that an obstacle kept from being tested."""
    return tuple(item for item in items if item.outcome in ("failed", "error") and item.obstacle is None)


def shared_causes(items: Iterable[ItemRecord]) -> tuple[FailureCause, ...]:
    """The causes that several broken contracts share; none where they are read faster one by one."""
    return tuple(one for one in failure_causes(items) if one.obstacle is None and len(one.items) >= _LEAST)


def render_failure_causes(items: Sequence[ItemRecord], *, most: int | None = None) -> Iterator[str]:
    """One line for each cause that three failures or more share, the most frequent first; nothing without one."""
    shared = shared_causes(items)
    if shared:
        yield "failures with one cause:"
        yield from capped([f"  {count(len(one.items), 'item')}: {one.text}" for one in shared], most, indent="  ")


def render_obstacles(items: Sequence[ItemRecord]) -> Iterator[tuple[RunHeadline, tuple[str, ...]]]:
    """What kept items from being tested: a headline for each kind, and what is the matter; nothing without one."""
    causes = [one for one in failure_causes(items) if one.obstacle is not None]
    for kind, title in OBSTACLES.items():
        met = [one for one in causes if one.obstacle is not None and one.obstacle.kind == kind]
        if met:
            number = sum(len(one.items) + len(one.not_tried) for one in met)
            were = "was" if number == 1 else "were"
            text = f"{title}: {number:,} of {count(len(items), 'item')} {were} not tested"
            yield RunHeadline(text, kind), tuple(map(render_obstacle, met))


def render_obstacle(cause: FailureCause) -> str:
    """How many items met an obstacle, what it is, and how many were not tried any more."""
    left = len(cause.not_tried)
    more = f"; {count(left, 'more item')} {'was' if left == 1 else 'were'} not tried" if left else ""
    return f"{count(len(cause.items), 'item')}: {cause.text}{more}"


def render_early_end(run: RunRecord) -> str:
    """That a run ended before its end; empty where it did not."""
    left = run.not_reached
    return f"the run ended early: {count(left, 'item')} {'was' if left == 1 else 'were'} not reached" if left else ""


def headline(run: RunRecord) -> RunHeadline:
    """A run in one sentence: which contracts are broken; else what was not tested; else that all hold."""
    told, early = _of_items(run.items), render_early_end(run)
    return told._replace(text=f"{told.text}; {early}") if early else told


def _of_items(items: Sequence[ItemRecord]) -> RunHeadline:
    ran = [item for item in items if item.outcome != "skipped"]
    tested = [item for item in ran if item.outcome != "error"]
    failed = sum(item.outcome == "failed" for item in tested)
    errors = len(ran) - len(tested)
    if failed:
        left = sum(item.obstacle is not None for item in items)
        rest = f"; {count(left, 'item')} {'was' if left == 1 else 'were'} not tested" if left else ""
        are = "is" if failed == 1 else "are"
        return RunHeadline(f"{failed:,} of {count(len(tested), 'contract')} {are} broken{rest}")
    for untested, _ in render_obstacles(items):
        return untested._replace(text=untested.text[0].upper() + untested.text[1:])
    if errors:
        return RunHeadline(f"{count(errors, 'item')} ended with an error")
    if not ran:
        return RunHeadline("Nothing ran")
    return RunHeadline(
        "The one contract that ran holds" if len(ran) == 1 else f"All {len(ran):,} contracts that ran hold"
    )

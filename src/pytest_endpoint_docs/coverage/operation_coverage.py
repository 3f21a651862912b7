"""Which operations have a doc, which docs have an operation, and which error responses a run has seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal

from pytest_endpoint_docs.instants import days, instant_or_none
from pytest_endpoint_docs.model.body import OWN_PHASES
from pytest_endpoint_docs.model.doc import NOT_RUN, DocStatus, EndpointDoc
from pytest_endpoint_docs.model.record import COUNTED, ItemRecord, RunRecord
from pytest_endpoint_docs.model.source import Finding, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.words import render_days


@value_class
class ErrorExample:
    """An error response of a doc; ``seen``: some item of the doc (a case, a negative) was answered with its status."""

    doc: EndpointDoc
    status: int
    location: SourceLocation
    seen: bool


def error_examples(docs: Iterable[EndpointDoc], run: RunRecord) -> tuple[ErrorExample, ...]:
    """The error responses of docs, each status of a doc once."""
    seen: dict[str, set[int]] = {}
    for item in run.items:
        seen.setdefault(item.doc, set()).update(_statuses(item))
    return tuple(
        ErrorExample(doc=doc, status=status, location=location, seen=status in seen.get(doc.path, ()))
        for doc in docs
        for status, location in {
            example.status: example.location
            for example in reversed(doc.body.examples)
            if example.is_error and example.status is not None
        }.items()
    )


def _statuses(item: ItemRecord) -> Iterator[int]:
    """The status codes of an item's own requests; those of its prerequisites say nothing about its endpoint."""
    own = [exchange for exchange in item.exchanges if exchange.phase in OWN_PHASES]
    if own:
        yield from (exchange.status_code for exchange in own if exchange.status_code is not None)
    else:
        yield from item.statuses


CoverageState = Literal["verified", "stale", "failing", "unverified", "skipped", "undocumented"]
STATES: tuple[CoverageState, ...] = ("verified", "stale", "failing", "unverified", "skipped", "undocumented")

STATE_MEANINGS = {
    "verified": "a doc that passed",
    "stale": "a doc that passed too long ago",
    "failing": "a doc that fails",
    "unverified": "a doc that has not passed yet",
    "skipped": "a doc that is skipped",
    "undocumented": "no doc",
}


@value_class
class OperationCoverage:
    """An operation with its docs. ``age_days`` is counted from the last verification, ``reason`` says why.

    ``domain`` is one that documented and undocumented operations share: the description's file name without extension,
    or the operation's first tag where one description holds all.
    """

    operation: Operation
    state: CoverageState
    docs: tuple[EndpointDoc, ...] = ()
    domain: str = ""
    reason: str = ""
    age_days: float | None = None


@value_class
class Coverage:
    """All operations, the docs that no operation belongs to, and with a run the error responses of the docs.

    ``problems`` are those of the descriptions themselves: what cannot be read of them counts nowhere.
    """

    operations: tuple[OperationCoverage, ...]
    docs_without_operation: tuple[EndpointDoc, ...]
    error_examples: tuple[ErrorExample, ...] = ()
    problems: tuple[Finding, ...] = ()

    def count(self, state: CoverageState, *, domain: str | None = None) -> int:
        """How many operations are in a state."""
        return sum(found.state == state for found in self.operations if domain in (None, found.domain))

    def total(self, *, domain: str | None = None) -> int:
        """How many operations there are."""
        return sum(domain in (None, found.domain) for found in self.operations)

    def documented(self, *, domain: str | None = None) -> int:
        """How many operations have a doc."""
        return self.total(domain=domain) - self.count("undocumented", domain=domain)

    @property
    def domains(self) -> tuple[str, ...]:
        """In alphabetical order."""
        return tuple(sorted({found.domain for found in self.operations}))

    @property
    def percent(self) -> float:
        """Documented operations in percent of all; 100 where there are none."""
        return percent(self.documented(), self.total())

    @property
    def percent_verified(self) -> float:
        """Verified operations in percent of all; 100 where there are none."""
        return percent(self.count("verified"), self.total())

    def fails_under(self, minimum: float) -> str | None:
        """A sentence where fewer than ``minimum`` percent are documented, else ``None``."""
        if self.percent >= minimum:
            return None
        return (
            f"endpoint docs cover {self.percent:.1f} % of the operations "
            f"({self.documented()} of {self.total()}), less than the required {minimum:g} %"
        )


def find_coverage(
    docs: Iterable[EndpointDoc],
    descriptions: Descriptions,
    *,
    run: RunRecord | None = None,
    now: datetime | None = None,
    max_age_days: float | None = None,
) -> Coverage:
    """Which docs the operations have, and how far these can be trusted.

    A doc fails where an item of it failed in ``run``, one of its ``Cases`` too. It counts as verified where its main
    item passed there, else where its frontmatter has a success status and a ``verifiedAt``. With ``max_age_days``, a
    verification older than that, counted from ``now`` (default: the run's clock), is stale.
    """
    if now is None:
        now = instant_or_none(run.now) if run is not None else None
    docs, operations = tuple(docs), descriptions.operations()
    belonging = _docs_by_operation(docs, descriptions, operations)
    items = _items(run)
    one_file = len({operation.description for operation in operations}) == 1
    has_tags = one_file and any(operation.tags for operation in operations)
    return Coverage(
        operations=tuple(
            replace(
                _covered(operation, belonging.get(operation.source, []), items, now, max_age_days),
                domain=(operation.tags or ("untagged",))[0] if has_tags else PurePosixPath(operation.description).stem,
            )
            for operation in operations
        ),
        docs_without_operation=tuple(belonging.get("", ())),
        error_examples=error_examples(docs, run) if run is not None else (),
        problems=descriptions.findings(),
    )


def _docs_by_operation(
    docs: Iterable[EndpointDoc], descriptions: Descriptions, operations: Iterable[Operation]
) -> dict[str, list[EndpointDoc]]:
    """The docs by the source of their operation; those that have none by an empty one."""
    by_key = {operation.key: operation for operation in operations}
    belonging: dict[str, list[EndpointDoc]] = {}
    for doc in docs:
        found = descriptions.of_doc(doc)
        # It may be the same operation in a file that is not configured, or a second time in one that is.
        found = by_key.get(found.key) if found is not None else None
        belonging.setdefault(found.source if found else "", []).append(doc)
    return belonging


def _covered(
    operation: Operation,
    docs: Sequence[EndpointDoc],
    items: dict[str, list[ItemRecord]],
    now: datetime | None,
    max_age_days: float | None,
) -> OperationCoverage:
    if not docs:
        return OperationCoverage(operation=operation, state="undocumented")
    states = [(*_state(doc, items.get(doc.path, []), now, max_age_days), doc) for doc in docs]
    # Several docs of one operation: the best one counts, but for a doc that fails.
    order: Sequence[CoverageState] = ("failing", *(state for state in STATES if state != "failing"))
    state, reason, age, _ = min(states, key=lambda found: order.index(found[0]))
    return OperationCoverage(operation=operation, state=state, docs=tuple(docs), reason=reason, age_days=age)


def _state(
    doc: EndpointDoc, items: Sequence[ItemRecord], now: datetime | None, max_age_days: float | None
) -> tuple[CoverageState, str, float | None]:
    failing = [item for item in items if item.outcome in ("failed", "error")]
    if failing:
        # A case is told where nothing but cases fails.
        case_id = "" if any(item.kind != "case" for item in failing) else failing[0].case_id
        return "failing", f"case {case_id} failed in the run" if case_id else "failed in the run", None
    items = [item for item in items if item.kind != "case"]
    outcomes = {item.outcome for item in items}
    if "passed" in outcomes:
        alone = " by status only" if any(item.is_by_status_alone for item in items) else ""
        return "verified", f"passed in the run{alone}", 0.0
    age = _age_days(doc.verified_at, now)
    if doc.status in NOT_RUN:
        return "skipped", doc.skip_reason or doc.status.value, age
    if "skipped" in outcomes:
        # Whatever the frontmatter says: this run could not verify it.
        at = f"; verified at {doc.verified_at}" if doc.verified_at else ""
        return "skipped", next(item.reason for item in items if item.outcome == "skipped") + at, age
    if doc.status is DocStatus.VERIFIED and doc.verified_at:
        if max_age_days is not None and age is not None and age > max_age_days:
            return "stale", f"verified {render_days(age)} ago", age
        return "verified", f"verified at {doc.verified_at}", age
    written = doc.raw_status or (doc.status.value if doc.status else "unknown")
    return "unverified", f"status {written}" + ("" if doc.verified_at else ", never verified"), age


def _items(run: RunRecord | None) -> dict[str, list[ItemRecord]]:
    found: dict[str, list[ItemRecord]] = {}
    for item in run.items if run is not None else ():
        if item.kind in COUNTED:
            found.setdefault(item.doc, []).append(item)
    return found


def _age_days(verified_at: str | None, now: datetime | None) -> float | None:
    at = instant_or_none(verified_at) if verified_at else None
    return None if at is None or now is None else days(now - at)


def percent(part: int, whole: int) -> float:
    """``part`` of ``whole`` in percent; 100 of nothing."""
    return 100.0 * part / whole if whole else 100.0

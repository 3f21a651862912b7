"""Coverage as one HTML page that needs nothing else: a map of all operations, and the list below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from pytest_endpoint_docs.coverage.operation_coverage import (
    STATE_MEANINGS,
    STATES,
    Coverage,
    CoverageState,
    OperationCoverage,
    percent,
)
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.matching import split_path
from pytest_endpoint_docs.reporting.page import render_page, template_text

# A sign beside the colour, for those who do not see it.
_SIGNS: dict[CoverageState, str] = {
    "verified": "✓",
    "stale": "~",
    "failing": "✗",
    "unverified": "?",
    "skipped": "–",
    "undocumented": "",
}


@value_class
class _State:
    name: CoverageState
    count: int
    sign: str
    meaning: str


@value_class
class _Cell:
    """An operation on the map; ``number`` is its place in the list below, ``about`` what it is and why."""

    number: int
    entry: OperationCoverage
    sign: str
    about: str


@value_class
class _Group:
    """The operations of one path prefix."""

    prefix: str
    cells: tuple[_Cell, ...]


@value_class
class _Domain:
    name: str
    documented: int
    total: int
    percent: float
    groups: tuple[_Group, ...]


def render_coverage_html(coverage: Coverage, *, at: str = "") -> str:
    """The page. Every cell of the map is one operation, grouped by domain and path, and leads to its row below.

    ``at`` is the instant that the page speaks of, ISO 8601 in UTC. It needs Jinja2 (:func:`~.page.require_jinja`).
    """
    return render_page(
        "coverage.html.j2",
        style=template_text("page.css", "coverage.css"),
        coverage=coverage,
        at=at,
        signs=_SIGNS,
        states=[
            _State(name=state, count=coverage.count(state), sign=_SIGNS[state], meaning=STATE_MEANINGS[state])
            for state in STATES
        ],
        domains=list(_domains(coverage)),
    )


def _domains(coverage: Coverage) -> Iterator[_Domain]:
    cells = [
        _Cell(number=number, entry=entry, sign=_SIGNS[entry.state], about=_about(entry))
        for number, entry in enumerate(coverage.operations)
    ]
    for name in coverage.domains:
        total, documented = coverage.total(domain=name), coverage.documented(domain=name)
        yield _Domain(
            name=name,
            documented=documented,
            total=total,
            percent=percent(documented, total),
            groups=tuple(_groups([cell for cell in cells if cell.entry.domain == name])),
        )


def _groups(cells: Sequence[_Cell]) -> Iterator[_Group]:
    def order(cell: _Cell) -> tuple[str, str, str]:
        operation = cell.entry.operation
        return _prefix(cell.entry), operation.template, operation.method

    for prefix, group in groupby(sorted(cells, key=order), key=lambda cell: _prefix(cell.entry)):
        yield _Group(prefix=prefix, cells=tuple(group))


def _about(entry: OperationCoverage) -> str:
    return " · ".join(filter(None, [str(entry.operation), entry.state, entry.reason]))


def _prefix(entry: OperationCoverage) -> str:
    """The path up to what it is about: versions and surroundings first, one noun after them."""
    literal: list[str] = []
    for segment in split_path(entry.operation.template)[0]:
        if "{" in segment:
            break
        literal.append(segment)
        if len(literal) >= 3 and not re.fullmatch(r"v\d+", segment):
            break
    return "/" + "/".join(literal)

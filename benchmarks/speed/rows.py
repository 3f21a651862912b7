"""The rows of the table, as data: what is run, which figure counts, and the goal."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

QUICK_DIVISOR = 10


class Work(enum.Enum):
    """What a run does."""

    RUN = "run"
    COLLECT = "collect"
    COLLECT_AGAIN = "collect again"
    NO_DOCS = "no docs"
    SANDBOX = "sandbox"


class Measure(enum.Enum):
    """The figure that counts in a row; the value is what the table calls it."""

    CPU = "CPU, times by hand"
    WALL = "wall, times by hand"
    MEMORY = "memory, times by hand"
    OVER_LIMIT = "wall, times the limit"
    MORE_CPU = "CPU, ms more than without"
    WALL_S = "wall, s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is run for a row. Rows with equal experiments look at the same runs.

    ``slow``: on the server that waits 100 ms. ``in_flight``: how many requests may be on their way at once, where that
    is asked for.
    """

    work: Work
    docs: int
    slow: bool = False
    in_flight: int | None = None
    own_schemas: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``title`` has a place for the number of docs; ``goal`` is at most this, in the unit of ``measure``."""

    key: str
    title: str
    experiment: Experiment
    measure: Measure
    goal: float | None = None

    @property
    def name(self) -> str:
        """The title with the number of docs that were really run."""
        return self.title.format(f"{self.experiment.docs:,}")


def _run(docs: int, *, slow: bool = False, in_flight: int | None = None, own_schemas: bool = False) -> Experiment:
    return Experiment(work=Work.RUN, docs=docs, slow=slow, in_flight=in_flight, own_schemas=own_schemas)


def _in_flight(limit: int, goal: float) -> Row:
    return Row(
        key=f"100ms-{limit}",
        title=f"{{}} docs, 100 ms latency, {limit} in flight",
        experiment=_run(1000, slow=True, in_flight=limit),
        measure=Measure.OVER_LIMIT,
        goal=goal,
    )


def _collecting(docs: int, goal: float, *, again: bool = False) -> Row:
    work = Work.COLLECT_AGAIN if again else Work.COLLECT
    return Row(
        key=f"{work.value.replace(' ', '-')}-{docs}",
        title="collecting {} unchanged docs again" if again else "collecting {} docs",
        experiment=Experiment(work=work, docs=docs),
        measure=Measure.CPU,
        goal=goal,
    )


ROWS = (
    Row(key="1000", title="{} docs, no latency", experiment=_run(1000), measure=Measure.CPU, goal=0.70),
    Row(key="5000", title="{} docs, no latency", experiment=_run(5000), measure=Measure.CPU, goal=0.70),
    Row(
        key="own-schemas",
        title="{} docs, no latency, each with a schema of its own",
        experiment=_run(1000, own_schemas=True),
        measure=Measure.CPU,
    ),
    Row(key="100ms", title="{} docs, 100 ms latency", experiment=_run(100, slow=True), measure=Measure.WALL, goal=0.09),
    _in_flight(32, 1.2),
    _in_flight(64, 1.54),
    _collecting(1000, 1.1),
    _collecting(5000, 1.5),
    _collecting(10000, 2.0),
    _collecting(1000, 1.2, again=True),
    _collecting(5000, 1.5, again=True),
    Row(key="memory", title="peak memory, {} docs", experiment=_run(5000), measure=Measure.MEMORY, goal=1.15),
    Row(
        key="no-docs",
        title="plugin installed, no endpoint docs",
        experiment=Experiment(work=Work.NO_DOCS, docs=0),
        measure=Measure.MORE_CPU,
        goal=15,
    ),
    Row(
        key="sandbox",
        title="one doc with the sandbox, start to end",
        experiment=Experiment(work=Work.SANDBOX, docs=1),
        measure=Measure.WALL_S,
        goal=0.7,
    ),
    Row(
        key="first",
        title="one plain doc on a real server, start to end",
        experiment=_run(1),
        measure=Measure.WALL_S,
        goal=0.5,
    ),
)


class UnknownRow(ValueError):
    """A row that is not in the table; the message lists those that are."""


def chosen(only: Sequence[str], *, quick: bool) -> tuple[Row, ...]:
    """The rows to run: all, or those named; ``quick`` takes a tenth of the docs.

    Raises:
        UnknownRow: for a name that no row has.
    """
    known = {row.key: row for row in ROWS}
    for name in only:
        if name not in known:
            raise UnknownRow(f"no row '{name}'; there are {', '.join(known)}")
    rows = tuple(row for row in ROWS if not only or row.key in only)
    return tuple(map(_quick, rows)) if quick else rows


def _quick(row: Row) -> Row:
    experiment = row.experiment
    if experiment.docs <= 1:
        return row
    return replace(row, experiment=replace(experiment, docs=experiment.docs // QUICK_DIVISOR))

"""A report as Markdown that also reads well in a terminal. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from speed.figures import Sample, Spread, cpu, memory, ratio, spread, wall
from speed.report import Report, RowResult
from speed.subjects import DOCS

MEBIBYTE = 2**20
NOTHING = ""
RESERVE = 1.05


def rendered(report: Report) -> str:
    """Two tables, the figures that count and everything that was measured, with the facts they depend on."""
    parts = [
        markdown(("row", "figure", "minimum", "median", "goal", "best of the others"), _summary(report.rows)),
        markdown(
            ("row", "subject", "CPU s", "times", "wall s", "times", "peak MB", "times", "requests", "connections"),
            (line for row in report.rows for line in _details(row)),
        ),
        "".join(f"- {note}\n" for note in _notes(report)),
        markdown(("machine", ""), report.machine.items()),
    ]
    return "\n".join(parts)


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table with columns of even width."""
    table = [tuple(head), *map(tuple, lines)]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    written = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in table]
    written.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(written) + "\n"


def _summary(rows: Iterable[RowResult]) -> Iterator[Sequence[str]]:
    for row in rows:
        goal = NOTHING if row.goal is None else f"{row.goal:g}"
        for name in row.ours:
            label = row.name + name.removeprefix(DOCS)
            yield label, row.measure, *_pair(row.figure(name)), goal, _best(row)
        if not row.ours:
            why = row.left_out.get(DOCS, "no figures")
            yield row.name, row.measure, f"left out: {why}", NOTHING, goal, _best(row)


def _best(row: RowResult) -> str:
    """The other tool with the lowest median, and that median."""
    found = [(figure.median, name) for name in row.others if (figure := row.figure(name)) is not None]
    if not found:
        return NOTHING
    median, name = min(found)
    return f"{name}: {_number(median)}"


def _details(row: RowResult) -> Iterator[Sequence[str]]:
    reference = row.samples.get(row.reference or "")
    for name, samples in row.samples.items():
        compared = None if name == row.reference else reference
        yield (
            row.name,
            name,
            _of(spread(samples, cpu)),
            _times(samples, compared, cpu),
            _of(spread(samples, wall)),
            _times(samples, compared, wall),
            f"{spread(samples, memory).median / MEBIBYTE:.0f}",
            _times(samples, compared, memory),
            str(max(sample.requests for sample in samples)),
            str(max(sample.connections for sample in samples)),
        )


def _times(samples: Sequence[Sample], reference: Sequence[Sample] | None, of: Callable[[Sample], float]) -> str:
    return NOTHING if reference is None else _of(ratio(samples, reference, of))


def _notes(report: Report) -> Iterator[str]:
    yield (
        f"{report.rounds} rounds, in turns; where a cell has two figures: minimum / median. 'times': by hand, or "
        "without the plugin, is 1."
    )
    yield _server_share(report)
    for in_flight, over in report.servers.over_limit.items():
        yield f"With 100 ms of latency a bare client with {in_flight} in flight takes {over:.2f} times the limit."
    by_key = {row.key: row for row in report.rows}
    if (few := by_key.get("1000")) and (many := by_key.get("5000")):
        yield from _growth(few, many)
    smallest = min((sample.peak_bytes for sample in _every_sample(report.rows)), default=None)
    if smallest is not None and smallest < report.own_peak_bytes * RESERVE:
        yield "Peak memory is not to be trusted: the harness itself took as much as the smallest subject."
    for row in report.rows:
        yield from (f"{row.name}: {name} left out: {why}" for name, why in row.left_out.items())
    yield from report.left_out


def _server_share(report: Report) -> str:
    request_ms = report.servers.request_ms
    text = f"The server without latency answers a bare client in {request_ms:.3f} ms"
    quickest = min(
        (
            1000 * sample.wall_s / row.docs
            for row in report.rows
            if row.limit_s is None and row.docs > 1
            for sample in _every_sample([row])
            if sample.requests
        ),
        default=None,
    )
    if quickest is None:
        return text + "."
    share = f"{request_ms / quickest:.1%}"
    return f"{text}, which is {share} of the {quickest:.2f} ms that the quickest run took for a case on the clock."


def _growth(few: RowResult, many: RowResult) -> Iterator[str]:
    for name in few.ours:
        if name in many.samples:
            times = spread(many.samples[name], cpu).minimum / spread(few.samples[name], cpu).minimum
            yield f"{name}: {many.docs:,} docs take {times:.1f} times the CPU time of {few.docs:,} (least of each)."


def _every_sample(rows: Iterable[RowResult]) -> Iterator[Sample]:
    for row in rows:
        for samples in row.samples.values():
            yield from samples


def _pair(figure: Spread | None) -> tuple[str, str]:
    return (NOTHING, NOTHING) if figure is None else (_number(figure.minimum), _number(figure.median))


def _of(figure: Spread) -> str:
    return f"{_number(figure.minimum)} / {_number(figure.median)}"


def _number(value: float) -> str:
    """Three figures are more than a busy machine can tell."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"

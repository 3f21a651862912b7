"""What came out of a benchmark: the values that are written as JSON and rendered as a table."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from speed.figures import Sample, Spread, cpu, extra, memory, ratio, scaled, spread, wall
from speed.rows import Measure
from speed.subjects import DOCS, YARDSTICKS


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """One row. ``samples`` by subject, in the order in which they ran; ``limit_s``: what waiting alone takes.

    ``left_out``: why a subject has no samples, by name; under the name of the docs where the whole row is left out.
    """

    key: str
    name: str
    docs: int
    measure: str
    goal: float | None
    reference: str | None
    limit_s: float | None
    samples: dict[str, tuple[Sample, ...]]
    left_out: dict[str, str]

    @property
    def ours(self) -> Iterable[str]:
        """The subjects that are endpoint docs."""
        return [name for name in self.samples if name.startswith(DOCS)]

    @property
    def others(self) -> Iterable[str]:
        """The other tools."""
        return [name for name in self.samples if not name.startswith(DOCS) and name not in YARDSTICKS]

    def figure(self, name: str) -> Spread | None:
        """The figure that counts in this row, for one subject; ``None`` where the reference is missing."""
        samples, measure = self.samples[name], Measure(self.measure)
        if measure is Measure.WALL_S:
            return spread(samples, wall)
        if measure is Measure.OVER_LIMIT:
            return None if self.limit_s is None else scaled(spread(samples, wall), 1 / self.limit_s)
        others = self.samples.get(self.reference or "")
        if others is None:
            return None
        if measure is Measure.MORE_CPU:
            return scaled(extra(samples, others, cpu), 1000)
        return ratio(samples, others, {Measure.CPU: cpu, Measure.WALL: wall, Measure.MEMORY: memory}[measure])


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What a bare client gets out of the servers, which bounds what anybody can.

    ``request_ms``: a request and its answer on one connection, without latency. ``over_limit``: with 100 ms, how many
    times the limit, by requests in flight.
    """

    request_ms: float
    over_limit: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything. ``left_out``: why a tool is not there at all. ``own_peak_bytes``: memory of the harness itself."""

    machine: dict[str, str]
    rounds: int
    own_peak_bytes: int
    servers: ServerFacts
    rows: tuple[RowResult, ...]
    left_out: tuple[str, ...]

    def to_json(self) -> str:
        """As text."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Report:
        """What ``to_json`` wrote."""
        value: dict[str, Any] = json.loads(text)
        return cls(
            **value
            | {
                "servers": ServerFacts(**value["servers"]),
                "rows": tuple(map(_row, value["rows"])),
                "left_out": tuple(value["left_out"]),
            }
        )


def _row(value: dict[str, Any]) -> RowResult:
    samples = {name: tuple(Sample(**sample) for sample in found) for name, found in value["samples"].items()}
    return RowResult(**value | {"samples": samples})

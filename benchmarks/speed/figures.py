"""From samples to figures: minima, medians, ratios. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of one subject. ``requests`` and ``connections`` are what the local servers counted."""

    cpu_s: float
    wall_s: float
    peak_bytes: int
    requests: int
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Two figures for one thing: the best that was seen, and what is usual."""

    minimum: float
    median: float


def cpu(sample: Sample) -> float:
    """Processor seconds."""
    return sample.cpu_s


def wall(sample: Sample) -> float:
    """Seconds on the clock."""
    return sample.wall_s


def memory(sample: Sample) -> float:
    """Bytes."""
    return float(sample.peak_bytes)


def spread(samples: Sequence[Sample], of: Callable[[Sample], float]) -> Spread:
    """Minimum and median of one quantity."""
    values = [of(sample) for sample in samples]
    return Spread(minimum=min(values), median=statistics.median(values))


def ratio(samples: Sequence[Sample], reference: Sequence[Sample], of: Callable[[Sample], float]) -> Spread:
    """How many times the reference.

    ``minimum`` holds the best against the best. ``median`` is the median over the rounds in which both ran of what
    they cost there, so a machine that gets busy for a while weighs on both sides.
    """
    pairs = zip(samples, reference, strict=False)
    return Spread(
        minimum=min(map(of, samples)) / min(map(of, reference)),
        median=statistics.median(of(sample) / of(other) for sample, other in pairs),
    )


def extra(samples: Sequence[Sample], reference: Sequence[Sample], of: Callable[[Sample], float]) -> Spread:
    """How much more than the reference, in the unit of the quantity; paired as in ``ratio``."""
    pairs = zip(samples, reference, strict=False)
    return Spread(
        minimum=min(map(of, samples)) - min(map(of, reference)),
        median=statistics.median(of(sample) - of(other) for sample, other in pairs),
    )


def scaled(spread_: Spread, factor: float) -> Spread:
    """The same in another unit."""
    return Spread(minimum=spread_.minimum * factor, median=spread_.median * factor)

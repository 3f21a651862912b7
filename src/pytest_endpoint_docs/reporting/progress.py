"""How far a long run is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

# Fewer say nothing about the rest: the first items also pay for starting everything.
_FEWEST_DURATIONS = 3


def estimate(done: int, total: int, durations_s: Sequence[float], *, workers: int = 1, current: str = "") -> str:
    """Where a run is, in one line: ``12 of 334 docs, about 3 min left: endpoints/a.md``.

    ``durations_s`` are those of the items that are done, in seconds; the time left is counted from their mean, shared
    by ``workers``, and left out before a few items are done.
    """
    text = f"{done:,} of {total:,} docs"
    left = total - done
    if left > 0 and len(durations_s) >= _FEWEST_DURATIONS:
        mean_s = sum(durations_s) / len(durations_s)
        text += f", about {render_seconds(mean_s * left / max(1, min(workers, left)))} left"
    return f"{text}: {current}" if current and left > 0 else text


def render_seconds(seconds: float) -> str:
    """A duration for people: ``0.4 s``, ``12 s``, ``3 min``, ``1 h 05 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"

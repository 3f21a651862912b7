"""Instants and durations as people write them."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY_S = 86_400.0


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant as an aware datetime in UTC; a date alone is its midnight, no offset means UTC.

    Raises: ``ValueError``.
    """
    instant = datetime.fromisoformat(text.strip())
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def instant_or_none(text: str) -> datetime | None:
    """The same; ``None`` where the text is not an instant."""
    try:
        return parse_instant(text)
    except ValueError:
        return None


def render_instant(instant: datetime) -> str:
    """An aware instant in UTC with seconds, ISO 8601: ``2026-02-08T10:24:43Z``."""
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def render_epoch(seconds: float) -> str:
    """The same of seconds since the epoch."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def parse_duration(text: str) -> timedelta:
    """``90d``, ``12h``, ``2w``, ``30m`` as a timedelta. Raises: ``ValueError``."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([mhdw])\s*", text.lower())
    if not match:
        raise ValueError(f"{text.strip()!r} is not a duration; expected a number with m, h, d or w, such as 90d")
    try:
        return timedelta(**{_UNITS[match[2]]: float(match[1])})
    except OverflowError as error:
        raise ValueError(f"{text.strip()!r} is longer than any doc will live") from error


def days(duration: timedelta) -> float:
    """A duration in days."""
    return duration.total_seconds() / _DAY_S

"""Variables that are always there: random and unique values, dates; evaluated once per case, when first used."""

from __future__ import annotations

import calendar
import string
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from types import MappingProxyType

from pytest_endpoint_docs.model.source import JSONValue

_FIRST_NAMES = ("Ada", "Bela", "Carla", "Dario", "Edda", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Leo")
_LAST_NAMES = ("Abel", "Brandt", "Costa", "Dvorak", "Ekman", "Ferrer", "Garcia", "Holm", "Ivanov", "Jansen", "Keller")
_STREETS = ("Alder", "Birch", "Cedar", "Elm", "Juniper", "Linden", "Maple", "Oak", "Poplar", "Rowan", "Willow")
_CLOSE_OF_DAY = time(17, tzinfo=UTC)


class UniqueClock:
    """Epoch milliseconds of a clock, never the same twice: not in a process, and not over the workers of a run.

    ``clock`` gives a timezone-aware time. Every value is congruent to ``worker`` modulo ``workers``; where values are
    asked for faster than the clock runs, they run ahead of it. Safe to use from several threads.
    """

    def __init__(self, clock: Callable[[], datetime], worker: int = 0, workers: int = 1) -> None:
        self._clock = clock
        self._workers = max(workers, 1)
        self._worker = worker % self._workers
        self._last = -1
        self._lock = threading.Lock()

    def milliseconds(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z, greater than every one before."""
        with self._lock:
            earliest = max(_milliseconds(self._clock()), self._last + 1)
            self._last = earliest + (self._worker - earliest) % self._workers
            return self._last


class Builtins(Mapping[str, JSONValue]):
    """The built-in variables of one case, by name.

    ``now`` is the case's timezone-aware time; dates are UTC. The same ``seed`` gives the same random values, so it
    names the run and the case.

    Raises: ``ValueError`` where ``now`` has no timezone.
    """

    def __init__(self, now: datetime, seed: str, unique: UniqueClock) -> None:
        if now.tzinfo is None:
            raise ValueError(f"the time of a case needs a timezone, {now.isoformat()} has none")
        self._now = now.astimezone(UTC)
        self._seed = seed
        self._unique = unique
        self._evaluated: dict[str, JSONValue] = {}

    def __getitem__(self, name: str) -> JSONValue:
        if name not in self._evaluated:
            self._evaluated[name] = self._evaluate(name)
        return self._evaluated[name]

    def __iter__(self) -> Iterator[str]:
        return iter(BUILTIN_NAMES)

    def __len__(self) -> int:
        return len(BUILTIN_NAMES)

    def __contains__(self, name: object) -> bool:
        return name in BUILTIN_NAMES

    def __repr__(self) -> str:
        return f"Builtins(now={self._now.isoformat()}, seed={self._seed!r})"

    def _evaluate(self, name: str) -> JSONValue:
        if name in _UNIQUE_NAMES:
            return str(self._unique.milliseconds())
        if name in _RANDOM:
            return _RANDOM[name](Random(f"{self._seed}:{name}"))
        return _TIMES[name](self._now)


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _seconds(moment: datetime) -> int:
    return _milliseconds(moment) // 1000


def _token(random: Random, length: int = 12) -> str:
    alphabet = string.ascii_lowercase + string.digits
    return random.choice(string.ascii_lowercase) + "".join(random.choices(alphabet, k=length - 1))


def _last_name(random: Random) -> str:
    return random.choice(_LAST_NAMES) + "".join(random.choices(string.ascii_lowercase, k=6))


def _address(random: Random) -> str:
    return f"{random.randint(1, 99999)} {random.choice(_STREETS)} Street, Springfield"


def _in_days(now: datetime, days: int) -> date:
    return now.date() + timedelta(days=days)


def _next_month(now: datetime) -> date:
    """The same day of the next month, or its last one where it is shorter."""
    year, month = (now.year, now.month + 1) if now.month < 12 else (now.year + 1, 1)
    return date(year, month, min(now.day, _days_in(year, month)))


def _days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _end_of_day(day: date) -> datetime:
    return datetime.combine(day, _CLOSE_OF_DAY)


def _datetime(moment: datetime) -> str:
    """RFC 3339 section 5.6, whole seconds, ``Z``."""
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


_UNIQUE_NAMES = ("unique_id", "timestamp")

_RANDOM: Mapping[str, Callable[[Random], JSONValue]] = MappingProxyType(
    {
        "random_firstname": lambda random: random.choice(_FIRST_NAMES),
        "random_lastname": _last_name,
        "random_email": lambda random: f"{_token(random, 16)}@example.com",
        "random_phone": lambda random: f"+1555{random.randrange(10**7):07}",
        "random_string": _token,
        "random_number": lambda random: random.randint(100_000, 999_999),
        "random_address": _address,
        "random_url": lambda random: f"https://example.com/{_token(random)}",
    }
)

_TIMES: Mapping[str, Callable[[datetime], JSONValue]] = MappingProxyType(
    {
        "current_date": lambda now: now.date().isoformat(),
        "today_date": lambda now: now.date().isoformat(),
        "tomorrow_date": lambda now: _in_days(now, 1).isoformat(),
        "yesterday_date": lambda now: _in_days(now, -1).isoformat(),
        "next_week_date": lambda now: _in_days(now, 7).isoformat(),
        "next_month_date": lambda now: _next_month(now).isoformat(),
        "start_of_month_date": lambda now: now.date().replace(day=1).isoformat(),
        "end_of_month_date": lambda now: now.date().replace(day=_days_in(now.year, now.month)).isoformat(),
        "now_datetime": _datetime,
        "future_datetime": lambda now: _datetime(now + timedelta(hours=24)),
        "future_datetime_48h": lambda now: _datetime(now + timedelta(hours=48)),
        "tomorrow_datetime": lambda now: _datetime(_end_of_day(_in_days(now, 1))),
        "next_week_datetime": lambda now: _datetime(_end_of_day(_in_days(now, 7))),
        "now_timestamp": _seconds,
        "tomorrow_timestamp": lambda now: _seconds(now + timedelta(days=1)),
        "current_year": lambda now: now.year,
        "current_month": lambda now: now.month,
    }
)

BUILTIN_NAMES: tuple[str, ...] = (*_RANDOM, *_UNIQUE_NAMES, *_TIMES)
"""The names of all built-in variables."""

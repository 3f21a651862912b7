"""Built-in variables: dates at the edges of months, random values by seed, unique values."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES, Builtins, UniqueClock

NOON = datetime(2026, 3, 10, 12, 30, 15, 999_000, tzinfo=UTC)


def builtins(now: datetime = NOON, seed: str = "run:case") -> Builtins:
    return Builtins(now, seed, UniqueClock(lambda: now))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("current_date", "2026-03-10"),
        ("today_date", "2026-03-10"),
        ("tomorrow_date", "2026-03-11"),
        ("yesterday_date", "2026-03-09"),
        ("next_week_date", "2026-03-17"),
        ("next_month_date", "2026-04-10"),
        ("start_of_month_date", "2026-03-01"),
        ("end_of_month_date", "2026-03-31"),
        ("now_datetime", "2026-03-10T12:30:15Z"),
        ("future_datetime", "2026-03-11T12:30:15Z"),
        ("future_datetime_48h", "2026-03-12T12:30:15Z"),
        ("tomorrow_datetime", "2026-03-11T17:00:00Z"),
        ("next_week_datetime", "2026-03-17T17:00:00Z"),
        ("now_timestamp", 1773145815),
        ("tomorrow_timestamp", 1773145815 + 86400),
        ("current_year", 2026),
        ("current_month", 3),
    ],
)
def test_times_come_from_the_clock_of_the_case(name: str, expected: str | int) -> None:
    assert builtins()[name] == expected


@pytest.mark.parametrize(
    ("today", "next_month", "end_of_month", "tomorrow", "yesterday"),
    [
        ("2026-01-31", "2026-02-28", "2026-01-31", "2026-02-01", "2026-01-30"),
        ("2028-01-30", "2028-02-29", "2028-01-31", "2028-01-31", "2028-01-29"),
        ("2028-02-29", "2028-03-29", "2028-02-29", "2028-03-01", "2028-02-28"),
        ("2026-12-31", "2027-01-31", "2026-12-31", "2027-01-01", "2026-12-30"),
        ("2026-05-31", "2026-06-30", "2026-05-31", "2026-06-01", "2026-05-30"),
        ("2100-02-28", "2100-03-28", "2100-02-28", "2100-03-01", "2100-02-27"),
    ],
)
def test_dates_hold_at_the_ends_of_months_and_years(
    today: str, next_month: str, end_of_month: str, tomorrow: str, yesterday: str
) -> None:
    values = builtins(datetime.fromisoformat(f"{today}T23:59:59+00:00"))
    assert values["today_date"] == today
    assert values["next_month_date"] == next_month
    assert values["end_of_month_date"] == end_of_month
    assert values["tomorrow_date"] == tomorrow
    assert values["yesterday_date"] == yesterday


def test_dates_are_utc_whatever_the_timezone_of_the_clock() -> None:
    late_evening = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert builtins(late_evening)["today_date"] == "2026-02-01"
    assert builtins(late_evening)["now_datetime"] == "2026-02-01T04:30:00Z"


def test_a_time_without_timezone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a timezone"):
        builtins(datetime(2026, 1, 1))  # noqa: DTZ001


def test_every_name_has_a_value_and_keeps_it_for_the_case() -> None:
    values = builtins()
    assert tuple(values) == BUILTIN_NAMES
    assert len(set(BUILTIN_NAMES)) == len(values) == 27
    assert dict(values) == dict(values)
    assert "current_date" in values
    assert "random" not in values
    with pytest.raises(KeyError):
        values["random"]


def test_nothing_is_drawn_from_the_unique_clock_before_it_is_used() -> None:
    unique = UniqueClock(lambda: NOON)
    values = Builtins(NOON, "seed", unique)
    assert values["random_email"]
    first = unique.milliseconds()
    assert values["timestamp"] == str(first + 1)


def test_the_seed_decides_the_random_values() -> None:
    names = [name for name in BUILTIN_NAMES if name.startswith("random_")]
    assert len(names) == 8
    assert [builtins(seed="a")[name] for name in names] == [builtins(seed="a")[name] for name in names]
    assert builtins(seed="a")["random_string"] != builtins(seed="b")["random_string"]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("random_firstname", r"[A-Z][a-z]+"),
        ("random_lastname", r"[A-Z][a-z]{8,}"),
        ("random_email", r"[a-z][a-z0-9]{15}@example\.com"),
        ("random_phone", r"\+1555\d{7}"),
        ("random_string", r"[a-z][a-z0-9]{11}"),
        ("random_address", r"\d+ \w+ Street, Springfield"),
        ("random_url", r"https://example\.com/[a-z0-9]{12}"),
        ("unique_id", r"\d{13}"),
        ("timestamp", r"\d{13}"),
    ],
)
def test_random_texts_have_their_shape(name: str, shape: str) -> None:
    for seed in map(str, range(50)):
        value = builtins(seed=seed)[name]
        assert isinstance(value, str)
        assert re.fullmatch(shape, value)


def test_a_random_number_is_a_number() -> None:
    assert type(builtins()["random_number"]) is int


def test_random_emails_of_many_cases_differ() -> None:
    emails = {builtins(seed=f"run:case {index}")["random_email"] for index in range(2000)}
    assert len(emails) == 2000


def test_unique_milliseconds_never_repeat_over_workers_and_threads() -> None:
    clocks = [UniqueClock(lambda: NOON, worker=worker, workers=3) for worker in range(3)]
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda index: (index % 3, clocks[index % 3].milliseconds()), range(3000)))
    assert len({value for _, value in drawn}) == 3000
    assert all(value % 3 == worker for worker, value in drawn)


def test_unique_milliseconds_follow_the_clock_and_never_go_back() -> None:
    times = iter([NOON, NOON + timedelta(seconds=5), NOON - timedelta(days=1)])
    clock = UniqueClock(lambda: next(times))
    epoch_ms = 1773145815999
    assert [clock.milliseconds() for _ in range(3)] == [epoch_ms, epoch_ms + 5000, epoch_ms + 5001]


def test_a_worker_beyond_the_count_still_gets_values() -> None:
    assert UniqueClock(lambda: NOON, worker=5, workers=4).milliseconds() % 4 == 1

"""How often requests leave, and when one is sent again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from pytest_endpoint_docs.http.shared_limits import number, places
from pytest_endpoint_docs.model.environment import Limits
from pytest_endpoint_docs.model.exchange import Response


class Pace:
    """Holds requests back to ``requests_per_second`` and ``max_in_flight``. Safe to use from several threads.

    The limits hold for all processes that share a folder, if there is one. ``now`` is a monotonic clock in seconds, the
    same for all of them.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        shared: Path | None = None,
    ) -> None:
        self._interval_s = 1 / limits.requests_per_second if limits.requests_per_second else 0.0
        self._place = places(limits.max_in_flight, shared)
        self._now = now
        self._sleep = sleep
        self._next_s = number("next-request", shared)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and keep it while the request is under way."""
        with self._place():
            wait_s = self._reserve()
            if wait_s > 0:
                self._sleep(wait_s)
            yield

    def _reserve(self) -> float:
        if not self._interval_s:
            return 0.0
        now = self._now()
        next_s = self._next_s.change(lambda next_s: max(now, next_s) + self._interval_s)
        return max(now, next_s) - now


class WaitBudget:
    """How long a run waits in all because servers asked it to (429, 503). Safe to use from several threads.

    It is one for all processes that share a folder, if there is one.
    ``announce`` takes a line for the person when a wait is refused for the first time.
    """

    def __init__(self, limits: Limits, *, announce: Callable[[str], None], shared: Path | None = None) -> None:
        self.longest_s = limits.retry_after_max_s
        self._total_s = limits.retry_after_total_s
        self._waited_s = number("waited", shared)
        self._announce = announce
        self._is_told = False
        self._lock = threading.Lock()

    def take(self, wait_s: float) -> bool:
        """Whether there is time left for this wait; it is taken then."""

        def added(waited_s: float) -> float:
            return waited_s + wait_s if waited_s + wait_s <= self._total_s else waited_s

        if self._waited_s.change(added) + wait_s <= self._total_s:
            return True
        with self._lock:
            is_first, self._is_told = not self._is_told, True
        if is_first:
            self._announce(
                f"servers asked to be tried again later (429, 503) for more than {self._total_s:g} s in all; "
                "from here on such an answer counts as it is (limits.retry_after_total_s of the environment)"
            )
        return False


MAX_ATTEMPTS = 3


def wait_before_repeat_s(response: Response, *, max_s: float, clock: Callable[[], datetime]) -> float | None:
    """Seconds to wait until the server asks to be tried again, or ``None`` where it should not be.

    Only 429 (RFC 6585 section 4) and 503 with a ``Retry-After`` in seconds or as an HTTP-date (RFC 9110 section
    10.2.3), of at most ``max_s``.
    """
    if response.status_code not in (429, 503):
        return None
    written = response.headers.get("Retry-After", "").strip()
    wait_s = _seconds(written, clock)
    return wait_s if wait_s is not None and wait_s <= max_s else None


def _seconds(written: str, clock: Callable[[], datetime]) -> float | None:
    if written.isascii() and written.isdigit():
        return float(written)
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - clock()).total_seconds())

"""How often requests leave, and when one is sent again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pytest_endpoint_docs.model.environment import Limits
from pytest_endpoint_docs.model.exchange import Response


class Pace:
    """Holds requests back to ``requests_per_second`` and ``max_in_flight``. Safe to use from several threads.

    ``now`` is a monotonic clock in seconds.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._interval_s = 1 / limits.requests_per_second if limits.requests_per_second else 0.0
        self._in_flight = threading.BoundedSemaphore(limits.max_in_flight) if limits.max_in_flight else nullcontext()
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_s = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and keep it while the request is under way."""
        with self._in_flight:
            wait_s = self._reserve()
            if wait_s > 0:
                self._sleep(wait_s)
            yield

    def _reserve(self) -> float:
        if not self._interval_s:
            return 0.0
        with self._lock:
            now = self._now()
            start = max(now, self._next_s)
            self._next_s = start + self._interval_s
            return start - now


class WaitBudget:
    """How long a process waits in all because servers asked it to (429, 503). Safe to use from several threads.

    ``announce`` takes a line for the person when a wait is refused for the first time.
    """

    def __init__(self, limits: Limits, *, announce: Callable[[str], None]) -> None:
        self.longest_s = limits.retry_after_max_s
        self._total_s = limits.retry_after_total_s
        self._left_s = limits.retry_after_total_s
        self._announce = announce
        self._is_told = False
        self._lock = threading.Lock()

    def take(self, wait_s: float) -> bool:
        """Whether there is time left for this wait; it is taken then."""
        with self._lock:
            if wait_s <= self._left_s:
                self._left_s -= wait_s
                return True
            is_first, self._is_told = not self._is_told, True
        if is_first:
            self._announce(
                f"servers asked to be tried again later (429, 503) for more than {self._total_s:g} s in all; "
                "from here on such an answer counts as it is (limits.retry_after_total_s of the environment)"
            )
        return False


SAFE = frozenset(["GET", "HEAD", "OPTIONS", "TRACE"])
"""Methods that change nothing on the server (RFC 9110 section 9.2.1)."""

IDEMPOTENT = frozenset(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])
"""Methods that may be repeated by a client on its own (RFC 9110 section 9.2.2)."""

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

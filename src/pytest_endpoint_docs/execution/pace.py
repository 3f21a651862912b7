"""How fast requests may leave: the environment's ``limits``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from pytest_endpoint_docs.model import Limits


class Pace:
    """Holds requests back to ``requests_per_second`` and ``max_in_flight``. Safe to use from several threads.

    ``now`` is a monotonic clock in seconds.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
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

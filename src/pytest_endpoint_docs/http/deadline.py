"""Ending an exchange at its deadline, whatever it waits for.

Timeouts of sockets start again at every read: a server that sends octet by octet never meets them. So the socket itself
is shut down when the time is over. That ends whatever reads or writes it: the handshake of TLS, status line, header
fields, content, trailers.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar


class Ending:
    """When an exchange has to be over, told to each wait of it; ``deadline_s`` is a moment of the monotonic clock."""

    __slots__ = ("deadline_s",)

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s

    @property
    def is_over(self) -> bool:
        """Whether that moment has passed."""
        return time.monotonic() >= self.deadline_s

    def bound(self, used: socket.socket) -> socket.socket:
        """The socket, whose next wait ends by then. Raises: ``TimeoutError``."""
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        used.settimeout(left_s)
        return used


class Watched:
    """One exchange: its sockets, and whether its time is over. ``deadline_s`` is a moment of the monotonic clock."""

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self.is_over = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    def uses(self, fileno: int) -> None:
        """Note a socket by its descriptor: the duplicate stays good when TLS takes the socket over."""
        duplicate = socket.socket(fileno=socket.dup(fileno))
        with self._lock:
            self._sockets.append(duplicate)
            if self.is_over:
                _shut_down(duplicate)

    def end(self) -> None:
        """Shut the sockets down."""
        with self._lock:
            self.is_over = True
            for used in self._sockets:
                _shut_down(used)

    def release(self) -> None:
        """Let the sockets go; they stay as they are."""
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()


def _shut_down(used: socket.socket) -> None:
    with suppress(OSError):  # the server was faster
        used.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """Ends the exchanges of a client at their deadlines, from one thread that lives while there are some."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._watched: set[Watched] = set()
        self._wakes_at_s = float("inf")
        self._thread: threading.Thread | None = None

    @contextmanager
    def exchange(self, deadline_s: float) -> Iterator[Watched]:
        """The exchange that this thread has until the block ends; its connections find it by themselves."""
        watched = Watched(deadline_s)
        token = _CURRENT.set(watched)
        self._add(watched)
        try:
            yield watched
        finally:
            _CURRENT.reset(token)
            with self._condition:
                self._watched.discard(watched)
            watched.release()

    def close(self) -> None:
        """End what is still under way: requests that were sent ahead, and that nobody waits for. Let the thread end."""
        with self._condition:
            for watched in self._watched:
                watched.end()
            self._watched.clear()
            thread = self._thread
            self._condition.notify()
        if thread is not None:
            thread.join()

    def _add(self, watched: Watched) -> None:
        with self._condition:
            self._watched.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="endpoint-docs deadlines", daemon=True)
                self._thread.start()
            elif watched.deadline_s < self._wakes_at_s:
                self._condition.notify()

    def _watch(self) -> None:
        with self._condition:
            while self._watched:
                now = time.monotonic()
                late = {watched for watched in self._watched if watched.deadline_s <= now}
                for watched in late:
                    watched.end()
                self._watched -= late
                if self._watched:
                    self._wakes_at_s = min(watched.deadline_s for watched in self._watched)
                    self._condition.wait(self._wakes_at_s - now)
            self._thread = None


_CURRENT: ContextVar[Watched | None] = ContextVar("exchange of this thread", default=None)


def note_socket(used: socket.socket | None) -> None:
    """Let the exchange of this thread, if it has one that is watched, know the socket that it uses."""
    watched = _CURRENT.get()
    if watched is not None and used is not None:
        watched.uses(used.fileno())

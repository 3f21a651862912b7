"""Requests that have left, and whose answers are read later, by the thread that sent them.

A thread for each would wait for its answer as well. But Python's threads wait for each other, too: some thirty times
for each answer.
"""

from __future__ import annotations

import selectors
import threading
import time
from collections.abc import Callable
from typing import Any


class Departure:
    """A request that has left over a connection at ``left_s``; all moments are of the monotonic clock.

    ``arrived_s`` is when its answer began to come, as far as anybody has looked, ``deadline_s`` when it must be there.
    Once it is read: so long it had lain there (``unread_s``), so long the reading took (``reading_s``).
    """

    __slots__ = ("arrived_s", "connection", "deadline_s", "left_s", "reading_s", "unread_s")

    def __init__(self, connection: Any, deadline_s: float) -> None:
        self.connection = connection
        self.left_s = time.monotonic()
        self.deadline_s = deadline_s
        self.arrived_s: float | None = None
        self.unread_s = self.reading_s = 0.0


class Arrivals:
    """Notes when answers begin to come. For the thread that made it alone.

    ``let_go`` closes the connections of those that nobody reads.
    """

    def __init__(self, let_go: Callable[[Any], object]) -> None:
        self._let_go = let_go
        self._thread = threading.get_ident()
        self._selector = selectors.DefaultSelector()
        self._unread: set[Departure] = set()
        self._forgotten: set[Departure] = set()
        self._looked_s = 0.0

    def __len__(self) -> int:
        """How many answers have not begun to come."""
        return len(self._selector.get_map())

    @property
    def is_mine(self) -> bool:
        """Whether this thread may ask."""
        return threading.get_ident() == self._thread

    def expect(self, departure: Departure) -> None:
        """Note the answer to a request when it begins to come."""
        self._unread.add(departure)
        self._selector.register(departure.connection.sock, selectors.EVENT_READ, departure)

    def look(self, wait_s: float = 0.0) -> None:
        """Note what has begun to come; where there is nothing, wait for something so long."""
        begins_s = time.monotonic()
        for key, _ in self._selector.select(wait_s):
            self._selector.unregister(key.fileobj)
            departure: Departure = key.data
            departure.arrived_s = time.monotonic()
            if self._looked_s < departure.deadline_s < begins_s:
                # It may have come in time: nobody looked since before its end.
                departure.arrived_s = max(self._looked_s, departure.left_s)
            if departure in self._forgotten:
                self._end(departure)
        self._looked_s = time.monotonic()

    def look_for(self, seconds: float) -> float:
        """Note what begins to come for so long, while there is anything. Returns: how long is left then."""
        until_s = time.monotonic() + seconds
        while len(self) and time.monotonic() < until_s:
            self.look(max(until_s - time.monotonic(), 0.0))
        return max(until_s - time.monotonic(), 0.0)

    def wait_for(self, departure: Departure) -> float:
        """Wait for an answer; note what else comes. Returns: since when it can be read. Raises: ``TimeoutError``."""
        self._unread.discard(departure)
        try:
            while departure.arrived_s is None:
                left_s = departure.deadline_s - time.monotonic()
                self.look(max(left_s, 0.0))
                if departure.arrived_s is None and left_s <= 0:
                    raise TimeoutError
        finally:
            # Nobody waits for it any more, whatever ended the wait; its connection is closed.
            if departure.arrived_s is None:
                self._selector.unregister(departure.connection.sock)
        return departure.arrived_s

    def forget(self, departure: Departure) -> None:
        """Close the connection of an answer that nobody has read, once the server has answered."""
        if departure in self._unread and departure.arrived_s is None:
            self._forgotten.add(departure)
        elif departure in self._unread:
            self._end(departure)

    def _end(self, departure: Departure) -> None:
        self._unread.discard(departure)
        self._forgotten.discard(departure)
        self._let_go(departure.connection)

    def close(self) -> None:
        """Close the connections of answers that nobody has read."""
        self._selector.close()
        for departure in [*self._unread]:
            self._end(departure)

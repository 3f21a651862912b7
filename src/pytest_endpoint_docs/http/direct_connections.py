"""Exchanges over connections without a proxy: urllib3 opens them, and reads what is not plain.

Their deadline is held by each wait: it is never longer than what is left of the time.
"""

from __future__ import annotations

import io
import re
import socket
import threading
import time
import weakref
from collections import defaultdict
from contextlib import suppress
from typing import Any

import urllib3
from urllib3 import HTTPHeaderDict
from urllib3.exceptions import ConnectTimeoutError, IncompleteRead, ProtocolError

from pytest_endpoint_docs.http.bounded_content import CHUNK, Bounds, read_content
from pytest_endpoint_docs.http.deadline import Watchdog, WatchedPool
from pytest_endpoint_docs.http.plain_answer import FinalResponse, PlainHead, Received, plain_head
from pytest_endpoint_docs.model.header_fields import HeaderFields

# A line of a field that goes on in the next one (RFC 9112 section 5.2).
_FOLD = re.compile(r"\r?\n[ \t]+")


class Ending:
    """When an exchange has to be over; ``deadline_s`` is a moment of the monotonic clock."""

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


class DirectConnections:
    """Keeps up to ``size`` idle connections of each pool, and ends those in use. Safe to use from several threads."""

    def __init__(self, watchdog: Watchdog, *, size: int) -> None:
        self._watchdog = watchdog
        self._size = size
        self._lock = threading.Lock()
        self._idle: dict[WatchedPool, list[Any]] = defaultdict(list)
        self._busy: set[Any] = set()
        self._is_closed = False
        weakref.finalize(self, _close_all, self._idle)

    def exchange(
        self, pool: WatchedPool, method: str, octets: bytes, bounds: Bounds, *, connect_timeout_s: float
    ) -> Received:
        """Send a request and read its answer.

        Raises: ``RequestTimeout``, ``ResponseTooLarge``; what urllib3, ``http.client`` and sockets raise.
        """
        ending = Ending(time.monotonic() + bounds.timeout_s)
        connection = self._taken(pool) or self._opened(pool, ending, connect_timeout_s)
        reading = _Reading(connection.sock, ending, method, bounds)
        try:
            return reading.answer_to(octets)
        finally:
            pending = getattr(connection.sock, "pending", int)
            self._let_go(pool, connection, stays=reading.is_complete and not pending())

    def close(self) -> None:
        """Close what is idle, and end what is under way."""
        with self._lock:
            self._is_closed = True
            _close_all(self._idle)
            for connection in self._busy:
                with suppress(OSError):
                    # Not the method of TLS sockets, which takes their state away from the thread that reads.
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    def _taken(self, pool: WatchedPool) -> Any:
        while True:
            with self._lock:
                if not self._idle[pool]:
                    return None
                connection = self._idle[pool].pop()
                self._busy.add(connection)
            # What the server closed in the meantime can be read from, as can what it should not have sent.
            if connection.is_connected:
                return connection
            self._let_go(pool, connection, stays=False)

    def _opened(self, pool: WatchedPool, ending: Ending, connect_timeout_s: float) -> Any:
        connection = pool.new_connection(connect_timeout_s)
        with self._watchdog.exchange(ending.deadline_s) as watched:
            try:
                connection.connect()
            except BaseException as error:
                connection.close()
                if watched.is_over and not isinstance(error, ConnectTimeoutError):
                    raise TimeoutError from None
                raise
        with self._lock:
            if not self._is_closed:
                self._busy.add(connection)
                return connection
        connection.close()
        raise ConnectionAbortedError("the run is over")

    def _let_go(self, pool: WatchedPool, connection: Any, *, stays: bool) -> None:
        with self._lock:
            self._busy.discard(connection)
            if stays and not self._is_closed and len(self._idle[pool]) < self._size:
                self._idle[pool].append(connection)
                return
        connection.close()


def _close_all(idle: dict[WatchedPool, list[Any]]) -> None:
    for connections in idle.values():
        while connections:
            connections.pop().close()


class _Reading:
    """The reading of one answer; ``is_complete``: nothing of it is left on its connection, which can be used again."""

    def __init__(self, used: socket.socket, ending: Ending, method: str, bounds: Bounds) -> None:
        self.is_complete = False
        self._socket = used
        self._ending = ending
        self._method = method
        self._bounds = bounds

    def answer_to(self, octets: bytes) -> Received:
        # A server may answer before it has read all, and close: its answer counts.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._ending.bound(self._socket).sendall(octets)
        first = self._ending.bound(self._socket).recv(CHUNK)
        head = plain_head(first)
        return self._by_library(first) if head is None else self._plain(head, first)

    def _plain(self, head: PlainHead, first: bytes) -> Received:
        chunks = [first[head.end :]]
        size = len(chunks[0])
        if head.length > self._bounds.max_bytes:
            raise self._bounds.too_large()
        while size < head.length:
            try:
                # No less than there is: what TLS had read of the next octets could not be seen on the socket.
                chunk = self._ending.bound(self._socket).recv(CHUNK)
            except TimeoutError as error:
                raise self._bounds.too_late(came=size) from error
            if not chunk:
                lacking = IncompleteRead(size, head.length - size)
                raise ProtocolError(f"Connection broken: {lacking!r}", lacking)
            chunks.append(chunk)
            size += len(chunk)
        self.is_complete = size == head.length
        content = b"".join(chunks)[: head.length]
        return Received(status=head.status, reason=head.reason, fields=head.fields, content=content)

    def _by_library(self, first: bytes) -> Received:
        response: Any = FinalResponse(_Beginning(self._socket, self._ending, first), method=self._method)  # type: ignore[arg-type]
        response.begin()
        will_close = response.will_close
        answer = urllib3.HTTPResponse(
            body=response,
            headers=HTTPHeaderDict((name, _FOLD.sub(" ", value)) for name, value in response.msg.items()),
            status=response.status,
            version=response.version,
            reason=response.reason,
            preload_content=False,
            decode_content=False,
            original_response=response,
            request_method=self._method,
        )
        content = read_content(answer, self._bounds, self._ending)
        self.is_complete = not will_close
        fields = HeaderFields((name, answer.headers[name]) for name in answer.headers)
        return Received(status=answer.status, reason=answer.reason or "", fields=fields, content=content)


class _Beginning(io.RawIOBase):
    """What came of an answer, then what comes of it until its deadline: what a library takes for a socket."""

    def __init__(self, used: socket.socket, ending: Ending, first: bytes) -> None:
        self._socket = used
        self._ending = ending
        self._first = memoryview(first)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """A file to read from, as a socket gives one."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, or what comes next."""
        if self._first:
            count = min(len(self._first), len(buffer))
            buffer[:count] = self._first[:count]
            self._first = self._first[count:]
            return count
        return self._ending.bound(self._socket).recv_into(buffer)

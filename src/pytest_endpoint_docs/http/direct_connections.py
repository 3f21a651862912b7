"""Exchanges over connections without a proxy; what is not plain in them is left to the libraries.

Their deadline is held by each wait: it is never longer than what is left of the time.
"""

from __future__ import annotations

import select
import socket
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pytest_endpoint_docs.http.bounded_content import CHUNK, Bounds, read_answer
from pytest_endpoint_docs.http.deadline import Ending, Watchdog
from pytest_endpoint_docs.http.plain_answer import PlainHead, Received, plain_head
from pytest_endpoint_docs.http.targets import Origin
from pytest_endpoint_docs.http.under_way import Arrivals, Departure


class PlainConnection:
    """A connection without TLS, opened within a time; ``host`` is a name or an IPv4 address, see ``request_octets``.

    Raises: what urllib3 raises where there is none.
    """

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        try:
            self.sock = socket.create_connection((host, port), timeout_s)
        except (OSError, UnicodeError) as error:  # the latter where a part of a name is empty or too long
            raise _not_connected(host, error) from error
        # Requests are sent in one go: nothing that could come with them is to be waited for (RFC 9293 section 3.7.4).
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def is_connected(self) -> bool:
        """Whether an idle connection can be used: nothing is there to be read, not even its end."""
        if not hasattr(select, "poll"):  # Windows
            return not any(select.select([self.sock], [], [], 0))
        arriving = select.poll()
        arriving.register(self.sock, select.POLLIN)
        return not arriving.poll(0)

    def close(self) -> None:
        """Close it."""
        self.sock.close()


def _not_connected(host: str, error: OSError | UnicodeError) -> Exception:
    """What urllib3 raises for a connection that cannot be opened."""
    from urllib3.connection import HTTPConnection
    from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

    asked = HTTPConnection(host)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return NameResolutionError(host, asked, error)  # type: ignore[arg-type]
    kind = ConnectTimeoutError if isinstance(error, TimeoutError) else NewConnectionError
    return kind(asked, str(error))


class DirectConnections:
    """Keeps up to ``size`` idle connections to each origin, and ends those in use. Safe to use from several threads.

    ``with_tls`` makes a connection of the library to an origin, to be opened within a time. ``meanwhile`` is done once,
    after the next request has left and before its answer is waited for; it raises nothing.
    """

    meanwhile: Callable[[], object] | None = None

    def __init__(self, with_tls: Callable[[Origin, float], Any], watchdog: Watchdog, *, size: int) -> None:
        self._with_tls = with_tls
        self._watchdog = watchdog
        self._size = size
        self._lock = threading.Lock()
        self._idle: dict[Origin, list[Any]] = defaultdict(list)
        self._busy: set[Any] = set()
        self._is_closed = False
        self._arrivals: Arrivals | None = None
        weakref.finalize(self, _close_all, self._idle)

    @property
    def awaited(self) -> int:
        """How many requests have left early whose answers have not begun to come, as far as anybody has looked."""
        return len(self._arrivals) if self._arrivals is not None else 0

    def exchange(
        self, origin: Origin, method: str, octets: bytes, bounds: Bounds, *, connect_timeout_s: float
    ) -> Received:
        """Send a request and read its answer.

        Raises: ``RequestTimeout``, ``ResponseTooLarge``; what urllib3, ``http.client`` and sockets raise;
        ``ConfigError`` for a certificate that cannot be used.
        """
        ending = Ending(time.monotonic() + bounds.timeout_s)
        connection = self._taken(origin) or self._opened(origin, ending, connect_timeout_s)
        reading = _Reading(connection.sock, ending, method, bounds)
        meanwhile, self.meanwhile = self.meanwhile, None
        try:
            reading.send(octets)
            if meanwhile is not None:
                meanwhile()
            if self._arrivals is not None and self._arrivals.is_mine and self._arrivals:
                # Those of others come while this one is waited for.
                departure = Departure(connection, ending.deadline_s)
                self._arrivals.expect(departure)
                self._arrivals.wait_for(departure)
            return reading.answer()
        finally:
            self._read(origin, connection, reading)

    def leave(self, origin: Origin, octets: bytes, *, timeout_s: float) -> Departure | None:
        """Send a request over an idle connection. Returns: what :meth:`arrived` asks for, ``None`` where there is none.

        Only for one thread of the process.
        """
        connection = self._taken(origin)
        if connection is None:
            return None
        ending = Ending(time.monotonic() + timeout_s)
        try:
            ending.bound(connection.sock).sendall(octets)
        except OSError:
            self._end(connection)
            return None
        if self._arrivals is None:
            self._arrivals = Arrivals(self._end)
        departure = Departure(connection, ending.deadline_s)
        self._arrivals.expect(departure)
        return departure

    def arrived(self, origin: Origin, method: str, departure: Departure, bounds: Bounds) -> Received:
        """Read the answer to a request that left early.

        By the time that it had lain unread, its deadline is later: the server may have waited for somebody who reads.

        Raises: as :meth:`exchange` does.
        """
        ending = Ending(departure.deadline_s)
        reading = _Reading(departure.connection.sock, ending, method, bounds)
        try:
            assert self._arrivals is not None
            arrived_s = self._arrivals.wait_for(departure)
            begins_s = time.monotonic()
            departure.unread_s = begins_s - arrived_s
            ending.deadline_s += departure.unread_s
            received = reading.answer()
            departure.reading_s = time.monotonic() - begins_s
            return received
        finally:
            self._read(origin, departure.connection, reading)

    def forget(self, departure: Departure) -> None:
        """Close the connection of an answer that nobody has read, once it comes: it cannot be used again."""
        if self._arrivals is not None:
            self._arrivals.forget(departure)

    def look(self) -> None:
        """Note which answers to requests that left early have begun to come."""
        if self._arrivals:
            self._arrivals.look()

    def look_for(self, seconds: float) -> float:
        """Note it for so long, if this is the thread that may. Returns: how long is left to wait."""
        return self._arrivals.look_for(seconds) if self._arrivals and self._arrivals.is_mine else seconds

    def close(self) -> None:
        """Close what is idle, and end what is under way."""
        with self._lock:
            self._is_closed = True
            _close_all(self._idle)
            for connection in self._busy:
                with suppress(OSError):
                    # Not the method of TLS sockets, which takes their state away from the thread that reads.
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        if self._arrivals is not None:
            self._arrivals.close()
            self._arrivals = None

    def _read(self, origin: Origin, connection: Any, reading: _Reading) -> None:
        pending = getattr(connection.sock, "pending", int)
        self._let_go(origin, connection, stays=reading.is_complete and not pending())

    def _taken(self, origin: Origin) -> Any:
        while True:
            with self._lock:
                if not self._idle[origin]:
                    return None
                connection = self._idle[origin].pop()
                self._busy.add(connection)
            # What the server closed in the meantime can be read from, as can what it should not have sent.
            if connection.is_connected:
                return connection
            self._end(connection)

    def _opened(self, origin: Origin, ending: Ending, connect_timeout_s: float) -> Any:
        scheme, host, port = origin
        if scheme == "http":
            connection: Any = PlainConnection(host, port, connect_timeout_s)
        else:
            connection = self._opened_with_tls(origin, ending, connect_timeout_s)
        with self._lock:
            if not self._is_closed:
                self._busy.add(connection)
                return connection
        connection.close()
        raise ConnectionAbortedError("the run is over")

    def _opened_with_tls(self, origin: Origin, ending: Ending, connect_timeout_s: float) -> Any:
        from urllib3.exceptions import ConnectTimeoutError

        connection = self._with_tls(origin, connect_timeout_s)
        with self._watchdog.exchange(ending.deadline_s) as watched:
            try:
                connection.connect()
            except BaseException as error:
                connection.close()
                if watched.is_over and not isinstance(error, ConnectTimeoutError):
                    raise TimeoutError from None
                raise
        return connection

    def _let_go(self, origin: Origin, connection: Any, *, stays: bool) -> None:
        with self._lock:
            if stays and not self._is_closed and len(self._idle[origin]) < self._size:
                self._busy.discard(connection)
                self._idle[origin].append(connection)
                return
        self._end(connection)

    def _end(self, connection: Any) -> None:
        with self._lock:
            self._busy.discard(connection)
        connection.close()


def _close_all(idle: dict[Origin, list[Any]]) -> None:
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

    def send(self, octets: bytes) -> None:
        # A server may answer before it has read all, and close: its answer counts.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._ending.bound(self._socket).sendall(octets)

    def answer(self) -> Received:
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
                from urllib3.exceptions import IncompleteRead, ProtocolError

                lacking = IncompleteRead(size, head.length - size)
                raise ProtocolError(f"Connection broken: {lacking!r}", lacking)
            chunks.append(chunk)
            size += len(chunk)
        self.is_complete = size == head.length
        content = b"".join(chunks)[: head.length]
        return Received(status=head.status, reason=head.reason, fields=head.fields, content=content)

    def _by_library(self, first: bytes) -> Received:
        from pytest_endpoint_docs.http.urllib3_answer import urllib3_answer

        answer, stays = urllib3_answer(self._socket, first, self._ending, method=self._method)
        received = read_answer(answer, self._bounds, self._ending)
        self.is_complete = stays
        return received

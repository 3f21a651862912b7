"""The one place where requests leave, and where secrets are revealed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import nullcontext
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pytest_endpoint_docs.errors import RequestError, UnusableAnswer
from pytest_endpoint_docs.http.bounded_content import CONNECT_TIMEOUT_S, Bounds, library_errors, read_answer
from pytest_endpoint_docs.http.connections import Connections, Route
from pytest_endpoint_docs.http.deadline import Watchdog
from pytest_endpoint_docs.http.direct_connections import DirectConnections
from pytest_endpoint_docs.http.methods import IDEMPOTENT, refuse_in_production
from pytest_endpoint_docs.http.pace import MAX_ATTEMPTS, Pace, WaitBudget, wait_before_repeat_s
from pytest_endpoint_docs.http.plain_answer import Received
from pytest_endpoint_docs.http.redirects import MAX_REDIRECTS, REDIRECTS, NotFollowed, RedirectRules
from pytest_endpoint_docs.http.targets import Origin, Target, allowed_origins, parse_target, shown_origin
from pytest_endpoint_docs.http.under_way import Departure
from pytest_endpoint_docs.http.wire import WireRequest, request_octets, target_uri, wire_request
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.exchanges import learn_response, learn_sent
from pytest_endpoint_docs.redaction.redactor import Redactor

_LOG = logging.getLogger(__name__)
# As many as may be under way at most.
_POOL_SIZE = 128
# Octets that a connection without anything under way takes without waiting for the server.
_AT_ONCE = 8192
# An answer of which all is there is read in far less.
_LONG_READING_S = 0.02


@value_class(frozen=True)
class Answer:
    """A response, and how often it was asked for: once, and again after 429, 503 or a lost connection."""

    response: Response
    attempts: int = 1


class HttpClient:
    """Sends requests over one pool of connections, within the environment's limits. Safe to use from several threads.

    Requests go to the origins that the environment names, and nowhere else. Every request has a deadline: ``timeout_s``
    of the environment from its sending to the last octet of its answer, one for each attempt. ``max_response_bytes``
    bounds the decoded content. Cookies are neither kept nor shared, ``.netrc`` is not read; the proxies of the standard
    variables are used. ``announce`` takes a line for the person, once, when the time for waiting is used up. Clients
    of several processes that are given the same folder as ``shared_limits`` keep the environment's limits together.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], object] | None = None,
        max_response_bytes: int = 10_000_000,
        announce: Callable[[str], None] = lambda _: None,
        shared_limits: Path | None = None,
    ) -> None:
        limits = environment.limits
        self._environment = environment
        self._timeout_s = environment.timeout_s
        self._rules = RedirectRules.of(environment, allowed_origins(environment))
        self._max_response_bytes = max_response_bytes
        self._clock = clock
        self._is_closed = threading.Event()
        self._given_sleep = sleep
        self._budget = WaitBudget(limits, announce=announce, shared=shared_limits)
        is_held_back = limits.requests_per_second or limits.max_in_flight
        self.may_leave = not is_held_back
        waits = sleep or self._is_closed.wait
        self._turn = Pace(limits, sleep=waits, shared=shared_limits).turn if is_held_back else nullcontext
        size = limits.max_in_flight or _POOL_SIZE
        self._connections = Connections(environment, size=size)
        self._watchdog = Watchdog()
        self._direct = DirectConnections(self._connections.opening, self._watchdog, size=size)
        self._redactor: Redactor | None = None

    def learning(self, redactor: Redactor) -> HttpClient:
        """The same client for a project's own tests: a boundary learns what is sent and what comes, redirects too.

        Docs learn their exchanges by themselves, beside what the doc says.
        """
        client = copy(self)
        client._redactor = redactor
        return client

    def send(self, request: Request, *, documented: Collection[int] = ()) -> Answer:
        """Send a request and read its answer.

        ``documented`` are the status codes that the doc expects: such an answer is final, even if it is a redirect or
        asks to be tried again.

        Raises: ``ConnectionFailed``, ``RequestTimeout``, ``ResponseTooLarge``, ``UnusableAnswer``;
        ``MethodNotAllowed`` in production; ``RequestError`` for what cannot be sent.
        """
        return self._send(request, documented, None)

    def leave(self, request: Request) -> Departure | None:
        """Send a request now; :meth:`arrived` reads its answer. Only for one thread of a process.

        Returns: ``None`` where it cannot leave without waiting for a connection, or because of the limits; and once an
        answer needed more than to be read: a redirect that was followed, a wait, more of it. Such are waited for in
        several threads, and here one after the other.
        """
        if not self.may_leave or self._is_closed.is_set():
            return None
        self.refuse_in_production(request.method)
        wire = wire_request(request)
        target, route = self._way(wire)
        self.may_leave = route.is_direct
        octets = request_octets(wire, target) if route.is_direct else None
        if octets is None or len(octets) > _AT_ONCE:
            return None
        return self._direct.leave(target.origin, octets, timeout_s=self._timeout_s)

    def arrived(self, departure: Departure, request: Request, *, documented: Collection[int] = ()) -> Answer:
        """The answer to a request that has left by :meth:`leave`; else as :meth:`send`, redirects and all."""
        return self._send(request, documented, departure)

    def forget(self, departure: Departure) -> None:
        """Nobody will ask for this answer, if nobody has."""
        self._direct.forget(departure)

    @property
    def awaited(self) -> int:
        """How many requests have left by :meth:`leave` whose answers have not begun to come."""
        return self._direct.awaited

    def look(self) -> None:
        """Note which of these answers have begun to come: from now on they only wait for who reads them."""
        self._direct.look()

    def sleep(self, seconds: float) -> None:
        """Wait, and note them meanwhile; it ends with the client: nothing leaves after the run, however long it is."""
        self._is_closed.wait(self._direct.look_for(seconds))

    def _send(self, request: Request, documented: Collection[int], departure: Departure | None) -> Answer:
        # Whatever a hook made of it: here is the last place to stop it.
        self.refuse_in_production(request.method)
        attempts, was_lost = 0, False
        while True:
            attempts += 1
            may_repeat = request.method in IDEMPOTENT and attempts < MAX_ATTEMPTS
            left, departure = departure, None
            try:
                response = self._follow(request, documented, left)
            except library_errors() as error:
                from pytest_endpoint_docs.http.failures import is_lost_connection, request_error

                # A server may close an idle connection of the pool at the moment that it is used again.
                if may_repeat and not was_lost and is_lost_connection(error):
                    was_lost = True
                    continue
                raise request_error(error, target_uri(request), self._timeout_s) from error
            except ValueError as error:
                raise RequestError(f"{request.method} {request.url} cannot be sent: {error}") from error
            if left is not None:
                self.may_leave &= not response.redirects and left.reading_s < _LONG_READING_S
            wait_s = None
            if may_repeat and response.status_code not in documented:
                wait_s = self._wait_s(response, left.unread_s if left else 0.0)
            if wait_s is None or not self._budget.take(wait_s):
                return Answer(response=response, attempts=attempts)
            (self._given_sleep or self.sleep)(wait_s)

    def _wait_s(self, response: Response, unread_s: float) -> float | None:
        """So long to wait before the request is repeated, counted from when its answer came; ``None``: it is not."""
        since = timedelta(seconds=unread_s)
        wait_s = wait_before_repeat_s(response, max_s=self._budget.longest_s, clock=lambda: self._clock() - since)
        if wait_s is None:
            return None
        self.may_leave = False
        return max(wait_s - unread_s, 0.0)

    def exchange(self, wire: WireRequest) -> Response:
        """Send a request as it stands, once, and read its answer: a redirect is an answer like any other.

        Raises: as :meth:`send` does.
        """
        try:
            return self._once(wire)
        except library_errors() as error:
            from pytest_endpoint_docs.http.failures import request_error

            raise request_error(error, wire.shown_url, self._timeout_s) from error
        except ValueError as error:
            raise RequestError(f"{wire.method} {wire.shown_url} cannot be sent: {error}") from error

    def do_meanwhile(self, work: Callable[[], object]) -> None:
        """Have ``work`` done while the next answer is waited for, once; it raises nothing.

        To wait for an answer of a fast server costs as much as short work does: the process is put aside, and starts
        anew. Work that takes longer than the server makes the answer come later, ``elapsed_s`` included.
        """
        self._direct.meanwhile = work

    def refuse_in_production(self, method: str) -> None:
        """Raises: ``MethodNotAllowed`` where production refuses the method."""
        refuse_in_production(self._environment, method)

    def close(self) -> None:
        """Close the connections, and send nothing any more."""
        self._is_closed.set()
        self._direct.close()
        self._connections.close()
        self._watchdog.close()

    def _follow(self, request: Request, documented: Collection[int], departure: Departure | None) -> Response:
        redirects = 0
        while True:
            wire = wire_request(request)
            left, departure = departure, None
            try:
                response = self._once(wire, left)
            except library_errors() as error:
                from pytest_endpoint_docs.http.failures import is_lost_connection, request_error

                if not redirects or is_lost_connection(error):
                    raise
                # The error is about where the redirect led, not about the URL of the doc.
                failed = request_error(error, wire.url, self._timeout_s)
                # What the doc asked for was sent, and answered, with the redirect.
                failed.was_sent, failed.obstacle = True, None
                raise failed from error
            if redirects:
                response = replace(response, redirects=redirects)
            if response.status_code in documented or response.status_code not in REDIRECTS:
                return response
            following = self._rules.following(request, parse_target(wire.url), response)
            if isinstance(following, NotFollowed):
                return replace(response, not_followed=following.reason)
            if redirects == MAX_REDIRECTS:
                raise UnusableAnswer(f"more than {MAX_REDIRECTS} redirects, the last one from {wire.url}")
            request, redirects = following, redirects + 1

    def _way(self, wire: WireRequest) -> tuple[Target, Route]:
        """Where a request goes, and how. Raises: ``RequestError`` where the environment does not name it."""
        target = parse_target(wire.url)
        if target.origin not in self._rules.origins:
            raise RequestError(
                f"{wire.method} {wire.shown_url} is not sent: environment {self._environment.name!r} does not name "
                f"{shown_origin(target.origin)}; list it under {self._rules.listed_in} to allow it"
            )
        return target, self._connections.route(target.origin)

    def _once(self, wire: WireRequest, departure: Departure | None = None) -> Response:
        if self._redactor is not None:
            learn_sent(self._redactor, wire.url, wire.headers, wire.content)
        target, route = self._way(wire)
        sent = departure or (request_octets(wire, target) if route.is_direct else None)
        with self._turn():
            if self._is_closed.is_set():
                raise RequestError(f"{wire.method} {wire.shown_url} is not sent: the run is over")
            started = time.monotonic()
            bounds = Bounds(shown_url=wire.shown_url, timeout_s=self._timeout_s, max_bytes=self._max_response_bytes)
            if sent is None:
                received = self._by_library(route, target, wire, bounds)
            else:
                received = self._directly(target.origin, wire.method, sent, bounds)
            if departure is not None:
                started = departure.left_s + departure.unread_s
            _LOG.debug("%s %s: %s", wire.method, wire.shown_url, received.status)
            response = Response(
                status_code=received.status,
                reason=received.reason,
                headers=received.fields,
                content=received.content,
                elapsed_s=time.monotonic() - started,
                url=wire.shown_url,
            )
        if self._redactor is not None:
            learn_response(self._redactor, response)
        return response

    def _directly(self, origin: Origin, method: str, sent: bytes | Departure, bounds: Bounds) -> Received:
        try:
            if isinstance(sent, Departure):
                return self._direct.arrived(origin, method, sent, bounds)
            connect_timeout_s = min(CONNECT_TIMEOUT_S, self._timeout_s)
            return self._direct.exchange(origin, method, sent, bounds, connect_timeout_s=connect_timeout_s)
        except TimeoutError as error:
            raise bounds.too_late() from error

    def _by_library(self, route: Route, target: Target, wire: WireRequest, bounds: Bounds) -> Received:
        import urllib3

        from pytest_endpoint_docs.http.failures import is_never_connected

        pool = self._connections.pool(target.origin)
        with self._watchdog.exchange(time.monotonic() + self._timeout_s) as watched:
            try:
                answer = pool.urlopen(
                    wire.method,
                    target.url if route.names_whole_url else target.path,
                    body=wire.content,
                    headers=wire.headers,  # type: ignore[arg-type]  # octets are fine, its types say text alone
                    retries=False,
                    redirect=False,
                    assert_same_host=False,
                    timeout=urllib3.Timeout(connect=min(CONNECT_TIMEOUT_S, self._timeout_s), read=self._timeout_s),
                    preload_content=False,
                    decode_content=False,
                )
                return read_answer(answer, bounds, watched)
            except library_errors() as error:
                if watched.is_over and not is_never_connected(error):
                    raise bounds.too_late() from error
                raise

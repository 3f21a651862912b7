"""The one place where requests leave, and where secrets are revealed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from pytest_endpoint_docs.errors import RequestError, RequestTimeout, ResponseTooLarge
from pytest_endpoint_docs.http.failures import is_lost_connection, request_error
from pytest_endpoint_docs.http.pace import IDEMPOTENT, MAX_ATTEMPTS, Pace, wait_before_repeat_s
from pytest_endpoint_docs.http.redirects import MAX_REDIRECTS, REDIRECTS, redirected
from pytest_endpoint_docs.http.wire import WireRequest, origin, target_uri, wire_request
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.exchange import HeaderFields, Request, Response

_LIBRARY_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError)
_CHUNK = 65536
_CONNECT_TIMEOUT_S = 10.0
_POOL_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, and how often it was asked for: once, and again after 429, 503 or a lost connection."""

    response: Response
    attempts: int = 1


class HttpClient:
    """Sends requests over one pool of connections, within the environment's limits. Safe to use from several threads.

    Every request has a deadline: ``timeout_s`` of the environment from its sending to the last octet of its answer, one
    for each attempt. ``max_response_bytes`` bounds the decoded content. Cookies are neither kept nor shared, ``.netrc``
    is not read; proxies and CA bundles of the process environment are used.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        max_response_bytes: int = 10_000_000,
    ) -> None:
        self._timeout_s = environment.timeout_s
        self._retry_after_max_s = environment.limits.retry_after_max_s
        on_behalf_of = environment.on_behalf_of.header if environment.on_behalf_of else "X-On-Behalf-Of"
        self._private_headers = frozenset([on_behalf_of.lower()])
        self._max_response_bytes = max_response_bytes
        self._clock = clock
        self._sleep = sleep
        limits = environment.limits
        is_held_back = limits.requests_per_second or limits.max_in_flight
        self._turn = Pace(limits, sleep=sleep).turn if is_held_back else nullcontext
        self._lock = threading.Lock()
        self._transport: dict[tuple[str, str, int | None], dict[str, Any]] = {}
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_maxsize=limits.max_in_flight or _POOL_SIZE)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def send(self, request: Request, *, documented: Collection[int] = ()) -> Answer:
        """Send a request and read its answer.

        ``documented`` are the status codes that the doc expects: such an answer is final, even if it is a redirect or
        asks to be tried again.

        Raises: ``ConnectionFailed``, ``RequestTimeout``, ``ResponseTooLarge``; ``RequestError`` for what cannot be
        sent.
        """
        attempts = 0
        while True:
            attempts += 1
            may_repeat = request.method in IDEMPOTENT and attempts < MAX_ATTEMPTS
            try:
                response = self._follow(request, documented)
            except _LIBRARY_ERRORS as error:
                # A server may close an idle connection of the pool at the moment that it is used again.
                if may_repeat and attempts == 1 and is_lost_connection(error):
                    continue
                raise request_error(error, target_uri(request), self._timeout_s) from error
            except ValueError as error:
                raise RequestError(f"{request.method} {request.url} cannot be sent: {error}") from error
            wait_s = None
            if may_repeat and response.status_code not in documented:
                wait_s = wait_before_repeat_s(response, max_s=self._retry_after_max_s, clock=self._clock)
            if wait_s is None:
                return Answer(response=response, attempts=attempts)
            self._sleep(wait_s)

    def exchange(self, wire: WireRequest) -> Response:
        """Send a request as it stands, once, and read its answer: a redirect is an answer like any other.

        Raises: as :meth:`send` does.
        """
        try:
            return self._once(wire)
        except _LIBRARY_ERRORS as error:
            raise request_error(error, wire.shown_url, self._timeout_s) from error
        except ValueError as error:
            raise RequestError(f"{wire.method} {wire.shown_url} cannot be sent: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _follow(self, request: Request, documented: Collection[int]) -> Response:
        redirects = 0
        while True:
            wire = wire_request(request)
            try:
                response = self._once(wire)
            except _LIBRARY_ERRORS as error:
                if not redirects or is_lost_connection(error):
                    raise
                # The error is about where the redirect led, not about the URL of the doc.
                raise request_error(error, wire.url, self._timeout_s) from error
            if response.status_code in documented or response.status_code not in REDIRECTS:
                return response
            following = redirected(request, wire.url, response, private_headers=self._private_headers)
            if following is None:
                return response
            if redirects == MAX_REDIRECTS:
                raise RequestError(f"more than {MAX_REDIRECTS} redirects, the last one from {wire.url}")
            request, redirects = following, redirects + 1

    def _once(self, wire: WireRequest) -> Response:
        prepared = requests.Request(wire.method, wire.url, headers=dict(wire.headers), data=wire.content).prepare()
        with self._turn():
            started = time.monotonic()
            # Not Session.send: it would read a redirect's content, without bounds, and stumble over a bad Location.
            answer = self._session.get_adapter(wire.url).send(
                prepared,
                stream=True,
                timeout=(min(_CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s),
                **self._transport_of(wire.url),
            )
            try:
                content = self._read(answer, wire.shown_url, deadline=started + self._timeout_s)
            finally:
                answer.close()
            return Response(
                status_code=answer.status_code,
                reason=answer.reason or "",
                headers=HeaderFields(dict(answer.headers)),
                content=content,
                elapsed_s=time.monotonic() - started,
                url=wire.shown_url,
            )

    def _read(self, answer: requests.Response, shown_url: str, *, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        # read1 returns what is there: a server that sends octet by octet meets the deadline too.
        while chunk := answer.raw.read1(_CHUNK, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._max_response_bytes:
                raise ResponseTooLarge(f"the answer of {shown_url} is longer than {self._max_response_bytes} bytes")
            if time.monotonic() > deadline:
                raise RequestTimeout(
                    f"no complete answer from {shown_url} within {self._timeout_s:g} s ({size} bytes came)"
                )
        return b"".join(chunks)

    def _transport_of(self, url: str) -> dict[str, Any]:
        """Proxies and certificates for an origin, looked up once: the process environment is slow to ask."""
        key = origin(url)
        with self._lock:
            if key not in self._transport:
                settings = self._session.merge_environment_settings(url, {}, None, None, None)
                self._transport[key] = {name: settings[name] for name in ("proxies", "verify", "cert")}
            return self._transport[key]

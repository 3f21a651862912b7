"""The one place where requests leave, and where secrets are revealed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
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
from pytest_endpoint_docs.http.redirects import MAX_REDIRECTS, origin, redirected
from pytest_endpoint_docs.http.wire import content, header_fields, target_uri
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.exchange import HeaderFields, Request, Response

_CHUNK = 65536
_CONNECT_TIMEOUT_S = 10.0
_POOL_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, and how many requests it took: repeats after 429, 503 or a lost connection, and redirects apart."""

    response: Response
    attempts: int = 1
    redirects: int = 0


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
        self._pace = Pace(environment.limits, sleep=sleep)
        self._lock = threading.Lock()
        self._transport: dict[tuple[str, str, int | None], dict[str, Any]] = {}
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_maxsize=environment.limits.max_in_flight or _POOL_SIZE)
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
                response, redirects = self._follow(request, documented)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                # A server may close an idle connection of the pool at the moment that it is used again.
                if may_repeat and attempts == 1 and is_lost_connection(error):
                    continue
                raise request_error(error, target_uri(request), self._timeout_s) from error
            except (UnicodeError, ValueError) as error:
                raise RequestError(f"{request.method} {target_uri(request)} cannot be sent: {error}") from error
            wait_s = None
            if may_repeat and response.status_code not in documented:
                wait_s = wait_before_repeat_s(response, max_s=self._retry_after_max_s, clock=self._clock)
            if wait_s is None:
                return Answer(response=response, attempts=attempts, redirects=redirects)
            self._sleep(wait_s)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _follow(self, request: Request, documented: Collection[int]) -> tuple[Response, int]:
        redirects = 0
        while True:
            try:
                response = self._exchange(request)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                if not redirects or is_lost_connection(error):
                    raise
                # The error is about where the redirect led, not about the URL of the doc.
                raise request_error(error, target_uri(request), self._timeout_s) from error
            if response.status_code in documented:
                return response, redirects
            following = redirected(request, response.url, response, private_headers=self._private_headers)
            if following is None:
                return response, redirects
            if redirects == MAX_REDIRECTS:
                raise RequestError(f"more than {MAX_REDIRECTS} redirects, the last one from {response.url}")
            request, redirects = following, redirects + 1

    def _exchange(self, request: Request) -> Response:
        url = target_uri(request)
        prepared = requests.Request(request.method, url, headers=header_fields(request), **content(request)).prepare()
        with self._pace.turn():
            started = time.monotonic()
            # Not Session.send: it would read a redirect's content, without bounds, and stumble over a bad Location.
            answer = self._session.get_adapter(url).send(
                prepared,
                stream=True,
                timeout=(min(_CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s),
                **self._transport_of(url),
            )
            try:
                body = self._read(answer, url, deadline=started + self._timeout_s)
            finally:
                answer.close()
            return Response(
                status_code=answer.status_code,
                reason=answer.reason or "",
                headers=HeaderFields(dict(answer.headers)),
                content=body,
                elapsed_s=time.monotonic() - started,
                url=url,
            )

    def _read(self, answer: requests.Response, url: str, *, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        # read1 returns what is there: a server that sends octet by octet meets the deadline too.
        while chunk := answer.raw.read1(_CHUNK, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._max_response_bytes:
                raise ResponseTooLarge(f"the answer of {url} is longer than {self._max_response_bytes} bytes")
            if time.monotonic() > deadline:
                raise RequestTimeout(f"no complete answer from {url} within {self._timeout_s:g} s ({size} bytes came)")
        return b"".join(chunks)

    def _transport_of(self, url: str) -> dict[str, Any]:
        """Proxies and certificates for an origin, looked up once: the process environment is slow to ask."""
        key = origin(url)
        with self._lock:
            if key not in self._transport:
                settings = self._session.merge_environment_settings(url, {}, None, None, None)
                self._transport[key] = {name: settings[name] for name in ("proxies", "verify", "cert")}
            return self._transport[key]

"""A session of requests for what a project's own tests send: its requests leave by the docs' one sender."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from pytest_endpoint_docs.errors import ConnectionFailed, ConnectTimeout, EndpointDocsError, RequestTimeout
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.redirects import MAX_REDIRECTS
from pytest_endpoint_docs.http.wire import USER_AGENT, WireRequest

# They describe how requests would have framed the content; the sender frames it anew.
_FRAMING = ("content-length", "transfer-encoding")
# They describe the content as it was sent; the client has decoded it.
_ENCODING = ("content-length", "content-encoding")


class SentByDocsClient(HTTPAdapter):
    """Hands the requests of a session to the docs' client, which holds the environment's limits over them."""

    def __init__(self, client: HttpClient) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, *_args: object, **_settings: object) -> requests.Response:
        """Send a prepared request and read its whole answer.

        Timeouts, proxies and certificates are the environment's; those of the session and of the call are not looked
        at. Raises: ``requests.Timeout``, ``requests.ConnectionError`` or ``requests.RequestException``, with the
        client's error as its cause.
        """
        wire = _wire(request)
        try:
            self._client.refuse_in_production(wire.method)
            answer = self._client.exchange(wire)
        except EndpointDocsError as error:
            raise _requests_error(error)(str(error), request=request) from error
        raw = HTTPResponse(
            body=BytesIO(answer.content),
            headers={name: value for name, value in answer.headers.items() if name.lower() not in _ENCODING},
            status=answer.status_code,
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
        )
        response = self.build_response(request, raw)
        response.elapsed = timedelta(seconds=answer.elapsed_s)
        response.content  # noqa: B018 - reads it now, as a session does that does not stream
        return response


class DocsSession(requests.Session):
    """A session whose relative URLs begin at ``base_url``. It keeps no cookies and reads no ``.netrc``."""

    def __init__(self, client: HttpClient, *, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url.rstrip("/")
        self.trust_env = False
        self.max_redirects = MAX_REDIRECTS
        self.headers["User-Agent"] = USER_AGENT
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for prefix in ("http://", "https://"):
            self.mount(prefix, SentByDocsClient(client))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **settings: Any) -> requests.Response:
        """As ``requests.Session.request``; a ``url`` that begins with a slash is a path below the base URL."""
        is_path = isinstance(url, str) and url.startswith("/")
        return super().request(method, f"{self._base_url}{url}" if is_path else url, *args, **settings)  # type: ignore[str-bytes-safe]


def _wire(request: requests.PreparedRequest) -> WireRequest:
    url = request.url or ""
    headers: Mapping[str, str | bytes] = request.headers
    return WireRequest(
        method=request.method or "GET",
        url=url,
        headers={name: value for name, value in headers.items() if name.lower() not in _FRAMING},
        content=_content(request.body),
        shown_url=url.partition("?")[0],
    )


def _content(body: Any) -> bytes | None:
    """The content as octets: text, octets, a file, or what yields octets."""
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return _content(body.read())
    return b"".join(body)


def _requests_error(error: EndpointDocsError) -> type[requests.RequestException]:
    if isinstance(error, ConnectTimeout):
        return requests.ConnectTimeout
    if isinstance(error, RequestTimeout):
        return requests.Timeout
    return requests.ConnectionError if isinstance(error, ConnectionFailed) else requests.RequestException

"""Redirects: where they lead, and what of the request may follow (RFC 9110 section 15.4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urljoin

from pytest_endpoint_docs.http.wire import DEFAULT_PORTS, origin
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.secret import Secret

MAX_REDIRECTS = 5
REDIRECTS = frozenset([301, 302, 303, 307, 308])
_CREDENTIALS = frozenset(["authorization", "proxy-authorization", "cookie"])


def _as_sent(location: str) -> str:
    """The field as text: http.client takes its octets for Latin-1, servers mostly send UTF-8."""
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location


def redirected(request: Request, url: str, response: Response, *, private_headers: Collection[str]) -> Request | None:
    """The request that follows a redirect of ``url``, or ``None`` where there is none to follow.

    303, and 301 and 302 after POST, become GET without content. On another origin credentials, secret header fields and
    ``private_headers`` (lower case) are left out; content is never sent there: the redirect is then the answer itself.
    """
    location = response.headers.get("Location", "").strip()
    if response.status_code not in REDIRECTS or not location:
        return None
    try:
        target = urljoin(url, _as_sent(location)).partition("#")[0]
        scheme, host, port = origin(target)
        same_origin = (scheme, host, port) == origin(url)
    except ValueError:
        return None
    if scheme not in DEFAULT_PORTS or not host:
        return None
    becomes_get = (response.status_code == 303 and request.method != "HEAD") or (
        response.status_code in (301, 302) and request.method == "POST"
    )
    if request.has_body and not becomes_get and not same_origin:
        return None
    headers = {
        name: value
        for name, value in request.headers.items()
        if same_origin
        or not (isinstance(value, Secret) or name.lower() in _CREDENTIALS or name.lower() in private_headers)
    }
    if not becomes_get:
        return replace(request, url=target, params=(), headers=headers)
    headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    return replace(request, method="GET", url=target, params=(), headers=headers, body=None, has_body=False, files=())

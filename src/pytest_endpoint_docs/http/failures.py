"""From the libraries' exceptions to ours: which kind of failure, in which words."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine, HTTPException, LineTooLong, RemoteDisconnected
from urllib.parse import urlsplit

import urllib3

from pytest_endpoint_docs.errors import (
    ConnectionFailed,
    ConnectionLost,
    ConnectTimeout,
    RequestError,
    UnusableAnswer,
)
from pytest_endpoint_docs.http.bounded_content import CONNECT_TIMEOUT_S, too_late
from pytest_endpoint_docs.http.targets import server_of
from pytest_endpoint_docs.model.source import Obstacle
from pytest_endpoint_docs.words import cut

# What came instead of an answer can be a line of 64 kB.
_LONGEST_CAUSE = 200
_NO_HTTP = (BadStatusLine, LineTooLong, urllib3.exceptions.InvalidChunkLength, urllib3.exceptions.InvalidHeader)
# OpenSSL's codes for a certificate that nobody who is believed has signed, or that has signed itself.
_UNKNOWN_ISSUER = frozenset([2, 18, 19, 20, 21])
# OpenSSL's reasons where the first octets that came were no TLS.
_NO_TLS = frozenset(["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"])
_OF_PROXY = "; the variables http_proxy, https_proxy, all_proxy and no_proxy say which proxy is used for which hosts"
_LOST = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


def request_error(error: Exception, url: str, timeout_s: float) -> RequestError:
    """The error to raise for what urllib3 raised: names the URL and what kind of failure it was."""
    chain = tuple(_causes(error))
    host = urlsplit(url).hostname or url
    if proxy := _unreached_proxy(chain):
        return _unconnected(url, f"no connection to the proxy {proxy}: {_root(chain)}", hint=_OF_PROXY)
    # First: in some versions of urllib3 these are timeouts too.
    if _any(chain, urllib3.exceptions.NameResolutionError):
        return _unconnected(url, f"unknown host {host!r}")
    if _any(chain, ConnectionRefusedError) or _errno(chain) == errno.ECONNREFUSED:
        return _unconnected(url, "connection refused", hint="; is the server running?")
    if _any(chain, urllib3.exceptions.ConnectTimeoutError):
        return _unconnected(url, f"no connection within {min(timeout_s, CONNECT_TIMEOUT_S):g} s", kind=ConnectTimeout)
    if _any(chain, urllib3.exceptions.TimeoutError, TimeoutError):
        return too_late(url, timeout_s)
    if _any(chain, urllib3.exceptions.ProxyError):
        return _unconnected(url, f"the proxy does not connect: {_root(chain)}")
    if _any(chain, urllib3.exceptions.SSLError, ssl.SSLError):
        return _unconnected(url, f"no TLS connection: {_root(chain)}", hint=_tls_hint(chain))
    if _is_no_http(chain):
        return UnusableAnswer(f"{url}: the answer cannot be read as HTTP: {_root(chain)}")
    if is_lost_connection(error):
        return ConnectionLost(f"{url}: the server closed the connection without a complete answer: {_root(chain)}")
    if _any(chain, urllib3.exceptions.DecodeError):
        return UnusableAnswer(f"{url}: the answer's content is not what its Content-Encoding says: {_root(chain)}")
    if _any(chain, urllib3.exceptions.NewConnectionError, OSError):
        return _unconnected(url, f"no connection: {_root(chain)}")
    return RequestError(f"{url}: cannot be sent: {error}")


def _unconnected(
    url: str, reason: str, *, hint: str = "", kind: type[ConnectionFailed] = ConnectionFailed
) -> ConnectionFailed:
    server = server_of(url)
    obstacle = Obstacle(kind="connection", subject=server, message=f"{server}: {reason}")
    return kind(f"{url}: {reason}{hint}", obstacle=obstacle)


def _unreached_proxy(chain: tuple[BaseException, ...]) -> str:
    """Host and port of the proxy that no connection could be made to; empty if that is not what happened."""
    for error in chain:
        if isinstance(error, urllib3.exceptions.NewConnectionError):
            proxy = getattr(error.conn, "proxy", None)
            return f"{proxy.host}:{proxy.port}" if proxy is not None else ""
    return ""


def _tls_hint(chain: tuple[BaseException, ...]) -> str:
    if any(getattr(error, "reason", None) in _NO_TLS for error in chain):
        return "; does the server speak http, without TLS?"
    is_unknown = any(getattr(error, "verify_code", None) in _UNKNOWN_ISSUER for error in chain)
    return "; if an authority of your own signed it, name that in `ca_bundle` of the environment" if is_unknown else ""


def is_never_connected(error: Exception) -> bool:
    """Whether the time was over before there was a connection."""
    return _any(tuple(_causes(error)), urllib3.exceptions.ConnectTimeoutError)


def is_lost_connection(error: Exception) -> bool:
    """Whether a connection that stood was closed by the server before its answer was complete."""
    chain = tuple(_causes(error))
    if _any(chain, urllib3.exceptions.NewConnectionError) or _is_no_http(chain):
        return False
    return _any(chain, *_LOST, urllib3.exceptions.ProtocolError, HTTPException)


def _is_no_http(chain: tuple[BaseException, ...]) -> bool:
    """Whether something came that is not an answer, or without end: its status line, a header field, a chunk."""
    if _any(chain, RemoteDisconnected):  # a kind of BadStatusLine
        return False
    # http.client has no kinds of exceptions for too many header fields and for a chunk size that is not a number.
    return _any(chain, *_NO_HTTP) or any(type(error) in (HTTPException, ValueError) for error in chain)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything that it wraps; the libraries hide causes in ``args`` and ``reason``."""
    pending, seen = [error], set[int]()
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        wrapped = [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
        pending += [inner for inner in wrapped if isinstance(inner, BaseException)]


def _any(chain: tuple[BaseException, ...], *kinds: type[BaseException]) -> bool:
    return any(isinstance(error, kinds) for error in chain)


def _errno(chain: tuple[BaseException, ...]) -> int | None:
    return next((error.errno for error in chain if isinstance(error, OSError) and error.errno), None)


def _root(chain: tuple[BaseException, ...]) -> str:
    for error in reversed(chain):
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
    text = " ".join(str(chain[-1]).split())
    return cut(text, _LONGEST_CAUSE) or type(chain[-1]).__name__

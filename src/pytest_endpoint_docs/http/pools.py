"""urllib3's pools of connections, whose sockets a :class:`Watchdog` knows, and whose certificates they believe."""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import certifi
import urllib3
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import make_headers

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.http.deadline import note_socket
from pytest_endpoint_docs.http.urllib3_answer import FinalResponse
from pytest_endpoint_docs.model.environment import Environment

# Far more than an environment names: a pool that is pushed out would be closed under its users.
_MOST_ORIGINS = 1000
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


class _Noting:
    """What a connection does beside the library's own, so that the exchange knows the socket that it uses."""

    response_class: Any = FinalResponse
    sock: Any

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]  # of the class beside this one
        note_socket(opened)
        return opened

    def request(self, *args: Any, **given: Any) -> None:
        """As the library does it; an idle connection of the pool is noted for this exchange."""
        note_socket(self.sock)
        super().request(*args, **given)  # type: ignore[misc]


class _Connection(_Noting, HTTPConnection):
    pass


class _TLSConnection(_Noting, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection

    def new_connection(self, timeout_s: float) -> Any:
        """A connection that is to be opened within the time, for somebody who keeps it outside of the pool."""
        made = self._new_conn()
        made.timeout = timeout_s
        return made


class _TLSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TLSConnection  # type: ignore[assignment]


WatchedPool: TypeAlias = _Pool


def pool_manager(environment: Environment, scheme: str, proxy: str | None, *, size: int) -> PoolManager:
    """What gives a pool for each origin of a scheme, reached through the proxy, or directly.

    Raises: ``ConfigError`` for a certificate, ``ValueError`` for a proxy that cannot be used.
    """
    # Reading all certificates takes longer than a request: only where TLS is spoken.
    is_tls = scheme == "https" or (proxy or "").startswith("https:")
    manager = _manager(proxy, size, tls_context(environment) if is_tls else None)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
    return manager


def _manager(proxy: str | None, size: int, context: ssl.SSLContext | None) -> PoolManager:
    if proxy is None:
        return PoolManager(num_pools=_MOST_ORIGINS, maxsize=size, ssl_context=context)
    try:
        parts = urlsplit(proxy)
        credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        return ProxyManager(
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            proxy_headers=make_headers(proxy_basic_auth=credentials) if parts.username else None,
            num_pools=_MOST_ORIGINS,
            maxsize=size,
            ssl_context=context,
            proxy_ssl_context=context,
        )
    except urllib3.exceptions.HTTPError as error:
        raise ValueError(str(error)) from error


def tls_context(environment: Environment) -> ssl.SSLContext:
    """Whose certificates are believed, and the client's own.

    ``ca_bundle`` of the environment, else the bundle that the process environment names, else the one of certifi.
    Raises: ``ConfigError`` for a file that holds none.
    """
    named = next((os.environ[name] for name in _BUNDLES if os.environ.get(name)), None)
    bundle = environment.ca_bundle or Path(named or certifi.where())
    is_folder = bundle.is_dir()
    try:
        context = ssl.create_default_context(
            capath=str(bundle) if is_folder else None, cafile=None if is_folder else str(bundle)
        )
    except OSError as error:
        raise ConfigError(f"{bundle}: holds no certificates that can be read: {error.strerror or error}") from error
    own = environment.client_cert
    if own is not None:
        try:
            # Without a password here, OpenSSL would ask for one at the terminal.
            context.load_cert_chain(own.cert, own.key, password="")
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"client_cert: {own.cert} and its key cannot be used ({type(error).__name__}); "
                "expected PEM, the key without a password"
            ) from None
    return context

"""Connections of a client: straight to a server or through a proxy, and whose certificates they believe."""

from __future__ import annotations

import ipaddress
import os
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import certifi
import urllib3
from urllib3 import PoolManager, ProxyManager
from urllib3.util import make_headers

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.http.deadline import WATCHED_POOLS, WatchedPool
from pytest_endpoint_docs.http.targets import Origin, allowed_origins
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.value_class import value_class

# Far more than an environment names: a pool that is pushed out would be closed under its users.
_MOST_ORIGINS = 1000
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@value_class
class Route:
    """The way to an origin; through a proxy without tunnel, requests name the whole URL."""

    pool: WatchedPool
    is_direct: bool
    names_whole_url: bool


class Connections:
    """Pools of connections, one for each origin, made when they are first needed. Safe to use from several threads."""

    def __init__(self, environment: Environment, *, size: int) -> None:
        self._environment = environment
        self._size = size
        self._lock = threading.Lock()
        self._managers: dict[tuple[str, str | None], PoolManager] = {}
        self._routes: dict[Origin, Route] = {}

    def route(self, origin: Origin) -> Route:
        """The way to an origin.

        Raises: ``ConfigError`` for a proxy or a certificate that cannot be used.
        """
        # The process environment is slow to ask, so once.
        with self._lock:
            if origin not in self._routes:
                scheme, host, port = origin
                proxy = proxy_for(origin)
                pool: Any = self._manager(scheme, proxy).connection_from_host(host, port, scheme)
                whole = proxy is not None and scheme == "http"
                self._routes[origin] = Route(pool=pool, is_direct=proxy is None, names_whole_url=whole)
            return self._routes[origin]

    def close(self) -> None:
        """Close them all."""
        for manager in self._managers.values():
            manager.clear()

    def _manager(self, scheme: str, proxy: str | None) -> PoolManager:
        if (scheme, proxy) not in self._managers:
            # Reading all certificates takes longer than a request: only where TLS is spoken.
            is_tls = scheme == "https" or (proxy or "").startswith("https:")
            manager = _manager(proxy, self._size, tls_context(self._environment) if is_tls else None)
            manager.pool_classes_by_scheme = WATCHED_POOLS
            self._managers[scheme, proxy] = manager
        return self._managers[scheme, proxy]


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
    except (urllib3.exceptions.HTTPError, ValueError):
        raise ConfigError(f"the proxy {shown_proxy(proxy)} cannot be used: expected an http or https URL") from None


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


def proxy_for(origin: Origin) -> str | None:
    """The proxy that the standard variables name for an origin; ``None`` for loopback and what ``no_proxy`` lists."""
    scheme, host, port = origin
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies_environment

    proxies: Mapping[str, str] = getproxies_environment()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or _is_loopback(host) or _is_listed(host, port, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def shown_proxy(proxy: str) -> str:
    """A proxy without the credentials in its URL."""
    scheme, _, rest = proxy.partition("://")
    credentials, _, address = rest.rpartition("@")
    return f"{scheme}://{'***@' if credentials else ''}{address}"


def describe_proxies(environment: Environment) -> str:
    """The proxies that requests of an environment go through, as people read them; empty where there are none."""
    used = {proxy_for(origin) for origin in allowed_origins(environment)}
    return ", ".join(sorted(shown_proxy(proxy) for proxy in used if proxy))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    if address is not None:
        return address.is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _is_listed(host: str, port: int, no_proxy: str) -> bool:
    """Whether ``no_proxy`` lists a host: its name, a domain above it, its network, or all (``*``)."""
    address = _address(host)
    for entry in no_proxy.lower().replace(",", " ").split():
        if entry == "*":
            return True
        if address is not None and "/" in entry:
            try:
                if address in ipaddress.ip_network(entry, strict=False):
                    return True
            except ValueError:
                continue
        name = entry.removesuffix(f":{port}").lstrip(".")
        if host in (name, f"[{name}]") or host.endswith(f".{name}"):
            return True
    return False

"""Connections of a client: the way to each origin, straight to the server or through a proxy."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.http.targets import Origin, allowed_origins
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.value_class import value_class

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from urllib3 import PoolManager

    from pytest_endpoint_docs.http.pools import WatchedPool


@value_class
class Route:
    """The way to an origin; ``proxy`` is the URL of the one that it goes through."""

    origin: Origin
    proxy: str | None

    @property
    def is_direct(self) -> bool:
        """Whether it leads straight to the server."""
        return self.proxy is None

    @property
    def names_whole_url(self) -> bool:
        """Whether requests name the whole URL: through a proxy without tunnel."""
        return self.proxy is not None and self.origin[0] == "http"


class Connections:
    """The ways to origins, and pools of connections, one for each origin, made when they are first needed.

    Safe to use from several threads.
    """

    def __init__(self, environment: Environment, *, size: int) -> None:
        self._environment = environment
        self._size = size
        self._lock = threading.Lock()
        self._managers: dict[tuple[str, str | None], PoolManager] = {}
        self._pools: dict[Origin, WatchedPool] = {}
        self._routes: dict[Origin, Route] = {}

    def route(self, origin: Origin) -> Route:
        """The way to an origin."""
        # The process environment is slow to ask, so once.
        with self._lock:
            if origin not in self._routes:
                self._routes[origin] = Route(origin=origin, proxy=proxy_for(origin))
            return self._routes[origin]

    def pool(self, origin: Origin) -> WatchedPool:
        """The library's pool of connections to an origin, on its way.

        Raises: ``ConfigError`` for a proxy or a certificate that cannot be used.
        """
        scheme, host, port = origin
        proxy = self.route(origin).proxy
        with self._lock:
            if origin not in self._pools:
                manager: Any = self._manager(scheme, proxy)
                self._pools[origin] = manager.connection_from_host(host, port, scheme)
            return self._pools[origin]

    def opening(self, origin: Origin, timeout_s: float) -> Any:
        """A connection of the library that is to be opened within the time. Raises: as :meth:`pool` does."""
        return self.pool(origin).new_connection(timeout_s)

    def close(self) -> None:
        """Close them all."""
        for manager in self._managers.values():
            manager.clear()

    def _manager(self, scheme: str, proxy: str | None) -> PoolManager:
        if (scheme, proxy) not in self._managers:
            # To import it takes longer than a hundred plain exchanges, which do without it.
            from pytest_endpoint_docs.http.pools import pool_manager

            try:
                self._managers[scheme, proxy] = pool_manager(self._environment, scheme, proxy, size=self._size)
            except ValueError:
                raise ConfigError(
                    f"the proxy {shown_proxy(proxy or '')} cannot be used: expected an http or https URL"
                ) from None
        return self._managers[scheme, proxy]


def named_proxies() -> Mapping[str, str]:
    """What the standard variables say, by scheme; empty where none is set."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies_environment

    return getproxies_environment()


def proxy_for(origin: Origin) -> str | None:
    """The proxy that the standard variables name for an origin; ``None`` for loopback and what ``no_proxy`` lists."""
    scheme, host, port = origin
    proxies = named_proxies()
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


def _address(host: str) -> IPv4Address | IPv6Address | None:
    import ipaddress

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
    import ipaddress

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

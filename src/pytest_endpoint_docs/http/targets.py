"""Where requests go: one reading of a URL, which decides and which connections are made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias
from urllib.parse import quote

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import late

Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port (RFC 6454 section 4)."""

DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_URL = re.compile(r"(?P<scheme>[a-z]+)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.I)
# Names, IPv4 and IPv6 addresses, in ASCII (RFC 3986 section 3.2.2); no percent-encoding, which some readers undo.
_AUTHORITY = re.compile(r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+(?:%25[a-z0-9._-]+)?\])(?::(?P<port>[0-9]*))?", re.I)
# Some readers take a backslash for a slash, and leave tabs and line breaks out.
_READ_DIFFERENTLY = re.compile(r"[\x00-\x1f\x7f\\]")
_PATH_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"
# What `quote` leaves as it is, and is quicker to see (RFC 3986 section 2.3).
_ENCODES = re.compile(rf"[^A-Za-z0-9_.~\-{re.escape(_PATH_CHARACTERS.replace('%', ''))}]")
_STRAY_PERCENT = late(r"%(?![0-9a-fA-F]{2})")


@value_class
class Target:
    """A URL in its parts: ``host`` in lower case, an IPv6 address in brackets; ``path`` with the query, encoded."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> Origin:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The URL again, in the one way to write it."""
        return f"{shown_origin(self.origin)}{self.path}"


def parse_target(url: str) -> Target:
    """Read an http or https URL; its fragment is left out.

    Raises: ``ValueError`` for what is not one, and for what two readers could read in two ways. Its message holds
    nothing of the URL.
    """
    if _READ_DIFFERENTLY.search(url):
        raise ValueError("it holds a backslash or a control character")
    parts = _URL.fullmatch(url)
    if parts is None or parts["scheme"].lower() not in DEFAULT_PORTS:
        raise ValueError("it is not an http or https URL")
    scheme = parts["scheme"].lower()
    _, authority, path, query = parts.groups()
    host, port = _host_and_port(authority, DEFAULT_PORTS[scheme])
    asked = encoded(_without_dots(path) or "/") + ("" if query is None else f"?{encoded(query)}")
    return Target(scheme=scheme, host=host, port=port, path=asked)


def encoded(text: str) -> str:
    """A path, a query or a whole URL; what none can hold is percent-encoded."""
    if not _ENCODES.search(text):
        return text
    return quote(_STRAY_PERCENT.sub("%25", text), safe=_PATH_CHARACTERS)


def encoded_query(text: str) -> str:
    """A query, or a part of one, as it is written; what no query can hold is percent-encoded (RFC 3986 section 3.4)."""
    return encoded(text).replace("#", "%23")


def server_of(url: str) -> str:
    """The server of a URL, as people read it: ``http://127.0.0.1:9``; the URL itself where it cannot be read."""
    try:
        return shown_origin(parse_target(url).origin)
    except ValueError:
        return url


def shown_origin(origin: Origin) -> str:
    """An origin as a URL without a path; the port is left out where it is the scheme's own."""
    scheme, host, port = origin
    return f"{scheme}://{host}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"


def allowed_origins(environment: Environment) -> frozenset[Origin]:
    """The origins that an environment names; requests go nowhere else. Raises: ``ConfigError``."""
    try:
        return frozenset(parse_target(url).origin for url in _urls_of(environment))
    except ValueError as error:
        raise ConfigError(f"environment {environment.name!r}: a URL cannot be used: {error}") from None


def _urls_of(environment: Environment) -> Iterator[str]:
    yield environment.base_url
    if environment.fallback_url:
        yield environment.fallback_url
    yield from (server.base_url for server in environment.servers)
    yield from environment.allowed_origins
    if environment.oauth is not None:
        oauth = environment.oauth
        yield oauth.token_url
        yield from filter(None, [oauth.authorize_url, oauth.par_url, oauth.device_url, oauth.protected_resource])
        # An issuer is compared more than it is asked; a name that is not a URL cannot be asked at all.
        if oauth.issuer and oauth.issuer.startswith(("http://", "https://")):
            yield oauth.issuer


def _host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        raise ValueError("it holds a user name or a password")
    if not authority.isascii():
        raise ValueError("its host is not in ASCII; write it IDNA-encoded (xn--...)")
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise ValueError("it has no host that can be read" if authority else "it has no host")
    port = int(found["port"]) if found["port"] else default_port
    if not 0 < port <= _MAX_PORT:
        raise ValueError("its port is not between 1 and 65535")
    return found["host"].lower(), port


def _without_dots(path: str) -> str:
    """The path without ``.`` and ``..`` segments (RFC 3986 section 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)

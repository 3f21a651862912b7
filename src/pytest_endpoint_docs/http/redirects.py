"""Redirects: where they lead, and what of the request may follow (RFC 9110 section 15.4)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin

from pytest_endpoint_docs.http.targets import Origin, Target, parse_target, shown_origin
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.value_class import value_class

MAX_REDIRECTS = 5
REDIRECTS = frozenset([301, 302, 303, 307, 308])
# All that another origin gets of a request, by name: what carries credentials has more names than can be listed.
_FOR_ANY_ORIGIN = frozenset(["accept", "accept-charset", "accept-encoding", "accept-language", "range", "user-agent"])


@value_class
class NotFollowed:
    """A redirect that is the answer itself, and why, for people. ``reason`` is empty where nobody needs to know."""

    reason: str = ""


@value_class
class RedirectRules:
    """Where redirects may lead: to these origins, which the environment lists at ``listed_in``."""

    origins: frozenset[Origin]
    listed_in: str

    @classmethod
    def of(cls, environment: Environment, origins: frozenset[Origin]) -> RedirectRules:
        """The rules of an environment; ``listed_in`` is where a person would list another origin."""
        file = environment.file
        listed_in = f"allowed_origins in {file.name}" if file else "allowed_origins in an environment file"
        return cls(origins=origins, listed_in=listed_in)

    def following(self, request: Request, asked: Target, response: Response) -> Request | NotFollowed:
        """The request that follows a redirect.

        303, and 301 and 302 after POST, become GET without content. Another origin gets neither content nor header
        fields that could carry credentials.
        """
        location = response.headers.get("Location", "").strip(" \t")
        if not location:
            return NotFollowed()
        try:
            target = _target(asked, location)
        except ValueError as error:
            return NotFollowed(reason=f"redirect is not followed because of its Location: {error}")
        if target.origin not in self.origins:
            return NotFollowed(
                reason=f"redirect to another {_difference(target, asked)} is not followed: "
                f"{shown_origin(target.origin)}; list it under {self.listed_in} to allow it"
            )
        stays = target.origin == asked.origin
        becomes_get = (response.status_code == 303 and request.method != "HEAD") or (
            response.status_code in (301, 302) and request.method == "POST"
        )
        if request.has_body and not becomes_get and not stays:
            return NotFollowed(
                reason=f"redirect to another {_difference(target, asked)} is not followed: "
                f"{shown_origin(target.origin)} would get the request's content"
            )
        return _request(request, target, stays=stays, becomes_get=becomes_get)


def _target(asked: Target, location: str) -> Target:
    try:
        # http.client takes the octets of a field for Latin-1, servers mostly send UTF-8.
        written = location.encode("latin-1").decode()
    except UnicodeError:
        written = location
    if "\\" in written or not written.isprintable():
        # Before it is joined to the URL: joining leaves some characters out.
        raise ValueError("it holds a backslash or a control character")
    try:
        joined = urljoin(asked.url, written)
    except ValueError:
        raise ValueError("it is not a URL") from None
    return parse_target(joined)


def _difference(target: Target, asked: Target) -> str:
    if target.host != asked.host:
        return "host"
    return "scheme" if target.scheme != asked.scheme else "port"


def _request(request: Request, target: Target, *, stays: bool, becomes_get: bool) -> Request:
    headers = {name: value for name, value in request.headers.items() if stays or name.lower() in _FOR_ANY_ORIGIN}
    if not becomes_get:
        return replace(request, url=target.url, params=(), headers=headers)
    headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    return replace(
        request, method="GET", url=target.url, params=(), headers=headers, body=None, has_body=False, files=()
    )

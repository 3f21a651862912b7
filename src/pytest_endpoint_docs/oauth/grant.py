"""An authorization request (RFC 6749 section 4.1.1), what a browser meets on its way, and the grant at its end."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from pytest_endpoint_docs.model.value_class import value_class


@value_class
class PageAnswer:
    """One answer to a document request on the way; ``url`` is masked, ``headers`` have lower-case names.

    ``redirects_to`` is where it sends the browser (masked). ``location`` and cookie fields are left out of ``headers``.
    """

    method: str
    url: str
    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    redirects_to: str | None = None


@value_class(frozen=True)
class AuthorizationGrant:
    """An authorization code and what is needed to exchange it; the secret parts are not in its ``repr``.

    ``code_verifier`` is ``None`` without PKCE. ``iss`` is the response's issuer (RFC 9207). ``issued_at`` is the time
    of capture (UTC). ``parameters`` holds everything that the redirect carried, ``pages`` the document answers on the
    way there.
    """

    code: str = field(repr=False)
    state: str | None = field(repr=False)
    redirect_uri: str
    client_id: str
    code_verifier: str | None = field(default=None, repr=False)
    nonce: str | None = field(default=None, repr=False)
    scope: str | None = None
    iss: str | None = None
    issued_at: datetime
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    pages: tuple[PageAnswer, ...] = field(default=(), repr=False)


@value_class(frozen=True)
class AuthorizationError:
    """An error response of the authorization endpoint (RFC 6749 section 4.1.2.1), where one was expected."""

    error: str
    description: str | None = None
    uri: str | None = None
    state: str | None = field(default=None, repr=False)
    state_matches: bool
    redirect_uri: str
    iss: str | None = None
    issued_at: datetime
    pages: tuple[PageAnswer, ...] = field(default=(), repr=False)


@value_class
class AuthorizationRequest:
    """An authorization request that can be opened in a browser; secret parts are not in its ``repr``.

    ``parameters`` are what is asked for; they need not stand in the ``url``.
    """

    url: str = field(repr=False)
    client_id: str
    redirect_uri: str
    scope: str | None
    state: str | None = field(repr=False)
    nonce: str | None = field(repr=False)
    code_verifier: str | None = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)


@value_class
class Redirect:
    """What arrived at the redirect URI.

    ``parameters`` come from the query, else the fragment, else the form that was posted.
    """

    redirect_uri: str
    parameters: Mapping[str, str] = field(repr=False)


def granted(
    request: AuthorizationRequest,
    parameters: Mapping[str, str],
    *,
    issued_at: datetime,
    pages: tuple[PageAnswer, ...] = (),
) -> AuthorizationGrant | None:
    """The code that a redirect with these parameters carries; ``None`` where it carries none."""
    code = parameters.get("code")
    if not code:
        return None
    return AuthorizationGrant(
        code=code,
        state=parameters.get("state"),
        redirect_uri=request.redirect_uri,
        client_id=request.client_id,
        code_verifier=request.code_verifier,
        nonce=request.nonce,
        scope=parameters.get("scope", request.scope),
        iss=parameters.get("iss"),
        issued_at=issued_at,
        parameters=dict(parameters),
        pages=pages,
    )


def named(parameters: Mapping[str, str]) -> str:
    """The names of a redirect's parameters: ``code, state``."""
    return ", ".join(sorted(parameters)) or "no parameters"


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def new_verifier() -> str:
    """A ``code_verifier`` that nobody has used (RFC 7636 section 4.1)."""
    return secrets.token_urlsafe(48)


def authorization_url(endpoint: str, parameters: Mapping[str, str]) -> str:
    """The URL that a browser opens; the endpoint's own query is kept (RFC 6749 section 3.1)."""
    joint = "&" if urlsplit(endpoint).query else "?"
    return endpoint.split("#")[0] + joint + urlencode(parameters)


def build_request(
    authorize_url: str,
    *,
    client_id: str,
    redirect_uri: str,
    scope: str | None = None,
    pkce: Literal["S256", "none"] = "S256",
    extra_params: Mapping[str, str | None] | None = None,
) -> AuthorizationRequest:
    """A fresh request: new ``state``, new verifier, ``nonce`` with the scope ``openid``.

    ``extra_params`` win over all of these; ``None`` leaves a parameter out.

    Standards: RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 1.0 section 3.1.2.1.
    """
    verifier = new_verifier() if pkce == "S256" else None
    params: dict[str, str | None] = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": secrets.token_urlsafe(24),
    }
    if scope:
        params["scope"] = scope
    if "openid" in (scope or "").split():
        params["nonce"] = secrets.token_urlsafe(24)
    if verifier:
        params |= {"code_challenge": code_challenge(verifier), "code_challenge_method": "S256"}
    params |= extra_params or {}
    sent = {name: value for name, value in params.items() if value is not None}
    return AuthorizationRequest(
        url=authorization_url(authorize_url, sent),
        client_id=client_id,
        redirect_uri=redirect_uri,
        scope=sent.get("scope"),
        state=sent.get("state"),
        nonce=sent.get("nonce"),
        code_verifier=verifier,
        parameters=sent,
    )


def bare_code(text: str) -> str:
    """A user code as servers compare it: without punctuation, in one case (RFC 8628 section 6.1)."""
    return re.sub(r"[\W_]", "", text).casefold()


def matches_redirect_uri(url: str, redirect_uri: str) -> bool:
    """Whether a URL is the redirect URI itself, or continues it with a query or a fragment; never by prefix."""
    for candidate in {redirect_uri, _as_browsers_write(redirect_uri)}:
        further = ("&", "#") if "?" in candidate else ("?", "#")
        if url == candidate or url.startswith(tuple(candidate + separator for separator in further)):
            return True
    return False


def _as_browsers_write(url: str) -> str:
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    host = parts.netloc.lower()
    default_port = {"http": ":80", "https": ":443"}.get(parts.scheme)
    if default_port:
        host = host.removesuffix(default_port)
    web = parts.scheme in ("http", "https")
    return parts._replace(netloc=host, path=parts.path or ("/" if web else "")).geturl()


def read_redirect(url: str, redirect_uri: str, *, form: str | None = None) -> Redirect | None:
    """What a URL that matches the redirect URI carries; ``None`` where it does not match.

    ``form`` is the body of a POST (OAuth 2.0 Form Post Response Mode).
    """
    if not matches_redirect_uri(url, redirect_uri):
        return None
    bare, _, fragment = url.partition("#")
    own = set(parse_qsl(urlsplit(redirect_uri).query, keep_blank_values=True))
    query = [pair for pair in parse_qsl(urlsplit(bare).query, keep_blank_values=True) if pair not in own]
    for pairs in (query, parse_qsl(fragment, keep_blank_values=True), parse_qsl(form or "", keep_blank_values=True)):
        names = {name for name, _ in pairs}
        if names & {"code", "error", "state"}:
            return Redirect(redirect_uri=redirect_uri, parameters=dict(pairs))
    return Redirect(redirect_uri=redirect_uri, parameters=dict(query))

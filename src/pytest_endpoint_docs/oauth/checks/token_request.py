"""The documented token request with changes, as it is sent and as it is shown."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from pytest_endpoint_docs.model.body import Expectation, RequestTemplate, Step
from pytest_endpoint_docs.model.exchange import HeaderFields, Request, Response, SentRequest
from pytest_endpoint_docs.model.secret import HeaderValue, Secret
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.oauth.checks.probe import Encoding, TokenChange
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant
from pytest_endpoint_docs.oauth.token_endpoint import TokenAuth, exchange_parameters

_MEDIA_TYPES: Mapping[Encoding, str] = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
_LONGEST_ANSWER = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """A client that authenticates with a secret."""

    client_id: str
    client_secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEndpoint:
    """A token endpoint and the documented way to ask it. ``extra`` are the doc's parameters beside the standard's."""

    url: str
    auth: TokenAuth
    redirect_uri: str
    client: ClientCredentials
    location: SourceLocation
    second_client: ClientCredentials | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = True
    timeout_s: float = 30.0

    @property
    def encoding(self) -> Encoding:
        """How the doc sends the parameters."""
        return "json" if self.auth == "json" else "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """What goes over the wire; secrets are in it. ``shown`` is the same for people."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    shown: Request


def build_token_request(endpoint: TokenEndpoint, grant: AuthorizationGrant | None, change: TokenChange) -> WireRequest:
    """The documented request for this code (RFC 6749 section 4.1.3), changed; without a grant it has no code."""
    parameters = _parameters(endpoint, grant, change)
    query: dict[str, str] = {}
    headers: dict[str, HeaderValue] = {"Accept": "application/json"}
    client = endpoint.client if change.client == "own" else endpoint.second_client
    if client is None:
        raise ValueError("a second client is asked for, and the endpoint has none")
    secret = Secret("WRONG_SECRET", f"wrong-{secrets.token_hex(8)}") if change.wrong_secret else client.client_secret
    ways = _ways(endpoint, change)
    if "none" in ways:
        parameters["client_id"] = client.client_id
    if "body" in ways:
        parameters |= {"client_id": client.client_id, "client_secret": secret.reveal()}
    if "uri" in ways:
        query |= {"client_id": client.client_id, "client_secret": secret.reveal()}
    if "basic" in ways:
        headers["Authorization"] = _basic(client.client_id, secret)
    pairs = [pair for name, value in parameters.items() for pair in [(name, value)] * (1 + (name in change.repeated))]
    encoding = change.encoding or endpoint.encoding
    content: bytes | None = None
    if change.method == "GET":
        pairs, query_pairs = [], [*query.items(), *pairs]
    else:
        query_pairs = list(query.items())
        headers["Content-Type"] = _MEDIA_TYPES[encoding]
        content = _content(pairs, encoding)
    url = endpoint.url
    if query_pairs:
        url += ("&" if "?" in url else "?") + urlencode(query_pairs)
    body: dict[str, JSONValue] = {}
    for name, value in pairs:
        body[name] = [value, value] if name in change.repeated else value
    return WireRequest(
        method=change.method,
        url=url,
        headers={name: value.reveal() if isinstance(value, Secret) else value for name, value in headers.items()},
        content=content,
        shown=Request(
            method=change.method,
            url=endpoint.url,
            params=tuple(query_pairs),
            headers=headers,
            body=body,
            has_body=content is not None,
            content_type=encoding,
        ),
    )


def _parameters(endpoint: TokenEndpoint, grant: AuthorizationGrant | None, change: TokenChange) -> dict[str, str]:
    if grant is not None:
        parameters = exchange_parameters(grant)
    else:
        parameters = {"grant_type": "authorization_code", "redirect_uri": endpoint.redirect_uri}
        if endpoint.pkce:
            parameters["code_verifier"] = secrets.token_urlsafe(48)
    merged: dict[str, str | None] = {**endpoint.extra, **parameters, **change.fields}
    return {name: value for name, value in merged.items() if value is not None}


def _ways(endpoint: TokenEndpoint, change: TokenChange) -> frozenset[str]:
    if change.credentials == "documented":
        return frozenset(["basic" if endpoint.auth == "basic" else "body"])
    if change.credentials == "both":
        return frozenset(["basic", "body"])
    return frozenset([change.credentials])


def _basic(client_id: str, secret: Secret) -> Secret:
    """RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined."""
    joined = f"{quote_plus(client_id)}:{quote_plus(secret.reveal())}"
    return Secret("CLIENT_CREDENTIALS", "Basic " + base64.b64encode(joined.encode("utf-8")).decode("ascii"))


def _content(pairs: list[tuple[str, str]], encoding: Encoding) -> bytes:
    if encoding == "form":
        return urlencode(pairs).encode("ascii")
    # Written member by member: a mapping could not hold a name twice.
    members = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in pairs)
    return f"{{{members}}}".encode()


def send_token_request(endpoint: TokenEndpoint, wire: WireRequest) -> SentRequest:
    """Send it, following no redirect; a missing answer becomes the exchange's ``error``."""
    return _send(wire, endpoint.location, endpoint.timeout_s)


def send_with_token(url: str, access_token: str, *, location: SourceLocation, timeout_s: float) -> SentRequest:
    """GET a protected resource with a Bearer token (RFC 6750 section 2.1)."""
    field_value = Secret("ACCESS_TOKEN", f"Bearer {access_token}")
    headers: dict[str, HeaderValue] = {"Authorization": field_value}
    shown = Request(method="GET", url=url, headers=headers)
    sent = {"Authorization": field_value.reveal(), "Accept": "application/json"}
    return _send(WireRequest(method="GET", url=url, headers=sent, content=None, shown=shown), location, timeout_s)


def _send(wire: WireRequest, location: SourceLocation, timeout_s: float) -> SentRequest:
    import requests
    from urllib3.exceptions import HTTPError

    try:
        answer = requests.request(
            wire.method,
            wire.url,
            headers=dict(wire.headers),
            data=wire.content,
            # Else a .netrc could add credentials to a request that is to have none.
            auth=lambda prepared: prepared,
            timeout=timeout_s,
            allow_redirects=False,
            stream=True,
        )
        with answer:
            content = answer.raw.read(_LONGEST_ANSWER, decode_content=True) or b""
    except (requests.RequestException, HTTPError, OSError) as error:
        # The exception's text may hold the request's URI; its kind says enough.
        return exchange_of(wire.shown, location, response=None, error=type(error).__name__)
    response = Response(
        status_code=answer.status_code,
        reason=answer.reason or "",
        headers=HeaderFields(dict(answer.headers)),
        content=content,
        elapsed_s=answer.elapsed.total_seconds(),
        url=wire.shown.url,
    )
    return exchange_of(wire.shown, location, response=response, error=None)


def exchange_of(
    request: Request, location: SourceLocation, *, response: Response | None, error: str | None
) -> SentRequest:
    """An exchange of a check; no step of a doc stands behind it, so it gets one of its own."""
    step = Step(
        id="check",
        phase="case",
        location=location,
        request=RequestTemplate(method=request.method, path=request.url, location=location),
        expect=Expectation(location=location),
    )
    return SentRequest(step=step, phase="case", request=request, response=response, error=error)

"""The documented token request with changes, as it is sent and as it is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import RequestError
from pytest_endpoint_docs.http.wire import WireRequest, form_pairs, wire_request
from pytest_endpoint_docs.model.body import MEDIA_TYPES, Expectation, RequestTemplate, Step
from pytest_endpoint_docs.model.environment import OAuthClient
from pytest_endpoint_docs.model.exchange import Exchange, Request, Response, SentRequest
from pytest_endpoint_docs.model.secret import HeaderValue, Secret
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.checks.judging import text_of
from pytest_endpoint_docs.oauth.checks.probe import Credentials, Encoding, Pushed, TokenChange
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant, AuthorizationRequest, new_verifier
from pytest_endpoint_docs.oauth.token_endpoint import TokenAuth, authenticated, exchange_parameters

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.redaction.redactor import Redactor


# In which ways a client authenticates that does not do it as documented.
_AUTHS: Mapping[Credentials, tuple[TokenAuth, ...]] = {
    "none": ("none",),
    "basic": ("basic",),
    "body": ("post",),
    "both": ("basic", "post"),
    "uri": ("post",),
}


@value_class
class TokenEndpoint:
    """A token endpoint and the documented way to ask it. ``extra`` are the doc's parameters beside the standard's."""

    url: str
    auth: TokenAuth
    redirect_uri: str
    client: OAuthClient
    location: SourceLocation
    second_client: OAuthClient | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = True

    @property
    def encoding(self) -> Encoding:
        """How the doc sends the parameters."""
        return "json" if self.auth == "json" else "form"


@value_class
class ChangedRequest:
    """A token request: ``wire`` is what is sent, ``shown`` is the same for people."""

    wire: WireRequest
    shown: Request


def build_token_request(
    endpoint: TokenEndpoint, grant: AuthorizationGrant | None, change: TokenChange
) -> ChangedRequest:
    """The documented request for this code (RFC 6749 section 4.1.3), changed; without a grant it has no code."""
    encoding = change.encoding or endpoint.encoding
    return _built(endpoint, endpoint.url, _parameters(endpoint, grant, change), change, encoding)


def build_form(endpoint: TokenEndpoint, url: str, fields: Mapping[str, str], change: TokenChange) -> ChangedRequest:
    """A form for another endpoint, at which the client authenticates as it does at the token endpoint."""
    return _built(endpoint, url, dict(fields), change, "form")


def _wrong(secret: Secret | None) -> Secret:
    """A secret that is wrong by its last letter: a server that compares only the beginning takes it."""
    return Secret("WRONG_SECRET", f"{secret.reveal() if secret else ''}x")


def _built(
    endpoint: TokenEndpoint, url: str, parameters: dict[str, str], change: TokenChange, encoding: Encoding
) -> ChangedRequest:
    query: dict[str, str] = {}
    headers: dict[str, HeaderValue] = {"Accept": "application/json"}
    client = endpoint.client if change.client == "own" else endpoint.second_client
    if client is None:
        raise ValueError("a second client is asked for, and the endpoint has none")
    secret = _wrong(client.client_secret) if change.wrong_secret else client.client_secret
    for auth in _AUTHS.get(change.credentials, (endpoint.auth,)):
        fields, own = authenticated(auth, client.client_id, secret, audience=endpoint.url)
        headers |= fields
        (query if change.credentials == "uri" else parameters).update(own)
    body: dict[str, JSONValue] = {}
    for name, value in parameters.items():
        body[name] = [value, value] if name in change.repeated else value
    is_get = change.method == "GET"
    if not is_get:
        headers["Content-Type"] = MEDIA_TYPES[encoding]
    shown = Request(
        method=change.method,
        url=url,
        params=(*query.items(), *(form_pairs(body) if is_get else ())),
        headers=headers,
        body=None if is_get else body,
        has_body=not is_get,
        content_type=encoding,
    )
    # Its query may hold the client's secret, which messages must not.
    wire = replace(wire_request(shown), shown_url=url)
    if not is_get and encoding == "json":
        wire = replace(wire, content=_json_object(form_pairs(body)))
    return ChangedRequest(wire=wire, shown=shown)


def _parameters(endpoint: TokenEndpoint, grant: AuthorizationGrant | None, change: TokenChange) -> dict[str, str]:
    if grant is not None:
        parameters = exchange_parameters(grant)
    else:
        parameters = {"grant_type": "authorization_code", "redirect_uri": endpoint.redirect_uri}
        if endpoint.pkce:
            parameters["code_verifier"] = new_verifier()
    merged: dict[str, str | None] = {**endpoint.extra, **parameters, **change.fields}
    return {name: value for name, value in merged.items() if value is not None}


def _json_object(members: list[tuple[str, str]]) -> bytes:
    """Written member by member: a mapping could not hold a name twice."""
    written = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in members)
    return f"{{{written}}}".encode()


def send_token_request(http: HttpClient, request: ChangedRequest, location: SourceLocation) -> SentRequest:
    """Send it, following no redirect; a missing answer becomes the exchange's ``error``."""
    try:
        response = http.exchange(request.wire)
    except RequestError as error:
        return exchange_of(request.shown, location, response=None, error=error.message)
    return exchange_of(request.shown, location, response=response, error=None)


def pushed_by(request: AuthorizationRequest, exchange: SentRequest, redactor: Redactor) -> Pushed:
    """What came of a push; the redactor learns the reference."""
    request_uri = text_of(exchange, "request_uri")
    if request_uri:
        redactor.add(Secret("OAUTH_REQUEST_URI", request_uri))
    return Pushed(request=request, exchange=exchange, request_uri=request_uri)


def send_with_token(http: HttpClient, url: str, access_token: str, location: SourceLocation) -> SentRequest:
    """GET a protected resource with a Bearer token (RFC 6750 section 2.1)."""
    headers: dict[str, HeaderValue] = {
        "Authorization": Secret("ACCESS_TOKEN", f"Bearer {access_token}"),
        "Accept": "application/json",
    }
    shown = Request(method="GET", url=url, headers=headers)
    return send_token_request(http, ChangedRequest(wire=wire_request(shown), shown=shown), location)


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
    if response is None:
        return SentRequest(step=step, phase="case", request=request, response=None, error=error)
    return Exchange(step=step, phase="case", request=request, response=response)

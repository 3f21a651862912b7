"""Asking a token endpoint: for the token of a code (RFC 6749 section 4.1.3), or of a refresh token (section 6)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus

from pytest_endpoint_docs.errors import ConfigError, RequestError
from pytest_endpoint_docs.http.wire import wire_request
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.secret import HeaderValue, Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.oauth.client_assertion import assertion_parameters
from pytest_endpoint_docs.oauth.consent_errors import TokenRequestFailed, error_in
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant
from pytest_endpoint_docs.redaction.exchanges import learn_json

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.redaction.redactor import Redactor

TokenAuth = Literal["basic", "post", "json", "none", "client_secret_jwt", "private_key_jwt"]
TokenResponse = dict[str, JSONValue]


def exchange_parameters(grant: AuthorizationGrant) -> dict[str, str]:
    """The token request for a code, without client authentication."""
    parameters = {"grant_type": "authorization_code", "code": grant.code, "redirect_uri": grant.redirect_uri}
    if grant.code_verifier:
        parameters["code_verifier"] = grant.code_verifier
    return parameters


def basic_credentials(client_id: str, client_secret: Secret) -> Secret:
    """The ``Authorization`` field of a client (RFC 6749 section 2.3.1): id and secret are form-encoded, then joined."""
    joined = f"{quote_plus(client_id)}:{quote_plus(client_secret.reveal())}"
    return Secret("CLIENT_CREDENTIALS", "Basic " + base64.b64encode(joined.encode("ascii")).decode("ascii"))


def credential_of(settings: OAuthSettings) -> Secret | None:
    """What the environment's client authenticates with: its secret, or its private key."""
    return settings.client_key if settings.token_auth == "private_key_jwt" else settings.client_secret


def client_of(
    settings: OAuthSettings, client_id: str | None, client_secret: Secret | None, *, asks: str
) -> tuple[str, Secret | None]:
    """The client of a request, and what it authenticates with: as given, or the environment's.

    Raises: :class:`ConfigError` where neither names one; ``asks`` says what needs it.
    """
    client_id = client_id or settings.client_id
    if not client_id:
        raise ConfigError(f"{settings.location}: {asks} needs client_id, and the oauth block has none")
    own = credential_of(settings) if client_id == settings.client_id else None
    return client_id, client_secret or own


class TokenRequests:
    """The token requests of a run, sent to the environment's token endpoint; the redactor learns what it answers.

    ``announce`` takes a masked line for the person.
    """

    def __init__(
        self, settings: OAuthSettings, http: HttpClient, *, redactor: Redactor, announce: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._http = http
        self._redactor = redactor
        self._announce = announce

    def exchange(
        self, grant: AuthorizationGrant, client_id: str | None = None, client_secret: Secret | None = None
    ) -> TokenResponse:
        """The token response for a code.

        Raises: :class:`TokenRequestFailed`.
        """
        return self.request(exchange_parameters(grant), client_id or grant.client_id, client_secret)

    def request(
        self, parameters: Mapping[str, str], client_id: str | None = None, client_secret: Secret | None = None
    ) -> TokenResponse:
        """The token response for these parameters (a code's, or ``grant_type=refresh_token``).

        Raises: :class:`TokenRequestFailed`, :class:`ConfigError` where no client is known.
        """
        client_id, credential = client_of(self._settings, client_id, client_secret, asks="a token request")
        answer = request_token(self._http, self._settings, parameters, client_id=client_id, client_secret=credential)
        learn_json(self._redactor, dict(answer))
        self._announce(f"the token endpoint answered with {', '.join(sorted(answer))}")
        return answer


def request_token(
    http: HttpClient,
    settings: OAuthSettings,
    parameters: Mapping[str, str],
    *,
    client_id: str,
    client_secret: Secret | None,
) -> TokenResponse:
    """Send one token request and return its JSON.

    ``token_auth`` of the settings: ``basic``, see :func:`basic_credentials`; ``post``: in the form; ``json``: in a JSON
    body (not in the RFC, seen in the wild); ``client_secret_jwt`` and ``private_key_jwt``: see
    :func:`~.client_assertion.assertion_parameters`; ``none``: not at all. A client without a secret is public and sends
    ``client_id`` only.

    Raises: :class:`TokenRequestFailed`.
    """
    request = client_request(settings, settings.token_url, parameters, client_id=client_id, client_secret=client_secret)
    if settings.token_auth == "json":
        request = replace(request, content_type="json")
    try:
        response = http.exchange(wire_request(request))
    except RequestError as error:
        raise TokenRequestFailed(f"the token endpoint gave no token: {error.message}") from None
    return _token_response(response, f"grant_type={parameters['grant_type']} (token_auth: {settings.token_auth})")


def client_request(
    settings: OAuthSettings,
    url: str,
    parameters: Mapping[str, str],
    *,
    client_id: str,
    client_secret: Secret | None,
) -> Request:
    """A form for an endpoint at which the client authenticates as at the token endpoint."""
    fields, own = authenticated(settings.token_auth, client_id, client_secret, audience=settings.token_url)
    return Request(
        method="POST",
        url=url,
        headers={"Accept": "application/json", **fields},
        body={**parameters, **own},
        has_body=True,
        content_type="form",
    )


def authenticated(
    auth: TokenAuth, client_id: str, credential: Secret | None, *, audience: str
) -> tuple[dict[str, HeaderValue], dict[str, str]]:
    """The header fields and the parameters with which a client authenticates in this way (RFC 6749 section 2.3).

    A client without a credential names itself.
    """
    if not credential or auth == "none":
        return {}, {"client_id": client_id}
    if auth == "basic":
        return {"Authorization": basic_credentials(client_id, credential)}, {}
    if auth == "client_secret_jwt" or auth == "private_key_jwt":
        return {}, assertion_parameters(auth, client_id, credential, audience=audience)
    return {}, {"client_id": client_id, "client_secret": credential.reveal()}


def _token_response(response: Response, asked: str) -> TokenResponse:
    members = response.as_object()
    if response.status_code == 200 and isinstance(members.get("access_token"), str):
        return dict(members)
    problem, described = members.get("error"), error_in(members)
    said = f": {described}" if described else ", without an access_token"
    raise TokenRequestFailed(
        f"the token endpoint {response.url} answered {response.status_code}{said} to {asked}",
        status_code=response.status_code,
        error=str(problem) if problem else None,
    )

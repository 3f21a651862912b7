"""Endpoints for clients beside the token endpoint: RFC 7662 (ask about tokens), 7009 (revoke them), 9126 (push)."""

from __future__ import annotations

import secrets
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Blueprint, Response, jsonify, request

from pytest_endpoint_docs.sandbox.oauth_records import AccessToken, App, PushedRequest, RefreshToken, expiry
from pytest_endpoint_docs.sandbox.oauth_requests import read_parameters
from pytest_endpoint_docs.sandbox.oauth_server import SandboxAuthorizationServer, SandboxRequest
from pytest_endpoint_docs.sandbox.platform import platform

blueprint = Blueprint("token_services", __name__)

_PUSHED_LIFETIME_S = 60

Token = AccessToken | RefreshToken


def _known(server: SandboxAuthorizationServer, value: str) -> Token | None:
    """A token that works, whichever kind it is: the hint may be wrong (RFC 7009 section 2.1)."""
    grants = server.grants
    refresh_token = grants.refresh_tokens.get(value)
    if refresh_token is not None:
        return None if refresh_token.spent else refresh_token
    return grants.live_token(value, server.settings.clock())


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """RFC 7009: a refresh token takes everything with it that goes back to the same grant."""

    server: SandboxAuthorizationServer

    def authenticate_token(self, request: SandboxRequest, client: App) -> Token | None:
        self.check_params(request, client)
        found = _known(self.server, request.form["token"])
        if found is None:
            self.server.rules.unknown_token_to_revoke()
        elif not self.server.rules.may_revoke(found, client):
            raise self.server.rules.foreign_token()
        return found

    def revoke_token(self, token: Token, request: SandboxRequest) -> None:
        if not self.server.rules.revokes(token):
            return
        if isinstance(token, RefreshToken):
            self.server.grants.revoke_family(token.family)
        else:
            del self.server.grants.tokens[token.value]


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """RFC 7662, for confidential apps; each may ask about its own tokens."""

    server: SandboxAuthorizationServer

    def authenticate_endpoint_client(self, request: SandboxRequest) -> App:
        client: App = super().authenticate_endpoint_client(request)
        if client.client_secret is None:
            raise self.server.rules.failed_client(None)
        return client

    def authenticate_token(self, request: SandboxRequest, client: App) -> Token | None:
        self.check_params(request, client)
        found = _known(self.server, request.form["token"])
        return found if found and found.check_client(client) else None

    def create_introspection_payload(self, token: Token | None) -> dict[str, Any]:
        if token is None:
            return {"active": False, **self.server.rules.said_of_inactive_tokens}
        said: dict[str, Any] = {"active": True, "client_id": token.client_id, "scope": token.scope}
        if isinstance(token, AccessToken):
            said |= {"token_type": "Bearer", "exp": int(token.expires_at.timestamp())}
        if token.user:
            said["sub"] = token.user.subject
        return dict(self.server.rules.introspection(said))


def _answer(endpoint: str) -> Response:
    here = platform()
    try:
        asked = SandboxRequest(request, read_parameters(here.rules))
    except OAuth2Error as error:
        return here.server.refuse(error)
    answer: Response = here.server.create_endpoint_response(endpoint, asked)
    return answer


@blueprint.post("/oauth/par")
def push() -> Response:
    """RFC 9126 section 2: an authorization request, checked, and kept for a minute."""
    here = platform()
    try:
        asked = SandboxRequest(request, read_parameters(here.rules))
        app = here.server.authenticate_client(asked, (), "par")
        here.rules.nested_request_uri(asked.parameters.get("request_uri"))
        kept = {name: value for name, value in asked.parameters.items() if name != "client_secret"}
        kept["client_id"] = app.client_id
        here.server.get_consent_grant(SandboxRequest(request, kept), end_user=None)
    except OAuth2Error as error:
        return here.server.refuse(error)
    request_uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(32)}"
    expires_at = expiry(here.settings.clock(), _PUSHED_LIFETIME_S)
    here.grants.pushed[request_uri] = PushedRequest(client_id=app.client_id, parameters=kept, expires_at=expires_at)
    answer = jsonify(here.rules.push_answer({"request_uri": request_uri, "expires_in": _PUSHED_LIFETIME_S}))
    answer.status_code = 201
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/oauth/revoke")
def revoke() -> Response:
    """RFC 7009 section 2."""
    return _answer(Revocation.ENDPOINT_NAME)


@blueprint.post("/oauth/introspect")
def introspect() -> Response:
    """RFC 7662 section 2."""
    return _answer(Introspection.ENDPOINT_NAME)

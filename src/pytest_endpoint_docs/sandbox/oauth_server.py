"""The authorization server: Authlib's, with the sandbox's records and rules."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, Request, Response
from flask import request as flask_request

from pytest_endpoint_docs.sandbox.id_tokens import IdTokens
from pytest_endpoint_docs.sandbox.oauth_records import SCOPES, AccessToken, App, Code, Grants, RefreshToken, expiry
from pytest_endpoint_docs.sandbox.oauth_rules import GRANT_TYPES, Rules
from pytest_endpoint_docs.sandbox.settings import SandboxSettings, User


class UnsupportedResponse(OAuth2Error):  # type: ignore[misc]
    """RFC 6749 section 4.1.2.1. Authlib's own repeats the request's text in the description, whatever it holds."""

    error = "unsupported_response_type"
    description = "The only response_type here is code."


class SandboxRequest(OAuth2Request):  # type: ignore[misc]
    """A request whose parameters were taken out already: ``parameters``, ``repeated`` ones with their first value."""

    def __init__(self, request: Request, parameters: Mapping[str, str], repeated: frozenset[str] = frozenset()) -> None:
        # Authlib takes http for localhost only, by that name; loopback addresses are as private.
        uri = request.url.replace("http://", "https://", 1)
        super().__init__(request.method, uri, headers=request.headers)
        # RFC 6749 section 3.1: a parameter without a value counts as left out.
        self.parameters = {name: value for name, value in parameters.items() if value}
        self.repeated = repeated
        self.payload = BasicOAuth2Payload(self.parameters)
        self.basic = request.authorization if request.authorization and request.authorization.type == "basic" else None

    @property
    def form(self) -> Mapping[str, str]:
        return self.parameters

    @property
    def args(self) -> Mapping[str, str]:
        return self.parameters


class SandboxAuthorizationServer(AuthorizationServer):  # type: ignore[misc]
    """Clients authenticate by HTTP Basic or in the body, public ones name themselves."""

    def __init__(self, settings: SandboxSettings, grants: Grants, rules: Rules, app: Flask) -> None:
        self.settings = settings
        self.id_tokens = IdTokens(settings)
        self.grants = grants
        self.rules = rules
        app.config["OAUTH2_SCOPES_SUPPORTED"] = list(SCOPES)
        app.config["OAUTH2_TOKEN_EXPIRES_IN"] = dict.fromkeys(
            (*GRANT_TYPES, "client_credentials"), settings.token_lifetime_s
        )
        app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        super().__init__(app, query_client=grants.apps.get, save_token=self._keep_token)
        self.register_grant(SandboxCodeGrant, [SandboxCodeChallenge(required=False)])
        self.register_grant(SandboxRefreshGrant)
        for grant in rules.extra_grants:
            self.register_grant(grant)

    @property
    def issuer(self) -> str:
        """The issuer identifier (RFC 8414 section 2): the server's own address, without a gateway's prefix."""
        return flask_request.host_url.rstrip("/")

    def create_oauth2_request(self, request: SandboxRequest) -> SandboxRequest:
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to Authlib's signals here."""

    def authorization_response_uri(self, redirect_uri: str, parameters: Mapping[str, str]) -> str:
        """Where an authorization response goes, with ``iss`` (RFC 9207 section 2)."""
        final = self.rules.authorization_response({**parameters, "iss": self.issuer})
        return str(add_params_to_uri(redirect_uri, list(final.items())))

    def handle_error_response(self, request: SandboxRequest, error: OAuth2Error) -> Response:
        if error.redirect_uri:
            uri = self.authorization_response_uri(error.redirect_uri, dict(error.get_body()))
            return Response(status=302, headers={"Location": uri})
        response: Response = super().handle_error_response(request, error)
        return response

    def refuse(self, error: OAuth2Error) -> Response:
        """The answer to a client at an endpoint that redirects nobody (RFC 9126 section 2.3)."""
        error.redirect_uri = None
        return self.handle_error_response(SandboxRequest(flask_request, {}), error)

    def get_authorization_grant(self, request: SandboxRequest) -> AuthorizationCodeGrant:
        """Checks where errors may be sent first (RFC 6749 section 4.1.2.1), then the rest."""
        wanted_uri = request.parameters.get("redirect_uri")
        app = self.query_client(request.parameters.get("client_id", ""))
        if app is None:
            target = self.rules.error_target_of_unknown_client(wanted_uri)
            raise InvalidClientError(description="There is no app with this client_id.", redirect_uri=target)
        redirect_uri = wanted_uri or app.get_default_redirect_uri()
        if not redirect_uri or not self.rules.redirect_uri_registered(app, redirect_uri):
            raise InvalidRequestError("The redirect_uri is not one that the app registered.")
        response_type = self.rules.response_type(request.parameters.get("response_type"))
        if response_type is None:
            raise InvalidRequestError("response_type is missing.", redirect_uri=redirect_uri)
        if response_type != "code":
            raise UnsupportedResponse(redirect_uri=redirect_uri)
        if request.repeated:
            certain = not request.repeated & {"client_id", "redirect_uri"}
            message = "No parameter may be given more than once."
            raise InvalidRequestError(message, redirect_uri=redirect_uri if certain else None)
        request.parameters["response_type"] = response_type
        return super().get_authorization_grant(request)

    def authenticate_client(self, request: SandboxRequest, methods: object, endpoint: str = "token") -> App:
        """The app that sends a token request (RFC 6749 section 2.3.1). Raises: OAuth2Error."""
        given: dict[str, tuple[str, str]] = {}
        if request.basic:
            given["basic"] = (request.basic.username or "", request.basic.password or "")
        if "client_secret" in request.form:
            given["body"] = (request.form.get("client_id", ""), request.form["client_secret"])
        self.rules.check_methods(frozenset(given))
        lenient = not self.rules.authenticates(request.form.get("grant_type", "") if endpoint == "token" else endpoint)
        for method, (client_id, secret) in given.items():
            app = self.grants.apps.get(client_id)
            if app is None or not (lenient or self.rules.secret_matches(app, secret, method)):
                raise self.rules.failed_client(method)
            if request.form.get("client_id", client_id) != client_id:
                raise InvalidRequestError("client_id in the body is not the one that authenticates.")
            request.auth_method = method
            return app
        anonymous = self.grants.apps.get(request.form.get("client_id", ""))
        if anonymous is None or not (lenient or self.rules.may_stay_anonymous(anonymous)):
            raise self.rules.failed_client(None)
        request.auth_method = "none"
        return anonymous

    def _keep_token(self, token: Mapping[str, Any], request: SandboxRequest) -> None:
        now, code, used = self.settings.clock(), request.authorization_code, request.refresh_token
        family = code.code if code else used.family if used else secrets.token_hex(8)
        self.grants.tokens[token["access_token"]] = AccessToken(
            value=token["access_token"],
            client_id=request.client.client_id,
            user=request.user,
            scope=token.get("scope", ""),
            expires_at=expiry(now, self.settings.token_lifetime_s),
            family=family,
        )
        if "refresh_token" in token:
            self.grants.refresh_tokens[token["refresh_token"]] = RefreshToken(
                value=token["refresh_token"],
                client_id=request.client.client_id,
                user=request.user,
                scope=used.scope if used else token.get("scope", ""),
                family=family,
            )
        if code:
            self.grants.spent.add(code.code)


class SandboxCodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """RFC 6749 section 4.1."""

    # Which methods the endpoint takes is decided by its route.
    TOKEN_ENDPOINT_HTTP_METHODS = ("GET", "POST")

    server: SandboxAuthorizationServer
    request: SandboxRequest

    def validate_authorization_redirect_uri(self, request: SandboxRequest, client: App) -> str | None:
        """The server has compared it with the registered ones already."""
        return request.parameters.get("redirect_uri") or client.get_default_redirect_uri()

    def create_authorization_response(
        self, redirect_uri: str, grant_user: User | None
    ) -> tuple[int, str, list[tuple[str, str]]]:
        if grant_user is None:
            raise AccessDeniedError(redirect_uri=redirect_uri)
        self.request.user = grant_user
        parameters = {"code": secrets.token_urlsafe(32)}
        self.save_authorization_code(parameters["code"], self.request)
        if "state" in self.request.parameters:
            parameters["state"] = self.request.parameters["state"]
        return 302, "", [("Location", self.server.authorization_response_uri(redirect_uri, parameters))]

    def save_authorization_code(self, code: str, request: SandboxRequest) -> None:
        now = self.server.settings.clock()
        self.server.grants.codes[code] = Code(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=request.parameters.get("redirect_uri"),
            scope=request.scope,
            user=request.user,
            expires_at=expiry(now, self.server.settings.code_lifetime_s),
            code_challenge=request.parameters.get("code_challenge"),
            code_challenge_method=request.parameters.get("code_challenge_method"),
            nonce=request.parameters.get("nonce"),
        )

    def query_authorization_code(self, code: str, client: App) -> Code | None:
        rules, grants = self.server.rules, self.server.grants
        found = grants.codes.get(code)
        if found is None:
            if error := rules.unknown_code():
                raise error
            return None
        if not rules.issued_to(found, client):
            return None
        if code in grants.spent and rules.refuse_spent():
            if rules.revoke_spent():
                grants.revoke_family(code)
            rules.spent_code()
            return None
        if rules.expired(found, self.server.settings.clock()):
            return None
        # Authlib compares the request's redirect_uri with the one of the code that it is given.
        return replace(found, redirect_uri=rules.redirect_uri_to_repeat(found, self.request.form.get("redirect_uri")))

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Codes are kept, so that a second use can be told from a made-up code."""

    def authenticate_user(self, authorization_code: Code) -> User:
        return authorization_code.user

    def create_token_response(self) -> tuple[int, Mapping[str, Any], list[tuple[str, str]]]:
        status, token, headers = super().create_token_response()
        if "openid" in token["scope"].split():
            code: Code = self.request.authorization_code
            named = {"iss": self.server.issuer, "aud": code.client_id, "sub": code.user.subject, "nonce": code.nonce}
            claims = self.server.id_tokens.claims(named, token["access_token"])
            id_token = self.server.id_tokens.signed(self.server.rules.id_token_claims(claims))
            token = {**token, "id_token": self.server.rules.signed_id_token(id_token)}
        return status, token, headers


class SandboxRefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    """RFC 6749 section 6, with rotation."""

    TOKEN_ENDPOINT_HTTP_METHODS = ("GET", "POST")

    server: SandboxAuthorizationServer
    request: SandboxRequest

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # noqa: N802
        """Authlib's name."""
        return self.server.rules.rotates_refresh_tokens

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        rules, grants = self.server.rules, self.server.grants
        found = grants.refresh_tokens.get(refresh_token)
        if found is None:
            return None
        # Authlib compares the client that asks with the one of the token that it is given.
        found = replace(found, client_id=rules.holder(found, self.request.client))
        if found.spent and found.check_client(self.request.client) and rules.refuse_spent_refresh_token():
            if rules.revoke_after_reuse():
                grants.revoke_family(found.family)
            return None
        return found

    def authenticate_user(self, refresh_token: RefreshToken) -> User:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        if self.INCLUDE_NEW_REFRESH_TOKEN:
            self.server.grants.refresh_tokens[refresh_token.value] = replace(refresh_token, spent=True)


class SandboxCodeChallenge(CodeChallenge):  # type: ignore[misc]
    """RFC 7636, S256 only."""

    def validate_code_challenge(self, grant: SandboxCodeGrant, redirect_uri: str) -> None:
        parameters, app = grant.request.parameters, grant.request.client
        if app.require_pkce and not parameters.get("code_challenge"):
            raise InvalidRequestError("This app must send a code_challenge.")
        super().validate_code_challenge(grant, redirect_uri)
        # Without a method RFC 7636 section 4.3 means plain, which is not supported here.
        supported = grant.server.rules.challenge_methods
        if parameters.get("code_challenge") and parameters.get("code_challenge_method", "plain") not in supported:
            raise InvalidRequestError(f"code_challenge_method must be {' or '.join(supported)}.")

    def validate_code_verifier(self, grant: SandboxCodeGrant, result: object) -> None:
        rules, code = grant.server.rules, grant.request.authorization_code
        if not rules.verifier_matters(code):
            return
        if code.code_challenge is None and grant.request.form.get("code_verifier"):
            raise rules.verifier_without_challenge()
        try:
            super().validate_code_verifier(grant, result)
        except InvalidRequestError as error:
            raise InvalidGrantError("The code_verifier does not fit the code_challenge.") from error

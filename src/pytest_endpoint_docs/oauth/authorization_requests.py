"""The authorization requests of a run, as its environment says; pushed first where that names an endpoint for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.browser.credentials import choose_user
from pytest_endpoint_docs.oauth.consent_errors import NoCode, why_no_code
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest, build_request

if TYPE_CHECKING:
    from pytest_endpoint_docs.oauth.pushed_requests import PushedRequests
    from pytest_endpoint_docs.redaction.redactor import Redactor


class ConsentParameters(TypedDict, total=False):
    """What may be said of a consent; the environment's ``oauth`` block gives what is not.

    ``extra_params`` come after the environment's ``authorize_params``; ``None`` leaves a parameter out.
    """

    client_id: str | None
    redirect_uri: str | None
    scope: str | None
    user: str | None
    extra_params: Mapping[str, str | None] | None
    pkce: Literal["S256", "none"] | None


class AuthorizationRequests:
    """Makes authorization requests; the redactor learns what is secret in them."""

    def __init__(self, settings: OAuthSettings, redactor: Redactor, pushed: PushedRequests | None) -> None:
        self._settings = settings
        self._redactor = redactor
        self._pushed = pushed

    def fresh(self, **given: Unpack[ConsentParameters]) -> AuthorizationRequest:
        """A fresh authorization request, with what the environment says where a part is not given.

        Raises: :class:`ConfigError` where it does not say either; :class:`NoCode` where it gives no codes.
        """
        settings, scope = self._settings, given.get("scope")
        if settings.grant != "authorization_code":
            raise NoCode(why_no_code(settings))
        request = build_request(
            settings.authorize_url,
            client_id=self._required("client_id", given.get("client_id") or settings.client_id),
            redirect_uri=self._required("redirect_uri", given.get("redirect_uri") or settings.redirect_uri),
            scope=scope if scope is not None else settings.scope,
            pkce=given.get("pkce") or settings.pkce,
            extra_params={**settings.authorize_params, **(given.get("extra_params") or {})},
        )
        for name, value in (("OAUTH_STATE", request.state), ("OAUTH_CODE_VERIFIER", request.code_verifier)):
            if value:
                self._redactor.add(Secret(name, value))
        return request

    def identity(self, **given: Unpack[ConsentParameters]) -> tuple[str, ...]:
        """What tells a kind of consent from others: where one got no code, the next will get none."""
        settings, scope = self._settings, given.get("scope")
        return (
            settings.authorize_url,
            given.get("client_id") or settings.client_id or "",
            given.get("redirect_uri") or settings.redirect_uri or "",
            scope if scope is not None else settings.scope or "",
            choose_user(settings, given.get("user")).name,
            given.get("pkce") or settings.pkce,
            json.dumps(dict(given.get("extra_params") or {}), sort_keys=True),
        )

    def push(self, request: AuthorizationRequest) -> AuthorizationRequest:
        """The request as a browser opens it. Raises: :class:`PushRefused`."""
        return self._pushed.push(request) if self._pushed else request

    def _required(self, name: str, value: str | None) -> str:
        if not value:
            raise ConfigError(f"{self._settings.location}: a consent needs {name}, and the oauth block has none")
        return value

"""The probe of a real run: codes by consents in the browser, token requests by HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.environment import OAuthClient
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.oauth.authorization_requests import ConsentParameters
from pytest_endpoint_docs.oauth.checks.judging import NotRun
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Client, Facts, Pushed, TokenChange
from pytest_endpoint_docs.oauth.checks.server_keys import ServerKeys
from pytest_endpoint_docs.oauth.checks.token_request import (
    TokenEndpoint,
    build_form,
    build_token_request,
    pushed_by,
    send_token_request,
    send_with_token,
)
from pytest_endpoint_docs.oauth.consent_errors import (
    ConsentTimeout,
    NoWayToDeny,
)
from pytest_endpoint_docs.oauth.device_authorization import learned_user_code
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant, AuthorizationRequest, granted
from pytest_endpoint_docs.oauth.outcome import no_code_in
from pytest_endpoint_docs.oauth.pushed_requests import opened_by
from pytest_endpoint_docs.redaction.exchanges import learn_json

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.oauth.consent_session import ConsentSession
    from pytest_endpoint_docs.oauth.outcome import Followed
    from pytest_endpoint_docs.redaction.redactor import Redactor


class BrowserProbe:
    """Implements ``Probe`` over a consent session.

    ``resource_url`` is a protected resource that takes the access token by GET, to see whether a token still works.
    With ``login_pages`` one check logs in once more, in a browser of its own, to see the login's pages; a person is
    never asked to.
    """

    def __init__(
        self,
        session: ConsentSession,
        http: HttpClient,
        endpoint: TokenEndpoint,
        facts: Facts,
        redactor: Redactor,
        *,
        resource_url: str | None = None,
        login_pages: bool,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = session
        self._http = http
        self._endpoint = endpoint
        self._facts = facts
        self._redactor = redactor
        self._resource_url = resource_url
        self._login_pages = login_pages
        self._sleep = sleep
        self._keys = ServerKeys(http, facts.metadata.jwks_uri, endpoint.client.client_secret)
        for client in filter(None, (endpoint.client, endpoint.second_client)):
            if client.client_secret:
                redactor.add(client.client_secret)

    @property
    def facts(self) -> Facts:
        """What is known of the endpoints."""
        return replace(self._facts, attended=self._session.options.mode == "attended")

    @property
    def redactor(self) -> Redactor:
        """The run's redactor."""
        return self._redactor

    def grant(self, *, challenge: bool = True, client: Client = "own") -> AuthorizationGrant:
        """A fresh code. See :class:`Probe`."""
        return self._grant(self._session, challenge=challenge, client=client)

    def grant_after_login(self) -> AuthorizationGrant | None:
        """A fresh code with a login of its own. See :class:`Probe`."""
        if not self._login_pages or self._session.options.mode != "automated":
            return None
        session = self._session.afresh()
        try:
            return self._grant(session)
        finally:
            session.close()

    def _grant(self, session: ConsentSession, *, challenge: bool = True, client: Client = "own") -> AuthorizationGrant:
        asked = self._asked(client, challenge=challenge)
        identity = session.requests.identity(**asked)
        return session.first_failures.guard(identity, lambda: _granted(session.reach(**asked)))

    def _asked(self, client: Client, *, challenge: bool = True) -> ConsentParameters:
        return {
            "client_id": self._client(client).client_id,
            "redirect_uri": self._endpoint.redirect_uri,
            "pkce": "S256" if challenge and self._facts.pkce else "none",
        }

    def token_request(self, grant: AuthorizationGrant | None, change: TokenChange) -> SentRequest:
        """Send a token request. See :class:`Probe`."""
        request = build_token_request(self._endpoint, grant, change)
        exchange = send_token_request(self._http, request, self._endpoint.location)
        if exchange.response is not None:
            learn_json(self._redactor, dict(exchange.response.as_object()))
        return exchange

    def post(self, url: str, fields: Mapping[str, str], change: TokenChange) -> SentRequest:
        """Send parameters to another endpoint. See :class:`Probe`."""
        exchange = send_token_request(
            self._http, build_form(self._endpoint, url, fields, change), self._endpoint.location
        )
        if exchange.response is not None:
            learn_json(self._redactor, dict(exchange.response.as_object()))
        return exchange

    def push(self, extra: Mapping[str, str], change: TokenChange) -> Pushed:
        """Push a fresh authorization request. See :class:`Probe`."""
        request = self._session.requests.fresh(**self._asked(change.client))
        assert self._facts.par_url is not None
        exchange = self.post(self._facts.par_url, {**request.parameters, **extra}, change)
        return pushed_by(request, exchange, self._redactor)

    def open_pushed(self, pushed: Pushed, *, client: Client = "own") -> AuthorizeOutcome:
        """Open the reference to a pushed request. See :class:`Probe`."""
        client_id = self._client(client).client_id
        parameters = {**pushed.request.parameters, "client_id": client_id}
        request = replace(pushed.request, client_id=client_id, parameters=parameters)
        url = self._session.settings.authorize_url
        try:
            return _outcome(
                self._session.follow_request(opened_by(request, url, pushed.request_uri or "", self._redactor))
            )
        except ConsentTimeout as endless:
            raise NotRun(endless.message) from None

    def visit(self, url: str, user_code: str, *, deny: bool) -> AuthorizeOutcome:
        """Send the person to where they let a device in. See :class:`Probe`."""
        code = learned_user_code(user_code, self._redactor)
        asked = AuthorizationRequest(
            url=url,
            client_id=self._endpoint.client.client_id,
            redirect_uri=self._endpoint.redirect_uri,
            scope=None,
            state=None,
            nonce=None,
            code_verifier=None,
            parameters={},
        )
        try:
            followed = self._session.follow_request(asked, deny=deny, user_code=code)
        except NoWayToDeny as nothing:
            raise NotRun(nothing.message) from None
        except ConsentTimeout as endless:
            raise NotRun(endless.message) from None
        if deny and not followed.acted:
            raise NotRun(f"nothing was refused: {followed.ending}")
        return _outcome(followed)

    def authorize(self, changes: Mapping[str, str | None], *, deny: bool = False) -> AuthorizeOutcome:
        """Send an authorization request, and follow it. See :class:`Probe`."""
        outcome = self._follow(changes, deny=deny)
        if not deny or outcome.grant is None or "prompt" in self._session.settings.authorize_params:
            return outcome
        # A code although the person was to deny: an earlier consent may have been remembered.
        again = self._follow({**changes, "prompt": "consent"}, deny=True)
        if again.grant is not None and not any(page.method == "POST" for page in again.pages):
            raise NotRun(
                "the server asks for no consent, not even with prompt=consent: it remembers an earlier one, "
                "or never asks"
            )
        return again

    def signature_problem(self, id_token: str) -> str:
        """What is wrong with the signature of an ID token. See :class:`Probe`."""
        return self._keys.signature_problem(id_token)

    def use_token(self, access_token: str) -> SentRequest | None:
        """Use an access token. See :class:`Probe`."""
        if self._resource_url is None:
            return None
        return send_with_token(self._http, self._resource_url, access_token, self._endpoint.location)

    def wait(self, seconds: float) -> None:
        """Sleep."""
        self._sleep(seconds)

    def _client(self, client: Client) -> OAuthClient:
        found = self._endpoint.client if client == "own" else self._endpoint.second_client
        if found is None:
            raise NotRun("no second client is known to the environment")
        return found

    def _follow(self, changes: Mapping[str, str | None], *, deny: bool) -> AuthorizeOutcome:
        extra = {name: value for name, value in changes.items() if name not in ("client_id", "redirect_uri")}
        try:
            followed = self._session.follow(
                client_id=changes.get("client_id") or self._endpoint.client.client_id,
                redirect_uri=changes.get("redirect_uri") or self._endpoint.redirect_uri,
                extra_params=extra,
                pkce="S256" if self._facts.pkce else "none",
                deny=deny,
            )
        except ConsentTimeout as endless:
            raise NotRun(endless.message) from None
        return _outcome(followed)


def _granted(followed: Followed) -> AuthorizationGrant:
    outcome = _outcome(followed)
    if outcome.grant is None:
        failure = no_code_in(outcome.parameters or {})
        failure.trail = followed.trail
        raise failure
    return outcome.grant


def _outcome(followed: Followed) -> AuthorizeOutcome:
    request, redirect = followed.request, followed.redirect
    last = followed.pages[-1] if followed.pages else None
    parameters = None if redirect is None else dict(redirect.parameters)
    now = datetime.now(UTC)
    grant = None if parameters is None else granted(request, parameters, issued_at=now, pages=followed.pages)
    return AuthorizeOutcome(
        sent=request.parameters,
        parameters=parameters,
        url=followed.url,
        status_code=last.status_code if last and parameters is None else None,
        pages=followed.pages,
        ending=followed.ending,
        unanswered="" if followed.redirect is not None or followed.dead_end else followed.ending,
        grant=grant,
    )

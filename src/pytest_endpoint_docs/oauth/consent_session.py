"""The consents of one test run: one browser, one login per user, as many codes as are needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.attended_consent import AttendedConsents
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentResult
from pytest_endpoint_docs.oauth.browser.credentials import Credentials, choose_user
from pytest_endpoint_docs.oauth.browser.decisions import Goal
from pytest_endpoint_docs.oauth.browser.logged_in_browser import LoggedInBrowser
from pytest_endpoint_docs.oauth.consent_errors import (
    ConsentStuck,
    NoWayToDeny,
    PageFailure,
    PushRefused,
    RedirectFailure,
)
from pytest_endpoint_docs.oauth.consent_options import ConsentEvent, ConsentOptions
from pytest_endpoint_docs.oauth.first_failure import FirstFailures, identity_of
from pytest_endpoint_docs.oauth.grant import (
    AuthorizationError,
    AuthorizationGrant,
    AuthorizationRequest,
    build_request,
)
from pytest_endpoint_docs.oauth.outcome import Followed, expected_outcome, read_outcome, refused_push

if TYPE_CHECKING:
    from pytest_endpoint_docs.oauth.pushed_requests import PushedRequests
    from pytest_endpoint_docs.redaction.redactor import Redactor

DENIED = "access_denied"


class ConsentSession:
    """Obtains authorization codes.

    Owned by the test session, which calls :meth:`close`; the browser starts with the first code.
    ``storage`` is the directory of what is kept between runs (``.endpoint-docs``): saved logins and screenshots.
    :attr:`pictures` are the masked screenshots so far: of failures, and while :attr:`pictured` is set of the last page
    of each consent. :attr:`on_event` is told every step while it happens. :attr:`attended` are the consents where a
    person goes through them.
    """

    def __init__(
        self,
        settings: OAuthSettings,
        *,
        environment: str,
        storage: Path,
        redactor: Redactor,
        environ: Mapping[str, str],
        options: ConsentOptions | None = None,
        pushed: PushedRequests | None = None,
    ) -> None:
        self.settings = settings
        self.pushed = pushed
        self.options = options or ConsentOptions()
        self.pictures: list[Path] = []
        self.pictured = self.options.pictures
        self.on_event: Callable[[ConsentEvent], None] | None = None
        self._environment = environment
        self._storage = storage
        self._redactor = redactor
        self._environ = environ
        self._started = time.time()
        self.first_failures = FirstFailures(
            storage, environment=environment, run_started=self.options.run_started or self._started
        )
        self.attended = (
            AttendedConsents(settings=settings, options=self.options, environ=environ, redactor=redactor)
            if self.options.mode == "attended"
            else None
        )
        self._trail: tuple[str, ...] = ()
        self._began = time.monotonic()
        self._browser = LoggedInBrowser(
            settings,
            environment=environment,
            storage=storage,
            redactor=redactor,
            environ=environ,
            options=self.options,
            announce=self.announce,
        )
        for user in settings.users.values():
            for secret in Credentials(user=user).secrets:
                redactor.add(secret)

    @overload
    def authorize(
        self,
        *,
        client_id: str | None = None,
        redirect_uri: str | None = None,
        scope: str | None = None,
        user: str | None = None,
        extra_params: Mapping[str, str | None] | None = None,
        expect_error: None = None,
        pkce: Literal["S256", "none"] | None = None,
    ) -> AuthorizationGrant: ...

    @overload
    def authorize(
        self,
        *,
        client_id: str | None = None,
        redirect_uri: str | None = None,
        scope: str | None = None,
        user: str | None = None,
        extra_params: Mapping[str, str | None] | None = None,
        expect_error: str | Collection[str],
        pkce: Literal["S256", "none"] | None = None,
    ) -> AuthorizationError: ...

    def authorize(
        self,
        *,
        client_id: str | None = None,
        redirect_uri: str | None = None,
        scope: str | None = None,
        user: str | None = None,
        extra_params: Mapping[str, str | None] | None = None,
        expect_error: str | Collection[str] | None = None,
        pkce: Literal["S256", "none"] | None = None,
    ) -> AuthorizationGrant | AuthorizationError:
        """A fresh code, or with ``expect_error`` that error response; what is not given comes from the ``oauth`` block.

        ``expect_error="access_denied"`` refuses on the consent page. ``extra_params`` come after the environment's
        ``authorize_params``; ``None`` leaves a parameter out.

        Raises: :class:`ConfigError` where client, redirect URI or user are missing, and the subclasses of
        :class:`ConsentError`.
        """
        try:
            return self._authorize(client_id, redirect_uri, scope, user, extra_params, expect_error, pkce)
        except RedirectFailure as failure:
            failure.trail = self._trail
            raise

    def _authorize(
        self,
        client_id: str | None,
        redirect_uri: str | None,
        scope: str | None,
        user: str | None,
        extra_params: Mapping[str, str | None] | None,
        expect_error: str | Collection[str] | None,
        pkce: Literal["S256", "none"] | None,
    ) -> AuthorizationGrant | AuthorizationError:
        expected = frozenset([expect_error] if isinstance(expect_error, str) else expect_error or ())
        goal = Goal.DENY if DENIED in expected else Goal.GRANT
        credentials = Credentials(user=choose_user(self.settings, user))
        extra = dict(extra_params or {})

        def obtain(**more: str) -> AuthorizationGrant | AuthorizationError:
            request = self._push(self.request(client_id, redirect_uri, scope, {**extra, **more}, pkce))
            result = self._lead(request, credentials, goal)
            return read_outcome(
                result.redirect, request, issuer=self.settings.issuer, now=datetime.now(UTC), pages=result.pages
            )

        if not expected and self.options.gives_up:
            identity = self.identity(client_id, redirect_uri, scope=scope, user=user, pkce=pkce, extra_params=extra)
            return self.first_failures.guard(identity, lambda: expected_outcome(obtain(), expected))
        outcome = obtain()
        may_ask_again = "prompt" not in {**self.settings.authorize_params, **extra}
        if goal is Goal.DENY and isinstance(outcome, AuthorizationGrant) and may_ask_again:
            self.announce("the server remembers an earlier consent; asking again with prompt=consent")
            outcome = obtain(prompt="consent")
        return expected_outcome(outcome, expected)

    def identity(self, client_id: str | None, redirect_uri: str | None, **asked: Any) -> tuple[str, ...]:
        """What tells a kind of consent from others: where one got no code, the next will get none."""
        return identity_of(self.settings, client_id, redirect_uri, **asked)

    def follow(
        self,
        *,
        client_id: str | None = None,
        redirect_uri: str | None = None,
        scope: str | None = None,
        user: str | None = None,
        extra_params: Mapping[str, str | None] | None = None,
        pkce: Literal["S256", "none"] | None = None,
        deny: bool = False,
    ) -> Followed:
        """Lead an authorization request, a wrong one too, as far as the pages go, and report without judging.

        Raises: :class:`NoWayToDeny`, and the subclasses of :class:`ConsentError` that say nothing of the request
        (login, browser, time).
        """
        request = self.request(client_id, redirect_uri, scope, extra_params or {}, pkce)
        try:
            return self.follow_request(self._push(request), user=user, deny=deny)
        except PushRefused as refused:
            return refused_push(request, refused)

    def follow_request(self, request: AuthorizationRequest, *, user: str | None = None, deny: bool = False) -> Followed:
        """The same, for a request that was made already."""
        try:
            return self._reached(request, user=user, deny=deny)
        except NoWayToDeny:
            raise
        except ConsentStuck as stuck:
            if stuck.dead_end and stuck.screenshot:
                # That the pages end is an answer here, and no failure to be looked at.
                self.pictures.remove(stuck.screenshot)
                stuck.screenshot.unlink(missing_ok=True)
            return Followed(
                request=request, pages=stuck.pages, url=stuck.url, ending=stuck.message, dead_end=stuck.dead_end
            )

    def reach(
        self,
        *,
        client_id: str | None = None,
        redirect_uri: str | None = None,
        pkce: Literal["S256", "none"] | None = None,
    ) -> Followed:
        """The redirect that the environment's authorization request leads to, unjudged.

        Raises: the subclasses of :class:`ConsentError`, where nothing reaches the redirect URI.
        """
        return self._reached(self._push(self.request(client_id, redirect_uri, None, {}, pkce)), user=None, deny=False)

    def _reached(self, request: AuthorizationRequest, *, user: str | None, deny: bool) -> Followed:
        credentials = Credentials(user=choose_user(self.settings, user))
        result = self._lead(request, credentials, Goal.DENY if deny else Goal.GRANT)
        return Followed(request=request, redirect=result.redirect, pages=result.pages, trail=result.trail)

    def afresh(self) -> ConsentSession:
        """A session of its own that logs in anew; it knows of the logins that were rejected in this run.

        The caller closes it.
        """
        return ConsentSession(
            self.settings,
            environment=self._environment,
            storage=self._storage,
            redactor=self._redactor,
            environ=self._environ,
            options=replace(
                self.options,
                run_started=self.options.run_started or self._started,
                keep_login=False,
                record=None,
                pictures=False,
            ),
            pushed=self.pushed,
        )

    def ask_for(self, item: str) -> None:
        """Say for what the next consent is, to a person who goes through it."""
        if self.attended:
            self.attended.item = item

    def announce(self, text: str) -> None:
        """Tell whoever listens (:attr:`on_event`) what happened, masked."""
        if self.on_event:
            self.on_event(ConsentEvent(at_s=time.monotonic() - self._began, text=self._redactor.text(text)))

    def close(self) -> None:
        """End the browser; closing twice is fine, and a later :meth:`authorize` starts it anew."""
        self._browser.close()

    def _push(self, request: AuthorizationRequest) -> AuthorizationRequest:
        return self.pushed.push(request) if self.pushed else request

    def request(
        self,
        client_id: str | None,
        redirect_uri: str | None,
        scope: str | None,
        extra_params: Mapping[str, str | None],
        pkce: Literal["S256", "none"] | None,
    ) -> AuthorizationRequest:
        """A fresh authorization request, with what the environment says where a part is not given."""
        request = build_request(
            self.settings.authorize_url,
            client_id=self._required("client_id", client_id or self.settings.client_id),
            redirect_uri=self._required("redirect_uri", redirect_uri or self.settings.redirect_uri),
            scope=scope if scope is not None else self.settings.scope,
            pkce=pkce or self.settings.pkce,
            extra_params={**self.settings.authorize_params, **extra_params},
        )
        for name, value in (("OAUTH_STATE", request.state), ("OAUTH_CODE_VERIFIER", request.code_verifier)):
            if value:
                self._redactor.add(Secret(name, value))
        return request

    def _lead(self, request: AuthorizationRequest, credentials: Credentials, goal: Goal) -> ConsentResult:
        self._began = time.monotonic()
        lead = partial(self._browser.lead, request, credentials, goal, pictures=self.pictured)
        try:
            result = self.attended.lead(request, credentials, goal, lead) if self.attended else lead()
        except PageFailure as failure:
            self.pictures += [failure.screenshot] if failure.screenshot else []
            raise
        self.pictures += [result.picture] if result.picture else []
        self._trail = result.trail
        if code := result.redirect.parameters.get("code"):
            self._redactor.add(Secret("OAUTH_CODE", code))
        return result

    def _required(self, name: str, value: str | None) -> str:
        if not value:
            raise ConfigError(f"{self.settings.location}: a consent needs {name}, and the oauth block has none")
        return value

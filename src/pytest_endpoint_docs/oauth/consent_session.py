"""The consents of one run, and what goes with them: one browser, one login per user, as many codes as are needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, overload

from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.attended_consent import AttendedConsents
from pytest_endpoint_docs.oauth.authorization_requests import AuthorizationRequests, ConsentParameters
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentResult
from pytest_endpoint_docs.oauth.browser.credentials import Credentials, choose_user
from pytest_endpoint_docs.oauth.browser.decisions import Goal
from pytest_endpoint_docs.oauth.browser.journey import Journey, to_redirect
from pytest_endpoint_docs.oauth.browser.logged_in_browser import LoggedInBrowser
from pytest_endpoint_docs.oauth.consent_errors import (
    ConsentStuck,
    NoWayToDeny,
    PageFailure,
    PushRefused,
    RedirectFailure,
)
from pytest_endpoint_docs.oauth.consent_options import ConsentContext, ConsentEvent
from pytest_endpoint_docs.oauth.device_authorization import learned_user_code
from pytest_endpoint_docs.oauth.device_grant import DeviceGrants
from pytest_endpoint_docs.oauth.first_failure import FirstFailures
from pytest_endpoint_docs.oauth.grant import AuthorizationError, AuthorizationGrant, AuthorizationRequest
from pytest_endpoint_docs.oauth.outcome import Followed, expected_outcome, read_outcome, refused_push
from pytest_endpoint_docs.oauth.pushed_requests import PushedRequests
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.oauth.device_authorization import DeviceAuthorization, DevicePolls

DENIED = "access_denied"


class ConsentSession:
    """Obtains authorization codes.

    Owned by the test session, which calls :meth:`close`; the browser starts with the first code.
    :attr:`pictures` are the masked screenshots so far: of failures, and while :attr:`pictured` is set of the last page
    of each consent. :attr:`on_event` is told every step while it happens. :attr:`attended` are the consents where a
    person goes through them.
    """

    def __init__(self, settings: OAuthSettings, context: ConsentContext, pushed: PushedRequests | None = None) -> None:
        self.settings = settings
        self.pushed = pushed
        self.options = context.options
        self.requests = AuthorizationRequests(settings, context.redactor, pushed)
        self.pictures: list[Path] = []
        self.pictured = self.options.pictures
        self.on_event: Callable[[ConsentEvent], None] | None = None
        self._context = context
        self._redactor = context.redactor
        self._run_started = self.options.run_started or time.time()
        self.first_failures = FirstFailures(
            context.storage, environment=context.environment, run_started=self._run_started
        )
        self.attended = (
            AttendedConsents(
                settings=settings, options=self.options, environ=context.environ, redactor=context.redactor
            )
            if self.options.mode == "attended"
            else None
        )
        self._trail: tuple[str, ...] = ()
        self._began = time.monotonic()
        self._browser = LoggedInBrowser(settings, context, self.announce)
        for user in settings.users.values():
            for secret in Credentials(user=user).secrets:
                context.redactor.add(secret)

    @overload
    def authorize(self, *, expect_error: None = None, **given: Unpack[ConsentParameters]) -> AuthorizationGrant: ...

    @overload
    def authorize(
        self, *, expect_error: str | Collection[str], **given: Unpack[ConsentParameters]
    ) -> AuthorizationError: ...

    def authorize(
        self, *, expect_error: str | Collection[str] | None = None, **given: Unpack[ConsentParameters]
    ) -> AuthorizationGrant | AuthorizationError:
        """A fresh code, or with ``expect_error`` that error response; what is not given comes from the ``oauth`` block.

        ``expect_error="access_denied"`` refuses on the consent page.

        Raises: :class:`ConfigError` where client, redirect URI or user are missing, and the subclasses of
        :class:`ConsentError`.
        """
        with self._telling_how():
            expected = frozenset([expect_error] if isinstance(expect_error, str) else expect_error or ())
            goal = Goal.DENY if DENIED in expected else Goal.GRANT
            credentials = Credentials(user=choose_user(self.settings, given.get("user")))
            extra = dict(given.get("extra_params") or {})

            def obtain(**more: str) -> AuthorizationGrant | AuthorizationError:
                asked: ConsentParameters = {**given, "extra_params": {**extra, **more}}
                request = self.requests.push(self.requests.fresh(**asked))
                result = self._lead(request, credentials, goal)
                return read_outcome(
                    result.landed, request, issuer=self.settings.issuer, now=datetime.now(UTC), pages=result.pages
                )

            if not expected and self.options.gives_up:
                identity = self.requests.identity(**given)
                return self.first_failures.guard(identity, lambda: expected_outcome(obtain(), expected))
            outcome = obtain()
            may_ask_again = "prompt" not in {**self.settings.authorize_params, **extra}
            if goal is Goal.DENY and isinstance(outcome, AuthorizationGrant) and may_ask_again:
                self.announce("the server remembers an earlier consent; asking again with prompt=consent")
                outcome = obtain(prompt="consent")
            return expected_outcome(outcome, expected)

    @contextmanager
    def _telling_how(self) -> Iterator[None]:
        try:
            yield
        except RedirectFailure as failure:
            failure.trail = self._trail
            raise

    def follow(self, *, deny: bool = False, **given: Unpack[ConsentParameters]) -> Followed:
        """Lead an authorization request, a wrong one too, as far as the pages go, and report without judging.

        Raises: :class:`NoWayToDeny`, and the subclasses of :class:`ConsentError` that say nothing of the request
        (login, browser, time).
        """
        request = self.requests.fresh(**given)
        try:
            return self.follow_request(self.requests.push(request), user=given.get("user"), deny=deny)
        except PushRefused as refused:
            return refused_push(request, refused)

    def follow_request(
        self,
        request: AuthorizationRequest,
        *,
        user: str | None = None,
        deny: bool = False,
        user_code: Secret | None = None,
    ) -> Followed:
        """The same, for a request that was made already, or for a page that asks for a device's ``user_code``."""
        try:
            return self._reached(request, user=user, deny=deny, user_code=user_code)
        except NoWayToDeny:
            raise
        except ConsentStuck as stuck:
            if stuck.dead_end and stuck.screenshot:
                # That the pages end is an answer here, and no failure to be looked at.
                self.pictures.remove(stuck.screenshot)
                stuck.screenshot.unlink(missing_ok=True)
            return Followed(
                request=request,
                pages=stuck.pages,
                url=stuck.url,
                ending=stuck.message,
                dead_end=stuck.dead_end,
                acted=stuck.acted,
            )

    def reach(self, **given: Unpack[ConsentParameters]) -> Followed:
        """The redirect that the environment's authorization request leads to, unjudged.

        Raises: the subclasses of :class:`ConsentError`, where nothing reaches the redirect URI.
        """
        request = self.requests.push(self.requests.fresh(**given))
        return self._reached(request, user=given.get("user"), deny=False)

    def _reached(
        self, request: AuthorizationRequest, *, user: str | None, deny: bool, user_code: Secret | None = None
    ) -> Followed:
        credentials = Credentials(user=choose_user(self.settings, user), user_code=user_code)
        result = self._lead(request, credentials, Goal.DENY if deny else Goal.GRANT)
        return Followed(request=request, redirect=result.redirect, pages=result.pages, trail=result.trail)

    def afresh(self) -> ConsentSession:
        """A session of its own that logs in anew; it knows of the logins that were rejected in this run.

        The caller closes it.
        """
        options = replace(self.options, run_started=self._run_started, keep_login=False, record=None, pictures=False)
        return ConsentSession(self.settings, replace(self._context, options=options), self.pushed)

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

    def let_in(self, device: DeviceAuthorization, polls: DevicePolls, *, user: str | None = None) -> ConsentResult:
        """Lead a user to where they let a device in, until nothing is left for it to ask (RFC 8628 section 3.3).

        Raises: the subclasses of :class:`ConsentError` that say why they could not.
        """
        code = learned_user_code(device.user_code, self._redactor)
        credentials, attended = Credentials(user=choose_user(self.settings, user), user_code=code), self.attended
        lead = self._leading(Journey(url=device.url, arrival=polls), credentials, Goal.GRANT)

        def asked() -> ConsentResult:
            self.announce("the device authorization endpoint answered with a device_code and a user_code")
            return attended.let_in(device, polls, credentials, lead) if attended else lead()

        return self._led(asked)

    def _lead(self, request: AuthorizationRequest, credentials: Credentials, goal: Goal) -> ConsentResult:
        lead, attended = self._leading(to_redirect(request), credentials, goal), self.attended
        result = self._led(lambda: attended.lead(request, credentials, goal, lead) if attended else lead())
        if code := result.landed.parameters.get("code"):
            self._redactor.add(Secret("OAUTH_CODE", code))
        return result

    def _leading(self, journey: Journey, credentials: Credentials, goal: Goal) -> Callable[[], ConsentResult]:
        return partial(self._browser.lead, journey, credentials, goal, pictures=self.pictured)

    def _led(self, lead: Callable[[], ConsentResult]) -> ConsentResult:
        self._began = time.monotonic()
        try:
            result = lead()
        except PageFailure as failure:
            self.pictures += [failure.screenshot] if failure.screenshot else []
            raise
        self.pictures += [result.picture] if result.picture else []
        self._trail = result.trail
        return result


@value_class
class ConsentParts:
    """Consents in a browser, and what comes after them."""

    session: ConsentSession
    token_requests: TokenRequests
    devices: DeviceGrants


def consent_parts(settings: OAuthSettings, http: HttpClient, context: ConsentContext, open_: ExitStack) -> ConsentParts:
    """The parts for an environment; their browser ends when ``open_`` is closed."""
    redactor = context.redactor
    session = ConsentSession(settings, context, PushedRequests(settings, http, redactor))
    open_.callback(session.close)
    token_requests = TokenRequests(settings, http, redactor=redactor, announce=session.announce)
    devices = DeviceGrants(settings, http, token_requests, redactor, session)
    return ConsentParts(session=session, token_requests=token_requests, devices=devices)

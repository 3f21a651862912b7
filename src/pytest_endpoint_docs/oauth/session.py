"""The consents of one test run: one browser, one login per user, as many codes as are needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from filelock import Timeout

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model import OAuthSettings, Secret
from pytest_endpoint_docs.oauth.attended import ask_for_redirect
from pytest_endpoint_docs.oauth.browser import ChromiumProcess, has_display
from pytest_endpoint_docs.oauth.consent import ConsentBrowser, ConsentJob, ConsentResult
from pytest_endpoint_docs.oauth.credentials import Credentials, choose_user
from pytest_endpoint_docs.oauth.errors import AuthorizationErrorResponse, ConsentTimeout, ErrorNotReturned
from pytest_endpoint_docs.oauth.grant import (
    AuthorizationError,
    AuthorizationGrant,
    AuthorizationRequest,
    build_request,
    read_outcome,
)
from pytest_endpoint_docs.oauth.heuristics import Goal
from pytest_endpoint_docs.oauth.pilots import Autopilot, Pilot
from pytest_endpoint_docs.oauth.saved_sessions import SavedSession
from pytest_endpoint_docs.oauth.thread import BrowserThread
from pytest_endpoint_docs.oauth.token_endpoint import TokenResponse, exchange_parameters, request_token

if TYPE_CHECKING:
    from playwright.async_api import StorageState

    from pytest_endpoint_docs.redaction import Redactor

DENIED = "access_denied"
# What starting the browser and cleaning up may take on top of timeout_s.
_GRACE_S = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentOptions:
    """How consents are obtained.

    ``headed``: show the window although the plugin leads. ``record``: write what the person does to this recipe file.
    ``not_before``: ignore logins saved before this time (epoch seconds; the run's start makes a fresh login, once for all workers).
    ``ask``: shows a text to a person and returns the line that they typed; used in attended mode without a display.
    ``pictures``: take a masked screenshot of every page before acting on it. ``attended_timeout_s``: how long a person may take.
    ``browser``: path of the browser; default the environment variable ``ENDPOINT_DOCS_BROWSER``, then whatever is found.
    """

    mode: Literal["automated", "attended"] = "automated"
    headed: bool = False
    record: Path | None = None
    not_before: float | None = None
    ask: Callable[[str], str] | None = None
    pictures: bool = False
    attended_timeout_s: float = 300.0
    browser: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """Something that happened, masked; ``at_s`` seconds after the consent began."""

    at_s: float
    text: str


class ConsentSession:
    """Obtains authorization codes. Owned by the test session, which calls :meth:`close`; the browser starts with the first code.

    ``storage`` is the directory of what is kept between runs (``.endpoint-docs``): saved logins and screenshots.
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
        on_event: Callable[[ConsentEvent], None] | None = None,
    ) -> None:
        self.settings = settings
        self.options = options or ConsentOptions()
        self.events: list[ConsentEvent] = []
        self._environment = environment
        self._storage = storage
        self._redactor = redactor
        self._environ = environ
        self._on_event = on_event
        self._states: dict[str, StorageState | None] = {}
        self._began = time.monotonic()
        headless = not (self.options.headed or self.options.mode == "attended")
        self._browser = ConsentBrowser(
            ChromiumProcess(headless=headless, setting=self.options.browser, environ=environ)
        )
        self._thread = BrowserThread(at_end=self._browser.close)
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

        Raises: :class:`ConfigError` where client, redirect URI or user are missing, and the subclasses of :class:`ConsentError`.
        """
        expected = frozenset([expect_error] if isinstance(expect_error, str) else expect_error or ())
        params = {**self.settings.authorize_params, **(extra_params or {})}

        def fresh_request(**more: str) -> AuthorizationRequest:
            return build_request(
                self.settings.authorize_url,
                client_id=self._required("client_id", client_id or self.settings.client_id),
                redirect_uri=self._required("redirect_uri", redirect_uri or self.settings.redirect_uri),
                scope=scope if scope is not None else self.settings.scope,
                pkce=pkce or self.settings.pkce,
                extra_params={**params, **more},
            )

        credentials = Credentials(user=choose_user(self.settings, user))
        goal = Goal.DENY if DENIED in expected else Goal.GRANT
        outcome = self._obtain(fresh_request(), credentials, goal)
        if goal is Goal.DENY and isinstance(outcome, AuthorizationGrant) and "prompt" not in params:
            self._announce("the server remembers an earlier consent; asking again with prompt=consent")
            outcome = self._obtain(fresh_request(prompt="consent"), credentials, goal)
        return _expected_outcome(outcome, expected)

    def exchange(
        self, grant: AuthorizationGrant, client_id: str | None = None, client_secret: Secret | None = None
    ) -> TokenResponse:
        """The token response for a code (RFC 6749 section 4.1.3), its secrets known to the redactor.

        Raises: :class:`TokenRequestFailed`.
        """
        own_client = client_id is None or client_id == self.settings.client_id
        answer = request_token(
            self.settings.token_url,
            exchange_parameters(grant),
            client_id=client_id or grant.client_id,
            client_secret=client_secret or (self.settings.client_secret if own_client else None),
            token_auth=self.settings.token_auth,
            timeout_s=self.settings.timeout_s,
        )
        self._redactor.learn(dict(answer))
        self._announce(f"exchanged the code: {', '.join(sorted(answer))}")
        return answer

    def close(self) -> None:
        """End the browser; closing twice is fine, and a later :meth:`authorize` starts it anew."""
        self._thread.close()

    def _obtain(
        self, request: AuthorizationRequest, credentials: Credentials, goal: Goal
    ) -> AuthorizationGrant | AuthorizationError:
        for name, value in (("OAUTH_STATE", request.state), ("OAUTH_CODE_VERIFIER", request.code_verifier)):
            if value:
                self._redactor.add(Secret(name, value))
        self._began = time.monotonic()
        attended = self.options.mode == "attended"
        if attended and not has_display(self._environ) and self.options.ask:
            result = ConsentResult(redirect=ask_for_redirect(request, self.options.ask))
        else:
            result = self._in_browser(request, credentials, goal)
        redirect = result.redirect
        if code := redirect.parameters.get("code"):
            self._redactor.add(Secret("OAUTH_CODE", code))
        return read_outcome(redirect, request, issuer=self.settings.issuer, now=datetime.now(UTC), pages=result.pages)

    def _in_browser(self, request: AuthorizationRequest, credentials: Credentials, goal: Goal) -> ConsentResult:
        saved = SavedSession(
            self._storage,
            environment=self._environment,
            authorize_url=self.settings.authorize_url,
            username=credentials.username,
            not_before=self.options.not_before,
        )
        attended = self.options.mode == "attended"
        timeout_s = self.options.attended_timeout_s if attended else self.settings.timeout_s
        key = credentials.user.name
        first = key not in self._states
        # The first consent of a process may have to log in; the others of that moment wait, and find the login saved.
        with self._login_lock(saved, timeout_s) if first else nullcontext():
            state = saved.load() if first else self._states[key]
            job = ConsentJob(
                request=request,
                timeout_s=timeout_s,
                pilot=None if attended else self._pilot(credentials, goal),
                state=state,
                announce=self._announce,
                mask=self._redactor.text,
                secrets=credentials.secrets,
                screenshots=self._storage / "screenshots" / f"{self._environment}-{time.time_ns() // 1_000_000}",
                picture_steps=self.options.pictures,
            )
            if state:
                self._announce("using the saved login")
            try:
                result = self._thread.run(self._browser.consent(job), limit_s=timeout_s + _GRACE_S)
            except TimeoutError:
                self.close()
                raise ConsentTimeout(
                    f"the browser did not answer within {timeout_s + _GRACE_S:g} s; it was ended"
                ) from None
            self._states[key] = result.state or state
            if result.state:
                saved.save(result.state)
        return result

    def _pilot(self, credentials: Credentials, goal: Goal) -> Pilot:
        return Autopilot(goal=goal, credentials=credentials)

    def _login_lock(self, saved: SavedSession, timeout_s: float) -> AbstractContextManager[object]:
        lock = saved.lock()
        try:
            return lock.acquire(timeout=2 * timeout_s + _GRACE_S)
        except Timeout:
            raise ConsentTimeout(
                f"another process has been logging in for too long; it holds {lock.lock_file}"
            ) from None

    def _announce(self, text: str) -> None:
        event = ConsentEvent(at_s=time.monotonic() - self._began, text=self._redactor.text(text))
        self.events.append(event)
        if self._on_event:
            self._on_event(event)

    def _required(self, name: str, value: str | None) -> str:
        if not value:
            raise ConfigError(f"{self.settings.location}: a consent needs {name}, and the oauth block has none")
        return value


def _expected_outcome(
    outcome: AuthorizationGrant | AuthorizationError, expected: frozenset[str]
) -> AuthorizationGrant | AuthorizationError:
    if isinstance(outcome, AuthorizationGrant):
        if expected:
            raise ErrorNotReturned(f"a code came back, where the error {' or '.join(sorted(expected))} was expected")
        return outcome
    said = outcome.error + (f": {outcome.description}" if outcome.description else "")
    if not expected:
        raise AuthorizationErrorResponse(
            f"the authorization endpoint answered with an error instead of a code: {said} (RFC 6749 section 4.1.2.1)",
            error=outcome.error,
            description=outcome.description,
        )
    if outcome.error not in expected:
        raise ErrorNotReturned(f"the error is {said}, where {' or '.join(sorted(expected))} was expected")
    return outcome

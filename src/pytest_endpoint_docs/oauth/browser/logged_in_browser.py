"""The browser with the login that is kept for each user: one login per run, shared between parallel workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING

from filelock import Timeout

from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.autopilot import Autopilot
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentBrowser, ConsentJob, ConsentResult
from pytest_endpoint_docs.oauth.browser.browser_thread import BrowserThread
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.decisions import Act, Decision, Goal, Pilot
from pytest_endpoint_docs.oauth.browser.journey import Journey
from pytest_endpoint_docs.oauth.browser.launch import ChromiumProcess, require_playwright
from pytest_endpoint_docs.oauth.browser.observation import Observed, PageView
from pytest_endpoint_docs.oauth.browser.recipe_pilot import RecipePilot
from pytest_endpoint_docs.oauth.browser.recipe_recording import Recorder
from pytest_endpoint_docs.oauth.browser.recipes import Recipe, load_recipe
from pytest_endpoint_docs.oauth.browser.saved_sessions import SavedSession
from pytest_endpoint_docs.oauth.consent_errors import ConsentTimeout, LoginRejected, PageFailure

if TYPE_CHECKING:
    from playwright.async_api import Page, StorageState

    from pytest_endpoint_docs.oauth.consent_options import ConsentContext

# What starting the browser and cleaning up may take on top of the time limit.
_GRACE_S = 25.0


class LoginNeeded(Exception):
    """The server asks for a login although one was kept; nothing was typed."""


@value_class(kw_only=False)
class _WithoutLogin:
    """Leads as another pilot does, up to the page where somebody would have to log in."""

    pilot: Pilot

    async def decide(self, view: PageView, page: Page) -> Decision:
        """See :class:`Pilot`. Raises: :class:`LoginNeeded`."""
        decision = await self.pilot.decide(view, page)
        if isinstance(decision, Act) and decision.logs_in:
            raise LoginNeeded
        return decision

    async def carry_out(self, act: Act, observed: Observed, page: Page, submitting: Callable[[], None]) -> None:
        """See :class:`Pilot`."""
        await self.pilot.carry_out(act, observed, page, submitting)


class LoggedInBrowser:
    """Leads people through a server's pages. Called from the test's thread; the browser lives in its own."""

    def __init__(self, settings: OAuthSettings, context: ConsentContext, announce: Callable[[str], None]) -> None:
        self._settings = settings
        self._context = context
        self._options = context.options
        self._announce = announce
        self._states: dict[str, StorageState | None] = {}
        self._always_asked: set[str] = set()
        self._proven: set[str] = set()
        self._recipe: Recipe | None = None
        self._pictures = False
        self._started = time.time()
        self._attended = context.options.mode == "attended"
        headless = not (context.options.headed or self._attended)
        self._browser = ConsentBrowser(ChromiumProcess(headless=headless, environ=context.environ))
        self._thread = BrowserThread(at_end=self._browser.close)

    def lead(self, journey: Journey, credentials: Credentials, goal: Goal, *, pictures: bool = False) -> ConsentResult:
        """From the first page to the end of the journey; with ``pictures``, one of the last page is taken.

        Raises: subclasses of :class:`ConsentError`; :class:`ConfigError` where Playwright is not installed.
        """
        require_playwright()
        saved = SavedSession(
            self._context.storage,
            environment=self._context.environment,
            authorize_url=self._settings.login_url,
            username=credentials.username,
            not_before=self._options.not_before,
        )
        self._pictures = pictures
        # A person needs no pilot, and the recipe that is being recorded may not exist yet.
        pilot = (lambda: None) if self._attended else partial(self._pilot, credentials, goal)
        user = credentials.user.name
        kept = self._states.get(user)
        trial = None if user in self._always_asked else pilot()
        if kept is not None and trial is not None:
            try:
                return self._consent(journey, credentials, saved, kept, pilot=_WithoutLogin(trial))
            except LoginNeeded:
                self._announce("the saved login no longer works")
                # It was made in this run. To try without a login first would cost every further consent a walk.
                self._always_asked.add(user)
        # Who has to log in holds the lock; other processes wait for it, and find the login saved.
        with self._login_lock(saved):
            known = saved.load() if self._options.keep_login else kept
            return self._consent(journey, credentials, saved, known, pilot=pilot())

    def _consent(
        self,
        journey: Journey,
        credentials: Credentials,
        saved: SavedSession,
        state: StorageState | None,
        *,
        pilot: Pilot | None,
    ) -> ConsentResult:
        self._refuse_rejected(credentials, saved)
        if state:
            self._announce("using the saved login")
        recorder = (
            Recorder(credentials=credentials, redact=self._context.redactor.text) if self._options.record else None
        )
        user = credentials.user.name
        result = self._run_once(
            saved,
            user,
            ConsentJob(
                journey=journey,
                timeout_s=self._timeout_s,
                pilot=pilot,
                state=state,
                recorder=recorder,
                announce=self._announce,
                mask=self._context.redactor.text,
                secrets=(*credentials.secrets, *filter(None, [self._settings.client_secret])),
                screenshots=self._context.storage
                / "screenshots"
                / f"{self._context.environment}-{time.time_ns() // 1_000_000}",
                picture_steps=self._pictures,
            ),
        )
        self._states[user] = result.state or state
        if result.logged_in:
            self._proven.add(user)
        if result.state and self._options.keep_login:
            saved.save(result.state)
        if recorder and self._options.record:
            recorder.write(self._options.record)
            self._announce(f"wrote the recipe {self._options.record}")
        return result

    def close(self) -> None:
        """End the browser; closing twice is fine, and a later :meth:`lead` starts it anew."""
        self._thread.close()

    def _refuse_rejected(self, credentials: Credentials, saved: SavedSession) -> None:
        reason = saved.rejected_since(self._options.run_started or self._started)
        if reason is not None:
            raise LoginRejected(
                f"the login of user {credentials.user.name} failed earlier in this run, and is not tried again: "
                f"accounts get locked; check the user's name and password in the environment (it ended with: {reason})"
            )

    def _run_once(self, saved: SavedSession, user: str, job: ConsentJob) -> ConsentResult:
        try:
            return self._run(job)
        except PageFailure as failure:
            # Where a login has worked before, an end that says nothing of it may be due to the request.
            is_open = failure.login_open and user not in self._proven
            if isinstance(failure, LoginRejected) or is_open:
                saved.reject(failure.message)
            raise

    def _run(self, job: ConsentJob) -> ConsentResult:
        # A device may have to wait before it asks for the last time.
        limit_s = job.timeout_s * (2 if job.journey.arrival else 1) + _GRACE_S
        try:
            return self._thread.run(self._browser.consent(job), limit_s=limit_s)
        except TimeoutError:
            self.close()
            raise ConsentTimeout(f"the browser did not answer within {limit_s:g} s; it was ended") from None

    def _pilot(self, credentials: Credentials, goal: Goal) -> Pilot:
        if self._settings.recipe is None:
            return Autopilot(goal=goal, credentials=credentials)
        if self._recipe is None:
            self._recipe = load_recipe(self._settings.recipe)
        return RecipePilot(self._recipe, goal=goal, credentials=credentials)

    @property
    def _timeout_s(self) -> float:
        return self._options.attended_timeout_s if self._attended else self._settings.timeout_s

    def _login_lock(self, saved: SavedSession) -> AbstractContextManager[object]:
        lock = saved.lock()
        try:
            return lock.acquire(timeout=2 * self._timeout_s + _GRACE_S)
        except Timeout:
            raise ConsentTimeout(
                f"another process has been logging in for too long; it holds {lock.lock_file}"
            ) from None

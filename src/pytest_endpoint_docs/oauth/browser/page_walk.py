"""Walking from an authorization server's first page to the redirect: observe, do one thing, observe again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from pytest_endpoint_docs.oauth.browser.arriving import Arriving
from pytest_endpoint_docs.oauth.browser.capture import RedirectCapture
from pytest_endpoint_docs.oauth.browser.decisions import OF_A_LOGIN, Act, GiveUp, NotSubmitted, Wait
from pytest_endpoint_docs.oauth.browser.heuristics import tells_of_failure
from pytest_endpoint_docs.oauth.browser.journey import Journey
from pytest_endpoint_docs.oauth.browser.masking import mask_url
from pytest_endpoint_docs.oauth.browser.observation import Observed, PageView
from pytest_endpoint_docs.oauth.browser.stillness import ERROR_PAGE_S, QUIET_S, Stillness
from pytest_endpoint_docs.oauth.browser.walk_record import WalkRecord
from pytest_endpoint_docs.oauth.consent_errors import (
    ClosedByPerson,
    ConsentStuck,
    ConsentTimeout,
    LoginRejected,
    NoWayToDeny,
    PageCrashed,
    PageFailure,
)
from pytest_endpoint_docs.words import first_line

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

    from pytest_endpoint_docs.oauth.browser.decisions import CredentialName, Pilot

_STEADY_S = 0.08
_MOST_STEPS = 40
_PAGE = "page"


class Walk:
    """One walk in one browser context. :meth:`run` returns once the capture holds the redirect, and raises otherwise.

    :attr:`acted`: something was done on a page; :attr:`logged_in`: credentials were submitted.
    :attr:`arriving`: whether it has come to an end that no redirect tells of.
    """

    def __init__(
        self,
        context: BrowserContext,
        capture: RedirectCapture,
        record: WalkRecord,
        *,
        journey: Journey,
        timeout_s: float,
        attended: bool,
        picture_steps: bool,
    ) -> None:
        self.record = record
        self.acted = False
        self.logged_in = False
        self._context = context
        self._capture = capture
        self._journey = journey
        self.arriving = Arriving(journey, capture, within_s=timeout_s)
        self._attended = attended
        self._deadline = asyncio.get_running_loop().time() + timeout_s
        self._timeout_s = timeout_s
        self._picture_steps = picture_steps
        self._typed: set[CredentialName] = set()
        self._password_sent = False
        self._login_open = False
        self._stillness = Stillness(capture)
        self._last_act = ""
        self._waits_for = ""
        # Why the page after the login led nowhere, if it did.
        self._astray: GiveUp | None = None

    async def open(self, page: Page, url: str) -> None:
        """Open the authorization URL. An error does not count once the redirect is there."""
        opening = asyncio.ensure_future(page.goto(url, wait_until="commit", timeout=1000 * self._timeout_s))
        caught = asyncio.ensure_future(self._capture.done.wait())
        await asyncio.wait({opening, caught}, return_when=asyncio.FIRST_COMPLETED)
        caught.cancel()
        if not opening.done():
            opening.cancel()
        elif not opening.cancelled() and (error := opening.exception()) is not None:
            await self._pause(0.3)
            if not (self._capture.done.is_set() or self._capture.answered_empty):
                await self._not_opened(url, error)
        self.record.note(f"opened {mask_url(url)}")

    async def _not_opened(self, url: str, error: BaseException) -> NoReturn:
        from playwright.async_api import TimeoutError as NoAnswer

        if isinstance(error, NoAnswer):
            setting = "timeout_s of the oauth block"
            await self._fail(ConsentTimeout, f"no answer from {mask_url(url)} within {self._timeout_s:g} s ({setting})")
        reason = first_line(error).partition(" at http")[0].removeprefix("Page.goto: ")
        await self._fail(ConsentStuck, f"the authorization URL could not be opened: {reason}")

    async def run(self, pilot: Pilot) -> None:
        """Let the pilot lead until the redirect is caught.

        Raises: the :class:`PageFailure` that ended the walk.
        """
        for _ in range(_MOST_STEPS):
            if await self._step(pilot):
                return
        await self._fail(ConsentStuck, f"{self._journey.unreached} after {_MOST_STEPS} steps")

    async def _step(self, pilot: Pilot) -> bool:
        """One act; true once the redirect is there."""
        while True:
            if self._capture.is_reached:
                return True
            await self._end_if_over()
            observed = await self._steady_view()
            if observed is None:
                continue
            view, page = observed.view, self._page()
            if view.url.startswith("chrome-error:") and self._stillness.rests(ERROR_PAGE_S):
                if await self.arriving.ask():
                    return True
                await self._no_page(view)
            pending = self._stillness.answer_is_pending(view)
            decision = Wait(reason="the answer may come") if pending else await pilot.decide(view, page)
            if not isinstance(decision, Act):
                if not pending and await self._ends(decision, view):
                    return True
            # A form that would put the password into a URL is mostly sent by a script instead, once that has started.
            elif not decision.puts_password_into_url or self._stillness.has_started(view):
                acted_on = self._stillness.acted_on
                if self.arriving.may_have_arrived(decision, view, acted_on) and await self.arriving.ask():
                    return True
                if self._picture_steps:
                    await self.record.take_picture(page, _PAGE)
                await self._carry_out(pilot, observed, decision, page)
                return self._capture.is_reached
            await self._pause(_STEADY_S)

    async def _ends(self, decision: Wait | GiveUp, view: PageView) -> bool:
        """Whether the walk has arrived, if nothing can be done on the page; raises the failure if it ends here."""
        stillness, acted_on = self._stillness, self._stillness.acted_on
        if isinstance(decision, Wait):
            self._waits_for = decision.reason if decision.hopeful else ""
            if decision.hopeful or not stillness.is_hopeless(view):
                return False
            decision, dead_end = GiveUp(kind="stuck", message=decision.reason), True
        else:
            dead_end = False
            if acted_on and view.document == acted_on.document and (view.stirs or not stillness.rests(QUIET_S)):
                return False
        if decision.kind == "stuck" and await self.arriving.ask():
            return True
        if not (dead_end and await self._sets_out_again(decision, view)):
            await self._give_up(decision, view, dead_end=dead_end)
        return False

    async def _sets_out_again(self, decision: GiveUp, view: PageView) -> bool:
        """Open the authorization URL once more, if the login led elsewhere: some servers forget where one came from."""
        answers = tells_of_failure(view, self._capture.status) or view.asks
        if self._astray or not self._login_open or answers or not self._journey.can_repeat:
            return False
        self._astray = replace(decision, message=decision.message + view.says)
        self.record.note("the page after the login offers no way on")
        self._stillness.acting(None)
        self._stillness.acted()
        await self.open(self._page(), self._journey.url)
        return True

    async def _no_page(self, view: PageView) -> NoReturn:
        if not self._capture.answered_empty:
            await self._fail(ConsentStuck, f"a page could not be loaded: {self._capture.not_loaded}", view)
        # What is shown there is the browser's, and says nothing of the server's answer.
        empty = replace(view, title="", headings=(), text="", controls=())
        nothing = GiveUp(kind="stuck", message=f"the server answered {self._capture.status} with an empty page")
        await self._give_up(nothing, empty, dead_end=True)

    async def _steady_view(self) -> Observed | None:
        """The page once it looked the same twice; ``None`` while it changes."""
        from playwright.async_api import Error

        try:
            seen = await self._stillness.look(self._page())
        except (Error, TimeoutError):
            # It navigates, or is busy with itself.
            self._stillness.seen = None
            await self._pause(_STEADY_S / 2)
            return None
        if seen is None:
            await self._pause(_STEADY_S)
        return seen

    async def _carry_out(self, pilot: Pilot, observed: Observed, act: Act, page: Page) -> None:
        from playwright.async_api import Error

        self.record.note(f"{act.title} on {mask_url(observed.view.url).partition('?')[0]}")
        submitted = False
        self._typed |= act.types
        self._last_act, self._waits_for = act.title, ""

        def submitting() -> None:
            nonlocal submitted
            submitted = True
            self._submitting(observed.view, act)

        try:
            await pilot.carry_out(act, observed, page, submitting)
        except NotSubmitted as error:
            await self._fail(ConsentStuck, str(error), observed.view)
        except Error as error:
            if not submitted:
                gone = not await observed.shows(act.controls)
                reason = "the page changed under it" if gone else f"that was not possible ({first_line(error)})"
                self.record.note(f"{reason}, looking again")
            # Else the click went through, and took the page away with it.
        finally:
            self._stillness.acted()

    def _submitting(self, view: PageView, act: Act) -> None:
        """An act is about to lead on; it counts from here, whatever becomes of it."""
        self.acted = True
        self.record.last_page = view
        self._stillness.acting(view if act.leads_on else None)
        if not act.leads_on:
            return
        self.arriving.decided = not act.types
        # The first page after the password says whether it was right; whoever acts on that page went on.
        self._login_open = "password" in self._typed and not self._password_sent
        self._password_sent |= "password" in self._typed
        self.logged_in |= bool(self._typed & OF_A_LOGIN)

    def _page(self) -> Page:
        pages = [page for page in self._context.pages if not page.is_closed()]
        shown = [page for page in pages if page.url != "about:blank"]
        if not pages:
            raise self._crash("every window of the browser is gone")
        return (shown or pages)[-1]

    async def _pause(self, seconds: float) -> bool:
        """Wait, but no longer than until the redirect comes; true when it came."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._capture.done.wait(), seconds)
        return self._capture.is_reached

    @property
    def is_closed(self) -> bool:
        """Whether the last window of the walk is gone."""
        return self._capture.ended == "closed"

    async def _end_if_over(self) -> None:
        if self._capture.is_reached:
            return
        if self._capture.ended == "crashed":
            raise self._crash("the page crashed")
        if self.is_closed:
            if self._attended:
                raise ClosedByPerson(f"the window was closed before {self._journey.end}", tried=self.record.tried)
            raise self._crash("the browser went away")
        if self._now() > self._deadline:
            if self._attended:
                await self._fail(ClosedByPerson, f"{self._journey.abandoned} within {self._timeout_s:g} s")
            setting = "timeout_s of the oauth block"
            waiting = f"; {self._waits_for}" if self._waits_for else ""
            await self._fail(
                ConsentTimeout, f"{self._journey.unreached} within {self._timeout_s:g} s ({setting}){waiting}"
            )

    async def _give_up(self, decision: GiveUp, view: PageView, *, dead_end: bool = False) -> NoReturn:
        decision = self._judged(decision, view)
        kinds = {"rejected": LoginRejected, "stuck": ConsentStuck, "undeniable": NoWayToDeny}
        kind, message = kinds[decision.kind], decision.message
        if self._journey.arrival and decision.kind == "stuck":
            message += f"; {self._journey.arrival.waiting}"
        # The first page after the password says whether it was right.
        if decision.kind == "stuck" and self._login_open and tells_of_failure(view, self._capture.status):
            kind, message = LoginRejected, "the login was rejected: the page after it offers no way on"
        await self._fail(kind, message + view.says, view, dead_end=dead_end)

    def _judged(self, decision: GiveUp, view: PageView) -> GiveUp:
        """The decision; a login is not called rejected if the page sent nothing, or if a login led elsewhere before."""
        if decision.kind != "rejected":
            return decision
        if self._astray:
            message = f"{self._astray.message}; opened again, the authorization URL asks for the login again"
            return GiveUp(kind="stuck", message=message)
        acted_on = self._stillness.acted_on
        if acted_on and view.document == acted_on.document and self._stillness.sent_nothing:
            self._login_open = False
            return GiveUp(kind="stuck", message=f"the page sent nothing ({self._last_act}); write a recipe for it")
        return decision

    async def _fail(
        self, kind: type[PageFailure], message: str, view: PageView | None = None, *, dead_end: bool = False
    ) -> NoReturn:
        seen = self._stillness.seen
        view = view or (seen.view if seen else None)
        page = self._page()
        picture = await self.record.take_picture(page, kind.__name__)
        raise kind(
            self.record.mask(message),
            url=self.record.mask(mask_url(page.url)),
            controls=self.record.controls(view),
            tried=self.record.tried,
            screenshot=picture,
            pages=tuple(self._capture.pages),
            login_open=self._login_open,
            dead_end=dead_end,
            acted=self.acted,
        )

    def _crash(self, message: str) -> PageCrashed:
        return PageCrashed(message, tried=self.record.tried, login_open=self._login_open)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

"""One consent in the browser; runs on the browser thread's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.capture import RedirectCapture, resolver_rules, same_server
from pytest_endpoint_docs.oauth.browser.decisions import Pilot
from pytest_endpoint_docs.oauth.browser.journey import Journey
from pytest_endpoint_docs.oauth.browser.launch import ChromiumProcess
from pytest_endpoint_docs.oauth.browser.observation import script
from pytest_endpoint_docs.oauth.browser.page_walk import Walk
from pytest_endpoint_docs.oauth.browser.walk_record import WalkRecord
from pytest_endpoint_docs.oauth.consent_errors import PageCrashed
from pytest_endpoint_docs.oauth.grant import PageAnswer, Redirect, named
from pytest_endpoint_docs.words import first_line

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Dialog, Page, StorageState

    from pytest_endpoint_docs.oauth.browser.recipe_recording import Recorder

# Pages are read by their English words.
_LOCALE = "en-US"
# While a person acts: how often they are told how much time is left.
_TELLS_EVERY_S = 30.0
_MAY_CLOSE = """<!doctype html><title>Done</title>
<body style="font: 20px sans-serif; margin: 4em"><h1>Done</h1>
<p>The redirect was caught; you may close this window.</p>"""


@value_class
class ConsentJob:
    """What one consent needs. ``pilot`` ``None``: a person leads. ``state`` is a saved login."""

    journey: Journey
    timeout_s: float
    pilot: Pilot | None
    state: StorageState | None = field(default=None, repr=False)
    recorder: Recorder | None = None
    announce: Callable[[str], None]
    mask: Callable[[str], str]
    secrets: tuple[Secret, ...] = ()
    screenshots: Path
    picture_steps: bool = False


@value_class
class ConsentResult:
    """What came of it; without a ``redirect``, that the person's decision has arrived otherwise.

    ``state`` is the login to keep, ``None`` where nothing was done that could have changed it.
    ``picture``: the masked screenshot that was taken on the way. ``trail`` are lines that say what was done.
    ``logged_in``: somebody logged in on the way.
    """

    redirect: Redirect | None = None
    pages: tuple[PageAnswer, ...] = ()
    state: StorageState | None = field(default=None, repr=False)
    picture: Path | None = None
    trail: tuple[str, ...] = ()
    logged_in: bool = False

    @property
    def landed(self) -> Redirect:
        """The redirect of a journey that leads to one."""
        assert self.redirect is not None
        return self.redirect


class _PersonsWalk(Walk):
    """A walk on which a person leads."""

    async def wait_for_person(self, page: Page, url: str) -> None:
        """Wait until somebody else has led the browser from ``url`` to the end; say from time to time how long."""
        strays, told_at = 0, self._now()
        while not await self._pause(0.5):
            if await self.arriving.ask(at_once=not self.is_closed):
                return
            await self._end_if_over()
            if self._capture.strays > strays:
                strays = self._capture.strays
                self.record.note(
                    "a redirect came with another state, from an earlier consent or another tab: opening the URL again"
                )
                await self.open(page, url)
            if self._now() - told_at >= _TELLS_EVERY_S:
                told_at = self._now()
                self.record.note(f"still waiting for you: {self._deadline - told_at:.0f} s left")


class ConsentBrowser:
    """A browser, and the window that a person keeps between consents."""

    def __init__(self, process: ChromiumProcess) -> None:
        self._process = process
        self._window: BrowserContext | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def consent(self, job: ConsentJob) -> ConsentResult:
        """Open the authorization URL in a context of its own and stay until the redirect.

        Raises: subclasses of :class:`ConsentError`.
        """
        from playwright.async_api import Error

        redirect_uri = job.journey.redirect_uri
        on_the_server = bool(redirect_uri and same_server(job.journey.url, redirect_uri))
        rules = resolver_rules(redirect_uri) if redirect_uri and not on_the_server else frozenset[str]()
        try:
            context = await self._context(job, await self._process.with_rules(rules))
        except Error:
            # It was ending when it was asked: a person closed its last window, or it died.
            await self._process.end_browser()
            context = await self._context(job, await self._process.with_rules(rules))
        capture = RedirectCapture(redirect_uri, only_state=None if job.pilot else job.journey.state)
        capture.watch(context)
        try:
            return await self._lead(job, context, capture, refuse_in_page=on_the_server)
        except Error as error:
            raise PageCrashed(f"the browser failed: {job.mask(first_line(error))}") from None
        finally:
            capture.unwatch(context)
            if job.pilot:
                self._close_later(context)
            elif context.pages and job.recorder is None:
                self._window = context

    async def _context(self, job: ConsentJob, browser: Browser) -> BrowserContext:
        kept, self._window = self._window, None
        if kept and kept.pages and kept.browser is browser:
            return kept
        context = await browser.new_context(
            storage_state=job.state,
            locale=_LOCALE,
            # A worker of the page's own would answer requests that nobody else sees.
            service_workers="block",
            no_viewport=None if job.pilot else True,
        )
        if job.pilot:
            await context.add_init_script(script("stirring.js"))
        context.on("dialog", _accept)
        return context

    async def close(self) -> None:
        """End the browser."""
        self._window = None
        await self._process.close()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _lead(
        self, job: ConsentJob, context: BrowserContext, capture: RedirectCapture, *, refuse_in_page: bool
    ) -> ConsentResult:
        record = WalkRecord(announce=job.announce, mask=job.mask, screenshots=job.screenshots, secrets=job.secrets)
        walk = (Walk if job.pilot else _PersonsWalk)(
            context,
            capture,
            record,
            timeout_s=job.timeout_s,
            journey=job.journey,
            attended=job.pilot is None,
            picture_steps=job.picture_steps,
        )
        if job.recorder:
            await job.recorder.attach(context)
        page = context.pages[-1] if context.pages else await context.new_page()
        if refuse_in_page and job.journey.redirect_uri:
            await capture.refuse_in(page, job.journey.redirect_uri)
        await walk.open(page, job.journey.url)
        if job.pilot:
            await walk.run(job.pilot)
        elif isinstance(walk, _PersonsWalk):
            await walk.wait_for_person(page, job.journey.url)
        if capture.redirect is not None:
            job.announce(f"caught the redirect to {redirect_name(capture.redirect)}")
        state = await _login_to_keep(job, context, walk)
        if not job.pilot:
            await _say_goodbye(context.pages[-1:])
        return ConsentResult(
            redirect=capture.redirect,
            pages=tuple(capture.pages),
            state=state,
            picture=record.picture,
            trail=record.trail,
            logged_in=walk.logged_in,
        )

    def _close_later(self, context: BrowserContext) -> None:
        """Close it while the caller goes on: nothing in it is needed any more."""
        task = asyncio.ensure_future(_close(context))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def redirect_name(redirect: Redirect) -> str:
    """The redirect for a person: where, and which parameters it carried."""
    return f"{redirect.redirect_uri} with {named(redirect.parameters)}"


async def _login_to_keep(job: ConsentJob, context: BrowserContext, walk: Walk) -> StorageState | None:
    if walk.is_closed:
        # A person allowed the access and closed the last window, and the browser with it.
        return None
    if job.pilot and job.state and not walk.logged_in:
        # Reading the local storage costs as much as a page; without a login only cookies can have changed.
        kept: StorageState = {**job.state, "cookies": await context.cookies()}  # type: ignore[typeddict-item]
        return kept if walk.acted else None
    return await context.storage_state() if walk.acted or not job.pilot else None


async def _close(context: BrowserContext) -> None:
    from playwright.async_api import Error

    with suppress(Error):
        await context.close()


async def _accept(dialog: Dialog) -> None:
    from playwright.async_api import Error

    with suppress(Error):
        await dialog.accept()


async def _say_goodbye(pages: list[Page]) -> None:
    from playwright.async_api import Error

    with suppress(Error):
        for page in pages:
            await page.goto("about:blank")
            await page.set_content(_MAY_CLOSE)

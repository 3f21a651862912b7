"""Leading a page by the heuristics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.decisions import Act, Decision, Fill, Goal
from pytest_endpoint_docs.oauth.browser.heuristics import Progress, decide
from pytest_endpoint_docs.oauth.browser.observation import Control, Observed, PageView

if TYPE_CHECKING:
    from playwright.async_api import Page

_ACTION_MS = 2500


class Autopilot:
    """Leads by the heuristics."""

    def __init__(self, *, goal: Goal, credentials: Credentials) -> None:
        self._goal = goal
        self._credentials = credentials
        self._progress = Progress()

    async def decide(self, view: PageView, page: Page) -> Decision:
        """See :func:`heuristics.decide`."""
        del page
        return decide(view, self._progress, self._goal, self._credentials.person)

    async def carry_out(self, act: Act, observed: Observed, page: Page) -> None:
        """Fill, tick, click."""
        for item in act.fills:
            await self._fill(item, observed, page)
        for control, wanted in act.ticks:
            await _tick(observed, control, wanted=wanted)
        if act.click:
            await _click(observed, act.click)
        elif act.enter:
            last = await observed.element(act.fills[-1].controls[0]) if act.fills else None
            await (last.press("Enter", timeout=_ACTION_MS) if last else page.keyboard.press("Enter"))

    def note(self, view: PageView, act: Act) -> None:
        """Remember it."""
        self._progress.note(view, act)

    async def _fill(self, item: Fill, observed: Observed, page: Page) -> None:
        text = await self._credentials.value(item.value)
        element = await observed.element(item.controls[0])
        if element is None:
            return
        if len(item.controls) == 1:
            await element.fill(text, timeout=_ACTION_MS)
        else:
            # A box per digit: the page moves on by itself as one types.
            await element.focus()
            await page.keyboard.type(text)


async def _click(observed: Observed, control: Control) -> None:
    element = await observed.element(control)
    if element is not None:
        await element.click(timeout=_ACTION_MS)


async def _tick(observed: Observed, control: Control, *, wanted: bool) -> None:
    element = await observed.element(control)
    if element is None or control.checked == wanted:
        return
    # Styled boxes hide the input under its label, where a pointer cannot reach it.
    await element.evaluate("element => element.click()")

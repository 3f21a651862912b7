"""Leading a page by the heuristics."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.decisions import Act, Decision, Fill, Goal, NotSubmitted, Progress
from pytest_endpoint_docs.oauth.browser.form_validity import refused_field, unchosen_list
from pytest_endpoint_docs.oauth.browser.heuristics import decide
from pytest_endpoint_docs.oauth.browser.observation import Control, Observed, PageView
from pytest_endpoint_docs.oauth.browser.obstructions import asks_back, cleared, only_what_covers
from pytest_endpoint_docs.oauth.grant import bare_code

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Page

_ACTION_MS = 2500


class Autopilot:
    """Leads by the heuristics."""

    def __init__(self, *, goal: Goal, credentials: Credentials) -> None:
        self._goal = goal
        self._credentials = credentials
        self.progress = Progress()

    async def decide(self, view: PageView, page: Page) -> Decision:
        """See :func:`heuristics.decide`, and :func:`obstructions.cleared`."""
        del page
        decision = self._decide(view)
        if asks_back(decision, self.progress, view):
            return self._decide(only_what_covers(view))
        return cleared(decision, view, self.progress)

    def _decide(self, view: PageView) -> Decision:
        return decide(view, self.progress, self._goal, self._credentials.person)

    async def carry_out(self, act: Act, observed: Observed, page: Page, submitting: Callable[[], None]) -> None:
        """Fill, tick, read back, click. See :class:`Pilot`."""
        for item in act.fills:
            await self._fill(item, observed, page)
        if act.reads:
            await observed.read_to_the_end()
        for control, wanted in act.ticks:
            await _tick(observed, control, wanted=wanted)
        for item in act.fills:
            await self._read_back(item, observed)
        again = act.click is not None and self.progress.clicked(observed.view, act.click) > 0
        await _refuse_invalid(act, observed, again=again)
        if act.click:
            element = await _living(observed, act.click)
            # Whether it can be clicked is waited for here, where nothing is done yet.
            await element.click(trial=True, timeout=_ACTION_MS)
            self._submit(observed, act, submitting)
            await element.click(timeout=_ACTION_MS, no_wait_after=True)
        elif act.enter:
            if act.fills:
                await (await _living(observed, act.fills[-1].controls[0])).focus()
            self._submit(observed, act, submitting)
            await page.keyboard.press("Enter")
        else:
            self._submit(observed, act, submitting)

    def _submit(self, observed: Observed, act: Act, submitting: Callable[[], None]) -> None:
        self.progress.note(observed.view, act)
        submitting()

    async def _fill(self, item: Fill, observed: Observed, page: Page) -> None:
        text = await self._credentials.value(item.value)
        element = await _living(observed, item.controls[0])
        # Noted first: a field that was filled and then failed is not filled again.
        self.progress.typed.add(item.value)
        if len(item.controls) == 1:
            await element.fill(text, timeout=_ACTION_MS)
            # Some pages listen to keys alone; the End key changes nothing in the field.
            await element.press("End", timeout=_ACTION_MS)
        else:
            # A box per digit: the page moves on by itself as one types.
            await element.focus()
            await page.keyboard.type(re.sub(r"[\W_]", "", text))

    async def _read_back(self, item: Fill, observed: Observed) -> None:
        if len(item.controls) > 1:
            return
        control = item.controls[0]
        typed, kept = await self._credentials.value(item.value), await (await _living(observed, control)).input_value()
        # Pages write names and codes in their own way: in lower case, in groups of digits.
        if kept != typed and (item.value == "password" or bare_code(kept) != bare_code(typed)):
            raise NotSubmitted(
                f"the {control.describe()} does not keep the text that is typed into it; nothing was submitted"
            )


async def _refuse_invalid(act: Act, observed: Observed, *, again: bool) -> None:
    """Raises: :class:`NotSubmitted` where the browser itself would not submit what was filled in, or not chosen.

    A button whose script does something else than submitting is known by its first click, which leads on.
    """
    sender = act.click if act.click and act.click.submits else None
    if act.enter and act.fills:
        sender = act.fills[-1].controls[0]
    if sender is None:
        return
    unchosen = await unchosen_list(await _living(observed, sender))
    if unchosen and (act.fills or again):
        raise NotSubmitted(f"{unchosen}; a recipe does (select), and nothing was sent")
    wrong = await refused_field(await _living(observed, sender)) if act.fills else None
    if wrong:
        raise NotSubmitted(f"{wrong}; the browser does not submit such a form, and nothing was sent")


async def _living(observed: Observed, control: Control) -> ElementHandle:
    from playwright.async_api import Error

    element = await observed.element(control)
    if element is None:
        raise Error("the element is not attached to the page any more")
    return element


async def _tick(observed: Observed, control: Control, *, wanted: bool) -> None:
    element = await observed.element(control)
    if element is None or control.checked == wanted:
        return
    # Styled boxes hide the input under its label, where a pointer cannot reach it.
    await element.evaluate("element => element.click()")

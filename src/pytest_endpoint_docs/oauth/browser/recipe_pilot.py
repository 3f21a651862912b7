"""Following a recipe."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.autopilot import Autopilot
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.decisions import (
    OF_A_LOGIN,
    Act,
    CredentialName,
    Decision,
    GiveUp,
    Goal,
    Wait,
)
from pytest_endpoint_docs.oauth.browser.login_form import find_login_form
from pytest_endpoint_docs.oauth.browser.observation import Observed, PageView
from pytest_endpoint_docs.oauth.browser.recipes import REFERENCES, Command, Locator, Recipe, RecipePage

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page
    from playwright.async_api import Locator as PlaywrightLocator

_COMMAND_MS = 5000
_OPTIONAL_MS = 700
_MOST_RUNS = 3
_MOST_FAILURES = 2


@value_class
class RecipeAct(Act):
    """The commands of one page, and the document that they are for."""

    page: RecipePage
    frame: Frame
    commands: tuple[Command, ...]

    @property
    def leads_on(self) -> bool:
        """A page of a recipe is expected to lead to another page."""
        return True

    @property
    def types(self) -> frozenset[CredentialName]:
        """The credentials that the commands fill in."""
        return frozenset(name for command in self.commands for name in command.credentials)


class RecipePilot:
    """Leads by a recipe; on pages that it does not match by the heuristics, where it says so."""

    def __init__(self, recipe: Recipe, *, goal: Goal, credentials: Credentials) -> None:
        self._recipe = recipe
        self._goal = goal
        self._credentials = credentials
        self._autopilot = Autopilot(goal=goal, credentials=credentials)
        self._runs: Counter[RecipePage] = Counter()
        self._failures: Counter[Command] = Counter()

    async def decide(self, view: PageView, page: Page) -> Decision:
        """The commands of the first matching page whose first element is there, pages not met yet first."""
        if self._goal is Goal.DENY and not any(entry.deny for entry in self._recipe.pages):
            return GiveUp(
                kind="undeniable",
                message=f"{self._recipe.location}: no page of the recipe says how to refuse; "
                "give the consent page deny: commands",
            )
        for command, count in self._failures.items():
            if count >= _MOST_FAILURES:
                return GiveUp(kind="stuck", message=f"{command.location}: {command.describe()} is not possible here")
        matching = {entry: frame for entry in self._recipe.pages if (frame := _meant(entry, page))}
        ready = [entry for entry, frame in matching.items() if await self._is_ready(entry, frame)]
        chosen = next((entry for entry in ready if not self._runs[entry]), next(iter(ready), None))
        if chosen is None:
            return await self._without_recipe(view, page, [*matching])
        commands = self._commands(chosen)
        again = self._why_not_again(chosen, commands)
        if again:
            return again
        done = "; ".join(command.describe() for command in commands)
        return RecipeAct(title=f"{chosen.location}: {done}", page=chosen, frame=matching[chosen], commands=commands)

    async def _without_recipe(self, view: PageView, page: Page, matching: list[RecipePage]) -> Decision:
        form = find_login_form(view)
        if "password" in self._autopilot.progress.submitted and form and form.password:
            return GiveUp(kind="rejected", message="the login was rejected: a password form is there again")
        if self._recipe.otherwise == "heuristics":
            return await self._autopilot.decide(view, page)
        return Wait(reason=self._nothing_fits(matching), hopeful=False)

    def _why_not_again(self, chosen: RecipePage, commands: Sequence[Command]) -> GiveUp | None:
        """Why the commands of a page are not run (once more): nothing is typed twice, and no page met without end."""
        typed = {name for command in commands for name in command.credentials}
        if not self._runs[chosen]:
            if "password" not in typed or "password" not in self._autopilot.progress.typed:
                return None
            failed = next(iter(self._failures), None)
            reason = f"{failed.location}: {failed.describe()} is not possible here, and the" if failed else "the"
            return GiveUp(kind="stuck", message=f"{reason} password was typed already: it is never typed twice")
        again = f"the page of {chosen.location} is there again after it was filled in"
        if typed & OF_A_LOGIN:
            return GiveUp(kind="rejected", message=f"the login was rejected: {again}")
        if typed:
            return GiveUp(kind="stuck", message=f"the user code was not accepted: {again}")
        if self._runs[chosen] >= _MOST_RUNS:
            return GiveUp(kind="stuck", message=f"the page of {chosen.location} comes back each time")
        return None

    async def carry_out(self, act: Act, observed: Observed, page: Page, submitting: Callable[[], None]) -> None:
        """Run the commands in their order; an optional one whose element is missing is left out."""
        if not isinstance(act, RecipeAct):
            await self._autopilot.carry_out(act, observed, page, submitting)
            return
        from playwright.async_api import Error

        counted = False

        def count() -> None:
            # Before the click that sends what was typed: whatever fails from then on, it is not typed a second time.
            nonlocal counted
            if not counted:
                self._runs[act.page] += 1
            counted = True
            self._autopilot.progress.submitted |= self._autopilot.progress.typed & act.types
            submitting()

        for command in act.commands:
            try:
                await self._run(command, act.frame, count if act.types else None)
            except Error:
                self._failures[command] += 1
                raise
        if not counted:
            count()

    def _commands(self, entry: RecipePage) -> tuple[Command, ...]:
        return entry.deny if self._goal is Goal.DENY and entry.deny else entry.do

    async def _is_ready(self, entry: RecipePage, frame: Frame) -> bool:
        required = [command for command in self._commands(entry) if not command.optional and command.locator]
        if not required or required[0].locator is None or required[0].kind == "wait_for":
            return True
        return await (await find(frame, required[0].locator)).count() > 0

    async def _run(self, command: Command, frame: Frame, leading_on: Callable[[], None] | None) -> None:
        if command.kind == "goto":
            await frame.page.goto(command.value, wait_until="domcontentloaded", timeout=_COMMAND_MS)
            return
        if command.locator is None:
            if leading_on:
                leading_on()
            await frame.page.keyboard.press(command.value)
            return
        element = await find(frame, command.locator)
        if command.optional and not await _appears(element):
            return
        if command.kind == "fill":
            await element.wait_for(state="visible", timeout=_COMMAND_MS)
            self._autopilot.progress.typed.update(command.credentials)
            await element.fill(await self._text(command.value), timeout=_COMMAND_MS)
        elif command.kind == "click":
            if leading_on:
                await element.click(trial=True, timeout=_COMMAND_MS)
                leading_on()
            await element.click(timeout=_COMMAND_MS, no_wait_after=True)
        elif command.kind in ("check", "uncheck"):
            await element.set_checked(command.kind == "check", timeout=_COMMAND_MS)
        elif command.kind == "select":
            await element.select_option(await self._text(command.value), timeout=_COMMAND_MS)
        elif command.kind == "press":
            if leading_on:
                leading_on()
            await element.press(command.value, timeout=_COMMAND_MS, no_wait_after=True)
        else:
            await element.first.wait_for(state="visible", timeout=_COMMAND_MS)

    async def _text(self, value: str) -> str:
        parts = re.split(r"(\{\{[^{}]*\}\})", value)
        texts = []
        for part in parts:
            name = REFERENCES.get(part.strip("{} ")) if part.startswith("{{") else None
            texts.append(await self._credentials.value(name) if name else part)
        return "".join(texts)

    def _nothing_fits(self, matching: list[RecipePage]) -> str:
        if matching:
            missing = ", ".join(f"{entry.location}" for entry in matching)
            return f"the recipe's page matches this URL, but its first element is not there ({missing})"
        awaited = [entry for entry in self._recipe.pages if not entry.optional and not self._runs[entry]]
        listed = ", ".join(f"{entry.match} ({entry.location})" for entry in awaited) or "no further page"
        return f"no page of the recipe matches this URL; it expects {listed}"


def _meant(entry: RecipePage, page: Page) -> Frame | None:
    """The document that an entry is about: the page itself, or else a frame in it."""
    if entry.matches(page.url):
        return page.main_frame
    return next((frame for frame in page.frames[1:] if entry.matches_frame(frame.url)), None)


async def find(frame: Frame, locator: Locator) -> PlaywrightLocator:
    """The visible elements that a locator of a recipe means: by exact text, else by a part of the text."""
    exact = _build(frame, locator, exact=True).locator("visible=true")
    if await exact.count():
        return exact
    return _build(frame, locator, exact=False).locator("visible=true")


def _build(frame: Frame, locator: Locator, *, exact: bool) -> PlaywrightLocator:
    if locator.role:
        # Any ARIA role is allowed in a recipe; Playwright's type lists those of today.
        return frame.get_by_role(locator.role, name=locator.name, exact=exact if locator.name else None)  # type: ignore[arg-type]
    if locator.label:
        return frame.get_by_label(locator.label, exact=exact)
    if locator.placeholder:
        return frame.get_by_placeholder(locator.placeholder, exact=exact)
    if locator.test_id:
        return frame.get_by_test_id(locator.test_id)
    if locator.text:
        return frame.get_by_text(locator.text, exact=exact)
    if locator.name:
        return frame.locator(f"[name={_quoted(locator.name)}]")
    return frame.locator(locator.css or "")


async def _appears(element: PlaywrightLocator) -> bool:
    from playwright.async_api import TimeoutError as Absent

    try:
        await element.first.wait_for(state="visible", timeout=_OPTIONAL_MS)
    except Absent:
        return False
    return True


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

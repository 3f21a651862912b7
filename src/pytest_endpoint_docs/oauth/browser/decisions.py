"""What can be done on a page on the way to the redirect, and who decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.observation import Control, Observed, PageView

if TYPE_CHECKING:
    from playwright.async_api import Page

CredentialName = Literal["user", "password", "totp", "user_code"]
OF_A_LOGIN: frozenset[CredentialName] = frozenset(["user", "password", "totp"])
"""What logs somebody in; a user code (RFC 8628) only says which device is meant."""


class Goal(StrEnum):
    """What the person wants of the consent page."""

    GRANT = "grant"
    DENY = "deny"


@value_class
class Person:
    """What is known of who logs in. ``username`` is compared with what pages show, and never printed.

    ``hint`` says, for messages, where what is missing would come from. ``user_code`` is what a device shows that they
    let in (RFC 8628); empty where there is none.
    """

    username: str = field(repr=False)
    has_password: bool = True
    has_totp: bool = False
    user_code: str = field(default="", repr=False)
    hint: str = ""


@value_class
class Fill:
    """Put a credential into an input; with several ``controls`` (a box per digit) type it from the first on."""

    controls: tuple[Control, ...]
    value: CredentialName


@value_class
class Act:
    """Do this: fills, then ticks, then the click, or Enter in the last filled input.

    ``reads``: scroll to the end of all that there is to read. ``aside``: the click only clears the view, of a cookie
    banner, say, and submits nothing.
    """

    title: str
    fills: tuple[Fill, ...] = ()
    ticks: tuple[tuple[Control, bool], ...] = ()
    click: Control | None = None
    enter: bool = False
    reads: bool = False
    aside: bool = False

    @property
    def leads_on(self) -> bool:
        """Whether the page is expected to answer."""
        return not self.aside and (self.click is not None or self.enter)

    @property
    def controls(self) -> tuple[Control, ...]:
        """What it touches on the page."""
        filled = (control for item in self.fills for control in item.controls)
        ticked = (control for control, _ in self.ticks)
        return (*filled, *ticked, *([self.click] if self.click else []))

    @property
    def types(self) -> frozenset[CredentialName]:
        """The credentials that this types."""
        return frozenset(item.value for item in self.fills)

    @property
    def puts_password_into_url(self) -> bool:
        """Whether the form would send a password in a URL, if no script sends it otherwise."""
        return any(
            item.value == "password" and control.form >= 0 and not control.form_posts
            for item in self.fills
            for control in item.controls
        )

    @property
    def logs_in(self) -> bool:
        """Whether this logs somebody in, or is part of it."""
        return bool(self.types & OF_A_LOGIN)


@value_class
class Wait:
    """Nothing to do yet.

    ``hopeful``: something visible is expected to change; else the walk ends once the page has come to rest.
    """

    reason: str
    hopeful: bool = True


@value_class
class GiveUp:
    """There is no way on: ``rejected`` (login), ``stuck``, or ``undeniable`` (nothing refuses)."""

    kind: Literal["rejected", "stuck", "undeniable"]
    message: str


Decision = Act | Wait | GiveUp


class NotSubmitted(Exception):
    """Nothing was sent: a field does not keep the text that is typed into it, or refuses it. The message names it."""


class Pilot(Protocol):
    """Decides on the page that is shown, and carries it out."""

    async def decide(self, view: PageView, page: Page) -> Decision:
        """What to do on this page."""
        ...

    async def carry_out(self, act: Act, observed: Observed, page: Page, submitting: Callable[[], None]) -> None:
        """Do it, without waiting for the page's answer.

        ``submitting`` is called right before the click or key that leads on, and the pilot notes the act there too:
        whatever happens from then on, the act counts as done, and no credentials are typed once more.

        Raises: Playwright's ``Error`` and ``TimeoutError``, :class:`NotSubmitted`.
        """
        ...


@dataclass(slots=True, kw_only=True)
class Progress:
    """What was done so far: ``typed`` into fields, ``submitted`` with a click or key, whatever came of it.

    ``used`` are the controls that were clicked, in whatever shape their page was; ``read`` the documents that were
    scrolled to their ends.
    """

    submitted: set[CredentialName] = field(default_factory=set)
    typed: set[CredentialName] = field(default_factory=set)
    clicks: dict[tuple[object, ...], int] = field(default_factory=dict)
    ticked: set[tuple[object, ...]] = field(default_factory=set)
    used: set[tuple[object, ...]] = field(default_factory=set)
    read: set[str] = field(default_factory=set)

    def note(self, view: PageView, act: Act) -> None:
        """Remember an act; before its click, because after it the page may be gone."""
        self.typed |= act.types
        if act.leads_on:
            # What an earlier act typed into a form whose button was still disabled goes off with this click.
            self.submitted |= self.typed
        if act.click:
            key = (view.shape, act.click.identity)
            self.clicks[key] = self.clicks.get(key, 0) + 1
            self.used.add((view.document, act.click.identity))
        if act.reads:
            self.read.add(view.document)
        self.ticked |= {(view.shape, control.identity) for control, _ in act.ticks}

    def clicked(self, view: PageView, control: Control) -> int:
        """How often this control was clicked while the page looked like this."""
        return self.clicks.get((view.shape, control.identity), 0)

    def fresh(self, view: PageView, controls: Iterable[Control]) -> list[Control]:
        """Those that can be clicked, and were not while the page looked like this."""
        return [control for control in controls if control.enabled and not self.clicked(view, control)]

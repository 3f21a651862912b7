"""What to do on a page that nobody wrote a recipe for: pure decisions over observed controls.

The order of the rules is the order of the functions in :func:`decide`. No server's names are known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_endpoint_docs.oauth.browser.decisions import Act, CredentialName, Decision, Fill, GiveUp, Goal, Person, Wait
from pytest_endpoint_docs.oauth.browser.login_form import LoginForm, find_login_form
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView
from pytest_endpoint_docs.oauth.browser.page_words import (
    COOKIES,
    DENYING,
    GRANTING,
    SIGNING_IN,
    STRONG_GRANT,
    denying,
    granting,
    signing_in,
    weight,
)

_LOWEST_SCORE = 3
_MOST_CLICKS = 3


@dataclass(slots=True, kw_only=True)
class Progress:
    """What was done so far."""

    submitted: set[CredentialName] = field(default_factory=set)
    typed: set[CredentialName] = field(default_factory=set)
    clicks: dict[tuple[object, ...], int] = field(default_factory=dict)
    ticked: set[tuple[object, ...]] = field(default_factory=set)

    def note(self, view: PageView, act: Act) -> None:
        """Remember an act that was carried out."""
        self.typed |= {item.value for item in act.fills}
        if act.leads_on:
            # What an earlier act typed into a form whose button was still disabled goes off with this click.
            self.submitted |= self.typed
        if act.click:
            key = (view.shape, act.click.identity)
            self.clicks[key] = self.clicks.get(key, 0) + 1
        if act.ticks:
            self.ticked.add(view.shape)

    def clicked(self, view: PageView, control: Control) -> int:
        """How often this control was clicked while the page looked like this."""
        return self.clicks.get((view.shape, control.identity), 0)


def decide(view: PageView, progress: Progress, goal: Goal, person: Person) -> Decision:
    """The next act on this page, or why there is none."""
    if not view.ready:
        return Wait(reason="the page is loading")
    banner = _cookie_banner(view, progress)
    if banner:
        return Act(title=f'dismiss the cookie banner: click "{banner.text}"', click=banner)
    form = find_login_form(view)
    if form and not (form.password is None and not form.code and _is_consent_page(view)):
        return _log_in(form, progress, person)
    clickable = [control for control in view.controls if control.kind in ("button", "link")]
    if goal is Goal.DENY and any(denying(control) >= _LOWEST_SCORE for control in clickable):
        return _deny(view, clickable, progress)
    chosen = _own_account(view, clickable, progress, person) or _way_to_login(view, clickable, progress)
    if chosen:
        return Act(title=f'click "{chosen.text}"', click=chosen)
    return _deny(view, clickable, progress) if goal is Goal.DENY else _grant(view, clickable, progress)


def _cookie_banner(view: PageView, progress: Progress) -> Control | None:
    found = [
        control
        for control in view.controls
        if control.kind == "button"
        and COOKIES.search(f"{control.text} {control.surroundings}")
        and control.enabled
        and not progress.clicked(view, control)
        and (weight(control, DENYING) or weight(control, GRANTING))
    ]
    return max(found, key=lambda control: (weight(control, DENYING), weight(control, GRANTING)), default=None)


def _log_in(form: LoginForm, progress: Progress, person: Person) -> Decision:
    rejected = _rejection(form, progress)
    if rejected:
        return GiveUp(kind="rejected", message=rejected)
    if form.password and not person.has_password:
        return GiveUp(
            kind="stuck",
            message=f"the page asks for a password, and the environment has none for this user{person.hint}",
        )
    if form.code and not form.password and not person.has_totp:
        return GiveUp(
            kind="stuck",
            message="the page asks for a one-time code; give the user a totp_secret in the environment's oauth block",
        )
    fills = []
    if form.user and form.user.value != person.username:
        fills.append(Fill(controls=(form.user,), value="user"))
    if form.password and not ("password" in progress.typed and form.password.filled):
        fills.append(Fill(controls=(form.password,), value="password"))
    if form.code and person.has_totp and "totp" not in progress.typed:
        fills.append(Fill(controls=form.code, value="totp"))
    title = f"fill in {', '.join(_shown_name(fill) for fill in fills)}" if fills else "submit the login form"
    if form.submit is None:
        return Act(title=f"{title}, press Enter", fills=tuple(fills), enter=True)
    if form.submit.enabled:
        return Act(title=f'{title}, click "{form.submit.text}"', fills=tuple(fills), click=form.submit)
    if fills:
        return Act(title=title, fills=tuple(fills))
    return Wait(reason=f'the button "{form.submit.text}" is disabled')


def _rejection(form: LoginForm, progress: Progress) -> str | None:
    if form.password:
        sent = "password" in progress.submitted
        return "the login was rejected: the password form is there again after it was submitted" if sent else None
    if form.code:
        sent = "totp" in progress.submitted
        return "the one-time code was rejected: the page asks for it again" if sent else None
    if "user" in progress.submitted:
        return "the login was rejected: the page asks for the user name again"
    return None


def _shown_name(fill: Fill) -> str:
    return {"user": "the user name", "password": "the password", "totp": "the one-time code"}[fill.value]


def _is_consent_page(view: PageView) -> bool:
    return any(
        control.kind == "button" and granting(control) >= STRONG_GRANT and weight(control, GRANTING) >= STRONG_GRANT
        for control in view.controls
    )


def _own_account(view: PageView, clickable: Iterable[Control], progress: Progress, person: Person) -> Control | None:
    """The entry of an account chooser that is this person's; a consent page may name the person too."""
    if not person.username or _is_consent_page(view):
        return None
    username = person.username.lower()
    found = [
        control
        for control in clickable
        if username in control.text.lower().split() or (("@" in username) and username in control.text.lower())
    ]
    fresh = [control for control in found if control.enabled and not progress.clicked(view, control)]
    return next(
        (control for control in fresh if weight(control, DENYING) == 0 and granting(control) > -_MOST_CLICKS), None
    )


def _way_to_login(view: PageView, clickable: Iterable[Control], progress: Progress) -> Control | None:
    """A button or link that leads to the login form, on a page that does not ask for consent."""
    if "password" in progress.submitted or any(weight(control, GRANTING) >= _LOWEST_SCORE for control in clickable):
        return None
    found = [
        control
        for control in clickable
        if control.enabled
        and weight(control, SIGNING_IN) >= 8
        and signing_in(control) > 0
        and not progress.clicked(view, control)
    ]
    return max(found, key=signing_in, default=None)


def _grant(view: PageView, clickable: Iterable[Control], progress: Progress) -> Decision:
    ranked = sorted(clickable, key=granting, reverse=True)
    wanted = [control for control in ranked if granting(control) >= _LOWEST_SCORE] or _only_submit(ranked)
    boxes = tuple(
        (control, True)
        for control in view.controls
        if control.kind == "checkbox" and not control.checked and control.enabled and not COOKIES.search(control.text)
    )
    radios = _radios(view, Goal.GRANT)
    for control in wanted:
        clicks = progress.clicked(view, control)
        if not control.enabled:
            if boxes and view.shape not in progress.ticked:
                return Act(title="tick the boxes, because the button is disabled", ticks=boxes)
            return Wait(reason=f'the button "{control.text}" is disabled')
        if clicks and boxes and view.shape not in progress.ticked:
            return Act(title=f'tick the boxes, click "{control.text}" again', ticks=boxes, click=control)
        if clicks < _MOST_CLICKS:
            return Act(title=f'click "{control.text}"', ticks=radios, click=control)
    if wanted:
        return GiveUp(kind="stuck", message=f'the page came back each time after "{wanted[0].text}" was clicked')
    return Wait(reason="nothing on the page grants", hopeful=False)


def _deny(view: PageView, clickable: Iterable[Control], progress: Progress) -> Decision:
    clickable = list(clickable)
    radios = _radios(view, Goal.DENY)
    if not radios:
        for kind in ("button", "link"):
            found = [control for control in clickable if control.kind == kind and denying(control) >= _LOWEST_SCORE]
            for control in sorted(found, key=denying, reverse=True):
                if not control.enabled:
                    return Wait(reason=f'the button "{control.text}" is disabled')
                if progress.clicked(view, control) < _MOST_CLICKS - 1:
                    return Act(title=f'refuse: click "{control.text}"', click=control)
    submit = max((control for control in clickable if control.submits), key=granting, default=None)
    boxes = tuple((control, False) for control in view.controls if control.kind == "checkbox" and control.enabled)
    if submit and (radios or boxes) and not progress.clicked(view, submit):
        return Act(title=f'refuse: submit unticked with "{submit.text}"', ticks=radios or boxes, click=submit)
    if any(granting(control) >= _LOWEST_SCORE for control in clickable):
        return GiveUp(kind="undeniable", message="no way to deny here: no button, link or box on the page refuses")
    return Wait(reason="nothing on the page refuses", hopeful=False)


def _only_submit(ranked: list[Control]) -> list[Control]:
    """The one submit button of a page in words that weigh nothing here; with two of them it would be a guess."""
    posting = [control for control in ranked if control.submits and control.form_posts and granting(control) >= 0]
    return posting if len(posting) == 1 else []


def _radios(view: PageView, goal: Goal) -> tuple[tuple[Control, bool], ...]:
    """Radio buttons that say yes and no: the one that the goal wants."""
    radios = [control for control in view.controls if control.kind == "radio" and control.enabled]
    yes = [control for control in radios if weight(control, GRANTING) > weight(control, DENYING)]
    no = [
        control
        for control in radios
        if weight(control, DENYING) >= weight(control, GRANTING) > -1 and weight(control, DENYING)
    ]
    if not yes or not no:
        return ()
    return (((yes if goal is Goal.GRANT else no)[0], True),)

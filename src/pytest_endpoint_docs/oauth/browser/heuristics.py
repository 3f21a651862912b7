"""What to do on a page that nobody wrote a recipe for: pure decisions over observed controls.

The order of the rules is that in :func:`decide` and in what it calls. No server's names are known here.
"""

from __future__ import annotations

from collections.abc import Iterable

from pytest_endpoint_docs.oauth.browser.account_choice import code_by_app, first_organisation, own_account
from pytest_endpoint_docs.oauth.browser.decisions import Act, Decision, Fill, GiveUp, Goal, Person, Progress, Wait
from pytest_endpoint_docs.oauth.browser.form_extras import agreeing_boxes, asked_name, demanded_boxes, yes_or_no
from pytest_endpoint_docs.oauth.browser.login_form import LoginForm, asks_whether_human, find_login_form, foreign_forms
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView
from pytest_endpoint_docs.oauth.browser.page_words import (
    COOKIES,
    COOKIES_TO_ALLOW,
    DENYING,
    FAILING,
    GRANTING,
    LOCKING,
    OFFERING,
    SIGNING_IN,
    SKIPPING,
    STRONG_GRANT,
    denying,
    granting,
    is_consent_page,
    knows,
    signing_in,
    weight,
)
from pytest_endpoint_docs.oauth.browser.user_code_form import enter_user_code, find_user_code_form

_LOWEST_SCORE = 3
_MOST_CLICKS = 3


def decide(view: PageView, progress: Progress, goal: Goal, person: Person) -> Decision:
    """The next act on this page, or why there is none."""
    if not view.ready:
        return Wait(reason="the page is loading")
    return (
        _what_stands_in_the_way(view, progress)
        or _on_a_form(view, progress, person)
        or _on_the_way(view, progress, goal, person)
    )


def _what_stands_in_the_way(view: PageView, progress: Progress) -> Decision | None:
    banner = _cookie_banner(view, progress)
    if banner:
        return Act(title=f'dismiss the cookie banner: click "{banner.text}"', click=banner, aside=True)
    if asks_whether_human(view):
        return GiveUp(
            kind="stuck",
            message="the page shows a captcha, which only a person can solve: switch it off for this user or server, "
            "or run with --endpoint-manual attended",
        )
    locked = _locked(view, progress)
    return GiveUp(kind="rejected", message=f'the account is locked: the page says "{locked}"') if locked else None


def _on_a_form(view: PageView, progress: Progress, person: Person) -> Decision | None:
    """On a form for a user code or a login, and on the page that tells that a login failed."""
    asked = find_user_code_form(view, person)
    if asked and not (asked.filled and is_consent_page(view)):
        return enter_user_code(view, asked, progress)
    form = None if asked else find_login_form(view)
    if form and not (form.password is None and not form.code and is_consent_page(view)):
        return _log_in(view, form, progress, person)
    failed = _login_failed(view, progress)
    return GiveUp(kind="rejected", message=f'the login was rejected: the page says "{failed}"') if failed else None


def _on_the_way(view: PageView, progress: Progress, goal: Goal, person: Person) -> Decision:
    """On the pages between, and on the consent page itself."""
    foreign, asks_for_consent = foreign_forms(view), is_consent_page(view)
    # What a form to register sends is left alone; links in it may lead to the login.
    clickable = [
        control
        for control in view.controls
        if control.kind == "link" or (control.kind == "button" and (control.form < 0 or control.form not in foreign))
    ]
    skip = _way_past_an_offer(view, progress)
    if skip:
        return Act(title=f'decline an offer: click "{skip.text}"', click=skip)
    factor = None if asks_for_consent else code_by_app(view, clickable, progress, person)
    if factor:
        return factor
    if goal is Goal.DENY and any(denying(control) >= _LOWEST_SCORE for control in clickable):
        return _deny(view, clickable, progress)
    account = None if asks_for_consent else own_account(view, clickable, progress, person)
    chosen = account or _way_to_login(view, clickable, progress)
    if chosen:
        return Act(title=f'click "{chosen.text}"', click=chosen)
    organisation = None if asks_for_consent else first_organisation(view, clickable, progress)
    if organisation:
        return organisation
    if foreign and not any(granting(control) >= STRONG_GRANT for control in clickable):
        purposes = " and ".join(dict.fromkeys(foreign.values()))
        return Wait(reason=f"the page has a form for {purposes}, which is never filled in", hopeful=False)
    return _deny(view, clickable, progress) if goal is Goal.DENY else _grant(view, clickable, progress, person)


def _locked(view: PageView, progress: Progress) -> str | None:
    """What a page says of a locked account after something was submitted."""
    if not progress.submitted:
        return None
    return next((text for text in (*view.headings, view.title, view.text) if LOCKING.search(text)), None)


def _login_failed(view: PageView, progress: Progress) -> str | None:
    """What a page without a login form says of a failed login after the password was submitted."""
    if "password" not in progress.submitted or is_consent_page(view):
        return None
    return next((text for text in (*view.headings, view.title, view.text) if FAILING.search(text)), None)


def tells_of_failure(view: PageView, status_code: int) -> bool:
    """Whether a page that offers no way on after the password is one that refused it, with a form or without."""
    if view.captcha:
        return False
    said = " / ".join((view.title, view.text, *view.headings))
    return status_code >= 400 or bool(FAILING.search(said))


def _way_past_an_offer(view: PageView, progress: Progress) -> Control | None:
    """The "not now" on a page that offers a passkey, wants a telephone number or a new password, and can be skipped."""
    said = " ".join([view.title, *view.headings])
    if is_consent_page(view) or not (OFFERING.search(said) or foreign_forms(view)):
        return None
    found = (one for one in view.controls if one.kind in ("button", "link") and SKIPPING.search(one.text))
    return next(iter(progress.fresh(view, found)), None)


def _cookie_banner(view: PageView, progress: Progress) -> Control | None:
    choices = [control for control in view.controls if _is_choice(control)]
    banner = [control for control in choices if control.kind == "button" and _speaks_of_cookies(control)]
    others = [control for control in choices if control not in banner]
    if not others and not any(control.kind in ("text", "password") for control in view.controls):
        # The page itself asks about cookies: no banner stands before another question.
        return None
    forms = {control.form for control in others} - {-1}
    found = progress.fresh(view, (control for control in banner if control.form not in forms))
    return max(found, key=lambda control: (weight(control, DENYING), weight(control, GRANTING)), default=None)


def _is_choice(control: Control) -> bool:
    return control.kind in ("button", "link") and bool(weight(control, DENYING) or weight(control, GRANTING))


def _speaks_of_cookies(control: Control) -> bool:
    return bool(COOKIES.search(control.surroundings) or COOKIES_TO_ALLOW.search(control.text))


def _log_in(view: PageView, form: LoginForm, progress: Progress, person: Person) -> Decision:
    obstacle = _why_no_login(form, progress, person)
    if obstacle:
        return obstacle
    fills = _fills(form, progress, person)
    title = f"fill in {', '.join(_shown_name(fill) for fill in fills)}" if fills else "submit the login form"
    if form.submit is None:
        return Act(title=f"{title}, press Enter", fills=fills, enter=True)
    if form.submit.enabled:
        agreeing = demanded_boxes(view, form.submit)
        title = f"{title}, tick the boxes that agree" if agreeing else title
        return Act(title=f'{title}, click "{form.submit.text}"', fills=fills, ticks=agreeing, click=form.submit)
    if fills:
        return Act(title=title, fills=fills)
    return Wait(reason=f'the button "{form.submit.text}" is disabled')


def _why_no_login(form: LoginForm, progress: Progress, person: Person) -> GiveUp | None:
    rejected = _rejection(form, progress)
    if rejected:
        return GiveUp(kind="rejected", message=rejected)
    if form.password and not person.has_password:
        message = f"the page asks for a password, and the environment has none for this user{person.hint}"
    elif form.code and not form.password and not person.has_totp:
        message = "the page asks for a one-time code; give the user a totp_secret in the environment's oauth block"
    elif form.password and "password" in progress.typed and not form.password.filled:
        message = (
            "the password field is empty again after the password was typed, "
            "and it is not typed a second time: accounts get locked"
        )
    else:
        return None
    return GiveUp(kind="stuck", message=message)


def _fills(form: LoginForm, progress: Progress, person: Person) -> tuple[Fill, ...]:
    fills = []
    if form.user and form.user.value != person.username:
        fills.append(Fill(controls=(form.user,), value="user"))
    if form.password and "password" not in progress.typed:
        fills.append(Fill(controls=(form.password,), value="password"))
    if form.code and person.has_totp and "totp" not in progress.typed:
        fills.append(Fill(controls=form.code, value="totp"))
    return tuple(fills)


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
    return {"user": "the user name", "password": "the password"}.get(fill.value, "the one-time code")


def _way_to_login(view: PageView, clickable: Iterable[Control], progress: Progress) -> Control | None:
    """A button or link that leads to the login form, on a page that does not ask for consent."""
    if "password" in progress.submitted or any(granting(control) >= _LOWEST_SCORE for control in clickable):
        return None
    leading = (control for control in clickable if weight(control, SIGNING_IN) >= 8 and signing_in(control) > 0)
    found = progress.fresh(view, leading)
    return max(found, key=signing_in, default=None)


def _grant(view: PageView, clickable: Iterable[Control], progress: Progress, person: Person) -> Decision:
    ranked = sorted(clickable, key=granting, reverse=True)
    wanted = [control for control in ranked if granting(control) >= _LOWEST_SCORE] or _only_submit(ranked)
    boxes = tuple(
        (control, True)
        for control in view.controls
        if control.kind == "checkbox" and not control.checked and control.enabled and not COOKIES.search(control.text)
    )
    radios = yes_or_no(view, Goal.GRANT)
    for control in wanted:
        clicks = progress.clicked(view, control)
        if not control.enabled:
            fresh = tuple(tick for tick in boxes if (view.shape, tick[0].identity) not in progress.ticked)
            if fresh:
                return Act(title="tick the boxes, because the button is disabled", ticks=fresh)
            if view.unread and view.document not in progress.read:
                return Act(title="scroll to the end, because the button is disabled", reads=True)
            return Wait(reason=f'the button "{control.text}" is disabled')
        if clicks == 1 and boxes:
            return Act(title=f'tick the boxes, click "{control.text}" again', ticks=boxes, click=control)
        if clicks < _MOST_CLICKS:
            agreeing = () if clicks else agreeing_boxes(view, control, [box for box, _ in boxes])
            named = asked_name(view, control, person) if not clicks else ()
            title = f'click "{control.text}"'
            title = f"tick the boxes that agree, {title}" if agreeing else title
            title = f"fill in the user name, {title}" if named else title
            return Act(title=title, fills=named, ticks=agreeing + radios, click=control)
    if wanted:
        return GiveUp(kind="stuck", message=f'the page came back each time after "{wanted[0].text}" was clicked')
    return Wait(reason=_nothing(view, "grants"), hopeful=False)


def _deny(view: PageView, clickable: Iterable[Control], progress: Progress) -> Decision:
    clickable = list(clickable)
    radios = yes_or_no(view, Goal.DENY)
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
    return Wait(reason=_nothing(view, "refuses"), hopeful=False)


def _nothing(view: PageView, does: str) -> str:
    """That nothing leads on, and why the words may not have been understood."""
    hint = ""
    if view.foreign_fields:
        hint = (
            f": a frame of {view.foreign_fields} has fields, and those of other hosts are only filled in by a recipe, "
            "in a page whose match is the URL of the frame"
        )
    elif view.language and not knows(view.language) and view.controls:
        hint = f": its language ({view.language}) is not known here, and a recipe says what to click"
    return f"nothing on the page {does}{hint}"


def _only_submit(ranked: list[Control]) -> list[Control]:
    """The one submit button of a page in words that weigh nothing here; with two of them it would be a guess."""
    posting = [control for control in ranked if control.submits and control.form_posts and granting(control) >= 0]
    return posting if len(posting) == 1 else []

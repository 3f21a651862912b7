"""Which inputs of a page are the user name, the password and the one-time code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView
from pytest_endpoint_docs.oauth.browser.page_words import (
    REGISTERING,
    RENEWING,
    ROBOTS,
    SIGNING_IN,
    signing_in,
    weight_of_text,
)

_USER_WORDS = re.compile(
    r"user|log[ _-]?in|e-?mail|account|identifier|\bhandle\b|phone|\bident|sign[ _-]?in", re.IGNORECASE
)
_CODE_WORDS = re.compile(
    r"\botp|totp|mfa|2fa|one[ _-]?time|two[ _-]?factor|authenticator"
    r"|(?:verification|auth\w*|security|confirmation)[ _-]?code"
    r"|pass[ _-]?code|\bcode\b|\b6[ -]digit",
    re.IGNORECASE,
)
_NOT_A_LOGIN = re.compile(r"search|newsletter|subscribe|captcha|coupon|comment|\bquery\b|^q$", re.IGNORECASE)
_REGISTERING_NAMES = re.compile(r"sign[_-]?up|regist|enrol|create[_-]?(?:account|user)|/join\b", re.IGNORECASE)
_RENEWING_NAMES = re.compile(r"reset|forgot|recover|(?:change|new|set)[_-]?pass", re.IGNORECASE)
_CLEAR_SIGN_IN = 8
_TEXT_TYPES = frozenset(["text", "email", "tel", "number", "url", "", "textarea"])
_FEWEST_DIGIT_BOXES = 4


@value_class
class LoginForm:
    """What there is to fill.

    ``code`` has one control, or one per digit. ``submit`` is ``None`` where only Enter submits.
    """

    user: Control | None = None
    password: Control | None = None
    code: tuple[Control, ...] = ()
    submit: Control | None = None


def find_login_form(view: PageView) -> LoginForm | None:
    """The login form of a page, or the part of it that this page shows; ``None`` on other pages."""
    foreign = foreign_forms(view)
    usable = [control for control in view.controls if control.enabled and control.form not in foreign]
    password = _password(usable)
    code = _code(usable)
    anchor: Control | None
    if password:
        user = _user([control for control in usable if control.form == password.form], before=password)
        anchor = password
    else:
        user = None if code else _user(usable, before=None)
        anchor = code[0] if code else user
    if anchor is None:
        return None
    code = tuple(control for control in code if control.form == anchor.form)
    return LoginForm(user=user, password=password, code=code, submit=_submit(view.controls, anchor))


def _password(usable: Iterable[Control]) -> Control | None:
    fields = [control for control in usable if _is_password(control)]
    outside_registration = [control for control in fields if not _REGISTERING_NAMES.search(control.surroundings)]
    return next(iter(outside_registration or fields), None)


def _is_password(control: Control) -> bool:
    return control.kind == "password" and not _asks_for_code(control)


def foreign_forms(view: PageView) -> Mapping[int, str]:
    """The forms that are never filled in: their number, and what they are for."""
    numbers = dict.fromkeys(control.form for control in view.controls)
    found = {number: _foreign_purpose([each for each in view.controls if each.form == number]) for number in numbers}
    return {number: purpose for number, purpose in found.items() if purpose}


def _foreign_purpose(controls: Sequence[Control]) -> str | None:
    """What a form is for that wants an account or a password made: ``registration``, ``a new password``."""
    if not any(control.kind in ("text", "password") for control in controls):
        return None
    buttons = [control.text for control in controls if control.kind == "button"]
    said, names = " / ".join([controls[0].purpose, *buttons]), controls[0].form_names
    passwords = [control for control in controls if _is_password(control)]
    if len(passwords) > 1 or any("new-password" in control.autocomplete for control in passwords):
        return "registration" if REGISTERING.search(said) or _REGISTERING_NAMES.search(names) else "a new password"
    if controls[0].form < 0 or any(_clearly_signs_in(control) for control in controls):
        return None
    if weight_of_text(controls[0].purpose, SIGNING_IN, controls[0].language) >= _CLEAR_SIGN_IN:
        # "Sign in or create an account", with one field and "Next".
        return None
    if REGISTERING.search(said) or _REGISTERING_NAMES.search(names):
        return "registration"
    # "Forgot password?" among the buttons of a login form leads elsewhere.
    is_login = len(passwords) == 1 and any(control.kind == "text" for control in controls)
    about = controls[0].purpose if is_login else said
    return "a new password" if RENEWING.search(about) or _RENEWING_NAMES.search(names) else None


def _clearly_signs_in(control: Control) -> bool:
    if control.kind != "button" or REGISTERING.search(control.text) or RENEWING.search(control.text):
        return False
    return weight_of_text(control.text, SIGNING_IN, control.language) >= _CLEAR_SIGN_IN


def asks_whether_human(view: PageView) -> bool:
    """Whether the page shows a captcha: a widget, a field for one, or a page that is nothing else."""
    fields = [control for control in view.controls if control.kind in ("text", "checkbox")]
    if view.captcha or any(ROBOTS.search(control.words) for control in fields):
        return True
    return not any(control.kind == "password" for control in view.controls) and bool(
        ROBOTS.search(" ".join(view.headings))
    )


def _user(usable: list[Control], *, before: Control | None) -> Control | None:
    best, best_points = None, 0
    for control in usable:
        if control.kind != "text" or control.type not in _TEXT_TYPES or _asks_for_code(control):
            continue
        points = _user_points(control)
        if before and not points and control.index < before.index and not _NOT_A_LOGIN.search(control.words):
            points = 1
        if points > best_points:
            best, best_points = control, points
    return best


def _user_points(control: Control) -> int:
    if _NOT_A_LOGIN.search(f"{control.words} {control.surroundings}") or control.type == "search":
        return 0
    if "username" in control.autocomplete:
        return 100
    if control.type == "email" or "email" in control.autocomplete:
        return 80
    return 60 if _USER_WORDS.search(control.words) else 0


def _code(usable: list[Control]) -> tuple[Control, ...]:
    asked = [control for control in usable if control.kind in ("text", "password") and _asks_for_code(control)]
    boxes = [control for control in usable if control.kind in ("text", "password") and control.max_length == 1]
    if len(boxes) >= _FEWEST_DIGIT_BOXES:
        return tuple(boxes)
    return tuple(asked[:1])


def _asks_for_code(control: Control) -> bool:
    if "one-time-code" in control.autocomplete:
        return True
    if control.type not in ("text", "tel", "number", "password", "") or "password" in control.autocomplete:
        return False
    return bool(_CODE_WORDS.search(control.words)) and not re.search("promo|coupon|zip|postal|country", control.words)


def _submit(controls: Iterable[Control], anchor: Control) -> Control | None:
    def reachable(control: Control) -> bool:
        return control.kind == "button" and control.form == anchor.form

    candidates = [control for control in controls if reachable(control)]
    if anchor.form < 0:
        # Without a form around it, the button is recognized by its words alone.
        candidates = [control for control in candidates if signing_in(control) > 0]
    best = max(candidates, key=signing_in, default=None)
    return best if best and signing_in(best) > 0 else None

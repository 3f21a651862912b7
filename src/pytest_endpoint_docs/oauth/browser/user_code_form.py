"""The form that asks which device a person lets in, by the code that the device shows (RFC 8628 section 3.3)."""

from __future__ import annotations

import re

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.decisions import Act, Decision, Fill, GiveUp, Person, Progress, Wait
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView
from pytest_endpoint_docs.oauth.browser.page_words import granting, signing_in
from pytest_endpoint_docs.oauth.grant import bare_code

_OF_A_DEVICE = re.compile(r"user[ _-]?code|device|activat|pairing|\btv\b|\bdisplay", re.IGNORECASE)
_A_CODE = re.compile(r"code", re.IGNORECASE)
_OF_A_SECOND_FACTOR = re.compile(
    r"\botp|totp|mfa|2fa|one[ _-]?time|two[ _-]?factor|authenticator|recovery|backup|\b6[ -]digit", re.IGNORECASE
)
_FEWEST_BOXES = 4


@value_class
class UserCodeForm:
    """``boxes`` takes the code: one field, or a box per character. ``filled``: it is there already."""

    boxes: tuple[Control, ...]
    filled: bool
    submit: Control | None


def find_user_code_form(view: PageView, person: Person) -> UserCodeForm | None:
    """The form for the code of the device that this person lets in; ``None`` on other pages, and without a device."""
    if not person.user_code or any(control.kind == "password" for control in view.controls):
        return None
    usable = [control for control in view.controls if control.kind == "text" and control.enabled]
    boxes = tuple(control for control in usable if control.max_length == 1)
    wanted = bare_code(person.user_code)
    if len(boxes) < _FEWEST_BOXES or not _is_asked_here(view, boxes[0], person):
        boxes = tuple(control for control in usable if _takes_the_code(view, control, person, wanted))[:1]
    if not boxes:
        return None
    return UserCodeForm(
        boxes=boxes,
        filled=bare_code("".join(box.value for box in boxes)) == wanted,
        submit=_submit(view, boxes[0]),
    )


def enter_user_code(view: PageView, form: UserCodeForm, progress: Progress) -> Decision:
    """Type the code where it is not there yet, and send it: once."""
    if "user_code" in progress.submitted and not form.filled:
        return GiveUp(kind="stuck", message="the user code was not accepted: the page asks for it again")
    fills = () if form.filled else (Fill(controls=form.boxes, value="user_code"),)
    title = "fill in the user code" if fills else "confirm the user code"
    if form.submit is None:
        return Act(title=f"{title}, press Enter", fills=fills, enter=True)
    if not form.submit.enabled:
        if fills and "user_code" not in progress.typed:
            return Act(title=title, fills=fills)
        return Wait(reason=f'the button "{form.submit.text}" is disabled')
    if progress.clicked(view, form.submit):
        return GiveUp(kind="stuck", message="the page for the user code came back after it was sent")
    return Act(title=f'{title}, click "{form.submit.text}"', fills=fills, click=form.submit)


def _takes_the_code(view: PageView, control: Control, person: Person, wanted: str) -> bool:
    if bare_code(control.value) == wanted:
        return True
    return bool(_A_CODE.search(control.words)) and _is_asked_here(view, control, person)


def _is_asked_here(view: PageView, control: Control, person: Person) -> bool:
    """Whether a field for some code is for that of the device, and not for a second factor of the login."""
    if _OF_A_DEVICE.search(control.words):
        return True
    if "one-time-code" in control.autocomplete or _OF_A_SECOND_FACTOR.search(control.words):
        return False
    return not person.has_totp or bool(_OF_A_DEVICE.search(" ".join((view.title, *view.headings, control.purpose))))


def _submit(view: PageView, box: Control) -> Control | None:
    buttons = [control for control in view.controls if control.kind == "button" and control.form == box.form]
    best = max(buttons, key=_leads_on, default=None)
    return best if best is not None and (_leads_on(best) > 0 or len(buttons) == 1) else None


def _leads_on(control: Control) -> int:
    return max(granting(control), signing_in(control))

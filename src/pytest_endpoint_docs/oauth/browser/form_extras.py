"""What else a form wants before it is sent: boxes to tick, a field with the user name, a yes among radio buttons."""

from __future__ import annotations

import re

from pytest_endpoint_docs.oauth.browser.decisions import Fill, Goal, Person
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView
from pytest_endpoint_docs.oauth.browser.page_words import DENYING, GRANTING, STRONG_GRANT, weight

# Boxes that grant nothing: staying logged in, being remembered, mail.
_KEEPING = re.compile(
    r"remember|keep me|stay (?:signed|logged)|newsletter|marketing|offers|merken|angemeldet bleiben|souvenir"
    r"|recordar|lembrar|ricorda|onthoud|kom ihåg|husk|muista|zapamięt|zapamat|hatırla|запомн|запам|記憶|记住|기억",
    re.IGNORECASE,
)


def agreeing_boxes(view: PageView, button: Control, boxes: list[Control]) -> tuple[tuple[Control, bool], ...]:
    """The boxes of the button's form without which it would not grant.

    They are required, say that one agrees, or are the only one there.
    """
    own = [box for box in boxes if box.form == button.form and not _KEEPING.search(box.text)]
    alone = sum(control.kind == "checkbox" and control.form == button.form for control in view.controls) == 1
    return tuple((box, True) for box in own if box.required or _says_yes(box) or alone)


def demanded_boxes(view: PageView, submit: Control) -> tuple[tuple[Control, bool], ...]:
    """The boxes of a login form that say that one agrees, or without which it is not sent."""
    return tuple(
        (box, True)
        for box in view.controls
        if box.kind == "checkbox"
        and box.form == submit.form >= 0
        and box.enabled
        and not box.checked
        and not _KEEPING.search(box.text)
        and (box.required or _says_yes(box))
    )


def _says_yes(box: Control) -> bool:
    agreeing = weight(box, GRANTING)
    return agreeing >= STRONG_GRANT and agreeing > weight(box, DENYING)


def asked_name(view: PageView, button: Control, person: Person) -> tuple[Fill, ...]:
    """The empty text field that a granting form requires: servers for tests ask there who one wants to be."""
    fields = [
        control
        for control in view.controls
        if control.kind == "text" and control.form == button.form and control.enabled and not control.value
    ]
    required = [control for control in fields if control.required]
    if not person.username or button.form < 0 or len(required) != 1:
        return ()
    return (Fill(controls=(required[0],), value="user"),)


def yes_or_no(view: PageView, goal: Goal) -> tuple[tuple[Control, bool], ...]:
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

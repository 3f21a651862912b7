"""The page that asks for a device's user code: typed once, confirmed where it is there, not taken for another code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_endpoint_docs.oauth.browser.decisions import Act, GiveUp, Goal, Person, Progress, Wait
from pytest_endpoint_docs.oauth.browser.heuristics import decide
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView

PERSON = Person(username="alice", user_code="WDJB-MJHT")
WITH_TOTP = Person(username="alice", user_code="WDJB-MJHT", has_totp=True)


def field(**more: Any) -> Control:
    given: dict[str, Any] = {"kind": "text", "type": "text", "form": 0, **more}
    return Control(**given)


def button(text: str, **more: Any) -> Control:
    given: dict[str, Any] = {"kind": "button", "text": text, "form": 0, "submits": True, "form_posts": True, **more}
    return Control(**given)


def page(*controls: Control, **more: Any) -> PageView:
    numbered = tuple(replace(control, index=number) for number, control in enumerate(controls))
    return PageView(url="https://as.example.com/device", controls=numbered, **more)


def done(view: PageView, progress: Progress, person: Person = PERSON, goal: Goal = Goal.GRANT) -> str:
    """What is decided, and noted as done."""
    decision = decide(view, progress, goal, person)
    if isinstance(decision, Act):
        progress.note(view, decision)
        return decision.title
    assert isinstance(decision, (GiveUp, Wait))
    return decision.message if isinstance(decision, GiveUp) else decision.reason


@pytest.mark.parametrize(
    "asked",
    [
        field(name="user_code"),
        field(name="code", text="Code on the device"),
        field(name="otc", text="Enter the code displayed on your TV"),
        field(id="device-code", placeholder="XXXX-XXXX"),
        field(name="code"),
        field(name="c", text="Activation code", autocomplete="one-time-code"),
    ],
    ids=lambda control: control.name or control.id,
)
def test_the_code_is_typed_and_sent(asked: Control) -> None:
    progress = Progress()
    assert done(page(asked, button("Continue")), progress) == 'fill in the user code, click "Continue"'
    assert progress.submitted == {"user_code"}


def test_a_code_that_is_there_already_is_only_confirmed() -> None:
    progress, filled = Progress(), page(field(name="user_code", value="wdjb mjht", filled=True), button("Next"))
    assert done(filled, progress) == 'confirm the user code, click "Next"'
    assert progress.submitted == set()


def test_a_code_that_is_asked_for_again_is_typed_once_only() -> None:
    progress, asks = Progress(), page(field(name="user_code"), button("Continue"))
    done(asks, progress)
    again = decide(asks, progress, Goal.GRANT, PERSON)
    assert isinstance(again, GiveUp)
    # Not "rejected": that would end the logins of the user.
    assert (again.kind, again.message) == ("stuck", "the user code was not accepted: the page asks for it again")


def test_a_page_that_confirms_and_comes_back_ends_the_walk() -> None:
    progress, filled = Progress(), page(field(name="user_code", value="WDJB-MJHT"), button("Continue"))
    # Servers count the attempts (RFC 8628 section 5.1).
    assert [done(filled, progress) for _ in range(2)] == [
        'confirm the user code, click "Continue"',
        "the page for the user code came back after it was sent",
    ]


def test_a_box_for_each_character() -> None:
    boxes = [field(name=f"c{number}", text="Code on your device", max_length=1) for number in range(8)]
    decision = decide(page(*boxes, button("Go on")), Progress(), Goal.GRANT, PERSON)
    assert isinstance(decision, Act)
    assert [len(fill.controls) for fill in decision.fills] == [8]


def test_the_code_and_the_consent_on_one_page() -> None:
    buttons = (button("Deny"), button("Allow"))
    assert done(page(field(name="user_code"), *buttons), Progress()) == 'fill in the user code, click "Allow"'
    shown = page(field(name="user_code", value="WDJB-MJHT"), *buttons)
    assert done(shown, Progress()) == 'click "Allow"'
    assert done(shown, Progress(), goal=Goal.DENY) == 'refuse: click "Deny"'


@pytest.mark.parametrize("name", ["otp", "totp_code", "mfa_code"])
def test_a_second_factor_is_not_the_device(name: str) -> None:
    assert done(page(field(name=name), button("Verify")), Progress(), WITH_TOTP).startswith("fill in the one-time code")


def test_a_code_that_could_be_either_is_told_apart_by_the_page() -> None:
    asked, verify = field(name="code"), button("Continue")
    assert done(page(asked, verify, title="Sign in"), Progress(), WITH_TOTP).startswith("fill in the one-time code")
    assert done(page(asked, verify, title="Connect a device"), Progress(), WITH_TOTP).startswith(
        "fill in the user code"
    )


def test_without_a_device_the_field_is_what_it_always_was() -> None:
    person = Person(username="alice", has_totp=True)
    assert done(page(field(name="code"), button("Continue")), Progress(), person).startswith(
        "fill in the one-time code"
    )


def test_typing_the_code_logs_nobody_in() -> None:
    decision = decide(page(field(name="user_code"), button("Continue")), Progress(), Goal.GRANT, PERSON)
    assert isinstance(decision, Act)
    assert (decision.types, decision.logs_in) == ({"user_code"}, False)


def test_a_disabled_button_is_waited_for_after_the_code_was_typed() -> None:
    progress, asks = Progress(), page(field(name="user_code"), button("Continue", enabled=False))
    assert done(asks, progress) == "fill in the user code"
    assert done(asks, progress) == 'the button "Continue" is disabled'


def test_without_a_button_enter_sends_it() -> None:
    decision = decide(page(field(name="user_code")), Progress(), Goal.GRANT, PERSON)
    assert isinstance(decision, Act)
    assert (decision.title, decision.enter) == ("fill in the user code, press Enter", True)

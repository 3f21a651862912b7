"""What the heuristics decide, page by page, with no browser: the rules and their order."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_endpoint_docs.oauth.browser.decisions import Act, GiveUp, Goal, Person, Progress, Wait
from pytest_endpoint_docs.oauth.browser.heuristics import decide
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView, one_owner
from pytest_endpoint_docs.oauth.browser.page_words import denying, granting, signing_in

ALICE = Person(username="alice", has_password=True)


def _page(*controls: dict[str, Any], **more: Any) -> PageView:
    made = tuple(
        Control(index=number, **{"form": 0, "form_posts": True, **each}) for number, each in enumerate(controls)
    )
    return PageView(url="https://as.example.com/authorize", document="1", controls=made, **more)


def _button(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "button", "text": text, "submits": True, **more}


def _link(text: str) -> dict[str, Any]:
    return {"kind": "link", "text": text, "form": -1}


def _clicked(view: PageView, goal: Goal = Goal.GRANT, progress: Progress | None = None) -> str:
    decision = decide(view, progress or Progress(), goal, ALICE)
    assert isinstance(decision, Act), decision
    assert decision.click is not None
    return decision.click.text


LOGIN = (
    {"kind": "text", "type": "text", "name": "username", "text": "User name"},
    {"kind": "password", "type": "password", "name": "password", "text": "Password"},
)


@pytest.mark.parametrize(
    ("texts", "clicked"),
    [
        (["Cancel", "Authorize"], "Authorize"),
        (["Toggle dark theme", "Deny", "Allow"], "Allow"),
        (["Don't allow", "Allow"], "Allow"),
        (["Do not authorise", "Authorise app"], "Authorise app"),
        (["No", "Yes"], "Yes"),
        (["Log out", "Continue"], "Continue"),
        (["Switch account", "Continue as alice"], "Continue as alice"),
        (["Not now", "Grant access"], "Grant access"),
        (["Reject all", "Accept"], "Accept"),
        (["Back", "Submit"], "Submit"),
        (["Delete my account", "Allow access to account settings"], "Allow access to account settings"),
        (["[ Cancel ]", "Continue"], "Continue"),
        (["Autoriser"], "Autoriser"),
        (["Manage what you allow", "Continue"], "Continue"),
        (["Learn more about what you allow", "Submit"], "Submit"),
    ],
)
def test_the_button_that_grants(texts: list[str], clicked: str) -> None:
    assert _clicked(_page(*(_button(text) for text in texts))) == clicked


@pytest.mark.parametrize(
    ("controls", "clicked"),
    [
        ([_button("Allow"), _button("Cancel")], "Cancel"),
        ([_button("Allow"), _button("Don't allow")], "Don't allow"),
        ([_button("Allow"), _button("Log out"), _link("No thanks")], "No thanks"),
        ([_button("Yes"), _button("No"), _link("Cancel")], "No"),
        ([_button("Continue"), _link("Return to the app")], "Return to the app"),
    ],
)
def test_the_control_that_refuses(controls: list[dict[str, Any]], clicked: str) -> None:
    assert _clicked(_page(*controls), Goal.DENY) == clicked


def test_two_submit_buttons_in_words_that_say_nothing_are_not_guessed_between() -> None:
    decision = decide(_page(_button("Ymlaen"), _button("Nôl")), Progress(), Goal.GRANT, ALICE)

    assert isinstance(decision, Wait)
    assert not decision.hopeful


def test_names_count_where_the_text_says_nothing() -> None:
    view = _page(_button("", name="denyButton"), _button("", id="btn-allow"))

    decision = decide(view, Progress(), Goal.GRANT, ALICE)
    assert isinstance(decision, Act)
    assert decision.click is view.controls[1]


def test_a_login_form_is_filled_and_submitted_in_one_act() -> None:
    view = _page(*LOGIN, _button("Forgot password?"), _button("Sign in"))
    decision = decide(view, Progress(), Goal.GRANT, ALICE)

    assert isinstance(decision, Act)
    assert [fill.value for fill in decision.fills] == ["user", "password"]
    assert decision.click is not None
    assert decision.click.text == "Sign in"
    assert "alice" not in decision.title


@pytest.mark.parametrize("goal", list(Goal))
def test_refusing_logs_in_first_although_the_login_page_has_a_cancel_button(goal: Goal) -> None:
    assert _clicked(_page(*LOGIN, _button("Cancel"), _button("Log in")), goal) == "Log in"


def test_the_password_form_again_is_a_rejection_and_never_a_second_attempt() -> None:
    view = _page(*LOGIN, _button("Sign in"))
    progress = Progress()
    first = decide(view, progress, Goal.GRANT, ALICE)
    assert isinstance(first, Act)
    progress.note(view, first)

    second = decide(view, progress, Goal.GRANT, ALICE)

    assert isinstance(second, GiveUp)
    assert second.kind == "rejected"


def test_a_page_without_a_form_says_after_the_password_that_the_login_failed() -> None:
    refused = _page(_link("Back to login"), headings=("Login failed",))
    first, progress = _page(*LOGIN, _button("Sign in")), Progress()
    act = decide(first, progress, Goal.GRANT, ALICE)
    assert isinstance(act, Act)

    before = decide(refused, progress, Goal.GRANT, ALICE)
    progress.note(first, act)
    after = decide(refused, progress, Goal.GRANT, ALICE)

    assert not isinstance(before, GiveUp)
    assert after == GiveUp(kind="rejected", message='the login was rejected: the page says "Login failed"')


def test_a_page_that_only_has_something_to_submit_is_not_left_for_the_login() -> None:
    assert _clicked(_page(_button("Submit"), _link("Sign in"))) == "Submit"


def test_a_consent_whose_button_is_disabled_is_waited_for_and_says_so() -> None:
    decision = decide(_page(_button("Allow access", enabled=False)), Progress(), Goal.GRANT, ALICE)
    assert decision == Wait(reason='the button "Allow access" is disabled')


def test_closing_what_lies_over_the_page_submits_nothing_that_was_typed() -> None:
    view = _page(*LOGIN, _button("Sign in", enabled=False))
    progress = Progress()
    typed = decide(view, progress, Goal.GRANT, ALICE)
    assert isinstance(typed, Act)
    progress.note(view, typed)

    progress.note(view, Act(title="close", click=view.controls[-1], aside=True))

    assert progress.submitted == set()
    assert progress.clicked(view, view.controls[-1]) == 1


def test_a_submit_button_that_is_disabled_is_filled_for_and_then_waited_for() -> None:
    view = _page(*LOGIN, _button("Sign in", enabled=False))
    progress = Progress()

    first = decide(view, progress, Goal.GRANT, ALICE)
    assert isinstance(first, Act)
    assert (first.click, first.leads_on) == (None, False)
    progress.note(view, first)

    filled = ({**LOGIN[0], "value": "alice"}, {**LOGIN[1], "filled": True})
    assert isinstance(decide(_page(*filled, _button("Sign in", enabled=False)), progress, Goal.GRANT, ALICE), Wait)
    last = decide(_page(*filled, _button("Sign in")), progress, Goal.GRANT, ALICE)
    assert isinstance(last, Act)
    assert (last.fills, last.click is not None) == ((), True)
    progress.note(view, last)
    assert "password" in progress.submitted


def test_an_enter_key_only_on_a_login_form_without_a_button() -> None:
    decision = decide(_page(*LOGIN), Progress(), Goal.GRANT, ALICE)

    assert isinstance(decision, Act)
    assert decision.enter


@pytest.mark.parametrize(
    ("field", "is_user"),
    [
        ({"autocomplete": "section-x username"}, True),
        ({"type": "email"}, True),
        ({"name": "login"}, True),
        ({"placeholder": "E-mail address"}, True),
        ({"type": "search", "name": "user_search"}, False),
        ({"name": "q"}, False),
        ({"type": "email", "surroundings": "newsletter-form"}, False),
        ({"name": "coupon"}, False),
        ({"type": "email", "enabled": False}, False),
    ],
)
def test_which_input_alone_is_a_user_name(field: dict[str, Any], is_user: bool) -> None:
    decision = decide(_page({"kind": "text", **field}, _button("Next")), Progress(), Goal.GRANT, ALICE)

    assert isinstance(decision, Act)
    assert bool(decision.fills) is is_user


@pytest.mark.parametrize(
    "field",
    [
        {"kind": "text", "autocomplete": "one-time-code"},
        {"kind": "password", "type": "password", "autocomplete": "one-time-code"},
        {"kind": "text", "type": "tel", "text": "Enter the 6-digit code"},
        {"kind": "text", "type": "text", "name": "otp"},
        {"kind": "text", "type": "number", "placeholder": "Authentication code"},
    ],
)
def test_one_time_codes(field: dict[str, Any]) -> None:
    view = _page(field, _button("Verify"))
    with_secret = decide(view, Progress(), Goal.GRANT, Person(username="alice", has_totp=True))
    without = decide(view, Progress(), Goal.GRANT, ALICE)

    assert isinstance(with_secret, Act)
    assert [fill.value for fill in with_secret.fills] == ["totp"]
    assert isinstance(without, GiveUp)
    assert "totp_secret" in without.message


def test_the_same_page_again_ticks_its_boxes_once_and_then_gives_up() -> None:
    boxes = [{"kind": "checkbox", "text": text} for text in ("Read mail", "Read contacts")]
    view = _page(*boxes, _button("Allow"))
    progress = Progress()
    ticked = []
    for _ in range(3):
        act = decide(view, progress, Goal.GRANT, ALICE)
        assert isinstance(act, Act)
        ticked.append(len(act.ticks))
        progress.note(view, act)

    assert ticked == [0, 2, 0]
    last = decide(view, progress, Goal.GRANT, ALICE)
    assert isinstance(last, GiveUp)
    assert last.kind == "stuck"


def test_boxes_are_ticked_where_the_button_is_disabled_without_them() -> None:
    view = _page({"kind": "checkbox", "text": "I agree"}, _button("Allow", enabled=False))

    act = decide(view, Progress(), Goal.GRANT, ALICE)

    assert isinstance(act, Act)
    assert (len(act.ticks), act.click) == (1, None)


def test_a_page_that_only_grants_cannot_be_refused() -> None:
    decision = decide(_page(_button("Allow"), _button("Log out")), Progress(), Goal.DENY, ALICE)

    assert isinstance(decision, GiveUp)
    assert decision.kind == "undeniable"


def test_somebody_elses_account_is_not_chosen() -> None:
    view = _page(_button("bob", submits=False), _button("alice", submits=False), _button("Use another account"))

    assert _clicked(view) == "alice"


def test_a_page_that_is_still_loading_is_waited_for() -> None:
    assert isinstance(decide(_page(_button("Allow"), ready=False), Progress(), Goal.GRANT, ALICE), Wait)


def test_scores_of_single_words() -> None:
    def control(text: str) -> Control:
        return Control(kind="button", text=text)

    assert granting(control("Allow")) > granting(control("Continue")) > 0 > granting(control("Cancel"))
    assert denying(control("Don't allow")) > 0 >= denying(control("Allow"))
    assert signing_in(control("Sign in")) > 0 > signing_in(control("Sign in with Google"))
    assert granting(control("Disconnect")) == 0


_BY_PHONE = [_link("Tap Yes on your phone"), _button("Text message to ***12")]


@pytest.mark.parametrize(
    ("controls", "clicked"),
    [
        ([*_BY_PHONE, _button("Authenticator app")], "Authenticator app"),
        ([*_BY_PHONE, _link("Get a verification code from the Google Authenticator app")], None),
        ([{"kind": "radio", "text": "SMS"}, {"kind": "radio", "text": "TOTP"}, _button("Continue")], "Continue"),
        ([_link("I can't use my Authenticator app right now")], "I can't use my Authenticator app right now"),
        ([_link("Help"), _link("Try another way")], "Try another way"),
    ],
)
def test_of_a_menu_of_second_factors_the_computed_code_is_chosen(
    controls: list[dict[str, Any]], clicked: str | None
) -> None:
    progress = Progress(typed={"user", "password"}, submitted={"user", "password"})
    view = _page(*controls, headings=("Verify that it is you",))
    decision = decide(view, progress, Goal.GRANT, Person(username="alice", has_totp=True))
    assert isinstance(decision, Act)
    assert decision.click is not None
    assert decision.click.text == (clicked or controls[-1]["text"])
    assert [control.text for control, _ in decision.ticks] == ["TOTP"] * any(
        each["kind"] == "radio" for each in controls
    )


@pytest.mark.parametrize(
    ("controls", "progress", "has_totp"),
    [
        ([_link("Set up an authenticator app")], {"user", "password"}, True),
        ([_link("Download the Authenticator")], {"user", "password"}, True),
        ([_link("Authenticator app")], {"user", "password"}, False),
        ([_link("Authenticator app")], {"user"}, True),
        ([_link("Authenticator app")], {"user", "password", "totp"}, True),
    ],
)
def test_a_second_factor_is_neither_set_up_nor_chosen_where_there_is_none(
    controls: list[dict[str, Any]], progress: Any, has_totp: bool
) -> None:
    view = _page(*controls, headings=("Verify that it is you",))
    done = Progress(typed=set(progress), submitted=set(progress))
    assert not isinstance(decide(view, done, Goal.GRANT, Person(username="alice", has_totp=has_totp)), Act)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("example.com", "example.com", True),
        ("www.example.com", "id.example.com", True),
        ("www.sap.com", "accounts.sap.com", True),
        ("www.dhl.de", "id.dhl.de", True),
        ("www.example.co.uk", "id.example.co.uk", True),
        ("one.co.uk", "other.co.uk", False),
        ("one.com.au", "other.com.au", False),
        ("one.com", "other.com", False),
        ("sap.com", "sap.com.evil.example", False),
        ("app.localhost", "id.localhost", True),
        ("localhost", "127.0.0.1", False),
        ("10.1.0.1", "10.2.0.1", False),
        ("app", "id", False),
    ],
)
def test_hosts_of_one_owner_end_alike(one: str, other: str, same: bool) -> None:
    assert one_owner(one, other) is one_owner(other, one) is same

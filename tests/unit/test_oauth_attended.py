"""A person who consents elsewhere and pastes the redirect: slips are told and asked again, and never fail."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from pytest_endpoint_docs.model.environment import OAuthSettings, OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.attended_consent import AttendedConsents
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentResult
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.decisions import Goal
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, LeftByPerson
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest, Redirect, build_request
from pytest_endpoint_docs.oauth.pasted_redirect import ask_for_redirect
from pytest_endpoint_docs.redaction.redactor import Redactor

REDIRECT_URI = "https://myapp.example.com/oauth/callback"
CREDENTIALS = Credentials(user=OAuthUser(name="default", username="alice"))


@pytest.fixture
def request_to_open() -> AuthorizationRequest:
    return build_request("https://login.example.com/authorize", client_id="c1", redirect_uri=REDIRECT_URI)


class Person:
    def __init__(self, *answers: str) -> None:
        self.asked: list[str] = []
        self.left = list(answers)

    def __call__(self, text: str) -> str:
        self.asked.append(text)
        return self.left.pop(0)


def redirect_to(request: AuthorizationRequest, **parameters: str) -> str:
    return f"{REDIRECT_URI}?{urlencode({'state': request.state, **parameters})}"


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ("", "Nothing was pasted."),
        ("https://login.example.com/", "That is not the redirect: it is https://login.example.com/, and must be"),
        (f"{REDIRECT_URI}-2?code=c0de-c0de&state=s", "That is not the redirect"),
        (f"{REDIRECT_URI}?code=c0de-c0de&state=of-another-tab", "The state of that URL is another one"),
        (f"{REDIRECT_URI}?code=c0de-c0de", "That URL has no state: it is not the whole one"),
        (REDIRECT_URI, "That URL has no state"),
        ("yes", "That is not a URL. The redirect begins with"),
        ("c0de-c0de", "That is not a URL. The redirect begins with"),
    ],
)
def test_a_slip_is_told_and_asked_again(slip: str, told: str, request_to_open: AuthorizationRequest) -> None:
    person = Person(slip, slip, redirect_to(request_to_open, code="c"))

    redirect = ask_for_redirect(request_to_open, Goal.GRANT, person, Redactor(), errand="Consent for T1")

    assert redirect.parameters["code"] == "c"
    assert [text.startswith(told) for text in person.asked] == [False, True, True]
    assert all("c0de-c0de" not in text for text in person.asked)
    assert all("skip: leave this item out    quit: no more consents in this run" in text for text in person.asked)


def test_the_url_is_shown_as_it_is_to_be_opened(request_to_open: AuthorizationRequest) -> None:
    redactor = Redactor()
    assert request_to_open.state is not None
    redactor.add(Secret("OAUTH_STATE", request_to_open.state))
    person = Person(redirect_to(request_to_open, code="c"))

    ask_for_redirect(request_to_open, Goal.GRANT, person, redactor, errand=f"After {request_to_open.state}")

    assert f"\n  {request_to_open.url}\n" in person.asked[0]
    assert person.asked[0].startswith("After $OAUTH_STATE\n")


def test_who_refused_by_mistake_is_asked_again(request_to_open: AuthorizationRequest) -> None:
    person = Person(
        redirect_to(request_to_open, error="access_denied"),
        redirect_to(request_to_open),
        redirect_to(request_to_open, code="c"),
    )

    assert ask_for_redirect(request_to_open, Goal.GRANT, person, Redactor(), errand="").parameters["code"] == "c"
    assert person.asked[1].startswith("The consent was refused (access_denied), but it should be given")
    assert person.asked[2].startswith("That URL has neither a code nor an error")


def test_who_consented_by_mistake_is_asked_again(request_to_open: AuthorizationRequest) -> None:
    person = Person(redirect_to(request_to_open, code="c"), redirect_to(request_to_open, error="access_denied"))

    assert (
        ask_for_redirect(request_to_open, Goal.DENY, person, Redactor(), errand="").parameters["error"]
        == "access_denied"
    )
    assert person.asked[1].startswith("The consent was given, but it should be refused")


def test_an_error_of_the_server_is_an_answer(request_to_open: AuthorizationRequest) -> None:
    person = Person(redirect_to(request_to_open, error="invalid_scope"))

    assert (
        ask_for_redirect(request_to_open, Goal.GRANT, person, Redactor(), errand="").parameters["error"]
        == "invalid_scope"
    )


@pytest.mark.parametrize("word", ["skip", "s", " SKIP "])
def test_an_item_can_be_left_out(word: str, request_to_open: AuthorizationRequest) -> None:
    with pytest.raises(ClosedByPerson, match=r"^the tester skipped the consent$") as left:
        ask_for_redirect(request_to_open, Goal.GRANT, Person("", word), Redactor(), errand="")
    assert not isinstance(left.value, LeftByPerson)


def ends(_text: str) -> str:
    raise EOFError


def test_without_a_terminal_nobody_is_asked(request_to_open: AuthorizationRequest) -> None:
    with pytest.raises(ClosedByPerson, match="there is neither a terminal to ask a person"):
        ask_for_redirect(request_to_open, Goal.GRANT, ends, Redactor(), errand="")


def attended(ask: Callable[[str], str] | None, *, display: bool = False, **more: object) -> AttendedConsents:
    settings = OAuthSettings(
        authorize_url="https://login.example.com/authorize",
        token_url="https://login.example.com/token",
        location=SourceLocation("environments/local.yaml", 1),
        code_lifetime_s=15,
    )
    told: list[str] = []
    options = ConsentOptions(mode="attended", ask=ask, tell=told.append)
    return AttendedConsents(
        settings=settings,
        options=options,
        environ={"DISPLAY": ":1"} if display else {},
        redactor=Redactor(),
        **more,  # type: ignore[arg-type]
    )


def no_window() -> ConsentResult:
    raise AssertionError("a window was opened")


def test_the_prompt_says_for_what_and_how(request_to_open: AuthorizationRequest) -> None:
    person = Person(*(redirect_to(request_to_open, code="c") for _ in range(3)))
    consents = attended(person, item="T5 of doc.md", expected=2)

    for _ in range(3):
        consents.lead(request_to_open, CREDENTIALS, Goal.GRANT, no_window)

    assert person.asked[0] == (
        "Consent for T5 of doc.md: code 1 of 2\n"
        "Open the URL in any browser, log in as alice, and allow the access. "
        "The code lives 15 s: do not wait before the last step.\n\n"
        f"  {request_to_open.url}\n\n"
        f"The browser is then sent to {REDIRECT_URI}, which may show an error page.\n"
        "Paste the whole URL from its address bar.\n"
        "skip: leave this item out    quit: no more consents in this run\n"
        "The whole URL, which is not shown here: "
    )
    assert [text.splitlines()[0] for text in person.asked[1:]] == [
        "Consent for T5 of doc.md: code 2 of 2",
        "Consent for T5 of doc.md: code 3",
    ]


def first_lines(person: Person) -> list[str]:
    return [text.splitlines()[0].rpartition(": ")[2] for text in person.asked]


def test_the_total_is_a_lower_bound_where_checks_ask_for_codes_too(request_to_open: AuthorizationRequest) -> None:
    person = Person(*(redirect_to(request_to_open, code="c") for _ in range(4)))
    consents = attended(person, item="T5 of doc.md", expected=3, more_to_come=True)

    for _ in range(4):
        consents.lead(request_to_open, CREDENTIALS, Goal.GRANT, no_window)

    assert first_lines(person) == ["code 1 of at least 3", "code 2 of at least 3", "code 3", "code 4"]


def test_an_item_that_is_left_out_takes_no_code(request_to_open: AuthorizationRequest) -> None:
    person = Person("skip", *(redirect_to(request_to_open, code="c") for _ in range(2)))
    consents = attended(person, item="T5 of doc.md", expected=3)

    with pytest.raises(ClosedByPerson):
        consents.lead(request_to_open, CREDENTIALS, Goal.GRANT, no_window)
    for _ in range(2):
        consents.lead(request_to_open, CREDENTIALS, Goal.GRANT, no_window)

    assert first_lines(person) == ["code 1 of 3", "code 1 of 2", "code 2 of 2"]


def test_who_quits_is_not_asked_again_in_the_run(request_to_open: AuthorizationRequest) -> None:
    consents = attended(Person("quit"))

    for _ in range(2):
        with pytest.raises(ClosedByPerson, match=r"^the tester wanted no more consents in this run$"):
            consents.lead(request_to_open, CREDENTIALS, Goal.GRANT, no_window)


def test_who_refuses_in_the_window_by_mistake_says_nothing_of_the_server(request_to_open: AuthorizationRequest) -> None:
    denied = Redirect(redirect_uri=REDIRECT_URI, parameters={"error": "access_denied", "state": "s"})
    consents = attended(None, display=True)

    with pytest.raises(ClosedByPerson, match=r"^the consent was refused \(access_denied\)"):
        consents.lead(request_to_open, CREDENTIALS, Goal.GRANT, lambda: ConsentResult(redirect=denied))

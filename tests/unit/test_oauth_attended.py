"""Taking a pasted redirect URL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest, build_request
from pytest_endpoint_docs.oauth.pasted_redirect import ask_for_redirect

REDIRECT_URI = "https://myapp.example.com/oauth/callback"


@pytest.fixture
def request_to_open() -> AuthorizationRequest:
    return build_request("https://login.example.com/authorize", client_id="c1", redirect_uri=REDIRECT_URI)


def person(*answers: str) -> tuple[list[str], Callable[[str], str]]:
    asked: list[str] = []
    left = list(answers)

    def ask(text: str) -> str:
        asked.append(text)
        return left.pop(0)

    return asked, ask


def test_a_wrong_url_is_asked_for_once_more(request_to_open: AuthorizationRequest) -> None:
    asked, ask = person("https://login.example.com/", f"{REDIRECT_URI}?code=c&state=s")
    assert ask_for_redirect(request_to_open, ask).parameters["code"] == "c"
    assert asked[1].startswith("the pasted URL is not the redirect: it is https://login.example.com/")


def test_a_second_wrong_url_ends_it(request_to_open: AuthorizationRequest) -> None:
    _, ask = person("one", "two")
    with pytest.raises(ClosedByPerson, match="it is two"):
        ask_for_redirect(request_to_open, ask)


def test_an_empty_answer_ends_it(request_to_open: AuthorizationRequest) -> None:
    _, ask = person("")
    with pytest.raises(ClosedByPerson):
        ask_for_redirect(request_to_open, ask)

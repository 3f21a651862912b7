"""A device that asks while a person lets it in elsewhere: they may leave, and what they do not do fails nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pytest_endpoint_docs.oauth.attended_consent import code_to_compare, refuse_slips, wait_for_person
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, LeftByPerson, TokenRequestFailed
from pytest_endpoint_docs.oauth.device_authorization import DeviceAuthorization, DevicePolls

TOKEN = {"access_token": "t", "token_type": "Bearer"}
PENDING = "authorization_pending"


class Waiting:
    """A clock that moves while the device listens, the answers of a server, and what a person types at which second."""

    def __init__(self, *answers: str | Mapping[str, Any], typed: Mapping[int, str] | None = None) -> None:
        self.now = 0.0
        self.told: list[str] = []
        self.asked: list[float] = []
        self._answers = list(answers)
        self._typed = dict(typed or {})
        device = DeviceAuthorization(
            device_code="dc", user_code="WDJB-MJHT", verification_uri="https://as.example.com/device", expires_in_s=100
        )
        self.polls = DevicePolls(device, self._answer, clock=lambda: self.now, sleep=self._sleep)

    def _answer(self, _: Mapping[str, str]) -> Mapping[str, Any]:
        self.asked.append(self.now)
        answer = self._answers.pop(0)
        if isinstance(answer, str):
            raise TokenRequestFailed(answer, status_code=400, error=answer)
        return answer

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def listen(self, seconds: float) -> str | None:
        line = next((self._typed.pop(at) for at in sorted(self._typed) if at < self.now + seconds), None)
        self.now += 1 if line else seconds
        return line

    def wait(self, timeout_s: float = 300, listen: Callable[[float], str | None] | None = None) -> None:
        wait_for_person(
            self.polls, listen or self.listen, self.told.append, timeout_s=timeout_s, clock=lambda: self.now
        )


def test_the_device_asks_by_itself_until_it_is_let_in() -> None:
    waiting = Waiting(PENDING, PENDING, TOKEN)

    waiting.wait()

    assert waiting.polls.token_response() == TOKEN
    assert waiting.asked == [5, 10, 15]
    assert waiting.told == []


def test_how_long_there_is_left_is_told_every_half_minute() -> None:
    waiting = Waiting(*[PENDING] * 14, TOKEN)

    waiting.wait()

    assert waiting.told == ["still waiting for you: 270 s left", "still waiting for you: 240 s left"]


@pytest.mark.parametrize(("word", "kind"), [("skip\n", ClosedByPerson), (" QUIT\n", LeftByPerson)])
def test_a_person_may_leave_at_any_time(word: str, kind: type[ClosedByPerson]) -> None:
    waiting = Waiting(*[PENDING] * 9, typed={12: word})

    with pytest.raises(ClosedByPerson) as left:
        waiting.wait()

    assert type(left.value) is kind
    assert waiting.asked == [5, 10]


def test_whatever_else_is_typed_changes_nothing() -> None:
    waiting = Waiting(PENDING, TOKEN, typed={1: "yes\n", 7: "\n"})

    waiting.wait()

    assert waiting.told == ["Nothing is to be typed here but skip or quit: the device asks by itself."] * 2


def test_a_person_who_takes_too_long_and_one_who_is_not_there() -> None:
    with pytest.raises(ClosedByPerson, match=r"^nobody let the device in within 12 s$"):
        Waiting(*[PENDING] * 9).wait(timeout_s=12)

    def no_terminal(_: float) -> str | None:
        raise OSError

    with pytest.raises(ClosedByPerson, match=r"^there is neither a terminal to ask a person"):
        Waiting().wait(listen=no_terminal)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (["access_denied"], r"^the device was refused \(access_denied\), but it should be let in$"),
        (["expired_token"], "^the device's code expired before anybody let it in"),
        ([PENDING] * 30, "^nobody let the device in within the 100 s that its code lives$"),
    ],
)
def test_what_the_person_did_or_did_not_do_says_nothing_of_the_server(answers: list[str], said: str) -> None:
    waiting = Waiting(*answers)
    waiting.wait()

    with pytest.raises(ClosedByPerson, match=said):
        refuse_slips(waiting.polls)


def test_another_error_is_the_servers() -> None:
    waiting = Waiting("invalid_client")
    waiting.wait()

    with pytest.raises(TokenRequestFailed):
        refuse_slips(waiting.polls)


def test_who_has_to_type_the_code_is_told_so() -> None:
    device = DeviceAuthorization(
        device_code="dc", user_code="WDJB-MJHT", verification_uri="https://as.example.com/device", expires_in_s=300
    )
    assert code_to_compare(device) == "The page asks for the code: WDJB-MJHT. It lives 300 s."

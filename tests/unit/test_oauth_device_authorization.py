"""How a device asks for its token: at its interval, more slowly when told so, until there is an end (RFC 8628)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pytest_endpoint_docs.oauth.consent_errors import DeviceDenied, DeviceExpired, DeviceRefused, TokenRequestFailed
from pytest_endpoint_docs.oauth.device_authorization import (
    DeviceAuthorization,
    DevicePolls,
    read_device_authorization,
)

URL = "https://as.example.com/device_authorization"
ANSWER: dict[str, Any] = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://as.example.com/device",
    "verification_uri_complete": "https://as.example.com/device?user_code=WDJB-MJHT",
    "expires_in": 1800,
    "interval": 7,
}
TOKEN: dict[str, Any] = {"access_token": "t", "token_type": "Bearer"}


def error(code: str | None, status: int | None = 400) -> TokenRequestFailed:
    return TokenRequestFailed(f"the token endpoint said {code}", status_code=status, error=code)


class Server:
    """A token endpoint that gives these answers, and a clock that only sleeping moves."""

    def __init__(self, *answers: Mapping[str, Any] | TokenRequestFailed, **device: float) -> None:
        self.now, self.asked = 1000.0, []  # type: tuple[float, list[float]]
        self.sent: list[Mapping[str, str]] = []
        self._answers = list(answers)
        self.authorization = DeviceAuthorization(
            device_code="dc", user_code="WDJB-MJHT", verification_uri="https://as.example.com/device", **device
        )
        self.polls = DevicePolls(self.authorization, self.answer, clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def answer(self, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        self.asked.append(self.now - 1000)
        self.sent.append(parameters)
        answer = self._answers.pop(0)
        if isinstance(answer, TokenRequestFailed):
            raise answer
        return answer

    def ask_until_the_end(self) -> None:
        while not self.polls.ask(within_s=3600):
            pass


def test_the_device_asks_at_its_interval_until_it_has_a_token() -> None:
    server = Server(error("authorization_pending"), error("authorization_pending"), TOKEN, interval_s=7)

    server.ask_until_the_end()

    assert server.polls.token_response() == TOKEN
    assert server.asked == [7, 14, 21]
    assert server.sent[0] == {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "dc"}


def test_each_slow_down_adds_five_seconds_for_good() -> None:
    slow = error("slow_down")
    server = Server(slow, slow, error("authorization_pending"), TOKEN, interval_s=1)

    server.ask_until_the_end()

    assert server.asked == [1, 7, 18, 29]


def test_slow_down_is_no_answer_to_whether_the_person_decided() -> None:
    server = Server(error("slow_down"), TOKEN, interval_s=1)

    assert server.polls.ask(within_s=30)
    assert server.asked == [1, 7]


def test_nothing_is_asked_before_it_is_time() -> None:
    server = Server(error("authorization_pending"), TOKEN, interval_s=5)

    assert (server.polls.ask_if_due(), server.asked, server.polls.due_in_s) == (False, [], 5)
    server.now += 5
    assert (server.polls.ask_if_due(), server.asked, server.polls.due_in_s) == (False, [5], 5)
    assert server.polls.waiting == "the device was told authorization_pending last"
    server.now += 4.9
    assert not server.polls.ask_if_due()
    server.now += 0.2
    assert server.polls.ask_if_due()
    # And no more once there is an end.
    server.now += 100
    assert server.polls.ask_if_due()
    assert len(server.asked) == 2


def test_an_interval_longer_than_anybody_waits() -> None:
    server = Server(interval_s=60)

    assert not server.polls.ask(within_s=30)
    assert server.asked == []
    assert server.polls.waiting == "the device has not asked yet (interval: 60 s)"


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (error("access_denied"), DeviceDenied, "the token endpoint answered access_denied"),
        (error("expired_token"), DeviceExpired, "the token endpoint answered expired_token"),
        (error("invalid_grant"), TokenRequestFailed, "said invalid_grant"),
        (error(None, 500), TokenRequestFailed, "said None"),
    ],
)
def test_every_other_answer_is_the_end(answer: TokenRequestFailed, kind: type[Exception], message: str) -> None:
    server = Server(answer)

    assert server.polls.ask(within_s=30)
    with pytest.raises(kind, match=message):
        server.polls.token_response()


def test_the_code_expires_although_the_server_does_not_say_so() -> None:
    server = Server(*[error("authorization_pending")] * 10, interval_s=5, expires_in_s=12)

    server.ask_until_the_end()

    assert server.asked == [5, 10]
    assert server.now == 1012
    with pytest.raises(DeviceExpired, match=r"^nobody let the device in within the 12 s that its code lives$"):
        server.polls.token_response()


def test_without_an_answer_the_device_asks_less_often_and_then_gives_up() -> None:
    silent = error(None, None)
    server = Server(silent, error("authorization_pending"), silent, silent, silent, interval_s=5)

    server.ask_until_the_end()

    assert server.asked == [5, 15, 25, 45, 85]
    with pytest.raises(TokenRequestFailed):
        server.polls.token_response()


def test_what_a_device_is_told() -> None:
    device = read_device_authorization(URL, 200, ANSWER)

    assert (device.user_code, device.url, device.expires_in_s, device.interval_s) == (
        *("WDJB-MJHT", ANSWER["verification_uri_complete"], 1800, 7),
    )
    assert "WDJB" not in repr(device)
    assert "GmRh" not in repr(device)


@pytest.mark.parametrize("interval", [None, True, "soon", -1, float("nan"), float("inf"), []])
def test_an_interval_that_is_none_counts_as_the_usual_five_seconds(interval: Any) -> None:
    assert read_device_authorization(URL, 200, {**ANSWER, "interval": interval}).interval_s == 5


def test_seconds_that_are_written_as_texts_are_understood() -> None:
    # D1 tells that; the device goes on.
    device = read_device_authorization(URL, 200, {**ANSWER, "expires_in": "60", "interval": "2"})
    assert (device.expires_in_s, device.interval_s) == (60, 2)


def test_the_name_of_an_early_draft_is_understood() -> None:
    old = {"verification_url" if name == "verification_uri" else name: value for name, value in ANSWER.items()}
    del old["verification_uri_complete"]
    assert read_device_authorization(URL, 200, old).url == "https://as.example.com/device"


@pytest.mark.parametrize("name", ["device_code", "user_code", "verification_uri"])
def test_an_answer_that_lacks_something(name: str) -> None:
    with pytest.raises(DeviceRefused, match=rf"^the device authorization response of {URL} has no {name} \(RFC 8628"):
        read_device_authorization(URL, 200, {**ANSWER, name: ""})


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (
            401,
            {"error": "invalid_client", "error_description": "No such client."},
            "401 invalid_client (No such client.)",
        ),
        (400, {"error": "unauthorized_client"}, "400 unauthorized_client"),
        (404, {}, "404"),
    ],
)
def test_a_refusal(status: int, answer: dict[str, Any], said: str) -> None:
    with pytest.raises(DeviceRefused) as refused:
        read_device_authorization(URL, status, answer)
    assert str(refused.value) == f"the device authorization request to {URL} was answered with {said}"

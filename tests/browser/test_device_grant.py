"""A device that asks, a person who lets it in from a browser, and what becomes of every other end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from checked_server import run_checks, table
from device_server import DEVICE_CODE, TOKEN, USER_CODE, DeviceServer, devices_of, settings_of
from local_site import Site

from pytest_endpoint_docs.cli.consent_command import try_consent
from pytest_endpoint_docs.errors import ConsentError
from pytest_endpoint_docs.oauth.consent_errors import (
    ClosedByPerson,
    ConsentStuck,
    DeviceDenied,
    DeviceExpired,
    DeviceRefused,
    LoginRejected,
    NoCode,
    TokenRequestFailed,
)
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.redaction.redactor import Redactor

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]
RECIPE = """\
pages:
  - match: "/device?user_code=*"
    optional: true
    do:
      - click: {role: button, name: Allow}
  - match: "/device*"
    do:
      - fill: {label: User name, value: "{{secret.user}}"}
      - fill: {label: Password, value: "{{secret.password}}"}
      - click: {role: button, name: Log in}
  - match: "/device*"
    do:
      - fill: {label: Code, value: "{{secret.user_code}}"}
      - click: {role: button, name: Continue}
"""


@pytest.fixture
def device(site: Site) -> DeviceServer:
    return DeviceServer(site)


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.mark.parametrize("complete", [True, False], ids=["code in the URL", "code typed"])
def test_a_device_is_let_in_with_a_fresh_and_with_a_saved_login(
    complete: bool, device: DeviceServer, make_session: MakeSession, redactor: Redactor
) -> None:
    device.complete = complete
    session = make_session(device.site.origin, redactor=redactor, **settings_of(device.site))
    told: list[str] = []
    session.on_event = lambda event: told.append(event.text)

    tokens = [devices_of(session, redactor).token()["access_token"] for _ in range(2)]

    assert tokens == [TOKEN] * 2
    assert device.site.count("POST", "/login") == 1
    assert device.site.count("POST", "/decide") == 2
    assert device.asked is not None
    # The client authenticates by HTTP Basic; servers look for its id among the parameters all the same.
    assert device.asked.form == {"client_id": "contract-client", "scope": "openid tv"}
    assert ("fill in the user code" in " ".join(told)) is not complete
    secrets = (USER_CODE, USER_CODE.replace("-", ""), DEVICE_CODE, TOKEN, "correct horse")
    assert [secret for secret in secrets if secret in "\n".join(told)] == []
    assert [secret for secret in secrets if secret in redactor.text(" ".join(secrets))] == []


def test_a_server_that_is_slow_to_say_so(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_endpoint_docs.oauth.device_authorization._SLOWER_BY_S", 0.5)
    device.planted = ["slow_down", "slow_down"]
    session = make_session(device.site.origin, redactor=redactor, **settings_of(device.site))

    assert devices_of(session, redactor).token()["access_token"] == TOKEN
    assert device.polls == 3


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        ("expired_token", DeviceExpired, "the device's code expired before anybody let it in"),
        ("access_denied", DeviceDenied, "the device was not let in: the token endpoint answered access_denied"),
        ("invalid_grant", TokenRequestFailed, "answered 400: invalid_grant to grant_type=urn:"),
    ],
)
def test_another_end_is_told_with_what_was_done(
    error: str,
    kind: type[ConsentError],
    message: str,
    device: DeviceServer,
    make_session: MakeSession,
    redactor: Redactor,
) -> None:
    device.planted = [error]
    session = make_session(device.site.origin, redactor=redactor, **settings_of(device.site))

    with pytest.raises(kind, match=message) as failure:
        devices_of(session, redactor).token()

    assert device.polls == 1
    if error != "invalid_grant":
        assert 'click "Allow" on' in str(failure.value)
    assert USER_CODE not in str(failure.value)


def test_a_page_that_does_not_take_the_decision(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor
) -> None:
    device.planted = ["authorization_pending"] * 9
    session = make_session(device.site.origin, redactor=redactor, **settings_of(device.site))

    with pytest.raises(ConsentStuck) as failure:
        devices_of(session, redactor).token()

    first = str(failure.value).partition("\n")[0]
    assert first == (
        'nothing on the page grants; the device was told authorization_pending last; the page says: "Connected"'
    )
    assert failure.value.screenshot is not None
    assert USER_CODE not in str(failure.value)


def test_the_page_after_the_decision_is_left_alone(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor
) -> None:
    device.after_html = (
        "<h1>Connected</h1><form method=post action=/decide><button name=decision value=deny>Continue</button></form>"
    )
    session = make_session(device.site.origin, redactor=redactor, **settings_of(device.site))

    assert devices_of(session, redactor).token()["access_token"] == TOKEN
    assert device.site.count("POST", "/decide") == 1


def test_a_code_that_the_page_does_not_know_is_typed_once(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor
) -> None:
    device.complete = False
    device.site.pages["/device"] = lambda asked: device.device(replace(asked, query={}))
    session = make_session(device.site.origin, redactor=redactor, **settings_of(device.site))

    with pytest.raises(ConsentStuck, match=r"^the user code was not accepted: the page asks for it again"):
        devices_of(session, redactor).token()

    assert sum("user_code" in asked.query for asked in device.site.asked) == 1
    # The login was none of it, and goes on.
    device.site.pages["/device"] = device.device
    assert devices_of(session, redactor).token()["access_token"] == TOKEN


def test_a_wrong_password_is_sent_once(device: DeviceServer, make_session: MakeSession, redactor: Redactor) -> None:
    session = make_session(device.site.origin, redactor=redactor, password="wrong horse", **settings_of(device.site))

    for _ in range(2):
        with pytest.raises(LoginRejected):
            devices_of(session, redactor).token()

    assert device.site.count("POST", "/login") == 1
    assert device.polls == 0


def test_a_server_that_gives_no_codes(site: Site, make_session: MakeSession, redactor: Redactor) -> None:
    session = make_session(site.origin, redactor=redactor, **settings_of(site))

    with pytest.raises(DeviceRefused, match=r"/device_authorization was answered with 404$"):
        devices_of(session, redactor).token()


def test_no_code_comes_where_a_device_gets_the_token(site: Site, make_session: MakeSession) -> None:
    session = make_session(site.origin, options=ConsentOptions(gives_up=True), **settings_of(site))

    for _ in range(2):
        with pytest.raises(NoCode) as reason:
            session.authorize()
        assert str(reason.value) == (
            "no code: environments/local.yaml:7 says grant: device_code, which gives a token without a code"
        )


def test_a_recipe_types_the_code(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor, tmp_path: Path
) -> None:
    device.complete = False
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE)
    session = make_session(device.site.origin, redactor=redactor, recipe=recipe, **settings_of(device.site))

    assert devices_of(session, redactor).token()["access_token"] == TOKEN
    assert device.site.count("POST", "/login") == 1


@pytest.mark.parametrize("complete", [True, False], ids=["code in the URL", "code typed"])
def test_the_checks_type_the_code_too(complete: bool, device: DeviceServer, make_session: MakeSession) -> None:
    device.complete = complete
    session = make_session(device.site.origin, **settings_of(device.site))

    assert table(run_checks(session, "D1", "D2", "D3", "D4", "D5")) == {}
    assert device.site.count("POST", "/decide") == 2


def test_trying_it_tells_every_step(device: DeviceServer, make_session: MakeSession, redactor: Redactor) -> None:
    lines: list[str] = []
    session = make_session(device.site.origin, redactor=redactor, **settings_of(device.site))

    assert try_consent(session, lines.append, devices=devices_of(session, redactor))

    steps = [line.partition(" s  ")[2] for line in lines]
    assert steps[0] == "the device authorization endpoint answered with a device_code and a user_code"
    assert steps[-1] == "the token endpoint answered with access_token, expires_in, token_type"
    assert [line for line in lines if USER_CODE in line or TOKEN in line] == []


PERSON = """<script>setTimeout(() => {
  const put = (name, text) => document.querySelectorAll(`[name=${name}]`).forEach((input) => { input.value = text; });
  put('username', 'alice'); put('password', 'correct horse');
  [...document.querySelectorAll('button')].find((button) => /Log in|%s/.test(button.textContent)).click();
}, 300)</script>"""


def attended(**more: object) -> ConsentOptions:
    return replace(ConsentOptions(mode="attended", attended_timeout_s=20.0), **more)  # type: ignore[arg-type]


def test_a_person_in_a_window(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor, virtual_display: dict[str, str]
) -> None:
    device.script = PERSON % "Allow"
    told: list[str] = []
    options = attended(tell=told.append)
    session = make_session(
        device.site.origin, redactor=redactor, environ=virtual_display, options=options, **settings_of(device.site)
    )
    session.ask_for("GET /tv of tv.md")

    assert [devices_of(session, redactor).token()["access_token"] for _ in range(2)] == [TOKEN] * 2

    assert device.site.count("POST", "/login") == 1
    assert told[0].strip() == (
        "Consent for GET /tv of tv.md: a device is to be let in\n"
        "In the browser window, log in as alice, and allow the access. "
        f"The page shows the code, or asks for it: {USER_CODE}. It lives 60 s.\n"
        "A browser window opens for it, and waits 20 s. Close it to leave this item out."
    )


def test_a_person_who_refuses_in_the_window_says_nothing_of_the_server(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor, virtual_display: dict[str, str]
) -> None:
    device.script = PERSON % "Deny"
    session = make_session(
        device.site.origin, redactor=redactor, environ=virtual_display, options=attended(), **settings_of(device.site)
    )

    with pytest.raises(ClosedByPerson, match=r"^the device was refused \(access_denied\), but it should be let in$"):
        devices_of(session, redactor).token()


def test_a_window_in_which_nothing_is_done(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor, virtual_display: dict[str, str]
) -> None:
    options = attended(attended_timeout_s=1.5)
    session = make_session(
        device.site.origin, redactor=redactor, environ=virtual_display, options=options, **settings_of(device.site)
    )

    with pytest.raises(ClosedByPerson, match=r"^nobody let the device in within 1\.5 s"):
        devices_of(session, redactor).token()

    assert 1 <= device.polls <= 3


def test_without_a_display_the_device_asks_while_the_person_is_elsewhere(
    device: DeviceServer, make_session: MakeSession, redactor: Redactor
) -> None:
    told: list[str] = []
    nobody = threading.Event()

    def listen(seconds: float) -> str | None:
        nobody.wait(min(seconds, 0.6))
        if device.polls == 2:
            device.decided = "allow"
        return "what?\n" if device.polls == 1 else None

    without_display = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    session = make_session(
        device.site.origin,
        redactor=redactor,
        environ=without_display,
        options=attended(tell=told.append, listen=listen),
        **settings_of(device.site),
    )

    assert devices_of(session, redactor).token()["access_token"] == TOKEN

    assert told[0] == (
        "\nConsent for an access token: a device is to be let in\n"
        "Open the URL in any browser, log in as alice, and allow the access. "
        f"The page shows the code, or asks for it: {USER_CODE}. It lives 60 s.\n\n"
        f"  {device.site.origin}/device?user_code={USER_CODE}\n\n"
        "skip: leave this item out    quit: no more consents in this run"
    )
    assert told[1] == "Nothing is to be typed here but skip or quit: the device asks by itself."
    assert device.site.count("GET", "/device") == 0

"""A person leads: in a window, or in a browser somewhere else. The person is played by a script in the pages."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from local_site import Answer, Asked, AuthorizationServer, Site, html, to, with_code
from processes import browser_processes

from pytest_endpoint_docs.cli.consent_command import try_consent
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, DisplayMissing
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]

_ATTENDED = ConsentOptions(mode="attended", attended_timeout_s=20.0)
# Types and clicks as a person would, a little later.
PERSON = """<script>setTimeout(() => {
  const put = (name, text) => { const input = document.querySelector(`[name=${name}]`);
    if (input) { input.value = text; input.dispatchEvent(new Event('change', { bubbles: true })); } };
  put('username', 'alice'); put('password', 'correct horse');
  [...document.querySelectorAll('button')].find((button) => /Log in|Allow/.test(button.textContent)).click();
}, 300)</script>"""


def without_display() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}


def test_a_person_in_a_window_and_what_they_did_as_a_recipe(
    server: AuthorizationServer, make_session: MakeSession, virtual_display: dict[str, str], tmp_path: Path
) -> None:
    server.login_html += PERSON
    server.consent_html += PERSON
    recorded = tmp_path / "recorded.yaml"
    options = ConsentOptions(mode="attended", record=recorded, attended_timeout_s=20.0)
    session = make_session(server.site.origin, environ=virtual_display, options=options)

    grant = session.authorize()

    assert grant.code == "code-1234567890"
    assert server.site.count("POST", "/login") == 1
    recipe = recorded.read_text()
    assert "{{secret.user}}" in recipe
    assert "{{secret.password}}" in recipe
    assert "alice" not in recipe
    assert "correct horse" not in recipe

    # The recipe leads by itself, on pages where nobody acts.
    server.login_html = server.login_html.replace(PERSON, "")
    server.consent_html = server.consent_html.replace(PERSON, "")
    session.close()
    by_recipe = make_session(server.site.origin, recipe=recorded)
    told: list[str] = []
    by_recipe.on_event = lambda event: told.append(event.text)
    assert by_recipe.authorize().code == "code-1234567890"
    assert any("recorded.yaml:" in text for text in told)


def test_a_person_keeps_the_window_for_the_next_code(
    server: AuthorizationServer, make_session: MakeSession, virtual_display: dict[str, str]
) -> None:
    server.login_html += PERSON
    server.consent_html += PERSON
    told: list[str] = []
    session = make_session(server.site.origin, environ=virtual_display, options=replace(_ATTENDED, tell=told.append))
    session.ask_for("T1 of doc.md")

    assert [session.authorize().code for _ in range(2)] == ["code-1234567890"] * 2
    assert server.site.count("POST", "/login") == 1
    assert [text.strip() for text in told] == [
        f"Consent for T1 of doc.md: code {number}\nIn the browser window, log in as alice, and allow the access. "
        "Codes live for a short time: do not wait before the last step.\n"
        "A browser window opens for it, and waits 20 s. Close it to leave this item out."
        for number in (1, 2)
    ]


def test_a_window_that_is_closed_is_a_clear_failure(
    site: Site, make_session: MakeSession, virtual_display: dict[str, str]
) -> None:
    mark = uuid.uuid4().hex

    def close(asked: Asked) -> Answer:
        for pid, command in browser_processes(marked=f"CONSENT_TEST={mark}").items():
            if "--type=" not in command and "run-driver" not in command:
                os.kill(pid, signal.SIGTERM)
        return html("")

    site.pages |= {"/authorize": lambda asked: html("<h1>Log in</h1><script>fetch('/close')</script>"), "/close": close}
    options = ConsentOptions(mode="attended", attended_timeout_s=15.0)
    session = make_session(site.origin, environ={**virtual_display, "CONSENT_TEST": mark}, options=options)

    with pytest.raises(ClosedByPerson, match="the window was closed"):
        session.authorize()

    # The next attempt opens a new one.
    site.pages["/authorize"] = lambda asked: to(with_code(asked))
    assert session.authorize().code == "code-1234567890"


def test_a_person_who_takes_too_long(site: Site, make_session: MakeSession, virtual_display: dict[str, str]) -> None:
    site.pages["/authorize"] = lambda asked: html("<h1>Log in</h1>")
    options = ConsentOptions(mode="attended", attended_timeout_s=1.0)

    with pytest.raises(ClosedByPerson, match=r"^nobody reached the redirect within 1 s"):
        make_session(site.origin, environ=virtual_display, options=options).authorize()


def test_a_redirect_of_another_tab_is_not_taken(
    site: Site, make_session: MakeSession, virtual_display: dict[str, str]
) -> None:
    opened: list[Asked] = []

    def authorize(asked: Asked) -> Answer:
        opened.append(asked)
        if len(opened) > 1:
            return to(with_code(asked))
        earlier = f"{asked.query['redirect_uri']}?code=code-of-an-earlier-one&state=earlier"
        return html(f"<h1>Log in</h1><script>setTimeout(() => {{ location = '{earlier}' }}, 300)</script>")

    site.pages["/authorize"] = authorize
    session = make_session(site.origin, environ=virtual_display, options=_ATTENDED)
    told: list[str] = []
    session.on_event = lambda event: told.append(event.text)

    assert session.authorize().code == "code-1234567890"
    assert any("a redirect came with another state" in text for text in told)


def test_watching_the_plugin_lead_in_a_window(
    server: AuthorizationServer, make_session: MakeSession, virtual_display: dict[str, str]
) -> None:
    session = make_session(server.site.origin, environ=virtual_display, options=ConsentOptions(headed=True))

    assert session.authorize().code == "code-1234567890"


def test_without_a_display_the_redirect_url_is_pasted(site: Site, make_session: MakeSession) -> None:
    asked: list[str] = []

    def person(question: str) -> str:
        asked.append(question)
        url = next(word for word in question.split() if word.startswith(site.origin))
        state = parse_qs(urlsplit(url).query)["state"][0]
        return f"  https://myapp.example.com/oauth/callback?code=pasted-code&state={state}\n"

    session = make_session(site.origin, environ=without_display(), options=ConsentOptions(mode="attended", ask=person))

    assert session.authorize().code == "pasted-code"
    assert "https://myapp.example.com/oauth/callback" in asked[0]


def test_without_a_display_and_without_a_terminal(site: Site, make_session: MakeSession) -> None:
    with pytest.raises(DisplayMissing):
        make_session(site.origin, environ=without_display(), options=ConsentOptions(mode="attended")).authorize()


def test_trying_a_consent_tells_every_step_while_it_happens(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    lines: list[str] = []
    moments: list[float] = []

    def announce(line: str) -> None:
        lines.append(line)
        moments.append(time.monotonic())

    assert try_consent(make_session(server.site.origin), announce)

    assert any("fill in the user name, the password" in line for line in lines)
    assert any("caught the redirect" in line for line in lines)
    assert moments[-1] - moments[0] > 0.05
    assert not any(secret in line for line in lines for secret in ("correct horse", "code-1234567890"))


def test_trying_a_consent_that_fails_hands_back_the_picture(
    server: AuthorizationServer, make_session: MakeSession
) -> None:
    lines: list[str] = []

    assert not try_consent(make_session(server.site.origin, password="wrong horse"), lines.append)

    *_, failure, picture = lines
    assert "rejected" in failure
    assert Path(picture.removeprefix("screenshot: ")).is_file()

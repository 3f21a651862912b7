"""``--endpoint-manual attended``: a person in a window, a person who pastes, and nobody to ask."""

from __future__ import annotations

import json
import re

import pytest
import requests
from terminals import at_a_terminal
from user_project import DOC, Platform, UserProject, items

from pytest_endpoint_docs.oauth.checks.catalogue import CHECK_IDS

pytestmark = pytest.mark.browser


def consent_elsewhere(url: str, running: Platform, *, decision: str = "allow") -> str:
    """What a person's own browser does with an authorization URL: the URL that it is sent to in the end."""

    def fields(page: str) -> dict[str, str]:
        form = page.partition("<form")[2].partition("</form>")[0]
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))

    user = running.sandbox.settings.users[0]
    with requests.Session() as person:
        page = person.get(url, timeout=10)
        login = {**fields(page.text), "username": user.username, "password": user.password, "next": ""}
        person.post(f"{running.sandbox.url}/login", data=login, timeout=10)
        page = person.get(url, timeout=10)
        sent = {**fields(page.text), "decision": decision}
        return person.post(page.url, data=sent, timeout=10, allow_redirects=False).headers["Location"]


def url_in(printed: str) -> str:
    return next(word for word in printed.split() if "/oauth/authorize?" in word)


def test_without_a_display_the_redirect_url_is_pasted(project: UserProject, running: Platform) -> None:
    typed: list[str] = []

    def person(printed: str) -> str:
        typed.append(consent_elsewhere(url_in(printed), running))
        return typed[-1]

    code, printed = at_a_terminal(project, project.command(*items("POST /oauth/token"), manual="attended"), person)

    assert code == 0, printed
    assert "1 passed" in printed
    assert f"Consent for POST /oauth/token of {DOC}: code 1 of 1" in printed
    assert "log in as alice@example.com, and allow the access. The code lives 15 s" in printed
    assert typed[0] not in printed, "what is pasted is not echoed"


def test_every_slip_is_asked_again_and_fails_nothing(project: UserProject, running: Platform) -> None:
    asked: list[str] = []

    def person(printed: str) -> str:
        asked.append(printed)
        url = url_in("".join(asked))
        slips = (
            "",
            running.sandbox.url,
            "https://myapp.example.com/oauth/callback?code=c0de-c0de&state=of-another-tab",
            consent_elsewhere(re.sub(r"state=[^&]+", "state=earlier", url), running),
            consent_elsewhere(url, running, decision="deny"),
        )
        return slips[len(asked) - 1] if len(asked) <= len(slips) else consent_elsewhere(url, running)

    code, printed = at_a_terminal(project, project.command(*items("POST /oauth/token"), manual="attended"), person)

    assert code == 0, printed
    assert "Nothing was pasted." in asked[1]
    assert "That is not the redirect" in asked[2]
    assert "The state of that URL is another one" in asked[3]
    assert "The state of that URL is another one" in asked[4]
    assert "The consent was refused (access_denied), but it should be given" in asked[5]
    assert evidence_outcomes(project) == ["passed"]


@pytest.mark.parametrize(
    ("word", "asked", "reasons"),
    [
        ("skip", 2, ["blocked: the tester skipped the consent"] * 2),
        ("quit", 1, ["blocked: the tester wanted no more consents in this run"] * 2),
    ],
)
def test_what_nobody_tested_is_blocked(
    word: str, asked: int, reasons: list[str], project: UserProject, running: Platform
) -> None:
    names = items("POST /oauth/token", "code-expires")

    code, printed = at_a_terminal(project, project.command(*names, manual="attended"), lambda _: word)

    assert code == 0, printed
    assert "2 skipped" in printed
    assert printed.count("Consent for ") == asked
    assert [line.partition(": ")[2] for line in printed.splitlines() if line.startswith("SKIPPED")] == reasons
    assert evidence_outcomes(project) == []


def test_nobody_is_asked_where_nobody_is(project: UserProject, running: Platform) -> None:
    run = project.run(*items("POST /oauth/token"), manual="attended")
    assert run.counts(skipped=1), run.text
    assert "blocked: there is neither a terminal to ask a person nor a display for a browser" in run.text

    run = project.run("-n", "2", *items("POST /oauth/token"), manual="attended")
    assert run.counts(skipped=1), run.text
    assert "blocked: a worker cannot ask at the terminal, and there is no display for a browser: run without -n" in (
        run.text
    )
    assert running.seen["GET /oauth/authorize"] == 0
    assert evidence_outcomes(project) == []


def evidence_outcomes(project: UserProject) -> list[str]:
    folder = project.root / ".endpoint-docs/evidence" / DOC
    return [json.loads(file.read_text())["outcome"] for file in sorted(folder.glob("*.json"))]


def test_the_checks_are_there_too_each_run_or_told_why_not(project: UserProject, running: Platform) -> None:
    collected = project.run("--collect-only", "-q", manual="attended").text
    assert [name for name in items(*CHECK_IDS) if name not in collected] == []
    running.has_person = True
    names = items("T1", "T2", "T5", "A1", "A5", "A6")

    run = project.execute(["xvfb-run", "-a", *project.command(*names, manual="attended")])

    assert run.counts(passed=4, skipped=2), run.text + run.errors
    assert run.text.count("not run: no person is asked to follow this request to its end") == 1
    assert "SKIPPED [2]" in run.text
    assert running.logins == 1
    assert running.seen["GET /oauth/authorize"] < 8


def test_a_person_in_a_window(project: UserProject, running: Platform) -> None:
    running.has_person = True
    names = items("POST /oauth/token", "redirect-uri-must-match-exactly")

    run = project.execute(["xvfb-run", "-a", *project.command(*names, manual="attended")])

    assert run.counts(passed=2), run.text + run.errors
    assert running.logins == 1


def test_a_window_waits_as_long_as_it_is_told(project: UserProject, running: Platform) -> None:
    project.write("pytest.ini", "[pytest]\nendpoint_attended_timeout = 1\n")

    run = project.execute(["xvfb-run", "-a", *project.command(*items("POST /oauth/token"), manual="attended")])

    assert run.counts(skipped=1), run.text + run.errors
    assert "blocked: nobody reached the redirect within 1 s" in run.text
    assert running.seen["GET /oauth/authorize"] == 1

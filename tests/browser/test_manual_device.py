"""An environment whose tokens come by a device: docs that use one, docs that need a code, checks, a person."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from terminals import at_a_terminal
from user_project import CONSENT, USES_A_TOKEN, Platform, UserProject, items, platform

pytestmark = pytest.mark.browser
NO_CODE = (
    "not run: no code: fixtures/environments/sandbox.yaml:{} says grant: device_code, "
    "which gives a token without a code"
)
OF_CODES = ("T1", "T4", "T7", "P1", "A1", "A7", "R1", "N1", "V4", "U1")
OF_DEVICES = ("D1", "D2", "D3", "D4", "D5")


@pytest.fixture
def project(tmp_path: Path, running: Platform) -> UserProject:
    return device_project(tmp_path, running)


def device_project(root: Path, running: Platform) -> UserProject:
    project = UserProject(root, running)
    project.environment(
        "  authorize_url: ${SANDBOX_URL}/oauth/authorize\n",
        "  grant: device_code\n  device_url: ${SANDBOX_URL}/oauth/device_authorization\n",
    )
    for number in range(3):
        project.write(f"endpoints/get_userinfo_{number}.md", USES_A_TOKEN)
    return project


def reasons(project: UserProject) -> dict[str, str]:
    found = json.loads((project.root / "results.json").read_text(encoding="utf-8"))
    return {item["nodeid"].partition("::")[2].split()[0]: item["reason"] for item in found["items"] if item["reason"]}


def test_one_device_serves_all_docs_and_workers(project: UserProject, running: Platform) -> None:
    docs = [f"endpoints/get_userinfo_{number}.md" for number in range(3)]

    run = project.run("-n", "2", *docs)

    assert run.counts(passed=3), run.text
    assert (running.logins, running.seen["POST /oauth/device_authorization"]) == (1, 1)
    assert project.run(*docs).counts(passed=3)
    assert running.seen["POST /oauth/device_authorization"] == 1, "the token is kept"
    evidence = "".join(file.read_text() for file in (project.root / ".endpoint-docs/evidence").rglob("*.json"))
    assert [secret for secret in running.secrets if secret in run.text + evidence] == []


def test_what_needs_a_code_is_not_run_and_the_checks_of_devices_are(project: UserProject, running: Platform) -> None:
    names = items("POST /oauth/token", *OF_CODES, *OF_DEVICES)

    run = project.run("--endpoint-results", "results.json", *names)

    assert run.counts(passed=5, skipped=11), run.text
    block = project.environment_file.read_text().splitlines().index("oauth:") + 1
    assert reasons(project) == dict.fromkeys(("POST", *OF_CODES), NO_CODE.format(block))
    assert running.seen["GET /oauth/authorize"] == 0


def test_a_wrong_password_is_sent_once_and_told_once(project: UserProject, running: Platform) -> None:
    docs = [f"endpoints/get_userinfo_{number}.md" for number in range(3)]

    run = project.run("-n", "2", *docs, environ={"SANDBOX_PASSWORD": "wrong horse battery"})

    assert run.counts(failed=1, skipped=2), run.text
    assert "the login was rejected" in run.text
    assert "not run: no token, see what failed first: GET /oauth/userinfo: the login was rejected" in run.text
    assert running.logins == 1


@pytest.mark.parametrize(
    ("flaw", "said"),
    [("device-denied-always", "the device was not let in: the token endpoint answered access_denied")],
)
def test_a_server_that_lets_no_device_in(flaw: str, said: str, tmp_path: Path) -> None:
    with platform(flaw) as running:
        run = device_project(tmp_path, running).run("endpoints/get_userinfo_0.md")

    assert run.counts(failed=1), run.text
    assert said in run.text
    assert 'click "Allow" on' in run.text
    assert re.search(r"[A-Z]{4}-[A-Z]{4}", run.text) is None


def let_in_elsewhere(url: str, running: Platform) -> None:
    """What a person does in a browser of their own."""

    def fields(page: str) -> dict[str, Any]:
        form = page.partition("<form")[2].partition("</form>")[0]
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))

    user = running.sandbox.settings.users[0]
    with requests.Session() as person:
        page = person.get(url, timeout=10)
        login = {**fields(page.text), "username": user.username, "password": user.password}
        person.post(f"{running.sandbox.url}/login", data=login, timeout=10)
        page = person.get(url, timeout=10)
        person.post(url, data={**fields(page.text), "decision": "allow"}, timeout=10)


def is_waiting(printed: str) -> bool:
    return "no more consents in this run" in printed


def test_a_person_lets_the_device_in_elsewhere(project: UserProject, running: Platform) -> None:
    def person(printed: str) -> None:
        let_in_elsewhere(next(word for word in printed.split() if "/device?" in word), running)

    command = project.command("endpoints/get_userinfo_0.md", manual="attended")
    code, printed = at_a_terminal(project, command, person, asks=is_waiting)

    assert code == 0, printed
    assert "1 passed" in printed
    said = re.sub(r"[A-Z]{4}-[A-Z]{4}", "CODE", printed.replace(running.sandbox.url, "HERE"))
    assert (
        "Consent for GET /oauth/userinfo of endpoints/get_userinfo_0.md: a device is to be let in\n"
        "Open the URL in any browser, log in as alice@example.com, and allow the access. "
        "The page shows the code, or asks for it: CODE. It lives 300 s.\n\n"
        "  HERE/device?user_code=CODE\n\n"
        "skip: leave this item out    quit: no more consents in this run\n"
    ) in said
    # What the prompt shows to the person stands nowhere else.
    code_of_device = re.search(r"[A-Z]{4}-[A-Z]{4}", printed)
    assert code_of_device is not None
    kept = "".join(file.read_text() for file in (project.root / ".endpoint-docs/evidence").rglob("*.json"))
    assert kept
    assert code_of_device.group() not in kept
    assert printed.count(code_of_device.group()) == 2


@pytest.mark.parametrize(
    ("word", "asked", "reason"),
    [
        ("skip", 2, "blocked: the tester skipped the consent"),
        ("quit", 1, "blocked: the tester wanted no more consents in this run"),
    ],
)
def test_what_nobody_let_in_is_blocked(
    word: str, asked: int, reason: str, project: UserProject, running: Platform
) -> None:
    docs = ["endpoints/get_userinfo_0.md", "endpoints/get_userinfo_1.md"]

    code, printed = at_a_terminal(project, project.command(*docs, manual="attended"), lambda _: word, asks=is_waiting)

    assert code == 0, printed
    assert "2 skipped" in printed
    assert printed.count("Consent for ") == asked
    assert printed.count(reason) == 2
    assert not list((project.root / ".endpoint-docs/evidence").rglob("*.json"))


def test_nobody_is_asked_where_nobody_is(project: UserProject, running: Platform) -> None:
    run = project.run("endpoints/get_userinfo_0.md", manual="attended")

    assert run.counts(skipped=1), run.text
    assert "blocked: there is neither a terminal to ask a person nor a display for a browser" in run.text


def test_the_command_tries_it(project: UserProject, running: Platform) -> None:
    assert project.run(*items("D1")).counts(passed=1)

    tried = project.execute(CONSENT)

    assert tried.code == 0, tried.text + tried.errors
    assert "the device authorization endpoint answered with a device_code and a user_code" in tried.text
    assert "the token endpoint answered with access_token" in tried.text.splitlines()[-1]
    assert re.search(r"[A-Z]{4}-[A-Z]{4}", tried.text) is None

"""Whole runs without a code: one attempt at a password, one failure, and the rest says why it did not run."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from refusing_port import refusing_port
from user_project import DOC, Outcome, Platform, UserProject, platform

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_wrong_password_is_sent_once_in_a_run(running: Platform, tmp_path: Path, workers: str) -> None:
    project = UserProject(tmp_path, running)

    outcome = project.run(DOC, "-n", workers, environ={"SANDBOX_PASSWORD": "wrong horse"})

    assert running.logins == 1
    assert len(outcome.failed()) == 1, outcome.text
    assert "no code, see the consent that failed first: the login was rejected" in outcome.text


def test_a_client_that_the_server_does_not_know_fails_no_check(running: Platform, tmp_path: Path) -> None:
    project = UserProject(tmp_path, running)
    project.environment(
        "  token_auth: json", "  client_id: nobody\n  client_secret: ${SANDBOX_PASSWORD}\n  token_auth: json"
    )

    outcome = project.run(DOC, "-n", "0")

    # The doc's own request, and a step of it that reads the client; none of the checks.
    assert len(outcome.failed()) == 2, outcome.text
    assert "client-secret-is-shown-once" in outcome.failed()
    assert "no code, see the consent that failed first" in outcome.text


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_server_that_is_down_is_told_once(tmp_path: Path, workers: str) -> None:
    with platform() as running:
        project = UserProject(tmp_path, running)

    with refusing_port(urlsplit(running.sandbox.url).port or 0):
        outcome = project.run(DOC, "-n", workers)

    first = told_by(outcome, workers)
    assert (
        f"not run: no client, see what failed first: {first}: step resolve client_id: "
        f"{running.sandbox.url}/platform/v1/apps: connection refused; is the server running?" in outcome.text
    ), outcome.text
    assert " passed" not in outcome.text


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_redirect_uri_that_is_not_the_clients_is_told_once(running: Platform, tmp_path: Path, workers: str) -> None:
    project = UserProject(tmp_path, running)
    named(project, running)
    project.environment("redirect_uri: https://myapp.example.com/oauth/callback", "redirect_uri: https://other.example")

    outcome = project.run(DOC, "-n", workers)

    told_by(outcome, workers)
    assert "not run: no code, see the consent that failed first: nothing on the page grants" in outcome.text, (
        outcome.text
    )
    assert running.seen["GET /oauth/authorize"] == 1


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_secret_that_is_missing_is_told_once(running: Platform, tmp_path: Path, workers: str) -> None:
    project = UserProject(tmp_path, running)
    named(project, running)
    project.environment("client_secret: ${APP_SECRET}", "# no secret")

    outcome = project.run(DOC, "-n", workers)

    first = told_by(outcome, workers)
    assert "a consent needs client_secret, and neither the oauth block nor a doc gives it" in outcome.text
    assert f"not run: no client, see what failed first: {first}: " in outcome.text, outcome.text


def test_a_check_that_comes_first_tells_the_consent_as_the_doc_does(running: Platform, tmp_path: Path) -> None:
    project = UserProject(tmp_path, running)
    named(project, running)
    project.environment("redirect_uri: https://myapp.example.com/oauth/callback", "redirect_uri: https://other.example")

    outcome = project.run(DOC, "-n", "0", "-k", "T4")

    assert len(outcome.failed()) == 1
    for told in ("post_oauth_token.md:56: nothing on the page grants; ", "  done so far:\n", "  screenshot (secrets "):
        assert told in outcome.text, outcome.text


def told_by(outcome: Outcome, workers: str) -> str:
    """The one item that failed, as the others name it: the doc's request, or of two workers maybe a check by its id."""
    (first,) = outcome.failed()
    assert workers == "2" or first == "POST /oauth/token", outcome.text
    return first if first.startswith("POST ") else first.split()[0]


def named(project: UserProject, running: Platform) -> None:
    """Let the environment name a client that the server knows."""
    answer = requests.post(
        f"{running.sandbox.url}/platform/v1/apps",
        headers={"Authorization": f"Bearer {running.sandbox.settings.tokens['directory']}"},
        json={
            "name": "Named",
            "app_code_name": "named-by-the-environment",
            "redirect_uri": "https://myapp.example.com/oauth/callback",
            "scopes": ["openid"],
        },
        timeout=10,
    )
    client = answer.json()["data"]
    project.variables["APP_SECRET"] = client["client_secret"]
    project.environment(
        "  token_auth: json",
        f"  client_id: {client['client_id']}\n  client_secret: ${{APP_SECRET}}\n  token_auth: json",
    )

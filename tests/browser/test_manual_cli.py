"""``endpoint-docs consent``: a consent alone, and what a person does as a recipe."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from user_project import CONSENT, Platform, UserProject, items

pytestmark = pytest.mark.browser


def test_trying_a_consent_with_the_app_that_a_run_created(project: UserProject, running: Platform) -> None:
    without = project.execute(CONSENT)
    assert without.code == 2
    assert "the oauth block names no client, and no run has created one yet: give --client-id ID" in without.errors

    assert project.run(*items("POST /oauth/token", "T21")).counts(passed=2)
    tried = project.execute(CONSENT)

    assert tried.code == 0, tried.text + tried.errors
    assert "using the saved login" in tried.text
    assert 'click "Allow"' in tried.text
    assert "the token endpoint answered with access_token" in tried.text
    assert [secret for secret in running.secrets if secret in tried.text + tried.errors] == []
    assert (running.logins, running.apps) == (1, 2)


def test_the_code_of_a_public_client_is_exchanged_too(project: UserProject, running: Platform) -> None:
    directory = {"Authorization": f"Bearer {running.sandbox.settings.tokens['directory']}"}
    app = {"name": "Public", "app_code_name": "public-app", "redirect_uri": "https://myapp.example.com/oauth/callback"}
    asked = {**app, "scopes": ["openid"], "public": True}
    url = f"{running.sandbox.url}/platform/v1/apps"
    created = requests.post(url, headers=directory, json=asked, timeout=10).json()["data"]
    project.environment("  token_auth: json", f"  client_id: {created['client_id']}\n  token_auth: none")

    tried = project.execute(CONSENT)

    assert tried.code == 0, tried.text + tried.errors
    assert "the token endpoint answered with access_token" in tried.text


def test_where_requests_are_pushed_docs_checks_and_the_command_push_them(
    project: UserProject, running: Platform
) -> None:
    project.environment("  pkce: S256\n", "  pkce: S256\n  par_url: ${SANDBOX_URL}/oauth/par\n")

    run = project.run(*items("POST /oauth/token", "A1", "A4", "A5", "U1", "U2", "U5"))

    assert run.counts(passed=7), run.text
    tried = project.execute(CONSENT)
    assert tried.code == 0, tried.text + tried.errors
    # A consent for each, A1's six, the two attempts of U2 with one reference, and what A4 and A5 need first.
    assert running.seen["POST /oauth/par"] >= 12
    assert [secret for secret in running.secrets if secret in run.text + tried.text + tried.errors] == []


def test_what_a_person_does_becomes_a_recipe(project: UserProject, running: Platform) -> None:
    assert project.run(*items("POST /oauth/token")).counts(passed=1)
    running.has_person = True
    recipe = project.root / "fixtures/consent/recorded.yaml"

    recorded = project.execute(["xvfb-run", "-a", *CONSENT, "--fresh-login", "--record", str(recipe)])

    assert recorded.code == 0, recorded.text + recorded.errors
    assert "{{secret.password}}" in recipe.read_text()
    assert not any(secret in recipe.read_text() for secret in running.secrets)
    running.has_person = False
    project.environment("  pkce: S256\n", "  pkce: S256\n  recipe: ../consent/recorded.yaml\n")
    run = project.run("--endpoint-fresh-login", *items("POST /oauth/token", "A4", "A5"))
    assert run.counts(passed=2, skipped=1), run.text
    assert "no page of the recipe says how to refuse" in run.text


def test_a_window_needs_a_display(project: UserProject) -> None:
    tried = project.execute([*CONSENT, "--client-id", "app", "--headed"])
    assert tried.code == 1
    assert "this machine has no display" in tried.text


def test_the_sandbox_is_started_where_nobody_runs_one(tmp_path: Path) -> None:
    project = UserProject(tmp_path)

    tried = project.execute(CONSENT)

    assert tried.code == 0, tried.text + tried.errors
    assert "the token endpoint answered with access_token" in tried.text
    assert not (tmp_path / ".endpoint-docs").exists(), "nothing is kept of a platform that is gone"


def test_a_sandbox_that_is_started_has_no_client_to_choose(tmp_path: Path) -> None:
    tried = UserProject(tmp_path).execute([*CONSENT, "--client-id", "app-1"])

    assert tried.code == 2
    assert tried.errors.strip().endswith(
        "--client-id: a sandbox that is started here has no client yet; leave the option out"
    )
    assert tried.text == ""


def test_the_app_of_the_sandbox_is_created_with_the_credentials_of_the_environment(tmp_path: Path) -> None:
    project = UserProject(tmp_path)
    project.environment(
        "  directory: ${SANDBOX_DIRECTORY_TOKEN}",
        '  directory: {value: "${SANDBOX_DIRECTORY_TOKEN}", auth: "Other {token}"}',
    )

    tried = project.execute(CONSENT)

    assert (tried.code, tried.text) == (2, "")
    assert "the sandbox refused to create an app: 401" in tried.errors


def test_a_recording_needs_a_display(project: UserProject, running: Platform) -> None:
    tried = project.execute([*CONSENT, "--record", "recipe.yaml"])

    assert tried.code == 2
    assert "--record FILE writes down what you do in a browser window, and this machine has no display" in tried.errors
    assert running.seen.total() == 0

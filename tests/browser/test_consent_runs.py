"""Whole runs without a code: one attempt at a password, one failure, and the rest says why it did not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from user_project import DOC, Platform, UserProject, platform

pytestmark = pytest.mark.browser


@pytest.fixture
def running() -> Iterator[Platform]:
    with platform() as running:
        yield running


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

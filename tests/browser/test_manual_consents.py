"""The fixture ``oauth_consent``, what failures say, and that no secret gets out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from user_project import Platform, UserProject, items, platform

from pytest_endpoint_docs.sandbox.settings import SandboxSettings, User

pytestmark = pytest.mark.browser
OWN_TESTS = """
import pytest
from pytest_endpoint_docs.errors import ConsentError

def test_a_code(oauth_consent):
    grant = oauth_consent()
    assert (grant.scope, grant.redirect_uri) == ("openid", "https://myapp.example.com/oauth/callback")
    for secret in (grant.code, grant.state, grant.code_verifier):
        assert len(secret) >= 16 and secret not in repr(grant)

def test_a_refusal(oauth_consent):
    refused = oauth_consent(expect_error="access_denied")
    assert (refused.error, refused.state_matches) == ("access_denied", True)

def test_another_user_without_pkce_and_with_a_parameter(oauth_consent):
    grant = oauth_consent(user="bob", pkce="none", extra_params={"nonce": "n-0S6_WzA2Mj"})
    assert grant.code_verifier is None

def test_another_scope(oauth_consent):
    assert oauth_consent(scope="profile", expect_error="invalid_scope").error == "invalid_scope"

def test_a_code_where_an_error_was_expected(oauth_consent):
    with pytest.raises(ConsentError, match="a code came back, but the error invalid_scope was expected"):
        oauth_consent(expect_error="invalid_scope")

def test_an_error_where_a_code_was_expected(oauth_consent):
    with pytest.raises(ConsentError, match="unsupported_response_type"):
        oauth_consent(extra_params={"response_type": "made_up"})
"""
TWO_CODES = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_a_code(number, oauth_consent):
    assert oauth_consent().code
"""
SHOWS_EVERYTHING = """
def test_shows_everything(oauth_consent):
    grant = oauth_consent()
    code, verifier, parts = grant.code, grant.code_verifier, [grant, dict(grant.parameters)]
    print("printed", code, verifier)
    assert parts == [code, verifier]
"""


@pytest.fixture
def running() -> Iterator[Platform]:
    users = (User(username="alice@example.com"), User(username="bob@example.com", subject="usr_2"))
    with platform(settings=SandboxSettings(users=users)) as found:
        yield found


@pytest.fixture
def project(tmp_path: Path, running: Platform) -> UserProject:
    project = UserProject(tmp_path, running)
    project.environment("  users:\n", '  users:\n    bob: {username: bob@example.com, password: "${BOB_PASSWORD}"}\n')
    project.variables["BOB_PASSWORD"] = running.sandbox.settings.users[1].password
    return project


def test_a_failed_consent_is_told_at_the_line_that_asks_for_it(project: UserProject) -> None:
    asks = "def test_refused(oauth_consent):\n    oauth_consent(expect_error='invalid_scope')\n"
    project.write("tests/test_own.py", asks)

    run = project.run("tests")

    assert ">       oauth_consent(expect_error='invalid_scope')\nE       " in run.text
    assert "tests/test_own.py:2: ErrorNotReturned" in run.text
    assert "consent_session.py" not in run.text


def test_the_fixture_in_tests_of_ones_own(project: UserProject, running: Platform) -> None:
    project.write("tests/test_own.py", OWN_TESTS)
    run = project.run("tests")

    assert run.counts(passed=6), run.text
    assert running.logins == 2, "one login for each user"


def test_the_fixture_skips_in_mode_skip(project: UserProject, running: Platform) -> None:
    project.write("tests/test_own.py", OWN_TESTS)
    run = project.run("tests", manual="skip")

    assert run.counts(skipped=6), run.text
    assert "needs a person's consent: run with --endpoint-manual automated or attended" in run.text
    assert running.seen.total() == 0


def test_the_fixture_skips_where_an_earlier_consent_failed(project: UserProject, running: Platform) -> None:
    project.write("tests/test_own.py", TWO_CODES)

    run = project.run("tests", environ={"SANDBOX_PASSWORD": "not-this-one"})

    assert run.counts(failed=1, skipped=1), run.text
    assert "SKIPPED [1] tests/test_own.py" in run.text
    assert ": not run: no code, see the consent that failed first: the login was rejected" in run.text
    assert running.logins == 1


def test_the_fixture_skips_where_nobody_can_be_asked(project: UserProject, running: Platform) -> None:
    project.write("tests/test_own.py", TWO_CODES)

    run = project.run("tests", manual="attended")

    assert run.counts(skipped=2), run.text
    assert ": blocked: " in run.text
    assert running.seen["GET /oauth/authorize"] == 0


def test_what_is_missing_is_named(project: UserProject) -> None:
    project.write("tests/test_own.py", "def test_own(oauth_consent):\n    oauth_consent()\n")
    project.write("fixtures/environments/plain.yaml", "base_url: http://127.0.0.1:9\n")

    run = project.run("tests", env="plain")
    assert "environment plain: it has no oauth block; add one" in run.text

    run = project.run("tests", environ={"ENDPOINT_DOCS_BROWSER": "/nowhere/chromium"})
    assert "/nowhere/chromium" in run.text
    assert "ENDPOINT_DOCS_BROWSER" in run.text

    project.write("tests/test_own.py", "def test_own(oauth_consent):\n    oauth_consent(user='bobb')\n")
    run = project.run("tests")
    assert "bobb" in run.text
    assert "bob" in run.text.replace("bobb", "")

    project.environment('password: "${SANDBOX_PASSWORD}"', 'password: "${NOT_SET}"')
    run = project.run(*items("T1"))
    assert "NOT_SET" in run.text
    assert run.code == 1


@pytest.mark.parametrize("workers", [(), ("-n", "3")])
def test_a_wrong_password_is_tried_once(workers: tuple[str, ...], project: UserProject, running: Platform) -> None:
    names = items("POST /oauth/token", "T1", "T2", "A4")
    run = project.run(*workers, *names, environ={"SANDBOX_PASSWORD": "not-this-one"})

    assert run.counts(failed=1, skipped=3), run.text
    assert running.logins == 1
    assert "the login was rejected" in run.text
    assert "not run: no code, see the consent that failed first" in run.text
    assert "screenshot (secrets masked)" in run.text
    assert "not-this-one" not in run.text
    assert running.seen["GET /oauth/authorize"] == 1, "the walk is not repeated"


def test_an_app_that_was_created_elsewhere(project: UserProject, running: Platform) -> None:
    assert project.run(*items("POST /oauth/token")).counts(passed=1)
    shutil.rmtree(project.root / ".endpoint-docs")

    run = project.run(*items("POST /oauth/token"))

    assert (
        "POST /platform/v1/apps answered 409 CONFLICT: it exists already, and its secret is shown only once" in run.text
    )
    assert "give the environment's oauth block its client_id and client_secret" in run.text


@pytest.mark.parametrize(
    ("flaws", "fewest"),
    [
        pytest.param(("expires-in-text", "code-reusable"), 20, id="consents succeed"),
        pytest.param(("state-dropped", "iss-wrong"), 10, id="consents fail"),
    ],
)
def test_no_secret_gets_out(flaws: tuple[str, ...], fewest: int, tmp_path: Path) -> None:
    with platform(*flaws) as running:
        project = UserProject(tmp_path, running)
        project.write("tests/test_own.py", SHOWS_EVERYTHING)
        loud = (
            "-vv",
            "--showlocals",
            "--junitxml=junit.xml",
            "--endpoint-results=results.json",
            "-o",
            "junit_logging=all",
        )

        runs = [
            project.run(
                *loud, *items("POST /oauth/token", "code-is-single-use", "T1", "T4", "T7", "T18", "A4", "A6"), "tests"
            ),
            project.run(*loud, "--endpoint-fresh-login", *items("T1"), environ={"SANDBOX_PASSWORD": "not-this-one"}),
        ]
        project.environment("issuer: ${SANDBOX_URL}", "# issuer")
        runs.append(project.run(*loud, *items("POST /oauth/token", "T5"), "tests"))

        secrets = running.secrets | {"not-this-one"} | set(running.sandbox.settings.tokens.values())
    assert len(secrets) >= fewest
    assert [run.code for run in runs] == [1, 1, 1]
    assert "the login was rejected" in runs[1].text
    written = [
        file.read_text(errors="replace")
        for file in tmp_path.rglob("*")
        if file.is_file() and not {"sessions", "apps", "tokens"} & set(file.parts)
    ]
    told = "\n".join([*(run.text + run.errors for run in runs), *written])
    assert "printed" in told
    assert [secret for secret in secrets if secret in told] == []

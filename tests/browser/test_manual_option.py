"""``--endpoint-manual automated`` as its user runs it: real browser, real pytest process, the sandbox as the server."""

from __future__ import annotations

import html
import json
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from corpus_folder import CORPUS, needs_corpus
from user_project import DOC, ROOT, USES_A_TOKEN, Platform, UserProject, items, platform

from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS
from pytest_endpoint_docs.sandbox.flaws.planting import FLAW_CHECKS
from pytest_endpoint_docs.sandbox.running import Sandbox
from pytest_endpoint_docs.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.browser
EXCHANGE = items("POST /oauth/token")
KINDS_OF_FLAWS = (
    "code-reusable",
    "redirect-uri-prefix",
    "secret-not-checked",
    "pkce-ignored",
    "expires-in-text",
    "no-no-store",
    "state-dropped",
    "credentials-in-uri",
    "other-clients-code",
)


@pytest.fixture(scope="module")
def running() -> Iterator[Platform]:
    """A sandbox that no test of this module harms."""
    with platform() as found:
        yield found


def records(project: UserProject) -> dict[str, Any]:
    """The items of the project's ``results.json`` by name."""
    found = json.loads((project.root / "results.json").read_text(encoding="utf-8"))
    return {item["nodeid"].partition("::")[2]: item for item in found["items"]}


def new_client(sandbox: Sandbox, code_name: str) -> dict[str, str]:
    import requests

    answer = requests.post(
        f"{sandbox.url}/platform/v1/apps",
        headers={"Authorization": f"Bearer {sandbox.settings.tokens['directory']}"},
        json={
            "name": "Fixed",
            "app_code_name": code_name,
            "redirect_uri": "https://myapp.example.com/oauth/callback",
            "scopes": ["openid"],
        },
        timeout=10,
    )
    client: dict[str, str] = answer.json()["data"]
    return client


def fixed_client(project: UserProject, sandbox: Sandbox) -> None:
    """Give the environment a client of its own."""
    answer = new_client(sandbox, project.root.name)
    project.environment(
        "  # No client_id:", f"  client_id: {answer['client_id']}\n  client_secret: ${{OWN_SECRET}}\n  #"
    )
    project.variables["OWN_SECRET"] = answer["client_secret"]


def test_all_docs_of_the_sandbox_that_need_a_person(tmp_path: Path) -> None:
    project = UserProject(tmp_path)
    shutil.copytree(ROOT / "endpoints", tmp_path / "endpoints", dirs_exist_ok=True)

    run = project.run("-m", "requires_manual_testing", "-n", "2", "--endpoint-results", "results.json", "endpoints")

    assert run.failed() == set(), run.text
    assert run.code == 0, run.text
    ran = records(project)
    assert {check.name for check in CHECKS} <= set(ran)
    skipped = {name: item["reason"] for name, item in ran.items() if item["outcome"] != "passed"}
    assert skipped == {
        "R2 refresh token of a public client is replaced": (
            "not run: the client authenticates when it refreshes, so its refresh tokens need not be replaced"
        ),
        "T20 JSON body is refused": "not run: the doc sends its token requests as JSON",
    }


@needs_corpus
def test_the_original_doc_passes_as_it_is(tmp_path: Path) -> None:
    original = CORPUS / "old/platform_administration/post_oauth_token.md"
    with platform() as running:
        project = UserProject(tmp_path, running)
        project.write(DOC, original.read_text(encoding="utf-8"))
        run = project.run(DOC)
        assert run.code == 0, run.text
        assert running.seen["POST /oauth/token"] > 0
        assert (running.logins, running.apps) == (2, 2), "one login of the run, one that A7 and A8 look at"


def test_one_browser_login_and_app_for_all_runs(tmp_path: Path) -> None:
    with platform() as running:
        project = UserProject(tmp_path, running)
        project.write("endpoints/get_oauth_userinfo.md", USES_A_TOKEN)
        project.write("endpoints/get_oauth_userinfo_again.md", USES_A_TOKEN)
        arguments = [*items("POST /oauth/token", "T1", "A4", "T21"), "endpoints/get_oauth_userinfo.md"]
        asked = [*arguments, "endpoints/get_oauth_userinfo_again.md"]

        first = project.run(*asked)
        assert first.counts(passed=6), first.text
        assert (running.logins, running.apps) == (1, 2), "the doc's client, and another one for T21"
        exchanges = running.seen["POST /oauth/token"]

        again = project.run(*asked[-2:])
        assert again.counts(passed=2), again.text
        assert (running.logins, running.apps) == (1, 2)
        assert running.seen["POST /oauth/token"] == exchanges + 1, "the kept app is tried once; the token is kept"

        assert project.run(*EXCHANGE).counts(passed=1)
        assert (running.logins, running.apps) == (1, 2)

        assert project.run("--endpoint-fresh-login", *arguments[:2]).counts(passed=2)
        assert (running.logins, running.apps) == (2, 2), "logged in anew, once"

    kept = [
        file for name in ("sessions", "apps", "tokens") for file in (tmp_path / ".endpoint-docs" / name).glob("*.json")
    ]
    assert len(kept) >= 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}


def test_parallel_workers_share_a_login(tmp_path: Path) -> None:
    with platform() as running:
        project = UserProject(tmp_path, running)
        run = project.run("-n", "4", *items("POST /oauth/token", "T1", "T2", "T4", "T5", "T21", "A4", "A6"))
        assert run.counts(passed=8), run.text
        assert (running.logins, running.apps) == (1, 2)


def test_an_app_that_the_server_no_longer_knows_is_created_anew(tmp_path: Path) -> None:
    with platform() as running:
        port, settings = running.port, running.sandbox.settings
        project = UserProject(tmp_path, running)
        assert project.run(*EXCHANGE, *items("T21")).counts(passed=2)

    with platform(settings=settings, port=port) as running:
        run = project.run(*EXCHANGE, *items("T21"))
        assert run.counts(passed=2), run.text
        assert (running.logins, running.apps) == (1, 2)


@pytest.mark.parametrize("flaw", KINDS_OF_FLAWS)
def test_a_planted_flaw_fails_the_items_of_its_checks(flaw: str, tmp_path: Path) -> None:
    others = {"T1", "T2", "T8", "A4"}
    names = sorted(others | set(FLAW_CHECKS[flaw]))
    with platform(flaw) as running:
        run = UserProject(tmp_path, running).run(*items(*names))
    assert {name.partition(" ")[0] for name in run.failed()} == set(FLAW_CHECKS[flaw]), run.text
    assert "RFC " in run.text


def test_policies_of_the_environment(tmp_path: Path) -> None:
    with platform("no-no-store", "duplicate-parameter", "redirect-uri-optional-at-exchange") as running:
        project = UserProject(tmp_path, running)
        names = items("T2", "T6", "T16")

        found = project.run(*names)
        assert {name.partition(" ")[0] for name in found.failed()} == {"T2"}, found.text

        strict = project.run("--endpoint-oauth-strict", *names)
        assert {name.partition(" ")[0] for name in strict.failed()} == {"T2", "T6", "T16"}

        project.environment(
            "  scope: openid\n", '  scope: openid\n  checks: {T2: warn, T6: ignore, T16: "known: TICKET-1"}\n'
        )
        held = project.run("--endpoint-oauth-strict", "--endpoint-results", "results.json", *names)
        assert held.counts(passed=2, skipped=1), held.text
        assert "the environment ignores it (oauth.checks: T6: ignore)" in held.text
        (t16,) = (item for name, item in records(project).items() if name.startswith("T16 "))
        assert t16["mismatches"][0]["known"] == "TICKET-1"

        project.environment("T6: ignore", "T66: ignore")
        wrong = project.run(*items("T1"))
        assert wrong.code == 1
        assert re.search(r"sandbox\.yaml:\d+: oauth\.checks: there is no check T66; did you mean T6", wrong.text)


def test_what_only_warns_is_told_everywhere(tmp_path: Path) -> None:
    with platform("no-no-store", "redirect-uri-optional-at-exchange") as running:
        project = UserProject(tmp_path, running)
        project.environment("  scope: openid\n", "  scope: openid\n  checks: {T2: warn}\n")
        reports = ("--junitxml=junit.xml", "--endpoint-report=report.md", "--endpoint-report=report.html")
        run = project.run(*reports, "--endpoint-results=results.json", *items("T2", "T6"))

    a_must = (
        "T2 token response is not cached: RFC 6749 section 5.1: an answer with tokens tells caches not to keep it: "
        "expected Cache-Control: no-store, got no Cache-Control field (a MUST; oauth.checks has T2: warn)"
    )
    a_should = (
        "T6 redirect_uri of the exchange is required: RFC 6749 section 4.1.3: a redirect_uri that the authorization "
        "request had is required in the token request: expected 400 and no token, got 200 with an access token"
    )
    assert run.counts(passed=2), run.text
    assert "warning: 2 violations, reported as warnings only:" in run.text
    for told in (a_must, a_should):
        assert told in run.text
        assert html.escape(told) in (project.root / "junit.xml").read_text()
        assert told in (project.root / "report.md").read_text().replace("\\", "")
        assert html.escape(told) in (project.root / "report.html").read_text()
    found = {one["message"].partition("\n")[0]: one["severity"] for one in _mismatches(project)}
    assert found == {a_must: "warn", a_should: "warn"}


def _mismatches(project: UserProject) -> list[dict[str, Any]]:
    return [found for item in records(project).values() for found in item["mismatches"]]


def test_an_environment_with_a_client_of_its_own(project: UserProject, running: Platform) -> None:
    fixed_client(project, running.sandbox)
    apps = running.apps

    run = project.run(*EXCHANGE, *items("T1", "T21"))

    assert run.counts(passed=2, skipped=1), run.text
    assert "not run: the environment names its client, and no second one" in run.text
    assert running.apps == apps


def test_the_environment_says_what_checks_need_to_know(tmp_path: Path) -> None:
    with platform(settings=SandboxSettings(code_lifetime_s=1, flaws=frozenset(["token-survives-reuse"]))) as running:
        project = UserProject(tmp_path, running)
        fixed_client(project, running.sandbox)
        second = new_client(running.sandbox, "second-of-the-environment")
        project.variables["SECOND_SECRET"] = second["client_secret"]
        project.environment(
            "  code_lifetime_s: 15",
            f"  second_client: {{client_id: {second['client_id']}, client_secret: '${{SECOND_SECRET}}'}}\n"
            "  protected_resource: ${SANDBOX_URL}/oauth/userinfo\n"
            "  code_lifetime_s: 1",
        )
        live = project.root / "fixtures/environments/live.yaml"
        live.write_text(project.environment_file.read_text())

        run = project.run("--endpoint-oauth-strict", *items("T4", "T15", "T21"), env="live")

    assert run.counts(failed=1, passed=2), run.text
    assert "401 for the first access token, got 200: the first access token still works" in run.text


BY_BASIC = """---
endpoint: POST /oauth/token
status: verified
---
# Exchange a code, the client in the Authorization field

## Test Request

```yaml
steps:
  - id: exchange
    method: POST
    path: /oauth/token
    auth: basic
    token: client
    content_type: form
    body:
      grant_type: authorization_code
      code: "{{oauth.code}}"
      code_verifier: "{{oauth.code_verifier}}"
      redirect_uri: "{{oauth.redirect_uri}}"
    expect: {status: 200}
```
"""


def test_a_step_with_the_clients_credentials(project: UserProject) -> None:
    doc = project.write("endpoints/by_basic.md", BY_BASIC)
    run = project.run("endpoints/by_basic.md")
    assert run.counts(passed=1), run.text

    doc.write_text(BY_BASIC.replace("{status: 200}", "{status: 201}"))
    run = project.run("endpoints/by_basic.md")
    assert run.counts(failed=1), run.text
    assert "$CLIENT_CREDENTIALS" in run.text
    assert "Basic " not in run.text.replace("Basic $", "")

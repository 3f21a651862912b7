"""No secret of a login, a consent or a token endpoint reaches what ``endpoint-docs consent`` or a run tells.

Each case has a secret in every place where that server can put one; with the boundary off, its own are found.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from canaries import canary, hits, planted, searched
from local_site import Answer, Asked, Site, html, to

pytestmark = pytest.mark.browser

MAIN = "import sys; from pytest_endpoint_docs.cli.main import main; sys.exit(main())"
OFF = """
import pytest_endpoint_docs.redaction.redactor as off
off.Redactor.text = lambda self, text: text
"""
ENVIRONMENT = """\
base_url: URL
writes: true
oauth:
  authorize_url: URL/authorize
  token_url: URL/token
  client_id: app
  client_secret: ${CLIENT_SECRET}
  redirect_uri: http://127.0.0.1:1/cb
  timeout_s: 8
  users: {default: {username: "${TESTER_NAME}", password: "${TESTER_PASSWORD}"}}
"""
ENVIRON = {name: canary(name) for name in ("CLIENT_SECRET", "TESTER_NAME", "TESTER_PASSWORD")}
LOGIN = (
    "<h1>Log in</h1><form method=post action=/login><label>User name <input name=username></label>"
    "<label>Password <input name=password type=password></label><button>Log in</button></form>"
)
CONSENT = (
    "<h1>Allow the app?</h1><form method=post action=/decide><input type=hidden name=csrf value=<<csrf>>>"
    "<button name=decision value=deny>Cancel</button>"
    "<button name=decision value=allow>Allow, access_token=<<label>></button></form>"
)
DEAD_END = (
    "<h1>api_key: <<heading>></h1><p>client_secret=<<CLIENT_SECRET>>, password: <<TESTER_PASSWORD>></p>"
    "<a href='/elsewhere?token=<<link>>'>session_token=<<link-text>></a>"
    "<input name=x placeholder='otp: <<placeholder>>'>"
)
TOKENS = {
    "token_type": "Bearer",
    **{name: f"<<{name}>>" for name in ("access_token", "refresh_token", "id_token")},
    "token=<<member>>": 1,
}
REFUSED = {
    "error": "invalid_grant",
    "error_description": "code <<code>> of <<CLIENT_SECRET>>, access_token=<<described>>",
    "error_uri": "https://x.example/?token=<<error-uri>>",
}


class Server:
    """Login, consent and token endpoint; ``places`` gets the secrets that it knows."""

    def __init__(self, site: Site, places: dict[str, str], case: str) -> None:
        self.places, self.case = places, case
        self.asked: Asked | None = None
        pages: dict[str, Callable[[Asked], Answer]] = {
            "/authorize": self.authorize,
            "/login": self.login,
            "/decide": self.decide,
            "/token": self.token,
        }
        site.pages |= pages

    def page(self, body: str) -> Answer:
        return html(planted(body, self.places), title=planted("secret=<<title>>", self.places))

    def authorize(self, asked: Asked) -> Answer:
        self.asked = self.asked or asked
        return self.page(CONSENT if "who" in asked.cookies else LOGIN)

    def login(self, asked: Asked) -> Answer:
        if self.case == "login":
            return self.page(f"<p role=alert>Wrong password: {asked.form['password']}, token=<<alert>></p>{LOGIN}")
        fields = {"Set-Cookie": planted("who=<<cookie>>; Path=/", self.places)}
        return to(planted("/authorize?session_token=<<address>>", self.places), **fields)

    def decide(self, asked: Asked) -> Answer:
        assert self.asked is not None
        query = self.asked.query
        if self.case == "dead end":
            return self.page(DEAD_END)
        given = {"code": "<<code>>", "state": query["state"]}
        if self.case == "error":
            given = {"error": "access_denied", "error_description": "token=<<denied>>", "state": query["state"]}
        if self.case == "state":
            given["state"] = "<<other-state>>"
        return to(f"{query['redirect_uri']}?{urlencode({name: planted(v, self.places) for name, v in given.items()})}")

    def token(self, asked: Asked) -> Answer:
        self.places["verifier"] = asked.form.get("code_verifier", canary("verifier"))
        told = REFUSED if self.case == "token" else TOKENS
        body = planted(json.dumps(told), self.places)
        return Answer(
            status=400 if self.case == "token" else 200, body=body, headers={"Content-Type": "application/json"}
        )


@pytest.fixture
def places() -> dict[str, str]:
    return dict(ENVIRON)


def run(folder: Path, site: Site, *command: str) -> tuple[int, dict[str, str]]:
    """Run a command in the project. Returns: its exit code; what it wrote for others, decoded, by where it stands."""
    file = folder / "fixtures/environments/test.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(ENVIRONMENT.replace("URL", site.origin))
    result = subprocess.run(
        [sys.executable, *command], cwd=folder, env=os.environ | ENVIRON, capture_output=True, timeout=120, check=False
    )
    written = {"stdout": searched(result.stdout), "stderr": searched(result.stderr)}
    for path in sorted(folder.rglob("*")):
        is_private = path.is_file() and not stat.S_IMODE(path.stat().st_mode) & 0o077
        # Logins and tokens that are kept are for their owner; the docs and the environment hold what is in them.
        if path.is_file() and not is_private and "fixtures" not in path.parts and path.suffix != ".pyc":
            written[path.relative_to(folder).as_posix()] = searched(path.read_bytes())
            written["names"] = written.get("names", "") + path.name
    return result.returncode, written


CASES = {"": 0, "login": 1, "dead end": 1, "error": 1, "state": 1, "token": 1}


@pytest.mark.parametrize(("case", "code"), CASES.items())
def test_the_command_tells_no_secret(tmp_path: Path, site: Site, places: dict[str, str], case: str, code: int) -> None:
    Server(site, places, case)
    ended, written = run(tmp_path, site, "-c", MAIN, "consent", "--env", "test")
    assert hits(written, places) == {}
    assert (ended, written["stderr"]) == (code, searched(b""))
    told = {"": "token endpoint answered with", "login": "wrong password", "dead end": "screenshot:"}
    assert told.get(case, "") in written["stdout"]


@pytest.mark.parametrize("case", [case for case in CASES if case != "state"])
def test_with_the_boundary_off_it_does(tmp_path: Path, site: Site, places: dict[str, str], case: str) -> None:
    Server(site, places, case)
    _, written = run(tmp_path, site, "-c", OFF + MAIN, "consent", "--env", "test")
    assert hits({"stdout": written["stdout"]}, places)


DOC = """---
endpoint: POST /token
status: verified
tags: [requires-manual-testing]
---
# Tokens

## Test Request

```yaml
steps:
  - id: main
    method: POST
    path: /token
    content_type: form
    body:
      grant_type: authorization_code
      code: "{{oauth.code}}"
      redirect_uri: "{{oauth.redirect_uri}}"
      code_verifier: "{{oauth.code_verifier}}"
      client_id: "{{oauth.client_id}}"
      client_secret: "{{oauth.client_secret}}"
    expect: {status: 299}
```
"""


def run_with_evidence(folder: Path, site: Site, *, before: str = "") -> dict[str, str]:
    """Run a doc with a consent, and show its evidence; ``before`` is code that runs first in each process."""
    (folder / "conftest.py").write_text(before)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "endpoints").mkdir()
    (folder / "endpoints/token.md").write_text(DOC)
    some = ("--endpoint-env", "test", "--endpoint-manual", "automated", "--endpoint-results=results.json", "-rA")
    ended, written = run(folder, site, "-m", "pytest", "endpoints", "-k", "POST", "-p", "no:randomly", *some)
    assert ended == 1, written["stdout"]
    assert "expected status 299, got 200" in written["stdout"]
    assert any(name.startswith(".endpoint-docs/evidence/") for name in written)
    for form in ("text", "overview", "json"):
        ended, shown = run(folder, site, "-c", before + MAIN, "evidence", "endpoints", "--format", form)
        assert ended == 0
        written[form] = shown["stdout"] + shown["stderr"]
    assert "expected status 299" in written["text"]
    return written


def test_evidence_of_a_consent_and_what_shows_it_hold_no_secret(
    tmp_path: Path, site: Site, places: dict[str, str]
) -> None:
    Server(site, places, "")
    assert hits(run_with_evidence(tmp_path, site), places) == {}


def test_with_the_boundary_off_evidence_holds_some(tmp_path: Path, site: Site, places: dict[str, str]) -> None:
    Server(site, places, "")
    found = hits(run_with_evidence(tmp_path, site, before=OFF), places)
    assert [name for name in found if name.startswith(".endpoint-docs/evidence/")]
    assert {"results.json", "json"} <= found.keys()

"""A project with the doc of the sandbox's token endpoint, and sandboxes that count what they are asked."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pytest_endpoint_docs.sandbox.running import Sandbox
from pytest_endpoint_docs.sandbox.settings import SandboxSettings

ROOT = Path(__file__).resolve().parents[2]
DOC = "endpoints/platform_administration/post_oauth_token.md"
APPS_DOC = "endpoints/platform_administration/post_platform_v1_apps.md"
PYTEST_INI = "[pytest]\naddopts = --strict-markers -p no:cacheprovider\nfilterwarnings = error\n"
CONSENT = [str(Path(sys.executable).with_name("endpoint-docs")), "consent", "--env", "sandbox"]
USES_A_TOKEN = """---
endpoint: GET /oauth/userinfo
status: verified
---
# Who consented

## Test Request

```yaml
steps:
  - id: userinfo
    method: GET
    path: /oauth/userinfo
    token: none
    headers: {Authorization: "Bearer {{oauth.access_token}}"}
    expect: {status: 200, body: {preferred_username: alice@example.com}}
```
"""


PERSON = """<script>setTimeout(() => {
  const put = (name, text) => document.querySelectorAll(`[name=${name}]`).forEach((input) => { input.value = text; });
  put('username', 'alice@example.com'); put('password', '%s');
  [...document.querySelectorAll('button')].find((button) => /Log in|Allow/.test(button.textContent)).click();
}, 200)</script>"""


class Platform:
    """A sandbox that outlives the runs against it, and what it saw of them.

    ``seen`` counts requests as ``METHOD /path``; ``secrets`` are the codes, verifiers, tokens and client secrets that
    went through it. ``stall`` is a path that is answered only when ``go_on`` is set. ``has_person``: its pages fill
    themselves in, as a person at the browser would.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.seen: Counter[str] = Counter()
        self.secrets: set[str] = {user.password for user in sandbox.settings.users}
        self.stall = ""
        self.go_on = threading.Event()
        self.has_person = False
        self._answer = sandbox._server.app
        sandbox._server.app = self._watched

    @property
    def logins(self) -> int:
        return self.seen["POST /login"]

    @property
    def apps(self) -> int:
        return self.seen["POST /platform/v1/apps"]

    @property
    def port(self) -> int:
        return int(self.sandbox.url.rpartition(":")[2])

    def _watched(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.seen[f"{environ['REQUEST_METHOD']} {path}"] += 1
        if path == self.stall:
            self.go_on.wait(60)
        if environ["REQUEST_METHOD"] == "POST":
            sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(sent)
            self._learn(sent)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            for name, value in headers:
                if name.lower() == "location":
                    self.secrets.update(parse_qs(urlsplit(value).query).get("code", ()))
            hidden = ("content-security-policy", "content-length") if self.has_person else ()
            return start_response(
                status, [(name, value) for name, value in headers if name.lower() not in hidden], *more
            )

        content = b"".join(self._answer(environ, start))
        self._learn(content)
        if self.has_person and b"<form" in content:
            content += (PERSON % self.sandbox.settings.users[0].password).encode()
        return [content]

    def _learn(self, content: bytes) -> None:
        names = r'"(?:code_verifier|client_secret|access_token|refresh_token|id_token|request_uri)"'
        for value in re.findall(names + r'\s*:\s*"([^"]+)"', content.decode(errors="replace")):
            self.secrets.add(value)


@contextmanager
def platform(*flaws: str, settings: SandboxSettings | None = None, port: int = 0) -> Iterator[Platform]:
    """A sandbox, with flaws or with settings of its own."""
    with Sandbox.start(settings or SandboxSettings(flaws=frozenset(flaws)), port) as sandbox:
        running = Platform(sandbox)
        try:
            yield running
        finally:
            running.go_on.set()


@dataclass(frozen=True)
class Outcome:
    """What a run printed, and how it ended."""

    code: int
    text: str
    errors: str = ""

    def counts(self, **expected: int) -> bool:
        """Whether the last line says this: ``counts(passed=3, skipped=1)``."""
        last = self.text.rstrip().rpartition("\n")[2]
        words = last.replace(",", "").replace("=", "").split()
        pairs = itertools.pairwise(words)
        found = {
            name.rstrip("s") if name == "warnings" else name: int(count) for count, name in pairs if count.isdigit()
        }
        return {name: found[name] for name in found if name != "deselected"} == expected

    def failed(self) -> set[str]:
        """The names of the items that failed, without the path."""
        lines = (line for line in self.text.splitlines() if line.startswith(("FAILED ", "ERROR ")))
        return {line.partition("::")[2].partition(" - ")[0] for line in lines}


class UserProject:
    """The project of a user: ``run`` runs pytest in a process of its own."""

    def __init__(self, root: Path, running: Platform | None = None) -> None:
        self.root = root
        self.variables = dict(running.sandbox.environ()) if running else {}
        shutil.copytree(ROOT / "fixtures", root / "fixtures")
        self.write("pytest.ini", PYTEST_INI)
        for doc in (DOC, APPS_DOC):
            self.write(doc, (ROOT / doc).read_text(encoding="utf-8"))

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    @property
    def environment_file(self) -> Path:
        return self.root / "fixtures/environments/sandbox.yaml"

    def environment(self, old: str, new: str) -> None:
        """Change the environment's file."""
        text = self.environment_file.read_text(encoding="utf-8")
        assert old in text
        self.environment_file.write_text(text.replace(old, new), encoding="utf-8")

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SANDBOX_"))}
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            kept.pop(name, None)
        return {**kept, **self.variables, **(more or {})}

    def command(self, *arguments: str, manual: str = "automated", env: str = "sandbox") -> list[str]:
        options = ["--endpoint-manual", manual, "--endpoint-env", env]
        return [sys.executable, "-m", "pytest", "-rfEsxX", "--color=no", *options, *arguments]

    def run(
        self, *arguments: str, manual: str = "automated", env: str = "sandbox", environ: Mapping[str, str] | None = None
    ) -> Outcome:
        return self.execute(self.command(*arguments, manual=manual, env=env), environ)

    def execute(self, command: Sequence[str], environ: Mapping[str, str] | None = None) -> Outcome:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environ(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            start_new_session=True,  # without the terminal that these tests may run at
        )
        return Outcome(done.returncode, done.stdout, done.stderr)


def items(*names: str) -> list[str]:
    """Node ids of the doc's items that begin with these words (``T4``) or are these."""
    from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS

    titles = {check.id: check.name for check in CHECKS}
    return [f"{DOC}::{titles.get(name, name)}" for name in names]

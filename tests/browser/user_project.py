"""A project with the doc of the sandbox's token endpoint, and sandboxes that count what they are asked."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.sandbox import Sandbox, SandboxSettings

ROOT = Path(__file__).resolve().parents[2]
DOC = "endpoints/platform_administration/post_oauth_token.md"
APPS_DOC = "endpoints/platform_administration/post_platform_v1_apps.md"
PYTEST_INI = "[pytest]\naddopts = --strict-markers -p no:cacheprovider\nfilterwarnings = error\n"


@dataclass
class Platform:
    """A sandbox that outlives the runs against it; ``seen`` counts requests as ``METHOD /path``."""

    sandbox: Sandbox
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def logins(self) -> int:
        return self.seen["POST /login"]

    @property
    def apps(self) -> int:
        return self.seen["POST /platform/v1/apps"]


@contextmanager
def platform(*flaws: str, settings: SandboxSettings | None = None, port: int = 0) -> Iterator[Platform]:
    """A sandbox, with flaws or with settings of its own."""
    with Sandbox.start(settings or SandboxSettings(flaws=frozenset(flaws)), port) as sandbox:
        running = Platform(sandbox)
        answer = sandbox._server.app

        def counted(environ: dict[str, Any], start_response: Any) -> Any:
            running.seen[f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"] += 1
            return answer(environ, start_response)

        sandbox._server.app = counted
        yield running


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
        kept.pop("DISPLAY", None)
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
        )
        return Outcome(done.returncode, done.stdout, done.stderr)


def items(*names: str) -> list[str]:
    """Node ids of the doc's items that begin with these words (``T4``) or are these."""
    from pytest_endpoint_docs.oauth.checks import CHECKS

    titles = {check.id: check.name for check in CHECKS}
    return [f"{DOC}::{titles.get(name, name)}" for name in names]

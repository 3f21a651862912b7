"""No secret reaches any output: one in every place, every kind of failure, every output, decoded and searched.

And the search would notice: with the boundary off, each is found; with a part of it off, some are.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from canaries import (
    ANSWERS,
    CONFTEST,
    DOCS,
    DOTENV,
    ENVIRON,
    ENVIRONMENT,
    OWN_TEST,
    STATUS,
    answering,
    found_in,
    hits,
    planted,
    searched,
)

# Values that a doc's variables and a hook give have names of their own.
_VARIABLES = re.compile(r"\{\{((?:sent|form)_[\w-]+)\}\}")


@dataclass
class Canaries:
    """The project: ``places`` are the secrets by the names of their places, ``own`` the files that hold them."""

    pytester: pytest.Pytester
    url: str
    places: dict[str, str] = field(default_factory=dict)
    own: set[Path] = field(default_factory=set)

    def write(self, path: str, text: str) -> None:
        file = self.pytester.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(planted(text, self.places), encoding="utf-8")
        self.own.add(file)

    def build(self, switched_off: str = "") -> None:
        """Write the project; ``switched_off`` is code of its conftest.py."""
        self.write("pytest.ini", "[pytest]\n")
        self.write(".env", DOTENV)
        self.write("fixtures/environments/test.yaml", ENVIRONMENT.replace("URL", self.url))
        for name, steps in DOCS.items():
            written = json.dumps({"steps": steps})
            endpoint = f"{steps[-1]['method']} {str(steps[-1]['path']).partition('?')[0]}"
            self.write(
                f"endpoints/{name}.md",
                f"---\nendpoint: {endpoint}\nstatus: verified\n---\n# Doc\n\n## Test Request\n\n"
                f"```yaml\n{written}\n```\n",
            )
        names = {name for steps in DOCS.values() for name in _VARIABLES.findall(json.dumps(steps))}
        variables = {name: f"<<{name}>>" for name in sorted(names)}
        self.write("conftest.py", CONFTEST.format(variables=variables, vault="<<VAULT>>", switched_off=switched_off))
        self.write("tests/test_own.py", OWN_TEST)

    def run(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, str]:
        """Run pytest in a process of its own. Returns: what it wrote, decoded, by where it stands."""
        return {where: searched(content) for where, content in self.written(monkeypatch, *arguments).items()}

    def written(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, bytes]:
        """Run pytest in a process of its own. Returns: what it wrote, by where it stands."""
        # The run is nobody's worker, also where pytest-xdist runs this test.
        monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
        for name, value in ENVIRON.items():
            monkeypatch.setenv(name, planted(value, self.places))
        result = self.pytester.runpytest_subprocess("--endpoint-env", "test", "-p", "no:randomly", *arguments)
        assert result.ret == pytest.ExitCode.TESTS_FAILED, result.stdout.str()
        written = {"terminal": result.stdout.str().encode(), "stderr": result.stderr.str().encode()}
        for file in sorted(self.pytester.path.rglob("*")):
            is_own = file in self.own or "__pycache__" in file.parts or file.name.startswith("runpytest")
            if file.is_file() and not is_own and file.name not in ("stdout", "stderr"):
                written[file.relative_to(self.pytester.path).as_posix()] = file.read_bytes()
        return written


@pytest.fixture
def canaries(pytester: pytest.Pytester) -> Iterator[Canaries]:
    """The project, and its server."""
    places: dict[str, str] = {}
    answers = {name: (planted(fields, places), planted(body, places)) for name, (fields, body) in ANSWERS.items()}
    with answering(answers, {name: planted(status, places) for name, status in STATUS.items()}) as url:
        yield Canaries(pytester, url, places)


EVERYTHING = (
    *("-vv", "-rA", "--showlocals", "--tb=long", "-o", "log_cli=true", "--log-level=DEBUG"),
    *("--log-file=run.log", "--log-file-level=DEBUG", "--junitxml=junit.xml", "-o", "junit_logging=all"),
    *("--endpoint-results=results.json", "--endpoint-report=report.html", "--endpoint-report=report.md"),
)
OUTPUTS = {
    "terminal",
    "stderr",
    "run.log",
    "junit.xml",
    "results.json",
    "report.html",
    "report.md",
    "reader-main.pickle",
    ".pytest_cache/v/cache/lastfailed",
    ".pytest_cache/v/cache/nodeids",
}
LEAST_PLACES = 105


@pytest.mark.parametrize(
    "arguments",
    [
        EVERYTHING,
        ("--tb=native", "--full-trace", "-rA"),
        ("--tb=line", "-q"),
        (*EVERYTHING, "-n", "2"),
    ],
    ids=["everything", "native", "line", "workers"],
)
def test_no_output_holds_a_secret(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    canaries.build()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    written = canaries.run(monkeypatch, "endpoints", "tests", *arguments)
    assert hits(written, canaries.places) == {}
    if arguments == EVERYTHING:
        assert written.keys() >= OUTPUTS
    assert len(canaries.places) >= LEAST_PLACES


LEFT_OVER = """\
---
endpoint: POST /left/{region}
status: verified
---
# Doc

## Test Request

```yaml
steps:
  - id: main
    method: POST
    path: "/left/{{region_key}}?api_key={{sent_query}}"
    extract: {key: $.token}
    expect: {status: 200}
```

## Cleanup

```yaml
steps: [{id: drop, method: DELETE, path: "/left/{{key}}?token=<<cleanup>>", expect: {status: 204}}]
```
"""
DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        path: {
            method: {
                "responses": {
                    "200": {
                        "description": "d",
                        "content": {"application/json": {"schema": {"additionalProperties": False}}},
                    }
                }
            }
        }
        for path, method in (("/json", "get"), ("/strings", "get"), ("/left/{region}", "post"))
    },
}
CLI = "import sys; from pytest_endpoint_docs.cli.main import main; sys.exit(main())"
COMMANDS = (
    *(("drift", "endpoints", "--env", "test", "--live", "results.json", "--format", form) for form in ("text", "json")),
    ("drift", "endpoints", "--env", "test", "--live", "results.json", "--format", "sarif"),
    ("coverage", "endpoints", "--env", "test", "--results", "results.json", "--format", "json"),
    ("coverage", "endpoints", "--env", "test", "--results", "results.json", "--output", "coverage.html"),
    ("lint", "endpoints"),
    ("list", "endpoints"),
    ("evidence", "endpoints"),
    ("cleanup", "--env", "test"),
)


def test_no_command_tells_a_secret(canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> None:
    canaries.build()
    # Files that may hold what they need, and that only their owner may read.
    canaries.own |= {canaries.pytester.path / ".endpoint-docs" / "leftovers.json"}
    canaries.write("endpoints/left.md", LEFT_OVER)
    canaries.write("fixtures/environments/openapi.json", json.dumps(DESCRIPTION))
    environment = canaries.pytester.path / "fixtures/environments/test.yaml"
    environment.write_text(environment.read_text() + "openapi: [openapi.json]\n")
    some = ("--endpoint-results=results.json", "-k", "json or strings or left")
    written = canaries.run(monkeypatch, "endpoints", *some)
    for command in COMMANDS:
        result = canaries.pytester.run(sys.executable, "-c", CLI, *command)
        assert result.ret in (0, 1), (command, result.stderr.str())
        written[" ".join(command)] = searched((result.stdout.str() + result.stderr.str()).encode())
    written["coverage.html"] = searched((canaries.pytester.path / "coverage.html").read_bytes())
    assert "cleanup failed" in written["cleanup --env test"]
    assert "additionalproperties" in written["drift endpoints --env test --live results.json --format json"]
    # The doc says it itself.
    canaries.places.pop("cleanup")
    assert hits(written, canaries.places) == {}


_OFF = "\nimport pytest_endpoint_docs.redaction.{module} as off\n"
_NOTHING = _OFF.format(module="known_secrets") + "off.KnownSecrets.places = lambda self, text, counts=None: []\n"
_NO_NAMES = """
import pytest_endpoint_docs.redaction.redactor as names
names.Redactor.is_secret = lambda self, name: False
names.Redactor.is_credentials = lambda self, name: False
names.COOKIES = frozenset()
names.Redactor.masked = lambda self, text: text
"""


def test_with_the_boundary_off_the_secret_of_every_place_is_found(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    canaries.build(_NOTHING + _NO_NAMES)
    written = canaries.run(monkeypatch, "endpoints", "tests", *EVERYTHING)
    found = set().union(*(found_in(content, canaries.places) for content in written.values()))
    assert sorted(canaries.places.keys() - found) == []


BOUNDARY = "\nimport pytest_endpoint_docs.plugin.report_boundary as off\n"
PARTS = {
    "known values": _NOTHING,
    "what an answer's text holds": _OFF.format(module="exchanges")
    + "off.Redactor.learn_text = lambda self, text: True\noff.learn_json = lambda redactor, value: None\n",
    "JSON values": _OFF.format(module="exchanges") + "off.learn_json = lambda redactor, value: None\n" + _NO_NAMES,
    "header fields": _OFF.format(module="exchanges")
    + "off.learn_headers = lambda redactor, fields: None\n"
    + "off.Redactor.header = lambda self, name, value: str(value)\n",
    "forms": _OFF.format(module="known_secrets") + "off.forms_of = lambda value: {value.lower()}\n",
    "variables of the environment": "\nfrom pytest_endpoint_docs.environment.file_source import References\n"
    "References.filled_in = property(lambda self: ())\n",
    "tokens of the environment": "\nfrom pytest_endpoint_docs.model.environment import Environment\n"
    "Environment.secrets = property(lambda self: ())\n",
    "the project's secrets": "\nimport pytest_endpoint_docs.plugin.project_hooks as off\n"
    "off.project_secrets = lambda config: ()\n",
    "exchanges of a project's own tests": "\nimport pytest_endpoint_docs.http.client as off\n"
    "off.HttpClient.learning = lambda self, redactor: self\n",
    "log records": "\nimport contextlib, pytest_endpoint_docs.redaction.log_records as off\n"
    "off.redacted_logs = lambda redactor: contextlib.nullcontext()\n",
    "exceptions": BOUNDARY + "off.redact_errors = lambda error, redactor: None\n",
    "reports": BOUNDARY + "off.redact_report = lambda report, redactor: None\n",
    "warnings": BOUNDARY + "off.ReportBoundary.pytest_warning_recorded = lambda self, warning_message: None\n",
    "properties": BOUNDARY + "off.without_secrets = lambda named, redactor: named\n",
}


@pytest.mark.parametrize("part", PARTS)
def test_with_a_part_of_the_boundary_off_secrets_are_found(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    canaries.build(PARTS[part])
    some = ("-k", "json or echo or strings or path or headers or cookie or its_own")
    written = canaries.written(monkeypatch, "endpoints", "tests", *EVERYTHING, *some)
    assert any(found_in(searched(content), canaries.places) for content in sorted(written.values(), key=len))

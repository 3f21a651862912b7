"""With each other plugin of pytest alone: the docs end as without it, and so does a project that has none.

It runs for every plugin that is installed. ``nox --session each`` installs those of ``noxfile.EACH``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

import pytest

OURS = "pytest-endpoint-docs"
ROOT = Path(__file__).resolve().parent.parent.parent
# What makes a plugin do its work: without, most of them do nothing.
ARGUMENTS = {
    "allure-pytest": ["--alluredir=allure"],
    "inline-snapshot": ["--inline-snapshot=report"],
    "pytest-asyncio": ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"],
    "pytest-base-url": ["--verify-base-url"],
    "pytest-clarity": ["-vv"],
    "pytest-cov": ["--cov=pytest_endpoint_docs", "--cov-report="],
    "pytest-html": ["--html=report.html"],
    "pytest-instafail": ["--instafail"],
    "pytest-json-ctrf": ["--ctrf=ctrf.json"],
    "pytest-json-report": ["--json-report"],
    "pytest-memray": ["--memray"],
    "pytest-order": ["--indulgent-ordering"],
    "pytest-profiling": ["--profile"],
    "pytest-random-order": ["--random-order"],
    "pytest-repeat": ["--count=2"],
    "pytest-reportlog": ["--report-log=log.json"],
    "pytest-rerunfailures": ["--reruns=1", "--only-rerun=OutOfLuck"],
    "pytest-retry": ["--retries=1"],
    "pytest-rich": ["--rich"],
    "pytest-shard": ["--num-shards=1", "--shard-id=0"],
    "pytest-socket": ["--disable-socket", "--allow-hosts=127.0.0.1"],
    "pytest-split": ["--splits=1", "--group=1"],
    "pytest-testmon": ["--testmon-noselect"],
    "pytest-timeout": ["--timeout=60"],
    "pytest-xdist": ["-n", "2"],
}
# Plugins that cannot be without another one.
NEEDS = {
    "pytest-aiohttp": ["pytest-asyncio"],
    "pytest-html": ["pytest-metadata"],
    "pytest-json-report": ["pytest-metadata"],
    "pytest-playwright": ["pytest-base-url"],
}
OF_REPEAT = re.compile(r"\[[12]-2\]$|-[12]-2(?=\]$)")
PLAIN = """
import pytest


def test_passes():
    assert True


def test_fails():
    assert 1 == 2


@pytest.mark.parametrize("number", [1, 2])
def test_parameters(number, tmp_path):
    assert number


@pytest.mark.skip(reason="because")
def test_skipped():
    pass


@pytest.mark.xfail(reason="known", strict=True)
def test_expected():
    assert False


class TestGroup:
    @pytest.fixture
    def broken(self):
        raise OSError("no disk")

    def test_error(self, broken):
        pass
"""


class Ended(NamedTuple):
    """How a run ended: the exit code, and of each test how often it had which outcome."""

    code: int
    outcomes: dict[str, Counter[str]]


def plugins() -> dict[str, list[str]]:
    """The names under which the installed plugins are loaded, by distribution."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for distribution in distributions():
        for entry in distribution.entry_points:
            if entry.group == "pytest11" and distribution.name != OURS:
                found[distribution.name.replace("_", "-")].add(entry.name)
    return {name: sorted(entries) for name, entries in sorted(found.items())}


INSTALLED = plugins()


def loading(plugin: str) -> list[str]:
    names = [name for each in (*NEEDS.get(plugin, []), plugin) for name in INSTALLED[each]]
    return [argument for name in names for argument in ("-p", name)]


def ran(folder: Path, *arguments: str) -> Ended:
    """Run pytest with no plugin but those that the arguments name."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    command = [sys.executable, "-m", "pytest", "--junitxml=junit.xml", "-o", "junit_family=xunit1", *arguments]
    result = subprocess.run(
        command,
        cwd=folder,
        env=environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "GITHUB_ACTIONS": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )
    told = result.stdout + result.stderr
    assert "INTERNALERROR" not in told, told
    assert (folder / "junit.xml").exists(), told
    outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for case in ET.parse(folder / "junit.xml").iter("testcase"):
        # pytest-repeat numbers what it repeats, and leaves docs alone.
        name = OF_REPEAT.sub("", case.get("name") or "")
        outcome = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        outcomes[f"{case.get('file')}::{name}"][outcome] += 1
    return Ended(result.returncode, dict(outcomes))


def changed(one: Ended, other: Ended) -> dict[str, tuple[Counter[str] | None, Counter[str] | None]]:
    """What ended in two ways, by its name."""
    both = {name: (one.outcomes.get(name), other.outcomes.get(name)) for name in {*one.outcomes, *other.outcomes}}
    return {name: found for name, found in both.items() if found[0] != found[1]}


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's docs, with one that fails."""
    folder = tmp_path_factory.mktemp("docs")
    for name in ("endpoints", "fixtures"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers --strict-config\n")
    some = folder / "endpoints/failing.md"
    some.write_text(FAILING, encoding="utf-8")
    return folder


FAILING = """---
endpoint: GET /platform/v1/apps
token: directory
status: verified
---
# A doc that fails

## Test Request

```yaml
steps: [{id: main, method: GET, path: /platform/v1/apps, expect: {status: 418}}]
```
"""


@pytest.fixture(scope="module")
def without(docs: Path) -> Ended:
    """How the docs end without any other plugin."""
    return ran(docs, "-p", "endpoint_docs", "--endpoint-env", "sandbox", "endpoints")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without endpoint docs."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "test_plain.py").write_text(PLAIN)
    (folder / "README.md").write_text("# Nothing\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


@pytest.mark.parametrize("plugin", INSTALLED)
def test_the_docs_end_as_without_it(docs: Path, without: Ended, plugin: str) -> None:
    assert without.outcomes["endpoints/failing.md::GET /platform/v1/apps"] == {"failure": 1}
    assert sum(map(Counter.total, without.outcomes.values())) > 100
    arguments = ["-p", "endpoint_docs", "--endpoint-env", "sandbox", "endpoints"]
    ended = ran(docs, *loading(plugin), *arguments, *ARGUMENTS.get(plugin, []))
    assert changed(ended, without) == {}
    assert ended.code == without.code


@pytest.mark.parametrize("plugin", INSTALLED)
def test_a_project_without_docs_ends_the_same(plain: Path, plugin: str) -> None:
    arguments = [*loading(plugin), *ARGUMENTS.get(plugin, [])]
    alone = ran(plain, *arguments)
    left = {path.name for path in plain.iterdir()}
    ended = ran(plain, *arguments, "-p", "endpoint_docs")
    assert changed(ended, alone) == {}
    assert ended.code == alone.code
    assert {path.name for path in plain.iterdir()} == left

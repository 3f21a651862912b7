"""The environments in which the docs and the tests must hold: every Python, the newest and the oldest packages.

usage: nox [--list] [--session NAME ...]

Without a session, nox runs what ``tests/run.py`` runs after the tests: a row for each Python, each age of the packages
and each kind of company. The others are for a release: ``nox --session newest lowest pytests each``. A Python
that this machine does not have is left out, and named at the end.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.2"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = list(dict.fromkeys([RUNNING, "3.11", "3.12", "3.13", "3.14", "3.15"]))
OTHERS = PYTHONS[1:]
OLDEST = "3.11"
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
PROCESSORS = os.cpu_count() or 1
PYTEST = ("python", "-m", "pytest", "-q", "--dist", "worksteal", "-n", str(max(4, PROCESSORS)))
# Unit tests wait for little, and each worker reads all of them.
UNIT_TESTS = (*PYTEST[:-1], str(PROCESSORS + 1))
COMPANY = (
    "allure-pytest",
    "pytest-asyncio",
    "pytest-cov",
    "pytest-html",
    "pytest-json-ctrf",
    "pytest-json-report",
    "pytest-playwright",
    "pytest-randomly",
    "pytest-rerunfailures",
    "pytest-split",
    "pytest-timeout",
)
# Each is tried alone. Not among them: pytest-forked and pytest-monitor, which fail every test of pytest 9.2.
EACH = (
    *COMPANY,
    *("anyio", "hypothesis", "inline-snapshot", "pytest-aiohttp", "pytest-bdd", "pytest-benchmark", "pytest-check"),
    *("pytest-clarity", "pytest-codspeed", "pytest-custom-exit-code", "pytest-deadfixtures", "pytest-dependency"),
    *("pytest-django", "pytest-dotenv", "pytest-env", "pytest-flask", "pytest-freezer", "pytest-httpserver"),
    *("pytest-github-actions-annotate-failures", "pytest-icdiff", "pytest-instafail", "pytest-lazy-fixtures"),
    *("pytest-markdown-docs", "pytest-memray", "pytest-metadata", "pytest-mock", "pytest-order"),
    *("pytest-picked", "pytest-profiling", "pytest-random-order", "pytest-recording", "pytest-repeat"),
    *("pytest-reportlog", "pytest-retry", "pytest-rich", "pytest-shard", "pytest-socket", "pytest-subtests"),
    *("pytest-sugar", "pytest-testmon", "syrupy"),
)

# The tests of planted flaws take half of the time of all unit tests, and ask what our checks find, not what a
# Python or a package does; `tests/run.py` and the row `oldest` run them too.
UNIT = ("tests/unit", *(f"--ignore=tests/unit/test_{name}_flaws.py" for name in ("oauth_checks", "sandbox")))
# Tests that take no extra and no worker.
WITHOUT_EXTRAS = [
    f"tests/plugin/test_{name}.py"
    for name in ("cli_lint", "cli_list", "custom_tests", "garbage", "option_strict", "project_hooks", "wrong_docs")
]
nox.options.sessions = [
    # The newest packages with this Python are those of tests/run.py itself.
    *(f"newest-{python}" for python in OTHERS),
    *(f"lowest-{python}" for python in PYTHONS if python != OLDEST),
    "oldest",
    "company",
    "base",
]

# uv compiles nothing, and each of the processes that tests start would compile all that it imports again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# The commands that pyenv puts on the path run the chosen Python alone; the others come after them.
os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *map(str, sorted(PYENV.glob("versions/3.*/bin")))])


@nox.session(python=PYTHONS)
def newest(session: nox.Session) -> None:
    """The docs and the unit tests with the newest packages."""
    session.install("--editable", ".[test]")
    session.run(*UNIT_TESTS, "endpoints", *UNIT)


@nox.session(python=PYTHONS)
def lowest(session: nox.Session) -> None:
    """The docs and the unit tests with the lowest versions that pyproject.toml allows."""
    session.install("--resolution", "lowest-direct", "--editable", ".[test]")
    session.run(*UNIT_TESTS, "endpoints", *UNIT)


@nox.session(python=RUNNING)
def company(session: nox.Session) -> None:
    """The docs, and the tests of living together, beside other plugins of pytest."""
    session.install("--editable", ".[test]", *COMPANY)
    session.run(*PYTEST, "endpoints", "-o", "asyncio_default_fixture_loop_scope=function")
    # The plugins are for the runs inside the tests. Around them, pytest-asyncio wants an option in our pytest.ini, and
    # pytest-playwright cannot be in two runs of one process.
    around = ("-p", "no:asyncio", "-p", "no:playwright", "-p", "no:randomly")
    session.run(*PYTEST, *around, "tests/plugin/test_company.py", env={"ENDPOINT_DOCS_COMPANY": "all"})


@nox.session(python=RUNNING)
def each(session: nox.Session) -> None:
    """The docs, and a project without docs, beside each of many plugins alone."""
    session.install("--editable", ".[test]", *EACH)
    # None of them takes part in the run around.
    alone = ("-p", "endpoint_docs", "-p", "xdist")
    session.run(*PYTEST, *alone, "tests/plugin/test_each_plugin.py", env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})


@nox.session(python=OLDEST)
def oldest(session: nox.Session) -> None:
    """All tests but those in browsers with the lowest versions of everything, pytest and Python too."""
    session.install("--resolution", "lowest-direct", "--editable", ".[test]")
    session.run(*PYTEST, "endpoints", "tests/unit", "tests/plugin")


@nox.session(python=RUNNING)
@nox.parametrize("version", ["8.2", "8.4", "9.0"])
def pytests(session: nox.Session, version: str) -> None:
    """The docs and the tests of the plugin with the versions of pytest between the oldest and the newest."""
    session.install("--editable", ".[test]", f"pytest=={version}.*")
    session.run(*PYTEST, "endpoints", "tests/plugin")


@nox.session(python=RUNNING)
def base(session: nox.Session) -> None:
    """What a project gets that installs no extra: no sandbox, no browser, no HTML reports, no workers."""
    session.install("--editable", ".")
    session.run("python", "-m", "pytest", "-q", *WITHOUT_EXTRAS)

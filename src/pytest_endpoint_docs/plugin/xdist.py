"""Hooks of pytest-xdist, registered only where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.plugin.requirements_end import LEFT_OVERS
from pytest_endpoint_docs.plugin.session import TARGET, USAGE_ERROR, session_of


@pytest.hookimpl
def pytest_configure_node(node: Any) -> None:
    """Tell a worker the run's seed, and the sandbox that all workers share."""
    session = session_of(node.config)
    try:
        sandbox = dict(session.target.sandbox()) if session.target.starts_sandbox else None
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    given = session.given
    node.workerinput["endpoint_docs"] = {
        "seed": given.seed,
        "started": given.started,
        "sandbox": sandbox,
        "storage": given.storage,
    }


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Watch the run; all workers collect the same items, and the first one tells."""
    from pytest_endpoint_docs.plugin.progress_lines import watch

    watch(node.config, ids, workers=int(node.workerinput["workercount"]))


@pytest.hookimpl
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker has to tell: its target, the usage error that all meet, what could not be cleaned up."""
    output: dict[str, Any] = getattr(node, "workeroutput", {})
    if TARGET in output:
        name, base_url = output[TARGET]
        session_of(node.config).target.told = (name, base_url)
    if USAGE_ERROR in output:
        session_of(node.config).usage_error = output[USAGE_ERROR]
    session_of(node.config).left_overs += output.get(LEFT_OVERS, [])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End with the exit code that a single process would end with."""
    if session_of(session.config).usage_error:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the usage error was."""
    message = session_of(config).usage_error
    if message:
        terminalreporter.write_line(f"ERROR: {message}", red=True)

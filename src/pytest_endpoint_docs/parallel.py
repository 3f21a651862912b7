"""Hooks of pytest-xdist, registered only where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.session import USAGE_ERROR, session_of


@pytest.hookimpl
def pytest_configure_node(node: Any) -> None:
    """Tell a worker the run's seed, and the sandbox that all workers share."""
    session = session_of(node.config)
    try:
        sandbox = dict(session.sandbox()) if session.starts_sandbox else None
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    given = session.given
    node.workerinput["endpoint_docs"] = {
        "seed": given.seed,
        "started": given.started,
        "sandbox": sandbox,
        "storage": given.storage,
    }


@pytest.hookimpl
def pytest_testnodedown(node: Any) -> None:
    """Take over the usage error that a worker met; all meet the same one."""
    output: dict[str, Any] = getattr(node, "workeroutput", {})
    if USAGE_ERROR in output:
        session_of(node.config).usage_error = output[USAGE_ERROR]


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

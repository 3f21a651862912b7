"""Hooks of pytest-xdist, registered only where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.session import session_of


@pytest.hookimpl
def pytest_configure_node(node: Any) -> None:
    """Tell a worker the run's seed, and the sandbox that all workers share."""
    session = session_of(node.config)
    try:
        sandbox = dict(session.sandbox()) if session.uses_sandbox else None
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    node.workerinput["endpoint_docs"] = {"seed": session.given.seed, "sandbox": sandbox}



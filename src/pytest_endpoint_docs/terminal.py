"""What the plugin says around a run: the header, and what the docs' writers should know at the end."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.session import session_of


def header(config: pytest.Config) -> str:
    """The settings of the run, in one line."""
    session = session_of(config)
    environment = session.options.env or ("--base-url" if config.getoption("base_url", None) else "none")
    return f"endpoint docs: environment {environment}, manual {session.options.manual}, seed {session.given.seed}"

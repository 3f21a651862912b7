"""Hooks of this plugin, for a project's ``conftest.py``.

Those of a folder are called for the docs and the test functions in it; for what a required doc sends, those around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.exchange import Exchange, Request
    from pytest_endpoint_docs.model.source import JSONValue


@pytest.hookspec
def pytest_endpoint_docs_modify_cases(config: pytest.Config, cases: list[ContractCase]) -> None:
    """Change the list of a doc's cases in place: drop some, reorder them, replace one with ``dataclasses.replace``.

    Called once per doc while tests are collected, and once more for test functions to which other hooks apply.
    """


@pytest.hookspec
def pytest_endpoint_docs_secrets(config: pytest.Config) -> dict[str, str] | None:
    """Give values that no output may hold, each by the name that is shown in its place: ``{"VAULT_PIN": "..."}``.

    Called once in each process, before anything is sent.
    """


@pytest.hookspec(firstresult=True)
def pytest_endpoint_docs_variable(config: pytest.Config, name: str, case: ContractCase) -> JSONValue:
    """Give the value of a variable that the doc, its ``requires`` and the environment do not define.

    Return ``None`` to leave it to the next one. Called when the case runs, before anything is sent.
    """


@pytest.hookspec(firstresult=True)
def pytest_endpoint_docs_before_request(config: pytest.Config, case: ContractCase, request: Request) -> Request | None:
    """See, or replace (``dataclasses.replace``), a request before it is sent; ``None`` leaves it as it is."""


@pytest.hookspec
def pytest_endpoint_docs_after_response(config: pytest.Config, case: ContractCase, exchange: Exchange) -> None:
    """See an exchange right after its answer came, before it is checked."""

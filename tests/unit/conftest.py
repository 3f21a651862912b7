"""Fixtures of several modules: a server with answers that a test writes, and a platform held to its description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from scripted_server import ScriptedServer, scripted_server

if TYPE_CHECKING:
    from sandbox_description import DescribedFlow, Description


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture(scope="module")
def one_key() -> Iterator[None]:
    """ID tokens of all sandboxes are signed with one key: to make one takes longer than most that a test does."""
    from pytest_endpoint_docs.sandbox.id_tokens import IdTokens
    from pytest_endpoint_docs.sandbox.settings import SandboxSettings

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IdTokens, "_key", IdTokens(SandboxSettings())._key)
        yield


@pytest.fixture(scope="module")
def description() -> Description:
    from sandbox_description import Description

    return Description()


@pytest.fixture
def flow(description: Description) -> DescribedFlow:
    """A platform of the test's own; each of its answers is held against the OpenAPI description."""
    from sandbox_description import DescribedFlow

    return DescribedFlow(description)

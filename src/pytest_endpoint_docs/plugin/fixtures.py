"""Fixtures for a project's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.consents import OAuthConsent
    from pytest_endpoint_docs.plugin.endpoint_case import EndpointCase


@pytest.fixture(scope="session")
def endpoint_environment(pytestconfig: pytest.Config) -> Environment:
    """The target of this run: servers, token kinds, parameters (see --endpoint-env)."""
    from pytest_endpoint_docs.plugin.session import session_of

    return session_of(pytestconfig).target.environment


@pytest.fixture(scope="session")
def endpoint_client(pytestconfig: pytest.Config) -> HttpClient:
    """The HTTP client that sends the docs' requests: pooled, paced, with timeouts."""
    from pytest_endpoint_docs.plugin.session import session_of

    return session_of(pytestconfig).target.client


@pytest.fixture
def endpoint_variables() -> dict[str, JSONValue]:
    """Variables for the docs' templates; override it in a conftest.py and return a dict."""
    return {}


@pytest.fixture
def endpoint_case(request: pytest.FixtureRequest, endpoint_variables: dict[str, JSONValue]) -> Iterator[EndpointCase]:
    """One case of an endpoint doc; a test that asks for it runs over all docs, and calls ``endpoint_case.run()``."""
    from pytest_endpoint_docs.plugin.endpoint_case import EndpointCase

    bound = EndpointCase.bind(request, endpoint_variables)
    yield bound
    bound.finish()


@pytest.fixture(scope="session")
def oauth_consent(pytestconfig: pytest.Config) -> OAuthConsent:
    """Call it for a fresh authorization code from a real consent in a browser: ``grant = oauth_consent()``."""
    from pytest_endpoint_docs.plugin.consents import OAuthConsent
    from pytest_endpoint_docs.plugin.session import session_of

    return OAuthConsent(session_of(pytestconfig))

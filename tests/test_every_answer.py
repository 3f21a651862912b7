"""A project's own test over its docs (see ``docs/custom-tests.md``): what holds for every answer of the platform."""

from __future__ import annotations

from pytest_endpoint_docs.plugin.endpoint_case import EndpointCase


def test_has_request_id(endpoint_case: EndpointCase) -> None:
    response = endpoint_case.run().response
    assert response is not None
    assert len(response.headers["X-Request-Id"]) >= 8

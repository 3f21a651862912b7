"""The description and the routes are about the same operations."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import validate
from sandbox_description import Description

from pytest_endpoint_docs.sandbox.app import create_app

# For people: they are reached from the authorization endpoint, and are no operations.
PAGES = {
    ("GET", "/"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/device"),
    ("POST", "/device"),
}


@pytest.fixture(scope="module")
def description() -> Description:
    return Description()


def routed() -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<[^>]+>", "{}", rule.rule))
        for rule in create_app().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    } - PAGES


def test_the_description_is_valid_openapi(description: Description) -> None:
    validate(description.content)


def test_every_route_is_described_and_every_operation_has_a_route(description: Description) -> None:
    described = {(method, re.sub(r"\{[^}]+\}", "{}", path)) for method, path, _ in description.operations()}
    assert described == routed()


def test_operations_have_unique_ids_known_tags_and_token_kinds(description: Description) -> None:
    operations = [operation for _, _, operation in description.operations()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) >= 30
    tags = {tag["name"] for tag in description.content["tags"]}
    assert {tag for operation in operations for tag in operation["tags"]} == tags
    assert all(operation["x-token-kinds"] for operation in operations)

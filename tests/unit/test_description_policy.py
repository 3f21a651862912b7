"""Which rule of an environment holds for a difference from a description."""

from __future__ import annotations

from pathlib import Path

import pytest
from openapi_library import described

from pytest_endpoint_docs.model.environment import DescriptionRule
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.openapi.description_policy import DescriptionPolicy

WRONG = Mismatch(
    check="openapi", message="is wrong", kind="type", pointer="/title", severity="fail", source="library.json#/x"
)


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        # The path as the description has it, or with the server's base path before it.
        ("GET /books/{book_uid}", "warn"),
        ("GET /api/books/{book_uid}", "warn"),
        ("get  /books/{book_uid}", "warn"),
        ("DELETE /books/{book_uid}", "fail"),
        ("GET /books/{uid}", "fail"),
        ("GET /books", "fail"),
    ],
)
def test_a_rule_of_an_operation_holds_for_that_one_alone(tmp_path: Path, written: str, severity: str) -> None:
    operation = described(tmp_path).match("GET", "/books/{uid}")
    policy = DescriptionPolicy(rules=(DescriptionRule(action="warn", operation=written),))

    (found,) = policy.applied([WRONG], operation, is_tested=True)
    assert found.severity == severity


def test_a_rule_of_an_operation_does_not_hold_where_none_is_described() -> None:
    policy = DescriptionPolicy(rules=(DescriptionRule(action="warn", operation="GET /books"),))

    (found,) = policy.applied([WRONG], None, is_tested=True)
    assert found.severity == "fail"


@pytest.mark.parametrize("severity", ["fail", "warn"])
def test_what_is_not_tested_warns_whatever_a_check_says(severity: str) -> None:
    wrong = Mismatch(check="openapi-request", message="is wrong", severity=severity)  # type: ignore[arg-type]

    (found,) = DescriptionPolicy().applied([wrong], None, is_tested=False)
    assert found.severity == "warn"

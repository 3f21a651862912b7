"""Checks: pure functions that hold an answer against what the doc says, and report every difference.

A check is any callable ``(CheckInput) -> Sequence[Mismatch]``. ``STANDARD_CHECKS`` are the ones that need nothing but
the doc; others (an OpenAPI description) join by standing in ``RunContext.checks`` beside them.
"""

from __future__ import annotations

from pytest_endpoint_docs.checks.body import check_body
from pytest_endpoint_docs.checks.headers import check_headers
from pytest_endpoint_docs.checks.input import Check, CheckInput
from pytest_endpoint_docs.checks.known import apply_known_issues, run_checks
from pytest_endpoint_docs.checks.schema import check_schema
from pytest_endpoint_docs.checks.shape import check_shape
from pytest_endpoint_docs.checks.status import check_status, documented_statuses

STANDARD_CHECKS: tuple[Check, ...] = (check_status, check_headers, check_body, check_schema, check_shape)

__all__ = [
    "STANDARD_CHECKS",
    "Check",
    "CheckInput",
    "apply_known_issues",
    "check_body",
    "check_headers",
    "check_schema",
    "check_shape",
    "check_status",
    "documented_statuses",
    "run_checks",
]

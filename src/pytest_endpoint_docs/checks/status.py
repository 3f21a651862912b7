"""The status code."""

from __future__ import annotations

from http import HTTPStatus

from pytest_endpoint_docs.checks.input import CheckInput
from pytest_endpoint_docs.model import Mismatch, Step


def documented_statuses(step: Step, expected_outcome: tuple[int, ...], *, is_subject: bool) -> tuple[int, ...]:
    """The status codes that the doc gives for a step; empty: any 2xx.

    ``expected_outcome`` is the frontmatter's, and speaks only of the request that the doc is about, and only where the
    step has no ``expect.status`` of its own.
    """
    if step.expect.statuses or step.expect.status_classes or not is_subject:
        return step.expect.statuses
    return expected_outcome


def check_status(given: CheckInput) -> list[Mismatch]:
    """Hold the status code against ``expect.status``, or ``expectedOutcome``, or any 2xx."""
    documented = documented_statuses(given.step, given.case.doc.expected_outcome, is_subject=given.is_subject)
    actual = given.response.status_code
    classes = given.step.expect.status_classes
    if actual in documented or actual // 100 in classes or (not documented and not classes and given.is_success):
        return []
    expected = " or ".join([*map(str, documented), *(f"{digit}xx" for digit in classes)]) or "2xx"
    location = given.step.expect.location
    if documented and not given.step.expect.statuses:
        location = given.case.doc.line_of("expectedOutcome")
    return [
        Mismatch(
            check="status",
            message=f"expected status {expected}, got {named(actual, given.response.reason)}",
            expected=expected,
            actual=named(actual, given.response.reason),
            location=location,
        )
    ]


def named(status: int, reason: str = "") -> str:
    """A status code with its reason phrase (RFC 9110 section 15)."""
    if not reason:
        try:
            reason = HTTPStatus(status).phrase
        except ValueError:
            return str(status)
    return f"{status} {reason}"

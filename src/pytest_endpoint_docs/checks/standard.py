"""The status code and the header fields; and ``STANDARD_CHECKS``, all that need nothing but the doc."""

from __future__ import annotations

import re
from http import HTTPStatus

from pytest_endpoint_docs.checks.checking import Check, CheckInput
from pytest_endpoint_docs.checks.content import check_body, check_shape
from pytest_endpoint_docs.checks.json_schema import check_schema
from pytest_endpoint_docs.model.source import Mismatch


def check_status(given: CheckInput) -> list[Mismatch]:
    """Hold the status code against the documented ones."""
    expect, actual = given.step.expect, given.response.status_code
    if expect.accepts(actual):
        return []
    expected = " or ".join([*map(str, expect.statuses), *(f"{digit}xx" for digit in expect.status_classes)]) or "2xx"
    return [
        Mismatch(
            check="status",
            message=f"expected status {expected}, got {named(actual, given.response.reason)}",
            kind="status",
            expected=expected,
            actual=named(actual, given.response.reason),
            location=expect.status_location or expect.location,
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


def check_headers(given: CheckInput) -> list[Mismatch]:
    """Hold the header fields against ``expect.headers``.

    Names are compared without case (RFC 9110 section 5.1), values exactly; a value between slashes is a regular
    expression that matches anywhere in the field's value; ``null`` means that the field is absent.
    """
    found: list[Mismatch] = []
    for name, expected in given.step.expect.headers.items():
        actual = given.response.headers.get(name)
        difference = _difference(expected, actual)
        if difference:
            found.append(
                Mismatch(
                    check="header",
                    message=f"header field {name}: {difference}",
                    kind="unexpected" if expected is None else "missing" if actual is None else "value",
                    pointer=name,
                    expected="absent" if expected is None else expected,
                    actual="absent" if actual is None else given.redactor.header(name, actual),
                    location=given.step.expect.location,
                )
            )
    return found


def _difference(expected: str | None, actual: str | None) -> str:
    if expected is None:
        return "" if actual is None else "is there, and the doc says that it is not"
    if actual is None:
        return "is missing"
    if len(expected) > 1 and expected.startswith("/") and expected.endswith("/"):
        try:
            matches = re.search(expected[1:-1], actual)
        except re.error as error:
            return f"{expected} is not a regular expression: {error}"
        return "" if matches else f"does not match {expected}"
    return "" if expected == actual else "has another value"


STANDARD_CHECKS: tuple[Check, ...] = (check_status, check_headers, check_body, check_schema, check_shape)

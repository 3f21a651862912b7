"""What an answer was held against: a pass by the status code alone is less than one by the content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pytest_endpoint_docs.checks.checking import CheckInput, Describes
from pytest_endpoint_docs.model.body import ExampleResponse
from pytest_endpoint_docs.model.keyword_forms import demands_something
from pytest_endpoint_docs.model.source import CONTENT_PARTS, Checked, JSONValue, Mismatch, is_status_alone

TOO_LITTLE = (
    "only the status code was checked: nothing documents the content of the answer. Write `expect.body`, a "
    "`Response Schema` or an `Expected Response`, or have it described by the environment's `openapi`"
)


def shown_examples(given: CheckInput) -> list[ExampleResponse]:
    """The examples of the answer that came: ``Expected Response`` with its status code, else the one of a success.

    None where a schema is given, which says more.
    """
    if not given.is_subject or not given.body.examples or given.body.response_schema or given.step.expect.has_schema:
        return []
    status = given.exchange.response.status_code
    exact = [example for example in given.body.examples if example.status == status]
    if exact or not given.exchange.response.is_success:
        return exact
    return [example for example in given.body.examples if example.status is None and not example.is_error]


def checked_parts(given: CheckInput, describes: Describes | None = None) -> tuple[Checked, ...]:
    """What is documented of an answer, and so was checked, in the order of the checks.

    ``no-content``: there was none, and nothing says that there should be. What fits every answer, such as an empty
    object, documents nothing.
    """
    parts = ("status", *_documented(given), *(("description",) if describes and describes(given) else ()))
    if not given.response.content and not set(parts) & CONTENT_PARTS:
        return (*parts, "no-content")
    return parts


def _documented(given: CheckInput) -> Iterator[Checked]:
    expect = given.step.expect
    if expect.headers:
        yield "headers"
    if expect.has_body and (expect.body is None or _says_something(expect.body)):
        yield "values"
    schema = given.body.response_schema if given.is_subject else None
    if (expect.has_schema and demands_something(expect.schema)) or (
        schema and given.response.is_success and demands_something(schema.schema)
    ):
        yield "schema"
    elif any(_says_something(example.body) for example in shown_examples(given)):
        yield "example"


def _says_something(value: JSONValue) -> bool:
    return value not in (None, {}, [])


def check_redirected(given: CheckInput, parts: tuple[Checked, ...], *, is_strict: bool) -> list[Mismatch]:
    """What to say where redirects led to another page, such as a login, of which nothing but the status is known.

    It warns; where ``is_strict``, it fails.
    """
    if not is_status_alone(parts):
        return []
    redirects = "a redirect" if given.response.redirects == 1 else f"{given.response.redirects} redirects"
    message = given.redactor.text(
        f"{redirects} led to {given.response.url}, and of the answer there only the status code was checked. Document "
        "its content, or expect the redirect itself, for example `expect: {status: 302}`"
    )
    severity: Literal["fail", "warn"] = "fail" if is_strict else "warn"
    return [Mismatch(check="redirect", message=message, kind="other", severity=severity, location=given.step.location)]


def check_demand(given: CheckInput, parts: tuple[Checked, ...]) -> list[Mismatch]:
    """The complaint of ``--endpoint-demand content``: the answer has content that nothing documents."""
    if not is_status_alone(parts):
        return []
    return [Mismatch(check="demand", message=TOO_LITTLE, kind="other", location=given.step.location)]

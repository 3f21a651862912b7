"""Reading where an authorization request led, and when that says nothing of what is owed."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks.check import CheckRun
from pytest_endpoint_docs.oauth.checks.judging import HAS_NO_TIME, TOO_MANY_REQUESTS, NotRun
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome
from pytest_endpoint_docs.oauth.grant import named

_FIRST_SERVER_ERROR = 500


def require_control(run: CheckRun) -> None:
    """The positive control: the same client gets a code at its registered URI, so a missing redirect says something.

    Raises: :class:`NotRun` where a person would have to follow wrong requests.
    """
    if run.facts.attended:
        raise NotRun("no person is asked to follow this request to its end; --endpoint-manual automated runs the check")
    run.any_grant()


def answered(outcome: AuthorizeOutcome, request: str = "") -> AuthorizeOutcome:
    """The outcome of an answer.

    Raises: :class:`NotRun` where there is none: a page did not load, or got stuck; or the server had no time for it.
    ``request`` is what it was to answer.
    """
    if outcome.parameters is None and outcome.unanswered:
        to = f" to {request}" if request else ""
        raise NotRun(f"the server gave no answer{to}: {outcome.unanswered}")
    if outcome.parameters is None and outcome.status_code == TOO_MANY_REQUESTS:
        raise NotRun(HAS_NO_TIME)
    return outcome


def is_server_error(outcome: AuthorizeOutcome) -> bool:
    """Whether the request ended at a page with a status of 5xx."""
    return outcome.parameters is None and (outcome.status_code or 0) >= _FIRST_SERVER_ERROR


def decided(outcome: AuthorizeOutcome, request: str = "") -> AuthorizeOutcome:
    """The outcome of an answer that takes the request or refuses it.

    Raises: :class:`NotRun` where there is none, or an error of the server's; ``request`` is what it was to answer.
    """
    if is_server_error(answered(outcome, request)):
        to = f" {request}" if request else ""
        raise NotRun(f"the server answered{to} with status {outcome.status_code}, which refuses nothing")
    return outcome


def describe_outcome(outcome: AuthorizeOutcome) -> str:
    """An outcome in a few words: ``a redirect with code, state``, ``a page with status 400``."""
    if outcome.parameters is None:
        return f"a page with status {outcome.status_code}" if outcome.status_code else "a page"
    return f"a redirect with {named(outcome.parameters)}"

"""Checks of authorization requests that are pushed first (PAR, RFC 9126)."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.oauth.checks.check import Check, CheckRun, Violation
from pytest_endpoint_docs.oauth.checks.judging import (
    INVALID_CLIENT,
    INVALID_REQUEST,
    NotRun,
    answer_of,
    describe,
)
from pytest_endpoint_docs.oauth.checks.outcomes import decided, describe_outcome, require_control
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Client, Pushed, TokenChange
from pytest_endpoint_docs.oauth.checks.violations import examine_refusal, failing_authentications, wrong_parameter

_CREATED = 201
_FOREIGN_REFERENCE = "urn:example:a-request-of-somebody-else"


def response_complete(run: CheckRun, check: Check) -> Iterator[Violation]:
    """U1: what the answer to a pushed request has, and that the reference leads to a code."""
    run.any_grant()  # the positive control: without PAR there is a code, or there is nothing to say
    pushed = run.push({}, TokenChange())
    response, duty = answer_of(pushed.exchange), check.duties["response"]
    if response.status_code != _CREATED:
        expected, actual = "201 with a request_uri", describe(pushed.exchange)
        yield Violation(duty=duty, expected=expected, actual=actual, evidence=pushed.exchange)
    if pushed.request_uri is None:
        if response.status_code == _CREATED:
            yield wrong_parameter(run, duty, "request_uri", "a string that is not empty", pushed.exchange)
        return
    lifetime_s = response.as_object().get("expires_in")
    if not is_number(lifetime_s) or not isinstance(lifetime_s, int) or lifetime_s <= 0:
        yield wrong_parameter(run, duty, "expires_in", "a positive whole number of seconds", pushed.exchange)
    outcome = _opened(run, pushed)
    if outcome.grant is not None:
        run.keep_unused(outcome.grant)
    else:
        yield check.violation("works", "a code for the pushed request", describe_outcome(outcome), outcome)


def reference_single_use(run: CheckRun, check: Check) -> Iterator[Violation]:
    """U2: a reference that led to a code leads to no second one."""
    pushed = _reference(run)
    first = _opened(run, pushed)
    if first.grant is None:
        raise NotRun(f"the reference leads to no code: {describe_outcome(first)} (see U1)")
    run.keep_unused(first.grant)
    again = _opened(run, pushed)
    if again.grant is not None:
        yield check.violation("once", "no second code", describe_outcome(again), again)


def push_authenticated(run: CheckRun, check: Check) -> Iterator[Violation]:
    """U3: a confidential client authenticates to push."""
    for what, failing in failing_authentications(run.facts).items():
        exchange = run.push({}, failing).exchange
        yield from examine_refusal(run, check, "required", exchange, INVALID_CLIENT, what=what)


def nested_reference_refused(run: CheckRun, check: Check) -> Iterator[Violation]:
    """U4: a pushed request holds no reference to another one."""
    # The positive control, which nobody need follow.
    _pushed(run)
    exchange = run.push({"request_uri": _FOREIGN_REFERENCE}, TokenChange()).exchange
    yield from examine_refusal(run, check, "refused", exchange, INVALID_REQUEST)


def reference_bound(run: CheckRun, check: Check) -> Iterator[Violation]:
    """U5: a reference is of no use to another client."""
    pushed = _reference(run)
    outcome = _opened(run, pushed, client="second")
    if outcome.grant is not None:
        yield check.violation("bound", "no code for another client", describe_outcome(outcome), outcome)


def _reference(run: CheckRun) -> Pushed:
    """A reference to follow. Raises: :class:`NotRun` where a person would have to, or none comes."""
    require_control(run)
    return _pushed(run)


def _pushed(run: CheckRun) -> Pushed:
    """Raises: :class:`NotRun` where no reference comes."""
    pushed = run.push({}, TokenChange())
    answer_of(pushed.exchange)
    if pushed.request_uri is None:
        raise NotRun(f"a pushed request is not taken: {describe(pushed.exchange)} (see U1)")
    return pushed


def _opened(run: CheckRun, pushed: Pushed, client: Client = "own") -> AuthorizeOutcome:
    return decided(run.probe.open_pushed(pushed, client=client))

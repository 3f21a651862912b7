"""Checks of what refresh tokens give, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_endpoint_docs.oauth.checks.check import Check, CheckRun, Level, Violation
from pytest_endpoint_docs.oauth.checks.judging import (
    INVALID_CLIENT,
    INVALID_GRANT,
    NotRun,
    answer_of,
    describe,
    is_refused,
    refresh_token_of,
    token_of,
)
from pytest_endpoint_docs.oauth.checks.probe import Facts, TokenChange
from pytest_endpoint_docs.oauth.checks.violations import (
    examine_refusal,
    examine_token,
    failing_authentications,
    require_second_client,
)


def gives_a_token(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R1: a refresh token gives an access token."""
    yield from examine_token(check.duties["response"], run.refreshed().exchange)


def replaced_when_used(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R2: the refresh token of a public client is another one after every use."""
    first = run.refreshed()
    if _replacement(run) is not None:
        return
    again = run.send(None, TokenChange().refreshing(first.refresh_token))
    if token_of(again) is None:
        answer_of(again)
        run.note("the refresh token works once, and no other one comes")
        return
    yield check.violation(
        "replaced",
        "another refresh token with every access token, and the old one refused",
        "the same refresh token gives one access token after the other",
        again,
    )


def reuse_noticed(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R3: a refresh token that was replaced is refused, and its use ends the one that replaced it."""
    newer = _replacement(run)
    if newer is None:
        raise NotRun("the server does not rotate refresh tokens, so there is no used token to send again")
    again = run.send(None, TokenChange().refreshing(run.refreshed().refresh_token))
    what = "the refresh token that was replaced"
    for violation in examine_refusal(run, check, "refused", again, INVALID_GRANT, what=what):
        yield _for(run.facts, violation)
    if not is_refused(again):
        return
    latest = run.send(None, TokenChange().refreshing(newer))
    answer_of(latest)
    if token_of(latest) is not None:
        expected = f"{INVALID_GRANT.text} for the newest refresh token, once an old one was used again"
        found = check.violation("revoked", expected, describe(latest), latest)
        yield _for(run.facts, found)


def authenticated(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R4: a confidential client authenticates to refresh, too."""
    for what, failing in failing_authentications(run.facts).items():
        exchange = run.send(None, failing.refreshing(run.unused_refresh_token()))
        yield from examine_refusal(run, check, "required", exchange, INVALID_CLIENT, what=what)
        if not is_refused(exchange):
            # It was used.
            run.forget_tokens()


def bound_to_client(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R5: a refresh token is of no use to another client."""
    exchange = run.send(None, TokenChange(client="second").refreshing(run.unused_refresh_token()))
    run.forget_tokens()
    require_second_client(exchange)
    yield from examine_refusal(run, check, "refused", exchange, INVALID_GRANT)


def _replacement(run: CheckRun) -> str | None:
    """The refresh token that came in place of the first. Raises: :class:`NotRun` where the refresh gave nothing."""
    first = run.refreshed()
    answer_of(first.exchange)
    if token_of(first.exchange) is None:
        raise NotRun(f"the refresh token gives no access token: {describe(first.exchange)} (see R1)")
    newer = refresh_token_of(first.exchange)
    return None if newer == first.refresh_token else newer


def _for(facts: Facts, violation: Violation) -> Violation:
    """The violation of a duty as it is owed to this client: only public clients depend on it alone."""
    return violation if facts.public else replace(violation, duty=violation.duty.at(Level.SHOULD))

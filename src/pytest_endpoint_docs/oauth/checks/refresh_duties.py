"""Checks of what refresh tokens give, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_endpoint_docs.oauth.checks.check import Check, CheckRun, Duty, Level, Violation
from pytest_endpoint_docs.oauth.checks.judging import (
    NotRun,
    Refusal,
    answer_of,
    describe,
    judge,
    refresh_token_of,
    token_of,
)
from pytest_endpoint_docs.oauth.checks.probe import Facts, refresh_change
from pytest_endpoint_docs.oauth.checks.token_attempts import duty_of, judged

_OK = 200
_INVALID_GRANT = Refusal(errors=("invalid_grant",))
_INVALID_CLIENT = Refusal(statuses=(400, 401), errors=("invalid_client",))


def gives_a_token(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R1: a refresh token gives an access token."""
    exchange = run.refreshed().exchange
    if answer_of(exchange).status_code != _OK or token_of(exchange) is None:
        yield Violation(
            duty=check.duties["response"],
            expected="200 with an access token",
            actual=describe(exchange),
            evidence=exchange,
        )


def replaced_when_used(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R2: the refresh token of a public client is another one after every use."""
    first = run.refreshed()
    if _replacement(run) is not None:
        return
    again = run.send(None, refresh_change(first.refresh_token))
    if token_of(again) is None:
        answer_of(again)
        run.note("the refresh token works once, and no other one comes")
        return
    yield Violation(
        duty=check.duties["replaced"],
        expected="another refresh token with every access token, and the old one refused",
        actual="the same refresh token gives one access token after the other",
        evidence=again,
    )


def reuse_noticed(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R3: a refresh token that was replaced is refused, and its use ends the one that replaced it."""
    newer = _replacement(run)
    if newer is None:
        raise NotRun("the server does not replace a refresh token when it is used, so there is no old one to try")
    again = run.send(None, refresh_change(run.refreshed().refresh_token))
    verdict = judge(again, _INVALID_GRANT, check.tolerances)
    if verdict.actual is not None:
        yield Violation(
            duty=_for(run.facts, duty_of(check, "refused", verdict)),
            expected=f"{_INVALID_GRANT.text} for the refresh token that was replaced",
            actual=verdict.actual,
            evidence=again,
        )
        if not verdict.refused:
            return
    latest = run.send(None, refresh_change(newer))
    answer_of(latest)
    if token_of(latest) is not None:
        yield Violation(
            duty=_for(run.facts, check.duties["revoked"]),
            expected=f"{_INVALID_GRANT.text} for the newest refresh token, once an old one was used again",
            actual=describe(latest),
            evidence=latest,
        )


def authenticated(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R4: a confidential client authenticates to refresh, too."""
    attempts: list[dict[str, Any]] = [{"credentials": "none"}]
    if not run.facts.asserting:
        attempts.append({"wrong_secret": True})
    for attempt in attempts:
        exchange = run.send(None, refresh_change(run.unused_refresh_token(), **attempt))
        verdict = judged(run, check, exchange, _INVALID_CLIENT)
        if verdict.actual is not None:
            what = "a wrong secret" if "wrong_secret" in attempt else "no secret"
            yield Violation(
                duty=duty_of(check, "required", verdict),
                expected=f"{_INVALID_CLIENT.text} for {what}",
                actual=verdict.actual,
                evidence=exchange,
            )
            if not verdict.refused:
                # It was used.
                run.forget_tokens()


def bound_to_client(run: CheckRun, check: Check) -> Iterator[Violation]:
    """R5: a refresh token is of no use to another client."""
    exchange = run.send(None, refresh_change(run.unused_refresh_token(), client="second"))
    run.forget_tokens()
    verdict = judge(exchange, _INVALID_GRANT, check.tolerances)
    if verdict.actual is not None:
        yield Violation(
            duty=duty_of(check, "refused", verdict),
            expected=_INVALID_GRANT.text,
            actual=verdict.actual,
            evidence=exchange,
        )


def _replacement(run: CheckRun) -> str | None:
    """The refresh token that came in place of the first. Raises: :class:`NotRun` where the refresh gave nothing."""
    first = run.refreshed()
    answer_of(first.exchange)
    if token_of(first.exchange) is None:
        raise NotRun(f"the refresh token gives no access token: {describe(first.exchange)} (see R1)")
    newer = refresh_token_of(first.exchange)
    return None if newer == first.refresh_token else newer


def _for(facts: Facts, duty: Duty) -> Duty:
    """The duty as it is owed to this client: only public clients depend on it alone."""
    return duty if facts.public else duty.at(Level.SHOULD)

"""Checks of the token endpoint that are nothing but data: a changed request, and the refusal that is owed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.oauth.checks.check import CODED, Check, CheckRun, Duty, Examination, Violation
from pytest_endpoint_docs.oauth.checks.judging import Refusal, Verdict, judge
from pytest_endpoint_docs.oauth.checks.probe import TokenChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A token request to be refused.

    ``duty`` is the key into the check's duties. ``code``: ``fresh``, where the code itself is at issue; ``spare``,
    where the refusal is owed for another reason; ``none``, where the request has no code of ours. ``extended`` is
    appended to the redirect URI that is sent.
    """

    duty: str
    change: TokenChange
    refusal: Refusal
    code: Literal["fresh", "spare", "none"] = "fresh"
    extended: str = ""


def duty_of(check: Check, name: str, verdict: Verdict) -> Duty:
    """The duty that an answer violates: to refuse, or (where that was done) to say so as section 5.2 has it."""
    return check.duties[CODED] if verdict.refused and CODED in check.duties else check.duties[name]


def judged(run: CheckRun, check: Check, exchange: SentRequest, refusal: Refusal) -> Verdict:
    """Compare an answer with the refusal that is owed, and note what the check tolerates.

    Raises: ``NotRun`` where there is no answer to judge.
    """
    verdict = judge(exchange, refusal, check.tolerances)
    if verdict.tolerated is not None:
        run.note(f"{verdict.tolerated.error} tolerated: {verdict.tolerated.why}")
    return verdict


def refusals(*attempts: Attempt) -> Examination:
    """An examination that makes these attempts, all of them."""

    def examine(run: CheckRun, check: Check) -> Iterator[Violation]:
        return examine_attempts(run, check, attempts)

    return examine


def examine_attempts(run: CheckRun, check: Check, attempts: Sequence[Attempt]) -> Iterator[Violation]:
    """Make the attempts; yield a violation for each that was not refused as owed."""
    for attempt in attempts:
        change = attempt.change
        if attempt.extended:
            change = TokenChange(fields={**change.fields, "redirect_uri": run.facts.redirect_uri + attempt.extended})
        if attempt.code == "none":
            # The positive control: without it, a client that is unknown would be taken for the reason of the refusal.
            run.any_grant()
        if attempt.code == "spare":
            exchange = run.send_with_spare(change)
        else:
            exchange = run.send(run.fresh_grant() if attempt.code == "fresh" else None, change)
        verdict = judged(run, check, exchange, attempt.refusal)
        if verdict.actual is not None:
            yield Violation(
                duty=duty_of(check, attempt.duty, verdict),
                expected=attempt.refusal.text,
                actual=verdict.actual,
                evidence=exchange,
            )

"""How an answer violates a duty; and the checks that are data alone: a changed request, the refusal that is owed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pytest_endpoint_docs.checks.values import shown
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.checks.check import CODED, Check, CheckRun, Duty, Examination, Violation
from pytest_endpoint_docs.oauth.checks.conditions import without_secret
from pytest_endpoint_docs.oauth.checks.judging import (
    NotRun,
    Refusal,
    answer_of,
    describe,
    error_of,
    is_refused,
    judge,
    token_of,
)
from pytest_endpoint_docs.oauth.checks.probe import Facts, TokenChange

MADE_UP_TOKEN = "made-up-dG9rZW4gb2Ygbm9ib2R5"
_OK = 200
_OF_THE_CLIENT = frozenset(["invalid_client", "unauthorized_client"])


@value_class
class Attempt:
    """A token request to be refused.

    ``duty`` is the key into the check's duties. ``code``: ``fresh``, where the code itself is at issue; ``spare``,
    where the refusal is owed for another reason; ``none``, where the request has no code of ours. ``extended`` is
    appended to the redirect URI that is sent. ``what`` is refused, where a check makes several attempts.
    """

    change: TokenChange
    refusal: Refusal
    duty: str = "refused"
    code: Literal["fresh", "spare", "none"] = "fresh"
    extended: str = ""
    what: str = ""


def failing_authentications(facts: Facts) -> dict[str, TokenChange]:
    """The ways in which a client can fail to authenticate, by what it sends."""
    failing = {"client_id alone": TokenChange(credentials="none")}
    if without_secret(facts) is None:
        failing["a wrong secret"] = TokenChange(wrong_secret=True)
    return failing


def examine_refusal(
    run: CheckRun, check: Check, duty: str, exchange: SentRequest, refusal: Refusal, *, what: str = ""
) -> Iterator[Violation]:
    """Yield a violation where an answer is not the refusal that is owed; note what the check tolerates.

    ``duty`` names the one to refuse; where that was done, the one to say so as section 5.2 has it is violated. ``what``
    is refused, for a check that tries several things. Raises: ``NotRun`` where there is no answer to judge, or it is
    the client that is refused.
    """
    require_accepted_client(run, exchange)
    verdict = judge(exchange, refusal, check.tolerances)
    if verdict.tolerated is not None:
        run.note(verdict.tolerated.note)
    if verdict.actual is not None:
        yield Violation(
            duty=check.duties[CODED if CODED in check.duties and is_refused(exchange) else duty],
            expected=f"{refusal.text} for {what}" if what else refusal.text,
            actual=verdict.actual,
            evidence=exchange,
        )


def require_accepted_client(run: CheckRun, exchange: SentRequest) -> None:
    """Raises: ``NotRun`` where the server refuses the client whatever it asks for, and so says nothing of the rest."""
    _require_accepted(run, exchange, "invalid_client", "the server does not accept the client")


def require_accepted_codes(run: CheckRun, exchange: SentRequest) -> None:
    """Raises: ``NotRun`` where the server refuses the client's codes whatever is sent with them."""
    _require_accepted(run, exchange, "invalid_grant", "the server accepts no code")


def _require_accepted(run: CheckRun, exchange: SentRequest, error: str, why: str) -> None:
    if error_of(exchange) != error:
        return
    control = run.exchanged().exchange
    if token_of(control) is None and error_of(control) == error:
        raise NotRun(f"{why}: {describe(control)} to the documented exchange (see T1)")


def require_second_client(exchange: SentRequest) -> None:
    """Raises: ``NotRun`` where the second client is refused for what it is, not for whose code or token it sends."""
    if error_of(exchange) in _OF_THE_CLIENT:
        raise NotRun(f"the second client may not ask for tokens like that itself: {describe(exchange)}")


def examine_token(duty: Duty, exchange: SentRequest) -> Iterator[Violation]:
    """Yield a violation where an answer brings no access token. Raises: ``NotRun`` where there is no answer."""
    if answer_of(exchange).status_code != _OK or token_of(exchange) is None:
        yield Violation(duty=duty, expected="200 with an access token", actual=describe(exchange), evidence=exchange)


def require_working(run: CheckRun, token: str) -> None:
    """Make sure that an access token works at the protected resource.

    Raises: ``NotRun`` where none is known, where it lets everybody in and so says nothing of tokens, where no answer
    came, and where the token does not work.
    """
    control = run.probe.use_token(MADE_UP_TOKEN)
    if control is None:
        raise NotRun("no protected resource is known at which the token could be tried (oauth.protected_resource)")
    if answer_of(control).is_success:
        raise NotRun(f"the protected resource accepts a made-up token, too: {describe(control)}")
    if not works(run, token):
        raise NotRun("it did not work at the protected resource before")


def works(run: CheckRun, token: str) -> bool:
    """Whether the protected resource, which is known, lets somebody in with a token: 2xx, no redirect to a login.

    Raises: ``NotRun`` where no answer came.
    """
    used = run.probe.use_token(token)
    return used is not None and answer_of(used).is_success


def wrong_parameter(run: CheckRun, duty: Duty, name: str, expected: str, exchange: SentRequest) -> Violation:
    """The violation by an answer in which a parameter is not as it should be: what it is, masked if it is a secret."""
    parameters = answer_of(exchange).as_object()
    pointer = f"/{name}"
    actual = f"no {name}"
    if name in parameters:
        actual = f"{name}: {shown(parameters[name], run.probe.redactor, pointer=pointer)}"
    return Violation(
        duty=duty,
        expected=f"{name}, {expected}",
        actual=actual,
        evidence=exchange,
        pointer=pointer,
    )


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
        if change.client == "second":
            require_second_client(exchange)
        if attempt.code != "none":
            require_accepted_codes(run, exchange)
        yield from examine_refusal(run, check, attempt.duty, exchange, attempt.refusal, what=attempt.what)

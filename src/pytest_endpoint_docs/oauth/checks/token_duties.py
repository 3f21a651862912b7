"""Checks of the token endpoint that take more than one changed request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.oauth.checks.check import Check, CheckRun, Level, Violation, successful
from pytest_endpoint_docs.oauth.checks.judging import (
    INVALID_GRANT,
    INVALID_REQUEST,
    NotRun,
    answer_of,
    describe,
    is_refused,
    token_of,
)
from pytest_endpoint_docs.oauth.checks.probe import TokenChange
from pytest_endpoint_docs.oauth.checks.violations import (
    Attempt,
    examine_attempts,
    examine_refusal,
    examine_token,
    require_accepted_client,
    require_accepted_codes,
    require_working,
    wrong_parameter,
)
from pytest_endpoint_docs.oauth.consent_errors import AuthorizationErrorResponse, ConsentStuck
from pytest_endpoint_docs.oauth.grant import new_verifier

LONGEST_CODE_LIFETIME_S = 600
_OK = 200
_TOKEN_TYPES = frozenset(["bearer", "dpop", "mac", "pop", "n_a"])


def token_response(run: CheckRun, check: Check) -> Iterator[Violation]:
    """T1: what a successful exchange answers."""
    exchange = run.exchanged().exchange
    response = answer_of(exchange)
    duty = check.duties["response"]
    if response.status_code != _OK:
        yield from examine_token(duty, exchange)
        return
    if response.media_type != "application/json":
        yield Violation(
            duty=duty,
            expected="Content-Type: application/json",
            actual=f"Content-Type: {response.media_type or 'none'}",
            evidence=exchange,
            pointer="Content-Type",
        )
    parameters = response.as_object()
    if token_of(exchange) is None:
        yield wrong_parameter(run, duty, "access_token", "a string that is not empty", exchange)
    kind = parameters.get("token_type")
    if not isinstance(kind, str) or not (kind.lower() in _TOKEN_TYPES or ":" in kind):
        yield wrong_parameter(run, duty, "token_type", "such as Bearer in any case", exchange)
    if "expires_in" in parameters and not is_number(parameters["expires_in"]):
        yield wrong_parameter(run, duty, "expires_in", "a number of seconds", exchange)


def caching(run: CheckRun, check: Check) -> Iterator[Violation]:
    """T2: tokens must not stay in caches."""
    exchange = successful(run.exchanged()).exchange
    headers = answer_of(exchange).headers
    for duty, name, directive in (("cache-control", "Cache-Control", "no-store"), ("pragma", "Pragma", "no-cache")):
        value = headers.get(name)
        directives = [part.strip().lower() for part in (value or "").split(",")]
        if directive not in directives:
            yield check.violation(
                duty,
                f"{name}: {directive}",
                f"no {name} field" if value is None else f"{name}: {value}",
                exchange,
                pointer=name,
            )


def single_use(run: CheckRun, check: Check) -> Iterator[Violation]:
    """T4: a code that comes again is refused, and the token that it gave is revoked."""
    first = successful(run.exchanged_once())
    token = token_of(first.exchange)
    unknown = _why_unknown(run, token)
    again = run.send(first.grant, TokenChange())
    yield from examine_refusal(run, check, "refused", again, INVALID_GRANT)
    if not is_refused(again):
        return
    if token is None or unknown:
        run.note(f"not checked whether the first token is revoked: {unknown}")
        return
    after = run.probe.use_token(token)
    if after is not None and after.response is not None and after.response.is_success:
        yield check.violation(
            "revoked",
            "401 for the first access token",
            f"{after.response.status_code}: the first access token still works",
            after,
        )


def _why_unknown(run: CheckRun, token: str | None) -> str:
    """Why the protected resource cannot tell whether the token is revoked; empty if it can."""
    if token is None:
        return "the answer has no access token"
    try:
        require_working(run, token)
    except NotRun as reason:
        return str(reason)
    return ""


def expiry(run: CheckRun, check: Check) -> Iterator[Violation]:
    """T15: codes are short-lived, and refused when their time is over."""
    lifetime, longest = run.facts.code_lifetime_s, run.facts.longest_wait_s
    if lifetime is None:
        raise NotRun("nothing tells how long a code lives")
    if lifetime > LONGEST_CODE_LIFETIME_S:
        yield check.violation("lifetime", f"at most {LONGEST_CODE_LIFETIME_S} s", f"{lifetime:g} s")
    if lifetime > longest:
        raise NotRun(f"a code lives {lifetime:g} s here, and the check waits {longest:g} s at most")
    grant = run.fresh_grant()
    run.probe.wait(lifetime + 1)
    exchange = run.send(grant, TokenChange())
    require_accepted_codes(run, exchange)
    what = f"a code that is {lifetime + 1:g} s old (code_lifetime_s: {lifetime:g})"
    yield from examine_refusal(run, check, "refused", exchange, INVALID_GRANT, what=what)


def ignored_parameters(run: CheckRun, check: Check) -> Iterator[Violation]:
    """T19: a parameter that the server does not know, and one without a value."""
    exchange = run.send(run.fresh_grant(), TokenChange(fields={"x_unknown": "1", "scope": ""}))
    require_accepted_client(run, exchange)
    require_accepted_codes(run, exchange)
    yield from examine_token(check.duties["ignored"], exchange)


def basic_accepted(run: CheckRun, check: Check) -> Iterator[Violation]:
    """T22: the right secret in the Authorization field."""
    exchange = run.send(run.fresh_grant(), TokenChange(credentials="basic"))
    require_accepted_client(run, exchange)
    yield from examine_token(check.duties["accepted"], exchange)


def verifier(run: CheckRun, check: Check) -> Iterator[Violation]:
    """P1: a code that was asked for with a challenge needs its verifier."""
    attempts = (
        Attempt(
            duty="verified",
            change=TokenChange(fields={"code_verifier": new_verifier()}),
            refusal=INVALID_GRANT,
            what="a wrong code_verifier",
        ),
        Attempt(
            duty="demanded",
            change=TokenChange(fields={"code_verifier": None}),
            refusal=INVALID_GRANT,
            what="no code_verifier",
        ),
    )
    for violation in examine_attempts(run, check, attempts):
        yield violation if run.facts.pkce_promised else replace(violation, duty=violation.duty.at(Level.SHOULD))


def downgrade(run: CheckRun, check: Check) -> Iterator[Violation]:
    """P2: a verifier for a code that was asked for without a challenge."""
    control = run.exchanged().exchange
    if token_of(control) is None:
        raise NotRun(f"the same request with a code_challenge gives no access token: {describe(control)} (see T1)")
    try:
        grant = run.probe.grant(challenge=False)
    except AuthorizationErrorResponse as refused:
        run.note(
            f"the authorization endpoint demands a code_challenge ({refused.error}): there is nothing to downgrade"
        )
        return
    except ConsentStuck as page:
        raise NotRun(f"no code comes without a code_challenge: {page.message}") from None
    exchange = run.send(grant, TokenChange(fields={"code_verifier": new_verifier()}))
    yield from examine_refusal(run, check, "refused", exchange, INVALID_REQUEST)

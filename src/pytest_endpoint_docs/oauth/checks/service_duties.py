"""Checks of introspection and revocation, where the server's metadata names an endpoint for them."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.oauth.checks.check import CODED, Check, CheckRun, Duty, Violation
from pytest_endpoint_docs.oauth.checks.judging import (
    INVALID_CLIENT,
    INVALID_GRANT,
    NotRun,
    answer_of,
    describe,
    error_of,
    is_refused,
    token_of,
)
from pytest_endpoint_docs.oauth.checks.probe import TokenChange
from pytest_endpoint_docs.oauth.checks.violations import (
    MADE_UP_TOKEN,
    examine_refusal,
    failing_authentications,
    require_working,
    works,
    wrong_parameter,
)

_OK = 200
_FIRST_ERROR = 400
_FORBIDDEN = frozenset([401, 403])
_NOT_FOR_THIS_CLIENT = frozenset(["invalid_client", "unauthorized_client"])


def live_token_described(run: CheckRun, check: Check) -> Iterator[Violation]:
    """N1: what introspection says of an access token that works."""
    exchange = _introspect(run, _live_access_token(run), TokenChange())
    response = answer_of(exchange)
    _require_served(exchange, "introspect", _FORBIDDEN)
    said = response.as_object()
    if response.status_code != _OK or not isinstance(said.get("active"), bool):
        yield _wrong_activity(run, check.duties["response"], "true or false", exchange)
    elif said["active"] is False:
        raise NotRun("the server calls a live token inactive, as it does to clients that may not ask about it")
    for name, expected, is_right in (
        ("scope", "a string with spaces between", lambda value: isinstance(value, str)),
        ("exp", "a number of seconds", is_number),
        ("iat", "a number of seconds", is_number),
    ):
        if said.get(name) is not None and not is_right(said[name]):
            yield wrong_parameter(run, check.duties["response"], name, expected, exchange)


def made_up_token_inactive(run: CheckRun, check: Check) -> Iterator[Violation]:
    """N2: a token that nobody issued is inactive, and that is all that is said of it."""
    exchange = _introspect(run, MADE_UP_TOKEN, TokenChange())
    response = answer_of(exchange)
    _require_served(exchange, "introspect", _FORBIDDEN)
    said = response.as_object()
    if response.status_code != _OK or said.get("active") is not False:
        yield _wrong_activity(run, check.duties["inactive"], "false", exchange)
    elif said.keys() - {"active"}:
        also = f"{', '.join(sorted(said.keys() - {'active'}))} beside it"
        yield check.violation("silent", "active: false alone", also, exchange)


def introspection_authorized(run: CheckRun, check: Check) -> Iterator[Violation]:
    """N3: who asks about tokens must say who they are."""
    token = _live_access_token(run)
    for what, failing in failing_authentications(run.facts).items():
        exchange = _introspect(run, token, failing)
        response = answer_of(exchange)
        if response.as_object().get("active") is True:
            shown = f"{response.status_code} with active: true"
            yield check.violation("required", f"401 for {what}", shown, exchange)
        elif response.status_code not in _FORBIDDEN:
            yield check.violation(CODED, f"401 for {what}", describe(exchange), exchange)


def revocation_authenticated(run: CheckRun, check: Check) -> Iterator[Violation]:
    """V1: a confidential client authenticates to revoke."""
    token = _live_access_token(run)
    for what, failing in failing_authentications(run.facts).items():
        exchange = _revoke(run, token, failing)
        yield from examine_refusal(run, check, "required", exchange, INVALID_CLIENT, what=what)
        if not is_refused(exchange):
            run.forget_tokens()


def foreign_token_kept(run: CheckRun, check: Check) -> Iterator[Violation]:
    """V2: a token goes on working when another client revokes it."""
    token = _live_access_token(run)
    require_working(run, token)
    exchange = _revoke(run, token, TokenChange(client="second"))
    response = answer_of(exchange)
    if not works(run, token):
        run.forget_tokens()
        yield check.violation("kept", "the token goes on working", "it stopped working", exchange)
    elif response.status_code < _FIRST_ERROR:
        yield check.violation(CODED, "an error, because the token is another client's", describe(exchange), exchange)


def unknown_token_no_error(run: CheckRun, check: Check) -> Iterator[Violation]:
    """V3: a token that does not exist is as good as revoked."""
    exchange = _revoke(run, MADE_UP_TOKEN, TokenChange())
    _require_served(exchange, "revoke")
    if answer_of(exchange).status_code != _OK:
        yield check.violation("accepted", "200", describe(exchange), exchange)


def access_token_revoked(run: CheckRun, check: Check) -> Iterator[Violation]:
    """V4: an access token that was revoked no longer works."""
    token = _live_access_token(run)
    require_working(run, token)
    exchange = _revoke(run, token, TokenChange(), hint="access_token")
    # Servers may revoke the refresh token with it: what is looked at next would be revoked already.
    run.forget_tokens()
    if answer_of(exchange).status_code != _OK:
        yield check.violation("supported", "200", describe(exchange), exchange)
        return
    if works(run, token):
        yield check.violation("revoked", "the token no longer works", "it goes on working", exchange)


def refresh_token_revoked(run: CheckRun, check: Check) -> Iterator[Violation]:
    """V5: a refresh token that was revoked gives nothing any more."""
    token = run.unused_refresh_token()
    exchange = _revoke(run, token, TokenChange(), hint="refresh_token")
    run.forget_tokens()
    if answer_of(exchange).status_code != _OK:
        yield check.violation("supported", "200", describe(exchange), exchange)
        return
    after = run.send(None, TokenChange().refreshing(token))
    yield from examine_refusal(run, check, "revoked", after, INVALID_GRANT, what="the revoked refresh token")


def _introspect(run: CheckRun, token: str, change: TokenChange) -> SentRequest:
    url = run.facts.metadata.introspection_endpoint
    assert url is not None
    return run.post(url, {"token": token}, change)


def _wrong_activity(run: CheckRun, duty: Duty, expected: str, exchange: SentRequest) -> Violation:
    response = answer_of(exchange)
    if response.status_code == _OK and "active" in response.as_object():
        return wrong_parameter(run, duty, "active", expected, exchange)
    expected, actual = f"200 with active: {expected}", describe(exchange)
    return Violation(duty=duty, expected=expected, actual=actual, evidence=exchange, pointer="/active")


def _revoke(run: CheckRun, token: str, change: TokenChange, *, hint: str = "") -> SentRequest:
    url = run.facts.metadata.revocation_endpoint
    assert url is not None
    return run.post(url, {"token": token, **({"token_type_hint": hint} if hint else {})}, change)


def _require_served(exchange: SentRequest, what: str, statuses: frozenset[int] = frozenset()) -> None:
    """Raises: :class:`NotRun` where the server refuses the client: by its error code, or with one of these statuses."""
    status_code = answer_of(exchange).status_code
    named = status_code >= _FIRST_ERROR and error_of(exchange) in _NOT_FOR_THIS_CLIENT
    if named or status_code in statuses:
        raise NotRun(f"this client may not {what} tokens: {describe(exchange)}")


def _live_access_token(run: CheckRun) -> str:
    token = token_of(run.live_tokens().exchange)
    assert token is not None
    return token

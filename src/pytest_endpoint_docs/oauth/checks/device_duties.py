"""Checks of the device authorization grant (RFC 8628), where something names its endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.exchange import SentRequest
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.oauth.checks.check import Check, CheckRun, Violation
from pytest_endpoint_docs.oauth.checks.judging import (
    INVALID_GRANT,
    NotRun,
    Refusal,
    answer_of,
    describe,
    error_of,
    text_of,
    token_of,
)
from pytest_endpoint_docs.oauth.checks.outcomes import answered
from pytest_endpoint_docs.oauth.checks.probe import TokenChange
from pytest_endpoint_docs.oauth.checks.violations import examine_refusal, examine_token, wrong_parameter
from pytest_endpoint_docs.oauth.consent_errors import DeviceRefused
from pytest_endpoint_docs.oauth.device_authorization import DEVICE_GRANT, read_device_authorization

_OK = 200
_MADE_UP = "made-up-ZGV2aWNlIG9mIG5vYm9keQ"
_LONGEST_INTERVAL_S = 10.0
_WAITING = frozenset(["authorization_pending", "slow_down"])
_NOT_FOR_THIS_CLIENT = frozenset(["invalid_client", "unauthorized_client", "unsupported_grant_type"])


def response_complete(run: CheckRun, check: Check) -> Iterator[Violation]:
    """D1: what a device is told."""
    exchange = _start(run)
    response, duty = answer_of(exchange), check.duties["response"]
    if response.status_code != _OK:
        expected = "200 with a device_code"
        yield Violation(duty=duty, expected=expected, actual=describe(exchange), evidence=exchange)
        return
    for name in ("device_code", "user_code", "verification_uri"):
        if text_of(exchange, name) is None:
            yield wrong_parameter(run, duty, name, "a string that is not empty", exchange)
    if not is_number(response.as_object().get("expires_in")):
        yield wrong_parameter(run, duty, "expires_in", "a number of seconds", exchange)


def pending(run: CheckRun, check: Check) -> Iterator[Violation]:
    """D2: a device that asks before the person decided is told to wait."""
    said = _started(run)
    exchange = _poll(run, str(said["device_code"]))
    yield from examine_refusal(run, check, "waits", exchange, Refusal(errors=("authorization_pending",)))


def made_up_code(run: CheckRun, check: Check) -> Iterator[Violation]:
    """D3: a device code that nobody issued is refused."""
    _started(run)
    exchange = _poll(run, _MADE_UP)
    if error_of(exchange) in _WAITING:
        actual = f"{describe(exchange)}: the device is told to wait, and not refused"
        yield check.violation("refused", INVALID_GRANT.text, actual, exchange)
        return
    yield from examine_refusal(run, check, "refused", exchange, INVALID_GRANT)


def allowed(run: CheckRun, check: Check) -> Iterator[Violation]:
    """D4: a device that a person allowed gets its token."""
    exchange = _decided(run, deny=False)
    _require_decided(exchange, "authorization_pending", "slow_down")
    yield from examine_token(check.duties["token"], exchange)


def denied(run: CheckRun, check: Check) -> Iterator[Violation]:
    """D5: a device that a person denied is told so."""
    exchange = _decided(run, deny=True)
    _require_decided(exchange, "slow_down")
    yield from examine_refusal(run, check, "denied", exchange, Refusal(errors=("access_denied",)))


def _decided(run: CheckRun, *, deny: bool) -> SentRequest:
    """The answer to the device after the person decided. Raises: :class:`NotRun` where they could not."""
    if run.facts.attended:
        raise NotRun("a person is not asked to let a device in; --endpoint-manual automated runs the check")
    if run.facts.gives_codes:
        run.any_grant()  # the positive control: a login on this server leads somewhere
    said = _started(run)
    try:
        device = read_device_authorization(run.facts.device_url or "", _OK, said)
    except DeviceRefused as lacking:
        raise NotRun(f"{lacking} (see D1)") from None
    answered(run.probe.visit(device.url, device.user_code, deny=deny))
    run.probe.wait(min(device.interval_s, _LONGEST_INTERVAL_S))
    return _poll(run, device.device_code)


def _require_decided(exchange: SentRequest, *waiting: str) -> None:
    """Raises: :class:`NotRun` where the device is still told to wait: the server may know of no decision."""
    answer_of(exchange)
    error = error_of(exchange)
    if token_of(exchange) is None and error in waiting:
        raise NotRun(f"the device is still told to wait ({error}): the page may not have taken the decision")


def _start(run: CheckRun) -> SentRequest:
    """The answer to a device that asks. Raises: :class:`NotRun` where this client may not use the grant."""
    url = run.facts.device_url
    assert url is not None
    return _granted(run.post(url, {"scope": run.facts.scope} if run.facts.scope else {}, TokenChange()))


def _started(run: CheckRun) -> Mapping[str, JSONValue]:
    exchange = _start(run)
    said = answer_of(exchange).as_object()
    if not isinstance(said.get("device_code"), str):
        raise NotRun(f"the server gives this client no device_code: {describe(exchange)} (see D1)")
    return said


def _poll(run: CheckRun, device_code: str) -> SentRequest:
    """The answer to a device that waits. Raises: :class:`NotRun` as :func:`_start` does."""
    return _granted(run.send(None, TokenChange().for_grant(DEVICE_GRANT, device_code=device_code)))


def _granted(exchange: SentRequest) -> SentRequest:
    if answer_of(exchange).status_code != _OK and error_of(exchange) in _NOT_FOR_THIS_CLIENT:
        raise NotRun(f"this client may not use the device grant: {describe(exchange)}")
    return exchange

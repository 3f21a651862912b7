"""What is owed to devices that ask a person to let them in from somewhere else."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import conditions, device_duties
from pytest_endpoint_docs.oauth.checks.check import Check, coded, must
from pytest_endpoint_docs.oauth.checks.judging import Tolerance

DEVICE_CHECKS: tuple[Check, ...] = (
    Check(
        id="D1",
        title="device authorization response is complete",
        sent="a device authorization request",
        expected="200, device_code, user_code, verification_uri, expires_in as a number",
        duties={"response": must("a device is told its codes, where to go, and how long they live", "8628 3.2")},
        condition=conditions.without_devices,
        examine=device_duties.response_complete,
    ),
    Check(
        id="D2",
        title="device is told to wait for the person",
        sent="a device_code, before the person decided",
        expected="400 authorization_pending",
        duties={"waits": must("a request that is not decided yet is pending", "8628 3.5")},
        tolerances=(Tolerance(error="slow_down", why="the device asked too soon"),),
        condition=conditions.without_devices,
        examine=device_duties.pending,
    ),
    Check(
        id="D3",
        title="made-up device_code is refused",
        sent="a device_code that was never issued",
        expected="400 invalid_grant",
        duties={"refused": must("a device_code that was never issued is refused", "8628 3.5", "6749 5.2"), **coded()},
        tolerances=(
            Tolerance(error="expired_token", why="what is unknown may have expired"),
            Tolerance(error="invalid_request", why="a malformed device_code counts as a malformed request there"),
        ),
        condition=conditions.without_devices,
        examine=device_duties.made_up_code,
    ),
    Check(
        id="D4",
        title="device that was let in gets a token",
        sent="a device_code, after the person allowed it at verification_uri",
        expected="200 with an access token",
        duties={"token": must("the token request succeeds when the person has allowed it", "8628 3.5")},
        condition=conditions.without_devices,
        examine=device_duties.allowed,
    ),
    Check(
        id="D5",
        title="device that was not let in is told so",
        sent="a device_code, after the person denied it at verification_uri",
        expected="400 access_denied",
        duties={"denied": must("a device whose request was denied gets no token, and is told", "8628 3.5")},
        condition=conditions.without_devices,
        examine=device_duties.denied,
    ),
)

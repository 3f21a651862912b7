"""A device that a person lets in from another browser: what they are told, and the waiting for them."""

from __future__ import annotations

import time
from collections.abc import Callable

from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, DeviceDenied, DeviceExpired
from pytest_endpoint_docs.oauth.device_authorization import DeviceAuthorization, DevicePolls
from pytest_endpoint_docs.oauth.pasted_redirect import NOBODY_TO_ASK, leave_if_asked

_TELLS_EVERY_S = 30.0


def code_to_compare(device: DeviceAuthorization) -> str:
    """What the person knows the device by (RFC 8628 section 3.3.1): for them alone."""
    shows = "shows the code, or asks for it" if device.verification_uri_complete else "asks for the code"
    return f"The page {shows}: {device.user_code}. It lives {device.expires_in_s:g} s."


def wait_for_person(
    polls: DevicePolls,
    listen: Callable[[float], str | None],
    tell: Callable[[str], None],
    *,
    timeout_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Let the device ask until nothing is left to ask, and the person leave meanwhile.

    Raises: :class:`ClosedByPerson` for ``skip``, after ``timeout_s``, or where there is no terminal;
    :class:`LeftByPerson` for ``quit``.
    """
    ends_at = clock() + timeout_s
    told_at = clock()
    while not polls.ask_if_due():
        left_s = ends_at - clock()
        if left_s <= 0:
            raise ClosedByPerson(f"nobody let the device in within {timeout_s:g} s")
        try:
            line = listen(min(polls.due_in_s, left_s, _TELLS_EVERY_S))
        except (EOFError, OSError):
            raise ClosedByPerson(NOBODY_TO_ASK) from None
        if line is not None:
            leave_if_asked(line)
            tell("Nothing is to be typed here but skip or quit: the device asks by itself.")
        if clock() - told_at >= _TELLS_EVERY_S:
            told_at = clock()
            tell(f"still waiting for you: {ends_at - told_at:.0f} s left")


def refuse_slips(polls: DevicePolls) -> None:
    """Raises: :class:`ClosedByPerson` where the person let no device in, which says nothing of the server."""
    try:
        polls.token_response()
    except DeviceDenied:
        raise ClosedByPerson("the device was refused (access_denied), but it should be let in") from None
    except DeviceExpired as late:
        raise ClosedByPerson(late.args[0]) from None

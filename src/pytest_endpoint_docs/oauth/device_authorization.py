"""What a device is told when it asks to be let in, and how it waits for that (RFC 8628 sections 3.2 to 3.5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.consent_errors import (
    DeviceDenied,
    DeviceExpired,
    DeviceRefused,
    TokenRequestFailed,
    error_in,
)
from pytest_endpoint_docs.oauth.grant import bare_code

if TYPE_CHECKING:
    from pytest_endpoint_docs.redaction.redactor import Redactor

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_OK = 200
_USUAL_INTERVAL_S = 5.0
_SLOWER_BY_S = 5.0
# Where a server says nothing of the lifetime although it must: long enough for a person, and an end.
_USUAL_LIFETIME_S = 600.0
_MOST_SILENCES = 3


@value_class
class DeviceAuthorization:
    """The answer to a device that asks (section 3.2); its codes are not in its ``repr``.

    ``interval_s``: how long it waits between two polls.
    """

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    verification_uri: str = field(repr=False)
    verification_uri_complete: str | None = field(default=None, repr=False)
    expires_in_s: float = _USUAL_LIFETIME_S
    interval_s: float = _USUAL_INTERVAL_S

    @property
    def url(self) -> str:
        """Where a person is sent: with the code in it, where the server gives that."""
        return self.verification_uri_complete or self.verification_uri


def read_device_authorization(url: str, status_code: int, members: Mapping[str, JSONValue]) -> DeviceAuthorization:
    """The authorization in the members of what the endpoint at ``url`` answered.

    Raises: :class:`DeviceRefused` where it is an error, or lacks what the flow cannot do without.
    """
    if status_code != _OK:
        said = f"{status_code} {error_in(members)}".rstrip()
        raise DeviceRefused(f"the device authorization request to {url} was answered with {said}")
    texts = {}
    # Some servers still use the name of an early draft.
    given = {**members, "verification_uri": members.get("verification_uri", members.get("verification_url"))}
    for name in ("device_code", "user_code", "verification_uri"):
        value = given.get(name)
        if not isinstance(value, str) or not value:
            raise DeviceRefused(f"the device authorization response of {url} has no {name} (RFC 8628 section 3.2)")
        texts[name] = value
    complete = members.get("verification_uri_complete")
    return DeviceAuthorization(
        **texts,
        verification_uri_complete=complete if isinstance(complete, str) and complete else None,
        expires_in_s=_seconds(members.get("expires_in"), _USUAL_LIFETIME_S),
        interval_s=interval_s_in(members),
    )


def learned_user_code(user_code: str, redactor: Redactor) -> Secret:
    """A device's user code, which the redactor knows from now on, also without its hyphens."""
    for code in dict.fromkeys((user_code, bare_code(user_code))):
        redactor.add(Secret("OAUTH_USER_CODE", code), is_random=True)
    return Secret("OAUTH_USER_CODE", user_code)


def interval_s_in(members: Mapping[str, JSONValue]) -> float:
    """How long a device is to wait between two polls, by the answer to its request."""
    return _seconds(members.get("interval"), _USUAL_INTERVAL_S)


def _seconds(value: JSONValue, usual: float) -> float:
    """A number of seconds; also one that is written as a text, which is told by a check (D1)."""
    try:
        found = float(value) if is_number(value) or isinstance(value, str) else -1.0
    except (ValueError, OverflowError):
        return usual
    return found if 0 <= found < float("inf") else usual


class DevicePolls:
    """How a device asks for its token until it has one, is refused, or its code expires (sections 3.4 and 3.5).

    ``request`` sends the parameters of one token request. ``clock`` gives seconds.
    """

    def __init__(
        self,
        authorization: DeviceAuthorization,
        request: Callable[[Mapping[str, str]], Mapping[str, JSONValue]],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._authorization = authorization
        self._request = request
        self._clock = clock
        self._sleep = sleep
        self._interval_s = authorization.interval_s
        self._due_at = clock() + self._interval_s
        self._expires_at = clock() + authorization.expires_in_s
        self._told = ""
        self._silences = 0
        self._answer: Mapping[str, JSONValue] | None = None
        self._failure: DeviceDenied | DeviceExpired | TokenRequestFailed | None = None

    @property
    def waiting(self) -> str:
        """What the device is told meanwhile."""
        if not self._told:
            return f"the device has not asked yet (interval: {self._authorization.interval_s:g} s)"
        return f"the device was told {self._told} last"

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing to ask any more."""
        return self._answer is not None or self._failure is not None

    @property
    def due_in_s(self) -> float:
        """How long the device is to wait before it asks again."""
        return max(0.0, min(self._due_at, self._expires_at) - self._clock())

    def ask_if_due(self) -> bool:
        """Ask, where it is time for that; whether there is nothing to ask any more."""
        if not self.has_ended and self.due_in_s <= 0:
            self._ask()
        return self.has_ended

    def ask(self, *, within_s: float) -> bool:
        """Wait until it is time, ask, and tell the same.

        Where the answer is only that the device asks too often it is asked again, as long as that is within so many
        seconds.
        """
        ends_at = self._clock() + within_s
        while not self.has_ended and self._clock() + self.due_in_s <= ends_at:
            self._sleep(self.due_in_s)
            self._ask()
            if self._told == "authorization_pending":
                break
        return self.has_ended

    def token_response(self) -> Mapping[str, JSONValue]:
        """What the token endpoint answered at the end.

        Raises: :class:`DeviceDenied`, :class:`DeviceExpired`, :class:`TokenRequestFailed`.
        """
        if self._failure is not None:
            raise self._failure
        assert self._answer is not None
        return self._answer

    def _ask(self) -> None:
        lifetime_s = self._authorization.expires_in_s
        if self._clock() >= self._expires_at:
            self._failure = DeviceExpired(f"nobody let the device in within the {lifetime_s:g} s that its code lives")
            return
        try:
            self._answer = self._request({"grant_type": DEVICE_GRANT, "device_code": self._authorization.device_code})
        except TokenRequestFailed as refused:
            self._refused(refused)
        self._due_at = self._clock() + self._interval_s

    def _refused(self, refused: TokenRequestFailed) -> None:
        self._told = refused.error or "nothing"
        if refused.status_code is None:
            # No answer: the device asks less often from now on (section 3.5).
            self._silences += 1
            self._interval_s *= 2
            if self._silences >= _MOST_SILENCES:
                self._failure = refused
            return
        self._silences = 0
        match refused.error:
            case "authorization_pending":
                pass
            case "slow_down":
                self._interval_s += _SLOWER_BY_S
            case "access_denied":
                self._failure = DeviceDenied("the device was not let in: the token endpoint answered access_denied")
            case "expired_token":
                self._failure = DeviceExpired(
                    "the device's code expired before anybody let it in: the token endpoint answered expired_token"
                )
            case _:
                self._failure = refused

"""Consents that a person goes through: what they are told, and what becomes of their slips."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentResult
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.decisions import Goal
from pytest_endpoint_docs.oauth.browser.launch import has_display
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, DeviceDenied, DeviceExpired, LeftByPerson
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.device_authorization import DeviceAuthorization, DevicePolls
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest
from pytest_endpoint_docs.oauth.pasted_redirect import (
    NOBODY_TO_ASK,
    WAY_OUT,
    ask_for_redirect,
    for_the_person,
    leave_if_asked,
    refusal_slip,
)
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import joined

_TELLS_EVERY_S = 30.0


@dataclass(slots=True, kw_only=True)
class AttendedConsents:
    """The consents of one run that a person goes through.

    ``item`` is what the next code is for; ``expected`` is how many codes the run's docs ask for, where that is known.
    ``more_to_come``: checks run as well, and ask for as many as the server's answers make them need.
    What a person leaves, closes or gets wrong ends in :class:`ClosedByPerson`: it says nothing of the server.
    """

    settings: OAuthSettings
    options: ConsentOptions
    environ: Mapping[str, str]
    redactor: Redactor
    item: str = ""
    expected: int | None = None
    more_to_come: bool = False
    _obtained: int = 0
    _left: str = field(default="", repr=False)

    def lead(
        self,
        request: AuthorizationRequest,
        credentials: Credentials,
        goal: Goal,
        in_window: Callable[[], ConsentResult],
    ) -> ConsentResult:
        """From the authorization URL to its redirect: in a window, or by a URL that is pasted where there is none.

        Raises: :class:`ClosedByPerson`, and what ``in_window`` raises.
        """
        if self._left:
            raise ClosedByPerson(self._left)
        errand = self._errand(credentials, goal)
        try:
            if has_display(self.environ) or self.options.ask is None:
                self._tell_of_window(self.redactor.text(f"\n{errand}"))
                result = in_window()
                if slip := refusal_slip(result.landed, goal):
                    raise ClosedByPerson(slip)
            else:
                redirect = ask_for_redirect(request, goal, self.options.ask, self.redactor, errand=errand)
                result = ConsentResult(redirect=redirect)
        except ClosedByPerson as closed:
            if isinstance(closed, LeftByPerson):
                self._left = closed.message
            # An item that is left out takes no code.
            if self.expected is not None:
                self.expected -= 1
            raise
        self._obtained += 1
        return result

    def let_in(
        self,
        device: DeviceAuthorization,
        polls: DevicePolls,
        credentials: Credentials,
        in_window: Callable[[], ConsentResult],
    ) -> ConsentResult:
        """Wait until a person has let a device in: in a window, or by a URL that they open elsewhere.

        Raises: :class:`ClosedByPerson`, and what ``in_window`` raises.
        """
        if self._left:
            raise ClosedByPerson(self._left)
        listen, safe = None if has_display(self.environ) else self.options.listen, self.redactor.text
        errand = joined(
            safe(f"\n{self._for('an access token')}: a device is to be let in\n"),
            safe(f"{_opening(credentials, 'allow the access', in_window=listen is None)} "),
            for_the_person(code_to_compare(device)),
        )
        result = ConsentResult()
        if listen is None:
            self._tell_of_window(errand)
            result = in_window()
        else:
            self._tell(joined(errand, for_the_person(f"\n\n  {device.url}\n\n{WAY_OUT}")))
            try:
                wait_for_person(polls, listen, self._say, timeout_s=self.options.attended_timeout_s)
            except LeftByPerson as left:
                self._left = left.message
                raise
        refuse_slips(polls)
        return result

    def _tell_of_window(self, errand: SafeText) -> None:
        waits = f"A browser window opens for it, and waits {self.options.attended_timeout_s:g} s."
        self._tell(joined(errand, self.redactor.text(f"\n{waits} Close it to leave this item out.")))

    def _say(self, text: str) -> None:
        self._tell(self.redactor.text(text))

    def _errand(self, credentials: Credentials, goal: Goal) -> str:
        number = self._obtained + 1
        lifetime = self.settings.code_lifetime_s
        lives = f"The code lives {lifetime:g} s" if lifetime else "Codes live for a short time"
        what = "refuse the access on the consent page" if goal is Goal.DENY else "allow the access"
        return (
            f"{self._for('an authorization code')}: code {number}{self._total(number)}\n"
            f"{_opening(credentials, what, in_window=has_display(self.environ))} "
            f"{lives}: do not wait before the last step."
        )

    def _for(self, otherwise: str) -> str:
        return f"Consent for {self.item or otherwise}"

    def _total(self, number: int) -> str:
        if self.more_to_come:
            return f" of at least {self.expected}" if self.expected and number < self.expected else ""
        return f" of {self.expected}" if self.expected and number <= self.expected else ""

    def _tell(self, text: SafeText) -> None:
        if self.options.tell:
            self.options.tell(text)


def _opening(credentials: Credentials, what: str, *, in_window: bool) -> str:
    where = "In the browser window" if in_window else "Open the URL in any browser"
    who = f"log in as {credentials.username}" if credentials.username else "log in"
    return f"{where}, {who}, and {what}."


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
        raise ClosedByPerson(late.message) from None

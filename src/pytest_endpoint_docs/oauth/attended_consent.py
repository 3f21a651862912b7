"""Consents that a person goes through: what they are told, and what becomes of their slips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentResult
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.decisions import Goal
from pytest_endpoint_docs.oauth.browser.launch import has_display
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, LeftByPerson
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.grant import AuthorizationRequest
from pytest_endpoint_docs.oauth.pasted_redirect import ask_for_redirect, refusal_slip
from pytest_endpoint_docs.redaction.redactor import Redactor


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
        try:
            result = self._asked(request, credentials, goal, in_window)
        except ClosedByPerson:
            # An item that is left out takes no code.
            if self.expected is not None:
                self.expected -= 1
            raise
        self._obtained += 1
        return result

    def _asked(
        self,
        request: AuthorizationRequest,
        credentials: Credentials,
        goal: Goal,
        in_window: Callable[[], ConsentResult],
    ) -> ConsentResult:
        errand = self._errand(credentials, goal)
        if has_display(self.environ) or self.options.ask is None:
            self._tell(
                f"\n{errand}\nA browser window opens for it, and waits {self.options.attended_timeout_s:g} s. "
                "Close it to leave this item out."
            )
            result = in_window()
            slip = refusal_slip(result.redirect, goal)
            if slip:
                raise ClosedByPerson(slip)
            return result
        try:
            redirect = ask_for_redirect(request, goal, self.options.ask, self.redactor, errand=errand)
            return ConsentResult(redirect=redirect)
        except LeftByPerson as left:
            self._left = left.message
            raise

    def _errand(self, credentials: Credentials, goal: Goal) -> str:
        number = self._obtained + 1
        lifetime = self.settings.code_lifetime_s
        lives = f"The code lives {lifetime:g} s" if lifetime else "Codes live for a short time"
        who = f"log in as {credentials.username}" if credentials.username else "log in"
        what = "refuse the access on the consent page" if goal is Goal.DENY else "allow the access"
        opening = "In the browser window" if has_display(self.environ) else "Open the URL in any browser"
        return (
            f"Consent for {self.item or 'an authorization code'}: code {number}{self._total(number)}\n"
            f"{opening}, {who}, and {what}. {lives}: do not wait before the last step."
        )

    def _total(self, number: int) -> str:
        if self.more_to_come:
            return f" of at least {self.expected}" if self.expected and number < self.expected else ""
        return f" of {self.expected}" if self.expected and number <= self.expected else ""

    def _tell(self, text: str) -> None:
        if self.options.tell:
            self.options.tell(self.redactor.text(text))

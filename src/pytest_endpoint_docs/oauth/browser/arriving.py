"""Whether a walk that no redirect ends has come to its end: the device that a person lets in knows it."""

from __future__ import annotations

import asyncio
from functools import partial

from pytest_endpoint_docs.oauth.browser.capture import RedirectCapture
from pytest_endpoint_docs.oauth.browser.decisions import Act
from pytest_endpoint_docs.oauth.browser.journey import Journey
from pytest_endpoint_docs.oauth.browser.observation import PageView
from pytest_endpoint_docs.oauth.browser.page_words import is_consent_page


class Arriving:
    """Asks the journey's :class:`Arrival`, if there is one, and ends the walk when the decision is there.

    :attr:`decided`: what was done last may have been the decision. Waiting for the time to ask takes ``within_s`` at
    most.
    """

    def __init__(self, journey: Journey, capture: RedirectCapture, *, within_s: float) -> None:
        self.decided = False
        self._arrival = journey.arrival
        self._capture = capture
        self._within_s = within_s

    def may_have_arrived(self, decision: Act, view: PageView, acted_on: PageView | None) -> bool:
        """Whether it is better to ask before anything else is done: ``decision`` on this page, after ``acted_on``.

        The page after the decision has no known form: it may be the door to the whole of somebody's account.
        """
        if decision.types or not self.decided:
            return False
        return not is_consent_page(view) or (acted_on is not None and is_consent_page(acted_on))

    async def ask(self, *, at_once: bool = False) -> bool:
        """Whether the decision has arrived; ``at_once``: ask only if it is time for that."""
        if self._arrival is None:
            return False
        self.decided = False
        ask = self._arrival.ask_if_due if at_once else partial(self._arrival.ask, within_s=self._within_s)
        # The answer takes as long as a request, and the pages go on meanwhile.
        if not await asyncio.to_thread(ask):
            return False
        self._capture.arrive()
        return True

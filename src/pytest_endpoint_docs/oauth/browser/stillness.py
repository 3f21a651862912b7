"""Whether a page changes, is about to, or has come to rest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.oauth.browser.capture import RedirectCapture
from pytest_endpoint_docs.oauth.browser.observation import Observed, PageView, observe

if TYPE_CHECKING:
    from playwright.async_api import Page

# After a click that loads no new page: how long nothing may happen before the page counts as its answer.
QUIET_S = 1.5
# On a page that offers nothing: how long nothing may happen before the walk ends.
_HOPELESS_S = 4.0
# On one that says when it goes on by itself (``<meta http-equiv=refresh>``), however long that may be.
_LONGEST_STAY_S = 15.0
ERROR_PAGE_S = 0.5
_POLLS_AFTER_S = 5.0


class Stillness:
    """Compares what a page shows with what it showed before.

    :attr:`seen`: what was seen last; ``None`` while the page navigates. A page has changed if anything in it has, and
    has moved if what can be used on it has: a clock on it changes without end.
    """

    def __init__(self, capture: RedirectCapture) -> None:
        self.seen: Observed | None = None
        self.acted_on: PageView | None = None
        self._capture = capture
        self._started_before = 0
        self._changed_at = self._moved_at = _now()

    async def look(self, page: Page) -> Observed | None:
        """The page once what can be used on it looked the same twice; ``None`` while that changes.

        Raises: see :func:`observe`.
        """
        now = await observe(page)
        before, self.seen = self.seen, now
        if before is None or before.view != now.view:
            self._changed_at = _now()
        if before is None or _usable(before.view) != _usable(now.view):
            self._moved_at = _now()
            return None
        return now

    def acting(self, view: PageView | None) -> None:
        """Something is about to be done, on this ``view`` if it leads on."""
        self.acted_on = view
        self._started_before = self._capture.started

    def acted(self) -> None:
        """Something was done."""
        self.seen = None
        self._changed_at = self._moved_at = _now()

    @property
    def sent_nothing(self) -> bool:
        """Whether the page has sent nothing since something was done on it last."""
        return self.acted_on is not None and self._capture.started == self._started_before

    def answer_is_pending(self, view: PageView) -> bool:
        """Whether the last click may still be on its way: the same document, with the same controls."""
        acted_on = self.acted_on
        if acted_on is None:
            return False
        if (view.document, view.url, view.shape) != (acted_on.document, acted_on.url, acted_on.shape):
            return False
        return view.stirs or not self._rests_since(self._moved_at, QUIET_S)

    def is_hopeless(self, view: PageView) -> bool:
        """Whether a page that offers nothing has been that way for long enough."""
        return not view.stirs and self.rests(self._hopeless_s(view))

    def _hopeless_s(self, view: PageView) -> float:
        if view.leaves_in_s:
            return min(view.leaves_in_s, _LONGEST_STAY_S) + QUIET_S
        is_over = view.still or self._capture.status >= 400
        return ERROR_PAGE_S if is_over else _HOPELESS_S

    def rests(self, quiet_s: float) -> bool:
        """Whether nothing has changed for so long, and no answer is waited for."""
        return self._rests_since(self._changed_at, quiet_s)

    def has_started(self, view: PageView) -> bool:
        """Whether the scripts of a page are most likely there that take over its forms."""
        return not view.stirs and self._rests_since(self._moved_at, QUIET_S)

    def _rests_since(self, since: float, quiet_s: float) -> bool:
        return _now() - since >= quiet_s and not self._capture.busy(polls_after_s=_POLLS_AFTER_S)


def _usable(view: PageView) -> PageView:
    return replace(view, text="", headings=())


def _now() -> float:
    return asyncio.get_running_loop().time()

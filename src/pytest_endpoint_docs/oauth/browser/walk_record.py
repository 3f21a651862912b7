"""What was done on the way to the redirect, for whoever is told of it: the steps, the last page, its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.browser.masking import mask_url, take_screenshot
from pytest_endpoint_docs.oauth.browser.observation import PageView
from pytest_endpoint_docs.oauth.consent_errors import trail_lines

if TYPE_CHECKING:
    from playwright.async_api import Page

_LISTED_CONTROLS = 25


class WalkRecord:
    """The record of one walk; everything in it is masked.

    :attr:`picture` is the only one of the walk: of the page that was acted on last, or of the failure.
    :attr:`last_page` is the page that was acted on last. ``screenshots`` is how the files of its pictures begin.
    """

    def __init__(
        self,
        *,
        announce: Callable[[str], None],
        mask: Callable[[str], str],
        screenshots: Path,
        secrets: Sequence[Secret],
    ) -> None:
        self.mask = mask
        self.picture: Path | None = None
        self.last_page: PageView | None = None
        self._announce = announce
        self._screenshots = screenshots
        self._secrets = secrets
        self._tried: list[str] = []

    @property
    def tried(self) -> tuple[str, ...]:
        """What was done so far, one line each."""
        return tuple(self._tried)

    @property
    def trail(self) -> tuple[str, ...]:
        """What was done so far, and the page that was acted on last, with its picture if there is one."""
        page = self.last_page
        return trail_lines(mask_url(page.url) if page else "", self.controls(page), self.tried, self.picture)

    def note(self, text: str) -> None:
        """Keep a step, and tell whoever listens."""
        text = self.mask(text)
        self._tried.append(text)
        self._announce(text)

    def controls(self, view: PageView | None) -> tuple[str, ...]:
        """What a page offers, one line each."""
        listed = view.controls[:_LISTED_CONTROLS] if view else ()
        return tuple(self.mask(control.describe()) for control in listed)

    async def take_picture(self, page: Page, name: str) -> Path | None:
        """Picture the page, in place of the picture before; ``None`` where that is not possible any more."""
        file = self._screenshots.with_name(f"{self._screenshots.name}-{name}.png")
        taken = await take_screenshot(page, file, secrets=self._secrets)
        if taken:
            if self.picture and self.picture != taken:
                self.picture.unlink(missing_ok=True)
            self.picture = taken
        return taken

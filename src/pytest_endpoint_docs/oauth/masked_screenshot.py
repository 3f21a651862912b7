"""Pictures of pages with everything that a person typed, and every known secret, covered."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model import Secret

if TYPE_CHECKING:
    from playwright.async_api import Page

_TYPED = (
    "input:not([type=checkbox]):not([type=radio]):not([type=submit]):not([type=button])"
    ":not([type=image]):not([type=reset]):not([type=hidden]), textarea, [contenteditable=true]"
)
_SHORTEST_TEXT = 4
_LIMIT_MS = 3000


async def take_screenshot(page: Page, file: Path, *, secrets: Iterable[Secret]) -> Path | None:
    """Write a PNG (mode 0600) and return its path; ``None`` where the page cannot be pictured any more."""
    from playwright.async_api import Error

    texts = {secret.reveal() for secret in secrets if len(secret.reveal()) >= _SHORTEST_TEXT}
    try:
        covered = [frame.locator(_TYPED) for frame in page.frames]
        covered += [frame.get_by_text(text) for frame in page.frames for text in texts]
        picture = await page.screenshot(
            mask=covered, mask_color="#444444", timeout=_LIMIT_MS, animations="disabled", caret="hide"
        )
    except Error:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(picture)
    return file

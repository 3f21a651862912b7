"""URLs and pictures as they may be shown: without codes, states, tokens and passwords."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pytest_endpoint_docs.files import write_atomically
from pytest_endpoint_docs.model.secret import MASK, Secret
from pytest_endpoint_docs.redaction.secret_names import is_secret_parameter

if TYPE_CHECKING:
    from playwright.async_api import Page


_LONGEST_PATH_SEGMENT = 24


def mask_url(url: str) -> str:
    """The URL with ``***`` for the values of codes, states, nonces and secrets, also in URLs inside parameters."""
    bare, mark, fragment = url.partition("#")
    address, question, query = bare.partition("?")
    return _mask_path(address) + (question + _mask_pairs(query)) + (mark + _mask_pairs(fragment))


def _mask_pairs(pairs: str) -> str:
    masked = []
    for pair in pairs.split("&"):
        name, equals, value = pair.partition("=")
        if equals and is_secret_parameter(unquote(name)):
            value = MASK
        elif "%3D" in value.upper() or "=" in value:
            # A URL inside a parameter (next=/authorize?...): it carries the same state once more.
            value = mask_url(unquote(value)).replace("&", "%26").replace("#", "%23")
        masked.append(f"{name}{equals}{value}")
    return "&".join(masked)


def _mask_path(address: str) -> str:
    # One-time tickets stand in paths too (/interaction/kX3...); words and numbers are short or have separators.
    head, slash, path = address.partition("://")
    if not slash:
        head, path = "", address
    segments = [
        f"{segment[:4]}{MASK}" if len(segment) > _LONGEST_PATH_SEGMENT and re.search(r"\d", segment) else segment
        for segment in path.split("/")
    ]
    return head + slash + "/".join(segments)


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
    write_atomically(file, picture, private=True)
    return file

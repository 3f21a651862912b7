"""Finding a Chromium, starting it, and making sure that it ends."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import MissingExtra
from pytest_endpoint_docs.oauth.consent_errors import BrowserMissing, DisplayMissing

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

BROWSER_VARIABLE = "ENDPOINT_DOCS_BROWSER"
# Without a window the headless shell comes first: it starts in half the time.
_HEADLESS_NAMES = ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")
_SYSTEM_NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome", "microsoft-edge")
_SYSTEM_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
_CLOSE_LIMIT_S = 5.0


def require_playwright() -> None:
    """Make sure that a browser can be driven at all, at next to no cost.

    Raises: :class:`ConfigError` that says what to install.
    """
    if find_spec("playwright") is None:
        raise MissingExtra("a consent in a browser needs Playwright, which is not installed", extra="consent")


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether a window can be shown on this machine."""
    return sys.platform in ("darwin", "win32") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def system_browsers(*, headless: bool, environ: Mapping[str, str]) -> Iterator[str]:
    """Paths of the installed browsers that can be used, the best first."""
    for name in (*(_HEADLESS_NAMES if headless else ()), *_SYSTEM_NAMES):
        found = shutil.which(name, path=environ.get("PATH"))
        if found:
            yield found
    yield from (path for path in _SYSTEM_PATHS if Path(path).exists())


class ChromiumProcess:
    """One running browser. Every method runs on the browser thread's loop."""

    def __init__(self, *, headless: bool, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._headless = headless
        self._setting = environ.get(BROWSER_VARIABLE)
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._rules: frozenset[str] = frozenset()

    async def with_rules(self, rules: frozenset[str]) -> Browser:
        """The running browser, started anew where it does not yet refuse the hosts of ``rules``.

        Raises: :class:`BrowserMissing`, :class:`DisplayMissing`.
        """
        if self._browser and self._browser.is_connected() and rules <= self._rules:
            return self._browser
        await self.end_browser()
        self._rules |= rules
        self._browser = await self._launch()
        return self._browser

    async def close(self) -> None:
        """End the browser and Playwright's driver; never raises for what a dying browser says."""
        await self.end_browser()
        playwright, self._playwright = self._playwright, None
        if playwright:
            from playwright.async_api import Error

            with suppress(Error, TimeoutError):
                await asyncio.wait_for(playwright.stop(), _CLOSE_LIMIT_S)

    async def end_browser(self) -> None:
        """End the browser; the next one starts anew, with the same driver."""
        browser, self._browser = self._browser, None
        if browser:
            from playwright.async_api import Error

            with suppress(Error, TimeoutError):
                await asyncio.wait_for(browser.close(), _CLOSE_LIMIT_S)

    async def _launch(self) -> Browser:
        if not self._headless and not has_display(self._environ):
            raise DisplayMissing(
                "a browser window was asked for, and this machine has no display ($DISPLAY is not set). "
                "Run under a virtual one (xvfb-run -a pytest ...), or use --endpoint-manual attended in a terminal: "
                "it prints the authorization URL and takes the redirect URL that you paste"
            )
        from playwright.async_api import Error, async_playwright

        if self._playwright is None:
            self._playwright = await async_playwright().start()
        failures: list[str] = []
        for label, executable in self._candidates():
            try:
                return await self._playwright.chromium.launch(
                    executable_path=executable,
                    headless=self._headless,
                    env=dict(self._environ),
                    args=[f"--host-resolver-rules={','.join(sorted(self._rules))}"] if self._rules else [],
                    # The main thread decides what Ctrl-C means, and closes the browser then.
                    handle_sigint=False,
                    handle_sigterm=False,
                    handle_sighup=False,
                )
            except Error as error:
                failures.append(f"{label}: {_reason(error.message)}")
                if self._setting:
                    break
        raise BrowserMissing(
            "no Chromium could be started. Provide one in any of three ways:\n"
            f"  1. set {BROWSER_VARIABLE} to the path of a Chrome or Chromium\n"
            "  2. let Playwright download its own: playwright install chromium\n"
            "  3. install one on the system: apt-get install chromium (or chromium-headless-shell, or Google Chrome)\n"
            "tried:\n" + "\n".join(f"  {failure}" for failure in failures)
        )

    def _candidates(self) -> Iterator[tuple[str, str | None]]:
        if self._setting:
            yield f"{BROWSER_VARIABLE}={self._setting}", shutil.which(self._setting) or self._setting
            return
        yield "Playwright's own download", None
        for path in system_browsers(headless=self._headless, environ=self._environ):
            yield path, path


def _reason(message: str) -> str:
    lines = [line.strip(" ║╔╗╚╝═") for line in message.splitlines()]
    return next((line for line in lines if line), "no reason given")

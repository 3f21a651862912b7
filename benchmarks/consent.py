"""Time from start to code, beside a bare Playwright script that knows the server's pages; prints ratios.

    python benchmarks/consent.py [--rounds 5]

Both start their own browser (the same one), log in, consent, catch the redirect, and end the browser; once with a
fresh login, once with a saved one. The server is django-oauth-toolkit, as the browser tests start it. Measured in
turns, so that a busy machine is fair to both.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Error, Request, sync_playwright

from pytest_endpoint_docs.model.environment import OAuthSettings, OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.browser.launch import system_browsers
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.oauth.grant import build_request
from pytest_endpoint_docs.redaction.redactor import Redactor

SERVER = Path(__file__).parents[1] / "tests" / "browser" / "servers" / "django_toolkit.py"
REDIRECT_URI = "https://myapp.example.com/oauth/callback"
USERNAME, PASSWORD = "alice", "correct horse battery staple"
AIM = 1.3


def bare(origin: str, browser: str, state: Any) -> Any:
    """What one writes by hand for this server; returns the login."""
    request = build_request(
        f"{origin}/o/authorize/", client_id="contract-client", redirect_uri=REDIRECT_URI, scope="read"
    )
    codes: list[str] = []

    def catch(sent: Request) -> None:
        if sent.url.startswith(REDIRECT_URI + "?"):
            codes.append(parse_qs(urlsplit(sent.url).query)["code"][0])

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--host-resolver-rules=MAP myapp.example.com:443 ~NOTFOUND"]
        )
        context = chromium.new_context(storage_state=state)
        context.on("request", catch)
        page = context.new_page()
        page.goto(request.url)
        if state is None:
            page.get_by_label("Username").fill(USERNAME)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Authorize").click()
        while not codes:
            try:
                page.wait_for_timeout(5)
            except Error:
                break
        saved = state or context.storage_state()
        chromium.close()
    assert codes
    return saved


def ours(origin: str, browser: str, storage: Path) -> None:
    """The same by the plugin's heuristics."""
    settings = OAuthSettings(
        authorize_url=f"{origin}/o/authorize/",
        token_url=f"{origin}/o/token/",
        location=SourceLocation("benchmark", 1),
        client_id="contract-client",
        redirect_uri=REDIRECT_URI,
        scope="read",
        users={"default": OAuthUser(name="default", username=USERNAME, password=Secret("PASSWORD", PASSWORD))},
    )
    environ = {**os.environ, "ENDPOINT_DOCS_BROWSER": browser}
    session = ConsentSession(settings, environment="local", storage=storage, redactor=Redactor(), environ=environ)
    try:
        assert session.authorize().code
    finally:
        session.close()


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and the result."""
    began = time.perf_counter()
    result = run()
    return time.perf_counter() - began, result


def measure(origin: str, browser: str, rounds: int) -> dict[str, list[float]]:
    """Seconds per round for each of the four."""
    seconds: dict[str, list[float]] = {name: [] for name in ("bare fresh", "ours fresh", "bare saved", "ours saved")}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            storage = Path(folder)
            spent, state = timed(lambda: bare(origin, browser, None))
            seconds["bare fresh"].append(spent)
            seconds["ours fresh"].append(timed(lambda: ours(origin, browser, storage))[0])  # noqa: B023  runs at once
            seconds["bare saved"].append(timed(lambda: bare(origin, browser, state))[0])  # noqa: B023
            seconds["ours saved"].append(timed(lambda: ours(origin, browser, storage))[0])  # noqa: B023
    return seconds


def main() -> int:
    """Start the server, measure, print; 1 where a ratio is above the aim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    browser = os.environ.get("ENDPOINT_DOCS_BROWSER") or next(system_browsers(headless=True, environ=os.environ))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(SERVER), port, REDIRECT_URI, str(Path(folder) / "database.sqlite3")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            server.stdout.readline()
            try:
                seconds = measure(f"http://127.0.0.1:{port}", browser, rounds)
            finally:
                server.kill()
    worst = 0.0
    print(f"browser: {Path(browser).name}, {rounds} rounds, median seconds from start to the browser's end")
    for kind in ("fresh", "saved"):
        by_hand, by_us = (statistics.median(seconds[f"{who} {kind}"]) for who in ("bare", "ours"))
        worst = max(worst, by_us / by_hand)
        print(
            f"{kind:>6} login: bare {by_hand:.2f}  ours {by_us:.2f}  ratio {by_us / by_hand:.2f} (aim: at most {AIM})"
        )
    return 0 if worst <= AIM else 1


if __name__ == "__main__":
    sys.exit(main())

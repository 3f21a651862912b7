from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bounded_reads import read_until
from local_site import AuthorizationServer, Site, running_site
from user_project import Platform, UserProject, platform

from pytest_endpoint_docs.model.environment import OAuthSettings, OAuthUser
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.browser.browser_consent import ConsentBrowser
from pytest_endpoint_docs.oauth.browser.browser_thread import BrowserThread
from pytest_endpoint_docs.oauth.browser.capture import resolver_rules
from pytest_endpoint_docs.oauth.browser.launch import BROWSER_VARIABLE, ChromiumProcess, system_browsers
from pytest_endpoint_docs.oauth.consent_options import ConsentContext, ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.redaction.redactor import Redactor

REDIRECT_URI = "https://myapp.example.com/oauth/callback"
MakeSession = Callable[..., ConsentSession]


@pytest.fixture(scope="session", autouse=True)
def chromium() -> None:
    """These tests are about a browser: without one they fail."""
    found = os.environ.get(BROWSER_VARIABLE) or next(system_browsers(headless=True, environ=os.environ), None)
    assert found or Path("~/.cache/ms-playwright").expanduser().exists(), (
        "no Chromium on this machine: apt-get install chromium, or playwright install chromium"
    )


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def server(site: Site) -> AuthorizationServer:
    return AuthorizationServer(site)


@pytest.fixture
def running() -> Iterator[Platform]:
    """A sandbox of the test's own, which it may harm."""
    with platform() as found:
        yield found


@pytest.fixture
def project(tmp_path: Path, running: Platform) -> UserProject:
    """A project whose sandbox is ``running``."""
    return UserProject(tmp_path, running)


class SharedBrowser:
    """A browser for consent sessions one after the other, each of which has its pages and logins for itself."""

    def __init__(self) -> None:
        self._process = ChromiumProcess(headless=True, environ=dict(os.environ))
        self._browser = ConsentBrowser(self._process)
        self._thread = BrowserThread(at_end=self._browser.close)

    def lend(self, session: ConsentSession) -> None:
        """Let a session use it; what it was told not to reach but ``REDIRECT_URI`` may be the site of this one."""
        if not self._process._rules <= resolver_rules(REDIRECT_URI):
            self.close()
            self._process._rules = frozenset()
        vars(session._browser).update(_browser=self._browser, _thread=self._thread)

    def close(self) -> None:
        self._thread.close()


@pytest.fixture(scope="session")
def shared_browser() -> Iterator[SharedBrowser]:
    browser = SharedBrowser()
    yield browser
    browser.close()


@pytest.fixture
def make_session(tmp_path_factory: pytest.TempPathFactory, shared_browser: SharedBrowser) -> Iterator[MakeSession]:
    """``make_session(origin, **settings)``: a consent session for a site, with a storage directory of its own.

    A session with ``environ``, ``options`` or another redirect URI has a browser of its own, too.
    """
    with _session_factory(tmp_path_factory, shared_browser) as make:
        yield make


@pytest.fixture(scope="module")
def make_module_session(
    tmp_path_factory: pytest.TempPathFactory, shared_browser: SharedBrowser
) -> Iterator[MakeSession]:
    """The same for sessions that all tests of a module share."""
    with _session_factory(tmp_path_factory, shared_browser) as make:
        yield make


@contextmanager
def _session_factory(tmp_path_factory: pytest.TempPathFactory, browser: SharedBrowser) -> Iterator[MakeSession]:
    sessions: list[ConsentSession] = []

    def make(
        origin: str,
        *,
        storage: Path | None = None,
        options: ConsentOptions | None = None,
        password: str = "correct horse",
        username: str = "alice",
        totp_secret: str | None = None,
        environ: dict[str, str] | None = None,
        redactor: Redactor | None = None,
        **settings: object,
    ) -> ConsentSession:
        user = OAuthUser(
            name="default",
            username=username,
            password=Secret("OAUTH_PASSWORD", password),
            totp_secret=Secret("OAUTH_TOTP", totp_secret) if totp_secret else None,
        )
        values: dict[str, object] = {
            "authorize_url": f"{origin}/authorize",
            "token_url": f"{origin}/token",
            "location": SourceLocation("environments/local.yaml", 7),
            "client_id": "contract-client",
            "client_secret": Secret("OAUTH_CLIENT_SECRET", "contract-client-secret"),
            "redirect_uri": REDIRECT_URI,
            "users": {"default": user},
            "timeout_s": 20.0,
            **settings,
        }
        session = ConsentSession(
            OAuthSettings(**values),  # type: ignore[arg-type]
            ConsentContext(
                environment="local",
                storage=storage or tmp_path_factory.mktemp("storage"),
                redactor=redactor or Redactor(),
                environ=dict(os.environ) if environ is None else environ,
                options=options or ConsentOptions(),
            ),
        )
        if environ is None and options is None and "redirect_uri" not in settings:
            browser.lend(session)
        else:
            sessions.append(session)
        return session

    try:
        yield make
    finally:
        for session in sessions:
            session.close()


@pytest.fixture(scope="module")
def virtual_display() -> Iterator[dict[str, str]]:
    """The environment of a virtual display."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1000x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = read_until(stream, "\n").strip()
    yield {**os.environ, "DISPLAY": f":{number}"}
    server.terminate()
    server.wait(10)

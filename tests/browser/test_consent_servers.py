"""Authorization servers that other people wrote, with their own pages, and no recipe."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bounded_reads import read_until
from npm_packages import npm_packages

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.oauth.consent_errors import LoginRejected
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests
from pytest_endpoint_docs.redaction.redactor import Redactor

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]
SERVERS = Path(__file__).parent / "servers"
REDIRECT_URI = "https://myapp.example.com/oauth/callback"


def _free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    program = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None
        read_until(program.stdout, "ready\n")
        yield
    finally:
        program.kill()
        program.communicate(timeout=10)


@pytest.fixture(scope="module")
def oidc_provider() -> Iterator[str]:
    """npm's oidc-provider with its development pages. Its origin."""
    folder = npm_packages().parent
    port = _free_port()
    with _running(["node", str(SERVERS / "oidc_provider.mjs"), port, REDIRECT_URI], folder):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def django_toolkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """django-oauth-toolkit with its own consent page. Its origin."""
    folder = tmp_path_factory.mktemp("django")
    port = _free_port()
    command = [sys.executable, str(SERVERS / "django_toolkit.py"), port, REDIRECT_URI, str(folder / "database.sqlite3")]
    with _running(command, folder):
        yield f"http://127.0.0.1:{port}"


def token_requests(session: ConsentSession) -> TokenRequests:
    http = HttpClient(Environment(name="servers", file=None, base_url=session.settings.token_url))
    return TokenRequests(session.settings, http, redactor=Redactor(), announce=session.announce)


def test_oidc_provider(oidc_provider: str, make_session: MakeSession) -> None:
    session = make_session(
        oidc_provider,
        authorize_url=f"{oidc_provider}/auth",
        token_url=f"{oidc_provider}/token",
        issuer=oidc_provider,
        scope="openid",
    )

    denied = session.authorize(expect_error="access_denied")
    grant = session.authorize()
    answer = token_requests(session).exchange(grant)

    assert (denied.error, denied.state_matches, denied.iss) == ("access_denied", True, oidc_provider)
    assert grant.iss == oidc_provider
    assert answer["token_type"] == "Bearer"
    assert answer["id_token"]
    # The consent is remembered; a refusal needs the page again.
    assert session.authorize(expect_error="access_denied").error == "access_denied"


def test_django_oauth_toolkit(django_toolkit: str, make_session: MakeSession) -> None:
    session = make_session(
        django_toolkit,
        authorize_url=f"{django_toolkit}/o/authorize/",
        token_url=f"{django_toolkit}/o/token/",
        scope="read",
        password="correct horse battery staple",
    )

    denied = session.authorize(expect_error="access_denied")
    grant = session.authorize()
    answer = token_requests(session).exchange(grant)
    refreshed = token_requests(session).request(
        {"grant_type": "refresh_token", "refresh_token": str(answer["refresh_token"])}
    )

    assert (denied.error, denied.state_matches) == ("access_denied", True)
    assert answer["scope"] == "read"
    assert refreshed["access_token"] != answer["access_token"]


def test_django_oauth_toolkit_with_a_wrong_password(django_toolkit: str, make_session: MakeSession) -> None:
    session = make_session(django_toolkit, authorize_url=f"{django_toolkit}/o/authorize/", password="wrong horse")

    with pytest.raises(LoginRejected, match="enter a correct username and password"):
        session.authorize()

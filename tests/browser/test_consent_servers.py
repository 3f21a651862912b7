"""Authorization servers that other people wrote, with their own pages, and no recipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from checked_server import SERVERS, free_port, started
from npm_packages import npm_packages

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.oauth.consent_errors import LoginRejected
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests
from pytest_endpoint_docs.redaction.redactor import Redactor

pytestmark = pytest.mark.browser
MakeSession = Callable[..., ConsentSession]
REDIRECT_URI = "https://myapp.example.com/oauth/callback"


@pytest.fixture(scope="module")
def oidc_provider() -> Iterator[str]:
    """npm's oidc-provider with its development pages. Its origin."""
    folder = npm_packages().parent
    port = free_port()
    with started(["node", SERVERS / "oidc_provider.mjs", str(port), REDIRECT_URI], cwd=folder):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def django_toolkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """django-oauth-toolkit with its own consent page. Its origin."""
    folder = tmp_path_factory.mktemp("django")
    port = free_port()
    command = [sys.executable, SERVERS / "django_toolkit.py", str(port), REDIRECT_URI, folder / "database.sqlite3"]
    with started(command, cwd=folder):
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

"""The checks in a real browser, on the sandbox with and without flaws that only the pages show."""

from __future__ import annotations

import pytest
import requests
from checked_server import probe_of, run_checks, table
from local_site import Site, html

from conftest import REDIRECT_URI, MakeSession
from pytest_endpoint_docs.model.environment import OAuthClient
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.checks.judging import NotRun
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.sandbox.running import Sandbox
from pytest_endpoint_docs.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.browser
PAGES = ("P3", "A1", "A2", "A4", "A5", "A6", "A7", "A8", "A9")


def create_client(sandbox: Sandbox, code_name: str) -> OAuthClient:
    answer = requests.post(
        f"{sandbox.url}/platform/v1/apps",
        headers={"Authorization": f"Bearer {sandbox.settings.tokens['directory']}"},
        json={"name": code_name, "app_code_name": code_name, "redirect_uri": REDIRECT_URI, "scopes": ["openid"]},
        timeout=10,
    )
    data = answer.json()["data"]
    return OAuthClient(client_id=data["client_id"], client_secret=Secret("CLIENT_SECRET", data["client_secret"]))


def session_for(make_session: MakeSession, sandbox: Sandbox, **more: object) -> ConsentSession:
    client, user = create_client(sandbox, "checked-app"), sandbox.settings.users[0]
    return make_session(
        sandbox.url,
        authorize_url=f"{sandbox.url}/oauth/authorize",
        token_url=f"{sandbox.url}/oauth/token",
        issuer=sandbox.url,
        client_id=client.client_id,
        client_secret=client.client_secret,
        scope="openid",
        token_auth="json",
        username=user.username,
        password=user.password,
        **more,
    )


def test_every_check_holds_on_a_server_without_flaws(make_session: MakeSession) -> None:
    with Sandbox.start() as sandbox:
        session = session_for(make_session, sandbox)
        results = run_checks(session, second_client=create_client(sandbox, "other-app"))
    assert table(results) == {
        "T15": "not run: nothing tells how long a code lives",
        "T20": "not run: the doc sends its token requests as JSON",
        "R2": "not run: the client authenticates when it refreshes, so its refresh tokens need not be replaced",
    }


@pytest.mark.parametrize(
    ("flaw", "check", "found"),
    [
        ("redirect-uri-prefix", "A1", "fail: a redirect there with code, iss, state"),
        ("response-type-ignored", "A2", "warn: a redirect with code, iss, state"),
        ("state-dropped", "A4", "fail: no state"),
        ("state-mangled", "A4", "fail: state 's t a%te/&=x'"),
        ("deny-as-success", "A5", "fail: a redirect with code, iss, state"),
        ("iss-wrong", "A6", "fail: iss https://issuer.example.org"),
        ("plain-challenge", "P3", "warn: a redirect with code, iss, state"),
        ("login-307", "A8", "fail: 307, which posts the form again"),
    ],
)
def test_a_flaw_of_the_pages_is_found_by_its_check(
    make_session: MakeSession, flaw: str, check: str, found: str
) -> None:
    with Sandbox.start(SandboxSettings(flaws=frozenset([flaw]))) as sandbox:
        results = run_checks(session_for(make_session, sandbox), *PAGES, fresh_login=flaw == "login-307")
    assert table(results) == {check: found}


def test_a_remembered_consent_is_not_taken_for_a_refusal(make_session: MakeSession) -> None:
    with Sandbox.start(SandboxSettings(remember_consent=True)) as sandbox:
        results = run_checks(session_for(make_session, sandbox), "A4", "A5")
    assert table(results) == {
        "A5": "not run: the server asks for no consent, not even with prompt=consent: it remembers an earlier one, "
        "or never asks"
    }


def test_a_person_is_not_asked_to_follow_wrong_requests(make_session: MakeSession) -> None:
    with Sandbox.start() as sandbox:
        attended = ConsentOptions(mode="attended")
        results = run_checks(session_for(make_session, sandbox, options=attended), "A1", "A2", "A4", "A5")
    reason = "no person is asked to follow this request to its end; --endpoint-manual automated runs the check"
    assert table(results) == dict.fromkeys(("A1", "A2", "A4", "A5"), f"not run: {reason}")


def test_a_page_for_devices_that_offers_nothing_refuses_nothing(make_session: MakeSession, site: Site) -> None:
    asks = "<form method=post action=/device><button>Deny</button><button>Allow</button></form>"
    site.pages |= {"/device": lambda _asked: html("<h1>Loading</h1>"), "/asks": lambda _asked: html(asks)}
    probe = probe_of(make_session(site.origin))

    with pytest.raises(NotRun, match="nothing was refused: nothing on the page refuses"):
        probe.visit(f"{site.origin}/device", "WDJB-MJHT", deny=True)
    assert probe.visit(f"{site.origin}/asks", "WDJB-MJHT", deny=True).pages[-1].method == "POST"

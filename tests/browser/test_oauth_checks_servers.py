"""The checks on two authorization servers that others wrote: npm's ``oidc-provider`` and ``django-oauth-toolkit``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from checked_server import SERVERS, free_port, run_checks, started, table
from joserfc.jwk import RSAKey
from npm_packages import npm_packages

from conftest import REDIRECT_URI, MakeSession
from pytest_endpoint_docs.model.secret import Secret

pytestmark = pytest.mark.browser


CANNOT_BE_REPLACED = "not run: the client authenticates when it refreshes, so its refresh tokens need not be replaced"
NO_SECOND_CLIENT = "not run: no second client is known to the environment"
UNNAMED = {
    f"{group}{number}": f"not run: the server's metadata has no {endpoint}"
    for group, count, endpoint in (
        ("N", 3, "introspection_endpoint"),
        ("V", 5, "revocation_endpoint"),
    )
    for number in range(1, count + 1)
} | {
    f"D{number}": "not run: neither oauth.device_url nor the server's metadata names an endpoint for devices"
    for number in range(1, 6)
}


def test_django_oauth_toolkit(make_session: MakeSession, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, SERVERS / "django_toolkit.py", str(port), REDIRECT_URI, tmp_path / "db.sqlite3"]
    with started(command, cwd=tmp_path):
        origin = f"http://127.0.0.1:{port}"
        session = make_session(
            origin,
            authorize_url=f"{origin}/o/authorize/",
            token_url=f"{origin}/o/token/",
            scope="read",
            password="correct horse battery staple",
        )
        results = run_checks(session)
    found = table(results)
    # The test project leaves Django's clickjacking middleware out.
    assert found.pop("A7") == f"warn: neither on {origin}/accounts/login/; warn: neither on {origin}/o/authorize/"
    assert found == {
        "T6": "warn: 200 with an access token",
        "T7": 'fail: 401 invalid_client with WWW-Authenticate: Bearer error="invalid_client"',
        "T10": "warn: 200 with an access token",
        "T11": "not run: neither the doc nor the server's metadata says that client_credentials is unsupported",
        "T15": "not run: nothing tells how long a code lives",
        "T16": "warn: 200 with an access token",
        "T21": NO_SECOND_CLIENT,
        "P3": "warn: a redirect with code, state",
        "A6": "not run: the server publishes no metadata, and no issuer is configured (oauth.issuer)",
        "A9": "not run: the response has no iss; a client of several servers needs a redirect_uri for each of them "
        "(RFC 9700 section 4.4.2.2)",
        "R2": CANNOT_BE_REPLACED,
        "R3": "warn: 200 with an access token",
        "R5": NO_SECOND_CLIENT,
        **{f"I{number}": "not run: the environment does not ask for openid (oauth.scope)" for number in range(1, 5)},
        **dict.fromkeys(
            ("U1", "U2", "U3", "U4", "U5"),
            "not run: neither oauth.par_url nor the server's metadata names an endpoint for pushed requests",
        ),
        **UNNAMED,
    }


def test_oidc_provider(make_session: MakeSession) -> None:
    folder = npm_packages().parent
    port = free_port()
    with started(["node", SERVERS / "oidc_provider.mjs", str(port), REDIRECT_URI], cwd=folder):
        origin = f"http://127.0.0.1:{port}"
        session = make_session(
            origin, authorize_url=f"{origin}/auth", token_url=f"{origin}/token", issuer=origin, scope="openid"
        )
        results = run_checks(session)
    found = table(results)
    # The development pages are not protected.
    assert found.pop("A7").startswith(f"warn: neither on {origin}/interaction/")
    assert found == {
        "T2": "warn: no Pragma field",
        "T6": "warn: 200 with an access token",
        "T15": "not run: nothing tells how long a code lives",
        "T21": NO_SECOND_CLIENT,
        "R2": CANNOT_BE_REPLACED,
        "R5": NO_SECOND_CLIENT,
        "I4": "not run: the ID token has no at_hash, which it need not have",
        "U4": "warn: 400 request_uri_not_supported",
        "U5": NO_SECOND_CLIENT,
        **dict.fromkeys(
            ("R1", "R3", "R4"),
            "not run: no refresh token comes with the access token; many servers want the scope offline_access",
        ),
        **UNNAMED,
    }


@pytest.mark.parametrize("method", ["client_secret_jwt", "private_key_jwt"])
def test_a_client_of_oidc_provider_that_signs_assertions(method: str, make_session: MakeSession) -> None:
    key = RSAKey.generate_key(2048)
    secret = "a-secret-that-is-long-enough-for-hs256"
    client: dict[str, object] = {"token_endpoint_auth_method": method, "client_secret": secret}
    if method == "private_key_jwt":
        client["jwks"] = {"keys": [key.as_dict(private=False)]}
    port = free_port()
    command = ["node", SERVERS / "oidc_provider.mjs", str(port), REDIRECT_URI, json.dumps(client)]
    with started(command, cwd=npm_packages().parent):
        origin = f"http://127.0.0.1:{port}"
        session = make_session(
            origin,
            authorize_url=f"{origin}/auth",
            token_url=f"{origin}/token",
            issuer=origin,
            scope="openid",
            token_auth=method,
            client_secret=Secret("OAUTH_CLIENT_SECRET", secret),
            client_key=Secret("CLIENT_KEY", key.as_pem(private=True).decode()),
        )
        found = table(run_checks(session, "T1", "T4", "T5", "T7", "T9", "T12", "T22", "P1", fresh_login=False))
    reason = "not run: the client authenticates with signed assertions, and sends no secret"
    assert found == {"T7": reason, "T22": reason}

"""Token requests: how a client says who it is, and what is told when there is no token."""

from __future__ import annotations

import json
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from refusing_port import refusing_port
from running_docs import environment

from pytest_endpoint_docs.errors import ConfigError, MissingExtra
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.client_assertion import assertion_parameters
from pytest_endpoint_docs.oauth.consent_errors import TokenRequestFailed
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests, request_token
from pytest_endpoint_docs.redaction.redactor import Redactor

SECRET = Secret("OAUTH_CLIENT_SECRET", "s:e/c r€t")


class TokenServer(HTTPServer):
    answer: tuple[int, bytes] = (200, b'{"access_token": "t", "token_type": "Bearer"}')
    seen: list[tuple[str, str, str]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/token"


@pytest.fixture
def server() -> Iterator[TokenServer]:
    class RequestHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            token_server.seen.append((self.headers["Content-Type"], self.headers.get("Authorization", ""), body))
            self.send_response(token_server.answer[0])
            self.end_headers()
            self.wfile.write(token_server.answer[1])

        def log_message(self, *args: object) -> None:
            pass

    token_server = TokenServer(("127.0.0.1", 0), RequestHandler)
    token_server.seen = []
    thread = threading.Thread(target=token_server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield token_server
    token_server.shutdown()
    token_server.server_close()


def _ask(server: TokenServer, *, token_auth: str = "basic", client_secret: Secret | None = SECRET) -> dict[str, Any]:
    settings = OAuthSettings(
        authorize_url=f"{server.url}/authorize",
        token_url=server.url,
        location=SourceLocation("env.yaml", 7),
        token_auth=token_auth,  # type: ignore[arg-type]
    )
    parameters = {"grant_type": "authorization_code", "code": "c0de"}
    http = HttpClient(environment(server.url))
    return request_token(http, settings, parameters, client_id="c d", client_secret=client_secret)


def test_basic_encodes_id_and_secret_as_a_form_first(server: TokenServer) -> None:
    assert _ask(server) == {"access_token": "t", "token_type": "Bearer"}

    _, authorization, body = server.seen[0]
    assert b64decode(authorization.removeprefix("Basic ")).decode() == "c+d:s%3Ae%2Fc+r%E2%82%ACt"
    assert parse_qs(body) == {"grant_type": ["authorization_code"], "code": ["c0de"]}


def test_post_puts_them_into_the_form_and_json_into_a_json_body(server: TokenServer) -> None:
    _ask(server, token_auth="post")
    _ask(server, token_auth="json")
    _ask(server, client_secret=None)

    assert parse_qs(server.seen[0][2])["client_secret"] == [SECRET.reveal()]
    assert json.loads(server.seen[1][2])["client_secret"] == SECRET.reveal()
    assert server.seen[1][0] == "application/json"
    assert parse_qs(server.seen[2][2])["client_id"] == ["c d"]
    assert [authorization for _, authorization, _ in server.seen] == ["", "", ""]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((400, b'{"error": "invalid_grant", "error_description": "used"}'), r"answered 400: invalid_grant \(used\)"),
        ((200, b'{"token_type": "Bearer"}'), "answered 200, without an access_token"),
        ((500, b"<h1>Oops</h1>"), "answered 500, without an access_token"),
    ],
)
def test_no_token_is_told_without_secrets(answer: tuple[int, bytes], message: str, server: TokenServer) -> None:
    server.answer = answer

    with pytest.raises(TokenRequestFailed, match=message) as failure:
        _ask(server)

    assert failure.value.status_code == answer[0]
    assert "c0de" not in str(failure.value)
    assert SECRET.reveal() not in str(failure.value)


def test_no_answer_at_all(server: TokenServer) -> None:
    server.shutdown()
    server.server_close()

    with refusing_port(server.server_port), pytest.raises(TokenRequestFailed) as failure:
        _ask(server)

    assert str(failure.value) == (
        f"the token endpoint gave no token: {server.url}: connection refused; is the server running?"
    )


def _token_requests(server: TokenServer, redactor: Redactor, told: list[str], **client: Any) -> TokenRequests:
    settings = OAuthSettings(
        authorize_url=f"{server.url}/authorize", token_url=server.url, location=SourceLocation("env.yaml", 7), **client
    )
    return TokenRequests(settings, HttpClient(environment(server.url)), redactor=redactor, announce=told.append)


def test_a_tokens_value_is_known_to_the_redactor_and_only_its_fields_are_told(server: TokenServer) -> None:
    server.answer = (200, b'{"access_token": "at-4711-value", "token_type": "Bearer"}')
    redactor, told = Redactor(), []
    tokens = _token_requests(server, redactor, told, client_id="app", client_secret=SECRET)

    tokens.request({"grant_type": "refresh_token", "refresh_token": "r"})

    assert told == ["the token endpoint answered with access_token, token_type"]
    assert "at-4711-value" not in redactor.text("token at-4711-value")


def test_another_client_never_sends_the_secret_of_the_environments_own(server: TokenServer) -> None:
    tokens = _token_requests(server, Redactor(), [], client_id="app", client_secret=SECRET)

    tokens.request({"grant_type": "refresh_token"}, client_id="other")

    ((_, authorization, body),) = server.seen
    assert (authorization, parse_qs(body)["client_id"]) == ("", ["other"])
    assert "client_secret" not in body


def test_without_a_client_nothing_is_sent(server: TokenServer) -> None:
    with pytest.raises(ConfigError) as failure:
        _token_requests(server, Redactor(), []).request({"grant_type": "refresh_token"})

    assert str(failure.value) == "env.yaml:7: a token request needs client_id, and the oauth block has none"
    assert server.seen == []


AUDIENCE = "https://as.example.com/token"


def _assertion(server: TokenServer, **settings: Any) -> tuple[dict[str, list[str]], str]:
    values: dict[str, Any] = {
        "authorize_url": "http://127.0.0.1/authorize",
        "token_url": server.url,
        "location": SourceLocation("environments/local.yaml", 1),
        "client_id": "contract-client",
        **settings,
    }
    made = OAuthSettings(**values)
    asking = TokenRequests(made, HttpClient(environment(server.url)), redactor=Redactor(), announce=lambda _line: None)
    asking.request({"grant_type": "authorization_code", "code": "c"})
    _, authorization, body = server.seen[-1]
    assert authorization == ""
    sent = parse_qs(body)
    assert "client_secret" not in sent
    assert sent["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    return sent, sent["client_assertion"][0]


def _claims_hold(token: jwt.Token, server: TokenServer) -> bool:
    claims = token.claims
    assert claims["iss"] == claims["sub"] == "contract-client"
    assert claims["aud"] == server.url
    assert claims["exp"] - claims["iat"] == 60
    return len(claims["jti"]) > 20


def test_a_client_signs_an_assertion_with_its_secret(server: TokenServer) -> None:
    secret = "a-secret-that-is-long-enough-for-hs256"
    settings = {"token_auth": "client_secret_jwt", "client_secret": Secret("OAUTH_CLIENT_SECRET", secret)}

    assertions = [_assertion(server, **settings)[1] for _ in range(2)]

    tokens = [jwt.decode(one, OctKey.import_key(secret), algorithms=["HS256"]) for one in assertions]
    assert all(_claims_hold(token, server) for token in tokens)
    assert tokens[0].claims["jti"] != tokens[1].claims["jti"], "an assertion is used once"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048), "RS256"),
        (ECKey.generate_key("P-256"), "ES256"),
        (ECKey.generate_key("P-384"), "ES384"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("written", ["pem", "one line", "jwk"])
def test_a_client_signs_an_assertion_with_its_key(
    written: str, key: RSAKey | ECKey, algorithm: str, server: TokenServer
) -> None:
    pem = key.as_pem(private=True).decode()
    text = {
        "pem": pem,
        "one line": pem.replace("\n", "\\n"),
        "jwk": json.dumps({**key.as_dict(private=True), "kid": "k1"}),
    }

    sent, assertion = _assertion(server, token_auth="private_key_jwt", client_key=Secret("KEY", text[written]))

    token = jwt.decode(assertion, key, algorithms=[algorithm])
    assert _claims_hold(token, server)
    assert written != "jwk" or token.header["kid"] == "k1"
    assert sent["client_id"] == ["contract-client"]


def test_an_empty_secret_signs_nothing() -> None:
    with pytest.raises(ConfigError, match=r"^\$KEY is empty: client_secret_jwt signs with the client's secret$"):
        assertion_parameters("client_secret_jwt", "app", Secret("KEY", ""), audience=AUDIENCE)


@pytest.mark.parametrize("method", ["client_secret_jwt", "private_key_jwt"])
def test_without_joserfc_the_message_says_what_to_install(method: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joserfc", None)
    with pytest.raises(MissingExtra) as failure:
        assertion_parameters(method, "app", Secret("KEY", "s3cret value"), audience=AUDIENCE)
    assert str(failure.value) == str(
        MissingExtra(f"token_auth: {method} needs joserfc, which is not installed", extra="consent")
    )


@pytest.mark.parametrize("text", ["not-a-key", "{", '{"kty": "oct", "k": "c2VjcmV0"}', "PUBLIC"])
def test_what_is_no_private_key_is_told_without_it(text: str, server: TokenServer) -> None:
    given = RSAKey.generate_key(2048).as_pem(private=False).decode() if text == "PUBLIC" else text
    with pytest.raises(ConfigError, match=r"^\$KEY is not a private key: expected PEM or a JWK, of type RSA or EC$"):
        _assertion(server, token_auth="private_key_jwt", client_key=Secret("KEY", given))
    assert server.seen == []

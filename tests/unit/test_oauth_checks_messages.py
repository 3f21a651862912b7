"""What a violation says: check, RFC and section, what is owed, what came; then request and answer without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from oauth_scripted_probe import (
    ENDPOINT,
    NO_STORE,
    REDIRECT_URI,
    TOKEN,
    ScriptedProbe,
    answer,
    check,
    error,
    run_check,
    settings,
)

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.oauth.checks.check_messages import request_lines
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, TokenChange
from pytest_endpoint_docs.oauth.checks.token_request import TokenEndpoint, build_token_request
from pytest_endpoint_docs.oauth.grant import PageAnswer
from pytest_endpoint_docs.redaction.redactor import Redactor


def messages(name: str, probe: ScriptedProbe) -> list[str]:
    return [mismatch.message for mismatch in run_check(check(name), probe, settings()).mismatches]


def test_a_code_that_works_twice() -> None:
    probe = ScriptedProbe(token_endpoint=lambda _code, _change: answer(200, TOKEN, **NO_STORE))

    (message,) = messages("T4", probe)

    assert message == (
        "T4 authorization code is single-use: RFC 6749 sections 4.1.2 and 10.5: a code that was used before is "
        "refused: expected 400 invalid_grant, got 200 with an access token\n"
        "  sent:\n"
        "    POST https://as.example.com/oauth/token\n"
        "    Authorization: $CLIENT_CREDENTIALS\n"
        "    Content-Type: application/x-www-form-urlencoded\n"
        "    grant_type=authorization_code&code=$OAUTH_CODE&redirect_uri=https://myapp.example.com/oauth/callback"
        "&code_verifier=***\n"
        "  received:\n"
        "    200 OK\n"
        "    Content-Type: application/json\n"
        "    Cache-Control: no-store\n"
        "    Pragma: no-cache\n"
        '    {"access_token": "***", "token_type": "bearer", "expires_in": 3600}'
    )


def test_a_wrong_secret_without_the_scheme_in_the_answer() -> None:
    challenge = 'Bearer error="invalid_client"'

    def bearer(_code: str | None, change: TokenChange) -> Response:
        return error("invalid_client", 401, WWW_Authenticate=challenge) if change.wrong_secret else answer(200, TOKEN)

    (message,) = messages("T7", ScriptedProbe(token_endpoint=bearer))

    assert message.splitlines()[0] == (
        "T7 wrong client secret is refused with HTTP Basic: RFC 6749 section 5.2: a client that fails in the "
        "Authorization field gets 401 with the scheme that it used: expected 401 invalid_client with "
        'WWW-Authenticate: Basic, got 401 invalid_client with WWW-Authenticate: Bearer error="invalid_client"'
    )


def test_which_of_two_attempts_was_answered_wrongly() -> None:
    def careless(code: str | None, change: TokenChange) -> Response:
        return answer(200, TOKEN) if "code_verifier" in change.fields or "code" not in change.fields else error("no")

    probe = ScriptedProbe(token_endpoint=careless)

    assert [message.split("expected ")[1].split("\n")[0] for message in messages("P1", probe)] == [
        "400 invalid_grant for a wrong code_verifier, got 200 with an access token",
        "400 invalid_grant for no code_verifier, got 200 with an access token",
    ]
    assert [message.split("expected ")[1].split("\n")[0] for message in messages("T14", probe)] == [
        "400 invalid_request for no code, got 400 no",
        "400 invalid_grant for a made-up code, got 400 no",
    ]


def test_a_code_that_outlives_its_time() -> None:
    probe = ScriptedProbe(facts=Facts(redirect_uri=REDIRECT_URI, code_lifetime_s=15))

    (message,) = messages("T15", probe)

    assert message.split(": expected ")[1].splitlines()[0] == (
        "400 invalid_grant for a code that is 16 s old (code_lifetime_s: 15), got 200 with an access token"
    )


@pytest.mark.parametrize(("name", "change"), [("T10", {"credentials": "both"}), ("T16", {"repeated": ("code",)})])
def test_a_request_that_is_refused_with_another_error_code_was_refused(name: str, change: dict[str, object]) -> None:
    def refusing(_code: str | None, sent: TokenChange) -> Response:
        return error("made_up", 403) if sent == TokenChange(**change) else answer(200, TOKEN)  # type: ignore[arg-type]

    (message,) = messages(name, ScriptedProbe(token_endpoint=refusing))

    assert message.partition(": ")[2].splitlines()[0] == (
        "RFC 6749 section 5.2: a refusal has the status and the error code for its reason: "
        "expected 400 invalid_request, got 403 made_up"
    )


def test_a_redirect_to_a_stranger() -> None:
    def open_redirector(changes: Mapping[str, str | None], _deny: bool) -> AuthorizeOutcome:
        sent = {"response_type": "code", "client_id": "contract-client", "redirect_uri": REDIRECT_URI, "state": "abc"}
        sent |= {name: value for name, value in changes.items() if value is not None}
        stranger = sent["redirect_uri"] == "https://attacker.example/callback"
        reached = {"code": "stolen-code", "state": "abc"} if stranger else None
        return AuthorizeOutcome(sent=sent, parameters=reached, status_code=400)

    (message,) = messages("A1", ScriptedProbe(authorization_endpoint=open_redirector))

    assert message == (
        "A1 nothing is sent to an unregistered redirect_uri: RFC 6749 section 4.1.2.1, RFC 9700 section 4.1.3: "
        "redirect URIs are compared as whole strings, and others are never redirected to: "
        "expected no redirect for a foreign redirect_uri, got a redirect there with code, state\n"
        "  sent:\n"
        "    authorization request: response_type=code client_id=contract-client "
        "redirect_uri=https://attacker.example/callback state=***\n"
        "  received:\n"
        "    redirect to https://attacker.example/callback with code=*** state=***"
    )


def test_a_page_that_may_be_framed() -> None:
    framed = PageAnswer(method="GET", url="https://as.example.com/consent?id=1", status_code=200, headers={})
    safe = PageAnswer(
        method="GET",
        url="https://as.example.com/login",
        status_code=200,
        headers={"content-security-policy": "default-src 'self'; frame-ancestors 'none'"},
    )

    (message,) = messages("A7", ScriptedProbe(pages=(safe, framed)))

    assert message == (
        "A7 login and consent pages cannot be framed: RFC 6749 section 10.13, RFC 9700 section 4.16: "
        "other sites cannot put these pages into a frame: expected X-Frame-Options: DENY or SAMEORIGIN, or "
        "Content-Security-Policy: frame-ancestors, got neither on https://as.example.com/consent\n"
        "  sent:\n"
        "    GET https://as.example.com/consent?id=1\n"
        "  received:\n"
        "    200"
    )


@pytest.mark.parametrize(
    ("policy", "options", "protects"),
    [
        ("frame-ancestors *", "DENY", False),
        ("frame-ancestors https:", "", False),
        ("frame-ancestors 'self' *", "", False),
        ("default-src 'self'; frame-ancestors", "", True),
        ("frame-ancestors https://portal.example.com", "", True),
        ("frame-ancestors *, frame-ancestors 'none'", "", True),
        ("frame-ancestors-of 'none'", "", False),
        ("default-src 'self'", "SAMEORIGIN", True),
        ("", "ALLOW-FROM https://portal.example.com", False),
    ],
)
def test_which_pages_may_be_framed(policy: str, options: str, *, protects: bool) -> None:
    headers = {"content-security-policy": policy, "x-frame-options": options}
    page = PageAnswer(method="GET", url="https://as.example.com/login", status_code=200, headers=headers)

    assert (messages("A7", ScriptedProbe(pages=(page,))) == []) is protects


def test_every_fault_of_a_token_response_is_named() -> None:
    wrong = {"access_token": None, "token_type": 7, "expires_in": "3600"}

    result = run_check(
        check("T1"), ScriptedProbe(token_endpoint=lambda *_: answer(200, wrong, Content_Type="text/plain")), settings()
    )

    assert [(found.pointer, found.expected, found.actual) for found in result.mismatches] == [
        ("Content-Type", "Content-Type: application/json", "Content-Type: text/plain"),
        ("/access_token", "access_token, a string that is not empty", "access_token: null"),
        ("/token_type", "token_type, such as Bearer in any case", "token_type: 7 (integer)"),
        ("/expires_in", "expires_in, a number of seconds", 'expires_in: "3600" (string)'),
    ]
    assert {found.source for found in result.mismatches} == {"RFC 6749 section 5.1"}


def test_a_repeated_parameter_shows_twice_and_a_query_without_its_secret() -> None:
    def accepts(_code: str | None, _change: TokenChange) -> Response:
        return answer(200, TOKEN)

    (twice,) = messages("T16", ScriptedProbe(token_endpoint=accepts))
    (in_uri,) = messages("T18", ScriptedProbe(token_endpoint=accepts))

    assert "grant_type=authorization_code&code=$OAUTH_CODE&code=$OAUTH_CODE&redirect_uri=" in twice
    assert "POST https://as.example.com/oauth/token?client_id=contract-client&client_secret=$CLIENT_SECRET\n" in in_uri


def test_a_repeated_member_shows_twice() -> None:
    change = TokenChange(fields={"code": "abcdef"}, repeated=("code",), encoding="json")
    shown = build_token_request(ENDPOINT, None, change).shown

    (*_, content) = request_lines(shown, Redactor())

    assert content.endswith('"code": "abcdef", "code": "abcdef"}')


def test_an_html_answer_is_cut() -> None:
    page = Response(status_code=500, reason="Internal Server Error", content=b"<h1>Oops</h1>\n" + b"x" * 900)

    (message,) = messages("T13", ScriptedProbe(token_endpoint=lambda *_: page))

    assert "got 500 without an error code" in message
    assert message.endswith("x… (314 more characters)")


def test_a_request_without_a_code_lacks_nothing_else() -> None:
    def sent(endpoint: TokenEndpoint) -> set[str]:
        return {*dict(build_token_request(endpoint, None, TokenChange()).shown.body or {})}

    plain = {"grant_type", "redirect_uri"}
    assert sent(ENDPOINT) == plain | {"code_verifier"}
    assert sent(replace(ENDPOINT, pkce=False)) == plain

"""Authorization requests, and what comes back at the redirect URI."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_endpoint_docs.oauth.browser.masking import mask_url
from pytest_endpoint_docs.oauth.consent_errors import IssuerMismatch, RedirectMalformed, StateMismatch
from pytest_endpoint_docs.oauth.grant import (
    AuthorizationError,
    AuthorizationGrant,
    AuthorizationRequest,
    build_request,
    code_challenge,
    matches_redirect_uri,
    read_redirect,
)
from pytest_endpoint_docs.oauth.outcome import read_outcome

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CALLBACK = "https://myapp.example.com/cb"


def _request(**more: object) -> AuthorizationRequest:
    values: dict[str, object] = {"client_id": "c", "redirect_uri": CALLBACK, "scope": "openid", **more}
    return build_request("https://as.example.com/authorize", **values)  # type: ignore[arg-type]


def _sent(request: AuthorizationRequest) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url).query, keep_blank_values=True).items()}


def test_the_challenge_of_rfc_7636_appendix_b() -> None:
    assert (
        code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_request_has_a_fresh_state_nonce_and_challenge() -> None:
    first, second = _request(), _request()
    sent = _sent(first)

    assert sent["response_type"] == "code"
    assert sent["redirect_uri"] == CALLBACK
    assert sent["state"] == first.state != second.state
    assert sent["nonce"] == first.nonce
    assert first.code_verifier is not None
    assert 43 <= len(first.code_verifier) <= 128
    assert (sent["code_challenge"], sent["code_challenge_method"]) == (code_challenge(first.code_verifier), "S256")


def test_no_nonce_without_openid_and_no_challenge_without_pkce() -> None:
    request = _request(scope="openid2 read", pkce="none")

    assert {"nonce", "code_challenge", "code_challenge_method"}.isdisjoint(_sent(request))
    assert (request.nonce, request.code_verifier) == (None, None)


def test_extra_parameters_win_and_none_leaves_one_out() -> None:
    request = _request(extra_params={"state": "s t+a%te/&=x", "response_type": None, "audience": "api"})

    assert _sent(request)["state"] == "s t+a%te/&=x" == request.state
    assert "response_type" not in _sent(request)
    assert _sent(request)["audience"] == "api"


def test_the_query_of_the_endpoint_itself_stays() -> None:
    request = build_request("https://as.example.com/a?tenant=7#top", client_id="c", redirect_uri=CALLBACK)

    assert request.url.startswith("https://as.example.com/a?tenant=7&response_type=code&")


@pytest.mark.parametrize(
    ("url", "redirect_uri", "matches"),
    [
        ("https://a.example/cb", "https://a.example/cb", True),
        ("https://a.example/cb?code=1", "https://a.example/cb", True),
        ("https://a.example/cb#code=1", "https://a.example/cb", True),
        ("https://a.example/cb/?code=1", "https://a.example/cb", False),
        ("https://a.example/cb2?code=1", "https://a.example/cb", False),
        ("https://a.example/cb.evil?code=1", "https://a.example/cb", False),
        ("https://a.example.evil.example/?code=1", "https://a.example", False),
        ("https://a.example/?code=1", "https://a.example", True),
        ("https://a.example?code=1", "https://a.example", True),
        ("https://a.example/cb?code=1", "https://A.Example:443/cb", True),
        ("http://127.0.0.1:8000/cb?code=1", "http://127.0.0.1:8000/cb", True),
        ("http://127.0.0.1:80001/cb?code=1", "http://127.0.0.1:8000/cb", False),
        ("http://a.example/cb?code=1", "https://a.example/cb", False),
        ("myapp://cb?code=1", "myapp://cb", True),
        ("com.example.app:/cb?code=1", "com.example.app:/cb", True),
        ("com.example.app:/cbx?code=1", "com.example.app:/cb", False),
        ("https://a.example/cb?tenant=7&code=1", "https://a.example/cb?tenant=7", True),
        ("https://a.example/cb?tenant=70&code=1", "https://a.example/cb?tenant=7", False),
    ],
)
def test_a_redirect_uri_is_matched_exactly(url: str, redirect_uri: str, matches: bool) -> None:
    assert matches_redirect_uri(url, redirect_uri) is matches


@pytest.mark.parametrize(
    ("url", "form", "parameters"),
    [
        (f"{CALLBACK}?code=a%2Bb&state=x", None, {"code": "a+b", "state": "x"}),
        (f"{CALLBACK}#code=a&state=x", None, {"code": "a", "state": "x"}),
        (CALLBACK, "code=a&state=x", {"code": "a", "state": "x"}),
        # A 307 repeats the consent form at the redirect URI: the query is what counts.
        (f"{CALLBACK}?code=a&state=x", "decision=allow&code=other", {"code": "a", "state": "x"}),
        (f"{CALLBACK}?error=access_denied&state=", None, {"error": "access_denied", "state": ""}),
        (CALLBACK, None, {}),
    ],
)
def test_parameters_come_from_the_query_the_fragment_or_the_form(
    url: str, form: str | None, parameters: dict[str, str]
) -> None:
    redirect = read_redirect(url, CALLBACK, form=form)

    assert redirect is not None
    assert redirect.parameters == parameters


def test_the_redirect_uris_own_query_is_not_an_answer() -> None:
    redirect = read_redirect("https://a.example/cb?tenant=7&code=1", "https://a.example/cb?tenant=7")

    assert redirect is not None
    assert redirect.parameters == {"code": "1"}


def _outcome(
    request: AuthorizationRequest, query: str, issuer: str | None = None
) -> AuthorizationGrant | AuthorizationError:
    redirect = read_redirect(f"{CALLBACK}?{query}", CALLBACK)
    assert redirect is not None
    return read_outcome(redirect, request, issuer=issuer, now=NOW)


def test_a_grant_does_not_show_its_secrets() -> None:
    request = _request()
    grant = _outcome(
        request, f"code=the-code&state={request.state}&iss=https://as.example.com", "https://as.example.com"
    )

    assert isinstance(grant, AuthorizationGrant)
    assert (grant.code, grant.state, grant.iss) == ("the-code", request.state, "https://as.example.com")
    assert grant.code_verifier == request.code_verifier
    for secret in ("the-code", request.state, request.code_verifier, request.nonce):
        assert str(secret) not in repr(grant)
        assert str(secret) not in repr(request)


@pytest.mark.parametrize("state", ["state=x&", "", "state=&"])
def test_another_state_is_refused(state: str) -> None:
    with pytest.raises(StateMismatch):
        _outcome(_request(), f"{state}code=c")


def test_another_issuer_is_refused_and_a_missing_one_is_not() -> None:
    request = _request()
    with pytest.raises(IssuerMismatch, match="RFC 9207"):
        _outcome(request, f"code=c&state={request.state}&iss=https://evil.example", "https://as.example.com")

    assert isinstance(_outcome(request, f"code=c&state={request.state}", "https://as.example.com"), AuthorizationGrant)


def test_an_error_is_an_outcome_with_its_description() -> None:
    request = _request()
    error = _outcome(request, f"error=access_denied&error_description=No+way&state={request.state}")
    stateless = _outcome(request, "error=invalid_request")

    assert isinstance(error, AuthorizationError)
    assert isinstance(stateless, AuthorizationError)
    assert (error.error, error.description, error.state_matches) == ("access_denied", "No way", True)
    assert not stateless.state_matches


def test_neither_code_nor_error_names_what_there_was() -> None:
    with pytest.raises(RedirectMalformed, match="only: session_state, state"):
        _outcome(_request(), "state=x&session_state=y")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://a.example/cb?code=SECRET&state=SECRET&scope=openid",
            "https://a.example/cb?code=***&state=***&scope=openid",
        ),
        ("https://a.example/cb#access_token=SECRET", "https://a.example/cb#access_token=***"),
        (
            "https://a.example/login?next=/authorize%3Fstate%3DSECRET%26client_id%3Dc",
            "https://a.example/login?next=/authorize?state=***%26client_id=c",
        ),
        ("https://a.example/interaction/kX3abcdefghijklmnopqrstu9", "https://a.example/interaction/kX3a***"),
        ("https://a.example/platform/v1/apps?page=2", "https://a.example/platform/v1/apps?page=2"),
    ],
)
def test_urls_are_shown_without_codes_and_states(url: str, shown: str) -> None:
    assert mask_url(url) == shown

"""What is read from a doc's text, from the environment and from the server's metadata."""

from __future__ import annotations

from dataclasses import replace

import pytest
from corpus_folder import CORPUS, needs_corpus
from oauth_scripted_probe import settings
from running_docs import environment

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.oauth.checks.conditions import without_issuer
from pytest_endpoint_docs.oauth.checks.facts import ServerMetadata, facts_of, fetch_metadata, read_metadata
from pytest_endpoint_docs.sandbox.running import Sandbox
from pytest_endpoint_docs.sandbox.settings import SandboxSettings


@pytest.mark.parametrize(
    "text",
    [
        "1. **Only `authorization_code` works** - `client_credentials` is NOT supported",
        "This endpoint does not accept the client_credentials grant.",
        "`client_credentials`: unsupported",
        "Sending client_credentials gives unauthorized_client.",
    ],
)
def test_a_doc_says_that_client_credentials_is_unsupported(text: str) -> None:
    assert facts_of(settings(), text=text).client_credentials_unsupported


@pytest.mark.parametrize(
    "text",
    ["", "Use client_credentials for machine access.", "Refresh tokens are not supported. Use client_credentials."],
)
def test_a_doc_that_does_not_say_so(text: str) -> None:
    assert not facts_of(settings(), text=text).client_credentials_unsupported


@needs_corpus
def test_the_original_doc_says_so() -> None:
    text = (CORPUS / "old" / "platform_administration" / "post_oauth_token.md").read_text(encoding="utf-8")
    facts = facts_of(settings(), text=text)
    assert facts.client_credentials_unsupported
    assert not facts.pkce_promised


def test_metadata_promises() -> None:
    metadata = read_metadata(
        {
            "issuer": "https://as.example.com",
            "grant_types_supported": ["authorization_code", 7],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "userinfo_endpoint": ["not a text"],
        }
    )
    assert metadata == ServerMetadata(
        issuer="https://as.example.com",
        grant_types=("authorization_code",),
        challenge_methods=("S256",),
        announces_iss=True,
    )
    facts = facts_of(settings(), metadata=metadata)
    assert (facts.client_credentials_unsupported, facts.pkce_promised, facts.issuer) == (
        True,
        True,
        "https://as.example.com",
    )


def test_an_issuer_that_does_not_announce_iss_owes_none() -> None:
    metadata = ServerMetadata(found_at="https://as.example.com", issuer="https://as.example.com")
    for configured in (settings(), replace(settings(), issuer="https://as.example.com")):
        facts = facts_of(configured, metadata=metadata)
        assert without_issuer(facts) == "the server's metadata does not announce iss (RFC 9207 section 3)"


def test_without_metadata_the_environment_says_that_iss_comes() -> None:
    facts = facts_of(replace(settings(), issuer="https://as.example.com"))
    assert (facts.issuer, without_issuer(facts)) == ("https://as.example.com", None)


def test_metadata_is_found_beside_the_token_endpoint_and_must_name_it() -> None:
    with Sandbox.start(SandboxSettings()) as sandbox:

        def metadata(token_path: str) -> ServerMetadata | None:
            return fetch_metadata(
                HttpClient(environment(sandbox.url)),
                OAuthSettings(
                    authorize_url=f"{sandbox.url}/oauth/authorize",
                    token_url=sandbox.url + token_path,
                    location=SourceLocation("env.yaml", 1),
                ),
            )

        found = metadata("/oauth/token")
        assert found is not None
        assert found == ServerMetadata(
            found_at=f"{sandbox.url}/.well-known/oauth-authorization-server",
            issuer=sandbox.url,
            grant_types=("authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"),
            challenge_methods=("S256",),
            announces_iss=True,
            userinfo_endpoint=f"{sandbox.url}/oauth/userinfo",
            device_endpoint=f"{sandbox.url}/oauth/device_authorization",
            par_endpoint=f"{sandbox.url}/oauth/par",
            introspection_endpoint=f"{sandbox.url}/oauth/introspect",
            revocation_endpoint=f"{sandbox.url}/oauth/revoke",
            jwks_uri=f"{sandbox.url}/oauth/jwks",
            speaks_openid=True,
        )
        assert metadata("/another/token") is None

"""What a doc, an environment and the server's own metadata say, as far as checks depend on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_endpoint_docs.errors import RequestError
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.oauth.checks.probe import Facts, ServerMetadata
from pytest_endpoint_docs.oauth.client_assertion import ASSERTING

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.environment import OAuthSettings
    from pytest_endpoint_docs.model.source import JSONValue

_OK = 200
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n")
_DENIAL = re.compile(
    r"\b(not|never|cannot|n't)\b.*\b(support|allow|accept|work|available|issue)|\bunsupported\b|unauthorized_client"
    r"|\bonly\b.*\bauthorization_code\b",
    re.IGNORECASE,
)
_PKCE_WORDS = re.compile(r"\b(code_challenge|code_verifier|PKCE|S256)\b")


def facts_of(
    settings: OAuthSettings,
    *,
    text: str = "",
    metadata: ServerMetadata | None = None,
    redirect_uri: str | None = None,
    second_client: bool = False,
    code_lifetime_s: float | None = None,
) -> Facts:
    """The facts for a doc with this text, in an environment with these settings; ``code_lifetime_s`` where those
    do not name one.

    ``client_credentials`` counts as documented to be unsupported where one sentence of the doc says so, or where the
    metadata lists the grant types without it. PKCE counts as promised where the doc names it, or the metadata S256.
    """
    known = metadata or ServerMetadata()
    return Facts(
        redirect_uri=redirect_uri or settings.redirect_uri or "",
        scope=settings.scope or "",
        par_url=settings.par_url or known.par_endpoint,
        device_url=settings.device_url or known.device_endpoint,
        gives_codes=settings.grant == "authorization_code",
        metadata=known,
        encoding="json" if settings.token_auth == "json" else "form",
        pkce=settings.pkce == "S256",
        pkce_promised="S256" in known.challenge_methods or bool(_PKCE_WORDS.search(text)),
        client_credentials_unsupported=_says_unsupported(text)
        or (known.grant_types is not None and "client_credentials" not in known.grant_types),
        issuer=_issuer_in_responses(settings, metadata),
        second_client=second_client,
        public=settings.token_auth == "none",
        asserting=settings.token_auth in ASSERTING,
        code_lifetime_s=settings.code_lifetime_s or code_lifetime_s,
    )


def _issuer_in_responses(settings: OAuthSettings, metadata: ServerMetadata | None) -> str | None:
    """What ``iss`` is to be: metadata says whether it comes at all (RFC 9207 section 3), else the environment does."""
    if metadata is None:
        return settings.issuer
    return settings.issuer or metadata.issuer if metadata.announces_iss else None


def _says_unsupported(text: str) -> bool:
    sentences = (sentence.replace("*", "").replace("`", "") for sentence in _SENTENCE_END.split(text))
    return any("client_credentials" in sentence and _DENIAL.search(sentence) for sentence in sentences)


def fetch_metadata(http: HttpClient, settings: OAuthSettings) -> ServerMetadata | None:
    """The metadata of the server whose token endpoint this is; ``None`` where it publishes none, or another's.

    A server may publish some of it in one place and some in another; what comes first counts.

    Standards: RFC 8414 section 3.1 (the well-known part goes between host and path), OpenID Connect Discovery 1.0
    section 4.
    """
    joined: dict[str, JSONValue] = {}
    found_at = ""
    for url in _well_known_urls(settings):
        document = _get_json(http, url)
        if document.get("token_endpoint") == settings.token_url:
            joined, found_at = {**document, **joined}, found_at or url
    return read_metadata(joined, found_at=found_at) if joined else None


def read_metadata(document: Mapping[str, JSONValue], *, found_at: str = "") -> ServerMetadata:
    """Take from a metadata document what the checks use; members of a wrong type count as absent."""

    def text(name: str) -> str | None:
        value = document.get(name)
        return value if isinstance(value, str) else None

    return ServerMetadata(
        found_at=found_at,
        issuer=text("issuer"),
        grant_types=_texts(document["grant_types_supported"]) if "grant_types_supported" in document else None,
        challenge_methods=_texts(document.get("code_challenge_methods_supported")),
        announces_iss=document.get("authorization_response_iss_parameter_supported") is True,
        userinfo_endpoint=text("userinfo_endpoint"),
        jwks_uri=text("jwks_uri"),
        device_endpoint=text("device_authorization_endpoint"),
        par_endpoint=text("pushed_authorization_request_endpoint"),
        introspection_endpoint=text("introspection_endpoint"),
        revocation_endpoint=text("revocation_endpoint"),
        speaks_openid="id_token_signing_alg_values_supported" in document,
    )


def _texts(value: JSONValue) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _well_known_urls(settings: OAuthSettings) -> tuple[str, ...]:
    token = urlsplit(settings.token_url)
    issuers = [settings.issuer] if settings.issuer else []
    issuers.append(f"{token.scheme}://{token.netloc}")
    urls = []
    for issuer in issuers:
        parts = urlsplit(issuer)
        base, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        urls.append(f"{base}/.well-known/oauth-authorization-server{path}")
        urls.append(f"{base}{path}/.well-known/openid-configuration")
    return tuple(dict.fromkeys(urls))


def _get_json(http: HttpClient, url: str) -> Mapping[str, JSONValue]:
    try:
        response = http.send(Request(method="GET", url=url, headers={"Accept": "application/json"})).response
    except RequestError:
        return {}
    return response.as_object() if response.status_code == _OK else {}

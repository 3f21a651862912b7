"""Why a check does not apply to an endpoint: each gives the reason, or ``None`` where the check applies."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks.probe import Facts


def public_client(facts: Facts) -> str | None:
    """Why a client cannot fail to authenticate."""
    return "the client is public and has no secret (token_auth: none)" if facts.public else None


def without_secret(facts: Facts) -> str | None:
    """Why a client has no secret that could be wrong."""
    asserting = "the client authenticates with signed assertions, and sends no secret" if facts.asserting else None
    return public_client(facts) or asserting


def without_second_client(facts: Facts) -> str | None:
    """Why T21 does not apply: no other client is known that could try the code."""
    return None if facts.second_client else "no second client is known to the environment"


def knows_client_credentials(facts: Facts) -> str | None:
    """Why T11 does not apply: nothing says that the server refuses the grant type."""
    if facts.client_credentials_unsupported:
        return None
    return "neither the doc nor the server's metadata says that client_credentials is unsupported"


def documents_json(facts: Facts) -> str | None:
    """Why T20 does not apply."""
    return "the doc sends its token requests as JSON" if facts.encoding == "json" else None


def without_pkce(facts: Facts) -> str | None:
    """Why a check of PKCE does not apply: the client sends no ``code_challenge``."""
    return None if facts.pkce else "the environment says pkce: none"


def without_issuer(facts: Facts) -> str | None:
    """Why A6 does not apply."""
    if facts.issuer is not None:
        return None
    if facts.metadata.found_at:
        return "the server's metadata does not announce iss (RFC 9207 section 3)"
    return "the server publishes no metadata, and no issuer is configured (oauth.issuer)"


def without_openid(facts: Facts) -> str | None:
    """Why there is no ID token to look at."""
    return None if "openid" in facts.scope.split() else "the environment does not ask for openid (oauth.scope)"


def needs_no_rotation(facts: Facts) -> str | None:
    """Why R2 does not apply: RFC 9700 demands it for public clients only."""
    if facts.public:
        return None
    return "the client authenticates when it refreshes, so its refresh tokens need not be replaced"


def without_introspection(facts: Facts) -> str | None:
    """Why there is nothing to ask about tokens."""
    return None if facts.metadata.introspection_endpoint else "the server's metadata has no introspection_endpoint"


def without_revocation(facts: Facts) -> str | None:
    """Why no token can be revoked."""
    return None if facts.metadata.revocation_endpoint else "the server's metadata has no revocation_endpoint"


def without_par(facts: Facts) -> str | None:
    """Why no request can be pushed."""
    if facts.par_url:
        return None
    return "neither oauth.par_url nor the server's metadata names an endpoint for pushed requests"


def without_devices(facts: Facts) -> str | None:
    """Why no device can ask."""
    if facts.device_url:
        return None
    return "neither oauth.device_url nor the server's metadata names an endpoint for devices"

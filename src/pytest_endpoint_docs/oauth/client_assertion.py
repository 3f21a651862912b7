"""Clients that sign an assertion (RFC 7523 sections 2.2 and 3; OpenID Connect Core 1.0 section 9)."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Literal, TypeAlias

from pytest_endpoint_docs.errors import ConfigError, MissingExtra
from pytest_endpoint_docs.model.secret import Secret

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OctKey, RSAKey

    Key: TypeAlias = "ECKey | OctKey | RSAKey"

ASSERTING = frozenset(["client_secret_jwt", "private_key_jwt"])
"""The values of ``token_auth`` that mean an assertion."""

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME_S = 60
_OF_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


def assertion_parameters(
    method: Literal["client_secret_jwt", "private_key_jwt"], client_id: str, key: Secret, *, audience: str
) -> dict[str, str]:
    """The parameters that authenticate a client: a fresh assertion for this audience, the token endpoint.

    ``key`` is the client's secret, or its private key: PEM (also in one line, with ``\\n`` for line breaks) or a JWK.

    Raises: ``ConfigError`` where the key cannot be read, or joserfc is not installed.
    """
    try:
        from joserfc import jwt
    except ImportError as error:
        raise MissingExtra(f"token_auth: {method} needs joserfc, which is not installed", extra="consent") from error
    signing, algorithm = _secret_key(key) if method == "client_secret_jwt" else _private_key(key)
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(24),
        "iat": now,
        "exp": now + _LIFETIME_S,
    }
    header = {"alg": algorithm, **({"kid": signing.kid} if signing.kid else {})}
    return {
        "client_id": client_id,
        "client_assertion_type": _TYPE,
        "client_assertion": jwt.encode(header, claims, signing, algorithms=[algorithm]),
    }


def _secret_key(secret: Secret) -> tuple[Key, str]:
    from joserfc.jwk import OctKey

    if not secret.reveal():
        raise ConfigError(f"{secret} is empty: client_secret_jwt signs with the client's secret")
    return OctKey.import_key(secret.reveal()), "HS256"


def _private_key(secret: Secret) -> tuple[Key, str]:
    """The key, and the algorithm that goes with its type (RFC 7518 section 3.1)."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    text = secret.reveal().strip()
    kinds: dict[str, type[ECKey] | type[RSAKey]] = {"RSA": RSAKey, "EC": ECKey}
    try:
        written = json.loads(text) if text.startswith("{") else text.replace("\\n", "\n")
    except ValueError:
        written = ""
    named = str(written.get("kty")) if isinstance(written, dict) else ""
    wanted = [kinds[named]] if named in kinds else [*kinds.values()]
    for kind in wanted:
        try:
            key = kind.import_key(written)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if key.is_private:
            return key, _OF_CURVES.get(key.curve_name, "ES256") if isinstance(key, ECKey) else "RS256"
    raise ConfigError(f"{secret} is not a private key: expected PEM or a JWK, of type RSA or EC")

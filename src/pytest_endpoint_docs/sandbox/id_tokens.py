"""ID tokens, signed with RS256, and the key that verifies them (OpenID Connect Core 1.0 sections 2 and 10.1)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.sandbox.settings import SandboxSettings

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
_LIFETIME_S = 300


class IdTokens:
    """Makes ID tokens. Libraries are imported, and the key is made, when the first is asked for: both take a while."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings

    @cached_property
    def _key(self) -> RSAKey:
        from joserfc.jwk import RSAKey

        return RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)

    def claims(self, named: Mapping[str, str | None], access_token: str) -> dict[str, Any]:
        """What an ID token says: ``named`` (those with a value), when it ends, and the hash of the access token."""
        now = int(self._settings.clock().timestamp())
        given = {name: value for name, value in named.items() if value is not None}
        # The left half of the hash that goes with the algorithm (OpenID Connect Core 1.0 section 3.1.3.6).
        half = sha256(access_token.encode()).digest()[:16]
        at_hash = urlsafe_b64encode(half).rstrip(b"=").decode("ascii")
        return {**given, "iat": now, "exp": now + _LIFETIME_S, "at_hash": at_hash}

    def signed(self, claims: Mapping[str, Any]) -> str:
        """The token."""
        from joserfc import jwt

        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, dict(claims), self._key, algorithms=[ALGORITHM])

    def public_keys(self) -> dict[str, Any]:
        """The JWK Set (RFC 7517 section 5)."""
        return {"keys": [self._key.as_dict(private=False)]}

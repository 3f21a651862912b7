"""Ways in which ID tokens are wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from pytest_endpoint_docs.sandbox.flaws.base import Flaw, without
from pytest_endpoint_docs.sandbox.id_tokens import ALGORITHM


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


class IdTokenMissing(Flaw):
    """No ID token comes."""

    flaw, checks = "id-token-missing", ("I1",)

    def token_payload(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return without(super().token_payload(payload), "id_token")


class IdTokenUnsigned(Flaw):
    """ID tokens have alg none."""

    flaw, checks = "id-token-unsigned", ("I1",)

    def signed_id_token(self, token: str) -> str:
        header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        return f"{header}.{token.split('.')[1]}."


class IdTokenOtherKey(Flaw):
    """ID tokens are signed with a key that is not published."""

    flaw, checks = "id-token-other-key", ("I1",)

    def signed_id_token(self, token: str) -> str:
        from joserfc import jwt  # takes a while
        from joserfc.jwk import RSAKey

        return jwt.encode({"alg": ALGORITHM}, _claims(token), RSAKey.generate_key(2048), algorithms=[ALGORITHM])


class IdTokenOtherIssuer(Flaw):
    """iss of the ID token is another issuer."""

    flaw, checks = "id-token-other-issuer", ("I2",)

    def id_token_claims(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().id_token_claims(claims), "iss": "https://issuer.example.org"}


class IdTokenOtherAudience(Flaw):
    """aud of the ID token is another client."""

    flaw, checks = "id-token-other-audience", ("I2",)

    def id_token_claims(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().id_token_claims(claims), "aud": ["another-app"]}


class IdTokenExpired(Flaw):
    """ID tokens have ended when they come."""

    flaw, checks = "id-token-expired", ("I2",)

    def id_token_claims(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().id_token_claims(claims), "exp": claims["iat"] - 3600}


class NonceDropped(Flaw):
    """The ID token has no nonce."""

    flaw, checks = "nonce-dropped", ("I3",)

    def id_token_claims(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        return without(super().id_token_claims(claims), "nonce")


class AtHashWrong(Flaw):
    """at_hash is that of something else."""

    flaw, checks = "at-hash-wrong", ("I4",)

    def id_token_claims(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().id_token_claims(claims), "at_hash": "r8W0IIANIr1jjQVsittwnA"}

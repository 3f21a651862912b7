"""Ways in which introspection and revocation are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from pytest_endpoint_docs.sandbox.flaws.base import Flaw
from pytest_endpoint_docs.sandbox.oauth_records import AccessToken, App, RefreshToken


class ActiveAsText(Flaw):
    """Introspection says "true" where it should say true."""

    flaw, checks = "active-as-text", ("N1",)

    def introspection(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().introspection(said), "active": "true"}


class UnknownTokenActive(Flaw):
    """Introspection takes every token for a live one."""

    flaw, checks = "unknown-token-active", ("N2",)

    said_of_inactive_tokens: Mapping[str, Any] = {"active": True}


class InactiveTokenExplained(Flaw):
    """Introspection says why a token is not active."""

    flaw, checks = "inactive-token-explained", ("N2",)

    said_of_inactive_tokens: Mapping[str, Any] = {"reason": "There is no such token."}


class IntrospectionUnauthenticated(Flaw):
    """Whoever knows a client_id may ask about tokens."""

    flaw, checks = "introspection-unauthenticated", ("N3",)

    def authenticates(self, purpose: str) -> bool:
        return super().authenticates(purpose) and purpose != "introspection"


class RevocationUnauthenticated(Flaw):
    """Whoever knows a client_id may revoke tokens."""

    flaw, checks = "revocation-unauthenticated", ("V1",)

    def authenticates(self, purpose: str) -> bool:
        return super().authenticates(purpose) and purpose != "revocation"


class OtherClientsTokenRevoked(Flaw):
    """A client may revoke the tokens of another one."""

    flaw, checks = "other-clients-token-revoked", ("V2",)

    def may_revoke(self, token: AccessToken | RefreshToken, app: App) -> bool:
        return True


class UnknownTokenRevocationFails(Flaw):
    """Revoking a token that does not exist is an error."""

    flaw, checks = "unknown-token-revocation-fails", ("V3",)

    def unknown_token_to_revoke(self) -> None:
        raise InvalidRequestError("There is no such token.")


class AccessTokenNotRevoked(Flaw):
    """Revoking an access token changes nothing."""

    flaw, checks = "access-token-not-revoked", ("V4",)

    def revokes(self, token: AccessToken | RefreshToken) -> bool:
        return super().revokes(token) and isinstance(token, RefreshToken)


class RefreshTokenNotRevoked(Flaw):
    """Revoking a refresh token changes nothing."""

    flaw, checks = "refresh-token-not-revoked", ("V5",)

    def revokes(self, token: AccessToken | RefreshToken) -> bool:
        return super().revokes(token) and isinstance(token, AccessToken)

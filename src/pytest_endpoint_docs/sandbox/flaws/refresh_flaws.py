"""Ways in which refresh tokens are handled wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_endpoint_docs.sandbox.flaws.base import Flaw, without
from pytest_endpoint_docs.sandbox.oauth_records import App, RefreshToken


class RefreshGivesNoToken(Flaw):
    """A refresh answers without an access token."""

    flaw, checks = "refresh-gives-no-token", ("R1",)

    def refresh_payload(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return without(super().refresh_payload(payload), "access_token")


class RefreshTokenKept(Flaw):
    """A refresh token stays the same for ever. Wrong for public clients."""

    flaw, checks = "refresh-token-kept", ("R2",)

    rotates_refresh_tokens = False


class RefreshTokenReusable(Flaw):
    """A refresh token that was replaced goes on working."""

    flaw, checks = "refresh-token-reusable", ("R3",)

    def refuse_spent_refresh_token(self) -> bool:
        return False


class RefreshReuseUnnoticed(Flaw):
    """A refresh token that was replaced is refused, and the one in its place goes on working."""

    flaw, checks = "refresh-reuse-unnoticed", ("R3",)

    def revoke_after_reuse(self) -> bool:
        return False


class RefreshUnauthenticated(Flaw):
    """A client need not authenticate to refresh."""

    flaw, checks = "refresh-unauthenticated", ("R4",)

    def authenticates(self, purpose: str) -> bool:
        return super().authenticates(purpose) and purpose != "refresh_token"


class OtherClientsRefreshToken(Flaw):
    """A refresh token works for every client."""

    flaw, checks = "other-clients-refresh-token", ("R5",)

    def holder(self, token: RefreshToken, app: App) -> str:
        return app.client_id

"""What the authorization server keeps: apps, codes, tokens, requests that were pushed, devices that wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc8628 import DeviceCredentialMixin

from pytest_endpoint_docs.sandbox.settings import User

SCOPES = ("openid", "profile", "email", "clients.read", "bookings.read")


@dataclass(frozen=True, kw_only=True)
class App(ClientMixin):  # type: ignore[misc]
    """A registered client (RFC 6749 section 2); a public one has no ``client_secret``."""

    client_id: str
    client_secret: str | None = field(repr=False)
    name: str
    app_code_name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    require_pkce: bool
    created_at: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        # With several, the request must say which one (RFC 6749 section 3.1.2.3).
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        if not scope:
            return " ".join(self.scopes)
        return scope if set(scope.split()) <= set(self.scopes) else None

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        # Which grants there are is one of the rules.
        return True


@dataclass(frozen=True, kw_only=True)
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorization code and what it was issued for (RFC 6749 section 4.1.2)."""

    code: str = field(repr=False)
    client_id: str
    redirect_uri: str | None
    scope: str
    user: User
    expires_at: datetime
    code_challenge: str | None
    code_challenge_method: str | None
    nonce: str | None

    def get_redirect_uri(self) -> str | None:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token, for the user who consented; ``user`` is ``None`` for a client that acts for itself.

    ``family`` is the grant that it goes back to: the code.
    """

    value: str = field(repr=False)
    client_id: str
    user: User | None
    scope: str
    expires_at: datetime
    family: str = field(default="", repr=False)

    def check_client(self, client: App) -> bool:
        return self.client_id == client.client_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token (RFC 6749 section 6); it stays known when it is ``spent``, so that a second use is noticed."""

    value: str = field(repr=False)
    client_id: str
    user: User
    scope: str
    family: str = field(repr=False)
    spent: bool = False

    def check_client(self, client: App) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRequest:
    """The parameters of an authorization request that an app pushed (RFC 9126)."""

    client_id: str
    parameters: Mapping[str, str] = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeviceCode(DeviceCredentialMixin):  # type: ignore[misc]
    """A device that waits for a person (RFC 8628); ``decided_by`` is ``None`` while it does."""

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    client_id: str
    scope: str
    expires_at: datetime
    decided_by: User | None = None
    allowed: bool = False
    expired: bool = False

    def get_client_id(self) -> str:
        return self.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_user_code(self) -> str:
        return self.user_code

    def is_expired(self) -> bool:
        return self.expired


class Grants:
    """Everything that the authorization server remembers."""

    def __init__(self) -> None:
        self.apps: dict[str, App] = {}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, AccessToken] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.pushed: dict[str, PushedRequest] = {}  # by request_uri
        self.device_codes: dict[str, DeviceCode] = {}
        self.spent: set[str] = set()  # codes
        self.consents: set[tuple[str, str, str]] = set()  # subject, client_id, scope

    def live_token(self, value: str, now: datetime) -> AccessToken | None:
        """The access token, unless it is unknown, revoked or expired."""
        found = self.tokens.get(value)
        return found if found and now < found.expires_at else None

    def revoke_family(self, family: str) -> None:
        """Revoke every token that goes back to one grant (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2)."""
        self.tokens = {key: token for key, token in self.tokens.items() if token.family != family}
        self.refresh_tokens = {key: token for key, token in self.refresh_tokens.items() if token.family != family}

    def remove_app(self, client_id: str) -> None:
        """Forget an app, with its codes, tokens, pushed requests and consents."""
        del self.apps[client_id]
        self.codes = {key: code for key, code in self.codes.items() if code.client_id != client_id}
        self.tokens = {key: token for key, token in self.tokens.items() if token.client_id != client_id}
        self.refresh_tokens = {key: token for key, token in self.refresh_tokens.items() if token.client_id != client_id}
        self.pushed = {key: pushed for key, pushed in self.pushed.items() if pushed.client_id != client_id}
        self.device_codes = {key: code for key, code in self.device_codes.items() if code.client_id != client_id}
        self.consents = {consent for consent in self.consents if consent[1] != client_id}


def expiry(now: datetime, lifetime_s: float) -> datetime:
    """When something that is issued ``now`` ends."""
    return now + timedelta(seconds=lifetime_s)

"""The decisions of the authorization server that a standard prescribes, each a method.

What stands here is right; ``flaws`` overrides one method at a time.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidClientError

from pytest_endpoint_docs.sandbox.oauth_records import AccessToken, App, Code, PushedRequest, RefreshToken

GRANT_TYPE = "authorization_code"
GRANT_TYPES = (GRANT_TYPE, "refresh_token", "urn:ietf:params:oauth:grant-type:device_code")
CREDENTIAL_PARAMETERS = frozenset({"client_id", "client_secret", "code", "code_verifier", "grant_type"})


class UnsupportedGrant(OAuth2Error):  # type: ignore[misc]
    """RFC 6749 section 5.2. Authlib's own repeats the request's text in the description, whatever it holds."""

    error = "unsupported_grant_type"
    description = f"The grant types here are {', '.join(GRANT_TYPES)}."


class Rules:
    """What the endpoints of the authorization server owe."""

    # Authorization endpoint

    frame_headers: Mapping[str, str] = {"X-Frame-Options": "DENY", "frame-ancestors": "'none'"}
    """RFC 6749 section 10.13, RFC 9700 section 4.16: nobody may put the consent page into a frame."""

    after_login_status = 303
    """RFC 9700 section 4.12: a 307 would send the password on to wherever it points."""

    challenge_methods: tuple[str, ...] = ("S256",)
    """RFC 9700 section 2.1.1: ``plain`` shows the verifier in the authorization request."""

    def metadata(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """RFC 8414 section 2, RFC 9207 section 2.3: what the server says of itself is true."""
        return document

    def redirect_uri_registered(self, app: App, redirect_uri: str) -> bool:
        """RFC 9700 section 4.1.3: compared as exact strings."""
        return redirect_uri in app.redirect_uris

    def error_target_of_unknown_client(self, redirect_uri: str | None) -> str | None:
        """RFC 6749 section 4.1.2.1: nobody is redirected anywhere when the client is unknown."""
        return None

    def response_type(self, given: str | None) -> str | None:
        """RFC 6749 section 3.1.1: required."""
        return given

    def allowed(self, decision: str | None) -> bool:
        """Whether the person granted access."""
        return decision == "allow"

    def authorization_response(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        """RFC 6749 section 4.1.2: ``state`` exactly as received; RFC 9207 section 2: ``iss`` is the issuer."""
        return parameters

    # Pushed authorization requests

    def nested_request_uri(self, given: str | None) -> None:
        """RFC 9126 section 2.1: a request that is pushed holds no request_uri."""
        if given is not None:
            raise InvalidRequestError("A pushed request has no request_uri.")

    def may_open(self, pushed: PushedRequest, client_id: str | None) -> bool:
        """RFC 9126 section 2.2: a request_uri is bound to the client that pushed."""
        return pushed.client_id == client_id

    def push_answer(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """RFC 9126 section 2.2: the request_uri and its lifetime."""
        return answer

    forgets_pushed = True
    """RFC 9126 section 4: a request_uri is used once."""

    # Token endpoint: the request

    token_methods: tuple[str, ...] = ("POST",)
    """RFC 6749 section 3.2."""

    extra_grants: tuple[type, ...] = ()
    """Grants beside those of ``GRANT_TYPES``."""

    def parameters_in_uri(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """RFC 6749 section 2.3.1: parameters are taken from the body only, and credentials in the URI refused."""
        if found := sorted(CREDENTIAL_PARAMETERS & set(query)):
            raise InvalidRequestError(f"Send {', '.join(found)} in the body, never in the URI.")
        return {}

    def read_json(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        """The documented form of the request, beside the standard's."""
        return parameters

    def check_repeated(self, names: Iterable[str]) -> None:
        """RFC 6749 section 3.2: no parameter more than once."""
        if found := sorted(names):
            raise InvalidRequestError(f"{', '.join(map(repr, found))}: more than once.")

    def check_unknown(self, names: Iterable[str]) -> None:
        """RFC 6749 section 3.2: unrecognized parameters are ignored."""

    def grant_type(self, given: str | None) -> str:
        """RFC 6749 section 5.2: ``invalid_request`` where it is missing, ``unsupported_grant_type`` for others."""
        if not given:
            raise InvalidRequestError("grant_type is missing.")
        if given not in {*GRANT_TYPES, *(grant.GRANT_TYPE for grant in self.extra_grants)}:  # type: ignore[attr-defined]
            raise self.unsupported_grant(given)
        return given

    def unsupported_grant(self, given: str) -> OAuth2Error:
        """The error for a grant type that is not supported."""
        return UnsupportedGrant()

    # Token endpoint: client authentication

    def check_methods(self, methods: frozenset[str]) -> None:
        """RFC 6749 section 2.3: one method of authentication per request."""
        if len(methods) > 1:
            raise InvalidRequestError("Authenticate by HTTP Basic or in the body, not by both.")

    def secret_matches(self, app: App, secret: str, method: str) -> bool:
        """RFC 6749 section 2.3.1; a public client has no secret that could be right."""
        return app.client_secret is not None and secrets.compare_digest(app.client_secret.encode(), secret.encode())

    def may_stay_anonymous(self, app: App) -> bool:
        """RFC 6749 section 3.2.1: a confidential client must authenticate."""
        return app.client_secret is None

    def failed_client(self, method: str | None) -> OAuth2Error:
        """RFC 6749 section 5.2: 401, and ``WWW-Authenticate`` with the scheme that the client used."""
        return InvalidClientError(status_code=401, description="Client authentication failed.")

    # Token endpoint: the code

    def check_code_given(self, code: str | None) -> None:
        """RFC 6749 section 4.1.3: required."""
        if not code:
            raise InvalidRequestError("code is missing.")

    def unknown_code(self) -> OAuth2Error | None:
        """What to say to a made-up code; ``None``: ``invalid_grant``, as RFC 6749 section 5.2 has it."""
        return None

    def issued_to(self, code: Code, app: App) -> bool:
        """RFC 6749 section 4.1.3: bound to the client that it was issued to."""
        return code.client_id == app.client_id

    def refuse_spent(self) -> bool:
        """RFC 6749 section 4.1.2: a code works once."""
        return True

    def spent_code(self) -> None:
        """A word of its own to a code that was used; none: RFC 6749 section 5.2 says ``invalid_grant``."""

    def revoke_spent(self) -> bool:
        """RFC 6749 section 4.1.2: a second use revokes what the first one gave."""
        return True

    def expired(self, code: Code, now: datetime) -> bool:
        """RFC 6749 section 4.1.2: short-lived."""
        return now >= code.expires_at

    def redirect_uri_to_repeat(self, code: Code, given: str | None) -> str | None:
        """RFC 6749 section 4.1.3: the ``redirect_uri`` that the request must hold, ``None`` for no matter which."""
        return code.redirect_uri

    def verifier_matters(self, code: Code) -> bool:
        """RFC 7636 section 4.6 with a challenge; RFC 9700 section 2.1.1 (a verifier is refused) without one."""
        return True

    def verifier_without_challenge(self) -> OAuth2Error:
        """RFC 9700 sections 2.1.1 and 4.8.2: refused; the request has a parameter that it may not have."""
        return InvalidRequestError("There was no code_challenge for this code_verifier.")

    # Token endpoint: the refresh token

    rotates_refresh_tokens = True
    """RFC 9700 section 2.2.2: a refresh token of a public client is replaced at every use; here every client's is."""

    def holder(self, token: RefreshToken, app: App) -> str:
        """RFC 6749 section 6: the ``client_id`` that the refresh token is bound to."""
        return token.client_id

    def refuse_spent_refresh_token(self) -> bool:
        """RFC 9700 section 4.14.2: a refresh token that was replaced is invalid."""
        return True

    def revoke_after_reuse(self) -> bool:
        """RFC 9700 section 4.14.2: its second use revokes the one that replaced it."""
        return True

    def authenticates(self, purpose: str) -> bool:
        """RFC 6749 section 6: a confidential client authenticates for a refresh, too.

        ``purpose``: the grant type, or the name of the endpoint (RFC 7009 section 2.1, RFC 7662 section 2.1).
        """
        return True

    # Token endpoint: the answer

    def token_payload(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """RFC 6749 section 5.1."""
        return payload

    def refresh_payload(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """RFC 6749 section 6: as in section 5.1."""
        return payload

    def token_headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """RFC 6749 section 5.1: ``Cache-Control: no-store`` and ``Pragma: no-cache``."""
        return headers

    # Devices (RFC 8628)

    def device_answer(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Section 3.2: the codes, where to go, and how long there is."""
        return answer

    def pending_device(self) -> None:
        """A word of its own to a device that asks too early; none: section 3.5 says ``authorization_pending``."""

    def unknown_device_code(self) -> None:
        """A word of its own to a made-up device code; none: RFC 6749 section 5.2 says ``invalid_grant``."""

    def device_allowed(self, allowed: bool) -> bool:
        """Section 3.3: the person decides."""
        return allowed

    # Introspection

    said_of_inactive_tokens: Mapping[str, Any] = {}
    """RFC 7662 section 2.2: nothing beside ``active: false``."""

    def introspection(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """RFC 7662 section 2.2: what is said of a live token."""
        return said

    # Revocation

    def may_revoke(self, token: AccessToken | RefreshToken, app: App) -> bool:
        """RFC 7009 section 2.1: a client revokes what it was issued."""
        return token.check_client(app)

    def foreign_token(self) -> OAuth2Error:
        """RFC 7009 section 2.1: the client is told."""
        return InvalidGrantError("The token was issued to another app.")

    def unknown_token_to_revoke(self) -> None:
        """RFC 7009 section 2.2: an unknown token is no error."""

    def revokes(self, token: AccessToken | RefreshToken) -> bool:
        """RFC 7009 section 2: both kinds are revoked."""
        return True

    # The ID token (OpenID Connect Core 1.0)

    def id_token_claims(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """Section 2 and 3.1.3.6: issuer, audience, times, the nonce of the request, the hash of the access token."""
        return claims

    def signed_id_token(self, token: str) -> str:
        """Section 2: signed with the key that the JWKS has."""
        return token

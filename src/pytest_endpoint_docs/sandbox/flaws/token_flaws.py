"""Ways in which a token endpoint is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientCredentialsGrant, InvalidGrantError, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidClientError
from werkzeug.exceptions import Forbidden, InternalServerError

from pytest_endpoint_docs.sandbox.flaws.base import Flaw, without
from pytest_endpoint_docs.sandbox.oauth_records import App, Code
from pytest_endpoint_docs.sandbox.oauth_requests import PARAMETERS
from pytest_endpoint_docs.sandbox.oauth_rules import GRANT_TYPE, GRANT_TYPES


class ExpiresInText(Flaw):
    """expires_in is a string."""

    flaw, checks = "expires-in-text", ("T1",)

    def token_payload(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().token_payload(payload), "expires_in": str(payload["expires_in"])}


class NoTokenType(Flaw):
    """The token response lacks token_type."""

    flaw, checks = "no-token-type", ("T1",)

    def token_payload(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return without(super().token_payload(payload), "token_type")


class NoNoStore(Flaw):
    """The token response may be cached."""

    flaw, checks = "no-no-store", ("T2",)

    def token_headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return without(super().token_headers(headers), "Cache-Control")


class NoPragma(Flaw):
    """The token response lacks Pragma: no-cache."""

    flaw, checks = "no-pragma", ("T2",)

    def token_headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return without(super().token_headers(headers), "Pragma")


class CodeReusable(Flaw):
    """A code can be exchanged again and again."""

    flaw, checks = "code-reusable", ("T4",)

    def refuse_spent(self) -> bool:
        return False


class TokenSurvivesReuse(Flaw):
    """Using a code twice is refused, but the first token goes on working."""

    flaw, checks = "token-survives-reuse", ("T4",)

    def revoke_spent(self) -> bool:
        return False


class RedirectUriNotCheckedAtExchange(Flaw):
    """The exchange takes any redirect_uri."""

    flaw, checks = "redirect-uri-not-checked-at-exchange", ("T5",)

    def redirect_uri_to_repeat(self, code: Code, given: str | None) -> str | None:
        return given or code.redirect_uri


class RedirectUriOptionalAtExchange(Flaw):
    """The exchange works without redirect_uri, although the authorization request had one."""

    flaw, checks = "redirect-uri-optional-at-exchange", ("T6",)

    def redirect_uri_to_repeat(self, code: Code, given: str | None) -> str | None:
        return code.redirect_uri if given else None


class SecretNotChecked(Flaw):
    """Any client secret will do."""

    flaw, checks = "secret-not-checked", ("T7", "T8", "R4", "N3", "V1", "U3")

    def secret_matches(self, app: App, secret: str, method: str) -> bool:
        return True


class SecretComparedInPart(Flaw):
    """Only the beginning of a client secret is compared, as by a hash of its first octets."""

    flaw, checks = "secret-compared-in-part", ("T7", "T8", "R4", "N3", "V1", "U3")

    def secret_matches(self, app: App, secret: str, method: str) -> bool:
        return super().secret_matches(app, secret[: len(app.client_secret or "")], method)


class BasicSecretNotChecked(Flaw):
    """Any client secret will do with HTTP Basic."""

    flaw, checks = "basic-secret-not-checked", ("T7",)

    def secret_matches(self, app: App, secret: str, method: str) -> bool:
        return method == "basic" or super().secret_matches(app, secret, method)


class BasicNotSupported(Flaw):
    """The right secret is refused with HTTP Basic."""

    flaw, checks = "basic-not-supported", ("T22",)

    def secret_matches(self, app: App, secret: str, method: str) -> bool:
        return method != "basic" and super().secret_matches(app, secret, method)


class BodySecretNotChecked(Flaw):
    """Any client secret will do in the body."""

    flaw, checks = "body-secret-not-checked", ("T8", "R4", "N3", "V1", "U3")

    def secret_matches(self, app: App, secret: str, method: str) -> bool:
        return method == "body" or super().secret_matches(app, secret, method)


class NoWwwAuthenticate(Flaw):
    """A wrong secret with HTTP Basic gives 400 without WWW-Authenticate."""

    flaw, checks = "no-www-authenticate", ("T7",)

    def failed_client(self, method: str | None) -> OAuth2Error:
        if method != "basic":
            return super().failed_client(method)
        return InvalidClientError(status_code=400, description="Client authentication failed.")


class NoClientAuthentication(Flaw):
    """The client_id alone is enough; a wrong secret is refused all the same."""

    flaw, checks = "no-client-authentication", ("T9", "R4", "N3", "V1", "U3")

    def may_stay_anonymous(self, app: App) -> bool:
        return True


class TwoAuthenticationMethods(Flaw):
    """HTTP Basic and a secret in the body are accepted together."""

    flaw, checks = "two-authentication-methods", ("T10",)

    def check_methods(self, methods: frozenset[str]) -> None:
        pass


class ClientCredentialsAllowed(Flaw):
    """A token is issued for client_credentials."""

    flaw, checks = "client-credentials-allowed", ("T11",)

    extra_grants = (ClientCredentialsGrant,)


class UnknownGrantAccepted(Flaw):
    """A made-up grant_type counts as authorization_code."""

    flaw, checks = "unknown-grant-accepted", ("T12",)

    def grant_type(self, given: str | None) -> str:
        known = (None, "", "client_credentials", *GRANT_TYPES)
        return super().grant_type(given if given in known else GRANT_TYPE)


class WrongErrorCode(Flaw):
    """A made-up grant_type is refused as invalid_grant."""

    flaw, checks = "wrong-error-code", ("T12",)

    def unsupported_grant(self, given: str) -> OAuth2Error:
        return super().unsupported_grant(given) if given == "client_credentials" else InvalidGrantError()


class MissingGrantType500(Flaw):
    """The server breaks when grant_type is missing."""

    flaw, checks = "missing-grant-type-500", ("T13",)

    def grant_type(self, given: str | None) -> str:
        if not given:
            raise InternalServerError
        return super().grant_type(given)


class MissingCode500(Flaw):
    """The server breaks when the code is missing."""

    flaw, checks = "missing-code-500", ("T14",)

    def check_code_given(self, code: str | None) -> None:
        if not code:
            raise InternalServerError


class MadeUpCodeIsMalformed(Flaw):
    """A made-up code is refused as invalid_request."""

    flaw, checks = "made-up-code-is-malformed", ("T14",)

    def unknown_code(self) -> OAuth2Error | None:
        return InvalidRequestError("No such code.")


class CodeNeverExpires(Flaw):
    """A code can be exchanged long after it was issued."""

    flaw, checks = "code-never-expires", ("T15",)

    def expired(self, code: Code, now: datetime) -> bool:
        return False


class DuplicateParameter(Flaw):
    """A parameter may be given twice; the first counts."""

    flaw, checks = "duplicate-parameter", ("T16",)

    def check_repeated(self, names: Iterable[str]) -> None:
        pass


class SpentCodeForbidden(Flaw):
    """A code that was used before is refused with 403, and without the error code of the standard."""

    flaw, checks = "spent-code-forbidden", ("T4",)

    def spent_code(self) -> None:
        raise Forbidden


class DowngradeForbidden(Flaw):
    """A code_verifier without a code_challenge is refused with 403, and without an error code."""

    flaw, checks = "downgrade-forbidden", ("P2",)

    def verifier_without_challenge(self) -> OAuth2Error:
        raise Forbidden


class GetToken(Flaw):
    """The token endpoint answers GET."""

    flaw, checks = "get-token", ("T17",)

    token_methods = ("GET", "POST")


class CredentialsInUri(Flaw):
    """Credentials in the query of the token request are accepted."""

    flaw, checks = "credentials-in-uri", ("T18",)

    def parameters_in_uri(self, query: Mapping[str, str]) -> Mapping[str, str]:
        return query


class UnknownParameterRefused(Flaw):
    """A parameter that no standard defines is refused."""

    flaw, checks = "unknown-parameter-refused", ("T19",)

    def check_unknown(self, names: Iterable[str]) -> None:
        if unknown := sorted(set(names) - PARAMETERS):
            raise InvalidRequestError(f"{len(unknown)} unknown parameters.")


class Json500(Flaw):
    """The server breaks on a JSON body. For environments that do not document JSON."""

    flaw, checks = "json-500", ("T20",)

    def read_json(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        raise InternalServerError


class OtherClientsCode(Flaw):
    """A code that another client was issued is exchanged."""

    flaw, checks = "other-clients-code", ("T21",)

    def issued_to(self, code: Code, app: App) -> bool:
        return True


class PkceIgnored(Flaw):
    """A wrong or missing code_verifier is accepted."""

    flaw, checks = "pkce-ignored", ("P1",)

    def verifier_matters(self, code: Code) -> bool:
        return code.code_challenge is None


class VerifierWithoutChallenge(Flaw):
    """A code_verifier is accepted although there was no code_challenge."""

    flaw, checks = "verifier-without-challenge", ("P2",)

    def verifier_matters(self, code: Code) -> bool:
        return code.code_challenge is not None

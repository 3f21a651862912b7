"""Ways in which an authorization endpoint, its login page and its consent page are wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from pytest_endpoint_docs.sandbox.flaws.base import Flaw, without
from pytest_endpoint_docs.sandbox.oauth_records import App


class RedirectUriPrefix(Flaw):
    """A redirect_uri that begins with a registered one is accepted."""

    flaw, checks = "redirect-uri-prefix", ("A1",)

    def redirect_uri_registered(self, app: App, redirect_uri: str) -> bool:
        return redirect_uri.startswith(app.redirect_uris)


class RedirectUriQueryIgnored(Flaw):
    """A redirect_uri is compared without its query."""

    flaw, checks = "redirect-uri-query-ignored", ("A1",)

    def redirect_uri_registered(self, app: App, redirect_uri: str) -> bool:
        return redirect_uri.partition("?")[0] in app.redirect_uris


class RedirectUriHostEnding(Flaw):
    """A redirect_uri whose host ends like a registered one is accepted."""

    flaw, checks = "redirect-uri-host-ending", ("A1",)

    def redirect_uri_registered(self, app: App, redirect_uri: str) -> bool:
        return any(redirect_uri.endswith(each.partition("://")[2]) for each in app.redirect_uris)


class RedirectUriPattern(Flaw):
    """A registered redirect_uri is taken for a regular expression, in which a dot is any letter."""

    flaw, checks = "redirect-uri-pattern", ("A1",)

    def redirect_uri_registered(self, app: App, redirect_uri: str) -> bool:
        return any(re.fullmatch(each, redirect_uri) for each in app.redirect_uris)


class RedirectUriSchemeIgnored(Flaw):
    """A redirect_uri is compared without its scheme."""

    flaw, checks = "redirect-uri-scheme-ignored", ("A1",)

    def redirect_uri_registered(self, app: App, redirect_uri: str) -> bool:
        return redirect_uri.partition(":")[2] in [each.partition(":")[2] for each in app.redirect_uris]


class OpenRedirect(Flaw):
    """Any redirect_uri is accepted."""

    flaw, checks = "open-redirect", ("A1",)

    def redirect_uri_registered(self, app: App, redirect_uri: str) -> bool:
        return True


class UnknownClientRedirected(Flaw):
    """An unknown client's redirect_uri is sent the error."""

    flaw, checks = "unknown-client-redirected", ("A1",)

    def error_target_of_unknown_client(self, redirect_uri: str | None) -> str | None:
        return redirect_uri


class ResponseTypeIgnored(Flaw):
    """A missing or made-up response_type counts as code."""

    flaw, checks = "response-type-ignored", ("A2",)

    def response_type(self, given: str | None) -> str | None:
        return "code"


class StateDropped(Flaw):
    """A code comes back without the state."""

    flaw, checks = "state-dropped", ("A4",)

    def authorization_response(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        kept = without(parameters, "state")
        return super().authorization_response(kept if "code" in parameters else parameters)


class StateMangled(Flaw):
    """The state comes back decoded once too often, so that special characters are lost."""

    flaw, checks = "state-mangled", ("A4",)

    def authorization_response(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        mangled = {name: unquote_plus(text) if name == "state" else text for name, text in parameters.items()}
        return super().authorization_response(mangled if "code" in parameters else parameters)


class DenyAsSuccess(Flaw):
    """A code is issued although the person denied."""

    flaw, checks = "deny-as-success", ("A5",)

    def allowed(self, decision: str | None) -> bool:
        return True


class DenyDropsState(Flaw):
    """An error comes back without the state."""

    flaw, checks = "deny-drops-state", ("A5",)

    def authorization_response(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        kept = without(parameters, "state")
        return super().authorization_response(kept if parameters.get("error") == "access_denied" else parameters)


class IssWrong(Flaw):
    """iss names another issuer."""

    flaw, checks = "iss-wrong", ("A6",)

    def authorization_response(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        return super().authorization_response({**parameters, "iss": "https://issuer.example.org"})


class IssMissingInErrors(Flaw):
    """Error responses come without iss."""

    flaw, checks = "iss-missing-in-errors", ("A6",)

    def authorization_response(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        answered = super().authorization_response(parameters)
        return {name: value for name, value in answered.items() if name != "iss" or "error" not in answered}


class NoFrameOptions(Flaw):
    """The login and consent pages may be framed."""

    flaw, checks = "no-frame-options", ("A7",)

    frame_headers: Mapping[str, str] = {}


class Login307(Flaw):
    """The password form is answered with 307, which repeats the password at the next address."""

    flaw, checks = "login-307", ("A8",)

    after_login_status = 307


class IssUnannounced(Flaw):
    """iss comes with the responses, and the metadata says nothing of it."""

    flaw, checks = "iss-unannounced", ("A9",)

    def metadata(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            name: value
            for name, value in super().metadata(document).items()
            if name != "authorization_response_iss_parameter_supported"
        }


class IssWithQuery(Flaw):
    """iss is no issuer identifier."""

    flaw, checks = "iss-with-query", ("A6", "A9")

    def authorization_response(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        return super().authorization_response({**parameters, "iss": f"{parameters['iss']}?tenant=1"})


class PlainChallenge(Flaw):
    """code_challenge_method plain is accepted."""

    flaw, checks = "plain-challenge", ("P3",)

    challenge_methods = ("S256", "plain")

"""The device authorization grant (RFC 8628): the device's side, and the page where a person lets it in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError, OAuth2Error
from authlib.oauth2.rfc8628 import DeviceCodeGrant
from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for

from pytest_endpoint_docs.sandbox.oauth_pages import SCOPE_TEXTS, current_user, expired_form_page, form_is_ours, page
from pytest_endpoint_docs.sandbox.oauth_records import DeviceCode, expiry
from pytest_endpoint_docs.sandbox.oauth_requests import read_parameters
from pytest_endpoint_docs.sandbox.oauth_server import SandboxAuthorizationServer, SandboxRequest
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.settings import User

blueprint = Blueprint("device", __name__)

_LIFETIME_S = 300
_INTERVAL_S = 1
# Letters that are told apart easily, and make no words (RFC 8628 section 6.1).
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    """RFC 8628 sections 3.4 and 3.5."""

    TOKEN_ENDPOINT_HTTP_METHODS = ("GET", "POST")

    server: SandboxAuthorizationServer
    request: SandboxRequest

    def query_device_credential(self, device_code: str) -> DeviceCode:
        found = self.server.grants.device_codes.get(device_code)
        if found is None:
            self.server.rules.unknown_device_code()
            raise InvalidGrantError("There is no such device_code.")
        now = self.server.settings.clock()
        return replace(found, expired=now >= found.expires_at)

    def query_user_grant(self, user_code: str) -> tuple[User, bool] | None:
        codes = self.server.grants.device_codes.values()
        found = next(code for code in codes if code.user_code == user_code)
        return None if found.decided_by is None else (found.decided_by, found.allowed)

    def should_slow_down(self, credential: DeviceCode) -> bool:
        self.server.rules.pending_device()
        return False

    def create_token_response(self) -> tuple[int, Mapping[str, Any], list[tuple[str, str]]]:
        answer: tuple[int, Mapping[str, Any], list[tuple[str, str]]] = super().create_token_response()
        del self.server.grants.device_codes[self.request.credential.device_code]
        return answer


@blueprint.post("/oauth/device_authorization")
def start() -> Response:
    """RFC 8628 section 3.1."""
    here = platform()
    try:
        asked = SandboxRequest(request, read_parameters(here.rules))
        app = here.server.authenticate_client(asked, (), "device_authorization")
        scope = app.get_allowed_scope(asked.parameters.get("scope"))
        if scope is None:
            raise InvalidScopeError
    except OAuth2Error as error:
        return here.server.refuse(error)
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    code = DeviceCode(
        device_code=secrets.token_urlsafe(32),
        user_code=f"{letters[:4]}-{letters[4:]}",
        client_id=app.client_id,
        scope=scope,
        expires_at=expiry(here.settings.clock(), _LIFETIME_S),
    )
    here.grants.device_codes[code.device_code] = code
    where = f"{here.server.issuer}{url_for('device.verify')}"
    answer = {
        "device_code": code.device_code,
        "user_code": code.user_code,
        "verification_uri": where,
        "verification_uri_complete": f"{where}?user_code={code.user_code}",
        "expires_in": _LIFETIME_S,
        "interval": _INTERVAL_S,
    }
    found = jsonify(here.rules.device_answer(answer))
    found.headers["Cache-Control"] = "no-store"
    return found


@blueprint.route("/device", methods=["GET", "POST"])
def verify() -> Response:
    """RFC 8628 section 3.3: the person looks at the code, and decides."""
    here, user = platform(), current_user()
    user_code = request.args.get("user_code", "").upper()
    where = url_for("device.verify", user_code=user_code)
    if user is None:
        return make_response(redirect(url_for("pages.login", next=where), 302))
    codes = here.grants.device_codes
    found = next((code for code in codes.values() if code.user_code == user_code and code.decided_by is None), None)
    if found is None or here.settings.clock() >= found.expires_at:
        return page("device.html", user_code=user_code, wrong=bool(user_code))
    app = here.grants.apps[found.client_id]
    if request.method == "GET":
        scopes = [SCOPE_TEXTS[scope] for scope in found.scope.split()]
        return page("consent.html", client=app, user=user, scopes=scopes, where=where)
    if not form_is_ours():
        return expired_form_page()
    allowed = here.rules.device_allowed(request.form.get("decision") == "allow")
    codes[found.device_code] = replace(found, decided_by=user, allowed=allowed)
    return page("decided.html", client=app, allowed=allowed)

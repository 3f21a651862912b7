"""Apps: the OAuth clients of a directory."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Response

from pytest_endpoint_docs.sandbox.access import takes
from pytest_endpoint_docs.sandbox.answers import ApiError, conflict, gone, ok, page_of, problem
from pytest_endpoint_docs.sandbox.oauth_records import SCOPES, App
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.reading import BodySchema
from pytest_endpoint_docs.sandbox.store import Record

blueprint = Blueprint("apps", __name__)

URI: Record = {"type": "string", "maxLength": 500}
NEW_APP = BodySchema(
    {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "app_code_name": {"type": "string", "pattern": "^[a-z0-9_-]{3,60}$"},
        "redirect_uri": URI,
        "redirect_uris": {"type": "array", "minItems": 1, "maxItems": 10, "items": URI},
        "scopes": {"type": "array", "items": {"enum": list(SCOPES)}},
        "require_pkce": {"type": "boolean"},
        "public": {"type": "boolean"},
    },
    required=("name", "app_code_name"),
)


def _shown(app: App) -> Record:
    return {
        "client_id": app.client_id,
        "name": app.name,
        "app_code_name": app.app_code_name,
        "redirect_uris": list(app.redirect_uris),
        "scopes": list(app.scopes),
        "require_pkce": app.require_pkce,
        "public": app.client_secret is None,
        "created_at": app.created_at,
    }


def _usable(uri: str) -> bool:
    """RFC 6749 section 3.1.2: absolute, without a fragment."""
    if re.search(r"[\s#\\]", uri):
        return False
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    local = parts.scheme not in ("http", "https") and bool(parts.netloc or parts.path)
    return bool(parts.scheme) and parts.scheme not in ("javascript", "data") and (bool(parts.netloc) or local)


def _app(client_id: str) -> App:
    found = platform().grants.apps.get(client_id)
    if found is None:
        raise ApiError(404, problem("not_found", f"There is no app {client_id!r}."))
    return found


@blueprint.get("/platform/v1/apps")
@takes("directory", business=False)
def list_apps() -> Response:
    return page_of("apps", [_shown(app) for app in platform().grants.apps.values()])


@blueprint.post("/platform/v1/apps")
@takes("directory", business=False)
def create_app_record() -> Response:
    body, here = NEW_APP.read(), platform()
    uris = [*([body["redirect_uri"]] if "redirect_uri" in body else []), *body.get("redirect_uris", [])]
    if not uris:
        raise ApiError(422, problem("missing", "redirect_uri (or redirect_uris) is required.", "redirect_uri"))
    if unusable := [uri for uri in uris if not _usable(uri)]:
        message = f"{unusable[0]!r} is not an absolute URI without a fragment."
        raise ApiError(422, problem("bad_format", message, "redirect_uri"))
    for other in here.grants.apps.values():
        if other.app_code_name == body["app_code_name"]:
            message = f"There is an app with the app_code_name {other.app_code_name!r}; its secret is not shown again."
            raise conflict(message, field="app_code_name", code="taken", conflicts_with=other.client_id)
    public = body.get("public", False)
    app = App(
        client_id=f"app-{secrets.token_hex(8)}",
        client_secret=None if public else secrets.token_urlsafe(32),
        name=body["name"],
        app_code_name=body["app_code_name"],
        redirect_uris=tuple(dict.fromkeys(uris)),
        scopes=tuple(dict.fromkeys(body.get("scopes") or ("openid",))),
        # RFC 9700 section 2.1.1: public clients must use PKCE.
        require_pkce=public or body.get("require_pkce", False),
        created_at=here.store.now(),
    )
    here.grants.apps[app.client_id] = app
    secret = {} if public else {"client_secret": app.client_secret}
    shown = {"client_id": app.client_id, **secret, **_shown(app)}
    answer = ok(shown, 201, location=f"/platform/v1/apps/{app.client_id}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/platform/v1/apps/<client_id>")
@takes("directory", business=False)
def get_app(client_id: str) -> Response:
    return ok(_shown(_app(client_id)))


@blueprint.delete("/platform/v1/apps/<client_id>")
@takes("directory", business=False)
def delete_app(client_id: str) -> Response:
    platform().grants.remove_app(_app(client_id).client_id)
    return gone()

"""The token endpoint, the person behind a token, and the server's metadata."""

from __future__ import annotations

import json

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Response, jsonify, request

from pytest_endpoint_docs.sandbox.access import identity, takes
from pytest_endpoint_docs.sandbox.id_tokens import ALGORITHM
from pytest_endpoint_docs.sandbox.oauth_records import SCOPES
from pytest_endpoint_docs.sandbox.oauth_requests import read_parameters
from pytest_endpoint_docs.sandbox.oauth_rules import GRANT_TYPE, GRANT_TYPES
from pytest_endpoint_docs.sandbox.oauth_server import SandboxRequest
from pytest_endpoint_docs.sandbox.platform import platform

blueprint = Blueprint("oauth", __name__)


def token() -> Response:
    """RFC 6749 section 3.2; the route is added with the methods that the rules name."""
    here = platform()
    try:
        parameters = dict(read_parameters(here.rules))
        parameters["grant_type"] = here.rules.grant_type(parameters.get("grant_type"))
        if parameters["grant_type"] == GRANT_TYPE:
            here.rules.check_code_given(parameters.get("code"))
    except OAuth2Error as error:
        return here.server.refuse(error)
    answer: Response = here.server.create_token_response(SandboxRequest(request, parameters))
    if answer.status_code == 200:
        payload = here.rules.token_payload(answer.get_json())
        if parameters["grant_type"] == "refresh_token":
            payload = here.rules.refresh_payload(payload)
        answer.headers.remove("Content-Length")
        answer = Response(json.dumps(payload), headers=here.rules.token_headers(dict(answer.headers)))
    return answer


@blueprint.get("/oauth/userinfo")
@takes("user:openid", business=False)
def userinfo() -> Response:
    """The claims that the scope covers."""
    user, scopes = identity().user, identity().scopes
    if user is None:
        return jsonify(sub="")
    claims = {"sub": user.subject, "preferred_username": user.username}
    if "profile" in scopes:
        claims["name"] = user.name
    if "email" in scopes:
        claims["email"] = user.email
    return jsonify(claims)


@blueprint.get("/oauth/jwks")
def keys() -> Response:
    """The keys that verify ID tokens."""
    return jsonify(platform().server.id_tokens.public_keys())


@blueprint.get("/.well-known/openid-configuration")
@blueprint.get("/.well-known/oauth-authorization-server")
def metadata() -> Response:
    """RFC 8414 section 2, RFC 9207 section 3, OpenID Connect Discovery 1.0 section 3."""
    issuer = platform().server.issuer
    document = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [*GRANT_TYPES],
        "scopes_supported": list(SCOPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "device_authorization_endpoint": f"{issuer}/oauth/device_authorization",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "authorization_response_iss_parameter_supported": True,
    }
    return jsonify(platform().rules.metadata(document))

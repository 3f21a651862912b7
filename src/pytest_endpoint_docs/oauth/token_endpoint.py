"""Exchanging a code for a token (RFC 6749 section 4.1.3), and refreshing one (section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote_plus

from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.oauth.consent_errors import TokenRequestFailed
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant

TokenAuth = Literal["basic", "post", "json"]
TokenResponse = dict[str, JSONValue]


def exchange_parameters(grant: AuthorizationGrant) -> dict[str, str]:
    """The token request for a code, without client authentication."""
    parameters = {"grant_type": "authorization_code", "code": grant.code, "redirect_uri": grant.redirect_uri}
    if grant.code_verifier:
        parameters["code_verifier"] = grant.code_verifier
    return parameters


def request_token(
    token_url: str,
    parameters: Mapping[str, str],
    *,
    client_id: str,
    client_secret: Secret | None,
    token_auth: TokenAuth,
    timeout_s: float,
) -> TokenResponse:
    """Send one token request and return its JSON.

    ``basic``: RFC 6749 section 2.3.1, id and secret form-encoded first; ``post``: in the form; ``json``: in a JSON
    body (not in the RFC, seen in the wild). A client without a secret is public and sends ``client_id`` only.

    Raises: :class:`TokenRequestFailed`.
    """
    import requests

    body = dict(parameters)
    auth: tuple[str, str] | None = None
    if client_secret and token_auth == "basic":
        auth = (quote_plus(client_id), quote_plus(client_secret.reveal()))
    else:
        body["client_id"] = client_id
        if client_secret:
            body["client_secret"] = client_secret.reveal()
    try:
        response = requests.post(
            token_url,
            data=None if token_auth == "json" else body,
            json=body if token_auth == "json" else None,
            auth=auth,
            headers={"Accept": "application/json"},
            timeout=timeout_s,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # The exception's text may hold the request; its kind says enough.
        raise TokenRequestFailed(f"no answer from the token endpoint {token_url}: {type(error).__name__}") from None
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.status_code == 200 and isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
        return answer
    problem = answer.get("error") if isinstance(answer, dict) else None
    described = answer.get("error_description") if isinstance(answer, dict) else None
    said = f": {problem}" + (f" ({described})" if described else "") if problem else ", without an access_token"
    raise TokenRequestFailed(
        f"the token endpoint {token_url} answered {response.status_code}{said} to "
        f"grant_type={parameters['grant_type']} (token_auth: {token_auth})",
        status_code=response.status_code,
        error=str(problem) if problem else None,
    )

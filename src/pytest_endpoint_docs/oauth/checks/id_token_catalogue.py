"""What the token endpoint owes where ``openid`` is asked for."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import conditions, id_token_duties
from pytest_endpoint_docs.oauth.checks.check import Check, must

ID_TOKEN_CHECKS: tuple[Check, ...] = (
    Check(
        id="I1",
        title="ID token is signed by the server",
        sent="the documented token request, with openid in the scope",
        expected="id_token with a signature that the server's JWK Set (HS256: the client secret) verifies",
        duties={
            "present": must("an ID token comes where openid is asked for and granted", "OIDC 3.1.3.3"),
            "signed": must("the ID token is signed, and the server's key verifies it", "OIDC 2", "OIDC 3.1.3.7"),
        },
        condition=conditions.without_openid,
        examine=id_token_duties.signed,
    ),
    Check(
        id="I2",
        title="ID token is for this client, and good now",
        sent="the same",
        expected="iss is the issuer, aud has the client_id (azp is it), sub, exp to come, iat passed",
        duties={
            "issuer": must("iss is the issuer exactly", "OIDC 2", "OIDC 3.1.3.7"),
            "audience": must("aud has the client_id, and azp, where it is there, is it", "OIDC 2", "OIDC 3.1.3.7"),
            "subject": must("sub names the person", "OIDC 2"),
            "time": must("exp and iat are times in seconds, and the token has not ended", "OIDC 2", "OIDC 3.1.3.7"),
        },
        condition=conditions.without_openid,
        examine=id_token_duties.claims,
    ),
    Check(
        id="I3",
        title="nonce comes back in the ID token",
        sent="an authorization request with a nonce",
        expected="exactly this nonce in the ID token",
        duties={
            "nonce": must("the nonce of the authorization request stands in the ID token", "OIDC 2", "OIDC 3.1.3.7")
        },
        condition=conditions.without_openid,
        examine=id_token_duties.nonce_returned,
    ),
    Check(
        id="I4",
        title="at_hash belongs to the access token",
        sent="the documented token request, with openid in the scope",
        expected="at_hash, if present, is the left half of the access token's hash",
        duties={"hash": must("at_hash is that of the access token", "OIDC 3.1.3.6", "OIDC 3.1.3.8")},
        condition=conditions.without_openid,
        examine=id_token_duties.access_token_hash,
    ),
)

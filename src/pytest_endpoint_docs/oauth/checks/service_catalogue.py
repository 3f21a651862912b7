"""What the introspection and the revocation endpoint owe."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import conditions, service_duties
from pytest_endpoint_docs.oauth.checks.check import CODED, NO_SECRET_SENT, Check, coded, must, should

SERVICE_CHECKS: tuple[Check, ...] = (
    Check(
        id="N1",
        title="introspection describes a live token",
        sent="an access token that works",
        expected="200, JSON, active: true; scope, if present, a string; exp and iat, if present, numbers",
        duties={"response": must("active is true or false, and the rest has the type that it should", "7662 2.2")},
        condition=conditions.without_introspection,
        examine=service_duties.live_token_described,
    ),
    Check(
        id="N2",
        title="introspection of a made-up token says that it is inactive",
        sent="a token that was never issued",
        expected="200, active: false, and nothing beside it",
        duties={
            "inactive": must("a token that does not exist is reported as inactive, not as an error", "7662 2.2"),
            "silent": should("nothing more is said of an inactive token", "7662 2.2"),
        },
        condition=conditions.without_introspection,
        examine=service_duties.made_up_token_inactive,
    ),
    Check(
        id="N3",
        title="introspection requires authorization",
        sent="an access token that works, with client_id alone; with a wrong secret",
        expected="401",
        duties={
            "required": must("nobody learns about tokens without authorization", "7662 2.1"),
            CODED: should("a client that fails to authenticate gets 401", "7662 2.3"),
        },
        condition=conditions.without_introspection,
        examine=service_duties.introspection_authorized,
    ),
    Check(
        id="V1",
        title="client authentication is required to revoke",
        sent="an access token to revoke, with client_id alone; with a wrong secret",
        expected="400 or 401 invalid_client",
        duties={"required": must("a confidential client authenticates to revoke", "7009 2.1"), **coded()},
        tolerances=(NO_SECRET_SENT,),
        condition=lambda facts: conditions.without_revocation(facts) or conditions.public_client(facts),
        examine=service_duties.revocation_authenticated,
    ),
    Check(
        id="V2",
        title="another client's token is not revoked",
        sent="an access token to revoke, with the credentials of a second client",
        expected="an error, and the token goes on working",
        duties={
            "kept": must("a client revokes its own tokens only", "7009 2.1"),
            CODED: should("a client is told that a token is not its own", "7009 2.1"),
        },
        condition=lambda facts: conditions.without_revocation(facts) or conditions.without_second_client(facts),
        needs_second_client=True,
        examine=service_duties.foreign_token_kept,
    ),
    Check(
        id="V3",
        title="revoking a made-up token is no error",
        sent="a token to revoke that was never issued",
        expected="200",
        duties={"accepted": must("a token that does not exist is revoked already", "7009 2.2")},
        condition=conditions.without_revocation,
        examine=service_duties.unknown_token_no_error,
    ),
    Check(
        id="V4",
        title="revoked access token no longer works",
        sent="an access token to revoke; then it is used",
        expected="200; the token no longer works",
        duties={
            "supported": should("access tokens can be revoked", "7009 2"),
            "revoked": should("an access token that was revoked does not work any more", "7009 2"),
        },
        condition=conditions.without_revocation,
        examine=service_duties.access_token_revoked,
    ),
    Check(
        id="V5",
        title="revoked refresh token no longer works",
        sent="a refresh token to revoke; then it is used",
        expected="200; 400 invalid_grant",
        duties={
            "supported": must("refresh tokens can be revoked", "7009 2", "7009 2.2"),
            "revoked": must("a refresh token that was revoked gives no access token", "7009 2.1"),
            **coded(),
        },
        condition=conditions.without_revocation,
        examine=service_duties.refresh_token_revoked,
    ),
)

"""What the token endpoint owes to refresh tokens."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import conditions, refresh_duties
from pytest_endpoint_docs.oauth.checks.check import NO_SECRET_SENT, Check, coded, must

REFRESH_CHECKS: tuple[Check, ...] = (
    Check(
        id="R1",
        title="refresh token gives an access token",
        sent="a refresh token",
        expected="200 with an access token",
        duties={"response": must("a refresh token that is good gives an access token", "6749 6", "6749 5.1")},
        examine=refresh_duties.gives_a_token,
    ),
    Check(
        id="R2",
        title="refresh token of a public client is replaced",
        sent="a refresh token; the same one again, where no other came",
        expected="another refresh token, and 400 for the old one",
        duties={
            "replaced": must(
                "a refresh token of a public client is replaced when it is used, unless it is bound to a key",
                "9700 2.2.2",
                "9700 4.14.2",
            )
        },
        condition=conditions.needs_no_rotation,
        examine=refresh_duties.replaced_when_used,
    ),
    Check(
        id="R3",
        title="reuse of a refresh token is noticed",
        sent="a refresh token that was replaced; then the one that replaced it",
        expected="400 invalid_grant for both",
        duties={
            "refused": must("a refresh token that was replaced is invalid", "9700 4.14.2"),
            "revoked": must("its use revokes the refresh token that replaced it", "9700 4.14.2"),
            **coded(),
        },
        examine=refresh_duties.reuse_noticed,
    ),
    Check(
        id="R4",
        title="client authentication is required to refresh",
        sent="a refresh token with client_id alone; with a wrong secret",
        expected="400 or 401 invalid_client",
        duties={"required": must("a client that was given a secret authenticates to refresh", "6749 6"), **coded()},
        tolerances=(NO_SECRET_SENT,),
        condition=conditions.public_client,
        examine=refresh_duties.authenticated,
    ),
    Check(
        id="R5",
        title="another client's refresh token is refused",
        sent="a refresh token with the credentials of a second client",
        expected="400 invalid_grant",
        duties={"refused": must("a refresh token works for the client that it was issued to", "6749 6"), **coded()},
        condition=conditions.without_second_client,
        needs_second_client=True,
        examine=refresh_duties.bound_to_client,
    ),
)

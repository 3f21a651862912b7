"""What the token endpoint owes when clients authenticate, or fail to."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import conditions, token_duties
from pytest_endpoint_docs.oauth.checks.check import NO_SECRET_SENT, Check, coded, must, should
from pytest_endpoint_docs.oauth.checks.judging import INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, Refusal
from pytest_endpoint_docs.oauth.checks.probe import TokenChange
from pytest_endpoint_docs.oauth.checks.violations import Attempt, refusals

CLIENT_CHECKS: tuple[Check, ...] = (
    Check(
        id="T7",
        title="wrong client secret is refused with HTTP Basic",
        sent="the secret with an extra letter, in the Authorization field",
        expected="401 invalid_client with WWW-Authenticate: Basic",
        duties={
            "refused": must(
                "a client that fails in the Authorization field gets 401 with the scheme that it used", "6749 5.2"
            )
        },
        condition=conditions.without_secret,
        examine=refusals(
            Attempt(
                change=TokenChange(credentials="basic", wrong_secret=True),
                refusal=Refusal(statuses=(401,), errors=("invalid_client",), authenticate="Basic"),
                code="spare",
            )
        ),
    ),
    Check(
        id="T8",
        title="wrong client secret is refused in the body",
        sent="the secret with an extra letter, in the body",
        expected="400 or 401 invalid_client",
        duties={"refused": must("a client that fails to authenticate is refused", "6749 3.2.1"), **coded()},
        condition=conditions.without_secret,
        examine=refusals(
            Attempt(change=TokenChange(credentials="body", wrong_secret=True), refusal=INVALID_CLIENT, code="spare")
        ),
    ),
    Check(
        id="T9",
        title="client authentication is required",
        sent="client_id alone, without a secret",
        expected="400 or 401 invalid_client",
        duties={"required": must("a client that was given a secret authenticates with it", "6749 3.2.1"), **coded()},
        tolerances=(NO_SECRET_SENT,),
        condition=conditions.public_client,
        examine=refusals(
            Attempt(duty="required", code="spare", change=TokenChange(credentials="none"), refusal=INVALID_CLIENT)
        ),
    ),
    Check(
        id="T10",
        title="two ways of client authentication are refused",
        sent="the right secret in the Authorization field and in the body",
        expected="400 invalid_request",
        duties={"refused": should("a request authenticates in one way only", "6749 2.3"), **coded()},
        condition=conditions.without_secret,
        examine=refusals(Attempt(change=TokenChange(credentials="both"), refusal=INVALID_REQUEST, code="spare")),
    ),
    Check(
        id="T18",
        title="client credentials in the URI are refused",
        sent="client_id and client_secret in the query of the POST",
        expected="4xx, no token",
        duties={"refused": must("client credentials are never taken from the URI", "6749 2.3.1")},
        condition=conditions.without_secret,
        examine=refusals(Attempt(change=TokenChange(credentials="uri"), refusal=Refusal(statuses=()), code="spare")),
    ),
    Check(
        id="T21",
        title="another client's code is refused",
        sent="the code with the credentials of a second client",
        expected="400 invalid_grant",
        duties={"refused": must("a code works for the client that it was issued to", "6749 4.1.3"), **coded()},
        condition=conditions.without_second_client,
        needs_second_client=True,
        examine=refusals(Attempt(change=TokenChange(client="second"), refusal=INVALID_GRANT)),
    ),
    Check(
        id="T22",
        title="client credentials are accepted with HTTP Basic",
        sent="the documented parameters with the right secret in the Authorization field",
        expected="200 with an access token",
        duties={"accepted": must("a client that was issued a password may authenticate with HTTP Basic", "6749 2.3.1")},
        condition=conditions.without_secret,
        examine=token_duties.basic_accepted,
    ),
)

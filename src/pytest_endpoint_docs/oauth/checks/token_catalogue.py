"""What the token endpoint owes: its requests, codes and answers."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import conditions, token_duties
from pytest_endpoint_docs.oauth.checks.check import OAUTHLIB, Check, coded, must, should
from pytest_endpoint_docs.oauth.checks.judging import INVALID_GRANT, INVALID_REQUEST, Refusal, Tolerance
from pytest_endpoint_docs.oauth.checks.probe import TokenChange
from pytest_endpoint_docs.oauth.checks.violations import Attempt, refusals

TOKEN_CHECKS: tuple[Check, ...] = (
    Check(
        id="T1",
        title="token response is complete",
        sent="the documented token request",
        expected="200, JSON, access_token, token_type (compared without case), expires_in, if present, as a number",
        duties={
            "response": must(
                "a token response is JSON with status 200 that has access_token and token_type, and numbers as numbers",
                "6749 5.1",
            )
        },
        examine=token_duties.token_response,
    ),
    Check(
        id="T2",
        title="token response is not cached",
        sent="the documented token request",
        expected="Cache-Control: no-store; Pragma: no-cache",
        duties={
            "cache-control": must("an answer with tokens tells caches not to keep it", "6749 5.1"),
            "pragma": should("an answer with tokens tells old caches not to keep it", "6749 5.1"),
        },
        examine=token_duties.caching,
    ),
    Check(
        id="T4",
        title="authorization code is single-use",
        sent="the same token request again",
        expected="400 invalid_grant; the first access token no longer works",
        duties={
            "refused": must("a code that was used before is refused", "6749 4.1.2", "6749 10.5"),
            "revoked": should("a code that is used again revokes the tokens that it gave", "6749 4.1.2", "6749 10.5"),
            **coded(),
        },
        examine=token_duties.single_use,
    ),
    Check(
        id="T5",
        title="redirect_uri of the exchange is compared",
        sent="another redirect_uri than in the authorization request",
        expected="400 invalid_grant",
        duties={
            "compared": must(
                "the redirect_uri of the token request is the one of the authorization request", "6749 4.1.3"
            ),
            **coded(),
        },
        tolerances=(Tolerance(error="invalid_request", why=OAUTHLIB),),
        examine=refusals(Attempt(duty="compared", change=TokenChange(), extended="/other", refusal=INVALID_GRANT)),
    ),
    Check(
        id="T6",
        title="redirect_uri of the exchange is required",
        sent="no redirect_uri, although the authorization request had one",
        expected="400",
        duties={
            "required": should(
                "a redirect_uri that the authorization request had is required in the token request", "6749 4.1.3"
            )
        },
        examine=refusals(
            Attempt(duty="required", change=TokenChange(fields={"redirect_uri": None}), refusal=Refusal())
        ),
    ),
    Check(
        id="T11",
        title="client_credentials gives no token",
        sent="grant_type=client_credentials, where it is documented as unsupported",
        expected="400 unsupported_grant_type or unauthorized_client",
        duties={"refused": must("a grant type that is not for this client gives no token", "6749 5.2"), **coded()},
        condition=conditions.knows_client_credentials,
        examine=refusals(
            Attempt(
                change=TokenChange().for_grant("client_credentials"),
                refusal=Refusal(errors=("unsupported_grant_type", "unauthorized_client")),
                code="none",
            )
        ),
    ),
    Check(
        id="T12",
        title="unknown grant_type is refused",
        sent="grant_type=made_up",
        expected="400 unsupported_grant_type",
        duties={"refused": must("a grant type that the server does not know is refused", "6749 5.2"), **coded()},
        examine=refusals(
            Attempt(
                change=TokenChange(fields={"grant_type": "made_up"}),
                refusal=Refusal(errors=("unsupported_grant_type",)),
                code="spare",
            )
        ),
    ),
    Check(
        id="T13",
        title="missing grant_type is refused",
        sent="no grant_type",
        expected="400 invalid_request, never 5xx",
        duties={"refused": must("a request without a required parameter is refused", "6749 5.2"), **coded()},
        tolerances=(Tolerance(error="unsupported_grant_type", why="no grant type counts as an unknown one there"),),
        examine=refusals(
            Attempt(change=TokenChange(fields={"grant_type": None}), refusal=INVALID_REQUEST, code="spare")
        ),
    ),
    Check(
        id="T14",
        title="missing and made-up codes are refused",
        sent="no code; a code that was never issued",
        expected="400 invalid_request; 400 invalid_grant",
        duties={
            "missing": must("a request without a code is refused", "6749 5.2"),
            "made up": must("a code that was never issued is refused", "6749 4.1.3", "6749 5.2"),
            **coded(),
        },
        examine=refusals(
            Attempt(
                duty="missing",
                code="none",
                change=TokenChange(fields={"code": None}),
                refusal=INVALID_REQUEST,
                what="no code",
            ),
            Attempt(
                duty="made up",
                code="none",
                change=TokenChange(fields={"code": "made-up-Q2xhcml0eSBpcyBraW5k"}),
                refusal=INVALID_GRANT,
                what="a made-up code",
            ),
        ),
    ),
    Check(
        id="T15",
        title="authorization code expires",
        sent="the documented token request after the code's lifetime",
        expected="400 invalid_grant; a lifetime of 10 minutes at most",
        duties={
            "refused": must("a code expires shortly after it was issued, and is refused then", "6749 4.1.2"),
            "lifetime": should("a code lives 10 minutes at most", "6749 4.1.2"),
            **coded(),
        },
        examine=token_duties.expiry,
    ),
    Check(
        id="T16",
        title="repeated parameter is refused",
        sent="code twice",
        expected="400 invalid_request",
        duties={"refused": should("no parameter comes more than once", "6749 3.2"), **coded()},
        examine=refusals(Attempt(change=TokenChange(repeated=("code",)), refusal=INVALID_REQUEST, code="spare")),
    ),
    Check(
        id="T17",
        title="GET gives no token",
        sent="the documented parameters as the query of a GET",
        expected="4xx, no token",
        duties={"refused": must("token requests are POST requests", "6749 3.2")},
        examine=refusals(Attempt(change=TokenChange(method="GET"), refusal=Refusal(statuses=()), code="spare")),
    ),
    Check(
        id="T19",
        title="unknown and empty parameters are ignored",
        sent="x_unknown=1 and an empty scope beside the documented parameters",
        expected="200 with an access token",
        duties={
            "ignored": should(
                "parameters that the server does not know, or without a value, change nothing", "6749 3.2"
            )
        },
        examine=token_duties.ignored_parameters,
    ),
    Check(
        id="T20",
        title="JSON body is refused",
        sent="the documented parameters as JSON, where the doc sends a form",
        expected="4xx, not 5xx",
        duties={
            "refused": should(
                "token requests are forms; another format is refused, and breaks nothing",
                "6749 4.1.3",
                "6749 appendix B",
            )
        },
        condition=conditions.documents_json,
        examine=refusals(Attempt(change=TokenChange(encoding="json"), refusal=Refusal(statuses=()), code="spare")),
    ),
)

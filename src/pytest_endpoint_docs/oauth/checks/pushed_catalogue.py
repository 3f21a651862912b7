"""What the endpoint for pushed authorization requests owes."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import conditions, pushed_duties
from pytest_endpoint_docs.oauth.checks.check import NO_SECRET_SENT, Check, coded, must, should

PUSHED_CHECKS: tuple[Check, ...] = (
    Check(
        id="U1",
        title="pushed authorization request leads to a code",
        sent="an authorization request to the endpoint for them; then client_id and request_uri where it belongs",
        expected="201, request_uri, expires_in, a positive number; a code",
        duties={
            "response": must("a pushed request is answered with 201, a request_uri and its lifetime", "9126 2.2"),
            "works": must("the request_uri stands for the request that was pushed", "9126 4"),
        },
        condition=conditions.without_par,
        examine=pushed_duties.response_complete,
    ),
    Check(
        id="U2",
        title="request_uri leads to one code",
        sent="the same request_uri again, after it led to a code",
        expected="no second code",
        duties={"once": should("a request_uri is used once", "9126 4")},
        condition=conditions.without_par,
        examine=pushed_duties.reference_single_use,
    ),
    Check(
        id="U3",
        title="client authentication is required to push",
        sent="an authorization request with client_id alone; with a wrong secret",
        expected="400 or 401 invalid_client",
        duties={"required": must("a client authenticates as at the token endpoint", "9126 2.1"), **coded()},
        tolerances=(NO_SECRET_SENT,),
        condition=lambda facts: conditions.without_par(facts) or conditions.public_client(facts),
        examine=pushed_duties.push_authenticated,
    ),
    Check(
        id="U4",
        title="request_uri in a pushed request is refused",
        sent="an authorization request that has a request_uri",
        expected="400 invalid_request",
        duties={"refused": must("a request_uri is not pushed", "9126 2.1"), **coded()},
        condition=conditions.without_par,
        examine=pushed_duties.nested_reference_refused,
    ),
    Check(
        id="U5",
        title="request_uri is bound to its client",
        sent="the request_uri with the client_id of a second client",
        expected="no code",
        duties={"bound": must("a request_uri works for the client that pushed the request", "9126 2.2")},
        condition=lambda facts: conditions.without_par(facts) or conditions.without_second_client(facts),
        needs_second_client=True,
        examine=pushed_duties.reference_bound,
    ),
)

"""What the authorization endpoint owes, and what both owe where PKCE is used."""

from __future__ import annotations

from pytest_endpoint_docs.oauth.checks import authorize_duties, conditions, token_duties
from pytest_endpoint_docs.oauth.checks.check import Check, coded, must, should
from pytest_endpoint_docs.oauth.checks.judging import Tolerance

PKCE_CHECKS: tuple[Check, ...] = (
    Check(
        id="P1",
        title="code_verifier is verified",
        sent="a wrong code_verifier; none",
        expected="400 invalid_grant",
        duties={
            "verified": must("the code_verifier fits the code_challenge", "7636 4.6", "9700 2.1.1"),
            "demanded": must(
                "a code with a code_challenge is not exchanged without the code_verifier", "7636 4.6", "9700 2.1.1"
            ),
            **coded(),
        },
        tolerances=(
            Tolerance(
                error="invalid_request", why="a missing or malformed verifier counts as a malformed request there"
            ),
        ),
        condition=conditions.without_pkce,
        examine=token_duties.verifier,
    ),
    Check(
        id="P2",
        title="code_verifier without code_challenge is refused",
        sent="a code_verifier for a code that was asked for without a code_challenge",
        expected="400 invalid_request",
        duties={
            "refused": should(
                "a code_verifier is accepted only where there was a code_challenge", "9700 2.1.1", "9700 4.8.2"
            ),
            **coded(),
        },
        tolerances=(Tolerance(error="invalid_grant", why="the verifier fits no challenge there"),),
        condition=conditions.without_pkce,
        examine=token_duties.downgrade,
    ),
    Check(
        id="P3",
        title="plain code_challenge is refused",
        sent="code_challenge_method=plain",
        expected="invalid_request, or an error page",
        duties={
            "refused": should(
                "a challenge that is the verifier itself protects nothing, and is refused",
                "7636 4.4.1",
                "7636 7.2",
                "9700 2.1.1",
            )
        },
        condition=conditions.without_pkce,
        examine=authorize_duties.plain_challenge,
    ),
)

AUTHORIZE_CHECKS: tuple[Check, ...] = (
    Check(
        id="A1",
        title="nothing is sent to an unregistered redirect_uri",
        sent="a foreign redirect_uri; the client's own with an extra letter, segment or parameter, with another "
        "scheme, with another host that ends alike, with a letter in place of a dot; an unknown client",
        expected="nothing reaches that redirect_uri",
        duties={
            "redirect": must(
                "redirect URIs are compared as whole strings, and others are never redirected to",
                "6749 4.1.2.1",
                "9700 4.1.3",
            ),
            "client": must("nobody is redirected for a client that does not exist", "6749 4.1.2.1"),
        },
        examine=authorize_duties.redirects_only_home,
    ),
    Check(
        id="A2",
        title="missing and unknown response_type are refused",
        sent="no response_type; a made-up one",
        expected="a redirect with the error and the state, or an error page",
        duties={
            "error": should(
                "a response_type that is missing or not understood is an error, and the state comes with it",
                "6749 3.1.1",
                "6749 4.1.2.1",
            )
        },
        examine=authorize_duties.response_type,
    ),
    Check(
        id="A4",
        title="state comes back unchanged",
        sent=f"state {authorize_duties.AWKWARD_STATE!r}",
        expected="exactly this state in the redirect",
        duties={"state": must("the state comes back exactly as it was sent", "6749 4.1.2")},
        examine=authorize_duties.state_unchanged,
    ),
    Check(
        id="A5",
        title="denied consent is reported",
        sent="a refusal on the consent page",
        expected="access_denied with the state",
        duties={"error": must("a refusal reaches the client as access_denied, with its state", "6749 4.1.2.1")},
        tolerances=(Tolerance(error="consent_required", why="an OpenID Connect error code for the same"),),
        examine=authorize_duties.denial,
    ),
    Check(
        id="A6",
        title="iss names the issuer",
        sent="an authorization request that is granted, and one that is denied",
        expected="iss equals the issuer",
        duties={"iss": must("authorization responses, errors too, name the issuer exactly", "9207 2", "9207 2.4")},
        condition=conditions.without_issuer,
        examine=authorize_duties.issuer,
    ),
    Check(
        id="A7",
        title="login and consent pages cannot be framed",
        sent="an authorization request",
        expected="X-Frame-Options, or frame-ancestors in Content-Security-Policy that is more than `*` or a scheme",
        duties={"frames": should("other sites cannot put these pages into a frame", "6749 10.13", "9700 4.16")},
        examine=authorize_duties.framing,
    ),
    Check(
        id="A8",
        title="posted credentials are not sent on",
        sent="the forms on the way to the code",
        expected="no 307 (or 308) in answer",
        duties={"redirect": must("a request that may hold credentials is not redirected with 307", "9700 4.12")},
        examine=authorize_duties.credentials_not_repeated,
    ),
    Check(
        id="A9",
        title="iss can be relied on against mix-up",
        sent="an authorization request that is granted",
        expected="where iss comes, the metadata announces it, and it is an https URL without query and fragment",
        duties={
            "announced": must("a server that sends iss says so in its metadata", "9207 2.3"),
            "same": must("iss is the issuer of the metadata", "9207 2.3"),
            "url": must("iss is an issuer identifier", "9207 2"),
        },
        examine=authorize_duties.issuer_announced,
    ),
)

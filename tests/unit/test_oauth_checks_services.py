"""Checks of the endpoints that the metadata names: what says nothing of a duty, and what is told of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from oauth_scripted_probe import REDIRECT_URI, TOKEN, ScriptedProbe, answer, check, error, settings

from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.oauth.checks.check import CheckResult
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, Pushed, ServerMetadata, TokenChange

SERVER = "https://as.example.com/oauth"
FACTS = Facts(
    redirect_uri=REDIRECT_URI,
    second_client=True,
    par_url=f"{SERVER}/par",
    device_url=f"{SERVER}/device",
    metadata=ServerMetadata(
        found_at="https://as.example.com/.well-known/oauth-authorization-server",
        introspection_endpoint=f"{SERVER}/introspect",
        revocation_endpoint=f"{SERVER}/revoke",
    ),
)
STARTED: dict[str, Any] = {
    "device_code": "device-4711",
    "user_code": "ABCD-EFGH",
    "verification_uri": f"{SERVER}/activate",
    "verification_uri_complete": f"{SERVER}/activate?user_code=ABCD-EFGH",
    "expires_in": 600,
}


def found(result: CheckResult) -> list[str] | str:
    """What a check found; the reason where it was not run."""
    return result.not_run or [f"{mismatch.severity}: {mismatch.actual}" for mismatch in result.mismatches]


def served(name: str, response: Response, facts: Facts = FACTS) -> CheckResult:
    """The check on a server whose other endpoints all answer so."""
    return EndpointChecks(ScriptedProbe(facts=facts, service=lambda *_: response), settings()).run(check(name))


def asked_by_device(name: str, polled: Response, **started: Any) -> tuple[CheckResult, ScriptedProbe]:
    """The check on a server that answers so to the device that asks again."""
    first = answer(200, {**STARTED, **started})
    probe = ScriptedProbe(lambda *_: polled, facts=FACTS, service=lambda *_: first)
    return EndpointChecks(probe, settings()).run(check(name)), probe


@pytest.mark.parametrize("name", ["D1", "D2", "D3", "D4", "D5"])
@pytest.mark.parametrize("code", ["unauthorized_client", "invalid_client", "unsupported_grant_type"])
def test_a_client_that_may_not_use_the_device_grant_says_nothing_of_it(name: str, code: str) -> None:
    assert found(served(name, error(code))) == f"this client may not use the device grant: 400 {code}"


@pytest.mark.parametrize("name", ["D2", "D3", "D4", "D5"])
@pytest.mark.parametrize("code", ["unauthorized_client", "invalid_client", "unsupported_grant_type"])
def test_nor_does_one_that_learns_so_at_the_token_endpoint(name: str, code: str) -> None:
    assert found(asked_by_device(name, error(code))[0]) == f"this client may not use the device grant: 400 {code}"


def test_another_refusal_of_a_device_is_a_violation() -> None:
    assert found(served("D1", error("invalid_request"))) == ["fail: 400 invalid_request"]


@pytest.mark.parametrize(("name", "code"), [("D4", "authorization_pending"), ("D4", "slow_down"), ("D5", "slow_down")])
def test_a_device_that_is_still_to_wait_says_nothing_of_a_decision(name: str, code: str) -> None:
    result, _ = asked_by_device(name, error(code))
    assert found(result) == f"the device is still told to wait ({code}): the page may not have taken the decision"


@pytest.mark.parametrize(
    ("name", "polled", "actual"),
    [
        (
            "D3",
            error("authorization_pending"),
            "400 authorization_pending: the device is told to wait, and not refused",
        ),
        ("D3", answer(200, TOKEN), "200 with an access token"),
        ("D4", error("access_denied"), "400 access_denied"),
        ("D5", error("authorization_pending"), "400 authorization_pending"),
        ("D5", answer(200, TOKEN), "200 with an access token"),
    ],
)
def test_a_device_that_is_told_something_else_than_the_decision(name: str, polled: Response, actual: str) -> None:
    assert found(asked_by_device(name, polled)[0]) == [f"fail: {actual}"]


def test_a_made_up_device_code_that_is_refused_with_another_code_warns() -> None:
    assert found(asked_by_device("D3", error("device_not_found", 404))[0]) == ["warn: 404 device_not_found"]


@pytest.mark.parametrize("name", ["D4", "D5"])
def test_a_device_without_a_place_to_be_let_in_at_says_nothing_of_a_decision(name: str) -> None:
    result, _ = asked_by_device(name, answer(200, TOKEN), verification_uri="", verification_uri_complete="")
    lacks = f"the device authorization response of {SERVER}/device has no verification_uri (RFC 8628 section 3.2)"
    assert found(result) == f"{lacks} (see D1)"


@pytest.mark.parametrize(
    ("interval", "waited"), [(3, 3.0), (-5, 5.0), (600, 10.0), (10**400, 5.0), ("soon", 5.0), ("7", 7.0), (None, 5.0)]
)
def test_whatever_interval_a_server_names_is_waited_for_within_bounds(interval: Any, waited: float) -> None:
    result, probe = asked_by_device("D4", answer(200, TOKEN), interval=interval)
    assert (found(result), probe.waited) == ([], [waited])


@pytest.mark.parametrize("name", ["N1", "N2"])
@pytest.mark.parametrize(
    "refused", [answer(401), answer(403), error("invalid_client"), error("unauthorized_client"), error("x", 403)]
)
def test_a_client_that_may_not_ask_says_nothing_of_introspection(name: str, refused: Response) -> None:
    assert str(found(served(name, refused))).startswith("this client may not introspect tokens: ")


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (error("invalid_client", 401), "this client may not revoke tokens: 401 invalid_client"),
        (error("unauthorized_client"), "this client may not revoke tokens: 400 unauthorized_client"),
        (error("invalid_request"), ["fail: 400 invalid_request"]),
        (answer(403), ["fail: 403 without an error code"]),
        (answer(204), ["fail: 204"]),
        (answer(200), []),
    ],
)
def test_only_what_refuses_the_client_says_nothing_of_revocation(response: Response, told: Any) -> None:
    assert found(served("V3", response)) == told


@pytest.mark.parametrize("name", ["R4", "V1", "U3"])
def test_a_tolerated_refusal_of_a_client_is_noted(name: str) -> None:
    def token_endpoint(_code: str | None, change: TokenChange) -> Response:
        refreshing = change.fields.get("grant_type") == "refresh_token"
        return error("invalid_request") if refreshing else answer(200, {**TOKEN, "refresh_token": "rt-1"})

    probe = ScriptedProbe(token_endpoint, facts=FACTS, service=lambda *_: error("invalid_request"))
    result = EndpointChecks(probe, settings()).run(check(name))
    assert found(result) == []
    assert result.notes == ("invalid_request tolerated: the secret counts as a missing parameter there",)


@pytest.mark.parametrize(
    ("name", "owed"), [*((name, "400 or 401 invalid_client") for name in ("R4", "V1", "U3")), ("N3", "401")]
)
@pytest.mark.parametrize("asserting", [False, True])
def test_every_way_to_fail_to_authenticate_is_tried(name: str, owed: str, asserting: bool) -> None:
    """A client that signs assertions has no secret that could be wrong."""

    def token_endpoint(_code: str | None, _change: TokenChange) -> Response:
        return answer(200, {**TOKEN, "refresh_token": "rt-1"})

    probe = ScriptedProbe(
        token_endpoint,
        facts=replace(FACTS, asserting=asserting),
        service=lambda *_: answer(201, {"active": True, "request_uri": "urn:example:1"}),
    )
    result = EndpointChecks(probe, settings()).run(check(name))
    ways = ["client_id alone"] if asserting else ["client_id alone", "a wrong secret"]
    assert [mismatch.expected for mismatch in result.mismatches] == [f"{owed} for {way}" for way in ways]
    assert {mismatch.severity for mismatch in result.mismatches} == {"fail"}


def test_a_refresh_token_is_revoked_that_no_access_token_was_revoked_with() -> None:
    """A server that revokes both tokens with the access token, and refuses no refresh token that it was given alone."""
    revoked: set[str] = set()

    def token_endpoint(code: str | None, change: TokenChange) -> Response:
        if change.fields.get("refresh_token"):
            dead = change.fields["refresh_token"] in revoked
            return error("invalid_grant") if dead else answer(200, TOKEN)
        return answer(200, {**TOKEN, "access_token": f"at-{code}", "refresh_token": f"rt-{code}"})

    def service(_url: str, fields: Mapping[str, str], _change: TokenChange) -> Response:
        if fields["token"].startswith("at-"):
            revoked.update([fields["token"], fields["token"].replace("at-", "rt-", 1)])
        return answer(200, {})

    probe = ScriptedProbe(
        token_endpoint,
        facts=FACTS,
        service=service,
        resource=lambda token: 200 if token.startswith("at-") and token not in revoked else 401,
    )
    run = EndpointChecks(probe, settings())
    assert found(run.run(check("V4"))) == []
    assert found(run.run(check("V5"))) == ["fail: 200 with an access token"]


@pytest.mark.parametrize(
    ("status", "actual"), [(201, "201 with a request_uri"), (200, "200"), (503, "503 without an error code")]
)
@pytest.mark.parametrize("attended", [False, True])
def test_a_reference_that_was_pushed_is_told_as_what_came_of_it(status: int, actual: str, attended: bool) -> None:
    """U4 opens no page, so it asks nothing of a person."""

    def service(_url: str, fields: Mapping[str, str], _change: TokenChange) -> Response:
        pushed = {"request_uri": "urn:example:1", "expires_in": 60}
        return answer(status) if status != 201 and "request_uri" in fields else answer(201, pushed)

    probe = ScriptedProbe(facts=replace(FACTS, attended=attended), service=service)
    assert found(EndpointChecks(probe, settings()).run(check("U4"))) == [f"fail: {actual}"]


WRONG: dict[str, tuple[Response, list[str]]] = {
    "N1": (
        answer(200, {"active": "yes", "exp": "soon", "iat": True, "scope": ["a"]}),
        ['active: "yes" (string)', 'scope: ["a"] (array)', 'exp: "soon" (string)', "iat: true (boolean)"],
    ),
    "N2": (answer(200, {"active": 1}), ["active: 1 (integer)"]),
    "U1": (answer(201, {"request_uri": 7}), ["request_uri: 7 (integer)"]),
    "D1": (
        answer(200, {"device_code": "", "user_code": 4711, "expires_in": "600"}),
        [
            *('device_code: "" (string)', "user_code: *** (integer)", "no verification_uri"),
            'expires_in: "600" (string)',
        ],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_parameter_of_a_wrong_type_is_told_with_its_type(name: str) -> None:
    response, told = WRONG[name]
    assert [mismatch.actual for mismatch in served(name, response).mismatches] == told


@pytest.mark.parametrize("lifetime", [0, -5, 1.5, True, None])
def test_a_reference_lives_a_positive_whole_number_of_seconds(lifetime: Any) -> None:
    class Follower(ScriptedProbe):
        def open_pushed(self, pushed: Pushed, *, client: str = "own") -> AuthorizeOutcome:
            return AuthorizeOutcome(sent=pushed.request.parameters, parameters={}, grant=self.grant())

    probe = Follower(
        facts=FACTS, service=lambda *_: answer(201, {"request_uri": "urn:example:1", "expires_in": lifetime})
    )
    result = EndpointChecks(probe, settings()).run(check("U1"))
    assert [mismatch.expected for mismatch in result.mismatches] == ["expires_in, a positive whole number of seconds"]


@pytest.mark.parametrize("iss", ["https://[x", "http://as.example.com", "https://as.example.com/?a=b"])
def test_an_issuer_that_is_not_an_https_url_is_told(iss: str) -> None:
    facts = replace(FACTS, metadata=replace(FACTS.metadata, announces_iss=True))
    probe = ScriptedProbe(facts=facts, parameters={"iss": iss})
    assert found(EndpointChecks(probe, settings()).run(check("A9"))) == [f"fail: iss {iss}"]

"""How checks run: what they send, which codes they use, what stands in the way, what a violation does."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace

import pytest
from oauth_scripted_probe import (
    ENDPOINT,
    REDIRECT_URI,
    TOKEN,
    ScriptedProbe,
    answer,
    check,
    error,
    run_check,
    settings,
)

from pytest_endpoint_docs.model.environment import CheckPolicy, OAuthClient
from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS, unknown_checks
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, ServerMetadata, TokenChange
from pytest_endpoint_docs.oauth.checks.token_request import build_token_request
from pytest_endpoint_docs.oauth.consent_errors import NoWayToDeny
from pytest_endpoint_docs.oauth.grant import PageAnswer

ACCEPTS = ScriptedProbe


def severities(name: str, policy: CheckPolicy | None = None, *, strict: bool = False) -> list[str]:
    policies = {} if policy is None else {name: policy}
    return [
        found.severity for found in run_check(check(name), ACCEPTS(), settings(**policies), strict=strict).mismatches
    ]


def test_a_must_fails_and_a_should_warns() -> None:
    assert severities("T5") == ["fail"]
    assert severities("T6") == ["warn"]


def test_strict_makes_a_should_fail() -> None:
    assert severities("T6", strict=True) == ["fail"]


@pytest.mark.parametrize(("action", "name"), [("warn", "T5"), ("fail", "T6")])
def test_the_environment_decides_before_level_and_strictness(action: str, name: str) -> None:
    policy = CheckPolicy(action=action)  # type: ignore[arg-type]
    assert severities(name, policy) == severities(name, policy, strict=True) == [action]


def test_a_known_violation_carries_its_ticket() -> None:
    result = run_check(check("T5"), ACCEPTS(), settings(T5=CheckPolicy(action="known", ticket="TICKET-1")))
    assert [(found.severity, found.known) for found in result.mismatches] == [("known", "TICKET-1")]


def test_a_known_violation_that_is_gone_is_noted() -> None:
    def endpoint(_code: str | None, change: TokenChange) -> Response:
        return error("invalid_grant") if "redirect_uri" in change.fields else answer(200, TOKEN)

    probe = ScriptedProbe(token_endpoint=endpoint)
    result = run_check(check("T5"), probe, settings(T5=CheckPolicy(action="known", ticket="TICKET-1")))
    assert result.mismatches == ()
    assert result.notes == ("holds now: take T5 (TICKET-1) out of the environment's oauth.checks",)


def test_an_ignored_check_sends_nothing() -> None:
    probe = ACCEPTS()
    result = run_check(check("T6"), probe, settings(T6=CheckPolicy(action="ignore")))
    assert result.not_run == "the environment ignores it (oauth.checks: T6: ignore)"
    assert (probe.sent, probe.codes) == ([], [])


def test_a_policy_for_no_check_is_named_with_the_near_one() -> None:
    found = unknown_checks(settings(t5=CheckPolicy(action="warn"), T16=CheckPolicy(action="warn")))
    assert found == ("env.yaml:7: oauth.checks: there is no check t5; did you mean T5?",)


def test_a_tolerated_error_code_passes_and_is_noted() -> None:
    result = run_check(check("T5"), ScriptedProbe(token_endpoint=lambda *_: error("invalid_request")), settings())
    assert result.mismatches == ()
    assert result.notes == ("invalid_request tolerated: servers built on oauthlib answer so",)


def test_a_tolerance_holds_for_its_check_only() -> None:
    result = run_check(check("T4"), ScriptedProbe(token_endpoint=first_only(error("invalid_request"))), settings())
    assert [found.actual for found in result.mismatches] == ["400 invalid_request"]


def first_only(later: Response):  # type: ignore[no-untyped-def]
    seen: set[str | None] = set()

    def endpoint(code: str | None, _change: TokenChange) -> Response:
        if code in seen:
            return later
        seen.add(code)
        return answer(200, TOKEN)

    return endpoint


@pytest.mark.parametrize(
    ("name", "facts", "reason"),
    [
        ("T21", {"second_client": False}, "no second client is known to the environment"),
        ("P1", {"pkce": False}, "the environment says pkce: none"),
        ("T20", {"encoding": "json"}, "the doc sends its token requests as JSON"),
        ("T15", {}, "nothing tells how long a code lives"),
        ("T15", {"code_lifetime_s": 61.0}, "a code lives 61 s here, and the check waits 60 s at most"),
        ("T11", {}, "neither the doc nor the server's metadata says that client_credentials is unsupported"),
        ("A6", {}, "the server publishes no metadata, and no issuer is configured (oauth.issuer)"),
        ("A8", {}, "no form was posted on the way to the code: all is remembered, or sent by scripts of the pages"),
    ],
)
def test_what_cannot_run_says_why(name: str, facts: Mapping[str, object], reason: str) -> None:
    probe = ScriptedProbe(facts=Facts(redirect_uri=REDIRECT_URI, **facts))  # type: ignore[arg-type]
    result = run_check(check(name), probe, settings())
    assert (result.not_run, result.mismatches) == (reason, ())


def test_checks_without_an_object_say_so() -> None:
    bare = Facts(redirect_uri=REDIRECT_URI, encoding="json", pkce=False)
    assert {found.id for found in CHECKS if found.condition(bare)} == {
        *("T11", "T20", "T21", "P1", "P2", "P3", "A6", "R2", "R5", "I1", "I2", "I3", "I4"),
        *("N1", "N2", "N3", "V1", "V2", "V3", "V4", "V5", "U1", "U2", "U3", "U4", "U5"),
        *("D1", "D2", "D3", "D4", "D5"),
    }


def test_no_way_to_deny_is_a_reason() -> None:
    def nothing(_changes: Mapping[str, str | None], _deny: bool) -> AuthorizeOutcome:
        raise NoWayToDeny("nothing on the page refuses")

    result = run_check(check("A5"), ScriptedProbe(authorization_endpoint=nothing), settings())
    assert result.not_run == "nothing on the page refuses"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answer(429), "the server answers 429 Too Many Requests; run this check later, or alone"),
        (None, "the server did not answer: ConnectionError"),
    ],
)
def test_an_answer_that_says_nothing_gives_no_verdict(response: Response | None, reason: str) -> None:
    result = run_check(check("T8"), ScriptedProbe(token_endpoint=lambda *_: response), settings())
    assert (result.not_run, len(result.exchanges)) == (reason, 1)


def test_a_failing_exchange_is_t1s_business() -> None:
    probe = ScriptedProbe(token_endpoint=lambda *_: error("invalid_client", 401))
    run = EndpointChecks(probe, settings())
    assert [found.actual for found in run.run(check("T1")).mismatches] == ["401 invalid_client"]
    reason = "the documented exchange gives no access token: 401 invalid_client (see T1)"
    assert [run.run(check(name)).not_run for name in ("T2", "T4")] == [reason, reason]


@pytest.mark.parametrize(
    ("lifetime_s", "age_s", "codes"), [(None, 5.0, 1), (None, 11.0, 2), (30.0, 14.0, 1), (30.0, 16.0, 2)]
)
def test_a_code_that_is_about_to_expire_is_not_used(lifetime_s: float | None, age_s: float, codes: int) -> None:
    facts = Facts(redirect_uri=REDIRECT_URI, code_lifetime_s=lifetime_s)
    probe = ScriptedProbe(facts=facts, age_s=age_s)
    run = EndpointChecks(probe, settings())
    run.any_grant()
    assert run.run(check("T1")).mismatches == ()
    assert len(probe.codes) == codes


def test_without_a_refresh_token_no_code_is_spent_on_looking_for_one() -> None:
    probe = ScriptedProbe()
    run = EndpointChecks(probe, settings())
    assert run.run(check("T1")).not_run is None
    reason = "no refresh token comes with the access token; many servers want the scope offline_access"
    assert [run.run(check(name)).not_run for name in ("R1", "R3", "R4", "R5")] == [reason] * 4
    assert len(probe.codes) == 1


def test_one_code_serves_the_checks_that_look_at_a_good_exchange() -> None:
    probe = ScriptedProbe(token_endpoint=first_only(error("invalid_grant")))
    run = EndpointChecks(probe, settings())
    results = [run.run(check(name)) for name in ("T1", "T4")]
    assert len(probe.codes) == 1
    assert [len(result.exchanges) for result in results] == [1, 2]


def test_a_code_that_the_server_did_not_look_at_is_used_again() -> None:
    def strict(_code: str | None, change: TokenChange) -> Response:
        is_right = not change.wrong_secret and change.credentials != "none"
        challenge = "Basic realm=x"
        return answer(200, TOKEN) if is_right else error("invalid_client", 401, WWW_Authenticate=challenge)

    probe = ScriptedProbe(token_endpoint=strict)
    run = EndpointChecks(probe, settings())
    for name in ("T7", "T8", "T9"):
        result = run.run(check(name))
        assert (result.mismatches, result.not_run) == ((), None)
    # One for all three, and one for the documented exchange that shows that the client itself is accepted.
    assert len(probe.codes) == 2


@pytest.mark.parametrize("names", [("T7",), ("T1", "T7")])
def test_a_failure_shows_the_request_that_was_answered_wrongly_and_not_its_control(names: tuple[str, ...]) -> None:
    def bearer(_code: str | None, change: TokenChange) -> Response:
        return error("invalid_client", 401) if change.wrong_secret else answer(200, TOKEN)

    run = EndpointChecks(ScriptedProbe(token_endpoint=bearer), settings())
    *_, result = [run.run(check(name)) for name in names]
    statuses = [exchange.response.status_code for exchange in result.exchanges if exchange.response]
    assert ([found.actual for found in result.mismatches], statuses) == (
        ["401 invalid_client without WWW-Authenticate"],
        [200, 401],
    )


def test_a_used_code_never_decides() -> None:
    """A server that spends a code on the first try, whatever it says, and does not check secrets in the body."""
    spent: set[str | None] = set()

    def endpoint(code: str | None, change: TokenChange) -> Response:
        if code in spent:
            return error("invalid_grant")
        spent.add(code)
        wrong_basic = change.credentials == "basic"
        return error("invalid_client", 401, WWW_Authenticate="Basic") if wrong_basic else answer(200, TOKEN)

    probe = ScriptedProbe(token_endpoint=endpoint)
    run = EndpointChecks(probe, settings())
    assert run.run(check("T7")).mismatches == ()
    assert [found.actual for found in run.run(check("T8")).mismatches] == ["200 with an access token"]


def test_checks_of_the_code_itself_get_one_that_nobody_used() -> None:
    probe = ScriptedProbe(token_endpoint=lambda *_: error("invalid_grant"))
    run = EndpointChecks(probe, settings())
    for name in ("T5", "T21", "P1"):
        run.run(check(name))
    codes = [code for code, _ in probe.sent]
    assert len(codes) == len(set(codes)) == 4


@pytest.mark.parametrize(
    ("status", "found"), [(401, []), (302, []), (200, ["200: the first access token still works"])]
)
def test_the_first_token_is_tried_after_the_code_came_again(status: int, found: list[str]) -> None:
    tries: list[str] = []

    def resource(token: str) -> int:
        if token != TOKEN["access_token"]:
            return 302
        tries.append(token)
        return 200 if len(tries) == 1 else status

    probe = ScriptedProbe(token_endpoint=first_only(error("invalid_grant")), resource=resource)
    result = run_check(check("T4"), probe, settings())
    assert [(found.severity, found.actual) for found in result.mismatches] == [("warn", text) for text in found]
    assert tries == [TOKEN["access_token"]] * 2


def test_a_token_that_never_worked_says_nothing_about_revocation() -> None:
    probe = ScriptedProbe(token_endpoint=first_only(error("invalid_grant")), resource=lambda _token: 403)
    result = run_check(check("T4"), probe, settings())
    assert result.mismatches == ()
    assert result.notes == (
        "not checked whether the first token is revoked: it did not work at the protected resource before",
    )


def test_a_resource_that_lets_everybody_in_says_nothing_about_revocation() -> None:
    probe = ScriptedProbe(token_endpoint=first_only(error("invalid_grant")), resource=lambda _token: 200)
    result = run_check(check("T4"), probe, settings())
    assert result.mismatches == ()
    assert result.notes == (
        "not checked whether the first token is revoked: the protected resource accepts a made-up token, too: 200",
    )


def test_expiry_waits_a_second_longer_than_a_code_lives() -> None:
    facts = Facts(redirect_uri=REDIRECT_URI, code_lifetime_s=2.0)
    probe = ScriptedProbe(facts=facts, token_endpoint=lambda *_: error("invalid_grant"))
    assert run_check(check("T15"), probe, settings()).mismatches == ()
    assert probe.waited == [3.0]


def test_a_code_that_lives_too_long_warns_without_waiting() -> None:
    facts = Facts(redirect_uri=REDIRECT_URI, code_lifetime_s=3600.0)
    probe = ScriptedProbe(facts=facts)
    result = run_check(check("T15"), probe, settings())
    assert [(found.severity, found.expected, found.actual) for found in result.mismatches] == [
        ("warn", "at most 600 s", "3600 s")
    ]
    assert result.notes == ("not checked to the end: a code lives 3600 s here, and the check waits 60 s at most",)
    assert probe.waited == []


def test_a_verifier_fails_only_where_pkce_is_promised() -> None:
    for promised, severity in ((True, "fail"), (False, "warn")):
        probe = ScriptedProbe(facts=Facts(redirect_uri=REDIRECT_URI, pkce_promised=promised))
        result = run_check(check("P1"), probe, settings())
        assert [found.severity for found in result.mismatches] == [severity, severity]


def test_the_session_that_is_logged_in_is_said_where_login_pages_matter() -> None:
    posted = PageAnswer(method="POST", url="https://as.example.com/consent", status_code=303)
    result = run_check(check("A8"), ScriptedProbe(pages=(posted,)), settings())
    assert (result.mismatches, result.not_run) == ((), None)
    assert result.notes == ("the login's own pages were not looked at: the person was logged in already",)


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_posts_again_is_found(status: int) -> None:
    page = PageAnswer(method="POST", url="https://as.example.com/login", status_code=status, redirects_to="https://x")
    result = run_check(check("A8"), ScriptedProbe(pages=(page,)), settings())
    assert [found.actual for found in result.mismatches] == [f"{status}, which posts the form again"]


@pytest.mark.parametrize(
    ("parameters", "status", "found"),
    [
        ({"error": "unsupported_response_type", "state": "abc"}, None, None),
        (None, 200, None),
        (None, 500, "a page with status 500"),
        ({"error": "invalid_request"}, None, "invalid_request with no state"),
        ({"error": "invalid_request", "state": "x"}, None, "invalid_request with another state"),
        ({"code": "c", "state": "abc"}, None, "a redirect with code, state"),
    ],
)
def test_a_wrong_response_type_is_an_error(
    parameters: Mapping[str, str] | None, status: int | None, found: str | None
) -> None:
    def endpoint(_changes: Mapping[str, str | None], _deny: bool) -> AuthorizeOutcome:
        return AuthorizeOutcome(sent={"state": "abc"}, parameters=parameters, status_code=status)

    result = run_check(check("A2"), ScriptedProbe(authorization_endpoint=endpoint), settings())
    assert [mismatch.actual for mismatch in result.mismatches] == ([] if found is None else [found, found])


def test_basic_credentials_are_form_encoded_first() -> None:
    wire = build_token_request(ENDPOINT, None, TokenChange()).wire
    encoded = str(wire.headers["Authorization"]).removeprefix("Basic ")
    assert base64.b64decode(encoded) == b"contract-client:s3cret+value"


def test_a_repeated_parameter_comes_twice_in_forms_and_in_json() -> None:
    change = TokenChange(fields={"code": "abc", "redirect_uri": None, "code_verifier": None}, repeated=("code",))
    form = build_token_request(ENDPOINT, None, change).wire.content
    assert form == b"grant_type=authorization_code&code=abc&code=abc"
    as_json = TokenChange(fields=change.fields, repeated=change.repeated, encoding="json")
    text = build_token_request(ENDPOINT, None, as_json).wire.content
    assert text == b'{"grant_type": "authorization_code", "code": "abc", "code": "abc"}'


def test_a_get_has_its_parameters_in_the_query_and_no_content() -> None:
    wire = build_token_request(ENDPOINT, None, TokenChange(method="GET", fields={"code": "a b"})).wire
    assert wire.content is None
    assert wire.url.startswith("https://as.example.com/oauth/token?grant_type=authorization_code&")
    assert "code=a%20b" in wire.url
    assert "Content-Type" not in wire.headers


def test_the_request_hides_its_secrets_from_its_repr() -> None:
    request = build_token_request(ENDPOINT, None, TokenChange(credentials="both"))
    assert "s3cret" not in repr(request)


def stuck(_changes: Mapping[str, str | None], _deny: bool) -> AuthorizeOutcome:
    return AuthorizeOutcome(sent={"state": "abc"}, unanswered="the page came back each time")


@pytest.mark.parametrize(("name", "to"), [("A1", " to a foreign redirect_uri"), ("A2", ""), ("A4", ""), ("A5", "")])
def test_a_page_that_got_stuck_is_no_answer(name: str, to: str) -> None:
    result = run_check(check(name), ScriptedProbe(authorization_endpoint=stuck), settings())
    assert result.not_run == f"the server gave no answer{to}: the page came back each time"


@pytest.mark.parametrize("name", ["A1", "A2", "A4", "A5"])
def test_checks_of_the_redirect_get_a_code_at_the_registered_uri_first(name: str) -> None:
    probe = ScriptedProbe(authorization_endpoint=stuck)
    run_check(check(name), probe, settings())
    assert len(probe.codes) == 1


def test_a_server_that_breaks_refuses_no_redirect_uri() -> None:
    def broken(_changes: Mapping[str, str | None], _deny: bool) -> AuthorizeOutcome:
        return AuthorizeOutcome(sent={}, status_code=503)

    result = run_check(check("A1"), ScriptedProbe(authorization_endpoint=broken), settings())
    assert result.not_run == "the server answered a foreign redirect_uri with status 503, which refuses nothing"


@pytest.mark.parametrize("name", ["A1", "A2", "A4", "A5"])
def test_a_server_that_has_no_time_refuses_nothing(name: str) -> None:
    def busy(_changes: Mapping[str, str | None], _deny: bool) -> AuthorizeOutcome:
        return AuthorizeOutcome(sent={}, status_code=429)

    result = run_check(check(name), ScriptedProbe(authorization_endpoint=busy), settings())
    assert result.not_run == "the server answers 429 Too Many Requests; run this check later, or alone"


KNOWN = Facts(redirect_uri=REDIRECT_URI, second_client=True, code_lifetime_s=2.0, client_credentials_unsupported=True)
OF_TWO_DUTIES = ["T4", "T5", "T8", "T9", "T11", "T12", "T13", "T14", "T15", "T21", "P1"]


@pytest.mark.parametrize("name", OF_TWO_DUTIES)
@pytest.mark.parametrize(
    ("refused", "said"),
    [(answer(403), "403 without an error code"), (error("access_denied"), "400 access_denied")],
    ids=["403", "another code"],
)
def test_a_refusal_without_the_error_code_of_the_standard_warns(name: str, refused: Response, said: str) -> None:
    endpoint = first_only(refused) if name == "T4" else lambda *_: refused
    result = run_check(check(name), ScriptedProbe(token_endpoint=endpoint, facts=KNOWN), settings())
    assert {(found.severity, found.actual, found.source) for found in result.mismatches} == {
        ("warn", said, "RFC 6749 section 5.2")
    }


@pytest.mark.parametrize(
    "name",
    ["T5", "T6", "T7", "T8", "T9", "T10", "T12", "T14", "T15", "T16", "T17", "T18", "T19", "T20", "T22", "P1"],
)
def test_a_client_that_is_refused_whatever_it_asks_for_says_nothing_of_the_rest(name: str) -> None:
    probe = ScriptedProbe(token_endpoint=lambda *_: error("invalid_client", 401), facts=KNOWN)
    result = run_check(check(name), probe, settings())
    assert result.not_run == (
        "the server does not accept the client: 401 invalid_client to the documented exchange (see T1)"
    )


@pytest.mark.parametrize("name", ["T5", "T6", "T10", "T15", "T16", "T19", "T21", "P1"])
def test_a_server_that_accepts_no_code_says_nothing_of_what_is_wrong_with_one(name: str) -> None:
    probe = ScriptedProbe(token_endpoint=lambda *_: error("invalid_grant"), facts=KNOWN)
    result = run_check(check(name), probe, settings())
    assert result.not_run == "the server accepts no code: 400 invalid_grant to the documented exchange (see T1)"


@pytest.mark.parametrize("name", ["T21", "R5"])
@pytest.mark.parametrize("code", ["unauthorized_client", "invalid_client"])
def test_a_second_client_that_is_refused_for_itself_says_nothing_of_whose_code_it_is(name: str, code: str) -> None:
    def endpoint(_code: str | None, change: TokenChange) -> Response:
        return error(code) if change.client == "second" else answer(200, {**TOKEN, "refresh_token": "refresh-4711"})

    result = run_check(check(name), ScriptedProbe(token_endpoint=endpoint, facts=KNOWN), settings())
    assert result.not_run == f"the second client may not ask for tokens like that itself: 400 {code}"


def test_a_code_that_is_refused_as_if_the_client_were_wrong_warns() -> None:
    endpoint = first_only(error("invalid_client", 401))
    result = run_check(check("T4"), ScriptedProbe(token_endpoint=endpoint, facts=KNOWN), settings())
    assert [(found.severity, found.actual) for found in result.mismatches] == [("warn", "401 invalid_client")]


@pytest.mark.parametrize("name", OF_TWO_DUTIES)
@pytest.mark.parametrize(
    ("accepted", "said"),
    [(answer(200, TOKEN), "200 with an access token"), (answer(500), "500 without an error code")],
    ids=["a token", "a server that breaks"],
)
def test_what_is_not_refused_fails(name: str, accepted: Response, said: str) -> None:
    endpoint = first_only(accepted) if name == "T4" else lambda *_: accepted
    result = run_check(check(name), ScriptedProbe(token_endpoint=endpoint, facts=KNOWN), settings())
    assert {(found.severity, found.actual) for found in result.mismatches} == {("fail", said)}


@pytest.mark.parametrize(
    ("downgraded", "found"),
    [
        (error("invalid_request"), []),
        (error("invalid_grant"), []),
        (error("server_error", 403), ["403 server_error"]),
        (answer(200, TOKEN), ["200 with an access token"]),
    ],
)
def test_a_downgrade_is_refused_as_an_invalid_request_or_grant(downgraded: Response, found: list[str]) -> None:
    probe = ScriptedProbe(token_endpoint=lambda code, _: answer(200, TOKEN) if code == "code-1-secret" else downgraded)
    result = run_check(check("P2"), probe, settings())
    assert ([mismatch.actual for mismatch in result.mismatches], result.not_run) == (found, None)


def test_a_downgrade_says_nothing_where_the_request_with_a_challenge_fails_too() -> None:
    result = run_check(check("P2"), ScriptedProbe(token_endpoint=lambda *_: error("invalid_request")), settings())
    expected = "the same request with a code_challenge gives no access token: 400 invalid_request (see T1)"
    assert result.not_run == expected


def test_a_public_client_has_no_secret_to_check() -> None:
    metadata = ServerMetadata(revocation_endpoint="https://as.example.com/oauth/revoke")
    par_url = "https://as.example.com/oauth/par"
    public = Facts(redirect_uri=REDIRECT_URI, second_client=True, public=True, metadata=metadata, par_url=par_url)
    assert [found.id for found in CHECKS if "public" in (found.condition(public) or "")] == [
        *("T7", "T8", "T9", "T10", "T18", "T22", "R4", "V1", "U3")
    ]


def test_a_client_that_signs_assertions_has_no_secret_to_check() -> None:
    signing = Facts(redirect_uri=REDIRECT_URI, second_client=True, asserting=True)
    reason = "the client authenticates with signed assertions, and sends no secret"
    assert [found.id for found in CHECKS if found.condition(signing) == reason] == ["T7", "T8", "T10", "T18", "T22"]


def test_a_public_client_sends_its_id_and_no_credentials() -> None:
    client = OAuthClient(client_id="public-client")
    wire = build_token_request(replace(ENDPOINT, auth="none", client=client), None, TokenChange()).wire
    assert "Authorization" not in wire.headers
    assert b"client_id=public-client" in (wire.content or b"")
    assert b"secret" not in (wire.content or b"")


def test_a_client_that_is_not_known_says_nothing_of_revocation() -> None:
    metadata = ServerMetadata(revocation_endpoint="https://as.example.com/oauth/revoke")
    facts = Facts(redirect_uri=REDIRECT_URI, metadata=metadata)
    refusing = ScriptedProbe(facts=facts, service=lambda *_: error("invalid_client", 401))

    result = run_check(check("V3"), refusing, settings())

    assert result.not_run == "this client may not revoke tokens: 401 invalid_client"
    assert not result.mismatches

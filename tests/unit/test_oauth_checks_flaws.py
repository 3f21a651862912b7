"""A server that does everything right passes; one with a single flaw fails exactly the check for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from oauth_http_probe import HttpProbe, http_probe, settings_of

from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS
from pytest_endpoint_docs.oauth.checks.check import CheckResult
from pytest_endpoint_docs.oauth.checks.endpoint_checks import EndpointChecks
from pytest_endpoint_docs.sandbox.flaws.planting import FLAWS
from pytest_endpoint_docs.sandbox.running import Sandbox
from pytest_endpoint_docs.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.usefixtures("one_key")

EXPECTED = {
    "expires-in-text": {"T1"},
    "no-token-type": {"T1"},
    "no-no-store": {"T2"},
    "no-pragma": {"T2"},
    "code-reusable": {"T4"},
    "spent-code-forbidden": {"T4"},
    "token-survives-reuse": {"T4"},
    "redirect-uri-not-checked-at-exchange": {"T5"},
    "redirect-uri-optional-at-exchange": {"T6"},
    "secret-not-checked": {"T7", "T8", "R4", "N3", "V1", "U3"},
    "secret-compared-in-part": {"T7", "T8", "R4", "N3", "V1", "U3"},
    "basic-secret-not-checked": {"T7"},
    "no-www-authenticate": {"T7"},
    "body-secret-not-checked": {"T8", "R4", "N3", "V1", "U3"},
    "no-client-authentication": {"T9", "R4", "N3", "V1", "U3"},
    "two-authentication-methods": {"T10"},
    "client-credentials-allowed": {"T11"},
    "unknown-grant-accepted": {"T12"},
    "wrong-error-code": {"T12"},
    "missing-grant-type-500": {"T13"},
    "missing-code-500": {"T14"},
    "made-up-code-is-malformed": {"T14"},
    "code-never-expires": {"T15"},
    "duplicate-parameter": {"T16"},
    "get-token": {"T17"},
    "credentials-in-uri": {"T18"},
    "unknown-parameter-refused": {"T19"},
    "other-clients-code": {"T21"},
    "basic-not-supported": {"T22"},
    "pkce-ignored": {"P1"},
    "verifier-without-challenge": {"P2"},
    "downgrade-forbidden": {"P2"},
    "redirect-uri-prefix": {"A1"},
    "redirect-uri-query-ignored": {"A1"},
    "redirect-uri-host-ending": {"A1"},
    "redirect-uri-pattern": {"A1"},
    "redirect-uri-scheme-ignored": {"A1"},
    "open-redirect": {"A1"},
    "unknown-client-redirected": {"A1"},
    "response-type-ignored": {"A2"},
    "state-dropped": {"A4"},
    "state-mangled": {"A4"},
    "deny-as-success": {"A5"},
    "deny-drops-state": {"A5"},
    "iss-wrong": {"A6"},
    "iss-missing-in-errors": {"A6"},
    "no-frame-options": {"A7"},
    "login-307": {"A8"},
    "iss-unannounced": {"A9"},
    "iss-with-query": {"A6", "A9"},
    "plain-challenge": {"P3"},
    "refresh-gives-no-token": {"R1"},
    "refresh-token-reusable": {"R3"},
    "refresh-reuse-unnoticed": {"R3"},
    "refresh-unauthenticated": {"R4"},
    "other-clients-refresh-token": {"R5"},
    "id-token-missing": {"I1"},
    "id-token-unsigned": {"I1"},
    "id-token-other-key": {"I1"},
    "id-token-other-issuer": {"I2"},
    "id-token-other-audience": {"I2"},
    "id-token-expired": {"I2"},
    "nonce-dropped": {"I3"},
    "at-hash-wrong": {"I4"},
    "active-as-text": {"N1"},
    "unknown-token-active": {"N2"},
    "inactive-token-explained": {"N2"},
    "introspection-unauthenticated": {"N3"},
    "revocation-unauthenticated": {"V1"},
    "other-clients-token-revoked": {"V2"},
    "unknown-token-revocation-fails": {"V3"},
    "access-token-not-revoked": {"V4"},
    "refresh-token-not-revoked": {"V5"},
    "device-without-lifetime": {"D1"},
    "device-pending-refused": {"D2"},
    "unknown-device-pending": {"D3"},
    "device-denied-always": {"D4"},
    "device-allowed-always": {"D5"},
    "push-without-lifetime": {"U1"},
    "request-uri-reusable": {"U2"},
    "push-unauthenticated": {"U3"},
    "nested-request-uri": {"U4"},
    "other-clients-request-uri": {"U5"},
}
# Nothing is owed to clients that authenticate.
ONLY_PUBLIC = {"refresh-token-kept": {"R2"}, "refresh-token-reusable": {"R3"}, "refresh-reuse-unnoticed": {"R3"}}
# The sandbox documents JSON bodies; what a broken JSON parser does shows where a form is documented.
ONLY_WITH_FORMS = {"json-500"}
# Violations of these duties warn, and fail only in strict runs.
WARNINGS = {
    "no-pragma",
    "token-survives-reuse",
    "spent-code-forbidden",
    "wrong-error-code",
    "made-up-code-is-malformed",
    "downgrade-forbidden",
    "redirect-uri-optional-at-exchange",
    "two-authentication-methods",
    "duplicate-parameter",
    "unknown-parameter-refused",
    "verifier-without-challenge",
    "response-type-ignored",
    "no-frame-options",
    "plain-challenge",
    "request-uri-reusable",
    "refresh-token-reusable",
    "refresh-reuse-unnoticed",
    "inactive-token-explained",
    "access-token-not-revoked",
}


@contextmanager
def probe_of(*flaws: str, auth: str = "json") -> Iterator[HttpProbe]:
    passed = [0.0]

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=passed[0])

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    with Sandbox.start(SandboxSettings(clock=clock, flaws=frozenset(flaws))) as sandbox:
        probe = http_probe(sandbox, auth=auth, longest_wait_s=100.0)
        probe.let_pass = let_pass
        yield probe


def run_all(probe: HttpProbe) -> dict[str, CheckResult]:
    run = EndpointChecks(probe, settings_of(probe.sandbox))
    return {check.id: run.run(check) for check in CHECKS}


def violated(results: dict[str, CheckResult]) -> set[str]:
    return {name for name, result in results.items() if result.mismatches}


def test_the_table_names_every_flaw_of_the_sandbox() -> None:
    assert {*EXPECTED, *ONLY_WITH_FORMS, *ONLY_PUBLIC} == set(FLAWS)


def test_every_check_has_a_flaw_that_it_finds() -> None:
    assert set().union({"T20"}, *EXPECTED.values(), *ONLY_PUBLIC.values()) == {check.id for check in CHECKS}


def test_nothing_is_found_on_a_server_without_flaws() -> None:
    with probe_of() as probe:
        results = run_all(probe)
        assert violated(results) == set()
        assert {name: result.not_run for name, result in results.items() if result.not_run} == {
            "T20": "the doc sends its token requests as JSON",
            "R2": "the client authenticates when it refreshes, so its refresh tokens need not be replaced",
        }
        assert [note for result in results.values() for note in result.notes] == []
        # A code per check would be 46 with all their parts; T15, T22, the login that is looked at, and the tokens of
        # R1, R4, N1 and V5 cost one each.
        assert probe.grants <= 20


@pytest.mark.parametrize("auth", ["basic", "post"])
def test_nothing_but_the_json_body_is_found_where_forms_are_documented(auth: str) -> None:
    with probe_of(auth=auth) as probe:
        results = run_all(probe)
        assert violated(results) == {"T20"}
        (mismatch,) = results["T20"].mismatches
        assert (mismatch.severity, mismatch.actual) == ("warn", "200 with an access token")


@pytest.mark.parametrize("flaw", sorted(EXPECTED))
def test_exactly_the_check_for_a_flaw_finds_it(flaw: str) -> None:
    with probe_of(flaw) as probe:
        results = run_all(probe)
    assert violated(results) == EXPECTED[flaw]
    severities = {mismatch.severity for result in results.values() for mismatch in result.mismatches}
    assert severities == {"warn" if flaw in WARNINGS else "fail"}


def test_nothing_is_found_for_a_public_client() -> None:
    with probe_of(auth="none") as probe:
        results = run_all(probe)
        # A secret that nobody was given cannot be wrong, and without a code_challenge no code comes.
        assert violated(results) == {"T20"}
        assert {name for name, result in results.items() if result.not_run} == {
            *("T7", "T8", "T9", "T10", "T18", "T22", "R4", "N1", "N2", "V1", "U3")
        }


@pytest.mark.parametrize("flaw", sorted(ONLY_PUBLIC))
def test_what_is_owed_to_public_clients_alone_is_found_with_them(flaw: str) -> None:
    with probe_of(flaw, auth="none") as probe:
        results = run_all(probe)
    assert violated(results) == {"T20", *ONLY_PUBLIC[flaw]}
    (check,) = ONLY_PUBLIC[flaw]
    assert {mismatch.severity for mismatch in results[check].mismatches} == {"fail"}


def test_a_json_parser_that_breaks_is_found_where_forms_are_documented() -> None:
    with probe_of("json-500", auth="post") as probe:
        results = run_all(probe)
    assert violated(results) == {"T20"}
    (mismatch,) = results["T20"].mismatches
    assert (mismatch.expected, mismatch.actual) == ("4xx and no token", "500 without an error code")


def test_no_secret_is_in_any_message() -> None:
    flaws = ("secret-not-checked", "code-reusable", "pkce-ignored", "open-redirect", "credentials-in-uri", "get-token")
    with probe_of(*flaws) as probe:
        sent: list[str] = []
        for check, result in run_all(probe).items():
            assert all(mismatch.check == check for mismatch in result.mismatches)
            sent += [mismatch.message for mismatch in result.mismatches]
        text = "\n".join(sent)
        values = [probe.endpoint.client.client_secret.reveal(), probe.sandbox.settings.users[0].password]
        app = probe.sandbox._server.app.extensions["sandbox"]  # type: ignore[attr-defined]
        values += [*app.grants.codes, *app.grants.tokens, *app.grants.refresh_tokens]
        assert len(values) > 15
        assert [value for value in values if value in text] == []
        assert "$OAUTH_CODE" in text

"""Checks of OAuth endpoints as items: what keeps one from being run is no failure of the server."""

from __future__ import annotations

import pytest
from checked_answers import AT, answered

from pytest_endpoint_docs.errors import CaseSkipped, MethodNotAllowed
from pytest_endpoint_docs.model.case import RUN, CaseResult, ContractCase
from pytest_endpoint_docs.model.doc import CaseOutline
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, NoCode
from pytest_endpoint_docs.plugin.oauth_items import ChecksOfRun, OAuthChecks


@pytest.mark.parametrize(
    ("raised", "reason", "cause"),
    [
        (MethodNotAllowed("POST is not allowed"), "POST is not allowed", "environment"),
        (CaseSkipped("needs variables: scope", cause="variables"), "needs variables: scope", "variables"),
        (NoCode("no code, see T1"), "not run: no code, see T1", "blocked"),
        (ClosedByPerson("the window was closed"), "blocked: the window was closed", "blocked"),
    ],
)
def test_what_keeps_a_check_from_being_run_skips_it(raised: Exception, reason: str, cause: str) -> None:
    result = run_without_consents(raised)
    assert (result.outcome, result.reason, result.cause, result.error) == ("skipped", reason, cause, None)


def run_without_consents(raised: Exception) -> CaseResult:
    """The result of a check where what the checks share cannot be had."""

    def shared() -> ChecksOfRun:
        raise raised

    outline = CaseOutline(name="T1", location=AT, check="T1")
    return OAuthChecks(shared).run(ContractCase(doc=answered({}).doc, outline=outline, disposition=RUN))

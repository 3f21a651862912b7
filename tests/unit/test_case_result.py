"""The response of a case that ran, and why there is none."""

from __future__ import annotations

from typing import Any

import pytest
from checked_answers import AT, answered

from pytest_endpoint_docs.errors import NoResponse
from pytest_endpoint_docs.model.case import CaseResult, ContractCase, Disposition
from pytest_endpoint_docs.model.doc import CaseOutline
from pytest_endpoint_docs.model.exchange import SentRequest

GIVEN = answered({"id": 1})
CASE = ContractCase(
    doc=GIVEN.doc, outline=CaseOutline(name="GET /things", location=AT), disposition=Disposition(action="run")
)
UNANSWERED = SentRequest(
    step=GIVEN.step, phase="main", request=GIVEN.exchange.request, response=None, error="connection refused"
)


def result(**given: Any) -> CaseResult:
    return CaseResult(case=CASE, outcome="passed", **given)


def test_the_last_exchange_of_the_case_itself_is_the_one_it_is_about() -> None:
    cleanup = SentRequest(step=GIVEN.step, phase="cleanup", request=GIVEN.exchange.request, response=None)
    ran = result(exchanges=(UNANSWERED, GIVEN.exchange, cleanup))
    assert ran.exchange is GIVEN.exchange
    assert ran.response.json() == {"id": 1}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "no request was sent"),
        ({"by_hand": True}, "a person ran it by hand"),
        ({"exchanges": (GIVEN.exchange, UNANSWERED)}, "connection refused"),
    ],
)
def test_a_response_that_is_not_there_says_why(given: dict[str, Any], why: str) -> None:
    with pytest.raises(NoResponse) as raised:
        result(**given).response.json()
    assert str(raised.value) == f"doc.md::GET /things: there is no response: {why}"

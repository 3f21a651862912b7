"""The exact texts of failures: ``tests/golden/failure-*/expected.txt``, written by ENDPOINT_DOCS_WRITE_GOLDEN=1."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from refusing_port import refusing_port
from running_docs import case_of, environment, run_case, run_context, write_doc
from scripted_server import Asked, Reply, scripted_server

from pytest_endpoint_docs.errors import ContractFailure
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.case import CaseResult
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.failure import Failure, render_failure

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
NOT_FOUND = Reply(status=404, body={"error": "no such client"}, headers={"X-Request-Id": "req-1"})
BOOKINGS = {
    "data": {
        "total": "2",
        "access_token": "tok-9876543210",
        "bookings": [
            {"uid": "b1", "room": 4, "price": {"amount": 60, "currency": "EUR"}},
            {"uid": 2, "room": "old", "price": {"amount": "60.00", "currency": "eur"}},
            {"room": None},
        ],
    }
}
APPS = {"data": {"apps": [], "more": [f"line {number}" for number in range(40)]}}

REPLIES: dict[str, dict[str, Any]] = {
    "failure-undefined-variable": {},
    "failure-undefined-variables": {},
    "failure-wrong-status": {"GET /clients/cli_1": NOT_FOUND},
    "failure-other-outcome": {"DELETE /clients/cli_1": Reply(status=204)},
    "failure-wrong-type": {
        "POST /clients/cli_1/bookings": Reply(status=201, body=BOOKINGS, headers={"Cache-Control": "private"})
    },
    "failure-prerequisite": {
        "POST /clients/cli_1/notes": Reply(status=400, body={"errors": [{"field": "text", "code": "too_short"}]})
    },
    "failure-selected-nothing": {"GET /clients": Reply(body={"data": {"clients": []}})},
    "failure-connection-refused": {},
    "failure-timeout": {},
    "failure-broken-doc": {},
    "failure-unknown-status": {},
    "failure-cleanup-too": {
        "POST /clients": Reply(status=201, body={"data": {"uid": "c1", "name": "Eva"}}),
        "DELETE /clients/c1": Reply(status=409, body={"error": "has bookings"}),
    },
    "failure-resolution": {"GET /apps": Reply(body=APPS)},
}


@pytest.mark.parametrize("name", REPLIES)
def test_the_text_of_a_failure(name: str) -> None:
    expected = GOLDEN / name / "expected.txt"
    text = failure_of(name).text + "\n"
    if os.environ.get("ENDPOINT_DOCS_WRITE_GOLDEN"):
        expected.write_text(text, encoding="utf-8")
        pytest.fail(f"{expected} is written anew: read it")
    assert text == expected.read_text(encoding="utf-8")


def test_the_verdict_is_the_first_line_and_names_the_docs_line() -> None:
    failure = failure_of("failure-wrong-status")
    assert failure.verdict == "doc.md:16: expected status 200 or 304, got 404 Not Found"
    assert (failure.path, failure.line) == ("doc.md", 16)
    assert failure.text.startswith(failure.verdict + "\n")


def test_the_lines_that_are_told_apart_have_a_kind() -> None:
    failure = failure_of("failure-wrong-status")
    told = zip(failure.text.split("\n"), failure.kinds, strict=True)
    assert [(line, kind) for line, kind in told if kind] == [
        ("> 16 |       status: [200, 304]", "marked"),
        ("  expected: 200 or 304", "expected"),
        ("  actual:   404 Not Found", "actual"),
    ]


def test_a_secret_of_several_lines_stays_one_and_takes_the_kinds_along(tmp_path: Path) -> None:
    key = "-----BEGIN KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END KEY-----"
    failure = failure_by(tmp_path, Mismatch(check="body", message=f"is {key}", expected="no key"), Secret("KEY", key))
    assert "is $KEY [body]\n  expected: no key" in failure.text
    assert failure.kinds == ()


@pytest.mark.parametrize("source", ["RFC 6749 section 5.1", "OpenID Connect Core 1.0 section 3.1.3.3"])
def test_what_a_standard_asks_for_has_no_place_in_the_content(source: str, tmp_path: Path) -> None:
    owed = Mismatch(check="I1", message="I1: no id_token", kind="rule", pointer="/id_token", source=source)
    assert f"\n\nI1: no id_token [I1]\n  source:   {source}" in failure_by(tmp_path, owed).text


def failure_by(folder: Path, mismatch: Mismatch, *secrets: Secret) -> Failure:
    """The failure of a case by this mismatch alone."""
    case = case_of(write_doc(folder, (GOLDEN / "failure-wrong-status/doc.md").read_text(encoding="utf-8")))
    error = ContractFailure("wrong", location=case.location, mismatches=(mismatch,))
    result = CaseResult(case=case, outcome="failed", error=error, mismatches=(mismatch,))
    return render_failure(result, Redactor(secrets))


def failure_of(name: str) -> Failure:
    """Run a golden case's doc; addresses and the client's timeout become names, as they differ from run to run."""
    doc = load_doc(GOLDEN / name / "doc.md", display_path="doc.md")
    assert doc is not None
    never = threading.Event()

    def wait(_: Asked) -> Reply:
        never.wait(5)
        return Reply()

    replies = REPLIES[name] | ({"GET /reports/7": wait} if name == "failure-timeout" else {})
    with scripted_server(replies) as server, refusing_port() as port:
        refused = f"http://127.0.0.1:{port}"
        where = environment(
            refused if name == "failure-connection-refused" else server.url,
            timeout_s=0.2 if name == "failure-timeout" else 10.0,
            params={
                "client_id": "cli_1",
                "business": "biz_1",
                "booking_password": "pass-word-1",
                "report_token": "rep-12345678",
            },
        )
        context = run_context(where, [doc])
        result = run_case(case_of(doc), context)
        never.set()
        assert result.outcome == "failed"
        failure = render_failure(result, context.redactor)
    url = "http://127.0.0.1:8000"
    shown = failure.text.replace(server.url, url).replace(refused, url)
    return replace(failure, text=shown)

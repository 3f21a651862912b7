"""The exact texts of failures: ``tests/golden/failure-*/expected.txt``, written by ENDPOINT_DOCS_WRITE_GOLDEN=1."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from refusing_port import refusing_port
from running_docs import case_of, environment, run_case, run_context
from scripted_server import Asked, Reply, scripted_server

from pytest_endpoint_docs.loading.head import load_doc
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
        failure = render_failure(result, context.redactor, width=100)
    url = "http://127.0.0.1:8000"
    shown = failure.text.replace(server.url, url).replace(refused, url)
    return Failure(path=failure.path, line=failure.line, verdict=failure.verdict, text=shown)

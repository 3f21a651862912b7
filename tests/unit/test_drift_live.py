"""Doc, description, server: which of the three stands alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_records import made_item, made_run
from openapi_library import described, doc, library

from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.drift.live import with_live
from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.model.record import ExchangeRecord, MismatchRecord, RunRecord
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.model.source import MismatchKind
from pytest_endpoint_docs.redaction.redactor import Redactor

ADD = "  - id: add\n    method: POST\n    path: /books\n    body:\n      title: T\n"


def run_of(status: int, *mismatches: MismatchRecord, outcome: Any = "passed", **more: Any) -> RunRecord:
    exchange = ExchangeRecord(
        phase="main", step="add", method="POST", url="http://127.0.0.1/api/books", status_code=status
    )
    item = made_item(
        "doc.md",
        endpoint="POST /books",
        outcome=outcome,
        operation="POST /api/books",
        statuses=(status,),
        mismatches=mismatches,
        exchanges=(exchange,),
        **more,
    )
    return made_run(item, now="2026-02-03T00:00:00Z")


def live(tmp_path: Path, request: str, run: RunRecord) -> tuple[DriftFinding, ...]:
    return with_live(find_drift([doc(tmp_path, "POST /books", request)], described(tmp_path)), run)


@pytest.mark.parametrize(
    ("extra", "status", "alone"),
    [
        # A lenient server takes no notice of what it does not know.
        ("      kind: poem\n", 201, "unclear"),
        ("      kind: poem\n", 422, "doc"),
        ("      kind: poem\n", 409, "unclear"),
        ("      kind: poem\n", 500, "unclear"),
        ("      colour: red\n", 201, "unclear"),
        ("      pages: many\n", 400, "doc"),
    ],
)
def test_the_server_decides_about_a_request(tmp_path: Path, extra: str, status: int, alone: str) -> None:
    found = live(tmp_path, ADD + extra, run_of(status, outcome="passed" if status < 300 else "failed"))

    assert [(finding.alone, str(status) in finding.reason) for finding in found] == [(alone, True)]


def test_what_a_server_takes_over_it_knows(tmp_path: Path) -> None:
    run = run_of(201)
    sent = replace(
        run.items[0].exchanges[0],
        request_body=Redactor().content('{"title": "T", "kind": "poem", "colour": "red"}'),
        response_body=Redactor().content('{"book": {"kind": "poem", "colour": "blue"}}'),
    )
    run = replace(run, items=(replace(run.items[0], exchanges=(sent,)),))
    found = live(tmp_path, ADD + "      kind: poem\n      colour: red\n", run)

    assert [(finding.pointer, finding.alone) for finding in found] == [
        ("/body/kind", "description"),
        ("/body/colour", "unclear"),
    ]


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ('{"title": "T", "kind": "***"}', '{"kind": "***"}'),
        ('{"title": "T", "kind": true}', '{"kind": 1}'),
        ('{"title": "T"}', '{"kind": "poem"}'),
    ],
    ids=["masked", "another type", "not sent"],
)
def test_what_only_looks_alike_is_not_taken_over(tmp_path: Path, sent: str, came: str) -> None:
    run = run_of(201)
    exchange = replace(run.items[0].exchanges[0], request_body=SafeText(sent), response_body=SafeText(came))
    run = replace(run, items=(replace(run.items[0], exchanges=(exchange,)),))

    assert [finding.alone for finding in live(tmp_path, ADD + "      kind: poem\n", run)] == ["unclear"]


def test_what_is_missing_and_not_missed_is_not_required(tmp_path: Path) -> None:
    found = live(tmp_path, ADD.replace("title: T", "kind: novel"), run_of(201))

    assert [(finding.pointer, finding.alone) for finding in found] == [("/body/title", "description")]


def test_a_refusal_that_the_doc_expects_proves_nothing(tmp_path: Path) -> None:
    found = live(tmp_path, ADD + "      colour: red\n    expect: {status: 409}\n", run_of(409))

    assert [finding.alone for finding in found if finding.pointer == "/body/colour"] == ["unclear"]


def test_a_member_of_a_list_is_taken_over_with_the_list(tmp_path: Path) -> None:
    run = run_of(201)
    sent = replace(
        run.items[0].exchanges[0],
        request_body=Redactor().content('{"title": "T", "tags": [1]}'),
        response_body=Redactor().content('{"tags": [1]}'),
    )
    run = replace(run, items=(replace(run.items[0], exchanges=(sent,)),))

    assert [finding.alone for finding in live(tmp_path, ADD + "      tags: [1]\n", run)] == ["description"]


@pytest.mark.parametrize(
    ("kind", "pointer", "expected", "alone"),
    [
        ("type", "/pages", "string", "doc"),
        ("value", "/pages", "4", "unclear"),
        ("missing", "/pages", "4", "unclear"),
        ("type", "/nowhere", "string", "unclear"),
        ("status", "", "202", "doc"),
        ("status", "", "422", "unclear"),
    ],
)
def test_a_description_that_says_nothing_of_a_place_sides_with_nobody(
    tmp_path: Path, kind: MismatchKind, pointer: str, expected: str, alone: str
) -> None:
    check = "status" if kind == "status" else "schema"
    wrong = MismatchRecord(
        check=check, message="is wrong", kind=kind, pointer=pointer, expected=expected, actual="3", location="doc.md:9"
    )
    expect = f"    expect: {{status: {expected}}}\n" if kind == "status" else ""
    written, descriptions = doc(tmp_path, "POST /books", ADD + expect), described(tmp_path)
    found = with_live(
        (),
        run_of(201, wrong, outcome="failed"),
        docs=[written],
        descriptions=descriptions,
    )

    assert [(one.alone, one.expected_by, one.actual_by) for one in found] == [(alone, "doc", "server")]


def test_items_that_are_answered_in_the_same_way_are_told_once(tmp_path: Path) -> None:
    wrong = MismatchRecord(check="openapi", message="is new", kind="type", pointer="/isbn", source="library.json#/x")
    run = run_of(201, wrong, outcome="failed")
    run = replace(run, items=(run.items[0], replace(run.items[0], nodeid="doc.md::POST /books[staff]")))

    assert len(live(tmp_path, ADD, run)) == 1


def test_the_server_decides_about_a_status(tmp_path: Path) -> None:
    request = ADD + "    expect: {status: 202}\n"
    not_described = MismatchRecord(
        check="openapi",
        message="status 202 is not described",
        kind="status",
        actual="202",
        source="library.json#/paths/~1books/post/responses",
    )
    not_documented = MismatchRecord(
        check="status", message="expected status 202, got 201", kind="status", actual="201 Created"
    )

    assert [found.alone for found in live(tmp_path, request, run_of(202, not_described))] == ["description"]
    assert [found.alone for found in live(tmp_path, request, run_of(201, not_documented, outcome="failed"))] == ["doc"]


def test_where_doc_and_description_agree_the_server_stands_alone(tmp_path: Path) -> None:
    wrong = MismatchRecord(
        check="openapi",
        message="is not text",
        kind="type",
        pointer="/title",
        source="library.json#/x",
    )
    also = MismatchRecord(
        check="schema", message="has another type", kind="type", pointer="/title", location="doc.md:30"
    )

    found = live(tmp_path, ADD, run_of(201, also, wrong, outcome="failed"))
    assert [(finding.alone, finding.pointer, finding.kind) for finding in found] == [
        ("server", "/response/title", "wrong-type")
    ]


def test_where_the_server_answers_as_described_the_doc_stands_alone(tmp_path: Path) -> None:
    wrong = MismatchRecord(check="schema", message="is missing", pointer="/isbn", location="doc.md:30")

    found = live(tmp_path, ADD, run_of(201, wrong, outcome="failed"))
    assert [(finding.alone, finding.location.line) for finding in found] == [("doc", 30)]


def test_where_the_server_answers_as_documented_the_description_stands_alone(tmp_path: Path) -> None:
    wrong = MismatchRecord(
        check="openapi",
        message="is new",
        kind="undescribed",
        pointer="/isbn",
        severity="warn",
        source="library.json#/x",
    )

    found = live(tmp_path, ADD, run_of(201, wrong))
    assert [(finding.alone, finding.kind) for finding in found] == [("description", "response-property-unknown")]


def test_a_doc_that_contradicts_itself_stands_alone_though_nothing_of_it_is_sent(tmp_path: Path) -> None:
    found = live(tmp_path, ADD.replace("path: /books", "path: /bookz"), run_of(201, outcome="skipped"))

    assert [(finding.kind, finding.alone) for finding in found] == [
        ("request-not-the-endpoint", "doc"),
        ("operation-not-described", ""),
    ]


def test_what_did_not_run_is_not_decided(tmp_path: Path) -> None:
    skipped = run_of(201, outcome="skipped")

    assert [finding.alone for finding in live(tmp_path, ADD + "      kind: poem\n", skipped)] == [""]


def test_a_fault_of_the_description_is_not_one_of_the_answer(tmp_path: Path) -> None:
    fault = MismatchRecord(
        check="openapi", message="the description is at fault: x", kind="fault", source="library.json#/x"
    )

    assert live(tmp_path, ADD, run_of(201, fault)) == ()


def test_known_mismatches_are_not_told_again(tmp_path: Path) -> None:
    known = MismatchRecord(check="openapi", message="is not described", pointer="/isbn", severity="known", known="T-1")

    assert live(tmp_path, ADD, run_of(201, known)) == ()


EXAMPLE = '\n## Expected Response (201)\n\n```json\n{"uid": "1", "title": "T", "tags": ["a"]}\n```\n'


@pytest.mark.parametrize(
    ("pointer", "kind", "alone"),
    [
        ("/title", "type", "description"),
        ("/tags/4", "type", "description"),
        # The doc shows one value that is as described, and not that any other may come.
        ("/title", "format", "unclear"),
        ("/title", "enum", "unclear"),
        ("/title", "constraint", "unclear"),
        ("/isbn", "missing", "unclear"),
        ("/pages", "type", "unclear"),
        ("/author/name", "missing", "unclear"),
    ],
)
def test_a_doc_that_shows_nothing_of_a_place_sides_with_nobody(
    tmp_path: Path, pointer: str, kind: MismatchKind, alone: str
) -> None:
    written = doc(tmp_path, "POST /books", ADD, after=EXAMPLE)
    wrong = MismatchRecord(check="openapi", message="is wrong", kind=kind, pointer=pointer, source="library.json#/x")
    run = run_of(201, wrong, outcome="failed")
    found = with_live(find_drift([written], described(tmp_path)), run, docs=[written])
    assert [finding.alone for finding in found if finding.pointer == f"/response{pointer}"] == [alone]


def test_an_answer_to_a_request_that_no_description_has_is_nobodys_fault(tmp_path: Path) -> None:
    unknown = MismatchRecord(check="openapi", message="no API description has POST /books", severity="warn")

    assert live(tmp_path, ADD, run_of(201, unknown)) == ()


def test_a_header_field_has_a_place_of_its_own(tmp_path: Path) -> None:
    absent = MismatchRecord(
        check="openapi", message="the header field is missing", pointer="Location", source="library.json#/x"
    )
    (found,) = live(tmp_path, ADD, run_of(201, absent))
    assert found.pointer == "/response/headers/Location"
    assert found.message == "POST /api/books: answer: Location: the header field is missing"


def test_what_the_server_alone_shows_is_told_with_its_place(tmp_path: Path) -> None:
    wrong = MismatchRecord(
        check="openapi", message="is missing", kind="missing", pointer="/title", source="library.json#/x"
    )
    (found,) = live(tmp_path, ADD, run_of(201, wrong))
    assert found.message == "POST /api/books: answer: /title is missing"


@pytest.mark.parametrize(
    ("token", "security", "alone"),
    [
        ("none", [{"bearer": []}], "doc"),
        ("none", [], "server"),
        ("none", None, "unclear"),
        ("staff", [{"bearer": []}], "unclear"),
    ],
)
def test_credentials_that_are_refused_may_be_wrong_themselves(
    tmp_path: Path, token: str, security: Any, alone: str
) -> None:
    whole = library()
    whole["security"] = security
    if security is None:
        del whole["security"]
    written, descriptions = doc(tmp_path, "POST /books", f"{ADD}    token: {token}\n"), described(tmp_path, whole)
    mismatches = [
        MismatchRecord(check=check, message="is wrong", kind="status", actual="403 Forbidden", source="library.json#/x")
        for check in ("status", "openapi")
    ]
    run = run_of(403, *mismatches, outcome="failed")

    found = with_live((), run, docs=[written], descriptions=descriptions)
    assert [(one.alone, one.pointer) for one in found] == [(alone, "/status/4XX")]


@pytest.mark.parametrize("status", [500, 404])
def test_another_status_than_both_have_is_the_servers(tmp_path: Path, status: int) -> None:
    mismatches = [
        MismatchRecord(check=check, message="is wrong", kind="status", source="library.json#/x")
        for check in ("status", "openapi")
    ]
    run = run_of(status, *mismatches, outcome="failed")

    assert [one.alone for one in live(tmp_path, ADD, run)] == ["server"]


def test_the_whole_answer_is_a_place_too(tmp_path: Path) -> None:
    written = doc(tmp_path, "POST /books", ADD, after=EXAMPLE)
    descriptions = described(tmp_path)
    by_description = MismatchRecord(check="openapi", message="is wrong", kind="type", source="library.json#/x")
    by_doc = MismatchRecord(check="shape", message="is wrong", kind="type")

    def alone(*wrong: MismatchRecord) -> list[tuple[str, str]]:
        run = run_of(201, *wrong, outcome="failed")
        found = with_live((), run, docs=[written], descriptions=descriptions)
        return [(one.alone, one.pointer) for one in found]

    assert alone(by_description) == [("description", "/response")]
    assert alone(by_description, by_doc) == [("server", "/response")]
    assert alone(by_doc) == [("doc", "/response")]

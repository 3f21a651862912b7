"""What a doc means is derived once: what drift sees is what a run sends, and every part has its line."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest
from openapi_library import described, doc
from seen_requests import seen_by_drift, sent_by_run

from pytest_endpoint_docs.cli.main import main
from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.errors import DocError
from pytest_endpoint_docs.loading.documented import documented_requests, plan_of, refuse_findings
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.body import RequestTemplate
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.openapi.descriptions import Descriptions

ROOT = Path(__file__).parents[2]
ENDPOINTS = sorted((ROOT / "endpoints").rglob("*.md"))
ADD = "  - id: add\n    method: POST\n    path: /books\n    body:\n      title: T\n      tags: [a]\n"
FIRST_LINE_OF_CASE = 25


def with_case(folder: Path, case: str, *, request: str = ADD) -> EndpointDoc:
    """A doc with one entry of ``Cases``; ``case`` is the YAML of its keys beside the id."""
    entry = indent(case.strip("\n"), "    ")
    return doc(folder, "POST /books", request, after=f"\n## Cases\n\n```yaml\ncases:\n  - id: other\n{entry}\n```\n")


def subject(about: EndpointDoc) -> RequestTemplate:
    """The request that the doc's case sends."""
    case = cases_of(about)[-1]
    return plan_of(case, about.body).subject.step.request


def drift_of(folder: Path, about: EndpointDoc) -> list[tuple[str, str, str, int]]:
    found = find_drift([about], described(folder))
    return [(one.kind, one.step, one.pointer, one.location.line) for one in found]


@pytest.fixture(scope="module")
def descriptions() -> Descriptions:
    return Descriptions([ROOT / "fixtures" / "openapi" / "*.yaml"], root=ROOT)


@pytest.mark.parametrize("file", ENDPOINTS, ids=lambda file: file.stem)
def test_drift_sees_what_the_run_sends(file: Path, descriptions: Descriptions, monkeypatch: pytest.MonkeyPatch) -> None:
    about = load_doc(file, display_path=file.name)
    assert about is not None

    sent = sent_by_run(about)
    assert seen_by_drift(about, descriptions, monkeypatch) == sent
    assert len(sent) == sum(bool(about.body.requests[each.request_index].steps) for each in about.outlines)


def test_an_element_that_is_appended_is_compared(tmp_path: Path) -> None:
    about = with_case(tmp_path, "request: {/body/tags/-: b}\nexpect: {status: 201}")

    assert subject(about).body == {"title": "T", "tags": ["a", "b"]}
    assert drift_of(tmp_path, about) == []


def test_an_appended_element_that_is_wrong_is_told_at_its_line(tmp_path: Path) -> None:
    about = with_case(tmp_path, "expect: {status: 201}\nrequest:\n  /body/pages: 1\n  /body/tags/-: 5")

    assert drift_of(tmp_path, about) == [("wrong-type", "other", "/body/tags/1", FIRST_LINE_OF_CASE + 4)]


def test_another_content_type_is_compared(tmp_path: Path) -> None:
    about = with_case(tmp_path, "request:\n  /content_type: form\nexpect: {status: 201}")

    assert subject(about).content_type == "form"
    assert [(kind, step) for kind, step, *_ in drift_of(tmp_path, about)] == [("content-type", "other")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("/method: null", "every request has a method"),
        ("/path: null", "every request has a path"),
        ("/path: 5", "'/path' must be a text"),
        ("/token: [a]", "'/token' must be a text"),
        ("/content_type: xml", "json, form, multipart or text"),
        ("/headers: text", "'/headers' must be a mapping"),
        ("/headers/X-A: [a]", "a header field must be a text"),
        ("/body/title/x: 1", "neither an object nor a list with that index"),
        ("/body/tags/7: b", "neither an object nor a list with that index"),
    ],
)
def test_a_change_that_cannot_be_made_is_found_when_the_doc_is_read(
    tmp_path: Path, change: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    about = with_case(tmp_path, f"expect: {{status: 201}}\nrequest:\n  /body/pages: 2\n  {change}")

    (finding,) = about.body.findings
    assert (finding.code, finding.case_id, finding.location.line) == ("bad-change", "other", FIRST_LINE_OF_CASE + 4)
    assert words in finding.message
    assert drift_of(tmp_path, about) == []
    with pytest.raises(DocError, match=words.replace("'", ".")):
        refuse_findings(cases_of(about)[-1], about.body)
    monkeypatch.chdir(tmp_path)
    assert main(["lint", "doc.md"]) == 1
    assert f"doc.md:{FIRST_LINE_OF_CASE + 4}: error: {finding.message} [bad-change]" in capsys.readouterr().out


def test_every_change_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    about = with_case(tmp_path, "expect: {status: 201}\nrequest:\n  /method: null\n  /path: null")

    assert [finding.location.line for finding in about.body.findings] == [
        FIRST_LINE_OF_CASE + 3,
        FIRST_LINE_OF_CASE + 4,
    ]


def test_the_requests_of_a_doc_have_their_roles(tmp_path: Path) -> None:
    two = ADD.replace("id: add", "id: before") + ADD
    about = with_case(
        tmp_path, "expect: {status: 400}\nsteps:\n  - {id: own, method: GET, path: /books/latest}", request=two
    )

    assert [
        (one.step.id, one.role, one.is_main, one.is_deliberately_wrong) for one in documented_requests(about.body)
    ] == [
        ("before", "earlier", False, False),
        ("add", "subject", True, False),
        ("own", "prerequisite", False, False),
        ("other", "subject", False, True),
    ]


def test_expected_outcome_is_what_is_documented_of_the_main_request(tmp_path: Path) -> None:
    about = doc(tmp_path, "POST /books", ADD.replace("id: add", "id: before") + ADD, head="expectedOutcome: 422\n")

    before, main_request = documented_requests(about.body)
    assert Response(status_code=200).is_expected(before.step.expect)
    assert Response(status_code=422).is_expected(main_request.step.expect)
    assert not Response(status_code=200).is_expected(main_request.step.expect)
    assert main_request.is_deliberately_wrong


def test_every_part_of_a_case_has_its_line(tmp_path: Path) -> None:
    about = with_case(
        tmp_path,
        "request:\n  /body/meta: {a: 1}\n  /body/meta/b: 2\n  /params/shelf: 3\ntoken: staff\n"
        "expect:\n  status: 201\n  body:\n    title: T",
    )
    *_, case = documented_requests(about.body)
    lines = {
        part: case.line_of(part).line - FIRST_LINE_OF_CASE
        for part in (
            "/body/meta/a",
            "/body/meta/b",
            "/query/shelf",
            "/token",
            "/expect/status",
            "/expect/body/title",
            "/body/title",
        )
    }

    assert lines == {
        "/body/meta/a": 2,
        "/body/meta/b": 3,
        "/query/shelf": 4,
        "/token": 5,
        "/expect/status": 7,
        "/expect/body/title": 9,
        # Of the main request, taken over as it is.
        "/body/title": 0,
    }

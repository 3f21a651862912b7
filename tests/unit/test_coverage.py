"""Which operations have a doc, and how far it can be trusted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from made_records import made_item, made_run
from openapi_library import described, doc, library

from pytest_endpoint_docs.coverage.coverage_page import render_coverage_html
from pytest_endpoint_docs.coverage.coverage_text import render_coverage_json, render_coverage_text
from pytest_endpoint_docs.coverage.operation_coverage import Coverage, find_coverage
from pytest_endpoint_docs.model.doc import DocStatus, EndpointDoc
from pytest_endpoint_docs.model.record import RunRecord

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CASES: tuple[tuple[Any, Any], ...] = (("second-page", "passed"), ("no-token", "failed"), ("later", "skipped"))


def about(tmp_path: Path, endpoint: str, **more: Any) -> EndpointDoc:
    method, path = endpoint.split()
    found = doc(tmp_path, endpoint, f'  - id: a\n    method: {method}\n    path: "{path}"\n')
    return replace(found, path=f"{method}{path}.md".replace("/", "_"), **more)


def covered(tmp_path: Path, *docs: EndpointDoc, **more: Any) -> Coverage:
    return find_coverage(docs, described(tmp_path), now=NOW, **more)


def state(coverage: Coverage, operation: str) -> tuple[str, str]:
    return next((found.state, found.reason) for found in coverage.operations if str(found.operation) == operation)


def run_with(about_doc: EndpointDoc, outcome: Any) -> RunRecord:
    item = made_item(about_doc.path, endpoint="", outcome=outcome, reason="no server")
    return made_run(item, now="2026-03-01T00:00:00Z")


def test_error_responses_are_seen_where_an_item_of_their_doc_got_them(tmp_path: Path) -> None:
    request = "  - id: a\n    method: GET\n    path: /books\n"
    errors = "".join(f"### {status} Error\n\n```json\n{{}}\n```\n\n" for status in (401, 404))
    about_books = doc(tmp_path, "GET /books", request, after=f"\n## Error Responses\n\n{errors}")
    run = run_with(about_books, "passed")
    run = replace(run, items=(replace(run.items[0], statuses=(404,)), replace(run.items[0], nodeid="m")))
    found = covered(tmp_path, about_books, run=run).error_examples
    assert {example.status: example.seen for example in found} == {401: False, 404: True}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({"verified_at": "2026-02-20T00:00:00Z"}, "verified"),
        ({"verified_at": "2025-02-20T00:00:00Z"}, "stale"),
        ({"verified_at": None}, "unverified"),
        ({"status": DocStatus.PENDING, "verified_at": "2026-02-20"}, "unverified"),
        ({"status": DocStatus.SKIP, "skip_reason": "needs a phone"}, "skipped"),
        ({"status": DocStatus.DEPRECATED}, "skipped"),
    ],
)
def test_the_frontmatter_says_how_far_a_doc_can_be_trusted(tmp_path: Path, head: dict[str, Any], expected: str) -> None:
    coverage = covered(tmp_path, about(tmp_path, "GET /books", **head), max_age_days=90)

    assert state(coverage, "GET /api/books")[0] == expected
    assert state(coverage, "POST /api/books")[0] == "undocumented"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("passed", "verified"), ("failed", "failing"), ("error", "failing"), ("skipped", "skipped")],
)
def test_a_run_says_more_than_the_frontmatter(tmp_path: Path, outcome: str, expected: str) -> None:
    documented = about(tmp_path, "GET /books")
    coverage = covered(tmp_path, documented, run=run_with(documented, outcome))

    assert state(coverage, "GET /api/books")[0] == expected


def test_of_several_docs_a_failing_one_counts(tmp_path: Path) -> None:
    good = about(tmp_path, "GET /books", verified_at="2026-02-20")
    bad = replace(good, path="other.md")
    coverage = covered(tmp_path, good, bad, run=run_with(bad, "failed"))

    assert state(coverage, "GET /api/books")[0] == "failing"


def test_a_doc_fails_with_one_of_its_cases(tmp_path: Path) -> None:
    documented = about(tmp_path, "GET /books")
    main = made_item(documented.path, endpoint="", outcome="passed")
    cases = [replace(main, nodeid=name, kind="case", case_id=name, outcome=outcome) for name, outcome in CASES]
    coverage = covered(tmp_path, documented, run=made_run(main, *cases))

    assert state(coverage, "GET /api/books") == ("failing", "case no-token failed in the run")


def test_docs_without_an_operation_and_the_numbers(tmp_path: Path) -> None:
    coverage = covered(tmp_path, about(tmp_path, "GET /books/{uid}"), about(tmp_path, "GET /films"))

    assert [str(found.endpoint) for found in coverage.docs_without_operation] == ["GET /films"]
    assert (coverage.documented(), coverage.total(), coverage.domains) == (1, 5, ("library",))
    assert coverage.fails_under(20) is None
    assert (
        coverage.fails_under(21) == "endpoint docs cover 20.0 % of the operations (1 of 5), less than the required 21 %"
    )


def test_text(tmp_path: Path) -> None:
    text = render_coverage_text(covered(tmp_path, about(tmp_path, "GET /books"), about(tmp_path, "GET /films")))
    rows = [re.split(r"\s{2,}", line) for line in text.splitlines()]

    assert rows[0][:3] == ["domain", "operations", "documented"]
    assert ["library", "5", "1", "0", "0", "0", "1", "0", "4", "20"] in rows
    assert "undocumented (4):" in text
    assert "docs without a described operation (1):\n  doc.md:2  GET /films\n" in text


def test_json(tmp_path: Path) -> None:
    whole = json.loads(render_coverage_json(covered(tmp_path, about(tmp_path, "GET /books", verified_at="2026-02-27"))))

    assert whole["totals"]["operations"] == 5
    assert whole["domains"]["library"]["verified"] == 1
    first = whole["operations"][0]
    assert (first["operation"], first["state"], first["age_days"]) == ("GET /api/books", "verified", 2.0)


class Page(HTMLParser):
    """What a page holds: targets, links, and whether anything is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if tag == "a":
            self.links.append(given.get("href") or "")
        if given.get("src") or tag in ("script", "link"):
            self.fetched.append(tag)
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_escapes_what_docs_say(tmp_path: Path) -> None:
    skipped = about(tmp_path, "GET /books", status=DocStatus.SKIP, skip_reason='<script>alert("x")</script>')
    text = render_coverage_html(covered(tmp_path, skipped, about(tmp_path, "GET /films")), at="2026-03-01T00:00:00Z")
    page = Page()
    page.feed(text)

    assert page.open == []
    assert page.fetched == []
    assert len(page.links) == 1 + 5  # to the list, and a cell for each operation
    assert {link.removeprefix("#") for link in page.links} <= page.ids
    assert "<script>" not in text
    assert '<time datetime="2026-03-01T00:00:00Z">2026-03-01 00:00 UTC</time>' in text
    assert "1 of 5 operations have a doc" in text


def test_what_a_run_could_not_run_is_not_verified_whatever_the_frontmatter_says(tmp_path: Path) -> None:
    about_doc = about(tmp_path, "GET /books", status=DocStatus.VERIFIED, verified_at="2026-02-20T00:00:00Z")
    coverage = covered(tmp_path, about_doc, run=run_with(about_doc, "skipped"))

    assert state(coverage, "GET /api/books") == ("skipped", "no server; verified at 2026-02-20T00:00:00Z")


def test_the_domains_of_one_description_are_its_operations_tags(tmp_path: Path) -> None:
    whole = library()
    whole["paths"]["/books"]["get"]["tags"] = ["Reading", "All"]
    coverage = find_coverage([], described(tmp_path, whole), now=NOW)

    assert coverage.domains == ("Reading", "untagged")
    assert coverage.total(domain="Reading") == 1

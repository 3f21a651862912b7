from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from made_records import made_item, made_run

from pytest_endpoint_docs.model.record import ExchangeRecord, FindingRecord
from pytest_endpoint_docs.reporting.html_report import render_html

HOSTILE = "</script><script>alert(1)</script><!--<script>\"'`&amp;]]>\u2028\ud800<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The elements of a page, the text of its scripts, and every address that it names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: dict[str, str] = {}
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.texts: list[str] = []
        self._script: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.handlers += [name for name in given if name.startswith("on") or name == "style"]
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action")]
        self._script = (given.get("id") or "code") if tag == "script" else None
        if self._script:
            self.scripts[self._script] = ""

    def handle_endtag(self, tag: str) -> None:
        self._script = None

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[self._script] += data
        else:
            self.texts.append(data)


def headline(text: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    assert found
    return " ".join(found[1].split())


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["passed", "failed", "error", "skipped"], "1 of 2 contracts is broken"),
        (["passed", "error", "error"], "2 items ended with an error"),
        (["passed", "failed"], "1 of 2 contracts is broken"),
        (["passed", "passed", "skipped"], "All 2 contracts that ran hold"),
        (["passed"], "The one contract that ran holds"),
        (["skipped"], "Nothing ran"),
        ([], "Nothing ran"),
    ],
)
def test_the_headline_says_how_it_stands(outcomes: list[str], expected: str) -> None:
    assert headline(render_html(made_run(*(made_item(outcome=outcome) for outcome in outcomes)))) == expected


def test_the_page_of_a_run_that_ended_early_is_not_green() -> None:
    text = render_html(replace(made_run(made_item(outcome="passed")), not_reached=2))
    assert headline(text) == "The one contract that ran holds; the run ended early: 2 items were not reached"
    assert '<h1 id="headline" class="bad">' in text


def test_the_page_loads_nothing_and_lets_nothing_else_run() -> None:
    text = render_html(made_run(made_item()))
    page = Page(text)
    assert [address for address in page.addresses if not address.startswith(("#", "data:image/svg+xml,"))] == []
    assert page.handlers == []
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert "default-src 'none'" in policy.replace("&#39;", "'")
    assert "unsafe" not in policy


def test_every_record_is_embedded_in_full() -> None:
    exchange = ExchangeRecord(phase="main", step="m", method="GET", url="http://h/a", curl="curl http://h/a")
    items = (
        made_item(exchanges=(exchange,), age_days=91.0, max_age_days=90.0),
        made_item(case_id="other", outcome="failed"),
    )
    scripts = Page(render_html(made_run(*items))).scripts
    index = json.loads(scripts["index"])
    assert [(row["case"], row["stale"], row["group"]) for row in index] == [
        ("", True, "6 months"),
        ("other", False, "never"),
    ]
    assert json.loads(scripts["d0"])["exchanges"][0]["curl"] == "curl http://h/a"
    assert json.loads(scripts["d1"])["outcome"] == "failed"


def test_hostile_text_stays_text_everywhere() -> None:
    texts = dict.fromkeys(
        ("doc", "endpoint", "reason", "title", "domain", "status", "owner", "failure", "verdict"), HOSTILE
    )
    exchange = ExchangeRecord(
        phase=HOSTILE, step=HOSTILE, method="GET", url=HOSTILE, response_body=HOSTILE, curl=HOSTILE
    )
    hostile = made_item(**texts, tags=(HOSTILE,), notes=(HOSTILE,), exchanges=(exchange,))
    finding = FindingRecord(code="x", message=HOSTILE, severity="error", path=HOSTILE, line=1)
    skipped = made_item(**texts | {"outcome": "skipped"}, cause="manual", verified_by=HOSTILE, age_days=1.0)
    given = made_run(
        hostile,
        skipped,
        environment=HOSTILE,
        base_url=HOSTILE,
        root=HOSTILE,
        now=HOSTILE,
        versions={HOSTILE: HOSTILE},
        findings=(finding,),
    )
    tame = Page(
        render_html(made_run(made_item(), made_item(outcome="skipped", cause="manual"), root="x", findings=(finding,)))
    )
    page = Page(render_html(given))
    assert "img" not in page.tags
    assert page.tags.count("script") == tame.tags.count("script") == 4
    assert page.handlers == []
    assert json.loads(page.scripts["d0"])["exchanges"][0]["response_body"] == HOSTILE
    assert "<" not in page.scripts["index"] + page.scripts["d0"]
    assert page.scripts["code"] == tame.scripts["code"]
    render_html(given).encode("utf-8")

"""The HTML report in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from npm_packages import npm_packages
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pytest_endpoint_docs.model.record import ExchangeRecord, FindingRecord, ItemRecord, MismatchRecord, RunRecord
from pytest_endpoint_docs.oauth.browser.launch import BROWSER_VARIABLE, system_browsers
from pytest_endpoint_docs.reporting.html_report import render_html

pytestmark = pytest.mark.browser

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
OUTCOMES = ("passed", "failed", "skipped", "xfailed", "passed")


def item(number: int) -> ItemRecord:
    outcome: Any = OUTCOMES[number % 5]
    exchange = ExchangeRecord(
        phase="main",
        step="main",
        method="POST",
        url=f"http://127.0.0.1/things/{number}",
        request_headers={"Authorization": "Bearer $TOKEN"},
        request_body='{"a": 1}',
        status_code=500 if outcome == "failed" else 200,
        response_headers={"Content-Type": "application/json"},
        response_body='{"text": "' + "long " * 200 + '"}',
        elapsed_s=0.2,
        curl=f"curl -X POST http://127.0.0.1/things/{number}",
    )
    return ItemRecord(
        nodeid=f"endpoints/d{number % 7}/post_{number}.md::POST /things/{number}",
        doc=f"endpoints/d{number % 7}/post_{number}.md",
        line=2,
        endpoint=f"POST /things/{number}",
        kind="main",
        outcome=outcome,
        domain=f"domain {number % 7}",
        status="skip" if outcome == "skipped" else "verified",
        tags=("slow",) if number % 10 == 0 else (),
        cause="manual" if outcome == "skipped" else "",
        reason="needs a person" if outcome == "skipped" else "",
        verdict=f"endpoints/d{number % 7}/post_{number}.md:9: 500, documented 200" if outcome == "failed" else "",
        failure="500, documented 200\n  > 9 | expect" if outcome == "failed" else "",
        mismatches=(MismatchRecord(check="status", message="500", expected="200", actual="500"),),
        age_days=float(number % 200) if number % 11 else None,
        max_age_days=90.0,
        statuses=(200,),
        exchanges=(exchange,),
    )


def run(items: tuple[ItemRecord, ...]) -> RunRecord:
    return RunRecord(
        schema_version=1,
        started_at="2026-03-13T00:00:00Z",
        now="2026-03-13T00:00:00Z",
        duration_s=75.0,
        environment="staging",
        base_url="http://127.0.0.1",
        versions={"pytest": "9"},
        items=items,
        root="api",
        findings=(FindingRecord(code="stale", message="old", severity="warning", path="a.md", line=3),),
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        system = os.environ.get(BROWSER_VARIABLE) or next(system_browsers(headless=True, environ=os.environ), None)
        arguments = ["--no-sandbox"] if hasattr(os, "getuid") and os.getuid() == 0 else []
        yield playwright.chromium.launch(executable_path=system, args=arguments)


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    contexts = []
    problems: list[str] = []

    def opened(record: RunRecord, width: int = 1280, scheme: Any = "light", address: str = "") -> Page:
        path = tmp_path / "report.html"
        path.write_text(render_html(record), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
        page.goto(path.as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_violation_of_accessibility(open_report: Any, width: int, scheme: str) -> None:
    page = open_report(run(tuple(map(item, range(15)))), width, scheme)
    for number in range(3):
        page.locator(".item > summary").nth(number * 4).click()
    page.locator(".findings > summary").click()
    page.get_by_role("button", name="domain 1").click()
    page.evaluate((npm_packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    serious = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(open_report: Any, width: int) -> None:
    page = open_report(run(tuple(map(item, range(15)))), width)
    page.locator(".item > summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_search_and_filters_narrow_the_list_and_the_address_keeps_them(open_report: Any) -> None:
    record = run(tuple(map(item, range(50))))
    page = open_report(record)
    shown = page.locator("#shown")
    expect(shown).to_have_text("50 items")
    page.get_by_role("button", name="10 failed").click()
    expect(shown).to_have_text("10 of 50 items")
    page.get_by_label("Domain", exact=True).select_option("domain 1")
    expect(shown).to_have_text("2 of 50 items")
    page.get_by_label("Search").fill("THINGS/36 documented")
    expect(shown).to_have_text("1 of 50 items")
    expect(page.locator(".item:visible .name")).to_have_text("POST/things/36")
    address = page.url.partition("#")[2]
    again = open_report(record, address=f"#{address}")
    expect(again.locator("#shown")).to_have_text("1 of 50 items")
    again.get_by_role("button", name="Show all").click()
    expect(again.locator("#shown")).to_have_text("50 items")
    again.get_by_label("Search").fill("no such thing")
    expect(again.get_by_text("Nothing fits these filters.")).to_be_visible()


@pytest.mark.parametrize(
    ("button", "count"),
    [("needs a person", "10 of 50"), ("stale", "0 of 50"), ("≤ a week", "7 of 50"), ("domain 6", "7 of 50")],
)
def test_the_charts_are_filters(open_report: Any, button: str, count: str) -> None:
    page = open_report(run(tuple(map(item, range(50)))))
    one = page.locator("button[data-filter]", has_text=button)
    one.click()
    expect(page.locator("#shown")).to_have_text(f"{count} items")
    expect(one).to_have_attribute("aria-pressed", "true")
    one.click()
    expect(page.locator("#shown")).to_have_text("50 items")


def test_an_item_shows_its_exchange_and_copies_its_curl_line(open_report: Any) -> None:
    page = open_report(run((replace(item(1), outcome="failed"),)))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Tab")
    page.locator(".item > summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Response: content")).to_contain_text('"text": "long')
    page.get_by_role("button", name="Copy the curl command").click()
    assert page.evaluate("navigator.clipboard.readText()") == "curl -X POST http://127.0.0.1/things/1"


def test_failures_come_first_and_the_order_can_be_chosen(open_report: Any) -> None:
    page = open_report(run(tuple(map(item, range(10)))))
    expect(page.locator(".item .badge").first).to_have_text("✕ failed")
    page.get_by_label("Order").select_option("age")
    expect(page.locator(".item .age").nth(1)).to_have_text("9 d")


@pytest.mark.parametrize("width", [1280, 400])
def test_a_long_title_leaves_room_for_the_failure(open_report: Any, width: int) -> None:
    page = open_report(run((replace(item(1), title="a very long title " * 30),)), width=width)
    reason = page.locator("summary .say .failed")
    expect(reason).to_contain_text("500, documented 200")
    inside = "node => { const at = node.getBoundingClientRect(), of = node.parentNode.getBoundingClientRect();"
    inside += " return at.left < of.right && at.top + 5 < of.bottom }"
    assert reason.evaluate(inside)


def test_hostile_text_is_shown_and_does_not_run(open_report: Any) -> None:
    hostile = replace(
        item(1),
        endpoint=f"GET {HOSTILE}",
        failure=HOSTILE,
        domain=HOSTILE,
        tags=(HOSTILE,),
        exchanges=(replace(item(1).exchanges[0], response_body=HOSTILE, url=HOSTILE, curl=HOSTILE),),
    )
    page = open_report(run((hostile,)))
    page.locator(".item > summary").click()
    expect(page.get_by_role("region", name="Response: content")).to_have_text(HOSTILE)
    expect(page.locator(".item .name")).to_have_text(f"GET{HOSTILE}")
    assert page.title() == "1 of 1 contract is broken · Endpoint docs · staging"
    assert page.locator("img").count() == 0


def test_two_thousand_items_are_all_there_and_their_details_are_made_when_opened(open_report: Any) -> None:
    page = open_report(run(tuple(map(item, range(2000)))))
    expect(page.locator("#shown")).to_have_text("2,000 items")
    assert page.locator(".item").count() == 2000
    assert page.locator(".detail").count() == 0
    page.get_by_label("Search").fill("things/1999")
    expect(page.locator("#shown")).to_have_text("1 of 2,000 items")
    page.locator(".item:visible > summary").click()
    expect(page.locator(".detail")).to_have_count(1)
    page.locator(".item:visible > summary").click()
    expect(page.locator(".detail")).to_have_count(1)


def test_the_theme_can_be_changed(open_report: Any) -> None:
    page = open_report(run((item(1),)), scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Change between light and dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark

"""What a recording writes down of a person's acts in a real page, and what never leaves the page."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

import pytest
import yaml
from local_site import Site, html
from playwright.async_api import Page, async_playwright

from pytest_endpoint_docs.model.environment import OAuthUser
from pytest_endpoint_docs.model.secret import SafeText, Secret
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.launch import BROWSER_VARIABLE, system_browsers
from pytest_endpoint_docs.oauth.browser.recipe_recording import Recorder

pytestmark = pytest.mark.browser
# What the person types is not what the environment knows.
OTHER = "an0ther-pass-phrase"
LOGIN = """
<form onsubmit="event.preventDefault()"><input name=username autocomplete=username>
<label>Geheim <input name=geheim type=password></label>
<a href="#" onclick="show()">Show</a><label><input type=checkbox onchange="show()">Show it</label>
<select name=shop><option value=7>Mine<option value=8>Yours</select>
<span onclick="show()">eye</span><button>Go</button></form>
<script>
const show = () => { document.querySelector('[name=geheim]').type = 'text' };
</script>
"""


def recorded(site: Site, acts: Callable[[Page], Awaitable[None]]) -> str:
    """The recipe of what is done on the page with the login."""
    site.pages["/login"] = lambda _: html(LOGIN)
    user = OAuthUser(name="default", username="alice", password=Secret("P", "correct horse"))
    recorder = Recorder(credentials=Credentials(user=user), redact=SafeText)

    async def record() -> None:
        system = os.environ.get(BROWSER_VARIABLE) or next(system_browsers(headless=True, environ=os.environ), None)
        arguments = ["--no-sandbox"] if hasattr(os, "getuid") and os.getuid() == 0 else []
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=system, args=arguments)
            context = await browser.new_context()
            await recorder.attach(context)
            page = await context.new_page()
            page.set_default_timeout(10_000)
            await page.goto(f"{site.origin}/login")
            await acts(page)
            await page.get_by_role("button").click()
            await browser.close()

    asyncio.run(record())
    return recorder.recipe()


@pytest.mark.parametrize("shown_by", ["a", "input[type=checkbox]", "span", "nobody"])
@pytest.mark.parametrize("first", [True, False], ids=["shown before", "shown after"])
def test_a_password_is_one_also_while_the_page_shows_its_letters(site: Site, shown_by: str, *, first: bool) -> None:
    async def log_in(page: Page) -> None:
        show = page.locator(shown_by)
        if first and shown_by != "nobody":
            await show.click()
        await page.locator("[name=username]").press_sequentially("alice")
        await page.locator("[name=geheim]").press_sequentially(OTHER)
        if not first and shown_by != "nobody":
            await show.click()
            await page.locator("[name=geheim]").press_sequentially("x")

    recipe = recorded(site, log_in)
    assert "value: '{{secret.password}}'" in recipe
    assert "value: '{{secret.user}}'" in recipe
    assert OTHER not in recipe


def test_what_is_chosen_from_a_list_is_written_down(site: Site) -> None:
    async def choose(page: Page) -> None:
        await page.locator("select").select_option("8")

    assert "  - select:\n      name: shop\n      value: Yours\n" in recorded(site, choose)


PARTS = """
<x-part></x-part><script>customElements.define('x-part', class extends HTMLElement { connectedCallback() {
  this.attachShadow({mode: 'open'}).innerHTML = '<input name=street><select name=shop><option value=7>Mine' +
    '<option value=8>Yours</select><label><input type=checkbox name=terms>Terms</label>' } })</script>
"""


def test_what_is_changed_in_a_component_is_written_down(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "LOGIN", LOGIN + PARTS)

    async def change(page: Page) -> None:
        await page.locator("x-part [name=street]").press_sequentially("Main Street")
        await page.locator("x-part select").select_option("8")
        await page.locator("x-part [name=terms]").check()

    recipe = recorded(site, change)
    assert "- fill:\n      name: street\n      value: Main Street\n" in recipe
    assert "- select:\n      name: shop\n      value: Yours\n" in recipe
    assert "- check:\n      label: Terms\n" in recipe


TWO_IN_ONE = """
<main><input name=username><button onclick="step()">Next</button></main>
<script>
const main = document.querySelector('main');
const step = () => { main.insertAdjacentHTML('beforeend',
  '<input name=geheim type=password autocomplete=current-password><button onclick="done()">Log in</button>') };
const done = () => { main.innerHTML = '<h1>Welcome</h1><button>Continue</button>' };
</script>
"""


def test_what_a_page_turns_into_at_the_same_address_is_a_page_of_its_own(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "LOGIN", TWO_IN_ONE)

    async def log_in(page: Page) -> None:
        await page.locator("[name=username]").press_sequentially("alice")
        await page.get_by_text("Next").click()
        await page.locator("[name=geheim]").press_sequentially("correct horse")
        await page.get_by_text("Log in").click()

    recipe = yaml.safe_load(recorded(site, log_in))
    match = f"{site.origin}/login*"
    assert [(page["match"], page.get("optional"), len(page["do"])) for page in recipe["pages"]] == [
        (match, None, 4),
        (match, True, 1),
    ]
    assert recipe["pages"][1]["do"] == [{"click": {"role": "button", "name": "Continue"}}]


def test_a_page_that_came_back_is_written_down_once(site: Site) -> None:
    async def go_on(page: Page) -> None:
        for _ in range(2):
            await page.get_by_role("button").click()
            await page.reload()

    assert len(yaml.safe_load(recorded(site, go_on))["pages"]) == 1


COMPONENT = """
<x-button>Go</x-button><script>customElements.define('x-button', class extends HTMLElement { connectedCallback() {
  this.attachShadow({mode: 'open'}).innerHTML = '<button id=b><slot></slot></button>' } })</script>
"""


def test_a_button_of_a_component_is_named_by_what_stands_in_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "LOGIN", COMPONENT)

    async def nothing_else(_page: Page) -> None:
        pass

    recipe = yaml.safe_load(recorded(site, nothing_else))
    assert recipe["pages"][0]["do"] == [{"click": {"role": "button", "name": "Go"}}]

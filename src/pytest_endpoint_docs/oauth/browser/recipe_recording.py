"""Writing down what a person does in the browser, as a recipe; secrets become references."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pytest_endpoint_docs.files import write_safe_text
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.oauth.browser.credentials import Credentials
from pytest_endpoint_docs.oauth.browser.observation import script
from pytest_endpoint_docs.oauth.grant import bare_code
from pytest_endpoint_docs.redaction.rendering import public

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

_LEAST_SECRET = 4
_HEADER = "# Recorded: what a person did between the authorization URL and the redirect. Secrets are references.\n"


class Recorder:
    """Collects acts of a person. :meth:`write` makes a recipe of them."""

    def __init__(self, *, credentials: Credentials, redact: Callable[[str], SafeText]) -> None:
        self._credentials = credentials
        self._redact = redact
        self._acts: list[dict[str, Any]] = []

    async def attach(self, context: BrowserContext) -> None:
        """Listen in every page of the context that is opened from now on."""
        await context.expose_binding("__endpointDocsRecord", lambda _source, act: self.add(act))
        await context.add_init_script(script("record.js"))

    def add(self, act: dict[str, Any]) -> None:
        """Take one act as ``record.js`` tells it: action, url, locator, value and secret of a fill, a chosen entry.

        ``shown`` differs between two pages that a person saw at one address.
        """
        locator = act["locator"]
        body = {key: self._redact(value) if isinstance(value, str) else value for key, value in locator.items()}
        if act["action"] == "fill":
            body["value"] = self._reference(act.get("value") or "", act.get("secret"))
        elif act["action"] == "select":
            body["value"] = self._redact(act["value"])
        elif act["action"] == "press":
            body["key"] = act["value"]
        page = self._redact(act["url"].partition("?")[0].partition("#")[0])
        entry = {"page": (page, act.get("shown")), act["action"]: body}
        previous = self._acts[-1] if self._acts else None
        if previous and previous["page"] == entry["page"] and _same_fill(previous, entry):
            # Typed once more into the same field: what counts is what was there in the end.
            self._acts.pop()
        self._acts.append(entry)

    def recipe(self) -> str:
        """The recipe's text: an entry per page that a person acted on; one that came back has one, too."""
        pages: list[dict[str, Any]] = []
        for (address, _), acts in groupby(self._acts, key=itemgetter("page")):
            commands = [{key: value for key, value in act.items() if key != "page"} for act in acts]
            page: dict[str, Any] = {"match": f"{address}*", "do": commands}
            if page not in pages:
                pages.append(page)
        for page in pages:
            if not any("{{secret." in str(command) for command in page["do"]):
                # A page that asks for no credentials is often a consent page, and those are remembered.
                page["optional"] = True
        return _HEADER + yaml.safe_dump({"pages": pages}, sort_keys=False, allow_unicode=True, width=120)

    def write(self, file: Path) -> None:
        """Write the recipe."""
        write_safe_text(file, public(self.recipe()))

    def _reference(self, value: str, secret: str | None) -> str:
        code = self._credentials.user_code
        if code and bare_code(value) == bare_code(code.reveal()):
            return "{{secret.user_code}}"
        if secret in ("password", "totp"):
            return f"{{{{secret.{secret}}}}}"
        user = self._credentials.user
        if (value and value == self._credentials.username) or secret == "user":
            return "{{secret.user}}"
        if user.password and len(value) >= _LEAST_SECRET and value == user.password.reveal():
            return "{{secret.password}}"
        if self._credentials.recognizes_code(value):
            return "{{secret.totp}}"
        return self._redact(value)


def _same_fill(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = one.get("fill"), other.get("fill")
    if not first or not second:
        return False
    return {**first, "value": ""} == {**second, "value": ""}

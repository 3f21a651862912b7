"""Recipes: what to do on the pages between the authorization URL and the redirect, as YAML.

::

    pages:
      - match: "https://app.example.com/login*"
        do:
          - fill: {label: Email, value: "{{secret.user}}"}
          - click: {role: button, name: Log in}
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.decisions import CredentialName
from pytest_endpoint_docs.oauth.browser.recipe_nodes import Node, read_nodes
from pytest_endpoint_docs.oauth.consent_errors import RecipeError

CommandKind = Literal["fill", "click", "check", "uncheck", "select", "press", "wait_for", "goto"]
_LOCATOR_KEYS = ("label", "role", "name", "placeholder", "text", "css", "test_id")
_COMMAND_KEYS: dict[str, tuple[str, ...]] = {
    "fill": ("value",),
    "click": (),
    "check": (),
    "uncheck": (),
    "select": ("value",),
    "press": ("key",),
    "wait_for": (),
    "goto": ("url",),
}
_REFERENCE = re.compile(r"\{\{([^{}]*)\}\}")
REFERENCES: dict[str, CredentialName] = {
    "secret.user": "user",
    "secret.password": "password",
    "secret.totp": "totp",
    "secret.user_code": "user_code",
}


@value_class
class Locator:
    """Which element. ``name`` is the accessible name beside ``role``, the ``name`` attribute without it."""

    label: str | None = None
    role: str | None = None
    name: str | None = None
    placeholder: str | None = None
    text: str | None = None
    css: str | None = None
    test_id: str | None = None

    def describe(self) -> str:
        """As it stands in the recipe."""
        pairs = ((key, getattr(self, key)) for key in _LOCATOR_KEYS)
        return "{" + ", ".join(f"{key}: {value}" for key, value in pairs if value) + "}"


@value_class
class Command:
    """One thing to do.

    ``value`` is the text of ``fill``, an entry of ``select``, the key of ``press``, the URL of ``goto``; it may
    hold references.
    """

    kind: CommandKind
    location: SourceLocation
    locator: Locator | None = None
    value: str = ""
    optional: bool = False

    @property
    def credentials(self) -> frozenset[CredentialName]:
        """The secrets that it types."""
        return frozenset(REFERENCES[name] for name in _references(self.value))

    def describe(self) -> str:
        """For a person: with the reference, never with the value behind it."""
        words = [self.kind, self.locator.describe() if self.locator else "", self.value if self.kind != "fill" else ""]
        return " ".join(word for word in words if word)


@value_class
class RecipePage:
    """A page, and what to do on it.

    ``match`` is a glob over the whole URL (over path and query where it starts with ``/``); only ``*`` is special. It
    may be the URL of a frame.
    ``deny`` replaces ``do`` where consent is to be refused. ``optional``: the page need not come (remembered consent).
    """

    match: str
    do: tuple[Command, ...]
    location: SourceLocation
    deny: tuple[Command, ...] = ()
    optional: bool = False

    def matches(self, url: str) -> bool:
        """Whether this page is meant by a URL."""
        if self.match.startswith("/"):
            parts = urlsplit(url)
            url = parts.path + (f"?{parts.query}" if parts.query else "")
        pattern = ".*".join(re.escape(part) for part in self.match.split("*"))
        return re.fullmatch(pattern, url, re.DOTALL) is not None

    def matches_frame(self, url: str) -> bool:
        """Whether this page is meant by the URL of a frame, whose host has to be there in full: it may be anybody's."""
        return self.match.split("/", 3)[:3] == url.split("/", 3)[:3] and self.matches(url)


@value_class
class Recipe:
    """The pages in their order. ``otherwise``: what happens on a page that none of them matches."""

    pages: tuple[RecipePage, ...]
    location: SourceLocation
    otherwise: Literal["stop", "heuristics"] = "stop"


def load_recipe(file: Path) -> Recipe:
    """Read and validate a recipe.

    Raises: :class:`RecipeError` with ``path:line``.
    """
    path = str(file)
    root = read_nodes(file, path).mapping(known=("pages", "otherwise"), what="a recipe", required=("pages",))
    otherwise = root["otherwise"].text(choices=("stop", "heuristics")) if "otherwise" in root else "stop"
    pages = tuple(_page(node) for node in root["pages"].items())
    if not pages:
        raise RecipeError("the recipe has no pages", location=root["pages"].location)
    return Recipe(
        pages=pages,
        location=SourceLocation(path, 1),
        otherwise=cast("Literal['stop', 'heuristics']", otherwise),
    )


def _page(node: Node) -> RecipePage:
    page = node.mapping(known=("match", "do", "deny", "optional"), what="a page", required=("match", "do"))
    match = page["match"].text()
    if not match.startswith(("http://", "https://", "/", "*")):
        raise RecipeError(
            f"match {match!r} can match no URL: start with https://, with / (path and query alone), or with *",
            location=page["match"].location,
        )
    return RecipePage(
        match=match,
        do=tuple(_command(item) for item in page["do"].items()),
        deny=tuple(_command(item) for item in page["deny"].items()) if "deny" in page else (),
        optional=page["optional"].boolean() if "optional" in page else False,
        location=node.location,
    )


def _command(node: Node) -> Command:
    entry = node.mapping(known=tuple(_COMMAND_KEYS), what="a command")
    if len(entry) != 1:
        raise RecipeError(f"a command has one key of: {', '.join(_COMMAND_KEYS)}", location=node.location)
    kind, body = next(iter(entry.items()))
    if kind == "goto" and body.is_text:
        return Command(kind="goto", value=body.text(), location=node.location)
    own = _COMMAND_KEYS[kind]
    locators = () if kind == "goto" else _LOCATOR_KEYS
    fields = body.mapping(known=(*locators, *own, "optional"), what=kind, required=own)
    values = {key: fields[key].text() for key in locators if key in fields}
    if not values and kind not in ("press", "goto"):
        raise RecipeError(f"{kind} needs an element: one of {', '.join(_LOCATOR_KEYS)}", location=node.location)
    return Command(
        kind=cast("CommandKind", kind),
        locator=Locator(**values) if values else None,
        value=_value(kind, fields[own[0]], values) if own else "",
        optional=fields["optional"].boolean() if "optional" in fields else False,
        location=node.location,
    )


def _value(kind: str, node: Node, locator: dict[str, str]) -> str:
    text = node.text()
    references = _references(text)
    for name in references:
        if name not in REFERENCES:
            raise node.unknown(name, REFERENCES, what="a reference")
    if kind == "fill" and not references and any("pass" in value.lower() for value in locator.values()):
        raise RecipeError(
            'a recipe holds no secrets; write value: "{{secret.password}}" and give the password in the environment',
            location=node.location,
        )
    return text


def _references(text: str) -> list[str]:
    return [name.strip() for name in _REFERENCE.findall(text)]

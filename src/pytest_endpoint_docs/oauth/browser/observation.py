"""What a page shows to a person: plain values, so that deciding what to do needs no browser."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field, fields
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pytest_endpoint_docs.model.value_class import value_class

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame, JSHandle, Page

ControlKind = Literal["text", "password", "checkbox", "radio", "select", "button", "link"]
# evaluate() has no limit of its own: a page that is busy with itself would hold the walk for ever.
_EVALUATE_LIMIT_S = 3.0
_FIELDS = frozenset(["text", "password", "select"])
# Names of others begin below these: example.co.uk, example.com.au.
_REGISTRIES = frozenset(["ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "mil", "ne", "net", "or", "org"])
_LIES_OVER = "(seen, frame) => seen.layers.some((layer) => layer.contains(frame))"


@value_class
class Control:
    """Something visible that can be filled, ticked or clicked. ``index`` is its place in :attr:`PageView.controls`.

    ``text`` is the label of an input, the text of a button or link; ``form`` numbers the page's forms, -1 outside of
    one. ``purpose`` is what the form's headings say, ``form_names`` its action, id and name. ``surroundings`` are the
    ids and classes of it and what it stands in. ``language`` is the one that the page gives for it ("pt"). ``enabled``
    is false for read-only inputs too. ``covered``: something lies over it and would take its click; ``covering``: it is
    a part of what lies over others.
    """

    index: int = 0
    kind: ControlKind
    type: str = ""
    text: str = ""
    name: str = ""
    id: str = ""
    autocomplete: str = ""
    placeholder: str = ""
    value: str = field(default="", repr=False)
    filled: bool = False
    enabled: bool = True
    checked: bool = False
    max_length: int = 0
    form: int = -1
    form_posts: bool = False
    submits: bool = False
    required: bool = False
    covered: bool = False
    covering: bool = False
    purpose: str = field(default="", repr=False)
    form_names: str = field(default="", repr=False)
    surroundings: str = field(default="", repr=False)
    language: str = ""

    @property
    def words(self) -> str:
        """What it is called on the page and in its source."""
        return f"{self.name} {self.id} {self.text} {self.placeholder}"

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What stays when the page is shown again."""
        return (self.kind, self.text, self.name, self.id)

    def describe(self) -> str:
        """One line for a person, without the value."""
        words = [self.kind if self.kind != "text" or not self.type else f"{self.type} input"]
        label = self.text or self.placeholder
        if label:
            words.append(f'"{label}"')
        if self.name:
            words.append(f"name={self.name}")
        if not self.enabled:
            words.append("(disabled)")
        if self.kind in ("checkbox", "radio"):
            words.append("(ticked)" if self.checked else "(not ticked)")
        return " ".join(words)


_TOLD = frozenset(item.name for item in fields(Control)) - {"index"}


@value_class
class PageView:
    """A page at one moment.

    ``document`` changes with every navigation, also to the same URL; ``text`` is how the page begins. ``captcha``: a
    challenge for people is shown. ``still``: it has loaded, and nothing in it could change it. ``leaves_in_s``: when it
    goes on to another page by itself; 0 where it does not say so. ``stirs``: a script is going to do something soon.
    ``unread``: something in it can be scrolled further. ``foreign_fields``: the host of a frame whose fields are not
    among the ``controls``, because it is another owner's. ``language`` as it gives it, "" where it does not.
    """

    url: str
    document: str = ""
    ready: bool = True
    title: str = ""
    headings: tuple[str, ...] = ()
    text: str = ""
    captcha: bool = False
    still: bool = False
    leaves_in_s: int = 0
    stirs: bool = False
    unread: bool = False
    foreign_fields: str = ""
    language: str = ""
    controls: tuple[Control, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it has something to fill in."""
        return self.captcha or any(control.kind in _FIELDS for control in self.controls)

    @property
    def says(self) -> str:
        """What it tells a person first, as the end of a message."""
        said = " / ".join(self.headings) or self.title or self.text
        return f'; the page says: "{said[:200]}"' if said else ""

    @property
    def shape(self) -> tuple[object, ...]:
        """What makes two pages the same page: its title and controls.

        A form that comes back may do so at another URL.
        """
        return (self.title, *(control.identity for control in self.controls))


class Observed:
    """A view together with the live elements behind it."""

    def __init__(self, view: PageView, handles: Sequence[tuple[JSHandle, int]]) -> None:
        self.view = view
        self._handles = handles

    async def element(self, control: Control) -> ElementHandle | None:
        """The live element, or ``None`` where it is gone."""
        handle, number = self._handles[control.index]
        found = await handle.evaluate_handle("(seen, number) => seen.elements[number]", number)
        return found.as_element()

    async def read_to_the_end(self) -> None:
        """Scroll everything that can be read further to its end."""
        for handle in dict.fromkeys(handle for handle, _ in self._handles):
            await handle.evaluate("seen => seen.unread.forEach((each) => each.scrollTo(0, each.scrollHeight))")

    async def shows(self, controls: Sequence[Control]) -> bool:
        """Whether the page still has all of these."""
        from playwright.async_api import Error

        try:
            for control in controls:
                handle, number = self._handles[control.index]
                if not await handle.evaluate("(seen, number) => seen.elements[number].isConnected", number):
                    return False
        except Error:
            return False
        return True


async def observe(page: Page) -> Observed:
    """Look at the page and the frames in it.

    Raises: Playwright's ``Error`` while it navigates, ``TimeoutError`` while its scripts never end.
    """
    return await asyncio.wait_for(_observe(page, script("observe.js")), _EVALUATE_LIMIT_S)


def script(name: str) -> str:
    """The text of a script of this package."""
    return (files("pytest_endpoint_docs.oauth.browser") / name).read_text(encoding="utf-8")


async def _observe(page: Page, look: str) -> Observed:
    url = page.url
    main, top = await _look(page.main_frame, look)
    inner = [looked for frame in page.frames[1:] if (looked := await _look_into(frame, look, main))]
    found = [(main, top), *inner]
    kept = [
        (handle, number, raw, order)
        for order, (handle, data) in enumerate(found)
        for number, raw in enumerate(data["controls"])
        if one_owner(data["host"], top["host"]) or not _takes_data(raw)
    ]
    controls = tuple(_control(raw, index, order) for index, (_, _, raw, order) in enumerate(kept))
    view = PageView(
        url=url,
        document=top["document"],
        ready=top["ready"],
        title=top["title"],
        headings=tuple(top["headings"]),
        text=top["body"],
        captcha=any(data["captcha"] for _, data in found),
        still=top["still"],
        leaves_in_s=top["leaves_in"],
        stirs=top["stirs"],
        unread=top["unread"],
        foreign_fields=next((data["host"] for _, data in inner if _has_foreign_fields(data, top["host"])), ""),
        language=top["language"],
        controls=controls,
    )
    return Observed(view, [(handle, number) for handle, number, _, _ in kept])


def _control(raw: dict[str, Any], index: int, order: int) -> Control:
    """A control as ``observe.js`` tells of it; ``order`` numbers the frame, whose forms are numbered from 0."""
    form = raw["form"] + 1000 * order if raw["form"] >= 0 else -1
    return Control(**{**{name: raw[name] for name in _TOLD}, "index": index, "form": form})


def _takes_data(raw: dict[str, Any]) -> bool:
    return raw["kind"] in _FIELDS or raw["submits"]


def _has_foreign_fields(data: dict[str, Any], host: str) -> bool:
    return not one_owner(data["host"], host) and any(map(_takes_data, data["controls"]))


def one_owner(host: str, other: str) -> bool:
    """Whether two hosts are most likely one owner's: the same, or with the same end (``id.example.com``)."""
    if host == other:
        return True
    labels = zip(reversed(host.split(".")), reversed(other.split(".")), strict=False)
    common = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], labels)]
    if not common or common[0].isdigit():  # addresses have no owner's name in them
        return False
    if common[0] == "localhost":  # this machine, whatever stands before it (RFC 6761 section 6.3)
        return True
    is_registry = len(common) > 1 and len(common[0]) == 2 and common[1] in _REGISTRIES
    return len(common) > (2 if is_registry else 1)


def _host_of(frame: Frame) -> str:
    """The host of the frame's document; one without an address of its own (``srcdoc``) belongs to what it stands in."""
    host = urlsplit(frame.url).hostname
    return host or (_host_of(frame.parent_frame) if frame.parent_frame else "")


async def _look_into(frame: Frame, look: str, main: JSHandle) -> tuple[JSHandle, dict[str, Any]] | None:
    from playwright.async_api import Error

    # A frame that goes away, or one of somebody else's that cannot be read, does not spoil the view of the page.
    with suppress(Error):
        if frame.url in ("", "about:blank"):
            return None
        element = await frame.frame_element()
        if await element.is_visible():
            handle, data = await _look(frame, look)
            if frame.parent_frame is frame.page.main_frame and await main.evaluate(_LIES_OVER, element):
                data["controls"] = [{**control, "covering": True} for control in data["controls"]]
            return handle, data
    return None


async def _look(frame: Frame, look: str) -> tuple[JSHandle, dict[str, Any]]:
    handle = await frame.evaluate_handle(look)
    data: dict[str, Any] = await handle.evaluate("seen => seen.data")
    return handle, {**data, "host": _host_of(frame)}

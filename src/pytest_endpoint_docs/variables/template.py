"""``{{references}}`` inside JSON values and paths, and values in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TypeAlias
from urllib.parse import quote

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import is_index, pointer_of, split_pointer
from pytest_endpoint_docs.words import late

OF_A_CONSENT = "oauth."
"""What the names of those variables begin with that only a login and a consent give: ``{{oauth.code}}``."""

_DOUBLE = r"\{\{(?P<inner>(?:(?!\{\{|\}\}).)*)\}\}|\{\{(?P<unclosed>[^\s{}]*)"
_VALUE = late(_DOUBLE, re.DOTALL)
# As other tools write one: `{{a | default('x')}}`, `{{a || 'x'}}`, `{{a ?? 'x'}}`, `{{a:-x}}`, `{{a or 'x'}}`.
_DEFAULT = late(r"\|\s*default\b|\|\||\?\?|:[-=]|\sor\s")
_PATH = late(_DOUBLE + r"|(?<!\{)\{\s*(?P<single>[A-Za-z_][\w.\-\[\]]*)\s*\}", re.DOTALL)


@value_class
class Reference:
    """A variable where it is used: ``name`` (``client.uids[0]``), ``text`` as written (``{{ client.uids[0] }}``).

    ``part`` names the value that it stands in, where there are several; ``pointer`` is the JSON Pointer (RFC 6901) of
    the string that holds it, or of the member whose key does; ``""`` in a path. ``is_whole``: it is all of that string.
    ``filter`` is what stands after ``|``: filters are not supported, so such a reference is undefined. ``closed`` is
    false where the ``}}`` is missing. ``offset`` is where it stands in its string.
    """

    name: str
    text: str
    pointer: str = ""
    filter: str | None = None
    closed: bool = True
    part: str = ""
    is_whole: bool = field(default=False, compare=False)
    offset: int = field(default=-1, compare=False)

    @property
    def key(self) -> str:
        """The dotted name of the member whose whole value it is (``a.b``, without indices), else an empty text."""
        keys = split_pointer(self.pointer) if self.is_whole else ()
        return ".".join(key for key in keys if not is_index(key))


Lookup: TypeAlias = Callable[[Reference], JSONValue]
_Way: TypeAlias = tuple[str | int, ...]


PATH = "path"
"""The part of a request that is a path with its query string; there ``{name}`` is a variable too."""


def references(value: JSONValue) -> tuple[Reference, ...]:
    """Every ``{{...}}`` in the strings and keys of a JSON value, in document order."""
    return tuple(_walk(value, "", ()))


def path_references(path: str) -> tuple[Reference, ...]:
    """Every ``{{...}}`` in a path with its query string, and every single-brace ``{name}``."""
    return tuple(_reference(match, PATH, ()) for match in _PATH.finditer(path)) if "{" in path else ()


def references_in(parts: Mapping[str, JSONValue]) -> tuple[Reference, ...]:
    """Every variable in the parts of a request, each by its name, in their order."""
    found: list[Reference] = []
    for part, value in parts.items():
        if value:
            found += path_references(str(value)) if part == PATH else _walk(value, part, ())
    return tuple(found)


def malformed(reference: Reference) -> str:
    """Why a reference cannot be read, or an empty text."""
    if not reference.closed:
        return f"'{reference.text}' has no closing braces"
    if _DEFAULT.search(reference.text):
        return "variables have no defaults: put the value under `params` of the environment"
    if reference.filter is not None:
        return f"filters ('| {reference.filter}') are not supported: extract the value in the form that is needed"
    return "" if reference.name else "the braces are empty"


def render_parts(parts: Mapping[str, JSONValue], lookup: Lookup) -> dict[str, JSONValue]:
    """The parts of a request with every variable filled in, in their order, each variable once.

    A string that is exactly one variable becomes its value, type and all; inside a longer string, and in keys, the
    value becomes text.

    Raises: what ``lookup`` raises; ``ValueError`` where two keys of an object become the same.
    """
    return {
        part: render_path(str(value), lookup) if part == PATH else _render(value, lookup, part, ())
        for part, value in parts.items()
    }


def render_path(path: str, lookup: Lookup) -> str:
    """A path with every variable filled in, its text percent-encoded (RFC 3986 section 2.1), in the query part too.

    Raises: what ``lookup`` raises.
    """
    if "{" not in path:
        return path
    return _PATH.sub(lambda match: quote(as_text(lookup(_reference(match, PATH, ()))), safe=""), path)


def as_text(value: JSONValue) -> str:
    """A JSON value inside a longer text: strings as they are, else JSON text (``true``, ``null``, ``[1,2]``)."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _render(value: JSONValue, lookup: Lookup, part: str, way: _Way) -> JSONValue:
    if isinstance(value, str):
        whole = _VALUE.fullmatch(value)
        return lookup(_reference(whole, part, way)) if whole else _text(value, lookup, part, way)
    if isinstance(value, list):
        return [_render(item, lookup, part, (*way, index)) for index, item in enumerate(value)]
    if isinstance(value, dict):
        rendered: dict[str, JSONValue] = {}
        for key, item in value.items():
            member = (*way, key)
            name = _text(key, lookup, part, member)
            if name in rendered:
                raise ValueError(
                    f"two keys of {pointer_of(way) or 'the object'} become {name!r} when their variables are filled in"
                )
            rendered[name] = _render(item, lookup, part, member)
        return rendered
    return value


def _text(text: str, lookup: Lookup, part: str, way: _Way) -> str:
    return _VALUE.sub(lambda match: as_text(lookup(_reference(match, part, way, is_key=True))), text)


def _walk(value: JSONValue, part: str, way: _Way, *, is_key: bool = False) -> Iterator[Reference]:
    if isinstance(value, str):
        for match in _VALUE.finditer(value):
            yield _reference(match, part, way, is_key=is_key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, part, (*way, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            member = (*way, key)
            yield from _walk(key, part, member, is_key=True)
            yield from _walk(item, part, member)


def _reference(match: re.Match[str], part: str, way: _Way, *, is_key: bool = False) -> Reference:
    groups = match.groupdict()
    pointer = pointer_of(way) if way else ""
    if groups["unclosed"] is not None:
        return Reference(
            name=groups["unclosed"], text=match[0], part=part, pointer=pointer, closed=False, offset=match.start()
        )
    written = groups["inner"] if groups["inner"] is not None else groups["single"]
    name, pipe, behind = written.partition("|")
    return Reference(
        name=name.strip(),
        text=match[0],
        part=part,
        pointer=pointer,
        filter=behind.strip() if pipe else None,
        is_whole=match[0] == match.string and not is_key,
        offset=match.start(),
    )

"""``{{references}}`` inside JSON values and paths, and values in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.pointers import join_pointer

_DOUBLE = r"\{\{(?P<inner>(?:(?!\{\{|\}\}).)*)\}\}|\{\{(?P<unclosed>[^\s{}]*)"
_VALUE = re.compile(_DOUBLE, re.DOTALL)
_PATH = re.compile(_DOUBLE + r"|(?<!\{)\{\s*(?P<single>[A-Za-z_][\w.\-\[\]]*)\s*\}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A variable where it is used: ``name`` (``client.uids[0]``), ``text`` as written (``{{ client.uids[0] }}``).

    ``pointer`` is the JSON Pointer (RFC 6901) of the string that holds it, or of the member whose key does; ``""`` in
    a path. ``filter`` is what stands behind ``|``: filters are not supported, so such a reference is undefined.
    ``closed`` is false where the ``}}`` is missing.
    """

    name: str
    text: str
    pointer: str = ""
    filter: str | None = None
    closed: bool = True


Lookup: TypeAlias = Callable[[Reference], JSONValue]


def references(value: JSONValue) -> tuple[Reference, ...]:
    """Every ``{{...}}`` in the strings and keys of a JSON value, in document order."""
    return tuple(_walk(value, ""))


def path_references(path: str) -> tuple[Reference, ...]:
    """Every ``{{...}}`` in a path with its query string, and every single-brace ``{name}``."""
    return tuple(_reference(match, "") for match in _PATH.finditer(path))


def render(value: JSONValue, lookup: Lookup) -> JSONValue:
    """A copy of a JSON value with every variable filled in.

    A string that is exactly one variable becomes its value, type and all; inside a longer string, and in keys, the
    value becomes text.

    Raises: what ``lookup`` raises; ``ValueError`` where two keys of an object become the same.
    """
    return _render(value, lookup, "")


def render_path(path: str, lookup: Lookup) -> str:
    """A path with every variable filled in, its text percent-encoded (RFC 3986 section 2.1), in the query part too.

    Raises: what ``lookup`` raises.
    """
    return _PATH.sub(lambda match: quote(as_text(lookup(_reference(match, ""))), safe=""), path)


def as_text(value: JSONValue) -> str:
    """A JSON value inside a longer text: strings as they are, else JSON text (``true``, ``null``, ``[1,2]``)."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _render(value: JSONValue, lookup: Lookup, pointer: str) -> JSONValue:
    if isinstance(value, str):
        whole = _VALUE.fullmatch(value)
        return lookup(_reference(whole, pointer)) if whole else _text(value, lookup, pointer)
    if isinstance(value, list):
        return [_render(item, lookup, join_pointer(pointer, index)) for index, item in enumerate(value)]
    if isinstance(value, dict):
        rendered: dict[str, JSONValue] = {}
        for key, item in value.items():
            member = join_pointer(pointer, key)
            name = _text(key, lookup, member)
            if name in rendered:
                raise ValueError(
                    f"two keys of {pointer or 'the object'} become {name!r} when their variables are filled in"
                )
            rendered[name] = _render(item, lookup, member)
        return rendered
    return value


def _text(text: str, lookup: Lookup, pointer: str) -> str:
    return _VALUE.sub(lambda match: as_text(lookup(_reference(match, pointer))), text)


def _walk(value: JSONValue, pointer: str) -> Iterator[Reference]:
    if isinstance(value, str):
        for match in _VALUE.finditer(value):
            yield _reference(match, pointer)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, join_pointer(pointer, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            member = join_pointer(pointer, key)
            yield from _walk(key, member)
            yield from _walk(item, member)


def _reference(match: re.Match[str], pointer: str) -> Reference:
    groups = match.groupdict()
    if groups["unclosed"] is not None:
        return Reference(name=groups["unclosed"], text=match[0], pointer=pointer, closed=False)
    written = groups["inner"] if groups["inner"] is not None else groups["single"]
    name, pipe, behind = written.partition("|")
    return Reference(name=name.strip(), text=match[0], pointer=pointer, filter=behind.strip() if pipe else None)

"""Placeholders: variables in the notation of other tools, and words for somebody to replace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import pointer_of

_NAME = r"(?P<name>[A-Za-z_][\w.]*)"
# `{name}`, also with a format (`{name:s}`). `{{name}}` is a variable, `\{name}` an escape.
_BRACES = re.compile(rf"(?<![{{$\\])\{{{_NAME}(?::\w{{1,3}})?\}}(?!\}})")
_DOLLAR = re.compile(rf"(?<!\\)\$\{{{_NAME}(?P<default>:?-[^{{}}]*)?\}}")
_ANGLE = re.compile(rf"<{_NAME}>")
_OF_PATH = re.compile(rf"(?<=/):{_NAME}(?=[/?]|$)")
# Of `${{name}}` the `$` is sent, too. In a longer text it may be a price.
_DOLLAR_TOO = re.compile(r"\$\{\{[^{}]*\}\}")
_TO_REPLACE = re.compile(
    r"<\s*(?i:your|my|insert|enter|replace|put|some|any)\b[^<>\n]*>|<[A-Z][A-Z0-9]*[_ -][A-Z0-9_ -]*>"
    r"|<[a-z][a-z0-9]*(?:_[a-z0-9]+)+>|\bYOUR_[A-Z0-9_]+\b|\b(?:REPLACE|CHANGE)_?ME\b"
)


@value_class
class Placeholder:
    """A placeholder as written.

    ``name``: what it names, where it may be another notation of a variable. ``is_plain``: it is hardly anything but a
    placeholder, whether something has that name or not. ``is_of_path``: it is ``:name``, the parameter of a path.
    """

    text: str
    name: str = ""
    is_plain: bool = True
    is_of_path: bool = False


def may_hold_placeholder(text: str) -> bool:
    """Whether a text has one of the signs that every placeholder has; most texts have none."""
    return "<" in text or "{" in text or "/:" in text or "YOUR_" in text or "REPLACE" in text or "CHANGE" in text


def texts(parts: Mapping[str, object], to_replace: Set[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """The texts in the parts of a request that may hold a placeholder, with their JSON Pointers: ``/body/email``.

    And those that somebody says are to be replaced, as a whole or as a segment of a path.
    """
    for keys, text in _texts(parts.items(), ()):
        if may_hold_placeholder(text) or (to_replace and not to_replace.isdisjoint((text, *text.split("/")))):
            yield pointer_of(keys), text


def placeholders(text: str, *, is_path: bool = False) -> Iterator[Placeholder]:
    """The placeholders of a text. In a path, ``{name}`` is a variable."""
    if is_path:
        for found in _OF_PATH.finditer(text):
            yield Placeholder(text=found[0], name=found["name"], is_of_path=True)
    else:
        for found in _BRACES.finditer(text):
            yield Placeholder(text=found[0], name=found["name"])
    for found in _DOLLAR_TOO.finditer(text):
        if is_path or found[0] == text:
            yield Placeholder(text=found[0])
    for found in _DOLLAR.finditer(text):
        yield Placeholder(text=found[0], name=found["name"], is_plain=found["default"] is not None)
    plain = {found[0] for found in _TO_REPLACE.finditer(text)}
    for found in (*_TO_REPLACE.finditer(text), *_ANGLE.finditer(text)):
        # With an end tag it is XML.
        if f"</{found[0][1:]}" not in text:
            name = _ANGLE.fullmatch(found[0])
            yield Placeholder(text=found[0], name=name["name"] if name else "", is_plain=found[0] in plain)


def _texts(
    members: Iterable[tuple[str | int, object]], keys: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key, member in members:
        if not member:
            continue
        if isinstance(member, str):
            yield (*keys, key), member
        elif isinstance(member, Mapping):
            yield from _texts(member.items(), (*keys, key))
        elif isinstance(member, list):
            yield from _texts(enumerate(member), (*keys, key))

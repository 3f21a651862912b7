"""YAML as people write it. What is plain is read here, without a library: block mappings and lists of short texts.

Most frontmatters and steps are written in nothing else, and are read here several times faster. Whatever could mean
something else to YAML (quotation marks inside texts, texts over several lines, anchors, tags, comments after values,
numbers other than whole ones) is left to the library: this only has to be right where it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pytest_endpoint_docs.json_source import DuplicateKey
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.pointers import Lines, split_pointer

if TYPE_CHECKING:
    from pytest_endpoint_docs.yaml_text.yaml_source import SourceText

# Characters that end lines in YAML 1.1 or may not stand in it; tabs, which it treats in many ways. Not as those that
# may: to compile all of Unicode but some takes as long as to read thirty docs.
_UNSURE = "[\0-\t\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"  # not compiled before it is needed
# A line: its indentation, the dash of a list item, then a key with what follows it (a text for sure, or anything), or
# anything else.
_LINE = re.compile(
    r"^( *)(- +)?(?:([A-Za-z_$/][A-Za-z0-9_$./-]*):(?: +(?:([A-Za-z/$_(][^:#\n]*)|(.*)))?|(.*))$", re.MULTILINE
)
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{2,18}Z)?")
_QUOTED = re.compile(r"\"[^\"\\]*\"|'[^']*'")
_IN_FLOW = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.() -]*")
_FLOW_ENTRY = re.compile(r"([A-Za-z_$][A-Za-z0-9_$-]*): +(.*)", re.DOTALL)
_BEGINS_TEXT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/$_(")
_WORDS: dict[str, JSONValue] = {"true": True, "false": False, "null": None}
# What YAML 1.1 reads as true, false or null beside these.
_OTHER_WORDS = frozenset(["yes", "no", "on", "off", "true", "false", "null"])
_LONGEST_WORD = max(map(len, _OTHER_WORDS))
_LONGEST_TEXT = 50_000
_LONGEST_LINE = 1000
_DEEPEST = 40

_Place: TypeAlias = "tuple[int, Mapping[str, _Place]]"
"""The line of a value, and the places of what is inside it."""
_Read: TypeAlias = tuple[JSONValue, Mapping[str, _Place]]
"""A value, and the places of what is inside it."""
_NOTHING: Mapping[str, _Place] = MappingProxyType({})


class PlainLines(NamedTuple):
    """The lines (from 1) of the values of a plain text by their JSON Pointers; one is found without all the others."""

    root: _Place

    def line(self, pointer: str) -> int:
        """The line of a value, of a member that of its key; else of the nearest ancestor."""
        line, inside = self.root
        for key in split_pointer(pointer):
            if key not in inside:
                break
            line, inside = inside[key]
        return line

    def keys(self) -> dict[str, int]:
        """The lines of the keys of the whole value."""
        return {key: line for key, (line, _) in self.root[1].items()}


class PlainText(NamedTuple):
    """The value of a plain text, a mapping in which no key stands twice."""

    value: JSONValue
    lines: PlainLines
    duplicates: tuple[DuplicateKey, ...] = ()


def read_yaml(text: str) -> PlainText | SourceText:
    """Read one YAML document that a person wrote into JSON values.

    The library is imported for the first text that is not plain. Raises: ``SourceProblem``, see `parse_yaml`.
    """
    plain = read_plain(text)
    if plain is not None:
        return plain
    from pytest_endpoint_docs.yaml_text.yaml_source import parse_yaml

    return parse_yaml(text)


def lines_of(text: str, language: str) -> Callable[[str], int | None]:
    """Find lines in a YAML or JSON text that need not be readable; in one that cannot be read there are none."""

    def find() -> dict[str, int]:
        from pytest_endpoint_docs.yaml_text.yaml_source import lines_in

        return lines_in(text, language)

    return Lines(find).line


def read_plain(text: str) -> PlainText | None:
    """Read a text that is a plain block mapping; ``None``: ask the library."""
    # What is printable is sure, and told faster.
    if len(text) > _LONGEST_TEXT or (not text.replace("\n", "").isprintable() and re.search(_UNSURE, text)):
        return None
    if len(text) > _LONGEST_LINE and max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return None
    try:
        rows = _rows(text)
        if not rows:
            return None
        reader = _Reader(rows)
        value, places = reader.mapping(rows[0][0], 0)
    except _NotPlain:
        return None
    if reader.at < len(rows):
        return None
    return PlainText(value, PlainLines((rows[0][4], places)))


_Row: TypeAlias = "tuple[int, int, str, _Read | None, int]"
"""Indentation, width of the dash and the spaces after it, key, what follows on the line, number from 1."""


class _NotPlain(Exception):
    """The text may mean something else to YAML."""


def _rows(text: str) -> list[_Row]:
    """The lines that are neither empty nor comments. Raises: ``_NotPlain``."""
    rows: list[_Row] = []
    for number, (indent, dash, key, sure, written, other) in enumerate(_LINE.findall(text), start=1):
        inline: _Read | None = None
        if sure:
            inline = _word_or_text(sure.rstrip(" ")), _NOTHING
        elif written or (dash and other):
            inline = _inline((written or other).rstrip(" "), number)
        elif not key:
            if dash or (other and other[0] != "#"):
                raise _NotPlain
            continue
        rows.append((len(indent), len(dash), key, inline, number))
    return rows


class _Reader:
    def __init__(self, rows: list[_Row]) -> None:
        self.at = 0
        self._rows = rows

    def mapping(self, indent: int, depth: int) -> tuple[dict[str, JSONValue], Mapping[str, _Place]]:
        """The entries that stand at an indentation, from here on."""
        rows = self._rows
        values: dict[str, JSONValue] = {}
        places: dict[str, _Place] = {}
        if depth > _DEEPEST:
            raise _NotPlain
        while self.at < len(rows):
            column, dash, key, inline, number = rows[self.at]
            if column != indent or dash:
                if column > indent or not values:
                    raise _NotPlain
                break
            if key in values:
                raise _NotPlain
            self.at += 1
            if inline:
                values[key], inside = inline
                if self.at < len(rows) and rows[self.at][0] > indent:
                    raise _NotPlain  # what stands further right below a value on its key's line belongs to it
            else:
                values[key], inside = self._below(indent, depth)
            places[key] = number, inside
        return values, places

    def _below(self, indent: int, depth: int) -> _Read:
        """The value of a key whose line ends with it; a list may stand below the key itself."""
        if self.at == len(self._rows):
            return None, _NOTHING
        column, dash, *_ = self._rows[self.at]
        if dash and column >= indent:
            return self._list(column, depth + 1)
        if column > indent:
            return self.mapping(column, depth + 1)
        return None, _NOTHING

    def _list(self, indent: int, depth: int) -> _Read:
        rows = self._rows
        values: list[JSONValue] = []
        places: dict[str, _Place] = {}
        if depth > _DEEPEST:
            raise _NotPlain
        while self.at < len(rows) and rows[self.at][0] == indent:
            _, dash, key, inline, number = rows[self.at]
            if not dash:
                break
            value: JSONValue
            if inline and not key:
                self.at += 1
                value, inside = inline
            else:
                rows[self.at] = indent + dash, 0, key, inline, number
                value, inside = self.mapping(indent + dash, depth + 1)
            places[str(len(values))] = number, inside
            values.append(value)
        if self.at < len(rows) and rows[self.at][0] > indent:
            raise _NotPlain
        return values, places


def _inline(text: str, number: int) -> _Read:
    """A value that stands on one line with its key, and the places inside it."""
    if text[0] not in "[{":
        return _scalar(text), _NOTHING
    if text == "[]":
        return [], _NOTHING
    if text == "{}":
        return {}, _NOTHING
    parts = text[1:-1].split(",")
    if text[0] == "[" and text[-1] == "]":
        return [_in_flow(part) for part in parts], {str(index): (number, _NOTHING) for index in range(len(parts))}
    if text[0] != "{" or text[-1] != "}":
        raise _NotPlain
    mapping: dict[str, JSONValue] = {}
    for part in parts:
        entry = _FLOW_ENTRY.fullmatch(part.strip(" "))
        if entry is None or entry[1] in mapping:
            raise _NotPlain
        mapping[entry[1]] = _in_flow(entry[2])
    return mapping, dict.fromkeys(mapping, (number, _NOTHING))


def _in_flow(written: str) -> JSONValue:
    text = written.strip(" ")
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if _IN_FLOW.fullmatch(text):
        return _word_or_text(text)
    raise _NotPlain


def _scalar(text: str) -> JSONValue:
    if text[0] in _BEGINS_TEXT:
        if ": " in text or " #" in text or text[-1] == ":":
            raise _NotPlain
        return _word_or_text(text)
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if _QUOTED.fullmatch(text):
        return text[1:-1]
    if _DATE.fullmatch(text):
        return text
    raise _NotPlain


def _word_or_text(text: str) -> JSONValue:
    if len(text) > _LONGEST_WORD:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text.lower() in _OTHER_WORDS:
        raise _NotPlain
    return text

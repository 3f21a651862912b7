"""Plain YAML, read without a YAML library: block mappings and lists of short texts, numbers and true or false.

Most frontmatters and steps are written in nothing else, and are read here several times faster. Whatever could mean
something else to YAML (quotation marks inside texts, texts over several lines, anchors, tags, comments after values,
numbers other than whole ones) is left to the library: this only has to be right where it answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from pytest_endpoint_docs.json_source import DuplicateKey
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.pointers import split_pointer

# Characters that end lines in YAML 1.1 or may not stand in it; tabs, which it treats in many ways. Not as those that
# may: to compile all of Unicode but some takes as long as to read thirty docs.
_UNSURE = re.compile("[\0-\t\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_ENTRY = re.compile(r"([A-Za-z_$/][A-Za-z0-9_$./-]*):(?: +(.*))?", re.DOTALL)
_ITEM = re.compile(r"-( +)(.*)", re.DOTALL)
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{2,18}Z)?")
_QUOTED = re.compile(r"\"[^\"\\]*\"|'[^']*'")
_IN_FLOW = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.() -]*")
_FLOW_ENTRY = re.compile(r"([A-Za-z_$][A-Za-z0-9_$-]*): +(.*)", re.DOTALL)
_BEGINS_TEXT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/$_(")
_WORDS: dict[str, JSONValue] = {"true": True, "false": False, "null": None}
# What YAML 1.1 reads as true, false or null beside these.
_OTHER_WORDS = frozenset(["yes", "no", "on", "off", "true", "false", "null"])
_LONGEST_TEXT = 50_000
_LONGEST_LINE = 1000
_DEEPEST = 40

_Place: TypeAlias = "tuple[int, dict[str, _Place]]"
"""The line of a value, and the places of what is inside it."""


@dataclass(frozen=True, slots=True)
class PlainLines:
    """The lines (from 1) of the values of a plain text by their JSON Pointers; one is found without all the others."""

    root: _Place = field(repr=False)

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


@dataclass(frozen=True, slots=True)
class PlainText:
    """The value of a plain text, a mapping in which no key stands twice."""

    value: JSONValue
    lines: PlainLines = field(repr=False)
    duplicates: tuple[DuplicateKey, ...] = ()


def read_plain(text: str) -> PlainText | None:
    """Read a text that is a plain block mapping; ``None``: ask the library."""
    if len(text) > _LONGEST_TEXT or _UNSURE.search(text):
        return None
    rows: list[_Row] = []
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip(" ")
        if not stripped or stripped[0] == "#":
            continue
        if len(line) > _LONGEST_LINE:
            return None
        rows.append((len(line) - len(line.lstrip(" ")), stripped, number))
    if not rows:
        return None
    reader = _Reader(rows)
    try:
        value, places = reader.mapping(rows[0][0], 0)
    except _NotPlain:
        return None
    if reader.at < len(rows):
        return None
    root = (rows[0][2], places)
    return PlainText(value, PlainLines(root))


_Row: TypeAlias = tuple[int, str, int]
"""Indentation, text without spaces around it, number from 1."""


class _NotPlain(Exception):
    """The text may mean something else to YAML."""


class _Reader:
    def __init__(self, rows: list[_Row]) -> None:
        self.at = 0
        self._rows = rows

    def mapping(self, indent: int, depth: int) -> tuple[dict[str, JSONValue], dict[str, _Place]]:
        """The entries that stand at an indentation, from here on."""
        rows = self._rows
        values: dict[str, JSONValue] = {}
        places: dict[str, _Place] = {}
        if depth > _DEEPEST:
            raise _NotPlain
        while self.at < len(rows):
            column, text, number = rows[self.at]
            if column != indent:
                if column > indent:
                    raise _NotPlain
                break
            entry = _ENTRY.fullmatch(text)
            if entry is None:
                if not values or text[:2] != "- ":
                    raise _NotPlain
                break
            key, written = entry[1], entry[2]
            if key in values:
                raise _NotPlain
            self.at += 1
            inside: dict[str, _Place] = {}
            if written:
                values[key], inside = _inline(written, number)
                self._refuse_more_below(indent)
            else:
                values[key], inside = self._below(indent, depth)
            places[key] = number, inside
        return values, places

    def _below(self, indent: int, depth: int) -> tuple[JSONValue, dict[str, _Place]]:
        """The value of a key whose line ends with it; a list may stand below the key itself."""
        if self.at == len(self._rows):
            return None, {}
        column, text, _ = self._rows[self.at]
        if text[:2] == "- " and column >= indent:
            return self._list(column, depth + 1)
        if column > indent:
            return self.mapping(column, depth + 1)
        return None, {}

    def _list(self, indent: int, depth: int) -> tuple[list[JSONValue], dict[str, _Place]]:
        rows = self._rows
        values: list[JSONValue] = []
        places: dict[str, _Place] = {}
        if depth > _DEEPEST:
            raise _NotPlain
        while self.at < len(rows) and rows[self.at][0] == indent:
            _, text, number = rows[self.at]
            item = _ITEM.fullmatch(text)
            if item is None:
                break
            value: JSONValue
            if _ENTRY.fullmatch(item[2]):
                column = indent + 1 + len(item[1])
                rows[self.at] = column, item[2], number
                value, inside = self.mapping(column, depth + 1)
            else:
                self.at += 1
                value, inside = _inline(item[2], number)
                self._refuse_more_below(indent)
            places[str(len(values))] = number, inside
            values.append(value)
        if self.at < len(rows) and rows[self.at][0] > indent:
            raise _NotPlain
        return values, places

    def _refuse_more_below(self, indent: int) -> None:
        """What stands further right below a value on its key's line belongs to it."""
        if self.at < len(self._rows) and self._rows[self.at][0] > indent:
            raise _NotPlain


def _inline(text: str, number: int) -> tuple[JSONValue, dict[str, _Place]]:
    """A value that stands on one line with its key, and the places inside it."""
    if text[0] not in "[{":
        return _scalar(text), {}
    if text == "[]":
        return [], {}
    if text == "{}":
        return {}, {}
    parts = text[1:-1].split(",")
    if text[0] == "[" and text[-1] == "]":
        return [_in_flow(part) for part in parts], {str(index): (number, {}) for index in range(len(parts))}
    if text[0] != "{" or text[-1] != "}":
        raise _NotPlain
    mapping: dict[str, JSONValue] = {}
    for part in parts:
        entry = _FLOW_ENTRY.fullmatch(part.strip(" "))
        if entry is None or entry[1] in mapping:
            raise _NotPlain
        mapping[entry[1]] = _in_flow(entry[2])
    return mapping, {key: (number, {}) for key in mapping}


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
    if text in _WORDS:
        return _WORDS[text]
    if text.lower() in _OTHER_WORDS:
        raise _NotPlain
    return text

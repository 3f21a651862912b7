"""YAML as people write it. What is plain is read here, without a library: block mappings and lists of short texts.

Most frontmatters and steps are written in nothing else, and are read here several times faster. Whatever could mean
something else to YAML (quotation marks inside texts, texts and collections over several lines, anchors, tags, comments
after values, numbers other than whole ones) is left to the library: this only has to be right where it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_endpoint_docs.json_source import DuplicateKey, OddScalar
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import Lines, split_pointer
from pytest_endpoint_docs.words import late

if TYPE_CHECKING:
    from pytest_endpoint_docs.yaml_text.yaml_source import SourceText

# Characters that end lines in YAML 1.1 or may not stand in it; tabs, which it treats in many ways. Not as those that
# may: compiling nearly all of Unicode takes as long as reading thirty docs.
_UNSURE = late("[\0-\t\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# What a text without quotes may begin with, and a number that is one for sure.
_LETTERS, _NUMBER = "A-Za-z/$_(", "0|-?[1-9][0-9]{0,8}"
# A line: its indentation, the dash of a list item, then a key with what follows it (a text for sure, or anything), or
# anything else.
_LINE = re.compile(
    rf"^( *)(- +)?(?:([A-Za-z_$/][A-Za-z0-9_$./-]*):(?: +(?:([{_LETTERS}][^:#\n]*)|(.*)))?|(.*))$", re.MULTILINE
)
_WHOLE_NUMBER = re.compile(_NUMBER)
_DATE = late(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{2,18}Z)?")
_QUOTED = late(r"\"[^\"\\]*\"|'[^']*'")
# In a flow collection: a value, the key of one, what stands after one.
_FLOW_VALUE = late(
    r"(?:(?P<opening>[\[{])|\"(?P<double>[^\"\\]*)\"|'(?P<single>[^']*)'"
    rf"|(?P<text>[A-Za-z_/$^][A-Za-z0-9_/.()$^ -]*)|(?P<number>{_NUMBER})(?=[ ,\]}}])) *"
)
# The usual flow collection: a list of texts, such as tags.
_FLOW_TEXTS = re.compile(r"\[ *([A-Za-z_/$^][A-Za-z0-9_/.()$^ -]*(?:, *[A-Za-z_/$^][A-Za-z0-9_/.()$^ -]*)*)\]")
_FLOW_KEY = late(r"(?:([A-Za-z_$/][A-Za-z0-9_$/.-]*)|\"([^\"\\]+)\"|'([^']+)'): +")
_FLOW_SIGN = late(r"([,\]}]) *")
_BEGINS_TEXT = re.compile(f"[{_LETTERS}]")
_WORDS: dict[str, JSONValue] = {"true": True, "false": False, "null": None}
# What YAML 1.1 reads as true, false or null beside these.
_OTHER_WORDS = frozenset(["yes", "no", "on", "off", "true", "false", "null"])
_LONGEST_WORD = max(map(len, _OTHER_WORDS))
_LONGEST_TEXT = 50_000
_LONGEST_LINE = 1000
_DEEPEST = 40

_Place: TypeAlias = "tuple[int, Mapping[str, _Place]]"
"""The line of a value, and the places of what is inside it."""
_NOTHING: Mapping[str, _Place] = MappingProxyType({})


@value_class(kw_only=False)
class PlainLines:
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


AnyLines: TypeAlias = PlainLines | Lines
"""The lines of what :func:`read_yaml` has read: of a plain text, or of another one."""


@value_class(kw_only=False)
class PlainText:
    """The value of a plain text, a mapping in which no key stands twice, and no number or boolean is odd."""

    value: JSONValue
    lines: PlainLines
    duplicates: tuple[DuplicateKey, ...] = ()
    odd: tuple[OddScalar, ...] = ()


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
    if len(text) > _LONGEST_TEXT or (not text.replace("\n", "").isprintable() and _UNSURE.search(text)):
        return None
    if len(text) > _LONGEST_LINE and max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return None
    reader = _Reader()
    try:
        reader.read(text)
    except _NotPlain:
        return None
    return PlainText(reader.value, PlainLines((reader.line, reader.places))) if reader.line else None


class _NotPlain(Exception):
    """The text may mean something else to YAML."""


class _Reader:
    """Reads a mapping line by line: its ``value``, the ``places`` inside it, the number of its first ``line``.

    It is always inside of one mapping or list, whose lines begin in ``_column``; those around it wait in ``_around``.
    """

    def __init__(self) -> None:
        self.value: dict[str, JSONValue] = {}
        self.places: dict[str, _Place] = {}
        self.line = 0
        self._column = -1
        self._is_list = False
        self._values: Any = self.value
        self._places = self.places
        self._around: list[tuple[int, bool, Any, dict[str, _Place]]] = []

    def read(self, text: str) -> None:
        """Read the lines of a text. Raises: ``_NotPlain``."""
        # The key that the line before ends with: its value may begin in this one.
        open_key = ""
        for number, (indent, dash, key, sure, written, other) in enumerate(_LINE.findall(text.rstrip("\n")), start=1):
            if not key and not (dash and other):
                if dash or (other and other[0] != "#"):
                    raise _NotPlain
                continue
            self.line = self.line or number
            column, is_item = len(indent), bool(dash)
            if column != self._column or is_item is not self._is_list:
                self._move(column, is_item, open_key)
            open_key = ""
            values, places = self._values, self._places
            if is_item and not key:
                value, places[str(len(values))] = _inline(other.rstrip(" "), number, len(self._around))
                values.append(value)
                continue
            if is_item:
                entries: dict[str, JSONValue] = {}
                place = str(len(values))
                values.append(entries)
                places[place] = number, self._open(column + len(dash), entries, is_list=False)
                values, places = entries, self._places
            if key in values:
                raise _NotPlain
            if sure:
                values[key], places[key] = _word_or_text(sure.rstrip(" ")), (number, _NOTHING)
            elif written:
                values[key], places[key] = _inline(written.rstrip(" "), number, len(self._around))
            else:
                values[key], places[key] = None, (number, _NOTHING)
                open_key = key

    def _move(self, column: int, is_item: bool, open_key: str) -> None:
        """Go to the mapping or list that a line stands in."""
        if open_key and column >= self._column:
            places = self._places
            inner: Any = [] if is_item else {}
            self._values[open_key] = inner
            places[open_key] = places[open_key][0], self._open(column, inner, is_list=is_item)
            return
        if self._column < 0:
            self._column = column
        while self._around and (column < self._column or (self._is_list and not is_item)):
            self._column, self._is_list, self._values, self._places = self._around.pop()
        if column != self._column or is_item is not self._is_list:
            raise _NotPlain

    def _open(self, column: int, values: Any, *, is_list: bool) -> dict[str, _Place]:
        """Go into a mapping or list that is empty yet. Returns: the places that will be inside it."""
        self._around.append((self._column, self._is_list, self._values, self._places))
        if len(self._around) > _DEEPEST:
            raise _NotPlain
        self._column, self._is_list, self._values, self._places = column, is_list, values, {}
        return self._places


def _inline(text: str, number: int, depth: int) -> tuple[JSONValue, _Place]:
    """A value that stands on one line with its key or dash, so deep in others, and its place."""
    if text[0] not in "[{":
        return _scalar(text), (number, _NOTHING)
    texts = _FLOW_TEXTS.fullmatch(text)
    if texts is not None and depth < _DEEPEST:
        values = [_word_or_text(written.strip(" ")) for written in texts[1].split(",")]
        return values, (number, dict.fromkeys(map(str, range(len(values))), (number, _NOTHING)))
    value, place, end = _flow(text, 0, number, depth)
    if end < len(text):
        raise _NotPlain
    return value, place


def _flow(text: str, at: int, number: int, depth: int) -> tuple[JSONValue, _Place, int]:
    """A flow collection or a value in one, its place, and where it ends, with the spaces after it."""
    found = _FLOW_VALUE.match(text, at)
    if found is None or depth > _DEEPEST:
        raise _NotPlain
    if found["opening"]:
        read = _flow_list if found["opening"] == "[" else _flow_mapping
        return read(text, found.end(), number, depth + 1)
    value: JSONValue
    if found["text"]:
        value = _word_or_text(found["text"].rstrip(" "))
    elif found["number"]:
        value = int(found["number"])
    else:
        value = found[found.lastindex or 0]
    return value, (number, _NOTHING), found.end()


def _flow_list(text: str, at: int, number: int, depth: int) -> tuple[JSONValue, _Place, int]:
    values: list[JSONValue] = []
    places: dict[str, _Place] = {}
    ends, at = _after(text, at, "]") if text.startswith("]", at) else (False, at)
    while not ends:
        value, places[str(len(values))], at = _flow(text, at, number, depth)
        values.append(value)
        ends, at = _after(text, at, "]")
    return values, (number, places), at


def _flow_mapping(text: str, at: int, number: int, depth: int) -> tuple[JSONValue, _Place, int]:
    values: dict[str, JSONValue] = {}
    places: dict[str, _Place] = {}
    ends, at = _after(text, at, "}") if text.startswith("}", at) else (False, at)
    while not ends:
        found = _FLOW_KEY.match(text, at)
        key = found[found.lastindex or 0] if found else ""
        if found is None or key in values:
            raise _NotPlain
        values[key], places[key], at = _flow(text, found.end(), number, depth)
        ends, at = _after(text, at, "}")
    return values, (number, places), at


def _after(text: str, at: int, closing: str) -> tuple[bool, int]:
    """Whether a collection ends at a place, else a comma stands there; and where the text goes on."""
    sign = _FLOW_SIGN.match(text, at)
    if sign is None or sign[1] not in (",", closing):
        raise _NotPlain
    return sign[1] == closing, sign.end()


def _scalar(text: str) -> JSONValue:
    if _BEGINS_TEXT.match(text):
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

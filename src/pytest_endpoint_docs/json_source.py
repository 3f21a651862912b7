"""The bounded reader of JSON, and what can be wrong with a text of JSON or YAML."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, TypeGuard


class Bounds(NamedTuple):
    """What a text may hold: ``size`` bytes or characters, values nested ``depth`` deep.

    ``expanded`` bounds characters and values with aliases written out.
    """

    size: int
    depth: int
    expanded: int


_MIB = 1024 * 1024
# Far above any real file of its kind, far below what hurts.
WRITTEN_BY_HAND = Bounds(size=5 * _MIB, depth=64, expanded=1_000_000)
"""The bounds of docs, environments and recipes."""
GENERATED = Bounds(size=64 * _MIB, depth=200, expanded=100_000_000)
"""The bounds of API descriptions and result files, which programs write."""

# Every Python reads so many, however its own bound is set.
_DIGITS_MAX = 640
_LAST_COMMA = re.compile(r",\s*[}\]]")

ProblemKind = Literal["file", "syntax", "value", "duplicate", "hostile"]


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is one of JSON's numbers, which true and false are not, although they are of Python's."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class SourceProblem(ValueError):
    """A text that cannot be used. ``line`` and ``column`` count from 1 inside the text; ``None``: not known.

    ``kind`` ``file``: it could not be read, or is too large. ``syntax``: it is not YAML or JSON. ``value``: the value
    at ``pointer`` is none of JSON's. ``duplicate``: a name is given twice. ``hostile``: it must not be read in another
    way either (bombs, endless aliases). ``hint`` is a sentence that says how to mend it, or empty.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: ProblemKind = "syntax",
        line: int | None = None,
        column: int | None = None,
        pointer: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.line = line
        self.column = column
        self.pointer = pointer
        self.hint = hint


class DuplicateKey(NamedTuple):
    """A key that is given twice in one mapping; the later value counts. Lines count from 1."""

    key: str
    pointer: str
    first_line: int
    line: int
    differs: bool


class OddScalar(NamedTuple):
    """A number or boolean of YAML that JSON writes in another way: ``1.50``, ``0755``, ``NO``. Lines count from 1."""

    text: str
    value: bool | int | float
    pointer: str
    line: int


def parse_json(text: str | bytes, bounds: Bounds = WRITTEN_BY_HAND, *, unique_names: bool = False) -> Any:
    """Read a JSON text (RFC 8259), bytes in UTF-8. The last of several equal names counts, unless ``unique_names``.

    Raises: ``SourceProblem``.
    """
    refuse_size(text, bounds)
    decoder = _OF_UNIQUE_NAMES if unique_names else _DECODER
    try:
        value = json.loads(text, cls=lambda: decoder)  # type: ignore[arg-type]  # whatever gives one will do
    except json.JSONDecodeError as error:
        message, line, column = _syntax_error(error)
        raise SourceProblem(message, line=line, column=column) from error
    except UnicodeDecodeError as error:
        raise SourceProblem("not UTF-8") from error
    except RecursionError as error:
        raise too_deep(bounds) from error
    opening: tuple[Any, ...] = (b"{", b"[") if isinstance(text, bytes) else ("{", "[")
    # With fewer brackets than that, some of them inside of texts, nothing can be nested so deep.
    if sum(map(text.count, opening)) > bounds.depth and _is_deeper(value, bounds.depth):
        raise too_deep(bounds)
    return value


def read_json_lines(text: str) -> list[Any]:
    """The JSON values in the lines of a text (https://jsonlines.org), or in a sequence of them (RFC 7464).

    Raises: ``SourceProblem`` with the number of the first line that is none.
    """
    values: list[Any] = []
    for number, line in enumerate(text.replace("\x1e", "").split("\n"), start=1):
        if line.strip():
            try:
                values.append(parse_json(line, GENERATED))
            except SourceProblem as problem:
                raise SourceProblem(problem.message, kind=problem.kind, line=number, column=problem.column) from problem
    return values


class JSONPlaces:
    """Where the values of a readable JSON text stand. Only what lies on the way to a value is looked at."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, dict[str, tuple[int, int]]] = {}

    def line(self, keys: Iterable[str]) -> int:
        """The line (from 1) of the value that keys and indices lead to, of a member that of its name.

        Where there is none, that of the last one on the way. Of equal names the last one counts.
        """
        at = value = self._after_blanks(0)
        for key in keys:
            members = self._members_of(value)
            if key not in members:
                break
            at, value = members[key]
        return self._text.count("\n", 0, at) + 1

    def _members_of(self, start: int) -> dict[str, tuple[int, int]]:
        """The offsets of the name and the value of each member; of an item, twice that of its value."""
        if start not in self._members:
            self._members[start] = dict(self._read(start)) if self._text[start : start + 1] in ("{", "[") else {}
        return self._members[start]

    def _read(self, start: int) -> Iterator[tuple[str, tuple[int, int]]]:
        is_object, number = self._text[start] == "{", 0
        at = self._after_blanks(start + 1)
        while self._text[at] not in "}]":
            name, value = str(number), at
            if is_object:
                name, end = _SKIPPING.raw_decode(self._text, at)
                value = self._after_blanks(self._after_blanks(end) + 1)  # after the colon
            yield name, (at, value)
            number += 1
            at = self._after_blanks(_SKIPPING.raw_decode(self._text, value)[1])
            if self._text[at] == ",":
                at = self._after_blanks(at + 1)

    def _after_blanks(self, start: int) -> int:
        found = _BLANKS.match(self._text, start)
        return found.end() if found is not None else start


# Numbers are passed over, whatever they are.
_SKIPPING = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
_BLANKS = re.compile(r"[ \t\r\n]*")


def refuse_size(text: str | bytes, bounds: Bounds) -> None:
    """Raises: ``SourceProblem`` for a text that is too large to be read."""
    if len(text) > bounds.size:
        raise SourceProblem(f"is larger than {bounds.size // _MIB} MiB", kind="file")


def too_deep(bounds: Bounds) -> SourceProblem:
    """The problem of a text that is nested too deeply."""
    return SourceProblem(f"nested deeper than {bounds.depth} levels", kind="hostile")


def read_integer(text: str) -> int:
    """A whole number of JSON or YAML, also binary, octal or hexadecimal. Raises: ``ValueError``."""
    sign, digits = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    digits = digits.replace("_", "").lower()
    if len(digits) > _DIGITS_MAX:
        raise SourceProblem(f"a whole number of more than {_DIGITS_MAX} digits", kind="value")
    if digits[:2] in ("0x", "0b", "0o"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if digits[:1] == "0" else 10)


def read_number(text: str) -> float:
    """A number with a fraction or an exponent. Raises: ``ValueError`` for what is none, or not finite."""
    plain = text.replace("_", "").lower()
    number = math.inf if plain.endswith((".inf", ".nan")) else float(plain)
    if not math.isfinite(number):
        # A number that overflows is not shown: it may be somebody's secret.
        is_word = plain.endswith(("inf", "nan", "infinity"))
        message = f"{text} is not a JSON value" if is_word else "a number too large for JSON"
        raise SourceProblem(message, kind="value")
    return number


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise SourceProblem(f"`{twice}` is given twice in one JSON object: keep one", kind="duplicate")
    return mapping


# With these hooks a decoder takes as long to make as an answer to read: both are made once.
_DECODER, _OF_UNIQUE_NAMES = (
    json.JSONDecoder(
        object_pairs_hook=of_pairs, parse_int=read_integer, parse_float=read_number, parse_constant=read_number
    )
    for of_pairs in (None, _unique_pairs)
)


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            member
            for item in level
            for member in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(member, (dict, list))
        ]
        if not level:
            return False
    return True


def _syntax_error(error: json.JSONDecodeError) -> tuple[str, int, int]:
    """What is wrong, at which line and column; a comma before a closing bracket in our words, at the comma.

    Python before 3.13 tells the bracket's place, and that a name or value is missing there.
    """
    text, place = error.doc, error.pos
    comma = len(text[:place].rstrip()) - 1 if text[place : place + 1] in ("}", "]") else place
    if _LAST_COMMA.match(text, max(0, comma)):
        line = text.count("\n", 0, comma) + 1
        return "JSON allows no comma after the last value", line, comma - text.rfind("\n", 0, comma)
    return error.msg, error.lineno, error.colno

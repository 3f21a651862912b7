"""Frontmatter that is not valid YAML, read line by line (doc format, section 1)."""

from __future__ import annotations

import re

from pytest_endpoint_docs.json_source import SourceProblem
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.yaml_text.yaml_source import parse_yaml

_KEY = re.compile(r"(?P<key>[A-Za-z_][\w.-]*|\"[^\"]+\"|'[^']+')[ \t]*:(?:[ \t]+(?P<rest>.*))?")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*")


class UnreadableLine(Exception):
    """A line that is neither ``key: value`` nor an item of a list; ``line`` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


@value_class
class LenientMapping:
    """The fields with the line (from 1) of each, and the keys that stand twice with the line of the later one."""

    values: dict[str, JSONValue]
    lines: dict[str, int]
    duplicates: dict[str, int]


def read_lines(text: str) -> LenientMapping:
    """Read ``key: rest of line``, with ``- item`` and ``- k: v`` lists under an empty key.

    Raises:
        UnreadableLine: a line that is none of these.
    """
    values: dict[str, JSONValue] = {}
    lines: dict[str, int] = {}
    duplicates: dict[str, int] = {}
    below: dict[str, list[tuple[int, str]]] = {}
    current: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _KEY.fullmatch(line.rstrip())
        if match:
            current = match["key"].strip("\"'")
            if current in values:
                duplicates[current] = number
            values[current], lines[current], below[current] = (match["rest"] or "").strip(), number, []
        elif current is not None and line[0] in " \t-":
            below[current].append((number, line))
        else:
            raise UnreadableLine(number, line)
    for key, following in below.items():
        values[key] = _value(str(values[key]), following)
    return LenientMapping(values=values, lines=lines, duplicates=duplicates)


def _value(rest: str, following: list[tuple[int, str]]) -> JSONValue:
    if not following:
        return _scalar(rest)
    if rest and not rest.startswith("#"):
        # A text that goes on below its key, or a block scalar.
        first = "" if _BLOCK_SCALAR.fullmatch(rest) else rest
        return " ".join(part for part in (first, *(line.strip() for _, line in following)) if part)
    return _items(following)


def _items(following: list[tuple[int, str]]) -> JSONValue:
    items: list[JSONValue] = []
    for number, line in following:
        stripped = line.strip()
        entry = re.match(r"-(?:[ \t]+(.*))?$", stripped)
        text = (entry[1] or "") if entry else stripped
        pair = _KEY.fullmatch(text)
        last = items[-1] if items else None
        if entry:
            items.append({pair["key"].strip("\"'"): _scalar(pair["rest"] or "")} if pair else _scalar(text))
        elif pair and isinstance(last, dict):
            last[pair["key"].strip("\"'")] = _scalar(pair["rest"] or "")
        else:
            raise UnreadableLine(number, line)
    return items


def _scalar(text: str) -> JSONValue:
    """A value as YAML reads it where it can stand alone; else the text as it is, which is what its writer meant."""
    text = text.strip()
    if ": " in text and text[:1] not in ("[", "{", '"', "'"):
        return text
    try:
        value = parse_yaml(text).value
    except SourceProblem:
        return text
    return text if isinstance(value, (dict, list)) and text[:1] not in ("[", "{") else value

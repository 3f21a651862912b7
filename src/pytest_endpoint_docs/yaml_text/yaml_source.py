"""The one reader of YAML and JSON: JSON values only, times as text, nothing that hurts, and the line of every value."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import field
from typing import Any

import yaml

from pytest_endpoint_docs.json_source import (
    WRITTEN_BY_HAND,
    Bounds,
    DuplicateKey,
    OddScalar,
    ProblemKind,
    SourceProblem,
    read_integer,
    read_number,
    refuse_size,
    too_deep,
)
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import Lines, join_pointer, pointer_of
from pytest_endpoint_docs.yaml_text.plain_scalars import AS_WRITTEN, MERGE, TAG, Scalars

# libyaml's composer recurses in C: very deep input ends the process instead of raising. A text with fewer nesting
# marks than this cannot be too deep for it, and needs no look ahead.
_HARMLESS_MARKS = 300
# In characters (YAML 1.1, section 7.3.1): no parser looks further ahead for the end of a key without "?".
_KEY_LENGTH_MAX = 1024
# Beyond so many, values inside of aliases are found at the alias.
_LINES_MAX = 100_000

_SAME_COLUMN = "Keys of one mapping begin in the same column, as do the dashes of one list."


@value_class
class SourceText:
    """The value of a text. ``root`` is its tree of YAML nodes; ``None`` for JSON, and for an empty text."""

    value: JSONValue
    lines: Lines = field(repr=False)
    root: yaml.Node | None = field(default=None, repr=False)
    duplicates: tuple[DuplicateKey, ...] = ()
    odd: tuple[OddScalar, ...] = ()


def parse_yaml(text: str, bounds: Bounds = WRITTEN_BY_HAND, scalars: Scalars = AS_WRITTEN) -> SourceText:
    """Read one YAML document into JSON values: dates, times and ``10:30`` as text, the keys of mappings as written.

    Raises: ``SourceProblem``: not YAML, several documents, what JSON does not have, recursive or exploding aliases.
    """
    root = _compose(text, bounds, scalars)
    if root is None:
        return SourceText(value=None, lines=Lines(dict))
    values = _Values(bounds, scalars)
    value, _ = values.of(root)
    lines = Lines(lambda: _lines_below(root))
    return SourceText(value=value, lines=lines, root=root, duplicates=tuple(values.duplicates), odd=tuple(values.odd))


def lines_in(text: str, language: str) -> dict[str, int]:
    """The lines of the values of a YAML or JSON text, by their JSON Pointers; none of one that cannot be read."""
    root = None
    with suppress(SourceProblem):
        # A tab indents JSON but not YAML; replacing it moves no line.
        root = _compose(text.replace("\t", " ") if language == "json" else text, WRITTEN_BY_HAND)
    return {} if root is None else _lines_below(root)


def _compose(text: str, bounds: Bounds, scalars: Scalars = AS_WRITTEN) -> yaml.Node | None:
    refuse_size(text, bounds)
    try:
        if sum(map(text.count, "[{-?:")) > _HARMLESS_MARKS:
            _look_ahead(text, bounds)
        return yaml.compose(text, Loader=scalars.loader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_problem(error, text) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SourceProblem(f"a character that YAML does not allow: {error.reason}", line=line, column=1) from error
    except yaml.YAMLError as error:
        raise SourceProblem(str(error), line=1, column=1) from error


def _look_ahead(text: str, bounds: Bounds) -> None:
    """Refuse a text that is nested too deeply, without recursion.

    libyaml has a bound of its own on flow collections. Where they open one after the other it meets that bound while it
    looks ahead for the end of a key, before it tells of a single one. PyYAML's own parser is slow, has no bound, and
    tells of them all.
    """
    try:
        _refuse_depth(text, AS_WRITTEN.loader, bounds)
    except yaml.MarkedYAMLError as error:
        end = error.problem_mark.index if error.problem_mark else len(text)
        ahead = text[max(0, end - _KEY_LENGTH_MAX) : end]
        if sum((char in "[{") - (char in "]}") for char in ahead) > bounds.depth:
            with suppress(yaml.YAMLError):
                _refuse_depth(text, yaml.SafeLoader, bounds)
        raise


def _refuse_depth(text: str, loader: type[yaml.SafeLoader], bounds: Bounds) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > bounds.depth:
                raise _at(event, too_deep(bounds).message, kind="hostile")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


class _Values:
    """Makes the JSON values of nodes, and notes the keys that stand twice, and odd numbers and booleans."""

    def __init__(self, bounds: Bounds, scalars: Scalars) -> None:
        self.duplicates: list[DuplicateKey] = []
        self.odd: list[OddScalar] = []
        self._bounds, self._makers = bounds, _makers(scalars)
        self._known: dict[int, tuple[JSONValue, int]] = {}
        self._open: set[int] = set()
        self._way: list[str | int] = []

    def of(self, node: yaml.Node) -> tuple[JSONValue, int]:
        """The value of a node, and its size with aliases written out. Raises: ``SourceProblem``."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1 + len(node.value)
        identity = id(node)
        if identity in self._known:
            return self._known[identity]
        if identity in self._open:
            raise _at(node, "an alias that contains itself", kind="hostile")
        if len(self._open) == self._bounds.depth:
            raise _at(node, too_deep(self._bounds).message, kind="hostile")
        self._open.add(identity)
        if isinstance(node, yaml.MappingNode) and node.tag == TAG + "map":
            made = self._mapping(node)
        elif isinstance(node, yaml.SequenceNode) and node.tag == TAG + "seq":
            made = self._sequence(node)
        else:
            raise self._no_value(node)
        self._open.discard(identity)
        self._known[identity] = made
        return made

    def _sequence(self, node: yaml.SequenceNode) -> tuple[JSONValue, int]:
        items: list[JSONValue] = []
        size = 1
        for index, child in enumerate(node.value):
            item, of_item = self._below(index, child)
            items.append(item)
            size = self._sum(size, of_item, child)
        return items, size

    def _mapping(self, node: yaml.MappingNode) -> tuple[JSONValue, int]:
        merged: dict[str, JSONValue] = {}
        own: dict[str, JSONValue] = {}
        lines: dict[str, int] = {}
        size = 1
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _at(key, 'a key that is not text (`{{name}}` without quotes is one: write "{{name}}")')
            name = key.value
            value, of_value = self._below(name, child)
            size = self._sum(size, of_value, child)
            if key.tag == MERGE:
                merged |= _merged(value, child)
                continue
            line = key.start_mark.line + 1
            if name in own:
                place, first, differs = pointer_of([*self._way, name]), lines[name], repr(own[name]) != repr(value)
                twice = DuplicateKey(key=name, pointer=place, first_line=first, line=line, differs=differs)
                self.duplicates.append(twice)
            own[name], lines[name] = value, line
        return {**merged, **own}, size

    def _below(self, key: str | int, node: yaml.Node) -> tuple[JSONValue, int]:
        self._way.append(key)
        made = self.of(node)
        self._way.pop()
        return made

    def _sum(self, size: int, added: int, node: yaml.Node) -> int:
        if size + added > self._bounds.expanded:
            most = f"{self._bounds.expanded:,}"
            raise _at(node, f"more than {most} characters with its aliases written out (a YAML bomb)", kind="hostile")
        return size + added

    def _scalar(self, node: yaml.ScalarNode) -> JSONValue:
        make = self._makers.get(node.tag)
        if make is None:
            raise self._no_value(node)
        try:
            value = make(node.value)
        except SourceProblem as problem:
            raise self._no_value(node, problem.message) from problem
        except (ValueError, KeyError):
            raise self._no_value(node, f"a value that does not fit its tag {node.tag.replace(TAG, '!!')}") from None
        if isinstance(value, (bool, int, float)) and json.dumps(value) != node.value.lower():
            self.odd.append(OddScalar(node.value, value, pointer_of(self._way), node.start_mark.line + 1))
        return value

    def _no_value(self, node: yaml.Node, message: str = "") -> SourceProblem:
        message = message or f"the tag {node.tag.replace(TAG, '!!')} has no JSON value"
        return _at(node, message, kind="value", pointer=pointer_of(self._way))


def _makers(scalars: Scalars) -> Mapping[str, Callable[[str], JSONValue]]:
    """What makes the value of a scalar, by its tag."""
    return {
        TAG + "str": str,
        MERGE: str,
        TAG + "null": lambda _: None,
        TAG + "bool": lambda text: scalars.booleans[text.lower()],
        TAG + "int": read_integer if scalars.has_old_octals else _without_octals,
        TAG + "float": read_number,
    }


def _without_octals(text: str) -> int:
    """A whole number in which a zero at the beginning says nothing, as in ``007``. Raises: ``ValueError``."""
    digits = text.lstrip("+-")
    sign = text.removesuffix(digits)
    return read_integer(sign + (digits if digits[:2] in ("0x", "0o") else digits.lstrip("0") or "0"))


def _merged(value: JSONValue, node: yaml.Node) -> dict[str, JSONValue]:
    merged: dict[str, JSONValue] = {}
    # Of several mappings the first one that has a key gives its value.
    for mapping in reversed(value) if isinstance(value, list) else [value]:
        if not isinstance(mapping, dict):
            raise _at(node, "`<<` merges a mapping, or a list of them")
        merged |= mapping
    return merged


def _lines_below(root: yaml.Node) -> dict[str, int]:
    found: dict[str, int] = {}
    pending = deque([("", root, root.start_mark.line + 1, 0)])
    # The tree may be that of a text that is refused: an alias in it may contain itself.
    while pending and len(found) < _LINES_MAX:
        pointer, node, line, depth = pending.popleft()
        found.setdefault(pointer, line)
        if depth == WRITTEN_BY_HAND.depth:
            continue
        if isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                pending.append((join_pointer(pointer, index), child, child.start_mark.line + 1, depth + 1))
        elif isinstance(node, yaml.MappingNode):
            # The key's line: a block value starts below it. Of a key that is given twice the later value counts.
            for key, child in reversed(node.value):
                if not isinstance(key, yaml.ScalarNode):
                    continue
                if key.tag != MERGE:
                    pending.append((join_pointer(pointer, key.value), child, key.start_mark.line + 1, depth + 1))
                    continue
                # Its own members come first, and are found by then.
                for merged in child.value if isinstance(child, yaml.SequenceNode) else [child]:
                    pending.append((pointer, merged, line, depth + 1))
    return found


def _at(
    place: yaml.Node | yaml.Event, message: str, *, kind: ProblemKind = "syntax", pointer: str = ""
) -> SourceProblem:
    mark: Any = place.start_mark
    return SourceProblem(message, kind=kind, line=mark.line + 1, column=mark.column + 1, pointer=pointer)


def _syntax_problem(error: yaml.MarkedYAMLError, text: str) -> SourceProblem:
    mark, opened = error.problem_mark or error.context_mark, error.context_mark
    message = ", ".join(part for part in (error.context, error.problem) if part) or "not valid YAML"
    if mark is None:
        return SourceProblem(message, line=1, column=1)
    line = "".join(text.split("\n")[mark.line : mark.line + 1])
    if opened and opened.line < mark.line and not line[:1].isspace() and ("flow" in message or "quoted" in message):
        mark = opened  # The bracket or quotation mark that is never closed.
    hint = ""
    if "\t" in line[: len(line) - len(line.lstrip())] or line[mark.column : mark.column + 1] == "\t":
        hint = "YAML is indented with spaces, not tabs."
    elif "mapping values are not allowed" in message:
        hint = "Put a text with `: ` in it in quotes." if ": " in line[: mark.column] else _SAME_COLUMN
    elif "block" in message:
        hint = _SAME_COLUMN
    elif "cannot start any token" in message or "undefined alias" in message:
        hint = f'Put a text that begins with "{line[mark.column : mark.column + 1]}" in quotes.'
    elif "flow" in message and re.search(r"\$?\{\{?[\w.]+\}", line):
        hint = 'Inside [ ] and { }, put a variable in quotes: "{{name}}".'
    elif "flow" in message and re.search(r"[\w$.]\[", line):
        hint = 'Inside [ ] and { }, put a text with brackets in quotes: "$.data[0].id".'
    return SourceProblem(message, line=mark.line + 1, column=mark.column + 1, hint=hint)

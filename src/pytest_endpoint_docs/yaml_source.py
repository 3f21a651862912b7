"""YAML as the docs mean it: JSON values only, times as text, no bombs, and the line of every value."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from pytest_endpoint_docs.model.source import JSONValue, SourceBlock, SourceLocation
from pytest_endpoint_docs.pointers import is_index, join_pointer, split_pointer

if TYPE_CHECKING:
    from yaml import SafeLoader as _BaseLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    import yaml


# Far above any real doc, far below what hurts: characters and nodes of the value with its aliases written out.
EXPANDED_SIZE_MAX = 1_000_000
DEPTH_MAX = 64
# libyaml's composer recurses in C: very deep input ends the process instead of raising. A text with fewer nesting
# marks than this cannot be that deep, and needs no look ahead.
_HARMLESS_MARKS = 300
# In characters (YAML 1.1, section 7.3.1): no parser looks further ahead for the end of a key without "?".
_KEY_LENGTH_MAX = 1024

_TAG = "tag:yaml.org,2002:"
_JSON_TAGS = frozenset(_TAG + name for name in ("map", "seq", "str", "int", "float", "bool", "null", "merge"))


class YamlProblem(Exception):
    """A YAML text that cannot be used; ``line`` and ``column`` count from 1 inside the text.

    ``hostile``: it is YAML, of a kind that must not be read in another way either (bombs, endless aliases).
    """

    def __init__(self, message: str, *, line: int, column: int, hostile: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hostile = hostile


class _TextualTimesLoader(_BaseLoader):
    """Reads dates and times as the text that stands there, and mapping keys as written (``on``, ``200``)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


def _without_times(resolvers: dict[str, list[tuple[str, re.Pattern[str]]]]) -> dict[str, list[tuple[str, Any]]]:
    # Sexagesimal numbers go too: 10:30 is a time for everybody but YAML 1.1. So does "=", which is no JSON value.
    kept: dict[str, list[tuple[str, Any]]] = {}
    for first, pairs in resolvers.items():
        kept[first] = [
            (tag, pattern)
            for tag, pattern in pairs
            if tag not in (_TAG + "timestamp", _TAG + "value", _TAG + "int", _TAG + "float")
        ]
    return kept


_TextualTimesLoader.yaml_implicit_resolvers = _without_times(_BaseLoader.yaml_implicit_resolvers)
_TextualTimesLoader.add_implicit_resolver(
    _TAG + "int",
    re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)\Z"),
    list("-+0123456789"),
)
_TextualTimesLoader.add_implicit_resolver(
    _TAG + "float",
    re.compile(
        r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
    ),
    list("-+0123456789."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateKey:
    """A key that stands twice in one mapping; the later value counts for the parser. Lines count from 1."""

    key: str
    pointer: str
    first_line: int
    line: int
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlText:
    """A parsed YAML text. :meth:`line` gives lines from 1 inside the text."""

    value: JSONValue
    root: yaml.Node | None = field(repr=False)
    duplicates: tuple[DuplicateKey, ...] = ()

    def line(self, pointer: str) -> int:
        """The line of the value at a JSON Pointer (RFC 6901), or of its nearest ancestor."""
        return pointer_line(self.root, pointer)


def parse_yaml(text: str) -> YamlText:
    """Read one YAML document into JSON values.

    Raises:
        YamlProblem: no YAML, several documents, recursive or exploding aliases, values that JSON does not have.
    """
    root = compose(text)
    if root is None:
        return YamlText(value=None, root=None)
    duplicates = _inspect(root)
    loader = _TextualTimesLoader("")
    try:
        value = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise _problem(error) from error
    except (ValueError, OverflowError, KeyError, IndexError, TypeError) as error:
        # PyYAML's scalar constructors let int() and float() speak for themselves (`0o9`, 5000 digits, `!!int ""`).
        raise YamlProblem(f"a value cannot be read: {error}", line=root.start_mark.line + 1, column=1) from error
    finally:
        loader.dispose()
    return YamlText(value=value, root=root, duplicates=tuple(duplicates))


def compose(text: str) -> yaml.Node | None:
    """The node tree of a YAML (or JSON) text, ``None`` for an empty one.

    Raises:
        YamlProblem: not YAML, or nested deeper than :data:`DEPTH_MAX`.
    """
    try:
        if sum(map(text.count, "[{-?:")) > _HARMLESS_MARKS:
            _look_ahead(text)
        return yaml.compose(text, Loader=_TextualTimesLoader)
    except yaml.MarkedYAMLError as error:
        raise _problem(error) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlProblem(f"a character that YAML does not allow: {error.reason}", line=line, column=1) from error
    except yaml.YAMLError as error:
        raise YamlProblem(str(error), line=1, column=1) from error


def pointer_line(root: yaml.Node | None, pointer: str) -> int:
    """The line (from 1) of the value at a JSON Pointer, or of its nearest ancestor that is there."""
    if root is None:
        return 1
    node, line = root, root.start_mark.line + 1
    for name in split_pointer(pointer):
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value == name:
                    # The key's line: a block value starts below it.
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and is_index(name) and int(name) < len(node.value):
            found = node.value[int(name)]
            line = found.start_mark.line + 1
        if found is None:
            break
        node = found
    return line


def _look_ahead(text: str) -> None:
    """Refuse a text that is nested too deeply, without recursion.

    libyaml has a bound of its own on flow collections. Where they open one after the other it meets that bound while it
    looks ahead for the end of a key, before it tells of a single one. PyYAML's own parser is slow, has no bound, and
    tells of them all.
    """
    try:
        _check_depth(text, _TextualTimesLoader)
    except yaml.MarkedYAMLError as error:
        end = error.problem_mark.index if error.problem_mark else len(text)
        ahead = text[max(0, end - _KEY_LENGTH_MAX) : end]
        if sum((char in "[{") - (char in "]}") for char in ahead) > DEPTH_MAX:
            with suppress(yaml.YAMLError):
                _check_depth(text, yaml.SafeLoader)
        raise


def _check_depth(text: str, loader: type[yaml.SafeLoader]) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > DEPTH_MAX:
                raise _at(event, f"nested deeper than {DEPTH_MAX} levels", hostile=True)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def _inspect(root: yaml.Node) -> list[DuplicateKey]:
    duplicates: list[DuplicateKey] = []
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size_of(node: yaml.Node, pointer: str) -> int:
        identity = id(node)
        if identity in open_nodes:
            raise _at(node, "an alias that contains itself", hostile=True)
        if identity in sizes:
            return sizes[identity]
        if node.tag not in _JSON_TAGS:
            raise _at(node, f"the tag {node.tag.replace(_TAG, '!!')} has no JSON value")
        if node.tag.endswith(":float") and re.fullmatch(r"[-+]?\.(inf|nan)", node.value.lower()):
            raise _at(node, f"{node.value} is no JSON number")
        open_nodes.add(identity)
        if len(open_nodes) > DEPTH_MAX:
            raise _at(node, f"nested deeper than {DEPTH_MAX} levels", hostile=True)
        size = 1 + (len(node.value) if isinstance(node, yaml.ScalarNode) else 0)
        if isinstance(node, yaml.MappingNode):
            duplicates.extend(_duplicates_of(node, pointer))
        for key, child in _children(node):
            size += size_of(child, join_pointer(pointer, key))
            if size > EXPANDED_SIZE_MAX:
                message = f"more than {EXPANDED_SIZE_MAX:,} characters with its aliases written out (a YAML bomb)"
                raise _at(child, message, hostile=True)
        open_nodes.discard(identity)
        sizes[identity] = size
        return size

    size_of(root, "")
    return duplicates


def _children(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _at(key, 'a key that is no text (`{{name}}` without quotes is one: write "{{name}}")')
            yield key.value, value
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


def _duplicates_of(node: yaml.MappingNode, pointer: str) -> Iterator[DuplicateKey]:
    seen: dict[str, tuple[int, yaml.Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == _TAG + "merge":
            continue
        line = key.start_mark.line + 1
        if key.value in seen:
            first_line, first = seen[key.value]
            same = isinstance(first, yaml.ScalarNode) and (first.tag, first.value) == (value.tag, value.value)
            yield DuplicateKey(
                key=key.value,
                pointer=join_pointer(pointer, key.value),
                first_line=first_line,
                line=line,
                differs=not same,
            )
        seen[key.value] = (line, value)


def _at(place: yaml.Node | yaml.Event, message: str, *, hostile: bool = False) -> YamlProblem:
    mark = place.start_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return YamlProblem(message, line=line, column=column, hostile=hostile)


def _problem(error: yaml.MarkedYAMLError) -> YamlProblem:
    mark = error.problem_mark or error.context_mark
    message = ", ".join(part for part in (error.context, error.problem) if part) or "no valid YAML"
    return YamlProblem(message, line=mark.line + 1 if mark else 1, column=mark.column + 1 if mark else 1)


def locate(block: SourceBlock, pointer: str) -> SourceLocation:
    """The line of the value at a JSON Pointer (RFC 6901) of a YAML or JSON fence.

    A value that is not there is located at its nearest ancestor, a text that cannot be read at the fence itself.
    """
    root = node_tree(block)
    return block.location if root is None else line_in(block, pointer_line(root, pointer))


def node_tree(block: SourceBlock) -> yaml.Node | None:
    """The YAML node tree of a fence, also of a JSON one, to find lines in; ``None`` where there is none."""
    try:
        # A tab indents JSON but not YAML; replacing it moves no line.
        return compose(block.text.replace("\t", " ") if block.language == "json" else block.text)
    except YamlProblem:
        return None


def line_in(block: SourceBlock, line: int) -> SourceLocation:
    """The file's line for a line (from 1) of the fence's content."""
    return block.location.at(block.first_line + line - 1)

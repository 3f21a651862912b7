"""A YAML file whose every value knows its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer, parent_pointer

_JSON_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null"))
_MERGE_TAG = "tag:yaml.org,2002:merge"
_TIMESTAMP_TAG = "tag:yaml.org,2002:timestamp"
_NOT_FINITE = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)
_MAX_DEPTH = 50
_MAX_NODES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlSource:
    """The JSON value of a YAML file, with ``lines``: JSON Pointer to line. ``path`` is the file as people read it."""

    path: str
    data: JSONValue
    lines: Mapping[str, int] = field(repr=False)

    def location(self, pointer: str) -> SourceLocation:
        """Where a value stands, or the nearest value around it."""
        while pointer not in self.lines and pointer:
            pointer = parent_pointer(pointer)
        return SourceLocation(self.path, self.lines.get(pointer, 1))


def read_yaml(file: Path, *, display_path: str) -> YamlSource:
    """Read a YAML file of JSON values. Timestamps stay texts.

    Raises: ``ConfigError`` at ``path:line``: not readable, not YAML, a key twice, a value that JSON does not have.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{display_path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{display_path}: cannot be read: {error.strerror}") from error
    lines = _Lines(display_path)
    try:
        data = _parse(text, lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        # What PyYAML quotes is text of the file, and may be a secret; its own <token names> may not.
        problem = re.sub(r" '(?!<)[^']{2,}'", "", error.problem or error.context or "")
        hint = "; quote a text that holds ': '" if "mapping values" in problem else ""
        if mark and "\t" in "".join(text.split("\n")[mark.line : mark.line + 1])[: mark.column + 1]:
            hint = "; YAML is indented with blanks, not tabs"
        raise ConfigError(f"{display_path}:{line}: is not YAML: {problem} (column {column}){hint}") from None
    except yaml.reader.ReaderError as error:
        raise ConfigError(f"{display_path}: is not YAML: {error.reason} (character {error.position})") from None
    except ValueError:
        raise ConfigError(f"{display_path}: is not YAML: a value does not fit its tag") from None
    return YamlSource(path=display_path, data=data, lines=lines.found)


def _parse(text: str, lines: _Lines) -> JSONValue:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise ConfigError(f"{lines.path}:1: is empty; expected a mapping, with a base_url at least")
        lines.visit(node, "", 0)
        if lines.problems:
            raise ConfigError("\n".join(lines.problems))
        data: JSONValue = loader.construct_document(node)
    finally:
        loader.dispose()
    return data


class _Loader(yaml.SafeLoader):
    """Safe YAML without timestamps: a date stays the text that was written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP_TAG]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Lines:
    """Walks the nodes of a file: the line of every value, and what JSON cannot hold."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: dict[str, int] = {}
        self.problems: list[str] = []
        self._visited = 0

    def visit(self, node: yaml.Node, pointer: str, depth: int) -> None:
        self._visited += 1
        if depth > _MAX_DEPTH or self._visited > _MAX_NODES:
            raise ConfigError(f"{self._at(node)}: is nested too deeply, or refers to itself")
        self.found.setdefault(pointer, node.start_mark.line + 1)
        if node.tag not in _JSON_TAGS or (node.tag.endswith(":float") and _NOT_FINITE.fullmatch(node.value)):
            self.problems.append(f"{self._at(node)}: {pointer}: is a value that JSON does not have; quote it")
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.visit(item, join_pointer(pointer, index), depth + 1)
        elif isinstance(node, yaml.MappingNode):
            self._members(node, pointer, depth)

    def _members(self, node: yaml.MappingNode, pointer: str, depth: int) -> None:
        first_lines: dict[str, int] = {}
        for key, value in node.value:
            if key.tag == _MERGE_TAG:
                merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for mapping in merged:
                    self.visit(mapping, pointer, depth + 1)
                continue
            if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith(":str"):
                self.problems.append(f"{self._at(key)}: {pointer or '/'}: every key is a text; quote this one")
                continue
            member = join_pointer(pointer, key.value)
            if key.value in first_lines:
                first = first_lines[key.value]
                self.problems.append(f"{self._at(key)}: {member}: stands there twice, first in line {first}")
            first_lines[key.value] = key.start_mark.line + 1
            self.found[member] = key.start_mark.line + 1
            self.visit(value, member, depth + 1)

    def _at(self, node: yaml.Node) -> str:
        return f"{self.path}:{node.start_mark.line + 1}"

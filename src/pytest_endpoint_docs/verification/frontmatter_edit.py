"""Change one value of a frontmatter and no other character. Pure: text in, text out."""

from __future__ import annotations

import json
import re

import yaml

from pytest_endpoint_docs.errors import StampError
from pytest_endpoint_docs.json_source import SourceProblem
from pytest_endpoint_docs.loading.broken_frontmatter import UnreadableLine, read_lines
from pytest_endpoint_docs.loading.frontmatter import decode_newlines
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.yaml_text.yaml_source import parse_yaml

# Where a key that is not there yet goes: after the first of these that stands on a line of its own.
_NEIGHBOURS = {
    "verifiedAt": ("savedAt", "status", "skipReason"),
    "verifiedBy": ("verifiedAt", "savedAt", "status"),
}
_OPENING = re.compile(r"-{3,}[ \t]*(\r\n|\n|\r)")
_CLOSING = re.compile(r"(?<=[\r\n])-{3,}[ \t]*(?=[\r\n]|\Z)")
_REST_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
# A line of a frontmatter that is not YAML; the line after it does not continue its value.
_KEY_LINE = re.compile(
    r"(?:^|(?<=[\r\n]))(?P<q>[\"']?)(?P<key>\w+)(?P=q)[ \t]*:(?P<gap>[ \t]*)(?P<value>[^\r\n]*)"
    r"(?=(?:\r\n|\n|\r)(?:\S|\Z)|\Z)"
)
_ONE_VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|(?![\"'&!*|>\[{#])\S(?:.*?\S)??(?=[ \t]*\Z|[ \t]+#)|(?=#|\Z)"
)


@value_class
class _Frontmatter:
    """``text[start:end]`` is what stands between the ``---`` lines of a file; ``path`` names it in errors."""

    path: str
    text: str
    start: int
    end: int
    newline: str

    @property
    def yaml(self) -> str:
        return self.text[self.start : self.end]

    def line(self, offset: int) -> int:
        return len(re.findall(r"\r\n|\n|\r", self.text[: self.start + offset])) + 1

    def error(self, message: str, offset: int = 0) -> StampError:
        return StampError(message, location=SourceLocation(self.path, self.line(offset)))


@value_class
class _Place:
    """Where a value goes: ``yaml[start:end]`` is replaced by ``before``, the value in ``quote``, and ``after``."""

    start: int
    end: int
    before: str = ""
    after: str = ""
    quote: str = ""


def with_value(text: str, key: str, value: str, *, path: str) -> str:
    """The text of a doc with ``key: value`` in its frontmatter, and every other character as it was.

    The value keeps the quotes that the old one had; a key that is missing gets a line of its own. ``text`` has its
    newlines as they are in the file, and no BOM. Raises: ``StampError`` where this cannot be done safely.
    """
    front = _frontmatter(text, path)
    try:
        root = parse_yaml(front.yaml).root
    except SourceProblem as problem:
        if problem.kind == "hostile":
            raise front.error(f"the frontmatter cannot be read: {problem.message}") from problem
        place = _place_by_lines(front, key)
        return _checked_line(front, _edited(front, place, value), place, key, value)
    if not isinstance(root, yaml.MappingNode):
        raise front.error("the frontmatter is not a mapping")
    if root.flow_style:
        raise front.error("the frontmatter is written in {...}; write each key on a line of its own")
    return _checked_mapping(front, _edited(front, _place(front, root, key), value), key, value)


def _frontmatter(text: str, path: str) -> _Frontmatter:
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if not opening or not closing:
        raise StampError("no frontmatter between two --- lines", location=SourceLocation(path, 1))
    return _Frontmatter(path=path, text=text, start=opening.end(), end=closing.start(), newline=opening[1])


def _place(front: _Frontmatter, root: yaml.MappingNode, key: str) -> _Place:
    pairs = [(name, node) for name, node in root.value if isinstance(name, yaml.ScalarNode)]
    found = [(name, node) for name, node in pairs if name.value == key]
    if len(found) > 1:
        lines = ", ".join(str(front.line(name.start_mark.index)) for name, _ in found)
        raise front.error(f"{key} appears {len(found)} times (lines {lines}); keep one", found[0][0].start_mark.index)
    if found:
        return _place_of(front, key, *found[0])
    for neighbour in _NEIGHBOURS.get(key, ()):
        for name, node in pairs:
            if name.value == neighbour and isinstance(node, yaml.ScalarNode) and _is_on_one_line(name, node):
                return _line_after(front, node.end_mark.index, key, indent=name.start_mark.column, quote=node.style)
    return _line_after(front, len(front.yaml), key, indent=pairs[0][0].start_mark.column if pairs else 0)


def _place_of(front: _Frontmatter, key: str, name: yaml.ScalarNode, node: yaml.Node) -> _Place:
    start, end = node.start_mark.index, node.end_mark.index
    at = name.start_mark.index
    if not isinstance(node, yaml.ScalarNode):
        raise front.error(f"{key} holds a list or a mapping; expected one value on the line of its key", at)
    # An alias is composed to the node that it stands for, which lies elsewhere.
    between = front.yaml[name.end_mark.index : start]
    if not re.fullmatch(r"[ \t]*:[ \t]*", between) or front.yaml[start:end].startswith(("&", "!")):
        raise front.error(f"{key} is not followed by a plain value (an alias, an anchor, a tag, another line)", at)
    if not _is_on_one_line(name, node):
        raise front.error(f"the value of {key} takes several lines; write it on one", at)
    return _Place(start=start, end=end, before=" " if between.endswith(":") else "", quote=node.style or "")


def _is_on_one_line(name: yaml.Node, node: yaml.ScalarNode) -> bool:
    return node.style not in ("|", ">") and bool(name.start_mark.line == node.end_mark.line)


def _line_after(front: _Frontmatter, offset: int, key: str, *, indent: int = 0, quote: str | None = None) -> _Place:
    end = _REST_OF_LINE.match(front.yaml, offset).end()  # type: ignore[union-attr]
    return _Place(start=end, end=end, before=f"{' ' * indent}{key}: ", after=front.newline, quote=quote or "")


def _place_by_lines(front: _Frontmatter, key: str) -> _Place:
    """The place in a frontmatter that is not YAML, where a doc is read ``key: rest of line``."""
    found = [match for match in _KEY_LINE.finditer(front.yaml) if match["key"] == key]
    if len(found) > 1:
        raise front.error(f"{key} appears {len(found)} times; keep one", found[0].start())
    if found:
        value = _ONE_VALUE.match(found[0]["value"])
        if value is None:
            raise front.error(f"the value of {key} cannot be replaced safely; write a plain date", found[0].start())
        start = found[0].start("value")
        quote = value[0][:1] if value[0][:1] in ('"', "'") else ""
        return _Place(start=start, end=start + value.end(), before="" if found[0]["gap"] else " ", quote=quote)
    continued = re.search(rf"(?:^|(?<=[\r\n])){re.escape(key)}[ \t]*:", front.yaml)
    if continued:
        raise front.error(f"the value of {key} takes several lines; write it on one", continued.start())
    for neighbour in _NEIGHBOURS.get(key, ()):
        for match in _KEY_LINE.finditer(front.yaml):
            if match["key"] == neighbour and match["value"]:
                return _line_after(front, match.end(), key)
    return _line_after(front, len(front.yaml), key)


def _edited(front: _Frontmatter, place: _Place, value: str) -> str:
    start, end = front.start + place.start, front.start + place.end
    return front.text[:start] + place.before + _scalar(value, place.quote) + place.after + front.text[end:]


def _scalar(value: str, quote: str) -> str:
    if quote == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if quote != '"':
        try:
            if parse_yaml(f"key: {value}").value == {"key": value}:
                return value
        except SourceProblem:
            pass  # not a plain scalar: it needs the quotes below
    return json.dumps(value, ensure_ascii=False)


def _checked_mapping(front: _Frontmatter, text: str, key: str, value: str) -> str:
    try:
        before = parse_yaml(front.yaml).value
        after = parse_yaml(_frontmatter(text, front.path).yaml).value
    except SourceProblem as problem:
        raise front.error(f"{key} cannot be written safely: {problem.message}") from problem
    if not isinstance(before, dict) or after != {**before, key: value}:
        raise front.error(f"{key} cannot be written without changing another value; write it there once by hand")
    return text


def _checked_line(front: _Frontmatter, text: str, place: _Place, key: str, value: str) -> str:
    edited = _frontmatter(text, front.path).yaml
    line_start = max(edited.rfind("\n", 0, place.start), edited.rfind("\r", 0, place.start)) + 1
    line = _REST_OF_LINE.match(edited, line_start)
    try:
        written = parse_yaml(line[0] if line else "").value
    except SourceProblem:
        written = None
    before = _as_read(front.yaml)
    if written != {key: value} or (isinstance(before, dict) and _as_read(edited) != {**before, key: value}):
        raise front.error(f"{key} cannot be written safely into a frontmatter that is not YAML; fix that first")
    return text


def _as_read(written: str) -> JSONValue:
    """The values of a frontmatter as its doc is read, by lines where it is not YAML; ``None`` where it cannot be."""
    try:
        return parse_yaml(written).value
    except SourceProblem:
        pass
    try:
        return read_lines(decode_newlines(written)).values
    except UnreadableLine:
        return None

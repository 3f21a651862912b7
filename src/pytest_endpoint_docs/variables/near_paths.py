"""What a path expression may have meant that selected nothing: where it leaves the answer, or where the name is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.words import cut, folded, late, listed

# One step of a plain path: ``.name``, ``['name']``, ``[0]``.
_STEP = late(r"\.?(?P<name>[^\W\d][\w-]*)|\[\s*(?P<index>\d+)\s*\]|\[\s*(?P<q>['\"])(?P<quoted>.*?)(?P=q)\s*\]")
_PLAIN = late(r"[^\W\d]\w*")
# How many values of an answer are looked at, how deep, and how long a path may be that is told.
_VALUES_MAX = 5_000
_DEPTH_MAX = 12
_LENGTH_MAX = 100


class _Found(NamedTuple):
    """A member of the answer: its path as written in a doc, and the names on the way."""

    path: str
    names: tuple[str, ...]


def what_there_is(expression: str, content: JSONValue) -> str:
    """The rest of a sentence about an expression that selected nothing, such as ``; there is `$.data[0].uid```.

    Empty where nothing of the answer comes near.
    """
    steps = _steps(expression)
    wanted = [step for step in steps if isinstance(step, str)]
    if wanted:
        same = [found for found in _members(content) if folded(found.names[-1]) == folded(wanted[-1])]
        best = max(same, key=lambda found: len({*map(folded, found.names)} & {*map(folded, wanted)}), default=None)
        if best is not None:
            return f"; there is `{best.path}`"
    return _left_at(steps, content)


def _steps(expression: str) -> list[str | int]:
    """The names and indices of an expression; what else stands in it (filters, wildcards) is left out."""
    path = expression.partition("|")[0].strip().removeprefix("$")
    found = _STEP.finditer(path)
    return [int(step["index"]) if step["index"] else step["name"] or step["quoted"] or "" for step in found]


def _members(content: JSONValue) -> Iterator[_Found]:
    """Every member of the answer, the nearest to the root first; of a list the first element stands for all."""
    waiting: deque[tuple[JSONValue, _Found]] = deque([(content, _Found("$", ()))])
    for _ in range(_VALUES_MAX):
        if not waiting:
            return
        value, at = waiting.popleft()
        if isinstance(value, dict):
            for name, item in value.items():
                found = _Found(at.path + _written(name), (*at.names, name))
                if len(found.path) <= _LENGTH_MAX and len(found.names) <= _DEPTH_MAX:
                    yield found
                    waiting.append((item, found))
        elif isinstance(value, list) and value:
            waiting.append((value[0], _Found(f"{at.path}[0]", at.names)))


def _left_at(steps: list[str | int], content: JSONValue) -> str:
    """Where a path leaves the answer, and what is there."""
    value, path = content, "$"
    for step in steps:
        if isinstance(value, dict) and isinstance(step, str) and step in value:
            value, path = value[step], path + _written(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value, path = value[step], f"{path}[{step}]"
        else:
            break
    if isinstance(value, list):
        return f"; `{path}` is an empty list" if not value else ""
    if isinstance(value, dict):
        return f"; `{path}` has {cut(listed(tuple(value), 5), _LENGTH_MAX)}" if value else f"; `{path}` is empty"
    return ""


def _written(name: str) -> str:
    return f".{name}" if _PLAIN.fullmatch(name) else f"['{name}']"

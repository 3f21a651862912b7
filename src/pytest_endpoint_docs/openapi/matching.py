"""Paths against path templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from urllib.parse import unquote

from pytest_endpoint_docs.model.value_class import value_class

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_VARIABLE = re.compile(r"\{\{.*?\}\}|\{[^{}]*\}")


@value_class(kw_only=False)
class PathPattern:
    """A path template in segments; a segment is literal text, or has a parameter in it."""

    template: str
    segments: tuple[str, ...]
    trailing_slash: bool
    specificity: tuple[int, ...] = field(repr=False)
    _expressions: tuple[re.Pattern[str] | None, ...] = field(repr=False)

    @classmethod
    def of(cls, template: str) -> PathPattern:
        """From a template; its query string is left out."""
        segments, trailing = split_path(template)
        expressions = tuple(_expression(segment) if "{" in segment else None for segment in segments)
        # Concrete before templated (OpenAPI 3.1, 4.8.8.2), from the left.
        specificity = tuple(
            0 if found is None else 2 if _is_all_variable(text) else 1
            for text, found in zip(segments, expressions, strict=True)
        )
        return cls(template, segments, trailing, specificity, expressions)

    def matches(self, segments: tuple[str, ...]) -> bool:
        """Whether a path of these segments is one of this template.

        A segment with a variable in it (``{{uid}}``, ``{uid}``) stands for any value of a parameter, and only for that.
        """
        return len(segments) == len(self.segments) and all(
            _segment_matches(ours, expression, theirs)
            for ours, expression, theirs in zip(self.segments, self._expressions, segments, strict=True)
        )


def split_path(path: str) -> tuple[tuple[str, ...], bool]:
    """The segments of a path without its query string, and whether it ends in a slash."""
    plain = _without_query(path)
    segments = tuple(part for part in plain.split("/") if part)
    return segments, plain.endswith("/") and bool(segments)


def segment_values(template: str, segment: str) -> dict[str, str]:
    """The value of each parameter in a segment of a template: ``{id}.json``, ``{from}-{to}``.

    None where it has a variable in it, or may be read in several ways (``1-2-3``).
    """
    if "{" not in template or "{" in segment:
        return {}
    if _is_all_variable(template):
        return {template[1:-1]: segment}
    names = re.findall(r"\{([^{}]+)\}", template)
    first, last = (_expression(template, each).fullmatch(segment) for each in ("(.+?)", "(.+)"))
    if first is None or last is None or first.groups() != last.groups():
        return {}
    return dict(zip(names, first.groups(), strict=True))


def differ_in_slash(one: str, other: str) -> bool:
    """Whether two paths differ in the slash at their end; the root is written in one way alone, ``/``."""
    (segments, slash), (others, other_slash) = split_path(one), split_path(other)
    return bool(segments and others) and slash != other_slash


def _has_variable(segment: str) -> bool:
    """Whether ``{{x}}`` or ``{x}`` stands in a segment."""
    return bool(_VARIABLE.search(segment))


def best_first(patterns: Iterable[PathPattern], path: str) -> Iterator[PathPattern]:
    """The patterns that match a path: concrete ones first, then those that agree on the trailing slash."""
    segments, trailing = split_path(path)
    found = [pattern for pattern in patterns if pattern.matches(segments)]
    yield from sorted(found, key=lambda pattern: (pattern.specificity, pattern.trailing_slash != trailing))


def _without_query(path: str) -> str:
    depth = 0
    for index, letter in enumerate(path):
        depth += (letter == "{") - (letter == "}")
        if letter in "?#" and depth <= 0:
            return path[:index]
    return path


def _segment_matches(ours: str, expression: re.Pattern[str] | None, theirs: str) -> bool:
    if expression is None:
        return ours == theirs or (("%" in ours or "%" in theirs) and unquote(ours) == unquote(theirs))
    if _has_variable(theirs):
        # A value that is not known yet: only the fixed text around it can disagree.
        return _is_all_variable(ours) or _VARIABLE.sub("", ours) == _VARIABLE.sub("", theirs)
    return bool(expression.fullmatch(theirs))


def _is_all_variable(segment: str) -> bool:
    return bool(_VARIABLE.fullmatch(segment))


def _expression(segment: str, parameter: str = "(.+)") -> re.Pattern[str]:
    literal = [re.escape(part) for part in _VARIABLE.split(segment)]
    return re.compile(parameter.join(literal))

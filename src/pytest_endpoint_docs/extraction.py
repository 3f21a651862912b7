"""Path expressions: which value of a response becomes a variable (doc format, section 5).

An expression is a JSONPath query (RFC 9535). On top of it, because real docs say so: a trailing ``| [0]``, and ``[0]``
right after a filter, mean the first match; ``|| 'text'`` is a default; ``{{name}}`` alone is an alias of another
variable; a path may leave out its leading ``$``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from pytest_endpoint_docs.model.source import JSONValue

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathNode
    from jsonpath_rfc9535.segments import JSONPathSegment


class Nothing(Enum):
    """The type of :data:`NOTHING`; false, so that it is not taken for a value."""

    NOTHING = "nothing"

    def __bool__(self) -> bool:
        return False


NOTHING: Final = Nothing.NOTHING
"""What an expression gives that selects nothing: not the same as a selected ``null``."""

Selected: TypeAlias = "JSONValue | Nothing"

_ALIAS = re.compile(r"\{\{\s*([^{}|]*?)\s*\}\}")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_SUFFIX = re.compile(rf"(?:\|\s*\[\s*0\s*\]\s*)?(?:\|\|\s*(?P<default>{_QUOTED})\s*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A parsed path expression, ``text`` as written.

    ``alias`` is the variable's name where the expression is a bare ``{{name}}``.
    ``default`` is the text behind ``||``, or :data:`NOTHING` where there is none.
    """

    text: str
    alias: str | None = None
    default: str | Nothing = NOTHING
    segments: tuple[_Segment, ...] = ()

    def first(self, value: JSONValue) -> Selected:
        """The first value that the expression selects in a JSON value, in document order.

        Where nothing or ``null`` is selected: the default if there is one, else :data:`NOTHING` or ``None``.
        An alias selects nothing: its value is the other variable's.

        Raises: ``ValueError`` where ``..`` descends into a value that is nested too deeply.
        """
        selected = NOTHING if self.alias is not None else self._select(value)
        return self.default if self.default is not NOTHING and selected in (NOTHING, None) else selected

    def _select(self, value: JSONValue) -> Selected:
        from jsonpath_rfc9535 import JSONPathNode, JSONPathRecursionError

        nodes: Iterator[JSONPathNode] = iter([JSONPathNode(value=value, location=(), parent=None, root=value)])
        try:
            for segment in self.segments:
                found = iter(segment.query.resolve(nodes))
                nodes = _at_most_one(found) if segment.first_only else found
            node = next(nodes, None)
        except JSONPathRecursionError as error:
            raise ValueError(f"{self.text!r} descends into a value that is nested too deeply") from error
        return NOTHING if node is None else cast("JSONValue", node.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """A segment of a query (RFC 9535 section 1.4.2); ``first_only`` where ``[0]`` stood right after its filter."""

    query: JSONPathSegment
    first_only: bool = False


def parse_expression(text: str) -> Expression:
    """Parse a path expression.

    Raises: ``ValueError`` with what is wrong, at which character (from 1), and how to write it instead.
    """
    start = len(text) - len(text.lstrip())
    pipe = _first_pipe(text)
    path, suffix = text[start:pipe].rstrip(), text[pipe:]
    modifiers = _SUFFIX.fullmatch(suffix)
    if modifiers is None:
        raise _error(
            text, pipe, "behind the path only '| [0]' (the first match) and '|| \"text\"' (a default) may follow"
        )
    default = _unquoted(modifiers["default"]) if modifiers["default"] else NOTHING

    if "{{" in path:
        return Expression(text=text, alias=_alias(text, path), default=default)
    if not path:
        raise _error(text, start, "it is empty; $ stands for the whole response body")
    return Expression(text=text, default=default, segments=_segments(text, path, start))


def _alias(text: str, path: str) -> str:
    alias = _ALIAS.fullmatch(path)
    if alias and alias[1]:
        return alias[1]
    raise _error(
        text,
        text.index("{{"),
        "a {{variable}} can only stand alone, as an alias; it is not filled into a path, and filters are not supported",
    )


def _segments(text: str, path: str, start: int) -> tuple[_Segment, ...]:
    from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError

    query = path if path.startswith("$") else f"$.{path}" if path[0] not in "[." else f"${path}"
    try:
        parsed = JSONPathEnvironment().compile(query).segments
    except JSONPathError as error:
        token = error.token
        position = start + max(0, (token.index if token else 0) - (len(query) - len(path)))
        raise _error(text, position, str(error.args[0]) + _hint(text, position)) from error
    except RecursionError as error:
        raise _error(text, start, "it is nested too deeply") from error
    return tuple(_fold_first_matches(parsed))


def _fold_first_matches(parsed: tuple[JSONPathSegment, ...]) -> Iterator[_Segment]:
    from jsonpath_rfc9535.selectors import FilterSelector, IndexSelector

    held: JSONPathSegment | None = None
    for segment in parsed:
        selector = segment.selectors[0]
        is_first = str(segment) == "[0]" and isinstance(selector, IndexSelector)
        if held is not None:
            yield _Segment(query=held, first_only=is_first)
            held = None
            if is_first:
                continue
        if any(isinstance(selector, FilterSelector) for selector in segment.selectors):
            held = segment
        else:
            yield _Segment(query=segment)
    if held is not None:
        yield _Segment(query=held)


def _at_most_one(nodes: Iterator[JSONPathNode]) -> Iterator[JSONPathNode]:
    for node in nodes:
        yield node
        return


def _first_pipe(text: str) -> int:
    """Where the first ``|`` stands outside of quotes, brackets and braces, or the length of the text."""
    depth, quote, escaped = 0, "", False
    for index, char in enumerate(text):
        if quote:
            if escaped or char == "\\":
                escaped = not escaped
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char in "[({":
            depth += 1
        elif char in "])}":
            depth -= 1
        elif char == "|" and depth <= 0:
            return index
    return len(text)


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


def _hint(text: str, position: int) -> str:
    rest = text[position:]
    if rest.startswith("-"):
        return "; a name that holds '-' is written in brackets: ['first-name']"
    if rest.startswith("=~"):
        return "; a regular expression is written match(@.name, 'pattern')"
    if rest.startswith("="):
        return "; equality is written =="
    if rest.startswith("(@.length"):
        return "; the last item is [-1]"
    return ""


def _error(text: str, position: int, reason: str) -> ValueError:
    return ValueError(f"{text.strip()!r} is not a path expression (RFC 9535), at character {position + 1}: {reason}")

"""Path expressions: which value of a response becomes a variable (doc format, section 5).

An expression is a JSONPath query (RFC 9535). On top of it, because real docs say so: a trailing ``| [0]``, and ``[0]``
right after a filter, mean the first match; ``|| 'text'`` is a default; ``{{name}}`` alone is an alias of another
variable; a path may leave out its leading ``$``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import late

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathError, JSONPathQuery


class Nothing(Enum):
    """The type of :data:`NOTHING`; false, so that it is not taken for a value."""

    NOTHING = "nothing"

    def __bool__(self) -> bool:
        return False


NOTHING: Final = Nothing.NOTHING
"""What an expression gives that selects nothing: not the same as a selected ``null``."""

Selected: TypeAlias = "JSONValue | Nothing"

_ALIAS = late(r"\{\{([^{}|]*)\}\}")
_FIRST_MATCH = late(r"\s*\[\s*0\s*\]")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_SUFFIX = late(rf"(?:\|\s*\[\s*0\s*\]\s*)?(?:\|\|\s*(?P<default>{_QUOTED})\s*)?")


@value_class
class Expression:
    """A parsed path expression, ``text`` as written.

    ``alias`` is the variable's name where the expression is a bare ``{{name}}``.
    ``default`` is the text after ``||``, or :data:`NOTHING` where there is none.
    ``query`` selects up to the first ``[0]`` that means a first match; each of ``after_match`` is the path from one
    such match on.
    """

    text: str
    alias: str | None = None
    default: str | Nothing = NOTHING
    query: JSONPathQuery | None = None
    after_match: tuple[str, ...] = ()

    def first(self, value: JSONValue) -> Selected:
        """The first value that the expression selects in a JSON value, in document order.

        Where nothing or ``null`` is selected: the default if there is one, else :data:`NOTHING` or ``None``.
        An alias selects nothing: its value is the other variable's.

        Raises: ``ValueError`` where ``..`` descends into a value that is nested too deeply, or a search takes too long.
        """
        selected = self._select(value)
        return self.default if self.default is not NOTHING and selected in (NOTHING, None) else selected

    def _select(self, value: JSONValue) -> Selected:
        from jsonpath_rfc9535 import JSONPathRecursionError

        from pytest_endpoint_docs.variables.path_functions import PATHS

        if self.query is None:
            return NOTHING
        try:
            node = self.query.find_one(value)
            for path in self.after_match:
                if node is None:
                    break
                # Written from the root on: a "$" in a later filter means the whole value, not the match.
                node = PATHS.compile(node.path() + path).find_one(value)
        except JSONPathRecursionError as error:
            raise ValueError(f"{self.text!r} descends into a value that is nested too deeply") from error
        return NOTHING if node is None else cast("JSONValue", node.value)


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
            text, pipe, "after the path only '| [0]' (the first match) and '|| \"text\"' (a default) may follow"
        )
    default = _unquoted(modifiers["default"]) if modifiers["default"] else NOTHING

    if "{{" in path:
        return Expression(text=text, alias=_alias(text, path), default=default)
    if not path:
        raise _error(text, start, "it is empty; $ stands for the whole response body")
    query, after_match = _compiled(text, path, start)
    return Expression(text=text, default=default, query=query, after_match=after_match)


def _alias(text: str, path: str) -> str:
    alias = _ALIAS.fullmatch(path)
    if alias and (name := alias[1].strip()):
        return name
    raise _error(
        text,
        text.index("{{"),
        "a {{variable}} can only stand alone, as an alias; it is not filled into a path, and filters are not supported",
    )


def _compiled(text: str, path: str, start: int) -> tuple[JSONPathQuery, tuple[str, ...]]:
    """The query up to its first ``[0]`` that means a first match, and the paths from each such match on."""
    from jsonpath_rfc9535 import JSONPathError, JSONPathRecursionError

    from pytest_endpoint_docs.variables.path_functions import PATHS

    written = path if path.startswith("$") else f"$.{path}" if path[0] not in "[." else f"${path}"
    try:
        whole = PATHS.compile(written)
    except (JSONPathRecursionError, RecursionError) as error:
        raise _error(text, start, "it is nested too deeply") from error
    except OverflowError as error:
        raise _error(text, start, "a number in it is larger than any that JSON has") from error
    except JSONPathError as error:
        position = start + max(0, _error_index(error, written) - (len(written) - len(path)))
        raise _error(text, position, _hint(text.rstrip(), position) or str(error.args[0])) from error
    query, *after_match = _cut_at_first_matches(written)
    return whole if query == written else PATHS.compile(query), tuple(after_match)


def _error_index(error: JSONPathError, query: str) -> int:
    """Where in the query its parser stopped; the query's start where it does not say.

    The error's ``token`` is an object with an ``index`` in version 1 of the library, and a type, a start and an end in
    version 2, which counts wrong in the empty token at the query's end.
    """
    match getattr(error, "token", None):
        case (_, int(index), int(end)):
            return index if index < end else len(query)
        case token:
            index = getattr(token, "index", 0)
            return index if isinstance(index, int) else 0


def _cut_at_first_matches(query: str) -> Iterator[str]:
    """A valid query without every ``[0]`` that stands right after a filter, cut where they stood."""
    if "?" not in query:
        yield query
        return
    start, is_filter = 0, False
    for index, char, depth in _outside_of_quotes(query):
        if char == "?":
            is_filter = True
        elif char == "]" and depth == 0:
            first = _FIRST_MATCH.match(query, index + 1)
            if is_filter and first:
                yield query[start : index + 1]
                start = first.end()
            is_filter = False
    if start < len(query):
        yield query[start:]


def _first_pipe(text: str) -> int:
    """Where the first ``|`` stands outside of quotes, brackets and braces, or the length of the text."""
    if "|" not in text:
        return len(text)
    return next((index for index, char, depth in _outside_of_quotes(text) if char == "|" and depth <= 0), len(text))


def _outside_of_quotes(text: str) -> Iterator[tuple[int, str, int]]:
    """Every character that stands outside of quotes: its index, itself, and how many brackets and braces are open."""
    depth, quote, escaped = 0, "", False
    for index, char in enumerate(text):
        if quote:
            if escaped or char == "\\":
                escaped = not escaped
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        else:
            depth += (char in "[({") - (char in "])}")
            yield index, char, depth


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


def _hint(text: str, position: int) -> str:
    rest = text[position:]
    if not rest:
        return "it ends before it is complete"
    if rest.startswith("-"):
        return "a name that holds '-' is written in brackets: ['first-name']"
    if rest.startswith("=~"):
        return "a regular expression is written match(@.name, 'pattern')"
    if rest.startswith("="):
        return "equality is written =="
    if rest.startswith("(@.length"):
        return "the last item is [-1]"
    return ""


def _error(text: str, position: int, reason: str) -> ValueError:
    return ValueError(f"{text.strip()!r} is not a path expression (RFC 9535), at character {position + 1}: {reason}")

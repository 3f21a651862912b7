"""The forms in which a text may hold a secret, and the text as it is searched for them."""

from __future__ import annotations

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

# Line breaks inside a value: with what pytest, pprint and wrapped lines put around them, or written as escapes. And the
# zero octets of UTF-16.
_BREAK = re.compile(
    r"""(?:["'][ \t]{0,200})?(?:\r?\n|(?<!\\)\\{1,8}[rn])(?:e(?=[ \t]))?(?:[ \t]{1,200}[+\-?](?=[ \t]))?"""
    r"""[ \t│]{0,200}["']?[ \t]{0,200}|\0|\\{1,8}x00"""
)
# Three octets are four letters: what stands before a value moves its letters.
_BASE64_CUTS = ((0, 0), (1, 2), (2, 3))


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is searched: lower case, without line breaks; and where its characters stood."""

    text: str
    _starts: tuple[int, ...]
    _sources: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from ``start`` to ``end`` stand in the text as it was."""
        return self._source(start), self._source(end - 1) + 1

    def _source(self, index: int) -> int:
        run = bisect_right(self._starts, index) - 1
        return self._sources[run] + index - self._starts[run]


def folded(text: str) -> Folded:
    """The text as it is searched."""
    lowered = text.lower()
    if len(lowered) != len(text):  # the capital I with a dot becomes two characters
        lowered = "".join(character.lower()[:1] for character in text)
    if "\n" not in lowered and "\\" not in lowered and "\0" not in lowered:
        return Folded(lowered, (0,), (0,))  # most texts are one line, and hold no break
    starts, sources, runs, end, length = [], [], [], 0, 0
    for match in _BREAK.finditer(lowered):
        if match.start() > end:
            starts.append(length)
            sources.append(end)
            runs.append(lowered[end : match.start()])
            length += match.start() - end
        end = match.end()
    starts.append(length)
    sources.append(end)
    runs.append(lowered[end:])
    return Folded("".join(runs), tuple(starts), tuple(sources))


def forms_of(value: str) -> tuple[str, ...]:
    """The value as texts hold it, each folded: as it is, escaped, percent-encoded once and twice, base64, hex.

    In the same order in every process: where secrets overlap, it decides which name is shown.
    """
    forms = (
        value,
        repr(value)[1:-1],
        repr(repr(value)[1:-1])[1:-1],
        json.dumps(value)[1:-1],
        json.dumps(json.dumps(value))[3:-3],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        html.escape(value).replace("&#x27;", "&#39;"),
        html.escape(value, quote=False),
        *_encoded(value),
    )
    return tuple(dict.fromkeys(folded(form).text for form in dict.fromkeys(forms)))


def _encoded(value: str) -> Iterator[str]:
    try:
        octets = value.encode()
    except UnicodeEncodeError:  # a lone surrogate has no octets
        return
    for once in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield once
        yield quote(once, safe="")
        yield quote(once)
    every = "".join(f"%{octet:02x}" for octet in octets)
    yield every
    yield every.replace("%", "%25")
    yield octets.hex()
    for before, cut in _BASE64_CUTS:
        # The letters at both ends depend on what stands beside the value.
        inner = base64.b64encode(b"\0" * before + octets)[cut : (before + len(octets)) * 8 // 6].decode()
        yield inner
        yield inner.replace("+", "-").replace("/", "_")
        yield quote(inner, safe="")

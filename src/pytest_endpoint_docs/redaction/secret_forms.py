"""The forms in which a text may hold a secret, and the text as it is searched for them."""

from __future__ import annotations

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus

# Line breaks inside a value: with what pytest, pprint and wrapped lines put around them, or written as escapes. And the
# zero octets of UTF-16.
_BREAK = (
    r"""(?:["'][ \t]{0,200})?(?:\r?\n|(?<!\\)\\{1,8}[rn])(?:e(?=[ \t]))?(?:[ \t]{1,200}[+\-?](?=[ \t]))?"""
    r"""[ \t│]{0,200}["']?[ \t]{0,200}|\0|\\{1,8}x00"""
)
# One character written as an escape. Which characters are, every program decides by itself: a form of the whole value
# would have them all, or those of one program.
_ESCAPE = (
    r"%(?:25){0,3}(?P<percent>[2-7][0-9a-f])|\\{1,8}(?:u(?P<unicode>[0-9a-f]{4})|x(?P<octet>[2-7][0-9a-f])|(?P<slash>/))"
    r"|&(?:\#0{0,4}(?:x0{0,4}(?P<hex>[2-7][0-9a-f])|(?P<decimal>\d{2,3}));|(?P<name>amp|lt|gt|quot|apos);)"
)
_BREAK_OR_ESCAPE = f"{_BREAK}|{_ESCAPE}"
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# Three octets are four letters: what stands before a value moves its letters.
_BASE64_CUTS = ((0, 0), (1, 2), (2, 3))


class Folded:
    """A text as it is searched: lower case, without line breaks and escapes; and where its characters stood.

    ``ends`` are, of each run that is one escaped character, where that ends.
    """

    def __init__(self, text: str, starts: Sequence[int], sources: Sequence[int], ends: Mapping[int, int]) -> None:
        self.text = text
        self._starts = starts
        self._sources = sources
        self._ends = ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from ``start`` to ``end`` stand in the text as it was."""
        last = self._run(end - 1)
        after = self._ends.get(last) or self._sources[last] + end - self._starts[last]
        first = self._run(start)
        return self._sources[first] + start - self._starts[first], after

    def is_apart(self, index: int) -> bool:
        """Whether a line may begin there, in the text as it was."""
        return self._starts[self._run(index)] == index

    def _run(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1


def folded(text: str) -> Folded:
    """The text as it is searched."""
    lowered = text.lower()
    if len(lowered) != len(text):  # the capital I with a dot becomes two characters
        lowered = "".join(character.lower()[:1] for character in text)
    has_escapes = "%" in lowered or "\\" in lowered or ("&" in lowered and ";" in lowered)
    if not has_escapes and "\n" not in lowered and "\0" not in lowered:
        return Folded(lowered, (0,), (0,), {})  # most texts are one line, and hold no break
    starts, sources, runs, end, length = [], [], [], 0, 0
    ends: dict[int, int] = {}
    for match in re.finditer(_BREAK_OR_ESCAPE if has_escapes else _BREAK, lowered):
        character = _character(match) if match.lastgroup else ""
        if character is None:
            continue
        if match.start() > end:
            starts.append(length)
            sources.append(end)
            runs.append(lowered[end : match.start()])
            length += match.start() - end
        end = match.end()
        if character:
            ends[len(runs)] = end
            starts.append(length)
            sources.append(match.start())
            runs.append(character)
            length += 1
    starts.append(length)
    sources.append(end)
    runs.append(lowered[end:])
    return Folded("".join(runs), starts, sources, ends)


def _character(match: re.Match[str]) -> str | None:
    """The character that an escape stands for, in lower case; ``None`` if it is none to look for."""
    kind = match.lastgroup or ""
    written = match[kind]
    if kind in ("slash", "name"):
        return _NAMED.get(written, written)
    character = chr(int(written, 10 if kind == "decimal" else 16))
    return character.lower()[:1] if character.isprintable() else None


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

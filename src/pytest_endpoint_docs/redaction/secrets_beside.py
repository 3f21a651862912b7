"""Secrets whose names stand beside them: in cells, elements, blocks, pairs and sentences.

Where the place says for certain that the name is the value's (a form's field, a block of YAML), any
value counts. Elsewhere it has to look made up: sentences and tables tell of secrets, too, without giving one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from pytest_endpoint_docs.redaction.secret_names import MAY_NAME_A_SECRET, NAMES_OF_PAIRS
from pytest_endpoint_docs.redaction.secret_values import is_made_up
from pytest_endpoint_docs.words import late

Beside: TypeAlias = tuple[str, int, int]
"""The name of a secret, and where it begins and ends."""

# Every repetition is bounded, and those of separators are possessive: the search is linear.
_WORDS = r"[A-Za-z][\w.\-]{1,40}(?: [A-Za-z][\w\-]{1,20}){0,2}"
_ATTRIBUTE_NAME = r"""(?P<name>[^"'<>]{1,64})"""
_TEXT = r"(?P<value>[^<>\s][^<>]{0,8191})"
_QUOTES = r"""["'`]?"""
_IS = rf"(?:\]|%5D)?{_QUOTES}\s{{0,4}}[:=]\s{{0,4}}"
_INLINE = r"</?(?:b|big|br|code|em|font|i|kbd|mark|p|pre|samp|small|span|strong|tt|u)\b[^<>]{0,200}>"
# At the head of a line, before a colon.
_KEY = r"""(?:-[ \t])?["']?(?P<name>[A-Za-z_][\w.\-]{1,63})["']?:[ \t]{0,8}"""

_ELEMENT_OF_NAME = late(
    rf"""(?i)<(?!a\b|label\b|button\b|legend\b|option\b|h\d)[a-z][\w.:\-]{{0,63}}\s[^<>]{{0,512}}?\b(?:name|key)=["']{_ATTRIBUTE_NAME}["']"""
    rf"""[^<>]{{0,512}}>\s{{0,64}}{_TEXT}(?=</)"""
)
_CELL = late(
    rf">\s{{0,64}}+(?P<name>{_WORDS}):?\s{{0,64}}</(?P<tag>[\w.:\-]{{1,63}})>\s{{0,64}}+:?\s{{0,64}}+"
    rf"(?:<(?!/|(?P=tag)\b(?<=th))[\w.:\-]{{1,63}}(?:\s[^<>]{{0,512}})?>\s{{0,64}}+){{1,4}}+{_TEXT}"
)
_PAIR = late(
    rf"""(?i)(?:\b|%5B)(?:{"|".join(NAMES_OF_PAIRS)}){_IS}{_QUOTES}(?P<name>[A-Za-z][\w.\- ]{{1,63}}){_QUOTES}"""
    rf"""(?:[ \t]{{0,8}}[,;&]|\r?\n)\s{{0,64}}["'\w.\[%\]]{{0,64}}?(?:\b|%5B)value{_IS}"""
    r"""(?:"(?P<value>[^"\n]{1,8192})|'(?P<single>[^'\n]{1,8192})|(?P<bare>[^\s"',;&{}|>]{1,8192}))"""
)
_PART = late(
    r"""\bname="?(?P<name>[^"\n;]{1,64})"?[^\n]{0,256}\n(?:[^\r\n]{1,512}\n){0,8}\r?\n"""
    r"(?P<value>[^\r\n]{1,8192})(?=\r?\n--|\Z)"
)
_BLOCK = late(
    rf"(?m)^(?P<indent>[ \t]{{0,64}}){_KEY}[|>][+\-\d]{{0,2}}[ \t]{{0,8}}\r?\n"
    r"(?P<lines>(?:(?P=indent)[ \t][^\n]{0,8192}\n?){1,200})"
)
_ITEMS = late(rf"(?m)^[ \t]{{0,64}}{_KEY}\r?\n(?P<lines>(?:[ \t]{{0,64}}-[ \t][^\n:]{{1,8192}}\n?){{1,200}})")
_LINE = late(r"""(?m)^[ \t]*(?:-[ \t]+)?["']?(?P<value>[^\s"'][^\n"']*?)["']?[ \t\r]*$""")
# From the end of a word that may name a secret: the rest of the name, what joins it to the value, and the value. The
# arrow stands by itself: a set with a character beyond Latin-1 takes ten times as long to compile.
_SAID = late(
    rf"""[\w.\-]{{0,40}}+\s{{0,4}}+(?:(?:{_INLINE}|[*`"'|:=]|→|->|(?:is|was)\b)\s{{0,4}}+){{1,10}}+"""
    r"""(?P<value>[^\s<>"'`|,;&(){}\[\]]{6,8192})""",
    re.IGNORECASE,
)
_NAME_BEFORE = late(rf"(?<![\w.\-$])(?P<name>{_WORDS})\Z")
_LONGEST_NAME = 84
_TUPLE = late(
    r"""(?i)[(\[]\s{0,64}[bru]{0,2}["'](?P<name>[A-Za-z][\w.\-]{1,63})["'],\s{0,64}"""
    r"""[bru]{0,2}["'](?P<value>[^"'\n\\]{6,8192})["']\s{0,64}[)\]]"""
)
_OPTION = late(r"""(?i)(?<!\S)--(?P<name>[a-z][\w\-]{1,63})[ \t]{1,8}["']?(?P<value>[^\s"']{6,8192})""")
# Each with what every such text holds, and whether the place says for certain whose name it is.
_PLACES = (
    (_ELEMENT_OF_NAME, "</", True),
    (_CELL, "</", False),
    (_PAIR, "alue", True),
    (_PART, "form-data", True),
    (_TUPLE, ",", False),
    (_OPTION, "--", False),
)


def secrets_beside(text: str, is_secret: Callable[[str], bool]) -> Iterator[Beside]:
    """Every value in a text whose name beside it is a secret's; in no order, and places may overlap."""
    for pattern, sign, is_certain in _PLACES:
        for match in pattern.finditer(text) if sign in text else ():
            name = _secret_name(match["name"], is_secret)
            if name:
                yield from _value(name, match, is_certain=is_certain)
    yield from _said(text, is_secret)
    if "\n" not in text:
        return
    for pattern in (_BLOCK, _ITEMS):
        for match in pattern.finditer(text):
            if is_secret(match["name"]):
                start, end = match.span("lines")
                yield from ((match["name"], *line.span("value")) for line in _LINE.finditer(text, start, end))


def _said(text: str, is_secret: Callable[[str], bool]) -> Iterator[Beside]:
    """In a sentence, or beside a label. Words are looked for first: most are no secret's, and are not tried further."""
    lowered = text.lower()
    if len(lowered) != len(text):  # the capital I with a dot becomes two characters
        lowered = "".join(character.lower()[:1] for character in text)
    done = 0
    for word in MAY_NAME_A_SECRET.finditer(lowered):
        said = _SAID.match(text, word.end()) if word.start() >= done else None
        if said is None:
            continue
        rest = re.match(r"[\w.\-]{0,40}", said[0])
        end = word.end() + (rest.end() if rest else 0)
        written = _NAME_BEFORE.search(text, max(0, end - _LONGEST_NAME), end)
        name = _secret_name(written["name"], is_secret) if written else ""
        if name:
            done = said.end()
            yield from _value(name, said, is_certain=False)


def _secret_name(name: str, is_secret: Callable[[str], bool]) -> str:
    """The fewest of the last words that are a secret's name; empty if the name is none."""
    words = re.split(r"[ ]+", name.strip())
    lasts = ("_".join(words[first:]) for first in range(len(words) - 1, -1, -1))
    return next(filter(is_secret, lasts), "")


def _value(name: str, match: re.Match[str], *, is_certain: bool) -> Iterator[Beside]:
    group = next(group for group in ("value", "single", "bare") if match[group] is not None)
    start = match.start(group)
    value = match[group].rstrip()
    value = value if is_certain else value.rstrip(".:!?*")
    if value and (is_certain or is_made_up(value)):
        yield name, start, start + len(value)

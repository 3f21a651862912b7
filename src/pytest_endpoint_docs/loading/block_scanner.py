"""The blocks of a Markdown text, as markdown-it-py has them, told without it where lines are plain.

Most lines of a doc are headings, fences and paragraphs that begin at the margin, which a glance at each line finds many
times faster. A heading at the margin ends whatever stands before it (CommonMark 0.31, sections 4.2 and 5), so what a
section holds beyond that is read by markdown-it-py section by section. HTML blocks and fences that do not begin at the
margin may run over a heading: with one of them, markdown-it-py reads all of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_HEADING = re.compile(r"(#{1,6})(?: +([^ #\t](?:[^\t]*[^ #\t])?))? *\Z")
_ANY_HEADING = re.compile(r"#{1,6}(?:[ \t]|\Z)")
_FENCE = re.compile(r"(`{3,})([^`]*)\Z")
_RUNS_OVER = re.compile(r"[ \t]*(?:<|~~~)|[ \t]+```")
# Letters, digits that number no list, and quotation marks, brackets and emphasis that can only be text.
_PLAIN = re.compile(r"(?:[A-Za-z(\"']|[0-9]+[^0-9.)]|\*\*[A-Za-z0-9`]|`[^`]|[^\x00-\x7f\s])")


@dataclass(frozen=True, slots=True)
class BlockToken:
    """A token as markdown-it-py makes it, what nobody reads left out; ``map`` has the lines, from 0, end excluded."""

    type: str
    map: tuple[int, int] | None
    tag: str = ""
    level: int = 0
    content: str = ""
    info: str = ""


def block_tokens(body: str) -> list[BlockToken]:
    """The tokens of all blocks; the texts inside are left as written."""
    lines = body.split("\n")
    parts = None if "\r" in body or "\0" in body else _sections(lines)
    if parts is None:
        return list(_read_by_library(_library(), lines, 0))
    tokens: list[BlockToken] = []
    library: MarkdownIt | None = None
    for first, end, is_plain in parts:
        if is_plain:
            tokens += _read_plain(lines, first, end)
            continue
        library = library or _library()
        # The next heading is read too: it ends lists and paragraphs as it does where it stands.
        read = _read_by_library(library, lines[first : end + 1], first)
        tokens += (token for token in read if token.map is None or token.map[0] < end) if end < len(lines) else read
    return tokens


def _library() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Only blocks are of interest; parsing the inline text would cost as much again.
    return MarkdownIt("commonmark").enable("table").disable("inline")


def _read_by_library(library: MarkdownIt, lines: Sequence[str], first: int) -> Iterator[BlockToken]:
    for token in library.parse("\n".join(lines)):
        place = None if token.map is None else (first + token.map[0], first + token.map[1])
        yield BlockToken(token.type, place, token.tag, token.level, token.content, token.info)


def _sections(lines: Sequence[str]) -> list[tuple[int, int, bool]] | None:
    """First line and end of what stands between headings, and whether all of it is plain; ``None``: not to be told."""
    found: list[tuple[int, int, bool]] = []
    first, is_plain, index = 0, True, 0
    while index < len(lines):
        line = lines[index]
        if line[:1] == "#" and _ANY_HEADING.match(line):
            if index > first:
                found.append((first, index, is_plain))
            first, is_plain = index, _HEADING.match(line) is not None
        elif line[:3] == "```" and (fence := _FENCE.match(line)):
            index = _fence_end(lines, index, fence[1])
            if index == len(lines):
                return None  # never closed
        elif _RUNS_OVER.match(line):
            return None
        elif line.strip(" ") and not _PLAIN.match(line):
            is_plain = False
        index += 1
    found.append((first, len(lines), is_plain))
    return found


def _fence_end(lines: Sequence[str], start: int, mark: str) -> int:
    """The line that closes a fence; the number of lines where none does."""
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if mark in line:
            text = line.strip(" \t")
            if not text.strip("`") and len(line) - len(line.lstrip(" ")) < 4 and line.lstrip(" ")[:1] == "`":
                return index
    return len(lines)


def _read_plain(lines: Sequence[str], first: int, end: int) -> Iterator[BlockToken]:
    index = first
    while index < end:
        line = lines[index]
        if line[:1] == "#" and (heading := _HEADING.match(line)):
            place, tag = (index, index + 1), f"h{len(heading[1])}"
            yield BlockToken("heading_open", place, tag)
            yield BlockToken("inline", place, level=1, content=heading[2] or "")
            yield BlockToken("heading_close", None, tag)
        elif line[:3] == "```" and (fence := _FENCE.match(line)):
            close = _fence_end(lines, index, fence[1])
            content = "".join(f"{inner}\n" for inner in lines[index + 1 : close])
            yield BlockToken("fence", (index, close + 1), "code", content=content, info=fence[2])
            index = close
        elif line.strip(" "):
            start = index
            while index + 1 < end and _continues(lines[index + 1]):
                index += 1
            place, text = (start, index + 1), "\n".join(lines[start : index + 1]).strip()
            yield BlockToken("paragraph_open", place, "p")
            yield BlockToken("inline", place, level=1, content=text)
            yield BlockToken("paragraph_close", None, "p")
        index += 1


def _continues(line: str) -> bool:
    return bool(line.strip(" ")) and not (line[:3] == "```" and _FENCE.match(line))

"""The blocks of a Markdown text, as markdown-it-py has them, told without it where lines are plain.

Most lines of a doc are headings, fences and paragraphs that begin at the margin, which one pattern finds many times
faster. A heading at the margin ends whatever stands before it (CommonMark 0.31, sections 4.2 and 5), so what a
section holds beyond that is read by markdown-it-py section by section. HTML blocks and fences that do not begin at the
margin may run over a heading: with one of them, markdown-it-py reads all of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import late

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# A plain block at the margin, and the empty lines after it. A line of text begins with letters, digits that number no
# list, or quotation marks, brackets and emphasis that can only be text.
_PLAIN = re.compile(
    r"(?P<heading>#{1,6})(?: +(?P<title>[^ #\t\n](?:[^\t\n]*[^ #\t\n])?))? *(?:\n+|\Z)"
    r"|(?P<fence>`{3,})(?P<info>[^`\n]*)(?:\n|\Z)"
    r"|(?P<text>(?:(?:[A-Za-z(\"']|[0-9]+[^0-9.)\n]|\*\*[A-Za-z0-9`]|`[^`\n]|[^\x00-\x7f\s]).*\n?)+)\n*"
    r"|\n+| +(?:\n|\Z)"
)
_ANY_HEADING = late(r"#{1,6}(?:[ \t\n]|\Z)")
_RUNS_OVER = late(r"[ \t]*(?:<|~~~)|[ \t]+```")
_CLOSING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(?:\n+|\Z)")
# In what follows the opening of a fence: ``json,linenos``, ``json{1,3}``.
_LANGUAGE_ENDS = late(r"[\s,{]")


@value_class(kw_only=False)
class Row:
    """A row of a table: its cells as written, white space stripped."""

    cells: tuple[str, ...]
    line: int


@value_class(kw_only=False)
class Block:
    """A leaf of a Markdown text: where it begins, and its text as written; of a fence, its content.

    ``level`` is that of a heading, which is ``inside`` where it stands in a list or a quotation, ``language`` that of a
    fence in lower case, ``rows`` are those of a table, first its head.
    """

    kind: Literal["heading", "fence", "paragraph", "table"]
    path: str
    line: int
    text: str = ""
    level: int = 0
    inside: bool = False
    language: str | None = None
    closed: bool = True
    rows: tuple[Row, ...] = ()


@value_class(kw_only=False)
class Item:
    """A list item that stands in no other: ``number`` as written in an ordered list, ``end_line`` is after it."""

    number: int | None
    line: int
    end_line: int


@value_class(kw_only=False)
class _Gap:
    """What stands between two headings and is not plain.

    ``place`` is where its blocks belong among the plain ones, ``text`` goes on to the end of the next heading: that
    ends lists and paragraphs as it does where it stands. ``line`` is its first one, ``next_line`` that of the heading.
    """

    place: int
    text: str
    line: int
    next_line: int


class MarkdownLibrary:
    """markdown-it-py, made ready once for all texts that are read with it; a doc or two take as long to read."""

    @cached_property
    def parser(self) -> MarkdownIt:
        """What parses blocks; threads can share it."""
        from markdown_it import MarkdownIt

        # Only blocks are of interest; parsing the inline text would cost as much again.
        parser = MarkdownIt("commonmark").enable("table").disable("inline")
        # It sorts its rules when it parses for the first time, and another thread would meet some of them.
        parser.parse("text")
        return parser


def found_blocks(
    body: str, *, path: str = "", line: int = 1, library: MarkdownLibrary | None = None
) -> list[Block | Item]:
    """The blocks and the list items of a text in their order; ``line`` is its first one in the file at ``path``."""
    library = library or MarkdownLibrary()
    plain = None if "\r" in body or "\0" in body else _plain_blocks(body, path, line)
    if plain is None:
        return list(_read_by_library(library.parser, body, path, line))
    blocks, gaps = plain
    if not gaps:
        return blocks
    found: list[Block | Item] = []
    taken = 0
    for gap in gaps:
        found += blocks[taken : gap.place]
        read = _read_by_library(library.parser, gap.text, path, gap.line)
        found += (block for block in read if block.line < gap.next_line)
        taken = gap.place
    return found + blocks[taken:]


def closing_fence(text: str, start: int, mark: str) -> re.Match[str] | None:
    """The line that closes the fence which ``mark`` opens, with the empty ones after it; ``None`` where none does."""
    at = text.find(mark, start)
    while at >= 0:
        found = _CLOSING.match(text, text.rfind("\n", 0, at) + 1)
        if found and len(found[1]) >= len(mark):
            return found
        at = text.find(mark, _line_end(text, at))
    return None


def _line_end(text: str, at: int) -> int:
    """Where the line ends, its newline included."""
    return text.find("\n", at) + 1 or len(text)


def _plain_blocks(body: str, path: str, line: int) -> tuple[list[Block | Item], list[_Gap]] | None:
    """The plain blocks, and where others stand between them; ``None``: not to be told."""
    blocks: list[Block | Item] = []
    gaps: list[_Gap] = []
    place, start, first, is_plain = 0, 0, line, True
    at = 0
    while at < len(body):
        found = _PLAIN.match(body, at)
        end = found.end() if found else _line_end(body, at)
        heading, title, fence, info, text = found.groups("") if found else ("",) * 5
        if heading or (not found and _ANY_HEADING.match(body, at)):
            if not is_plain:
                del blocks[place:]
                gaps.append(_Gap(place, body[start : _line_end(body, at)], first, line))
            place, start, first, is_plain = len(blocks), at, line, found is not None
            blocks.append(Block("heading", path, line, title.strip(), len(heading)))
        elif text:
            blocks.append(Block("paragraph", path, line, text.strip()))
        elif fence:
            closing = closing_fence(body, end, fence)
            if closing is None:
                return None
            content = body[end : closing.start()]
            blocks.append(Block("fence", path, line, content, 0, False, _language(info)))
            end = closing.end()
        elif not found:
            if _RUNS_OVER.match(body, at):
                return None
            is_plain = False
        line += body.count("\n", at, end)
        at = end
    if not is_plain:
        del blocks[place:]
        gaps.append(_Gap(place, body[start:], first, line + 1))
    return blocks, gaps


def _language(info: str) -> str:
    word = info.strip()
    return (word if word.isalnum() else _LANGUAGE_ENDS.split(word, maxsplit=1)[0]).lower()


def _read_by_library(parser: MarkdownIt, text: str, path: str, line: int) -> Iterator[Block | Item]:
    return blocks_of(parser.parse(text), path=path, line=line)


def blocks_of(tokens: Sequence[Token], *, path: str = "", line: int = 1) -> Iterator[Block | Item]:
    """The blocks and list items that tokens of markdown-it-py tell of, of a text that begins at ``line``."""
    for index, token in enumerate(tokens):
        if token.map is None:
            continue
        start, end = line + token.map[0], line + token.map[1]
        match token.type:
            case "heading_open":
                title, level = tokens[index + 1].content.strip(), int(token.tag[1:])
                yield Block("heading", path, start, title, level, inside=token.level > 0)
            case "fence":
                lines = token.content.count("\n") + (token.content[-1:] not in ("", "\n"))
                is_closed = end - start == lines + 2
                yield Block("fence", path, start, token.content, language=_language(token.info), closed=is_closed)
            case "list_item_open" if token.level == 1:
                yield Item(int(token.info) if token.info.isdecimal() else None, start, end)
            case "inline" if tokens[index - 1].type == "paragraph_open":
                yield Block("paragraph", path, start, token.content)
            case "table_open":
                yield Block("table", path, start, rows=tuple(_rows(tokens[index:], line)))


def _rows(tokens: Iterable[Token], first_line: int) -> Iterator[Row]:
    cells: list[str] = []
    line = first_line
    for token in tokens:
        if token.type == "tr_open":
            cells, line = [], first_line + (token.map or (0, 0))[0]
        elif token.type == "inline":
            cells.append(token.content.strip())
        elif token.type == "tr_close":
            yield Row(tuple(cells), line)
        elif token.type == "table_close":
            return

"""Markdown -> sections by level-2 heading, with their fences, tables, lists and paragraphs in order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from pytest_endpoint_docs.json_source import WRITTEN_BY_HAND, SourceProblem, parse_json
from pytest_endpoint_docs.loading.block_scanner import BlockToken, block_tokens
from pytest_endpoint_docs.model.source import Finding, Severity, SourceBlock, SourceLocation
from pytest_endpoint_docs.words import near

BlockKind = Literal["heading", "fence", "paragraph", "table"]
# Of a text and its language: what gives the line of the value at a JSON Pointer.
LinesOf = Callable[[str, str], Callable[[str], int | None]]

REQUEST_TITLES = frozenset(["request template", "test request"])
PREREQUISITE_TITLES = frozenset(["prerequisites"])
RESOLUTION_TITLES = frozenset(["uid resolution procedure", "uid resolution"])
CASES_TITLES = frozenset(["cases"])
SCHEMA_TITLES = frozenset(["response schema"])
CLEANUP_TITLES = frozenset(["cleanup"])
PROCEDURE_TITLES = frozenset(["manual testing procedure"])
LEARNINGS_TITLES = frozenset(["critical learnings"])
SKIP_REASON_TITLES = frozenset(["skip reason"])
SUMMARY_TITLES = frozenset(["summary"])

EXAMPLES_TITLE = re.compile(r"(?P<kind>expected response|error response)s?(?:\s*\(?\s*(?P<code>[1-5]\d\d)\b[^)]*\)?)?")

YAML_LANGUAGES = frozenset(["yaml", "yml"])
REQUEST_LANGUAGES = YAML_LANGUAGES | {"json"}

# What runs or is checked: a section that is meant as one of these and is none would be lost.
WORKING_TITLES = (
    REQUEST_TITLES | PREREQUISITE_TITLES | RESOLUTION_TITLES | CASES_TITLES | SCHEMA_TITLES | CLEANUP_TITLES
) | {"expected response", "error response"}
_FOR_PEOPLE = PROCEDURE_TITLES | LEARNINGS_TITLES | SKIP_REASON_TITLES | SUMMARY_TITLES
_KNOWN = WORKING_TITLES | _FOR_PEOPLE
# What others call such sections, where a fence shows that it is one.
_OTHER_TITLES = {
    "request": "test request",
    "response": "expected response",
    "responses": "expected response",
    "example response": "expected response",
    "response example": "expected response",
    "sample response": "expected response",
    "schema": "response schema",
    "json schema": "response schema",
    "setup": "prerequisites",
    "preconditions": "prerequisites",
    "teardown": "cleanup",
    "test cases": "cases",
}
# How like a title must be to a known one: `Case` and `Expected Responce` are, `UID Resolution JSON` is not.
_LIKENESS = 0.88


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: its cells as written, white space stripped."""

    cells: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A leaf of a section: ``level`` of a heading, ``rows`` of a table (first its head), ``source`` of a fence."""

    kind: BlockKind
    text: str
    line: int
    level: int = 0
    rows: tuple[Row, ...] = ()
    source: SourceBlock | None = None
    closed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A top-level list item of a section: ``number`` as written in an ordered list, ``end_line`` is after it."""

    number: int | None
    line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands below a level-2 heading up to the next one. ``title`` is folded, see :func:`fold_title`."""

    title: str
    written_title: str
    location: SourceLocation
    end_line: int
    blocks: tuple[Block, ...]
    items: tuple[Item, ...]

    def fences(self, languages: Iterable[str] | None = None) -> Iterator[Block]:
        """The fences, or those of the languages."""
        wanted = None if languages is None else frozenset(languages)
        for block in self.blocks:
            if block.source is not None and (wanted is None or block.source.language in wanted):
                yield block


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The Markdown of a doc. ``lines`` is the whole file; line ``n`` is ``lines[n - 1]``."""

    title: str | None
    sections: tuple[Section, ...]
    lines: tuple[str, ...] = field(repr=False)

    @property
    def unclosed(self) -> tuple[Block, ...]:
        """The fences that are never closed."""
        return tuple(block for section in self.sections for block in section.blocks if not block.closed)

    def excerpt(self, first_line: int, end_line: int) -> str:
        """The lines from ``first_line`` to before ``end_line``."""
        return "\n".join(self.lines[first_line - 1 : end_line - 1])


def fold_title(title: str) -> str:
    """A heading to compare with: without leading emoji, emphasis, case and double spaces."""
    if title.isascii() and title[:1].isalpha():
        return " ".join(title.strip().strip("*_`").split()).casefold()
    start = 0
    while start < len(title) and unicodedata.category(title[start])[0] in "SMZC":
        start += 1
    text = title[start:].strip().strip("*_`").strip()
    # A keycap ("2" + U+FE0F + U+20E3) starts with a digit.
    text = re.sub(r"^[0-9#*]\ufe0f?\u20e3\s*", "", text)
    return " ".join(text.split()).casefold()


def wrong_sections(sections: Iterable[Section]) -> Iterator[Finding]:
    """Findings for sections that look as if they should be read but are not, and for a second request section."""
    first: Section | None = None
    for section in sections:
        if section.title in REQUEST_TITLES and any(section.fences(REQUEST_LANGUAGES)):
            if first is not None:
                yield Finding(
                    code="second-request",
                    message="a second section with requests: the first is in line "
                    f"{first.location.line}. Put the fence there, or write an entry of `Cases`.",
                    location=section.location,
                )
            first = first or section
        elif section.title and section.title not in _KNOWN and not EXAMPLES_TITLE.fullmatch(section.title):
            meant = _meant(section)
            if meant is not None:
                yield Finding(
                    code="unknown-section",
                    message=f"nothing reads a section `{section.written_title}`. "
                    f'Did you mean "{meant.title().replace("Uid", "UID")}"?',
                    location=section.location,
                    severity=Severity.WARNING if meant in _FOR_PEOPLE else Severity.ERROR,
                )


def lists_in_json(section: Section, key: str) -> Iterator[Finding]:
    """An error for each JSON fence with a list that is read from YAML fences only: it would be lost."""
    for fence in section.fences(["json"]):
        if _has_list(fence.text, key):
            yield Finding(
                code=f"{key}-in-json",
                message=f"`{key}` are read from a `yaml` fence only: write this fence as one (JSON is YAML, too).",
                location=section.location.at(fence.line),
            )


def _has_list(text: str, key: str) -> bool:
    try:
        value = parse_json(text, WRITTEN_BY_HAND)
    except SourceProblem:
        return re.match(rf'\s*\{{\s*"{key}"\s*:', text) is not None
    return isinstance(value, dict) and isinstance(value.get(key), list)


def _meant(section: Section) -> str | None:
    """The title that a section of another title was meant to have."""
    nearest = near(section.title, _KNOWN, cutoff=_LIKENESS)
    if nearest and section.title.endswith(nearest):
        # `Unexpected Response` is another thing.
        return None
    if nearest or not any(section.fences(REQUEST_LANGUAGES)):
        return nearest
    # `Test Request (will fail)` is a note on purpose.
    stem = section.title.partition("(")[0].strip()
    return stem if stem in WORKING_TITLES - REQUEST_TITLES else _OTHER_TITLES.get(section.title)


def parse_markdown(text: str, *, body_line: int, path: str, lines_of: LinesOf) -> Document:
    """Parse what stands after the frontmatter; ``body_line`` is its first line in the file.

    ``lines_of`` finds the lines of the values in a fence, from its text and its language.
    """
    lines = text.split("\n")
    tokens = block_tokens("\n".join(lines[body_line - 1 :]))
    builder = _Builder(path, body_line, end_line=len(lines) + 1, lines_of=lines_of)
    for index, token in enumerate(tokens):
        builder.take(token, tokens, index)
    return Document(title=builder.title, sections=builder.finish(), lines=tuple(lines))


class _Builder:
    def __init__(self, path: str, first_line: int, *, end_line: int, lines_of: LinesOf) -> None:
        self.title: str | None = None
        self._path = path
        self._first_line = first_line
        self._end_line = end_line
        self._lines_of = lines_of
        self._sections: list[Section] = []
        self._written_title: str | None = None
        self._line = first_line
        self._blocks: list[Block] = []
        self._items: list[Item] = []

    def take(self, token: BlockToken, tokens: list[BlockToken], index: int) -> None:
        if token.map is None:
            return
        line = self._first_line + token.map[0]
        match token.type:
            case "heading_open":
                self._heading(tokens[index + 1].content.strip(), int(token.tag[1:]), line, at_top=token.level == 0)
            case "fence":
                self._fence(token, line)
            case "list_item_open" if token.level == 1:
                number = int(token.info) if token.info.isdecimal() else None
                self._items.append(Item(number=number, line=line, end_line=self._first_line + token.map[1]))
            case "inline" if tokens[index - 1].type == "paragraph_open":
                self._add("paragraph", token.content, line)
            case "table_open":
                self._blocks.append(
                    Block(
                        kind="table",
                        text="",
                        line=line,
                        rows=tuple(self._rows(tokens, index)),
                    )
                )

    def finish(self) -> tuple[Section, ...]:
        self._close(self._end_line)
        return tuple(self._sections)

    def _heading(self, text: str, level: int, line: int, *, at_top: bool) -> None:
        if level == 1 and self.title is None:
            self.title = text
        if at_top and level == 2:
            self._close(line)
            self._written_title, self._line = text, line
        else:
            self._add("heading", text, line, level=level)

    def _fence(self, token: BlockToken, line: int) -> None:
        assert token.map is not None
        words = token.info.split()
        language = re.split(r"[,{]", words[0])[0].lower() if words else ""
        content_lines = token.content.count("\n") + (not token.content.endswith("\n") and token.content != "")
        source = SourceBlock(
            text=token.content,
            language=language,
            location=SourceLocation(self._path, line),
            first_line=line + 1,
            line_of=self._lines_of(token.content, language),
        )
        closed = token.map[1] - token.map[0] == content_lines + 2
        self._blocks.append(Block(kind="fence", text=token.content, line=line, source=source, closed=closed))

    def _rows(self, tokens: list[BlockToken], index: int) -> Iterator[Row]:
        cells: list[str] = []
        for token in tokens[index:]:
            if token.type == "tr_open":
                cells, start = [], token.map or (0, 0)
            elif token.type == "inline":
                cells.append(token.content.strip())
            elif token.type == "tr_close":
                yield Row(cells=tuple(cells), line=self._first_line + start[0])
            elif token.type == "table_close":
                return

    def _add(self, kind: BlockKind, text: str, line: int, *, level: int = 0) -> None:
        self._blocks.append(Block(kind=kind, text=text, line=line, level=level))

    def _close(self, line: int) -> None:
        """End the open section; what stands before the first level-2 heading is a section without title."""
        self._sections.append(
            Section(
                title="" if self._written_title is None else fold_title(self._written_title),
                written_title=self._written_title or "",
                location=SourceLocation(self._path, self._line),
                end_line=line,
                blocks=tuple(self._blocks),
                items=tuple(self._items),
            )
        )
        self._blocks, self._items = [], []

"""Markdown -> sections by level-2 heading, with their fences, tables, lists and paragraphs in order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_endpoint_docs.json_source import WRITTEN_BY_HAND, SourceProblem, parse_json
from pytest_endpoint_docs.loading.block_scanner import Block, Item, MarkdownLibrary, found_blocks
from pytest_endpoint_docs.model.source import Finding, Severity, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import near

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
OTHER_TITLES = frozenset[str]()
"""For :meth:`Document.titled`: every title that is in none of the sets above."""

EXAMPLES_TITLE = re.compile(r"(?P<kind>expected response|error response)s?(?:\s*\(?\s*(?P<code>[1-5]\d\d)\b[^)]*\)?)?")

# What holds the lists that run, apart from requests: `Test Request (will fail)` is for people.
_OF_LISTS = PREREQUISITE_TITLES | CASES_TITLES | CLEANUP_TITLES
LIST = re.compile(r"^(?:steps|cases):", re.MULTILINE)
"""The key of a list that runs, in YAML."""
# After the key of a list; `steps:` above sentences in a fence of plain text is for people.
_ITEMS = r"[ \t]*(?:#.*+)?+(?:(?:\n[ \t]*(?:#.*+)?+)+-\s|\[)"

YAML_LANGUAGES = frozenset(["yaml", "yml"])
REQUEST_LANGUAGES = YAML_LANGUAGES | {"json"}

# What runs or is checked: a section that is meant as one of these and is none would be lost.
_WORKING = (REQUEST_TITLES, PREREQUISITE_TITLES, RESOLUTION_TITLES, CASES_TITLES, SCHEMA_TITLES, CLEANUP_TITLES)
_FOR_PEOPLE = (PROCEDURE_TITLES, LEARNINGS_TITLES, SKIP_REASON_TITLES, SUMMARY_TITLES)
WORKING_TITLES = frozenset[str]().union(*_WORKING) | {"expected response", "error response"}
# Each title, to the set that has it.
_TITLES = {title: titles for titles in (*_WORKING, *_FOR_PEOPLE) for title in titles}
_KNOWN = WORKING_TITLES | _TITLES.keys()
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


@value_class(kw_only=False)
class Section:
    """What stands below a level-2 heading up to the next one, or to the end of the file (``end_line`` is ``None``).

    ``title`` is folded, see :func:`fold_title`.
    """

    title: str
    written_title: str
    path: str
    line: int
    end_line: int | None
    blocks: tuple[Block, ...]
    items: tuple[Item, ...]

    @property
    def location(self) -> SourceLocation:
        """The line of its heading; of what stands before the first one, the line that the text begins with."""
        return SourceLocation(self.path, self.line)

    def fences(self, languages: Collection[str] | None = None) -> Iterator[Block]:
        """The fences, or those of the languages."""
        for block in self.blocks:
            if block.language is not None and (languages is None or block.language in languages):
                yield block


@dataclass(eq=False, repr=False)  # no value_class: a cached property needs a __dict__
class Document:
    """The Markdown of a doc; ``text`` is the whole file, ``body`` what stands after the frontmatter.

    ``by_titles`` are the sections by the sets of titles above, the others by :data:`OTHER_TITLES`. ``unclosed`` are the
    fences that are never closed.
    """

    title: str | None
    sections: tuple[Section, ...]
    by_titles: Mapping[frozenset[str], list[Section]]
    unclosed: tuple[Block, ...]
    text: str
    body: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines of the file; line ``n`` is ``lines[n - 1]``."""
        return tuple(self.text.split("\n"))

    def titled(self, titles: frozenset[str]) -> list[Section]:
        """The sections that have a title of one of the sets above; a union of such sets is none of them."""
        return self.by_titles.get(titles, [])

    def excerpt(self, first_line: int, end_line: int) -> str:
        """The lines from ``first_line`` to before ``end_line``."""
        return "\n".join(self.lines[first_line - 1 : end_line - 1])


def fold_title(title: str) -> str:
    """A heading to compare with: without leading emoji, emphasis, case and double spaces."""
    return _USUAL.get(title) or _folded(title)


def _folded(title: str) -> str:
    if not title or (title.isascii() and title[0].isalpha()):
        return " ".join(title.strip().strip("*_`").split()).casefold()
    start = 0
    while start < len(title) and unicodedata.category(title[start])[0] in "SMZC":
        start += 1
    text = title[start:].strip().strip("*_`").strip()
    # A keycap ("2" + U+FE0F + U+20E3) starts with a digit.
    text = re.sub(r"^[0-9#*]\ufe0f?\u20e3\s*", "", text)
    return " ".join(text.split()).casefold()


# Nearly all sections have one of these titles.
_USUAL = {title: _folded(title) for title in map(str.title, _KNOWN)}


def wrong_sections(document: Document) -> Iterator[Finding]:
    """Findings for sections that look as if they should be read but are not, and for a second request section."""
    requests = document.titled(REQUEST_TITLES)
    if len(requests) > 1:
        yield from _second_requests([section for section in requests if any(section.fences(REQUEST_LANGUAGES))])
    for section in document.titled(OTHER_TITLES):
        if section.title and not EXAMPLES_TITLE.fullmatch(section.title):
            meant = _meant(section)
            if meant is not None:
                yield Finding(
                    code="unknown-section",
                    message=f"nothing reads a section `{section.written_title}`. "
                    f'Did you mean "{meant.title().replace("Uid", "UID")}"?',
                    location=section.location,
                    severity=Severity.WARNING if _TITLES.get(meant) in _FOR_PEOPLE else Severity.ERROR,
                )


def _second_requests(sections: Sequence[Section]) -> Iterator[Finding]:
    for section in sections[1:]:
        yield Finding(
            code="second-request",
            message="a second section with requests: the first is in line "
            f"{sections[0].line}. Put the fence there, or write an entry of `Cases`.",
            location=section.location,
        )


def unread_lists(section: Section, key: str, *, in_json: bool = True) -> Iterator[Finding]:
    """An error for each fence with a list that is read from YAML fences only: it would be lost."""
    for fence in section.fences():
        if fence.language == "json":
            if in_json and _has_list(fence.text, key):
                hint = "write this fence as one (JSON is YAML, too)"
                yield _unread(f"{key}-in-json", key, hint, section.location.at(fence.line))
        elif fence.language not in YAML_LANGUAGES and re.search(rf"^{key}:{_ITEMS}", fence.text, re.MULTILINE):
            found = f"is `{fence.language}`" if fence.language else "has no language"
            hint = f"this one {found}; begin it with ```yaml"
            yield _unread(f"{key}-not-in-yaml", key, hint, section.location.at(fence.line))


def _unread(code: str, key: str, hint: str, location: SourceLocation) -> Finding:
    return Finding(code=code, message=f"`{key}` are read from a `yaml` fence only: {hint}.", location=location)


def _has_list(text: str, key: str) -> bool:
    try:
        value = parse_json(text, WRITTEN_BY_HAND)
    except SourceProblem:
        return re.match(rf'\s*\{{\s*"{key}"\s*:', text) is not None
    return isinstance(value, dict) and isinstance(value.get(key), list)


def _meant(section: Section) -> str | None:
    """The title that a section of another title was meant to have."""
    nearest = near(section.title, _KNOWN, cutoff=_LIKENESS)
    # `Unexpected Response` is another thing.
    if nearest and not section.title.endswith(nearest):
        return nearest
    if not any(section.fences(REQUEST_LANGUAGES)):
        return None
    # `Test Request (will fail)` is a note on purpose.
    stem = section.title.partition("(")[0].strip()
    if stem in WORKING_TITLES - REQUEST_TITLES:
        return stem
    return _OTHER_TITLES.get(section.title) or _named_in(section)


def _named_in(section: Section) -> str | None:
    """The section that a longer title above a list names: `4. Cases`, `Cleanup {#after}`."""
    named = _OF_LISTS & {*re.findall(r"\w+", section.title)}
    if named and any(LIST.search(fence.text) for fence in section.fences(YAML_LANGUAGES)):
        return min(named)
    return None


def parse_markdown(text: str, *, body_line: int, path: str, library: MarkdownLibrary | None = None) -> Document:
    """Parse what stands after the frontmatter; ``body_line`` is its first line in the file."""
    title: str | None = None
    sections: list[Section] = []
    by_titles: dict[frozenset[str], list[Section]] = {}
    unclosed: list[Block] = []
    # What stands before the first level-2 heading is a section without title.
    opened, line = "", body_line
    blocks: list[Block] = []
    items: list[Item] = []

    def close(end_line: int | None) -> None:
        section = Section(fold_title(opened), opened, path, line, end_line, tuple(blocks), tuple(items))
        sections.append(section)
        by_titles.setdefault(_TITLES.get(section.title, OTHER_TITLES), []).append(section)

    body = "".join(text.split("\n", body_line - 1)[body_line - 1 :])
    for block in found_blocks(body, path=path, line=body_line, library=library):
        if isinstance(block, Item):
            items.append(block)
            continue
        if block.level == 1 and title is None:
            title = block.text
        if block.level == 2 and not block.inside:
            close(block.line)
            opened, line, blocks, items = block.text, block.line, [], []
        else:
            blocks.append(block)
            if not block.closed:
                unclosed.append(block)
    close(None)
    return Document(title, tuple(sections), by_titles, tuple(unclosed), text, body)

"""Files that are not endpoint docs: left alone, unless they look like docs (doc format, section 1)."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.frontmatter import DOC_SIZE_MAX, decode_newlines
from pytest_endpoint_docs.loading.markdown import REQUEST_TITLES, RESOLUTION_TITLES, parse_markdown
from pytest_endpoint_docs.model.source import METHODS, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import count, near

_TITLES = REQUEST_TITLES | RESOLUTION_TITLES
_HOW = "begin the file with the lines `---`, `endpoint: METHOD /path` and `---`"
# Characters that no editor shows: byte order marks, spaces without width, what is left of UTF-16.
_INVISIBLE = "\0\ufeff\ufffe\ufffd\u200b\u200c\u200d\u2060"
_OPENING = re.compile(r"-{3,}[ \t]*\n")
_CLOSING = re.compile(r"^-{3,}[ \t]*$|^#{1,6}[ \t]", re.MULTILINE)
_KEY = re.compile(r"^[\"']?(?P<key>[^\W\d][\w.-]*)[\"']?[ \t]*[:=]", re.MULTILINE)
_ENDPOINT = re.compile(
    rf"^[ \t]*(?:[-{{][ \t]*)?[\"']?endpoint[\"']?[ \t]*[:=]?[ \t]*[\"']?(?:{'|'.join(METHODS)})[ \t]+/", re.MULTILINE
)
_HEADING_OR_FENCE = re.compile(r"^(?:#{1,6}[ \t]|`{3,}|~{3,})", re.MULTILINE)
_MAYBE_SECTION = re.compile(r"^ {0,3}##[ \t].*(?:request|resolution)", re.MULTILINE | re.IGNORECASE)


def refuse_lookalike(file: Path, location: SourceLocation) -> None:
    """Raise a ``FrontmatterError`` for a file without a frontmatter with ``endpoint`` that was meant to have one.

    Its first lines or its sections are those of an endpoint doc. ``location`` is the first line of the file.
    """
    page = _read(file)
    found = _wrong_head(page) or _section(page)
    if found is None:
        return
    line, problem = found
    if page.is_wide:
        line, problem = 1, "the file is not UTF-8: it holds zero bytes, as UTF-16 and UTF-32 do. Save it as UTF-8."
    raise FrontmatterError(problem, location=location.at(line))


def why_left_alone(file: Path) -> str:
    """Why a file that does not look like an endpoint doc is not one: ``it has no frontmatter ...``."""
    if _read(file).has_frontmatter:
        return "its frontmatter has no `endpoint`"
    return "it has no frontmatter: its first line is not `---`"


@value_class
class _Page:
    """The text of a file, and the place in it where its frontmatter begins, or would: after white space.

    ``is_wide``: it holds zero bytes, which are left out of ``text``.
    """

    text: str
    begin: int
    has_frontmatter: bool
    is_wide: bool

    @property
    def head_end(self) -> int:
        """Where the frontmatter ends; without one, where the first heading or fence begins."""
        after_opening = self.text.find("\n", self.begin) + 1
        pattern, start = (_CLOSING, after_opening) if self.has_frontmatter else (_HEADING_OR_FENCE, self.begin)
        end = pattern.search(self.text, start)
        return end.start() if end else len(self.text)

    @property
    def head(self) -> str:
        return self.text[self.begin : self.head_end]

    def line(self, place: int) -> int:
        return self.text.count("\n", 0, place) + 1


def _read(file: Path) -> _Page:
    with file.open("rb") as stream:
        data = stream.read(DOC_SIZE_MAX)
    # Of UTF-16 and UTF-32, what is left without the zeros is readable enough.
    text = decode_newlines(data.decode("utf-8", errors="replace").replace("\0", ""))
    begin = len(text) - len(text.lstrip(f" \t\n\f\v{_INVISIBLE}"))
    return _Page(text=text, begin=begin, has_frontmatter=_OPENING.match(text, begin) is not None, is_wide=b"\0" in data)


def _wrong_head(page: _Page) -> tuple[int, str] | None:
    """The line of the head that shows that it was meant as one, with what is wrong."""
    head = page.head
    keys = {match["key"]: page.line(page.begin + match.start()) for match in _KEY.finditer(head)}
    written = _ENDPOINT.search(head)
    if page.has_frontmatter and page.begin and (written or "endpoint" in keys):
        return page.line(page.begin), _begins_late(page)
    if page.has_frontmatter and "endpoint" not in keys and (misspelt := near("endpoint", keys, cutoff=0.8)):
        foreign = [char for char in misspelt if not char.isascii()]
        letter = f", with U+{ord(foreign[0]):04X} for a letter" if foreign else ""
        problem = f'expected the frontmatter key "endpoint", found "{misspelt}"{letter}. Did you mean "endpoint"?'
        return keys[misspelt], problem
    if written is None:
        return None
    problem = (
        "`endpoint` is not a key of the frontmatter itself here: write `endpoint: METHOD /path` at the margin."
        if page.has_frontmatter
        else f"`endpoint` stands outside a frontmatter here, and the file has none: {_HOW}."
    )
    return page.line(page.begin + written.end()), problem


def _begins_late(page: _Page) -> str:
    before = page.text[: page.begin]
    hidden = sorted({f"U+{ord(char):04X}" for char in before if char in _INVISIBLE})
    there = count(before.count("\n"), "blank line") if "\n" in before else "white space"
    if hidden:
        there = f"a character that editors do not show ({', '.join(hidden)})"
    return f"expected the frontmatter to begin in the first line, found {there} before its `---`: remove that."


def _section(page: _Page) -> tuple[int, str] | None:
    """The first section that only endpoint docs have: told at the file's first line."""
    if not _MAYBE_SECTION.search(page.text):
        return None
    missing = "its frontmatter has no `endpoint`" if page.has_frontmatter else "it has no frontmatter"
    body_line = page.line(page.head_end) + 1 if page.has_frontmatter else 1
    for section in parse_markdown(page.text, body_line=body_line, path="").sections:
        if section.title in _TITLES:
            title, line = section.written_title, section.line
            advice = "add `endpoint: METHOD /path` to it" if page.has_frontmatter else _HOW
            return 1, f"the file has a section `{title}` (line {line}), as endpoint docs have, and {missing}: {advice}."
    return None

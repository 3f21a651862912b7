"""The head of a doc: its frontmatter and the names of its items, read when tests are collected."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn

from pytest_endpoint_docs.model.body import DerivedCase, DocBody
from pytest_endpoint_docs.model.source import Endpoint, Finding, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class


class DocStatus(StrEnum):
    """The status vocabulary (doc format, section 1), synonyms folded."""

    VERIFIED = "verified"
    PENDING = "pending"
    FAILED = "failed"
    SKIP = "skip"
    DEPRECATED = "deprecated"


NOT_RUN = frozenset([DocStatus.SKIP, DocStatus.DEPRECATED])
"""The statuses of docs that are not run."""


@value_class(frozen=True)
class KnownIssue:
    """Mismatches at ``path`` (JSON Pointer; ``*`` is any one segment) are reported, and do not fail."""

    path: str
    reason: str
    ticket: str | None
    location: SourceLocation


@value_class(frozen=True)
class Requirement:
    """Another endpoint whose doc runs first, once per session."""

    endpoint: Endpoint
    location: SourceLocation


@value_class(frozen=True)
class CaseOutline:
    """What collection needs to know of a test item: its name within the file, and where it stands.

    ``request_index`` counts the main requests (0-based); ``case_id`` is set for items of ``Cases``.
    ``token`` is set where an item runs with another token kind than the doc says, ``negative`` where its case was
    derived from the doc, ``check`` (an id such as ``T4``) where it is a check of the token endpoint. ``left_out`` holds
    ``(id, why)`` of the negative cases that were not derived from a main request.
    """

    name: str
    location: SourceLocation
    request_index: int = 0
    case_id: str | None = None
    learning: int | None = None
    token: str | None = None
    tags: tuple[str, ...] = ()
    negative: DerivedCase | None = None
    check: str | None = None
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def sent(self) -> str:
        """What a negative case sends, in words; empty for other items."""
        return (self.negative.description or "") if self.negative else ""

    @property
    def kind(self) -> Literal["main", "case", "negative", "check"]:
        """What the item is about."""
        if self.check:
            return "check"
        if self.negative:
            return "negative"
        return "case" if self.case_id else "main"


class Reads(NamedTuple):
    """How docs are read: a text anew from its file (raises: ``OSError``, ``ValueError``), and the body of a doc."""

    text: Callable[[Path], str]
    body: Callable[[EndpointDoc], DocBody]


class DocReader:
    """Has the text and the body of a doc for who asks, until they are let go. Safe to use from several threads.

    What was let go is read again. A file that is not what it was then gives no text any more, so that nothing runs or
    is stamped but the doc that was collected.
    """

    __slots__ = ("_body", "_digest", "_reads", "_text")
    # One for all: a lock for each of thousands of docs would take as much memory as the rest of its reader.
    _lock = threading.RLock()

    def __init__(self, reads: Reads, text: str = "") -> None:
        self._reads = reads
        self._text: str | None = text
        self._digest = hash(text)
        self._body: tuple[EndpointDoc, DocBody] | None = None

    def text_of(self, doc: EndpointDoc) -> str:
        """The text of a doc."""
        text = self._text
        if text is None:
            try:
                text = self._reads.text(doc.file)
            except (OSError, ValueError):
                text = ""
            self._text = text = text if hash(text) == self._digest else ""
        return text

    def body_of(self, doc: EndpointDoc) -> DocBody:
        """The body of a doc; read anew only for another doc than the last one (a changed copy)."""
        with self._lock:
            if self._body is None or self._body[0] is not doc:
                self._body = doc, self._reads.body(doc)
            return self._body[1]

    def let_go_text(self) -> None:
        """Keep the text no longer."""
        self._text = None

    def let_go(self) -> None:
        """Keep nothing longer."""
        with self._lock:
            self._body = self._text = None


def _cannot_read(_: object) -> NoReturn:
    raise LookupError("the doc was made without anything that reads it")


UNREAD = Reads(_cannot_read, _cannot_read)
"""Of a doc that is made without a file."""


@value_class(frozen=True)
class EndpointDoc:
    """The head of a doc: its frontmatter and its items.

    ``status`` is ``None`` where the written one (``raw_status``) is not of the vocabulary.
    ``lines`` maps a frontmatter key to its line. ``body_line`` is the line of the first line after the frontmatter.
    """

    file: Path
    path: str
    endpoint: Endpoint
    location: SourceLocation
    domain: str | None = None
    tags: tuple[str, ...] = ()
    status: DocStatus | None = DocStatus.VERIFIED
    raw_status: str | None = None
    skip_reason: str | None = None
    skip_until: str | None = None
    owner: str | None = None
    saved_at: str | None = None
    verified_at: str | None = None
    verified_by: str | None = None
    times_reused: int | None = None
    swagger: str | None = None
    tokens: tuple[str, ...] = ()
    expected_outcome: tuple[int, ...] = ()
    expected_outcome_reason: str | None = None
    requires_test_data: bool = False
    test_data_description: str | None = None
    use_fallback_api: bool = False
    serial: bool = False
    negative: bool | None = None
    known_issues: tuple[KnownIssue, ...] = ()
    requires: tuple[Requirement, ...] = ()
    outlines: tuple[CaseOutline, ...] = ()
    findings: tuple[Finding, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    body_line: int = 1
    reader: DocReader = field(default_factory=lambda: DocReader(UNREAD), repr=False, compare=False)

    @property
    def text(self) -> str:
        """The whole file, newlines as ``\\n``, without BOM; empty where it changed after it was read."""
        return self.reader.text_of(self)

    @property
    def body(self) -> DocBody:
        """Everything of the doc that runs or is shown; read once, when it is first needed."""
        return self.reader.body_of(self)

    @property
    def is_manual(self) -> bool:
        """Whether the doc is tagged ``requires-manual-testing``."""
        return any(tag.strip().lower().replace("_", "-") == "requires-manual-testing" for tag in self.tags)

    def line_of(self, key: str) -> SourceLocation:
        """Where a frontmatter key stands, or the doc's own line."""
        line = self.lines.get(key)
        return self.location if line is None else self.location.at(line)

"""The head of a doc: its frontmatter and the names of its items, read when tests are collected."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Literal

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


class BodyReader:
    """Reads a doc's body when it is asked for, and keeps it until it is let go. Safe to use from several threads."""

    __slots__ = ("_kept", "_read")
    # One for all: a lock for each of thousands of docs would take as much memory as the rest of its reader.
    _lock = threading.RLock()

    def __init__(self, read: Callable[[EndpointDoc], DocBody]) -> None:
        self._read = read
        self._kept: tuple[EndpointDoc, DocBody] | None = None

    def body_of(self, doc: EndpointDoc) -> DocBody:
        """The body of a doc; read anew only for another doc than the last one (a changed copy)."""
        with self._lock:
            if self._kept is None or self._kept[0] is not doc:
                self._kept = doc, self._read(doc)
            return self._kept[1]

    def let_go(self) -> None:
        """Keep the body no longer."""
        with self._lock:
            self._kept = None


def _no_reader(doc: EndpointDoc) -> DocBody:
    raise LookupError(f"{doc.path} was made without a reader for its body")


@value_class(frozen=True)
class EndpointDoc:
    """The head of a doc: its frontmatter and its items. ``text`` is the whole file, newlines as ``\\n``, without BOM.

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
    text: str = field(default="", repr=False)
    body_line: int = 1
    reader: BodyReader = field(default_factory=lambda: BodyReader(_no_reader), repr=False, compare=False)

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

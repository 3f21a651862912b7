"""What a run leaves behind: the result file's records (``--endpoint-results``), read by drift, coverage and reports.

Everything in here is already redacted, and is made of JSON types only, so that a record crosses process boundaries:
:data:`SafeText` are strings, which only the boundary of ``redaction/`` makes. Other strings are words of this
package, and instants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from pytest_endpoint_docs.model.secret import NO_TEXT, SafeRecord, SafeText, first_line
from pytest_endpoint_docs.model.source import (
    OBSTACLES,
    Cause,
    Checked,
    JSONValue,
    MismatchKind,
    ObstacleKind,
    SourceLocation,
    is_status_alone,
)
from pytest_endpoint_docs.model.value_class import value_class

Outcome = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
# What is counted by what it checked; what negatives and OAuth checks hold against is fixed.
COUNTED = ("main", "case", "custom")
ItemKind = Literal["main", "case", "negative", "check", "custom"]


@value_class
class ExchangeRecord(SafeRecord):
    """One exchange, redacted.

    ``request_body`` and ``response_body`` are text, cut; ``elapsed_s`` in seconds; ``curl`` reproduces it.
    """

    phase: str
    step: SafeText
    method: SafeText
    url: SafeText
    request_headers: dict[str, SafeText] = field(default_factory=dict)
    request_body: SafeText = NO_TEXT
    status_code: int | None = None
    response_headers: dict[str, SafeText] = field(default_factory=dict)
    response_body: SafeText = NO_TEXT
    error: SafeText | None = None
    elapsed_s: float = 0.0
    curl: SafeText = NO_TEXT


@value_class
class MismatchRecord(SafeRecord):
    """A ``Mismatch`` as text; ``severity`` is ``fail``, ``warn`` or ``known``, ``location`` ``path:line`` or empty.

    ``kind`` is ``other`` where a file of an earlier release has none. ``step`` names the step that it is about, where
    that is not the request that the item tests.
    """

    check: str
    message: SafeText
    kind: MismatchKind = "other"
    pointer: SafeText = NO_TEXT
    expected: SafeText = NO_TEXT
    actual: SafeText = NO_TEXT
    severity: str = "fail"
    known: SafeText | None = None
    location: SafeText = NO_TEXT
    source: SafeText | None = None
    step: SafeText = NO_TEXT

    @property
    def place(self) -> SourceLocation | None:
        """The ``location`` as a value; ``None`` where it is empty."""
        path, _, line = self.location.rpartition(":")
        return SourceLocation(path, int(line)) if line.isdecimal() else None

    @property
    def headline(self) -> str:
        """The place in the answer and the first line of the message; what is told of a request has its place in it."""
        if not self.pointer or self.check == "openapi-request":
            return first_line(self.message)
        return f"{self.pointer}{'' if self.pointer.startswith('/') else ':'} {first_line(self.message)}"


@value_class
class FindingRecord(SafeRecord):
    """A ``Finding`` as text."""

    code: str
    message: SafeText
    severity: str
    path: SafeText
    line: int
    key: SafeText = NO_TEXT


@value_class
class ObstacleRecord(SafeRecord):
    """An ``Obstacle`` as text."""

    kind: ObstacleKind
    subject: SafeText
    message: SafeText

    @property
    def title(self) -> str:
        """The kind in words: the beginning of a sentence."""
        return OBSTACLES[self.kind]


@value_class
class ManualVerification(SafeRecord):
    """The latest evidence of a manual or consent run of a doc, at ``at`` (ISO 8601, UTC).

    ``outcome``: ``passed``, ``failed`` or ``blocked``; ``doc_changed``: the doc's contract is another one since.
    """

    at: str
    by: SafeText
    outcome: Literal["passed", "failed", "blocked"]
    doc_changed: bool = False


@value_class
class ItemRecord(SafeRecord):
    """One test item of a doc.

    ``kind``: ``main``, ``case`` (an entry of ``Cases``), ``negative`` (derived), ``check`` (a token endpoint check),
    ``custom`` (a test function with ``endpoint_case``). ``operation`` is ``METHOD /path-template`` of the OpenAPI
    operation, where one matched, ``description`` the file that it was found in. ``verified_at`` is the doc's
    frontmatter value. ``age_days`` is counted from ``RunRecord.now``; ``max_age_days`` is the limit that holds for the
    doc, ``None`` where there is none. ``statuses`` are the status codes that came, ``checked`` says what the answer was
    held against. ``root_cause`` is what the ``verdict`` says is wrong, without its place and the step;
    ``failure_line`` the doc's line that it names, if it names one. ``obstacle`` is what kept the item from being
    tested: its outcome is ``error``, or ``skipped`` where it was not tried any more.
    """

    nodeid: SafeText
    doc: SafeText
    line: int
    endpoint: SafeText
    kind: ItemKind
    outcome: Outcome
    reason: SafeText = NO_TEXT
    cause: Cause = ""
    case_id: SafeText | None = None
    title: SafeText = NO_TEXT
    domain: SafeText | None = None
    tags: tuple[SafeText, ...] = ()
    status: SafeText | None = None
    owner: SafeText | None = None
    verified_at: SafeText | None = None
    verified_by: SafeText | None = None
    times_reused: int | None = None
    age_days: float | None = None
    max_age_days: float | None = None
    skip_until: SafeText | None = None
    evidence: ManualVerification | None = None
    operation: SafeText | None = None
    description: SafeText | None = None
    statuses: tuple[int, ...] = ()
    checked: tuple[Checked, ...] = ()
    duration_s: float = 0.0
    started_at: str = ""
    failure: SafeText = NO_TEXT
    verdict: SafeText = NO_TEXT
    root_cause: SafeText = NO_TEXT
    failure_line: int | None = None
    obstacle: ObstacleRecord | None = None
    notes: tuple[SafeText, ...] = ()
    mismatches: tuple[MismatchRecord, ...] = ()
    findings: tuple[FindingRecord, ...] = ()
    exchanges: tuple[ExchangeRecord, ...] = ()
    extra: Mapping[str, JSONValue] = field(default_factory=dict)

    @property
    def is_by_status_alone(self) -> bool:
        """Whether the item passed although nothing documents the content that it was answered with."""
        return self.outcome == "passed" and self.kind in COUNTED and is_status_alone(self.checked)


@value_class
class RunRecord(SafeRecord):
    """A whole run; ``now`` is the run's clock at its start (ISO 8601, UTC), ``root`` the root directory's bare name.

    ``findings`` are the run's own, apart from those of its items. ``left_alone`` are the Markdown files among the docs
    that are not endpoint docs. ``not_reached`` items were to run and did not start, because the run ended early.
    """

    schema_version: int
    started_at: str
    now: str
    duration_s: float
    environment: SafeText
    base_url: SafeText
    versions: dict[str, str]
    items: tuple[ItemRecord, ...]
    exit_status: int = 0
    root: SafeText = NO_TEXT
    findings: tuple[FindingRecord, ...] = ()
    left_alone: tuple[SafeText, ...] = ()
    not_reached: int = 0

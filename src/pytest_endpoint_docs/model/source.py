"""Where a value stands in a doc, and what was found wrong there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

JSONValue: TypeAlias = "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None"
# Why an item did not run.
Cause = Literal[
    "",
    "manual",
    "recorded",
    "deprecated",
    "environment",
    "blocked",
    "variables",
    "no-request",
    "connection",
    "token",
    "variable",
]
ObstacleKind = Literal["connection", "token", "variable"]
"""What keeps items from being tested: a server that cannot be reached, a token that is missing, a variable that is."""


OBSTACLES: Mapping[ObstacleKind, str] = {
    "connection": "the server did not answer",
    "token": "a token is missing",
    "variable": "a variable is undefined",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What kept an item from being tested, and says nothing about its contract; the same for all items that met it.

    ``subject`` is the server (``http://127.0.0.1:9``), the token kind or the variable (``{{client_id}}``), ``message``
    a line that says what is the matter with it.
    """

    kind: ObstacleKind
    subject: str
    message: str

    @property
    def title(self) -> str:
        """The kind in words: the beginning of a sentence about what could not be tested."""
        return OBSTACLES[self.kind]


class SourceLocation(NamedTuple):
    """A line of a file: ``path`` as people read it (relative to the root directory if it can be), ``line`` from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"

    def at(self, line: int) -> SourceLocation:
        """The same file at another line."""
        return SourceLocation(self.path, line)


class Severity(StrEnum):
    """``ERROR`` fails the doc's cases, ``WARNING`` is reported and lets them run."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a doc that its writer should know.

    ``code`` is a stable kebab-case name (``unknown-status``), ``message`` a sentence without location,
    ``case_id`` the item that it concerns, or ``None`` for all of the doc's; ``key`` the frontmatter key that it is
    about, where one code is told of several.
    """

    code: str
    message: str
    location: SourceLocation
    severity: Severity = Severity.ERROR
    case_id: str | None = None
    key: str = ""

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


MismatchKind = Literal[
    "status",
    "missing",
    "unexpected",
    "undescribed",
    "type",
    "value",
    "enum",
    "format",
    "constraint",
    "not-json",
    "media-type",
    "operation",
    "fault",
    "unread",
    "unjudged",
    "rule",
    "other",
]
"""What is wrong, whoever found it and however it is worded.

``missing``: something is not there. ``unexpected``: something is there that must not be. ``undescribed``: something is
there of which nothing is said. ``enum``: not one of the values that are allowed. ``constraint``: any other keyword of a
schema. ``operation``: no description has the request. ``fault``: the schema or description itself is wrong.
``unread``: a ``$ref`` of the description could not be followed, so that nothing was checked there. ``unjudged``: a
schema is described for a content of which this package reads none, such as XML. ``rule``: a duty of a standard.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One difference between what is documented and what came.

    ``kind`` says what is wrong, ``check`` names who found it (``status``, ``header``, ``body``, ``schema``, ``shape``,
    ``openapi``, ``openapi-request``, ``demand``, ``T4`` ...). ``pointer`` is the JSON Pointer in the response (``""``:
    all of it) or a header field name. ``severity`` ``known``: matches one of the doc's ``knownIssues`` (``known`` says
    which).
    ``source`` is where the expectation comes from (a line of the doc, or a description file with a JSON Pointer).
    ``step`` names the step that it is about, where that is not the request that the item tests.
    """

    check: str
    message: str
    kind: MismatchKind = "other"
    pointer: str = ""
    expected: str = ""
    actual: str = ""
    severity: Literal["fail", "warn", "known"] = "fail"
    known: str | None = None
    location: SourceLocation | None = None
    source: str | None = None
    step: str = ""


@dataclass(slots=True, unsafe_hash=True)  # frozen, each fence takes four times as long to make
class SourceBlock:
    """The text of a fence, to find the line of a value inside it later.

    ``location`` is the fence, whose content begins in the next line of the file. ``line_of`` gives the line (from
    1, inside the text) of the value at a JSON Pointer or of its nearest ancestor, ``None`` where nothing can be read.
    """

    text: str
    language: str
    location: SourceLocation
    line_of: Callable[[str], int | None] = field(repr=False, compare=False)

    def at(self, pointer: str) -> SourceLocation:
        """The line of the value at a JSON Pointer (RFC 6901), or of its nearest ancestor; else the fence."""
        line, fence = self.line_of(pointer), self.location
        return fence if line is None else SourceLocation(fence.path, fence.line + line)


# What of an answer is documented, and so was checked; ``no-content``: none came.
Checked = Literal["status", "headers", "values", "schema", "example", "description", "no-content"]
CONTENT_PARTS: frozenset[Checked] = frozenset(["values", "schema", "example", "description"])


def is_status_alone(checked: Collection[Checked]) -> bool:
    """Whether an answer had content, and was held against nothing that says what it is."""
    return bool(checked) and "no-content" not in checked and CONTENT_PARTS.isdisjoint(checked)


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class Endpoint(NamedTuple):
    """``METHOD /path`` as the frontmatter says it; ``path`` is a path template, ``query`` what stood behind ``?``."""

    method: str
    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def key(self) -> str:
        """Method and path, without query: what other docs refer to."""
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        """The name of a doc's main item: the endpoint as written."""
        return str(self).strip()

    @classmethod
    def of(cls, method: str, target: str) -> Endpoint:
        """An endpoint of a method and a path that may have a query string."""
        path, _, query = target.partition("?")
        return cls(method, path, query)


def path_key(path: str) -> str:
    """A path template without the names of its parameters: ``{id}`` and ``{{client_id}}`` become ``{}``."""
    return re.sub(r"\{\{.*?\}\}|\{[^{}]*\}", "{}", path)

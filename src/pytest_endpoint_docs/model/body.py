"""The body of a doc: everything of it that runs or is shown, read when a case runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import Literal

from pytest_endpoint_docs.model.header_fields import is_json_type
from pytest_endpoint_docs.model.source import Endpoint, Finding, JSONValue, SourceBlock, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class

OnFail = Literal["abort", "skip", "continue", "warn"]
Phase = Literal["prerequisite", "main", "case", "resolution", "cleanup"]
OWN_PHASES: Collection[Phase] = ("main", "case")
"""Those of the requests that an item is about; the others come before, or clean up."""
ContentType = Literal["json", "form", "multipart", "text"]
"""How a body is sent; of ``text``, the ``Content-Type`` field names the media type."""
MEDIA_TYPES: Mapping[ContentType, str] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
    "text": "text/plain; charset=utf-8",
}
"""The media type of each, unless the ``Content-Type`` field names another one."""


def is_sent_as_text(body: JSONValue, media_type: str) -> bool:
    """Whether a body is a text of a media type that is not JSON: it is sent as it is."""
    return isinstance(body, str) and bool(media_type) and not is_json_type(media_type)


@value_class
class FilePart:
    """A file of a multipart request; ``file_path`` is looked up under the environment's ``files``."""

    field_name: str
    file_path: str
    filename: str | None
    content_type: str | None
    location: SourceLocation


@value_class
class RequestTemplate:
    """A request before its variables are known.

    ``path`` may hold a query string. ``has_body`` is false where the doc gives none (or ``{}`` in a step).
    ``token`` is a token kind, ``"none"`` for no credentials, ``None`` for the environment's default.
    """

    method: str
    path: str
    location: SourceLocation
    params: Mapping[str, JSONValue] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: JSONValue = field(default=None, repr=False)
    has_body: bool = False
    token: str | None = None
    content_type: ContentType = "json"
    form_fields: Mapping[str, JSONValue] = field(default_factory=dict, repr=False)
    file_parts: tuple[FilePart, ...] = ()
    use_fallback: bool = False
    asks_on_behalf_of: bool = False


SUCCESSES = range(200, 300)
"""The status codes of success (RFC 9110 section 15.3)."""


@value_class
class Expectation:
    """What the doc says of the answer. ``None``: not said.

    ``statuses`` are the status codes that it names: ``expect.status``, else the doc's ``expectedOutcome``; ``accepted``
    says what that amounts to. ``status_location`` is where they stand, if not in the expectation itself. ``headers``
    maps a field name to the exact value or, between slashes, a regular expression; ``None`` as value: the field is
    absent. ``body`` is matched as a subset with strict types. ``schema`` is a JSON Schema.
    """

    location: SourceLocation
    statuses: tuple[int, ...] = ()
    status_location: SourceLocation | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: JSONValue = None
    has_body: bool = False
    schema: JSONValue = None
    has_schema: bool = False

    @property
    def accepted(self) -> Sequence[int]:
        """The documented status codes: those that are named; where none is, every code of success."""
        return self.statuses or SUCCESSES

    @property
    def status_words(self) -> str:
        """The same for people: ``200 or 204``, ``2xx``."""
        return " or ".join(map(str, self.statuses)) or "2xx"

    @property
    def is_refusal(self) -> bool:
        """Whether nothing but errors (4xx, 5xx) is documented."""
        return min(self.accepted) >= 400


@value_class
class Extract:
    """``variable: expression`` of a step; see ``extraction.py`` for the expressions."""

    name: str
    expression: str
    location: SourceLocation


@value_class
class Change:
    """A change of a request: ``pointer`` (RFC 6901) into the request, and the new ``value``; ``None`` removes.

    ``place`` is the JSON Pointer of the value in the block that it was read from; empty where it was derived.
    """

    pointer: str
    value: JSONValue
    place: str = ""


@value_class
class Step:
    """One request of a doc with what goes with it. ``id`` is a name for reports, never a key.

    ``source`` is the block that it was read from, ``pointer`` the JSON Pointer of the step inside it. ``changes`` made
    its request of the main one, where it is a case.
    """

    id: str
    phase: Phase
    location: SourceLocation
    request: RequestTemplate
    expect: Expectation
    description: str | None = None
    extracts: tuple[Extract, ...] = ()
    on_fail: OnFail = "abort"
    skip_reason: str | None = None
    sleep_ms: int = 0
    purpose: str | None = None
    source: SourceBlock | None = field(default=None, repr=False)
    pointer: str = ""
    changes: tuple[Change, ...] = ()


@value_class
class MainRequest:
    """One alternative of a doc: its steps in order, the last one being the request that the doc is about.

    ``no_request`` is the reason where the doc records none (``null``): its item is skipped.
    """

    location: SourceLocation
    steps: tuple[Step, ...]
    no_request: str | None = None

    @property
    def subject(self) -> Step | None:
        """The request that the doc is about; ``None`` where there is none."""
        return self.steps[-1] if self.steps else None


@value_class
class Resolution:
    """A row of ``UID Resolution``: how the value of ``field`` is obtained. Nothing runs until a variable needs it.

    ``kind`` is ``endpoint`` (call something, take ``extract_from``), ``param`` (take ``extract_from``, such as
    ``config.params.x``, of the environment), ``authorization`` (the redirect of the authorization endpoint: a consent)
    or ``prose`` (for people). ``create`` is called first where ``create_fresh``, then ``source``, then ``fallback``.
    """

    field: str
    kind: Literal["endpoint", "param", "authorization", "prose"]
    location: SourceLocation
    source: Endpoint | None = None
    fallback: Endpoint | None = None
    create: Endpoint | None = None
    create_fresh: bool = False
    create_body: JSONValue = None
    has_create_body: bool = False
    source_body: JSONValue = None
    has_source_body: bool = False
    extract_from: str | None = None
    token: str | None = None
    cleanup: Endpoint | None = None
    note: str | None = None


@value_class
class DerivedCase:
    """An entry of ``Cases``: the main request with ``changes``.

    ``after_main``: the main request runs before it, and its variables are visible. ``steps`` run before the request.
    ``sleep_ms``: how long the request waits once its variables are known (a code that must expire).
    ``pointer`` is the JSON Pointer of the entry in ``source``, the block that it was read from.
    """

    id: str
    location: SourceLocation
    expect: Expectation
    description: str | None = None
    learning: int | None = None
    after_main: bool = False
    changes: tuple[Change, ...] = ()
    sleep_ms: int = 0
    steps: tuple[Step, ...] = ()
    extracts: tuple[Extract, ...] = ()
    tags: tuple[str, ...] = ()
    source: SourceBlock | None = field(default=None, repr=False)
    pointer: str = ""


@value_class
class ResponseSchema:
    """The JSON Schema of the success response."""

    schema: JSONValue
    location: SourceLocation
    source: SourceBlock | None = None

    def at(self, pointer: str) -> SourceLocation:
        """The line of a place in the schema, or of the nearest one around it."""
        return self.source.at(pointer) if self.source else self.location


@value_class
class ExampleResponse:
    """An example of ``Expected Response`` or ``Error Responses``; ``status``: ``None`` where the title has no code."""

    status: int | None
    body: JSONValue
    location: SourceLocation
    is_error: bool = False
    source: SourceBlock | None = None

    def at(self, pointer: str) -> SourceLocation:
        """The line of a value of the example, or of the nearest one around it."""
        return self.source.at(pointer) if self.source else self.location


@value_class
class ProcedureStep:
    """A numbered step of the ``Manual Testing Procedure``: its Markdown ``text``, fences kept."""

    number: int
    text: str
    location: SourceLocation


@value_class
class Learning:
    """An entry of ``Critical Learnings``, numbered from 1 in the order of the text."""

    number: int
    text: str
    location: SourceLocation


@value_class
class DocBody:
    """Everything of a doc that runs or is shown; parsed when a case runs, never for collection alone."""

    title: str | None
    prerequisites: tuple[Step, ...]
    requests: tuple[MainRequest, ...]
    resolutions: tuple[Resolution, ...]
    cases: tuple[DerivedCase, ...]
    cleanup: tuple[Step, ...]
    response_schema: ResponseSchema | None
    examples: tuple[ExampleResponse, ...]
    procedure: tuple[ProcedureStep, ...]
    learnings: tuple[Learning, ...]
    findings: tuple[Finding, ...]


EMPTY_BODY = DocBody(
    title=None,
    prerequisites=(),
    requests=(),
    resolutions=(),
    cases=(),
    cleanup=(),
    response_schema=None,
    examples=(),
    procedure=(),
    learnings=(),
    findings=(),
)
"""The body of a doc that cannot be read, or not any more."""

"""What was sent, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from http import HTTPStatus
from typing import Any

from pytest_endpoint_docs.json_source import GENERATED, SourceProblem, parse_json
from pytest_endpoint_docs.model.body import SUCCESSES, ContentType, Expectation, Phase, Step
from pytest_endpoint_docs.model.header_fields import HeaderFields, media_type_of
from pytest_endpoint_docs.model.secret import HeaderValue
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class

# Codecs of Python under which no content is sent: they are not charsets, are slow on purpose, or warn.
_NO_CHARSETS = frozenset(["idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"])


@value_class
class MultipartFile:
    """A file part of a request as it is sent."""

    field_name: str
    filename: str
    content: bytes = field(repr=False)
    content_type: str


class WrittenValue(str):
    """The value of the query parameter ``name`` that a path writes out; ``written`` is the parameter as it is sent.

    One parameter can be written in several ways (``q=a:b`` and ``q=a%3Ab``, ``x`` and ``x=``), and servers may tell
    them apart.
    """

    name: str
    written: str

    @classmethod
    def of(cls, name: str, value: str, *, written: str) -> WrittenValue:
        """The value of a parameter; ``written`` is encoded."""
        made = cls(value)
        made.name, made.written = name, written
        return made


@value_class(frozen=True)
class Request:
    """A request ready to send: every variable filled in. Credentials stay :class:`Secret` values until they are sent.

    ``url`` is the target URI without ``params``; ``params`` are (name, text) pairs, those that the doc's path writes
    out with a :class:`WrittenValue`.
    ``body`` is the JSON value (``content_type`` ``json``), the mapping of form fields (``form``, ``multipart``), or the
    text that is sent as it is (``text``).
    What can hold a secret is not in its ``repr``.
    """

    method: str
    url: str = field(repr=False)
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, HeaderValue] = field(default_factory=dict, repr=False)
    body: JSONValue = field(default=None, repr=False)
    has_body: bool = False
    content_type: ContentType = "json"
    files: tuple[MultipartFile, ...] = ()
    path: str = ""


def is_success(status: int) -> bool:
    """Whether a status code is of the class 2xx."""
    return status in SUCCESSES


@value_class(frozen=True)
class Response:
    """An answer: ``status_code``, ``headers`` (by name without case), ``content`` (bytes, bounded), ``elapsed_s``.

    ``elapsed_s`` are the seconds from the request to the end of its answer, as far as this process saw it come: while
    it waits, it may read the next doc, or report another item, which takes some milliseconds.
    ``redirects`` counts those that led to it, at ``url``. ``not_followed`` says why a redirect is the answer itself,
    where it would lead out of the environment.
    """

    status_code: int
    reason: str = ""
    headers: HeaderFields = field(default_factory=HeaderFields)
    content: bytes = field(default=b"", repr=False)
    elapsed_s: float = 0.0
    url: str = field(default="", repr=False)
    redirects: int = 0
    not_followed: str = ""
    _kept: list[tuple[JSONValue, SourceProblem | None]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @property
    def status(self) -> str:
        """The status code with its reason phrase (RFC 9110 section 15): ``404 Not Found``."""
        try:
            reason = self.reason or HTTPStatus(self.status_code).phrase
        except ValueError:
            return str(self.status_code)
        return f"{self.status_code} {reason}"

    @property
    def is_success(self) -> bool:
        """Whether the status code is of the class 2xx."""
        return is_success(self.status_code)

    def is_expected(self, expect: Expectation) -> bool:
        """Whether the status code is a documented one."""
        return self.status_code in expect.accepted

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower case; empty where the field is absent."""
        return media_type_of(self.headers.get("Content-Type", ""))

    @property
    def is_json(self) -> bool:
        """Whether the content is declared, or plainly is, JSON."""
        media = self.media_type
        if media == "application/json" or media.endswith("+json"):
            return True
        return not media and self.content.lstrip()[:1] in (b"{", b"[")

    @property
    def text(self) -> str:
        """The content as text, by the declared charset, undecodable bytes replaced; UTF-8 where it is none."""
        for part in self.headers.get("Content-Type", "").split(";")[1:]:
            name, _, value = part.strip().partition("=")
            if name.lower() == "charset":
                charset = value.strip("\"' ").lower().replace("_", "-")
                try:
                    if charset not in _NO_CHARSETS:
                        return self.content.decode(charset, errors="replace")
                except (LookupError, ValueError):  # unknown, not one for text, or one that refuses this content
                    break
        return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The content as a JSON value of the caller's own. Raises: ``ValueError`` where it is not JSON."""
        return parse_json(self.content, GENERATED)

    def as_json(self) -> tuple[JSONValue, bool]:
        """The content as a JSON value, and whether it is one. It is read once and kept, so it is not to be changed."""
        value, problem = self._read()
        return value, problem is None

    def as_object(self) -> Mapping[str, JSONValue]:
        """The members of the content, where it is a JSON object; none where it is anything else."""
        value, _ = self.as_json()
        return value if isinstance(value, dict) else {}

    def not_json(self) -> str:
        """What to call a content that is not JSON: ``content of type text/html``."""
        _, problem = self._read()
        if not self.content:
            return "no content"
        if problem is not None and problem.kind == "hostile":
            return f"content {problem.message}"
        if not self.media_type:
            return "content without a Content-Type"
        kind = f"content of type {self.media_type}"
        if problem is None or "json" not in self.media_type:
            return kind
        place = f" (line {problem.line}, column {problem.column})" if problem.line else ""
        return f"{kind} that is not JSON: {problem.message}{place}"

    def _read(self) -> tuple[JSONValue, SourceProblem | None]:
        if not self._kept:
            try:
                self._kept.append((parse_json(self.content, GENERATED), None))
            except SourceProblem as problem:
                self._kept.append((None, problem))
        return self._kept[0]


@value_class(frozen=True)
class SentRequest:
    """A request that was sent, and its ``response``, or ``error`` where none came.

    ``attempts`` counts it and its repeats after 429, 503 or a lost connection.
    """

    step: Step
    phase: Phase
    request: Request
    response: Response | None
    error: str | None = None
    attempts: int = 1


@value_class(frozen=True)
class Exchange(SentRequest):
    """A request that was sent, and the response to it."""

    response: Response

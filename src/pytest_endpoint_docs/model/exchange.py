"""What was sent, and what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pytest_endpoint_docs.model.body import Phase, Step, is_success
from pytest_endpoint_docs.model.secret import HeaderValue
from pytest_endpoint_docs.model.source import JSONValue


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipartFile:
    """A file part of a request as it is sent."""

    field_name: str
    filename: str
    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request ready to send: every variable filled in. Credentials stay :class:`Secret` values until they are sent.

    ``url`` is the target URI without ``params``; ``params`` are (name, text) pairs.
    ``body`` is the JSON value (``content_type`` ``json``) or the mapping of form fields (``form``, ``multipart``).
    What can hold a secret is not in its ``repr``.
    """

    method: str
    url: str = field(repr=False)
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, HeaderValue] = field(default_factory=dict, repr=False)
    body: JSONValue = field(default=None, repr=False)
    has_body: bool = False
    content_type: Literal["json", "form", "multipart"] = "json"
    files: tuple[MultipartFile, ...] = ()
    token_kind: str | None = None
    path: str = ""


class HeaderFields(Mapping[str, str]):
    """Header fields by name without case (RFC 9110 section 5.1); several lines of one field are joined with a comma."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, str] | None = None) -> None:
        self._items = {name.lower(): (name, value) for name, value in (items or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._items[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._items

    def __repr__(self) -> str:
        return f"HeaderFields({list(self)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer: ``status_code``, ``headers`` (by name without case), ``content`` (bytes, bounded), ``elapsed_s``."""

    status_code: int
    reason: str = ""
    headers: HeaderFields = field(default_factory=HeaderFields)
    content: bytes = field(default=b"", repr=False)
    elapsed_s: float = 0.0
    url: str = field(default="", repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status code is of the class 2xx."""
        return is_success(self.status_code)

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower case; empty where the field is absent."""
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the content is declared, or plainly is, JSON."""
        media = self.media_type
        if media == "application/json" or media.endswith("+json"):
            return True
        return not media and self.content.lstrip()[:1] in (b"{", b"[")

    @property
    def text(self) -> str:
        """The content as text, by the declared charset, undecodable bytes replaced."""
        for part in self.headers.get("Content-Type", "").split(";")[1:]:
            name, _, value = part.strip().partition("=")
            if name.lower() == "charset":
                try:
                    return self.content.decode(value.strip('"'), errors="replace")
                except LookupError:
                    break
        return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The content as a JSON value, untyped as from ``json.loads``. Raises: ``ValueError`` where it is not JSON."""
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange(SentRequest):
    """A request that was sent, and the response to it."""

    response: Response

"""What was sent and what came back as text without secrets."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pytest_endpoint_docs.http.wire import target_uri
from pytest_endpoint_docs.model.exchange import Request, Response, SentRequest
from pytest_endpoint_docs.model.secret import NO_TEXT, SafeText
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.curl_line import render_curl

LONGEST_RENDERED = 100_000
_LONGEST_STRING = 10_000
_SHOWN_HEADERS = ("content-type", "location", "retry-after", "www-authenticate", "allow")


class ShownExchange:
    """An exchange as people may see it, without secrets; ``redactor`` is the boundary beside its doc.

    Each part is made when it is asked for, and once; one that cannot be rendered says so, and takes no other along.
    """

    def __init__(self, exchange: SentRequest, redactor: Redactor) -> None:
        self.sent = exchange
        self._redactor = redactor

    @cached_property
    def url(self) -> SafeText:
        """The target URI."""
        return self._part(lambda: render_uri(self.sent.request, self._redactor))

    @cached_property
    def request_headers(self) -> dict[str, SafeText]:
        """The header fields that were sent."""
        return self._redactor.headers(self.sent.request.headers.items())

    @cached_property
    def request_body(self) -> SafeText:
        """The content that was sent."""
        return self._part(lambda: render_request_body(self.sent.request, self._redactor))

    @cached_property
    def response_headers(self) -> dict[str, SafeText]:
        """The header fields that came."""
        return {} if self.sent.response is None else self._redactor.headers(self.sent.response.headers.items())

    @cached_property
    def response_body(self) -> SafeText:
        """The content that came, as :func:`render_body` has it."""
        response = self.sent.response
        return NO_TEXT if response is None else self._part(lambda: render_body(response, self._redactor))

    @cached_property
    def error(self) -> SafeText | None:
        """Why no answer came."""
        return self._redactor.text(self.sent.error) if self.sent.error else None

    @cached_property
    def curl(self) -> SafeText:
        """The command line that sends the request again."""
        return self._part(lambda: render_curl(self.sent.request, self._redactor))

    def telling_headers(self) -> Iterator[tuple[str, SafeText]]:
        """The header fields that help with a failure: what came, where else it is, when, and the request's id."""
        for name, value in self.response_headers.items():
            lowered = name.lower()
            if lowered in _SHOWN_HEADERS or lowered.endswith(("request-id", "correlation-id", "trace-id")):
                yield name, value

    def _part(self, render: Callable[[], SafeText]) -> SafeText:
        try:
            return render()
        except Exception as error:  # noqa: BLE001 - an exchange that cannot be shown must not end the run
            return self._redactor.text(not_rendered(error))


def not_rendered(error: Exception) -> str:
    """What stands in the place of a part of a failure that cannot be made: the other parts tell of the failure."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    kind, place = type(error).__name__, f"{Path(where.filename).name}:{where.lineno}"
    return f"this part of the failure could not be rendered: {kind}: {error} ({place}, in {where.name})"


def render_uri(request: Request, redactor: Redactor) -> SafeText:
    """A request's target URI: known secrets by name, whatever stands at a secret's parameter masked."""
    params = tuple((redactor.text(name), _param(name, text, redactor)) for name, text in request.params)
    return redactor.text(target_uri(replace(request, params=params)).replace("%24", "$").replace("%2A", "*"))


def _param(name: str, text: str, redactor: Redactor) -> str:
    """The text without secrets; without any, as it is written."""
    shown = redactor.masked(text) if redactor.is_secret(name) else redactor.text(text)
    return text if shown == text else shown


def render_body(response: Response, redactor: Redactor) -> SafeText:
    """A response's content: JSON indented, other text as it is, anything else by its length.

    Of content that is longer than ``LONGEST_RENDERED`` bytes, it is the beginning: nobody reads more, and rendering all
    of it costs ten times what reading it did.
    """
    if not response.content:
        return NO_TEXT
    value, is_json = response.as_json()
    if is_json and len(response.content) > LONGEST_RENDERED:
        value = _beginning(value, _Left(LONGEST_RENDERED))
    if is_json:
        return redactor.text(json.dumps(redactor.json(value), ensure_ascii=False, indent=2))
    if b"\0" in response.content[:1000]:
        return redactor.text(f"<{len(response.content)} bytes of {response.media_type or 'unknown type'}>")
    return redactor.content(response.text[:LONGEST_RENDERED])


@dataclass(slots=True)
class _Left:
    """How many characters there is still room for."""

    characters: int


def _beginning(value: JSONValue, left: _Left) -> JSONValue:
    """The first values of a JSON value, texts cut, as far as there is room."""
    left.characters -= 8
    if isinstance(value, str):
        left.characters -= min(len(value), _LONGEST_STRING)
        return value[:_LONGEST_STRING]
    if isinstance(value, Mapping):
        first: dict[str, JSONValue] = {}
        for key, item in value.items():
            if left.characters <= 0:
                break
            left.characters -= len(key)
            first[key] = _beginning(item, left)
        return first
    if isinstance(value, list):
        items = []
        for item in value:
            if left.characters <= 0:
                break
            items.append(_beginning(item, left))
        return items
    return value


def render_request_body(request: Request, redactor: Redactor) -> SafeText:
    """A request's content: a text as it is, else its JSON value or form fields as JSON, and the names of its files."""
    if not request.has_body:
        return NO_TEXT
    if request.content_type != "json" and isinstance(request.body, str):
        return redactor.content(request.body)
    files = "".join(f"\n{part.field_name}: file {part.filename} ({part.content_type})" for part in request.files)
    return redactor.text(json.dumps(redactor.json(request.body), ensure_ascii=False) + files)

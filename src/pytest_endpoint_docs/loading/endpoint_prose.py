"""Endpoints that prose mentions, and what it shows of a resolution's source: the body and token kind of the request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_endpoint_docs.loading.mapping_reader import FindingLog, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.markdown import Section
from pytest_endpoint_docs.model.body import Resolution
from pytest_endpoint_docs.model.source import METHODS, Endpoint, JSONValue, path_key
from pytest_endpoint_docs.model.value_class import value_class

# A path ends at a space, a quote or a table's bar; a punctuation mark at its end is no part of it.
_MENTION = re.compile(rf"\b(?P<method>{'|'.join(METHODS)})\s+(?P<path>/[^\s`'\"|<>]*)")
_WHOLE = re.compile(rf"(?P<method>{'|'.join(METHODS)})\s+(?P<path>/\S*)")
_TOKEN = re.compile(
    r"\b(?:with|using|via|use|requires)\s+(?:an?\s+|the\s+|your\s+)?[*_`]*(?P<kind>[A-Za-z][\w-]*)[*_`]*\s+[*_`]*tokens?\b",
    re.I,
)
# Words before "token" that name no kind of token.
_NO_KIND = frozenset(
    ["access", "bearer", "valid", "fresh", "new", "same", "this", "that", "any", "api", "auth", "authentication",
     "oauth", "refresh", "id", "security", "your"]
)  # fmt: skip
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[A-Z*_`])|\n(?=\s*(?:[-*+]|\d+[.)])\s)")


@value_class
class _Mention:
    """An endpoint that prose mentions, with the token kind of that sentence and the JSON fence that follows."""

    endpoint: Endpoint
    token: str | None
    body: JSONValue = None
    has_body: bool = False


def mentioned_endpoints(text: str) -> Iterator[Endpoint]:
    """The endpoints that a text mentions, in order."""
    for match in _MENTION.finditer(text):
        yield _endpoint_of(match)


def leading_endpoint(text: str) -> Endpoint | None:
    """The endpoint that a text starts with; words after it are for people."""
    match = _MENTION.match(text)
    return _endpoint_of(match) if match else None


def whole_endpoint(text: object) -> Endpoint | None:
    """The endpoint that a text is, as a whole (code marks allowed), or ``None``: prose."""
    if not isinstance(text, str):
        return None
    match = _WHOLE.fullmatch(text.strip().strip("`").strip())
    return Endpoint.of(match["method"], match["path"]) if match else None


def _endpoint_of(match: re.Match[str]) -> Endpoint:
    return Endpoint.of(match["method"], match["path"].rstrip(".,;:)*"))


def complete_from_prose(
    rows: tuple[Resolution, ...], sections: Iterable[Section], prerequisites: Iterable[Section]
) -> tuple[Resolution, ...]:
    """Add to rows what the doc shows of their source: a body in ``Prerequisites``, a token kind beside a mention."""
    if not any(row.source for row in rows):
        return rows
    needed = list(_mentions(prerequisites))
    tokens = needed + list(_mentions(sections))
    return tuple(_complete(row, needed, tokens) for row in rows)


def _complete(row: Resolution, prerequisites: Iterable[_Mention], tokens: Iterable[_Mention]) -> Resolution:
    source = row.source
    if row.kind != "endpoint" or source is None:
        return row
    if not row.has_source_body and source.method != "GET":
        shown = next((one for one in prerequisites if one.has_body and _is_same(one.endpoint, source)), None)
        if shown:
            row = replace(row, source_body=shown.body, has_source_body=True)
    if row.token is None:
        kind = next((one.token for one in tokens if one.token and _is_same(one.endpoint, source)), None)
        if kind:
            row = replace(row, token=kind)
    return row


def _mentions(sections: Iterable[Section]) -> Iterator[_Mention]:
    for section in sections:
        pending: list[_Mention] = []
        for block in section.blocks:
            if block.kind == "heading":
                yield from pending
                pending = []
            if block.kind in ("heading", "paragraph"):
                found = list(_mentions_of(block.text))
                if found:
                    yield from pending
                    pending = found
            elif block.language == "json" and pending:
                # The fence belongs to the last endpoint before it.
                yield from pending[:-1]
                yield _with_body(pending[-1], parse_block(block, FindingLog(), required=False))
                pending = []
        yield from pending


def _mentions_of(text: str) -> Iterator[_Mention]:
    for sentence in _SENTENCE_END.split(text):
        token = _TOKEN.search(sentence)
        kind = token["kind"].lower() if token and token["kind"].lower() not in _NO_KIND else None
        for endpoint in mentioned_endpoints(sentence):
            yield _Mention(endpoint=endpoint, token=kind)


def _with_body(mention: _Mention, block: ParsedBlock | None) -> _Mention:
    if block is None or not isinstance(block.value, (dict, list)):
        return mention
    value = block.value
    if isinstance(value, dict) and "method" in value and "path" in value:
        # A whole template stands there: it has the body in it.
        return replace(mention, body=value.get("body"), has_body=value.get("body") is not None)
    return replace(mention, body=value, has_body=True)


def _is_same(one: Endpoint, other: Endpoint) -> bool:
    return one.method == other.method and path_key(one.path) == path_key(other.path)

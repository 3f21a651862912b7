"""What the prose around a resolution shows of its source: the body and the token kind of the request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pytest_endpoint_docs.loading.blocks import FindingLog, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.endpoint_text import MENTION, endpoint_from, same_template
from pytest_endpoint_docs.loading.markdown import PREREQUISITE_TITLES, RESOLUTION_TITLES, Document, Section
from pytest_endpoint_docs.model.body import Resolution
from pytest_endpoint_docs.model.source import Endpoint, JSONValue

_TOKEN = re.compile(
    r"\b(?:with|using|via|use|requires)\s+(?:an?\s+|the\s+|your\s+)?[*_`]*(?P<kind>[A-Za-z][\w-]*)[*_`]*\s+[*_`]*tokens?\b",
    re.I,
)
# Words before "token" that name no kind of token.
_NO_KIND = frozenset(
    [
        "access",
        "bearer",
        "valid",
        "fresh",
        "new",
        "same",
        "this",
        "that",
        "any",
        "api",
        "auth",
        "authentication",
        "oauth",
        "refresh",
        "id",
        "security",
        "your",
    ]
)
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[A-Z*_`])|\n(?=\s*(?:[-*+]|\d+[.)])\s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    """An endpoint that prose mentions, with the token kind of that sentence and the JSON fence that follows."""

    endpoint: Endpoint
    token: str | None
    body: JSONValue = None
    has_body: bool = False


def complete_from_prose(rows: tuple[Resolution, ...], document: Document) -> tuple[Resolution, ...]:
    """Add to rows what the doc shows of their source: a body in ``Prerequisites``, a token kind beside a mention."""
    if not any(row.source for row in rows):
        return rows
    prerequisites = list(_mentions(document.titled(PREREQUISITE_TITLES)))
    tokens = prerequisites + list(_mentions(document.titled(RESOLUTION_TITLES)))
    return tuple(_complete(row, prerequisites, tokens) for row in rows)


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
            elif block.source is not None and block.source.language == "json" and pending:
                # The fence belongs to the last endpoint before it.
                yield from pending[:-1]
                yield _with_body(pending[-1], parse_block(block, FindingLog(), required=False))
                pending = []
        yield from pending


def _mentions_of(text: str) -> Iterator[_Mention]:
    for sentence in _SENTENCE_END.split(text):
        token = _TOKEN.search(sentence)
        kind = token["kind"].lower() if token and token["kind"].lower() not in _NO_KIND else None
        for match in MENTION.finditer(sentence):
            yield _Mention(endpoint=endpoint_from(match["method"], match["path"].rstrip(".,;:)*")), token=kind)


def _with_body(mention: _Mention, block: ParsedBlock | None) -> _Mention:
    if block is None or not isinstance(block.value, (dict, list)):
        return mention
    value = block.value
    if isinstance(value, dict) and "method" in value and "path" in value:
        # A whole template stands there: it has the body in it.
        return replace(mention, body=value.get("body"), has_body=value.get("body") is not None)
    return replace(mention, body=value, has_body=True)


def _is_same(one: Endpoint, other: Endpoint) -> bool:
    return one.method == other.method and same_template(one.path, other.path)

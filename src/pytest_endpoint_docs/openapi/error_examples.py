"""The documented error responses that a run has seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pytest_endpoint_docs.model import EndpointDoc, ItemRecord, RunRecord, SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorExample:
    """An error response of a doc; ``seen``: some item of the doc (a case, a negative) was answered with its status."""

    doc: EndpointDoc
    status: int
    location: SourceLocation
    seen: bool


def error_examples(docs: Iterable[EndpointDoc], run: RunRecord) -> tuple[ErrorExample, ...]:
    """The error responses of docs, each status of a doc once."""
    from pytest_endpoint_docs.loading import parse_body

    seen: dict[str, set[int]] = {}
    for item in run.items:
        seen.setdefault(item.doc, set()).update(_statuses(item))
    return tuple(
        ErrorExample(doc=doc, status=status, location=location, seen=status in seen.get(doc.path, ()))
        for doc in docs
        for status, location in {
            example.status: example.location
            for example in reversed(parse_body(doc).examples)
            if example.is_error and example.status is not None
        }.items()
    )


def _statuses(item: ItemRecord) -> Iterator[int]:
    """The status codes of an item's own requests; those of its prerequisites say nothing about its endpoint."""
    own = [exchange for exchange in item.exchanges if exchange.phase in ("main", "case")]
    if own:
        yield from (exchange.status_code for exchange in own if exchange.status_code is not None)
    else:
        yield from item.statuses

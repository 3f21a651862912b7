"""The examples of answers that a description shows, in every version's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_endpoint_docs.json_source import GENERATED, SourceProblem, parse_json
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node, UnresolvedReference
from pytest_endpoint_docs.openapi.media_types import is_json_media_type
from pytest_endpoint_docs.openapi.operations import ResponseDescription


@value_class
class DescribedExample:
    """A JSON value that a description shows, and its ``file#pointer``."""

    value: Any
    source: str


def json_examples(response: ResponseDescription) -> tuple[DescribedExample, ...]:
    """Every example of an answer's JSON: ``example`` and ``examples`` of 3.x, ``examples`` by media type of 2.0."""
    return tuple(
        DescribedExample(value=value, source=node.source)
        for node in _nodes(response.node)
        if (value := _as_json(node.value)) is not None
    )


def _nodes(response: Node) -> Iterator[Node]:
    by_media_type = _below(response, "examples")  # 2.0
    for media_type, node in by_media_type.children() if by_media_type is not None else ():
        if is_json_media_type(media_type):
            yield node
    content = _below(response, "content")
    for media_type, entry in content.children() if content is not None else ():
        if not is_json_media_type(media_type):
            continue
        if (example := _below(entry, "example")) is not None:
            yield example
        named = _below(entry, "examples")
        for _, written in named.children() if named is not None else ():
            if (value := _below(written, "value")) is not None:
                yield value


def _below(node: Node, key: str) -> Node | None:
    try:
        return node.child(key)
    except UnresolvedReference:
        return None  # told as a fault of the description


def _as_json(value: Any) -> Any:
    """A value, or the JSON that a text has in it; ``None`` for a text that has none."""
    if not isinstance(value, str):
        return value
    try:
        found = parse_json(value, GENERATED)
    except SourceProblem:
        return None
    return found if isinstance(found, (Mapping, list)) else None

"""Dotted names: ``resolved.permissions[0].key``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_endpoint_docs.model.source import JSONValue

_SEGMENT = re.compile(r"\[\s*(?P<index>\d+)\s*\]|(?P<name>[^.\[\]]+)")


def segments(name: str) -> tuple[str | int, ...]:
    """The parts of a dotted name: ``a.b[0].c`` gives ``("a", "b", 0, "c")``."""
    return tuple(
        match["name"].strip() if match["index"] is None else int(match["index"]) for match in _SEGMENT.finditer(name)
    )


def last_segment(name: str) -> str:
    """The last part that is no index: ``client_id`` of ``app.client_id``, ``uids`` of ``a.uids[0]``."""
    named = [segment for segment in segments(name) if isinstance(segment, str)]
    return named[-1] if named else name


def prefixes(name: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Every way to cut a dotted name into a variable and a way into its value, the longest variable first."""
    cuts = [match.start() for match in re.finditer(r"[.\[]", name)]
    for cut in [len(name), *reversed(cuts)]:
        if name[:cut]:
            yield name[:cut], segments(name[cut:])


def value_at(value: JSONValue, way: Sequence[str | int]) -> JSONValue:
    """The value that a way of member names and indices leads to. Raises: ``KeyError`` where it leads nowhere."""
    for segment in way:
        if isinstance(value, dict) and isinstance(segment, str) and segment in value:
            value = value[segment]
        elif isinstance(value, list) and str(segment).isdecimal() and int(segment) < len(value):
            value = value[int(segment)]
        else:
            raise KeyError(segment)
    return value

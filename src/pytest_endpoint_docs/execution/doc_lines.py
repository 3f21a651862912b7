"""The exact line of a doc that a variable or a mismatch is about; looked up only when there is something to report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_endpoint_docs.execution.uses import Use
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.source import Mismatch, SourceBlock, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer, pointer_of, split_pointer
from pytest_endpoint_docs.yaml_source import locate

_FIELDS = {"expect_body": ("expect/body",), "expect_headers": ("expect/headers",), "params": ("params", "query")}
_MOST_CASES = 1000


def location_of(use: Use, step: Step) -> SourceLocation:
    """The line of a variable where a step uses it."""
    if step.source is None:
        return step.request.location
    base = _pointer(step, step.source)
    places = [f"/{name}{use.reference.pointer}" for name in _FIELDS.get(use.field, (use.field,))]
    if step.phase == "case":
        places = [place for written in places for place in (*_changes(written), written)]
    return _first_there(step.source, base, places) or step.location


def located(mismatch: Mismatch, step: Step) -> Mismatch:
    """The mismatch at the line of the value that the doc expects, where it stands at the expectation as a whole."""
    if step.source is None or mismatch.location != step.expect.location:
        return mismatch
    place = {"status": "/status", "header": join_pointer("/headers", mismatch.pointer), "schema": "/schema"}.get(
        mismatch.check
    )
    if mismatch.check == "body":
        place = f"/body{mismatch.pointer}"
    if place is None:
        return mismatch
    found = _first_there(step.source, f"{_pointer(step, step.source)}/expect", [place])
    return mismatch if found is None else replace(mismatch, location=found)


def _first_there(source: SourceBlock, base: str, places: list[str]) -> SourceLocation | None:
    """The line of the first place below ``base`` that is there; what is not is found at its nearest ancestor."""
    at_base = locate(source, base)
    if base.endswith("/expect") and at_base == locate(source, base.removesuffix("/expect")):
        return None
    for place in places:
        found = locate(source, base + place)
        if found != at_base or _is_flow(source, base, found):
            return found
    return None


def _is_flow(source: SourceBlock, base: str, found: SourceLocation) -> bool:
    """Whether the value at ``base`` is written in one line, so that all of it is found there."""
    return base.endswith("/expect") and found == locate(source, base)


def _pointer(step: Step, source: SourceBlock) -> str:
    """The JSON Pointer of a step in its block; of an entry of ``Cases``, by its line."""
    if step.phase != "case" or step.pointer:
        return step.pointer
    last: SourceLocation | None = None
    for index in range(_MOST_CASES):
        found = locate(source, f"/cases/{index}")
        if found == step.location:
            return f"/cases/{index}"
        if found == last:
            break
        last = found
    return step.pointer


def _changes(place: str) -> Iterator[str]:
    """The places of a changed value: ``/body/a/b`` may be that key, or ``b`` in the value of the key ``/body/a``."""
    keys = split_pointer(place)
    for length in range(len(keys), 0, -1):
        yield join_pointer("/request", pointer_of(keys[:length]), *keys[length:])

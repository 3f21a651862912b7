"""What a doc itself says of an answer, place by place: only where it says something can it side with anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pytest_endpoint_docs.model.body import DocBody, Expectation
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord
from pytest_endpoint_docs.pointers import split_pointer


class DocumentedAnswers:
    """The answers that docs show. Without docs, every doc counts as one that says something of everything."""

    def __init__(self, docs: Iterable[EndpointDoc] = ()) -> None:
        self._docs = {doc.path: doc for doc in docs}

    def speak_of(self, item: ItemRecord, found: MismatchRecord) -> bool:
        """Whether the doc of an item says something of the place of a difference.

        An example or ``expect.body`` speaks of the members that it has; that one is left out, it says where it shows
        the object around. A schema speaks of everything.
        """
        doc = self._docs.get(item.doc)
        if doc is None:
            return not self._docs
        expects = list(_expectations(doc.body, item))
        if not found.pointer.startswith("/") and found.pointer:
            return any(found.pointer.lower() == name.lower() for expect in expects for name in expect.headers)
        if any(expect.has_schema for expect in expects):
            return True
        body = doc.body
        shown: list[Any] = [expect.body for expect in expects if expect.has_body]
        if item.kind != "case":
            if body.response_schema is not None:
                return True
            shown += [example.body for example in body.examples if not example.is_error]
        way = split_pointer(found.pointer)
        if found.kind == "missing":
            way = way[:-1]
        return any(_leads(value, way) for value in shown)


def _expectations(body: DocBody, item: ItemRecord) -> Iterator[Expectation]:
    if item.kind == "case":
        yield from (case.expect for case in body.cases if case.id == item.case_id)
    else:
        yield from (main.steps[-1].expect for main in body.requests if main.steps)


def _leads(value: Any, way: list[str]) -> bool:
    for segment in way:
        if isinstance(value, list) and value and segment.isdecimal():
            # An example of a list shows a member or two of many.
            value = value[min(int(segment), len(value) - 1)]
        elif isinstance(value, dict) and segment in value:
            value = value[segment]
        else:
            return False
    return True

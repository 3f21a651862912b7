"""What only the server shows: differences of answers that doc and description do not have between themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pytest_endpoint_docs.drift.drift_finding import DriftFinding, Side, answer_drift_kind
from pytest_endpoint_docs.model.body import DocBody, Expectation
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, object_schemas, property_schemas
from pytest_endpoint_docs.pointers import is_same_place, split_pointer

# The checks that hold an answer against the doc; "openapi" holds it against the description.
DOC_CHECKS = frozenset(["status", "header", "body", "schema", "shape"])


def server_findings(
    item: ItemRecord, answers: DocumentedAnswers, described: DescribedAnswers
) -> Iterator[DriftFinding]:
    """The differences of an item's answers, each with the side that stands alone."""
    operation = item.operation or item.endpoint
    for found in item.mismatches:
        # What is wrong with a description is told of the description, and other endpoints have docs of their own.
        is_of_description = found.check == "openapi-request" or found.kind in ("fault", "unread")
        if is_of_description or found.step or found.severity == "known" or not item.exchanges:
            continue
        from_description = found.check == "openapi"
        # Without a source: no description has the request at all, which is told of the request.
        if found.source is None if from_description else found.check not in DOC_CHECKS:
            continue
        others = [
            other
            for other in item.mismatches
            if (other.check == "openapi") is not from_description
            and other.check != "openapi-request"
            and not other.step
            and (is_same_place(other.pointer, found.pointer) or other.kind == found.kind == "status")
        ]
        if others and not from_description:
            continue  # told once, from the description's side
        alone, reason = _answer_side(item, found, from_description=from_description, both=bool(others))
        if alone == "description" and not answers.speak_of(item, found):
            alone, reason = "unclear", "the doc says nothing of it"
        if alone == "doc" and not described.speak_of(item, found):
            alone, reason = "unclear", "the description says nothing of it"
        path, _, line = found.location.rpartition(":")
        yield DriftFinding(
            kind=answer_drift_kind(found.kind),
            message=f"{operation}: answer: {found.message}",
            location=SourceLocation(path, int(line)) if line.isdecimal() else SourceLocation(item.doc, item.line),
            doc=item.doc,
            operation=operation,
            step=item.case_id or "",
            phase="case" if item.kind == "case" else "main",
            pointer=f"/status/{found.actual[:1]}XX" if found.kind == "status" else _pointer(found),
            expected=found.expected,
            actual=found.actual,
            source=found.source,
            alone=alone,
            reason=reason,
            expected_by="description" if from_description else "doc",
            actual_by="server",
        )


def _answer_side(item: ItemRecord, found: MismatchRecord, *, from_description: bool, both: bool) -> tuple[Side, str]:
    if both:
        return "server", "the answer differs from the doc and from the description"
    if not from_description:
        if item.operation is None:
            return "unclear", "no description has the operation"
        if found.kind == "status":
            return "doc", "the description has the status that came"
        return "doc", "the answer is as described"
    if found.kind == "status":
        return "description", "the doc accepts the status that came"
    return "description", "the answer agrees with the doc"


def _pointer(found: MismatchRecord) -> str:
    is_header = found.pointer and not found.pointer.startswith("/")
    return f"/response/headers/{found.pointer}" if is_header else f"/response{found.pointer}"


class DocumentedAnswers:
    """The answers that docs show. Without docs, every doc counts as one that says something of everything."""

    def __init__(self, docs: Iterable[EndpointDoc] = ()) -> None:
        self._docs = {doc.path: doc for doc in docs}

    def speak_of(self, item: ItemRecord, found: MismatchRecord) -> bool:
        """Whether the doc of an item says something of the place of a difference.

        An example or ``expect.body`` speaks of the members that it has; what it leaves out is left open. A schema
        speaks of everything. Of the status, a doc speaks that names some.
        """
        doc = self._docs.get(item.doc)
        if doc is None:
            return not self._docs
        expects = list(_expectations(doc.body, item))
        if found.kind == "status":
            return any(expect.statuses for expect in expects)
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
        return any(_leads(value, split_pointer(found.pointer)) for value in shown)


def _expectations(body: DocBody, item: ItemRecord) -> Iterator[Expectation]:
    if item.kind == "case":
        yield from (case.expect for case in body.cases if case.id == item.case_id)
    else:
        yield from (main.subject.expect for main in body.requests if main.subject)


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


class DescribedAnswers:
    """The answers that descriptions describe. Without descriptions, every operation says something of everything."""

    def __init__(self, descriptions: Descriptions | None = None) -> None:
        self._descriptions = descriptions

    def speak_of(self, item: ItemRecord, found: MismatchRecord) -> bool:
        """Whether the operation of an item says something of a difference between an answer and the doc.

        It does where the doc's value could not be as described: of another type or none of its members. That a value is
        another one, or is not there, a description says nothing of; nor of a status where it has both.
        """
        if self._descriptions is None:
            return True
        method, _, path = (item.operation or item.endpoint).partition(" ")
        operation = self._descriptions.match(method, path)
        if operation is None:
            return False
        if found.kind == "status":
            wanted = [int(code) for code in re.findall(r"\b\d{3}\b", found.expected)]
            return bool(wanted) and not any(operation.response_for(status) for status in wanted)
        response = operation.response_for(item.statuses[-1]) if item.statuses else None
        if found.kind not in ("type", "enum", "format", "constraint", "unexpected") or response is None:
            return False
        if not found.pointer.startswith("/") and found.pointer:
            return any(header.name.lower() == found.pointer.lower() and header.schema for header in response.headers)
        starts = [schema for schema in response.content.values() if schema is not None]
        return bool(starts) and _says_something(object_schemas(*starts), split_pointer(found.pointer))


def _says_something(nodes: Sequence[Node], way: list[str]) -> bool:
    """Whether schemas restrict the value that a way leads to."""
    for segment in way:
        below = property_schemas(nodes, segment) or (item_schemas(nodes) if segment.isdecimal() else ())
        nodes = object_schemas(*below)
    return any({"type", "enum", "const", "format", "pattern"} & node.value.keys() for node in nodes)

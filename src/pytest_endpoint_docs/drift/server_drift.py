"""What only the server shows: differences of answers that doc and description do not have between themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pytest_endpoint_docs.drift.drift_finding import DriftFinding, Side, answer_drift_kind
from pytest_endpoint_docs.loading.documented import documented_requests
from pytest_endpoint_docs.model.body import SUCCESSES, DocBody, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import Operation, Security
from pytest_endpoint_docs.openapi.schema_shape import item_schemas, object_schemas, property_schemas
from pytest_endpoint_docs.pointers import is_same_place, split_pointer

_RULES_OF_VALUES = frozenset(["enum", "format", "constraint"])
_REFUSED_CREDENTIALS = (401, 403, 407)
# The checks that hold an answer against the doc; "openapi" holds it against the description.
DOC_CHECKS = frozenset(["status", "header", "body", "schema", "shape"])


def server_findings(
    item: ItemRecord, answers: DocumentedAnswers, described: DescribedAnswers
) -> Iterator[DriftFinding]:
    """The differences of an item's answers, each with the side that stands alone."""
    operation = item.operation or item.endpoint
    for found in filter(_is_told, item.mismatches if item.exchanges else ()):
        from_description = found.check == "openapi"
        agreeing = any(_is_from_other_side(other, found) for other in item.mismatches)
        if agreeing and not from_description:
            continue  # told once, from the description's side
        alone, reason = _judged(item, found, answers, described, both=agreeing)
        yield DriftFinding(
            kind=answer_drift_kind(found.kind),
            message=f"{operation}: answer: {found.headline}",
            location=found.place or SourceLocation(item.doc, item.line),
            doc=item.doc,
            operation=operation,
            step=item.case_id or "",
            phase="case" if item.kind == "case" else "main",
            pointer=_status_pointer(item) if found.kind == "status" else _pointer(found),
            expected=found.expected,
            actual=found.actual,
            source=found.source,
            alone=alone,
            reason=reason,
            expected_by="description" if from_description else "doc",
            actual_by="server",
        )


def _is_told(found: MismatchRecord) -> bool:
    """Whether a mismatch is about the answer to the item's own request, and one of doc or description says it."""
    # What is wrong with a description is told of the description, and other endpoints have docs of their own.
    is_of_description = found.check == "openapi-request" or found.kind in ("fault", "unread", "unjudged")
    if is_of_description or found.step or found.severity == "known":
        return False
    # Without a source: no description has the request at all, which is told of the request.
    return found.source is not None if found.check == "openapi" else found.check in DOC_CHECKS


def _is_from_other_side(other: MismatchRecord, found: MismatchRecord) -> bool:
    """Whether the one is of the description, the other of the doc, and both are about the same place."""
    return (
        (other.check == "openapi") is not (found.check == "openapi")
        and other.check != "openapi-request"
        and not other.step
        and (is_same_place(other.pointer, found.pointer) or other.kind == found.kind == "status")
    )


def _judged(
    item: ItemRecord, found: MismatchRecord, answers: DocumentedAnswers, described: DescribedAnswers, *, both: bool
) -> tuple[Side, str]:
    """The side that stands alone, and why."""
    alone, reason = _answer_side(item, found, from_description=found.check == "openapi", both=both)
    if alone == "description" and not answers.speak_of(item, found):
        return "unclear", "the doc says nothing of it"
    if alone == "description" and found.kind in _RULES_OF_VALUES:
        # A doc that has another value than described is told of without a server.
        return "unclear", "the doc has a value that is as described, and does not say which others may come"
    if alone == "doc" and not described.speak_of(item, found, answers.statuses(item)):
        return "unclear", "the description says nothing of it"
    status = item.statuses[-1] if item.statuses else None
    if alone == "server" and found.kind == "status" and status in _REFUSED_CREDENTIALS:
        return _refused_side(answers.sends_credentials(item), described.security(item))
    return alone, reason


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


def _refused_side(sends_credentials: bool, security: Security) -> tuple[Side, str]:
    """Who is wrong where credentials are refused that doc and description let pass: they may be those of nobody."""
    if sends_credentials:
        return "unclear", "the server refused the credentials, and they may be the ones that are wrong"
    if security == "required":
        return "doc", "the doc sends no credentials, and the description requires some"
    if security == "none":
        return "server", "the doc sends no credentials, and the description requires none"
    return "unclear", "the doc sends no credentials, and the description does not say whether some are needed"


def _status_pointer(item: ItemRecord) -> str:
    return f"/status/{item.statuses[-1] // 100}XX" if item.statuses else "/status"


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
        expects = [step.expect for step in _steps(doc.body, item)]
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

    def statuses(self, item: ItemRecord) -> tuple[int, ...]:
        """The status codes that the doc of an item accepts; those of success where no doc is there."""
        doc = self._docs.get(item.doc)
        steps = _steps(doc.body, item) if doc is not None else ()
        return tuple(status for step in steps for status in step.expect.accepted) or tuple(SUCCESSES)

    def sends_credentials(self, item: ItemRecord) -> bool:
        """Whether the request of an item is sent with credentials."""
        doc = self._docs.get(item.doc)
        return doc is None or all(step.request.token != "none" for step in _steps(doc.body, item))


def _steps(body: DocBody, item: ItemRecord) -> Iterator[Step]:
    """The requests that an item is about, with what the doc expects of them."""
    for documented in documented_requests(body):
        step = documented.step
        if step.id == item.case_id if step.phase == "case" else documented.is_main and item.kind != "case":
            yield step


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

    def security(self, item: ItemRecord) -> Security:
        """What the operation of an item says of credentials."""
        operation = self._operation(item)
        return operation.security if operation is not None else "unsaid"

    def speak_of(self, item: ItemRecord, found: MismatchRecord, documented: Sequence[int]) -> bool:
        """Whether the operation of an item says something of a difference between an answer and the doc.

        It does where the doc's value could not be as described: of another type or none of its members. That a value is
        another one, or is not there, a description says nothing of; nor of a status where it has one of those that are
        ``documented``, too.
        """
        if self._descriptions is None:
            return True
        operation = self._operation(item)
        if operation is None:
            return False
        if found.kind == "status":
            return not any(operation.response_for(status) for status in documented)
        response = operation.response_for(item.statuses[-1]) if item.statuses else None
        if found.kind not in ("type", "enum", "format", "constraint", "unexpected") or response is None:
            return False
        if not found.pointer.startswith("/") and found.pointer:
            return any(header.name.lower() == found.pointer.lower() and header.schema for header in response.headers)
        starts = [schema for schema in response.content.values() if schema is not None]
        return bool(starts) and _says_something(object_schemas(*starts), split_pointer(found.pointer))

    def _operation(self, item: ItemRecord) -> Operation | None:
        method, _, path = (item.operation or item.endpoint).partition(" ")
        return self._descriptions.match(method, path) if self._descriptions is not None else None


def _says_something(nodes: Sequence[Node], way: list[str]) -> bool:
    """Whether schemas restrict the value that a way leads to."""
    for segment in way:
        below = property_schemas(nodes, segment) or (item_schemas(nodes) if segment.isdecimal() else ())
        nodes = object_schemas(*below)
    return any({"type", "enum", "const", "format", "pattern"} & node.value.keys() for node in nodes)

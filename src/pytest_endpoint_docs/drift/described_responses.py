"""What a doc says of answers, against what the description says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.documented import DocumentedRequest
from pytest_endpoint_docs.model.body import DocBody, ExampleResponse, is_success
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.openapi.description_words import problem_mismatch, problem_text
from pytest_endpoint_docs.openapi.dialects import Unknown
from pytest_endpoint_docs.openapi.documented_parts import unknown
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import Operation, ResponseDescription, is_json_media_type
from pytest_endpoint_docs.openapi.request_differences import kind_of
from pytest_endpoint_docs.openapi.schemas import (
    SchemaValidators,
    is_open,
    object_schemas,
    property_schemas,
    undescribed,
)
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.redaction import Redactor
from pytest_endpoint_docs.words import listed

_SIMPLE = re.compile(r"\$?(?:\.?[A-Za-z_][\w-]*|\[\d+\]|\[\*\]|\.\d+)+")
_STEP = re.compile(r"[A-Za-z_][\w-]*|\[(?:\d+|\*)\]|(?<=\.)\d+")
_ELIDED = re.compile(r"\s*(?:\.\.\.|…|<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]|x{3,})\s*", re.IGNORECASE)


def answer_findings(
    doc: EndpointDoc, request: DocumentedRequest, operation: Operation, validators: SchemaValidators, redactor: Redactor
) -> Iterator[DriftFinding]:
    """Expected statuses that are not described, extracts of properties that are not, ``expect.body`` that cannot be."""
    yield from _statuses(doc, request, operation)
    response = _success(request.step.expect.statuses, operation)
    schema = _json_schema(response)
    if schema is None:
        return
    for extract in request.step.extracts if request.step.phase != "case" else ():
        missing = _undescribed_step(schema, extract.expression)
        if missing is not None:
            pointer, known, source = missing
            yield DriftFinding(
                kind="response-property-unknown",
                message=f"{operation}: extract {extract.name!r} reads {extract.expression}, "
                f"and {pointer} is not described",
                location=extract.location,
                doc=doc.path,
                operation=str(operation),
                step=request.step.id,
                phase=request.step.phase,
                pointer=f"/response{pointer}",
                expected=f"one of {listed(known, 12)}",
                actual=extract.expression,
                source=source,
            )
    if request.step.expect.has_body and isinstance(request.step.expect.body, Mapping):
        for finding in _values(schema, unknown(request.step.expect.body), operation, validators, redactor):
            kind, message, pointer, expected, actual, source = finding
            yield DriftFinding(
                kind=kind,
                message=f"{operation}: expected answer: {message}",
                location=request.line_of(f"/expect/body{pointer}"),
                doc=doc.path,
                operation=str(operation),
                step=request.step.id,
                phase=request.step.phase,
                pointer=f"/response{pointer}",
                expected=expected,
                actual=actual,
                source=source,
            )


def example_findings(
    doc: EndpointDoc, body: DocBody, operation: Operation, validators: SchemaValidators, redactor: Redactor
) -> Iterator[DriftFinding]:
    """Examples of answers that the description would not allow; what an example leaves out is no disagreement."""
    for example in body.examples:
        response = _of_example(example, operation)
        schema = _json_schema(response)
        if schema is None:
            continue
        for kind, message, pointer, expected, actual, source in _values(
            schema, _elided(example.body), operation, validators, redactor
        ):
            yield DriftFinding(
                kind=kind,
                message=f"{operation}: example answer: {message}",
                location=example.location,
                doc=doc.path,
                operation=str(operation),
                step=str(example.status or ""),
                phase="example",
                pointer=f"/response{pointer}",
                expected=expected,
                actual=actual,
                source=source,
            )


def _statuses(doc: EndpointDoc, request: DocumentedRequest, operation: Operation) -> Iterator[DriftFinding]:
    if not operation.responses or request.step.expect.status_classes:
        return
    expected = request.step.expect.statuses
    at_line = request.step.expect.status_location or request.step.expect.location
    declared = ", ".join(operation.responses)
    # A list is a choice: one declared status of a class is enough for its class.
    for group in sorted({status // 100 for status in expected}):
        codes = [status for status in expected if status // 100 == group]
        if not any(operation.response_for(status) for status in codes):
            written = " or ".join(map(str, codes))
            yield DriftFinding(
                kind="status-undeclared",
                message=f"{operation}: expected status {written} is not described",
                location=at_line,
                doc=doc.path,
                operation=str(operation),
                step=request.step.id,
                phase=request.step.phase,
                pointer=f"/status/{group}XX",
                expected=declared,
                actual=written,
                source=f"{operation.source}/responses",
            )
    if not expected and _success((), operation) is None:
        yield DriftFinding(
            kind="status-undeclared",
            message=f"{operation}: a success is expected, and no 2xx status is described",
            location=at_line,
            doc=doc.path,
            operation=str(operation),
            step=request.step.id,
            phase=request.step.phase,
            pointer="/status/2XX",
            expected=declared,
            actual="any 2xx",
            source=f"{operation.source}/responses",
        )


def _success(expected: Sequence[int], operation: Operation) -> ResponseDescription | None:
    successes = [status for status in expected if is_success(status)] or list(range(200, 208))
    if expected and not any(is_success(status) for status in expected):
        return None
    named = [operation.responses[str(status)] for status in successes if str(status) in operation.responses]
    return (
        named[0] if named else next((found for status in successes if (found := operation.response_for(status))), None)
    )


def _of_example(example: ExampleResponse, operation: Operation) -> ResponseDescription | None:
    if example.status is not None:
        return operation.response_for(example.status)
    return None if example.is_error else _success((), operation)


def _json_schema(response: ResponseDescription | None) -> Node | None:
    content = response.content if response is not None else {}
    return next(
        (
            schema
            for media, schema in content.items()
            if schema is not None and (is_json_media_type(media) or media == "*/*")
        ),
        None,
    )


def _values(
    schema: Node, value: Any, operation: Operation, validators: SchemaValidators, redactor: Redactor
) -> Iterator[tuple[str, str, str, str, str, str]]:
    for problem in validators.problems(schema, value, version=operation.version, direction="response"):
        if problem.keyword == "required":
            continue
        found = problem_mismatch(problem, check="", severity="warn", redactor=redactor)
        kind = (
            "response-property-unknown"
            if problem.keyword == "additionalProperties"
            else kind_of(problem.keyword, in_body=True)
        )
        about = problem.pointer or "the whole"
        yield kind, f"{about} {problem_text(problem)}", problem.pointer, found.expected, found.actual, problem.source
    for pointer, known, source in undescribed(schema, value):
        yield (
            "response-property-unknown",
            f"{pointer} is not described",
            pointer,
            f"one of {listed(known, 12)}",
            "an undescribed property",
            source,
        )


def _undescribed_step(schema: Node, expression: str) -> tuple[str, tuple[str, ...], str] | None:
    """Where a simple path expression leaves what is described: (JSON Pointer, known names, source)."""
    text = expression.strip()
    if not _SIMPLE.fullmatch(text):
        return None  # filters and defaults: what they select depends on values
    nodes: tuple[Node, ...] = object_schemas(schema)
    pointer = ""
    for step in _STEP.findall(text.removeprefix("$")):
        if step.startswith("[") or step.isdecimal():
            below = tuple(item for node in nodes if (item := node.step("items")) is not None)
            pointer += "/*"
            if not below:
                return None
        else:
            below = property_schemas(nodes, step)
            pointer = join_pointer(pointer, step)
            if not below:
                known = sorted({name for node in nodes for name in (node.value.get("properties") or {})})
                return None if is_open(nodes) else (pointer, tuple(known), nodes[0].source)
        nodes = tuple({found.uri: found for node in below for found in object_schemas(node)}.values())
    return None


def _elided(value: Any) -> Any:
    """An example with its placeholders (``...``, ``<uid>``) as unknown values."""
    if isinstance(value, str):
        return Unknown(value, whole=True) if _ELIDED.fullmatch(value) or "..." in value else unknown(value)
    if isinstance(value, list):
        return [_elided(item) for item in value]
    if isinstance(value, Mapping):
        return {
            Unknown(key, whole=False) if _ELIDED.fullmatch(key) else key: _elided(item) for key, item in value.items()
        }
    return value

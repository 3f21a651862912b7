"""Answers to check, from values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.checks.checking import CheckInput
from pytest_endpoint_docs.model.body import DocBody, ExampleResponse, Expectation, RequestTemplate, ResponseSchema, Step
from pytest_endpoint_docs.model.doc import EndpointDoc, KnownIssue
from pytest_endpoint_docs.model.exchange import Exchange, Request, Response
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.model.source import Endpoint, Mismatch, SourceLocation
from pytest_endpoint_docs.redaction.redactor import Redactor

AT = SourceLocation("doc.md", 5)
MISSING = object()


def answered(
    content: Any = MISSING,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    expect: Mapping[str, Any] | None = None,
    schema: Any = None,
    examples: tuple[ExampleResponse, ...] = (),
    known: tuple[KnownIssue, ...] = (),
    is_subject: bool = True,
    redactor: Redactor | None = None,
) -> CheckInput:
    """An answer with JSON ``content`` (bytes: as they are), beside what is documented."""
    octets = b"" if content is MISSING else content if isinstance(content, bytes) else json.dumps(content).encode()
    fields = dict(headers or {})
    if not isinstance(content, bytes) and content is not MISSING:
        fields.setdefault("Content-Type", "application/json")
    location = SourceLocation("doc.md", 20)
    step = Step(
        id="main_request",
        phase="main",
        location=location,
        request=RequestTemplate(method="GET", path="/things", location=location),
        expect=Expectation(location=location, **(expect or {})),
    )
    exchange = Exchange(
        step=step,
        phase="main",
        request=Request(method="GET", url="http://127.0.0.1/things"),
        response=Response(status_code=status, headers=HeaderFields(fields), content=octets),
    )
    doc = EndpointDoc(
        file=Path("doc.md"),
        path="doc.md",
        endpoint=Endpoint("GET", "/things"),
        location=AT,
        known_issues=known,
    )
    body = DocBody(
        title=None,
        prerequisites=(),
        requests=(),
        resolutions=(),
        cases=(),
        cleanup=(),
        response_schema=None if schema is None else ResponseSchema(schema=schema, location=AT),
        examples=examples,
        procedure=(),
        learnings=(),
        findings=(),
    )
    return CheckInput(
        doc=doc,
        body=body,
        step=step,
        exchange=exchange,
        redactor=redactor or Redactor(),
        is_subject=is_subject,
    )


def pointers(mismatches: list[Mismatch]) -> list[str]:
    """Where the mismatches are, in order."""
    return [mismatch.pointer for mismatch in mismatches]


def told(mismatch: Mismatch) -> tuple[str, str, str, str]:
    """A mismatch as (pointer, message, expected, actual)."""
    return mismatch.pointer, mismatch.message, mismatch.expected, mismatch.actual

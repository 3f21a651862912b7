"""A doc's request templates as descriptions see requests, with variables for unknown values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from pytest_endpoint_docs.model.body import DerivedCase, DocBody, Expectation, RequestTemplate, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment, OnBehalfOf
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import Mismatch, SourceBlock, SourceLocation
from pytest_endpoint_docs.openapi.described_requests import CONTENT_TYPES, RequestCheck, asks_on_behalf_of
from pytest_endpoint_docs.openapi.dialects import Unknown
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_differences import RequestParts
from pytest_endpoint_docs.pointers import is_index, split_pointer
from pytest_endpoint_docs.redaction import Redactor

_WHOLE = re.compile(r"\s*\{\{[^{}]*\}\}\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentedRequest:
    """A request of a doc as it stands there: a step's, or the changed one of a ``Cases`` entry.

    ``is_main``: it is the request that the doc is about. ``block`` and ``pointer`` say where its parts are to be found.
    """

    request: RequestTemplate
    expect: Expectation
    location: SourceLocation
    step: Step
    name: str
    phase: str
    is_main: bool = False
    block: SourceBlock | None = None
    pointer: str = ""

    def locate(self, pointer: str) -> SourceLocation:
        """The line of a part (``/body/...``, ``/query/name``), or of the nearest thing around it."""
        from pytest_endpoint_docs.yaml_source import locate

        if self.block is None:
            return self.location
        found = locate(self.block, f"{self.pointer}{pointer}")
        if pointer.startswith("/query/") and found == locate(self.block, self.pointer or ""):
            found = locate(self.block, f"{self.pointer}/params{pointer.removeprefix('/query')}")
        if found == locate(self.block, self.pointer or ""):
            return locate(self.block, f"{self.pointer}/path") if pointer[:6] in ("/query", "/path") else self.location
        return found


def documented_requests(body: DocBody) -> Iterator[DocumentedRequest]:
    """Every request of a doc, prerequisites first."""
    for step in body.prerequisites:
        yield _of_step(step)
    for main in body.requests:
        for step in main.steps:
            yield replace(_of_step(step), is_main=step is main.steps[-1])
    first = next((main for main in body.requests if main.steps), None)
    for case in body.cases:
        yield from (_of_step(step) for step in case.steps)
        if first is not None:
            yield _of_case(case, first.steps[-1])
    for step in body.cleanup:
        yield _of_step(step)


def is_deliberately_wrong(request: DocumentedRequest, doc: EndpointDoc) -> bool:
    """Whether the doc expects nothing but a refusal of the request as such: then its parts prove nothing."""
    expected = request.expect.statuses or (doc.expected_outcome if request.is_main else ())
    refusals = range(400, 500) if request.phase == "case" else (400, 404, 405, 415, 422)
    return bool(request.expect.status_classes) or (bool(expected) and all(status in refusals for status in expected))


def template_parts(request: RequestTemplate, operation: Operation, environment: Environment | None) -> RequestParts:
    """The request with every ``{{variable}}`` as an unknown value, and the header fields that the environment adds."""
    path, _, text = request.path.partition("?")
    query = [(name, unknown(value)) for name, value in parse_qsl(text, keep_blank_values=True)]
    query += [pair for name, value in request.params.items() for pair in _query(name, value)]
    headers = {name.lower(): unknown(value) for name, value in request.headers.items()}
    on_behalf_of = (environment.on_behalf_of if environment is not None else None) or OnBehalfOf()
    token = request.token or (environment.default_token if environment is not None else None)
    if request.on_behalf_of or (token in on_behalf_of.tokens and asks_on_behalf_of(operation, on_behalf_of.header)):
        headers.setdefault(on_behalf_of.header.lower(), Unknown(on_behalf_of.value, whole=True))
    is_multipart = request.content_type == "multipart"
    return RequestParts(
        path=path,
        query=query,
        headers=headers,
        body=unknown(dict(request.form_fields) if is_multipart else request.body),
        has_body=request.has_body or bool(request.form_fields) or bool(request.file_parts),
        content_type=_content_type(request),
        files=tuple(part.field_name for part in request.file_parts),
    )


def unknown(value: Any) -> Any:
    """A copy of a JSON value in which every text and key with a variable is an :class:`Unknown`."""
    if isinstance(value, str):
        return Unknown(value, whole=bool(_WHOLE.fullmatch(value))) if "{{" in value else value
    if isinstance(value, list):
        return [unknown(item) for item in value]
    if isinstance(value, Mapping):
        return {Unknown(key, whole=False) if "{{" in key else key: unknown(item) for key, item in value.items()}
    return value


def _content_type(request: RequestTemplate) -> str:
    written = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    return written.split(";")[0].strip().lower() or CONTENT_TYPES[request.content_type]


def _query(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((name, unknown(item)) for item in value)
    elif isinstance(value, Mapping):
        yield from ((f"{name}[{key}]", unknown(item)) for key, item in value.items())
    else:
        yield name, unknown(value)


def _of_step(step: Step) -> DocumentedRequest:
    return DocumentedRequest(
        request=step.request,
        expect=step.expect,
        location=step.location,
        step=step,
        name=step.id,
        phase=step.phase,
        block=step.source,
        pointer=step.pointer,
    )


def _of_case(case: DerivedCase, main: Step) -> DocumentedRequest:
    return DocumentedRequest(
        request=changed(main.request, case.changes),
        expect=case.expect,
        location=case.location,
        step=main,
        name=case.id,
        phase="case",
    )


def changed(request: RequestTemplate, changes: Mapping[str, Any]) -> RequestTemplate:
    """A request with the changes of a ``Cases`` entry (JSON Pointer: value; ``None`` removes)."""
    whole: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "token": request.token,
        "params": dict(request.params),
        "headers": dict(request.headers),
        "form_fields": dict(request.form_fields),
        "body": request.body,
    }
    for pointer, value in changes.items():
        segments = split_pointer(pointer)
        if segments and segments[0] == "query":
            segments[0] = "params"
        whole = _changed(whole, segments, value)
    return replace(
        request,
        method=whole["method"],
        path=whole["path"],
        token=whole["token"],
        params=whole.get("params") or {},
        headers=whole.get("headers") or {},
        form_fields=whole.get("form_fields") or {},
        body=whole.get("body"),
        has_body=whole.get("body") not in (None, {}),
    )


def _changed(value: Any, segments: list[str], new: Any) -> Any:
    if not segments:
        return new
    first, *rest = segments
    if isinstance(value, list) and is_index(first) and int(first) < len(value):
        items = [*value]
        if rest or new is not None:
            items[int(first)] = _changed(items[int(first)], rest, new)
        else:
            del items[int(first)]
        return items
    members = dict(value) if isinstance(value, Mapping) else {}
    if rest or new is not None:
        members[first] = _changed(members.get(first), rest, new)
    else:
        members.pop(first, None)
    # ``method`` and ``path`` are not to be removed.
    return members


@dataclass(frozen=True, slots=True)
class DescribedRequests:
    """For ``RunContext.request_check``: every difference between a request and its operation, at the doc's line.

    A request that the doc expects to be refused as such is left out: it may be wrong on purpose.
    """

    check: RequestCheck
    redactor: Redactor

    def __call__(
        self, case: ContractCase, step: Step, request: Request, documented: Collection[int]
    ) -> tuple[Mismatch, ...]:
        """The differences; ``documented`` are the status codes that the doc gives for the step."""
        # The changes of a case stand elsewhere than the request that they change.
        block = None if step.phase == "case" else step.source
        written = DocumentedRequest(
            request=step.request,
            expect=replace(step.expect, statuses=tuple(documented)),
            location=step.location,
            step=step,
            name=step.id,
            phase=step.phase,
            block=block,
            pointer=step.pointer,
        )
        if is_deliberately_wrong(written, case.doc):
            return ()
        found = self.check(case.doc, request, template=step.request.path, redactor=self.redactor)
        return tuple(replace(mismatch, location=written.locate(mismatch.pointer)) for mismatch in found)

"""What a case does, in order: the documented requests with ``Cases`` applied (doc format, section 6)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from pytest_endpoint_docs.checks.standard import documented_statuses
from pytest_endpoint_docs.errors import CaseSkipped, DocError, TemplateError
from pytest_endpoint_docs.model.body import DerivedCase, DocBody, Extract, MainRequest, RequestTemplate, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import Finding, JSONValue, Severity, SourceLocation
from pytest_endpoint_docs.pointers import is_index, split_pointer
from pytest_endpoint_docs.words import near

_PARTS = ("method", "path", "params", "headers", "body", "token", "content_type", "form_fields")
_SYNONYMS = {"query": "params", "token_type": "token"}


def derived_step(main: Step, case: DerivedCase) -> Step:
    """The step of a case: the main request with the case's changes, the case's expectation and extracts."""
    return Step(
        id=case.id,
        phase="case",
        location=case.location,
        request=derived_request(main.request, case.changes, location=case.location),
        expect=case.expect,
        description=case.description,
        extracts=case.extracts,
        source=case.source,
    )


def derived_request(
    template: RequestTemplate, changes: Mapping[str, JSONValue], *, location: SourceLocation
) -> RequestTemplate:
    """The request with every change made: JSON Pointer (RFC 6901) -> value, ``None`` removes.

    The first segment names a part of the request: ``/method``, ``/path``, ``/params``, ``/headers``, ``/body``,
    ``/token``, ``/content_type``, ``/form_fields``. Objects on the way that are not there are made; ``-`` appends to a
    list.

    Raises: ``TemplateError`` for a pointer that leads into no part of a request, or through a value that has no
    members.
    """
    parts = _as_parts(template)
    for pointer, value in changes.items():
        segments = split_pointer(pointer)
        part = _SYNONYMS.get(segments[0], segments[0]) if segments else ""
        if not pointer.startswith("/") or part not in _PARTS:
            raise TemplateError(f"{pointer!r} is no place in a request{_nearest(part)}", location=location)
        if not _change(parts, [part, *segments[1:]], copy.deepcopy(value)):
            raise TemplateError(
                f"{pointer!r} leads through a value of the main request that is neither an object nor a list with that"
                " index",
                location=location,
            )
    return _from_parts(template, parts, location)


def _nearest(part: str) -> str:
    nearest = near(part, _PARTS)
    known = ", ".join(f"/{name}" for name in _PARTS)
    return f"; did you mean '/{nearest}'?" if nearest else f"; it starts with one of {known}"


def _as_parts(template: RequestTemplate) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "method": template.method,
        "path": template.path,
        "params": dict(template.params),
        "headers": dict(template.headers),
        "token": template.token,
        "content_type": template.content_type,
        "form_fields": dict(template.form_fields),
    }
    if template.has_body:
        parts["body"] = template.body
    return copy.deepcopy(parts)


def _change(value: Any, way: list[str], new: JSONValue) -> bool:
    """Make one change inside a value; ``False`` where the way leads nowhere."""
    head, rest = way[0], way[1:]
    if isinstance(value, list):
        if head == "-" and not rest and new is not None:
            value.append(new)
            return True
        if not is_index(head) or int(head) >= len(value):
            return False
        if rest:
            return _change(value[int(head)], rest, new)
        if new is None:
            del value[int(head)]
        else:
            value[int(head)] = new
        return True
    if not isinstance(value, dict):
        return False
    if rest:
        if new is None and head not in value:
            return True
        return _change(value.setdefault(head, {}), rest, new)
    if new is None:
        value.pop(head, None)
    else:
        value[head] = new
    return True


def _from_parts(template: RequestTemplate, parts: dict[str, Any], location: SourceLocation) -> RequestTemplate:
    method, path = parts.get("method", template.method), parts.get("path", template.path)
    content_type = parts.get("content_type", "json")
    if not isinstance(method, str) or not isinstance(path, str):
        raise TemplateError("/method and /path are text", location=location)
    if content_type not in ("json", "form", "multipart"):
        raise TemplateError(f"/content_type {content_type!r} is not json, form or multipart", location=location)
    return replace(
        template,
        method=method.upper(),
        path=path,
        location=location,
        params=cast("dict[str, JSONValue]", parts.get("params", {})),
        headers=cast("dict[str, str]", parts.get("headers", {})),
        body=parts.get("body"),
        has_body="body" in parts,
        token=parts.get("token"),
        content_type=content_type,
        form_fields=cast("dict[str, JSONValue]", parts.get("form_fields", {})),
    )


Role = Literal["prerequisite", "earlier", "subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step with its part in the case.

    ``prerequisite``: what fails there is not the contract of this doc. ``earlier``: one of the doc's own requests
    before the one that it is about. ``subject``: the request that the case is about. ``number`` counts the doc's own
    requests from 1 (``{{step1.response...}}``). ``is_main``: it is the doc's main request, ``{{main.request...}}``.
    ``wait_ms``: time to wait between filling in the request and sending it. ``inherited``: what the main request would
    extract, taken from a success here too, so that what it created is cleaned up.
    """

    step: Step
    role: Role
    number: int | None = None
    is_main: bool = False
    wait_ms: int = 0
    inherited: tuple[Extract, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of a case, the last one its subject, and the steps that clean up."""

    steps: tuple[PlannedStep, ...]
    cleanup: tuple[Step, ...]

    @property
    def subject(self) -> PlannedStep:
        """The request that the case is about."""
        return self.steps[-1]


def refuse_findings(case: ContractCase, body: DocBody) -> None:
    """Raise a ``DocError`` that lists every error of the doc that concerns the case."""
    names = (None, case.outline.name, case.outline.case_id)
    concerned = (finding for finding in (*case.doc.findings, *body.findings) if finding.case_id in names)
    errors = list(dict.fromkeys(finding for finding in concerned if finding.severity is Severity.ERROR))
    if errors:
        raise DocError(_listed(errors), location=errors[0].location, findings=errors)


def _listed(errors: list[Finding]) -> str:
    return "\n".join([errors[0].message, *map(str, errors[1:])])


def plan_of(case: ContractCase, body: DocBody) -> Plan:
    """The steps of a case.

    Raises: ``DocError`` where the doc has no such request or case; ``CaseSkipped`` where it records that there is none.
    """
    main = _main_request(case, body)
    before = [PlannedStep(step=step, role="prerequisite") for step in body.prerequisites]
    derived = _derived_case(case, body)
    own = list(_derived(main, derived, case) if derived else _main(main))
    return Plan(steps=(*before, *own), cleanup=body.cleanup)


def _main_request(case: ContractCase, body: DocBody) -> MainRequest:
    index = case.outline.request_index
    if index >= len(body.requests):
        raise TemplateError("the doc has no request to send", location=case.location)
    main = body.requests[index]
    if main.no_request is not None or not main.steps:
        raise CaseSkipped(main.no_request or "no request recorded", location=main.location, cause="no-request")
    if case.outline.token is None:
        return main
    *earlier, last = main.steps
    asked = replace(last, request=replace(last.request, token=case.outline.token))
    return replace(main, steps=(*earlier, asked))


def _main(main: MainRequest) -> Iterator[PlannedStep]:
    for number, step in enumerate(main.steps, start=1):
        is_last = number == len(main.steps)
        role: Role = "subject" if is_last else "prerequisite" if step.purpose == "uid_resolution" else "earlier"
        yield PlannedStep(step=step, role=role, number=number, is_main=is_last)


def _derived_case(case: ContractCase, body: DocBody) -> DerivedCase | None:
    if case.outline.negative is not None:
        return case.outline.negative
    if case.outline.case_id is None:
        return None
    for derived in body.cases:
        if derived.id == case.outline.case_id:
            return derived
    raise DocError(f"the doc has no case {case.outline.case_id!r}", location=case.location)


def _derived(main: MainRequest, derived: DerivedCase, case: ContractCase) -> Iterator[PlannedStep]:
    """The main request's earlier steps, itself where the case comes after it, the case's steps, the case."""
    ran = main.steps if derived.after_main else main.steps[:-1]
    for number, step in enumerate(ran, start=1):
        is_main = number == len(main.steps)
        statuses = documented_statuses(step, case.doc.expected_outcome, is_subject=is_main)
        step = replace(step, expect=replace(step.expect, statuses=statuses))
        yield PlannedStep(step=step, role="prerequisite", number=number, is_main=is_main)
    for step in derived.steps:
        yield PlannedStep(step=step, role="prerequisite")
    last = main.steps[-1]
    yield PlannedStep(
        step=derived_step(last, derived), role="subject", wait_ms=derived.sleep_ms, inherited=last.extracts
    )

"""What a doc means: its requests as they are sent, with ``Cases`` applied, and what is documented of each.

Everything that asks what a doc sends or expects reads it here: running a case, negatives, drift, lint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from pytest_endpoint_docs.errors import CaseSkipped, DocError, TemplateError
from pytest_endpoint_docs.loading.changes import derived_step
from pytest_endpoint_docs.model.body import DerivedCase, DocBody, Extract, MainRequest, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import Finding, Severity, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class

Role = Literal["prerequisite", "earlier", "subject", "cleanup"]

_REFUSED_AS_SUCH = frozenset([400, 404, 405, 415, 422])


@value_class
class DocumentedRequest:
    """A request of a doc as it is sent, and its part in what runs.

    ``step`` holds the request with the changes of ``Cases`` made, and the expectation with the documented statuses.
    ``role``: ``prerequisite``: what fails there is not the contract of this doc. ``earlier``: one of the doc's own
    requests before the one that it is about. ``subject``: the request that a case is about. ``cleanup``: sent at last.
    ``number`` counts the doc's own requests from 1 (``{{step1.response...}}``). ``is_main``: it is the request that the
    doc is about, ``{{main.request...}}``.
    ``wait_ms``: time to wait between filling in the request and sending it. ``inherited``: what the main request would
    extract, taken from a success here too, so that what it created is cleaned up.
    """

    step: Step
    role: Role
    number: int | None = None
    is_main: bool = False
    wait_ms: int = 0
    inherited: tuple[Extract, ...] = ()

    @property
    def is_deliberately_wrong(self) -> bool:
        """Whether the doc expects nothing but a refusal of the request as such: then its parts prove nothing."""
        return is_deliberately_wrong(self.step)

    def line_of(self, part: str) -> SourceLocation:
        """The line of a part (``/body/...``, ``/query/name``), else of the request."""
        return line_of_part(self.step, part)


def is_deliberately_wrong(step: Step) -> bool:
    """Whether the doc expects nothing but a refusal of the request as such.

    What a prerequisite or a main request is refused for may be a state (401, 403, 409); a case that is refused with
    whatever 4xx is about its changes.
    """
    expect = step.expect
    if not expect.is_refusal:
        return False
    refusals = range(400, 500) if step.phase == "case" else _REFUSED_AS_SUCH
    return all(status in refusals for status in expect.statuses)


def documented_requests(body: DocBody) -> Iterator[DocumentedRequest]:
    """Every request of a doc, in the order of its text; of ``Cases``, those whose changes can be made.

    What cannot be changed is a finding of the body (:func:`~.changes.wrong_changes`).
    """
    yield from _in_role(body.prerequisites, "prerequisite")
    for main in body.requests:
        yield from _main(main)
    main_step = body.requests[0].subject if body.requests else None
    for derived in body.cases:
        yield from _in_role(derived.steps, "prerequisite")
        if main_step is not None:
            try:
                yield _subject(main_step, derived)
            except TemplateError:
                continue
    yield from _in_role(body.cleanup, "cleanup")


@value_class(kw_only=False)
class Plan:
    """The requests of a case in order, the last one its subject, and those that clean up."""

    steps: tuple[DocumentedRequest, ...]
    cleanup: tuple[DocumentedRequest, ...]

    @property
    def subject(self) -> DocumentedRequest:
        """The request that the case is about."""
        return self.steps[-1]


def plan_of(case: ContractCase, body: DocBody) -> Plan:
    """The requests of a case.

    Raises: ``DocError`` where the doc has no such request or case, or a change of the case cannot be made;
    ``CaseSkipped`` where it records that there is none.
    """
    main = _main_request(case, body)
    derived = _derived_case(case, body)
    own = _derived(main, derived) if derived else _main(main)
    before, cleanup = _in_role(body.prerequisites, "prerequisite"), _in_role(body.cleanup, "cleanup")
    return Plan((*before, *own), tuple(cleanup))


def refuse_findings(case: ContractCase, body: DocBody) -> None:
    """Raise a ``DocError`` that lists every error of the doc that concerns the case."""
    if not (case.doc.findings or body.findings):
        return
    error = error_of(case, (*case.doc.findings, *body.findings))
    if error is not None:
        raise error


def error_of(case: ContractCase, findings: Iterable[Finding]) -> DocError | None:
    """The error that lists every error among findings that concerns the case; ``None`` where there is none."""
    names = (None, case.outline.name, case.outline.case_id)
    concerned = (finding for finding in findings if finding.case_id in names)
    errors = list(dict.fromkeys(finding for finding in concerned if finding.severity is Severity.ERROR))
    if not errors:
        return None
    listed = "\n".join([errors[0].message, *map(str, errors[1:])])
    return DocError(listed, location=errors[0].location, findings=errors)


def _in_role(steps: Iterable[Step], role: Role) -> list[DocumentedRequest]:
    return [DocumentedRequest(step=step, role=role) for step in steps]


def _main(main: MainRequest) -> Iterator[DocumentedRequest]:
    for number, step in enumerate(main.steps, start=1):
        is_last = number == len(main.steps)
        role: Role = "subject" if is_last else "prerequisite" if step.purpose == "uid_resolution" else "earlier"
        yield DocumentedRequest(step=step, role=role, number=number, is_main=is_last)


def _derived(main: MainRequest, derived: DerivedCase) -> Iterator[DocumentedRequest]:
    """The main request's earlier steps, itself where the case comes after it, the case's steps, the case."""
    ran = main.steps if derived.after_main else main.steps[:-1]
    for number, step in enumerate(ran, start=1):
        yield DocumentedRequest(step=step, role="prerequisite", number=number, is_main=number == len(main.steps))
    yield from _in_role(derived.steps, "prerequisite")
    yield _subject(main.steps[-1], derived)


def _subject(main: Step, derived: DerivedCase) -> DocumentedRequest:
    return DocumentedRequest(
        step=derived_step(main, derived), role="subject", wait_ms=derived.sleep_ms, inherited=main.extracts
    )


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


def _derived_case(case: ContractCase, body: DocBody) -> DerivedCase | None:
    if case.outline.negative is not None:
        return case.outline.negative
    if case.outline.case_id is None:
        return None
    for derived in body.cases:
        if derived.id == case.outline.case_id:
            return derived
    raise DocError(f"the doc has no case {case.outline.case_id!r}", location=case.location)


def line_of_part(step: Step, part: str) -> SourceLocation:
    """The line of a part of a step: a JSON Pointer such as ``/body/title`` or ``/expect/status``; else of the step.

    ``/query`` and ``/params`` are one part, and so are ``/body`` and ``/form_fields``; a parameter may stand in the
    path. Of a case, its changes are looked through: what it took over from the main request stands elsewhere.
    """
    return find_part(step, part) or step.location


def find_part(step: Step, part: str) -> SourceLocation | None:
    """The line of a part that is there, or of the nearest thing around it; ``None`` for the step as a whole."""
    if step.source is None:
        return None
    at_step = step.source.at(step.pointer)
    for place in _places(step, part):
        found = step.source.at(place)
        if found != at_step:
            return found
    return None


# What a doc may call a part of a request by.
_ONE_PART = (("params", "query"), ("body", "form_fields"))


def _places(step: Step, part: str) -> Iterator[str]:
    root, slash, rest = part[1:].partition("/")
    names = next((names for names in _ONE_PART if root in names), (root,))
    written = [f"/{name}{slash}{rest}" for name in names]
    if root == "query":
        written.append("/path")
    if step.phase == "case" and root != "expect":
        for change in reversed(step.changes):
            for pointer in written:
                if change.place and f"{pointer}/".startswith(f"{change.pointer}/"):
                    yield change.place + pointer.removeprefix(change.pointer)
        return
    yield from (step.pointer + pointer for pointer in written)

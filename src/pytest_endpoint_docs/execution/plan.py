"""What a case does, in order: from a doc's body to a list of steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pytest_endpoint_docs.checks import documented_statuses
from pytest_endpoint_docs.errors import CaseSkipped, DocError, TemplateError
from pytest_endpoint_docs.execution.derive import derived_step
from pytest_endpoint_docs.model import ContractCase, DerivedCase, DocBody, Extract, Finding, MainRequest, Severity, Step

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

"""Requests of a run against their operations, before they are sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pytest_endpoint_docs.model import ContractCase, Mismatch, Request, Step
from pytest_endpoint_docs.openapi.drift_templates import DocumentedRequest, is_deliberately_wrong
from pytest_endpoint_docs.openapi.request import RequestCheck
from pytest_endpoint_docs.redaction import Redactor


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

"""Everything about a case that can be known, and can be wrong, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_endpoint_docs.environment.authorization import NO_CREDENTIALS
from pytest_endpoint_docs.errors import CaseSkipped, DocError, ExtractionError
from pytest_endpoint_docs.execution.build import Asked, check_method, check_sendable
from pytest_endpoint_docs.execution.foresight import Foresight, undefined_error
from pytest_endpoint_docs.execution.row_calls import Call, Rows, calls_for
from pytest_endpoint_docs.loading.documented import Plan, plan_of, refuse_findings
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.variables.extraction import parse_expression

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.model.body import DocBody, Resolution, Step
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc


def refuse_variant(case: ContractCase, environment: Environment) -> None:
    """Raise ``CaseSkipped`` for a negative where nothing may be written, and for a token kind without a value."""
    kind = case.outline.token
    if case.outline.negative is not None and not environment.writes:
        file = environment.file or f"environment {environment.name!r}"
        raise CaseSkipped(
            f"a negative may change what it should not: 'writes: true' in {file} allows it",
            location=case.location,
            cause="environment",
        )
    if kind is None or kind == NO_CREDENTIALS:
        return
    known = environment.tokens.get(kind)
    if known is None or not known.value:
        raise CaseSkipped(
            f"environment {environment.name!r} has no value for token kind {kind!r}",
            location=case.location,
            cause="environment",
        )


class SourceCalls:
    """The requests that may give a row's value; where the source has an endpoint doc, its main request is one."""

    def __init__(self, case: ContractCase, context: RunContext) -> None:
        self._case = case
        self._context = context
        self._calls: dict[str, tuple[Call, ...]] = {}

    def __call__(self, row: Resolution) -> tuple[Call, ...]:
        """The calls of a row, in the order in which they are tried."""
        if row.field not in self._calls:
            self._calls[row.field] = tuple(calls_for(row, self._source_doc(row)))
        return self._calls[row.field]

    def _source_doc(self, row: Resolution) -> tuple[EndpointDoc, DocBody] | None:
        doc = self._context.index.find(row.source) if row.source else None
        # A row of a doc whose source is that doc's own endpoint would need itself.
        if doc is None or doc.path == self._case.doc.path:
            return None
        return doc, doc.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """A case that can be sent: its body, its steps in order, its rows and their calls."""

    body: DocBody
    plan: Plan
    rows: Rows
    calls: SourceCalls


def prepare(case: ContractCase, context: RunContext) -> Preparation:
    """Read a case's body, and make sure that all of it can be sent.

    Raises: ``DocError`` with every finding, ``UndefinedVariable`` with every variable, ``MethodNotAllowed``,
    ``MissingToken``, ``CaseSkipped``.
    """
    disposition = case.disposition
    if disposition.action == "skip":
        raise CaseSkipped(disposition.reason, location=disposition.location, cause=disposition.cause)
    body = case.doc.body
    refuse_findings(case, body)
    if disposition.action == "broken":
        raise DocError(disposition.reason, location=disposition.location or case.location)
    refuse_variant(case, context.environment)
    plan = plan_of(case, body)
    steps = [planned.step for planned in plan.steps]
    for step in steps:
        check_method(step.request, context.environment)
    rows, calls = Rows.of(body), SourceCalls(case, context)
    _check_expressions(rows)
    _check_variables(case, context, plan, body, calls)
    for step in steps:
        check_sendable(step.request, context.environment, asked(case, step, context))
    return Preparation(body=body, plan=plan, rows=rows, calls=calls)


def asked(case: ContractCase, step: Step, context: RunContext) -> Asked:
    """What the OpenAPI operation asks for, for one step; what the doc as a whole asks for is in the step already."""
    operation_asks = context.operation_asks_on_behalf_of
    return Asked(
        on_behalf_of=operation_asks is not None and operation_asks(case, step),
    )


def extracted_names(body: DocBody) -> Iterator[str]:
    """What any step of a doc extracts, whatever case it belongs to."""
    own = (step for main in body.requests for step in main.steps)
    of_cases = (step for case in body.cases for step in case.steps)
    for step in (*body.prerequisites, *own, *of_cases, *body.cleanup):
        yield from (extract.name for extract in step.extracts)
    for case in body.cases:
        yield from (extract.name for extract in case.extracts)


def _check_expressions(rows: Rows) -> None:
    for row in rows.rows:
        try:
            if row.extract_from:
                parse_expression(row.extract_from)
        except ValueError as error:
            raise ExtractionError(f"row {row.field} of UID Resolution: {error}", location=row.location) from error


def _check_variables(case: ContractCase, context: RunContext, plan: Plan, body: DocBody, calls: SourceCalls) -> None:
    required = context.requirements.names(case, context)
    foresight = Foresight(case, context, Rows.of(body), required, calls)
    missing = foresight.missing(plan, lambda step: asked(case, step, context), of_doc=extracted_names(body))
    if not missing:
        return
    if context.undefined == "skip":
        names = ", ".join(dict.fromkeys(one.use.name for one in missing))
        raise CaseSkipped(f"needs variables: {names}", location=missing[0].location, cause="variables")
    raise undefined_error(missing)

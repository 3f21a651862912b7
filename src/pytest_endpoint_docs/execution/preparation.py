"""Everything about a case that can be known, and can be wrong, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from pytest_endpoint_docs.environment.authorization import NO_CREDENTIALS
from pytest_endpoint_docs.errors import CaseSkipped, DocError
from pytest_endpoint_docs.execution.build import check_destination, check_method, request_parts
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.execution.foresight import Foresight, undefined_error
from pytest_endpoint_docs.execution.row_calls import Preparation, calls_of
from pytest_endpoint_docs.execution.row_names import Rows
from pytest_endpoint_docs.loading.documented import DocumentedRequest, Plan, plan_of, refuse_findings
from pytest_endpoint_docs.loading.literal_placeholders import refused_placeholder
from pytest_endpoint_docs.model.body import DocBody, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.variables.scopes import prefixes
from pytest_endpoint_docs.variables.template import references_in


def prepare(case: ContractCase, context: RunContext) -> Preparation:
    """Read a case's body, and make sure that all of it can be sent.

    Raises: ``DocError`` with every finding, ``UndefinedVariable`` with every variable, ``MethodNotAllowed``,
    ``MissingToken``, ``RequestError`` (no fallback server), ``CaseSkipped``.
    """
    disposition, body = case.disposition, case.doc.body
    if disposition.action == "skip":
        raise CaseSkipped(disposition.reason, location=disposition.location, cause=disposition.cause)
    refuse_findings(case, body)
    if disposition.action == "broken":
        raise DocError(disposition.reason, location=disposition.location or case.location)
    refuse_variant(case, context.environment)
    plan = plan_of(case, body)
    # Before variables: where the method is forbidden, nobody has to define them.
    for planned in plan.steps:
        check_method(planned.step.request, context.environment)
    plan = _as_operations_ask(case, plan, context)
    rows = Rows.of(body, case.doc.endpoint)
    prepared = Preparation(body=body, plan=plan, rows=rows, calls=partial(calls_of, doc=case.doc, index=context.index))
    _check_variables(case, context, prepared)
    for planned in plan.steps:
        check_destination(planned.step.request, context.environment)
    _check_sleeps(plan, context.environment)
    return prepared


def prepared_for_cleanup(case: ContractCase) -> Preparation:
    """A case of which nothing but the cleanup is to be sent. Raises: ``DocError`` where the doc is not fit for it.

    Nothing is sent to find a value out: it would be another one than that of the run which created something.
    """
    body = case.doc.body
    refuse_findings(case, body)
    rows = Rows.of(body, case.doc.endpoint)
    return Preparation(body=body, plan=plan_of(case, body), rows=rows, calls=lambda _: ())


def _check_sleeps(plan: Plan, environment: Environment) -> None:
    """Raise ``DocError`` for a sleep that is longer than the environment allows: it would hold the whole run up."""
    longest_s = environment.limits.sleep_max_s
    for planned in (*plan.steps, *plan.cleanup):
        sleep_s = max(planned.wait_ms, planned.step.sleep_ms) / 1000
        if sleep_s > longest_s:
            raise DocError(
                f"sleep of {sleep_s:g} s in step {planned.step.id}: environment {environment.name!r} allows "
                f"{longest_s:g} s (limits.sleep_max_s)",
                location=planned.step.location,
            )


def refuse_variant(case: ContractCase, environment: Environment) -> None:
    """Raise ``CaseSkipped`` for a negative where nothing may be written, and for a token kind without a value."""
    kind = case.outline.token
    if case.outline.negative is not None and not environment.writes:
        file = environment.file or f"environment {environment.name!r}"
        raise CaseSkipped(
            f"negative cases may change data; they run only with 'writes: true' in {file}",
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


def extracted_names(body: DocBody) -> Iterator[str]:
    """What any step of a doc extracts, whatever case it belongs to."""
    own = (step for main in body.requests for step in main.steps)
    of_cases = (step for case in body.cases for step in case.steps)
    for step in (*body.prerequisites, *own, *of_cases, *body.cleanup):
        yield from (extract.name for extract in step.extracts)
    for case in body.cases:
        yield from (extract.name for extract in case.extracts)


def is_for_another_item(step: Step, prepared: Preparation, extracted: Iterable[str]) -> bool:
    """Whether a cleanup step needs what only another item of the doc creates."""
    planned = (*prepared.plan.steps, *prepared.plan.cleanup)
    own = {extract.name for each in planned for extract in each.step.extracts}
    others = set(extracted_names(prepared.body)) - own - set(extracted)
    used = references_in(request_parts(step.request))
    return any(variable in others for reference in used for variable, _ in prefixes(reference.name))


def _as_operations_ask(case: ContractCase, plan: Plan, context: RunContext) -> Plan:
    """The plan with the header field of ``on_behalf_of`` where the OpenAPI operation of a step asks for it."""
    asks, environment = context.operation_asks_on_behalf_of, context.environment
    if asks is None:
        return plan

    def completed(planned: DocumentedRequest) -> DocumentedRequest:
        request = planned.step.request
        is_due = environment.on_behalf_of.is_due(
            step_asks=request.asks_on_behalf_of,
            token=request.token,
            default_token=environment.default_token,
            operation_asks=lambda: asks(case, planned.step),
        )
        if is_due == request.asks_on_behalf_of:
            return planned
        return replace(planned, step=replace(planned.step, request=replace(request, asks_on_behalf_of=is_due)))

    return Plan(steps=tuple(map(completed, plan.steps)), cleanup=tuple(map(completed, plan.cleanup)))


def _check_variables(case: ContractCase, context: RunContext, prepared: Preparation) -> None:
    foresight = Foresight(case, context, prepared)
    for planned in (*prepared.plan.steps, *prepared.plan.cleanup):
        refused = refused_placeholder(case.doc, planned.step, foresight.defined_elsewhere)
        if refused is not None:
            raise DocError(refused.message, location=refused.location, findings=[refused])
    missing = foresight.missing(of_doc=extracted_names(prepared.body))
    if not missing:
        return
    if context.undefined == "skip":
        names = ", ".join(dict.fromkeys(one.reference.name for one in missing))
        raise CaseSkipped(f"needs variables: {names}", location=missing[0].location, cause="variables")
    raise undefined_error(missing)

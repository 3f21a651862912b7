"""The requests of one case: filled in, held against their description, sent, their extracts taken, checked."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from pytest_endpoint_docs.checks.checking import (
    CheckInput,
    failing,
    run_checks,
)
from pytest_endpoint_docs.checks.content_basis import check_demand, check_redirected, checked_parts
from pytest_endpoint_docs.errors import FAILED_BEFORE, CaseSkipped
from pytest_endpoint_docs.execution.build import build_request, rendered
from pytest_endpoint_docs.execution.case_variables import CaseVariables, Undefined, Within, expectation_parts, parsed
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.execution.leftovers import Leftover
from pytest_endpoint_docs.execution.row_calls import Preparation
from pytest_endpoint_docs.execution.row_resolution import Created, RowResolver
from pytest_endpoint_docs.execution.sender import Sender, learn_extracts
from pytest_endpoint_docs.loading.documented import DocumentedRequest, find_part
from pytest_endpoint_docs.model.body import DocBody, Extract, Resolution, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.source import Checked, JSONValue, Mismatch, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.redaction.exchanges import learn_json
from pytest_endpoint_docs.variables.builtin import Builtins
from pytest_endpoint_docs.variables.extraction import NOTHING, Expression
from pytest_endpoint_docs.variables.near_paths import what_there_is
from pytest_endpoint_docs.variables.template import Lookup, Reference, as_text

_IN_EXPECTATION = {"status": "/status", "schema": "/schema"}


@value_class(kw_only=False, eq=False)
class StepRunner:
    """Runs the steps of one case."""

    doc: EndpointDoc
    body: DocBody
    context: RunContext
    variables: CaseVariables
    sender: Sender

    def run(self, planned: DocumentedRequest) -> CheckInput:
        """Fill in a step, send it, and take its extracts. Returns: what there is to check.

        Raises: ``UndefinedVariable``, ``PrerequisiteFailed`` (a row that cannot be resolved), ``RequestError``.
        """
        step, context = planned.step, self.context
        is_tested = planned.role == "subject" and not context.is_required
        secrets: dict[str, JSONValue] = {}
        try:
            request = build_request(step.request, self._lookup(step, secrets), context.environment)
            if planned.wait_ms:
                context.sleep(planned.wait_ms / 1000)
            exchange = self.sender.send(step, request, is_tested=is_tested, secrets=secrets)
        except Exception:
            has_left = any(sent.step is step for sent in self.sender.exchanges)
            self._lose(step, "which got no answer" if has_left else "which was not sent")
            raise
        self._keep(planned, request, exchange.response)
        if step.extracts:
            self._extract(step, exchange.response)
        if planned.inherited:
            self._inherit(planned, exchange.response)
        self.sender.journal.knows(extracted={**self.variables.required, **self.variables.extracted})
        if step.sleep_ms:
            context.sleep(step.sleep_ms / 1000)
        return CheckInput(
            doc=self.doc,
            body=self.body,
            step=self._expecting(step),
            exchange=exchange,
            redactor=self.sender.redactor,
            is_subject=planned.role == "subject" and planned.is_main,
            is_tested=is_tested,
        )

    def check(self, sent: CheckInput) -> tuple[Mismatch, ...]:
        """Every difference between a step's answer and what is documented."""
        found = run_checks(sent, self.context.checks)
        if sent.response.redirects and sent.is_tested and not failing(found):
            found = (*found, *check_redirected(sent, self.checked(sent), is_strict=self.context.is_strict))
        is_demanded = self.context.demand == "content" and sent.is_tested and not failing(found)
        if is_demanded and self.sender.case.outline.negative is None:
            found = (*found, *check_demand(sent, self.checked(sent)))
        return tuple(replace(mismatch, location=_line_of(mismatch, sent.step)) for mismatch in found)

    def checked(self, sent: CheckInput) -> tuple[Checked, ...]:
        """What a step's answer is held against."""
        return checked_parts(sent, self.context.describes_content)

    def _keep(self, planned: DocumentedRequest, request: Request, response: Response) -> None:
        """What later steps see as ``{{step1.response...}}`` and ``{{main.request...}}``."""
        if planned.number is None:
            return
        content, _ = response.as_json()
        view: JSONValue = {
            "request": {
                "method": request.method,
                "path": request.path,
                "params": {name: str(value) for name, value in request.params},
                "body": request.body,
            },
            "response": content,
        }
        self.variables.chained[f"step{planned.number}"] = view
        if planned.is_main:
            self.variables.chained["main"] = view

    def _extract(self, step: Step, response: Response) -> None:
        # Also after an undocumented success: what it created is to be cleaned up.
        if not response.is_expected(step.expect) and not response.is_success:
            self._lose(step, f"which answered {response.status}")
            return
        content, is_json = response.as_json()
        for extract in step.extracts:
            expression = parsed(extract)
            try:
                if expression.alias is None and not is_json:
                    raise Undefined(f"which answered with {response.not_json()}, not JSON")
                self.variables.extracted[extract.name] = self._selected(expression, content, step)
                self.variables.lost.pop(extract.name, None)
                self.variables.skips.pop(extract.name, None)
            except Undefined as error:
                # What came is JSON: it is the extract that is to be edited, and not what uses it.
                location = extract.location if is_json else None
                self._lose_one(extract, step, Undefined(error.reason, location, is_of_success=True))

    def _lookup(self, step: Step, secrets: dict[str, JSONValue]) -> Lookup:
        """The values of a step's variables; ``secrets`` gets those whose names say that they are some."""
        lookup, redactor = self.variables.lookup(step), self.sender.redactor

        def value(reference: Reference) -> JSONValue:
            found = lookup(reference)
            if redactor.is_secret(reference.name):
                secrets[reference.name] = found
            return found

        return value

    def _inherit(self, planned: DocumentedRequest, response: Response) -> None:
        """Take the main request's extracts from a success of a case, where nothing else gave them."""
        content, is_json = response.as_json()
        if not is_json or not response.is_success:
            return
        learn_extracts(self.sender.redactor, planned.inherited, response)
        for extract in planned.inherited:
            expression = parsed(extract)
            if expression.alias is None and extract.name not in self.variables.extracted:
                try:
                    self.variables.extracted[extract.name] = self._selected(expression, content, planned.step)
                except Undefined:
                    continue

    def _selected(self, expression: Expression, content: JSONValue, step: Step) -> JSONValue:
        if expression.alias is not None:
            reference = Reference(name=expression.alias, text=expression.text, part="extract")
            try:
                return self.variables.value(reference, step)
            except Undefined:
                if expression.default is not NOTHING:
                    return expression.default
                raise
        try:
            selected = expression.first(content)
        except ValueError as error:
            raise Undefined(f"which cannot be read: {error}") from error
        if selected is NOTHING:
            raise Undefined(f"which selected nothing{what_there_is(expression.text, content)}")
        return selected

    def _lose(self, step: Step, reason: str) -> None:
        for extract in step.extracts:
            self._lose_one(extract, step, Undefined(reason))

    def _lose_one(self, extract: Extract, step: Step, why: Undefined) -> None:
        if extract.name not in self.variables.extracted:
            lost = f"extracted by step {step.id} with {extract.expression}, {why.reason}"
            self.variables.lost[extract.name] = Undefined(lost, why.location, is_of_success=why.is_of_success)
            if step.on_fail == "skip":
                self.variables.skips[extract.name] = skip_of(step, f"{extract.name} is {lost}")

    def _expecting(self, step: Step) -> Step:
        """The step with the variables of its expectation filled in."""
        parts = expectation_parts(step)
        if not parts:
            return step
        secrets: dict[str, JSONValue] = {}
        filled: dict[str, Any] = rendered(parts, self._lookup(step, secrets), step.request.location)
        learn_json(self.sender.redactor, secrets)
        headers = filled.get("expect/headers", {})
        expect = replace(
            step.expect,
            body=filled.get("expect/body"),
            headers={name: None if value is None else as_text(value) for name, value in headers.items()},
        )
        return replace(step, expect=expect)


class ReadyCase:
    """A case that can be sent, and what fills in and sends its requests."""

    def __init__(self, case: ContractCase, context: RunContext, prepared: Preparation, sender: Sender) -> None:
        self.prepared = prepared
        self.variables = CaseVariables(
            case,
            prepared.body.requests[case.outline.request_index].steps[-1],
            prepared.rows,
            params=context.environment.params,
            providers=context.providers,
            builtins=Builtins(context.clock(), f"{context.seed}:{case.id}", context.unique),
            consent=context.consent,
            # Without rows nothing in here leads back here: what the case held goes at once, and not with the garbage.
            obtain=self._value_of if prepared.rows.rows else _without_rows,
        )
        self.steps = StepRunner(case.doc, prepared.body, context, self.variables, sender)
        self._case = case
        self._context = context
        self._sender = sender

    def _value_of(self, row: Resolution, within: Within) -> JSONValue:
        return self.rows.value(row, within)

    @cached_property
    def rows(self) -> RowResolver:
        """Gets the values of the doc's rows."""
        return RowResolver(
            self._case.doc,
            self._context,
            self.variables,
            calls=self.prepared.calls,
            send=self._sender.send,
            journal=self._sender.journal,
        )

    @property
    def created(self) -> tuple[Created, ...]:
        """What rows created so far, the first one first."""
        return tuple(self.rows.created) if self.prepared.rows.rows else ()

    def take_over(self, left: Leftover) -> None:
        """Know what another run of the case extracted and created."""
        self.variables.extracted.update(left.extracted)
        self.rows.created += [
            Created(row=row, value=left.created[row.field])
            for row in self.prepared.rows.rows
            if row.field in left.created and row.cleanup
        ]


def _without_rows(row: Resolution, _within: Within) -> JSONValue:
    raise LookupError(f"the case has no row {row.field}")


def skip_of(step: Step, verdict: str) -> CaseSkipped:
    """What a request raises that needs an extract of a step with ``onFail: skip`` that went wrong."""
    return CaseSkipped(step.skip_reason or f"{FAILED_BEFORE}{verdict}", location=step.location)


def _line_of(mismatch: Mismatch, step: Step) -> SourceLocation:
    """The line of the value that the doc expects, where the mismatch stands at the expectation as a whole."""
    if mismatch.location is None:
        # What an API description says has no line of the doc but that of the step.
        return step.location
    if mismatch.location != step.expect.location:
        return mismatch.location
    place = _IN_EXPECTATION.get(mismatch.check, "")
    if mismatch.check == "header":
        place = join_pointer("/headers", mismatch.pointer)
    elif mismatch.check == "body":
        place = f"/body{mismatch.pointer}"
    return (find_part(step, f"/expect{place}") if place else None) or mismatch.location

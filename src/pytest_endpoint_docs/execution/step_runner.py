"""Running one step: fill in, send, extract, check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from pytest_endpoint_docs.checks.checking import CheckInput, run_checks
from pytest_endpoint_docs.checks.standard import named
from pytest_endpoint_docs.checks.values import content_of, not_json
from pytest_endpoint_docs.execution.build import build_request, rendered
from pytest_endpoint_docs.execution.case_scope import CaseScope, Undefined
from pytest_endpoint_docs.execution.foresight import parsed
from pytest_endpoint_docs.execution.preparation import Preparation, asked
from pytest_endpoint_docs.execution.resolver import Resolver
from pytest_endpoint_docs.execution.sender import Sender
from pytest_endpoint_docs.execution.uses import Use
from pytest_endpoint_docs.loading.documented import find_part
from pytest_endpoint_docs.model.body import Expectation, Step
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.variables.extraction import NOTHING, Expression
from pytest_endpoint_docs.variables.template import Reference, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_endpoint_docs.execution.context import CaseClient, RunContext
    from pytest_endpoint_docs.loading.documented import DocumentedRequest
    from pytest_endpoint_docs.model.body import Extract
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.exchange import Exchange
    from pytest_endpoint_docs.model.source import Mismatch


_IN_EXPECTATION = {"status": "/status", "schema": "/schema"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentStep:
    """A step that got its answer; its ``step`` holds the expectation with variables filled in."""

    step: Step
    exchange: Exchange
    is_subject: bool


class StepRunner:
    """Runs the steps of one case."""

    def __init__(self, case: ContractCase, context: RunContext, prepared: Preparation, sender: Sender) -> None:
        self.scope = CaseScope(case, context, prepared.rows)
        main = prepared.body.requests[case.outline.request_index].steps[-1]
        self.resolver = Resolver(case, context, self.scope, sender, prepared.calls, main)
        self._case = case
        self._context = context
        self._body = prepared.body
        self._sender = sender

    @property
    def client(self) -> CaseClient:
        """The OAuth client that the doc speaks of."""
        return self.resolver.client(())

    def run(self, planned: DocumentedRequest) -> SentStep:
        """Fill in a step, send it, and take its extracts.

        Raises: ``UndefinedVariable``, ``PrerequisiteFailed`` (a row that cannot be resolved), ``RequestError``.
        """
        step, is_subject = planned.step, planned.role == "subject" and planned.is_main
        context = self._context
        lookups = self.resolver.lookups(step.request, step)
        try:
            request = build_request(step.request, lookups, context.environment, asked(self._case, step, context))
            if planned.wait_ms:
                context.sleep(planned.wait_ms / 1000)
            exchange = self._sender.send(step, request)
        except Exception:
            self._lose(step, "which got no answer")
            raise
        self._keep(planned, request, exchange)
        self._extract(step, exchange)
        self._inherit(planned, exchange)
        if step.sleep_ms:
            context.sleep(step.sleep_ms / 1000)
        sent = replace(step, expect=self._expectation(step))
        return SentStep(step=sent, exchange=exchange, is_subject=is_subject)

    def check(self, sent: SentStep) -> tuple[Mismatch, ...]:
        """Every difference between a step's answer and what is documented."""
        given = CheckInput(
            case=self._case,
            body=self._body,
            step=sent.step,
            exchange=sent.exchange,
            redactor=self._context.redactor,
            is_subject=sent.is_subject,
        )
        found = run_checks(given, self._context.checks)
        return tuple(replace(mismatch, location=_line_of(mismatch, sent.step)) for mismatch in found)

    def _keep(self, planned: DocumentedRequest, request: Request, exchange: Exchange) -> None:
        """What later steps see as ``{{step1.response...}}`` and ``{{main.request...}}``."""
        content, _ = content_of(exchange.response)
        view: JSONValue = {
            "request": {
                "method": request.method,
                "path": request.path,
                "params": dict(request.params),
                "body": request.body,
            },
            "response": content,
        }
        if planned.number is not None:
            self.scope.chained[f"step{planned.number}"] = view
        if planned.is_main:
            self.scope.chained["main"] = view

    def _extract(self, step: Step, exchange: Exchange) -> None:
        response = exchange.response
        # Also after an undocumented success: what it created is to be cleaned up.
        if not step.expect.accepts(response.status_code) and not response.is_success:
            self._lose(step, f"which answered {named(response.status_code, response.reason)}")
            return
        content, is_json = content_of(response)
        for extract in step.extracts:
            expression = parsed(extract)
            try:
                if expression.alias is None and not is_json:
                    raise Undefined(f"which answered with {not_json(response)}, not JSON")
                self.scope.extracted[extract.name] = self._selected(expression, content, step)
                self.scope.lost.pop(extract.name, None)
            except Undefined as error:
                self._lose_one(extract, step, error.reason)

    def _inherit(self, planned: DocumentedRequest, exchange: Exchange) -> None:
        """Take the main request's extracts from a success of a case, where nothing else gave them."""
        response = exchange.response
        content, is_json = content_of(response)
        if not is_json or not response.is_success:
            return
        for extract in planned.inherited:
            expression = parsed(extract)
            if expression.alias is None and extract.name not in self.scope.extracted:
                try:
                    self.scope.extracted[extract.name] = self._selected(expression, content, planned.step)
                except Undefined:
                    continue

    def _selected(self, expression: Expression, content: JSONValue, step: Step) -> JSONValue:
        if expression.alias is not None:
            reference = Reference(name=expression.alias, text=expression.text)
            try:
                return self.scope.value(Use(reference=reference, field="extract"), step, self.resolver.value)
            except Undefined:
                if expression.default is not NOTHING:
                    return expression.default
                raise
        try:
            selected = expression.first(content)
        except ValueError as error:
            raise Undefined(f"which cannot be read: {error}") from error
        if selected is NOTHING:
            raise Undefined("which selected nothing")
        return selected

    def _lose(self, step: Step, reason: str) -> None:
        for extract in step.extracts:
            self._lose_one(extract, step, reason)

    def _lose_one(self, extract: Extract, step: Step, reason: str) -> None:
        if extract.name not in self.scope.extracted:
            self.scope.lost[extract.name] = f"extracted by step {step.id} with {extract.expression}, {reason}"

    def _expectation(self, step: Step) -> Expectation:
        expect = step.expect
        if not expect.has_body and not expect.headers:
            return expect
        lookups = self.resolver.lookups(step.request, step)
        headers = cast(
            "Mapping[str, JSONValue]", rendered(dict(expect.headers), lookups("expect_headers"), step.request)
        )
        return replace(
            expect,
            body=rendered(expect.body, lookups("expect_body"), step.request) if expect.has_body else None,
            headers={name: None if value is None else as_text(value) for name, value in headers.items()},
        )


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

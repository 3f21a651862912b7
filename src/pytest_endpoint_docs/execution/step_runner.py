"""The requests of one case: filled in, held against their description, sent, their extracts taken, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_endpoint_docs.checks.checking import (
    CheckInput,
    apply_known_issues,
    failing,
    likely_reason,
    run_checks,
    verdict_of,
)
from pytest_endpoint_docs.checks.content_basis import check_demand, checked_parts
from pytest_endpoint_docs.errors import CaseSkipped, ContractFailure, RequestError
from pytest_endpoint_docs.execution.build import build_request, rendered
from pytest_endpoint_docs.execution.case_variables import CaseVariables, Undefined, expectation_parts, parsed
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.loading.documented import DocumentedRequest, find_part
from pytest_endpoint_docs.model.body import DocBody, Expectation, Extract, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.exchange import Exchange, Request, Response, SentRequest
from pytest_endpoint_docs.model.source import Checked, JSONValue, Mismatch, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.variables.extraction import NOTHING, Expression
from pytest_endpoint_docs.variables.template import Reference, as_text

_URI = re.compile(r"https?://\S*[^\s.,:;]")
_IN_EXPECTATION = {"status": "/status", "schema": "/schema"}


@dataclass(frozen=True, slots=True, eq=False)
class Sender:
    """Sends the requests of one case.

    ``exchanges`` holds them all, in order, those without an answer too; ``mismatches`` what was wrong with requests
    that left all the same.
    """

    case: ContractCase
    context: RunContext
    exchanges: list[SentRequest] = field(default_factory=list)
    mismatches: dict[Mismatch, None] = field(default_factory=dict)

    def send(self, step: Step, request: Request, *, is_tested: bool = False) -> Exchange:
        """Send the request of a step; ``is_tested``: it is the one that the item tests.

        Raises: ``RequestError`` that says which step it was, where no answer came; ``ContractFailure`` for a request
        that is not as described, where that fails.
        """
        context, redactor = self.context, self.redactor
        _learn_request(redactor, request)
        request = context.hooks.before_request(self.case, request)
        _learn_request(redactor, request)
        self._hold_against_description(step, request, is_tested=is_tested)
        try:
            answer = context.client.send(request, documented=step.expect.statuses)
        except RequestError as error:
            # A URL can hold a token in its query, and a redirect may have led to another one.
            for uri in _URI.findall(error.message):
                redactor.learn_uri(uri)
            message = redactor.text(error.message)
            self.exchanges.append(
                SentRequest(step=step, phase=step.phase, request=request, response=None, error=message)
            )
            # Without the cause: it, and the libraries' own below it, hold the URL as it was sent.
            raise type(error)(f"step {step.id}: {message}", location=step.location) from None
        _learn_response(redactor, answer.response)
        exchange = Exchange(
            step=step, phase=step.phase, request=request, response=answer.response, attempts=answer.attempts
        )
        self.exchanges.append(exchange)
        context.hooks.after_response(self.case, exchange)
        return exchange

    @property
    def redactor(self) -> Redactor:
        """The boundary for texts about the case's doc."""
        return self.context.redactor.beside(self.case.doc.text)

    def reason_of(self, sent: SentStep) -> str:
        """Why a request was refused that the doc expects to be answered otherwise, as far as its description tells."""
        response = sent.exchange.response
        if response.is_expected(sent.step.expect):
            return ""
        name = "" if sent.is_tested else sent.step.id
        return likely_reason(response.status_code, (found for found in self.mismatches if found.step == name))

    def _hold_against_description(self, step: Step, request: Request, *, is_tested: bool) -> None:
        check = self.context.request_check
        if check is None:
            return
        found = check(self.case, step, request, is_tested=is_tested)
        found = apply_known_issues(found, self.case.doc.known_issues)
        wrong = failing(found)
        if wrong:
            raise ContractFailure(
                f"step {step.id} was not sent, its request is not as described: {verdict_of(wrong)}",
                location=wrong[0].location or step.location,
                mismatches=found,
            )
        self.mismatches.update(dict.fromkeys(found if is_tested else of_step(found, step)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SentStep:
    """A step that got its answer; its ``step`` holds the expectation with variables filled in."""

    step: Step
    exchange: Exchange
    is_subject: bool
    is_tested: bool


@dataclass(frozen=True, slots=True, eq=False)
class StepRunner:
    """Runs the steps of one case."""

    doc: EndpointDoc
    body: DocBody
    context: RunContext
    variables: CaseVariables
    sender: Sender

    def run(self, planned: DocumentedRequest) -> SentStep:
        """Fill in a step, send it, and take its extracts.

        Raises: ``UndefinedVariable``, ``PrerequisiteFailed`` (a row that cannot be resolved), ``RequestError``.
        """
        step, context = planned.step, self.context
        is_tested = planned.role == "subject" and not context.is_required
        sent_before = len(self.sender.exchanges)
        try:
            request = build_request(step.request, self.variables.lookup(step), context.environment)
            if planned.wait_ms:
                context.sleep(planned.wait_ms / 1000)
            exchange = self.sender.send(step, request, is_tested=is_tested)
        except Exception:
            has_left = len(self.sender.exchanges) > sent_before
            self._lose(step, "which got no answer" if has_left else "which was not sent")
            raise
        self._keep(planned, request, exchange.response)
        if step.extracts:
            self._extract(step, exchange.response)
        if planned.inherited:
            self._inherit(planned, exchange.response)
        if step.sleep_ms:
            context.sleep(step.sleep_ms / 1000)
        sent = replace(step, expect=self._expectation(step))
        is_subject = planned.role == "subject" and planned.is_main
        return SentStep(step=sent, exchange=exchange, is_subject=is_subject, is_tested=is_tested)

    def check(self, sent: SentStep) -> tuple[Mismatch, ...]:
        """Every difference between a step's answer and what is documented."""
        given = self._given(sent)
        found = run_checks(given, self.context.checks)
        is_demanded = self.context.demand == "content" and sent.is_tested and not failing(found)
        if is_demanded and self.sender.case.outline.negative is None:
            found = (*found, *check_demand(given, self.checked(sent)))
        return tuple(replace(mismatch, location=_line_of(mismatch, sent.step)) for mismatch in found)

    def checked(self, sent: SentStep) -> tuple[Checked, ...]:
        """What a step's answer is held against."""
        return checked_parts(self._given(sent), self.context.describes_content)

    def _given(self, sent: SentStep) -> CheckInput:
        return CheckInput(
            doc=self.doc,
            body=self.body,
            step=sent.step,
            exchange=sent.exchange,
            redactor=self.sender.redactor,
            is_subject=sent.is_subject,
            is_tested=sent.is_tested,
        )

    def _keep(self, planned: DocumentedRequest, request: Request, response: Response) -> None:
        """What later steps see as ``{{step1.response...}}`` and ``{{main.request...}}``."""
        if planned.number is None:
            return
        content, _ = response.as_json()
        view: JSONValue = {
            "request": {
                "method": request.method,
                "path": request.path,
                "params": dict(request.params),
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
                self._lose_one(extract, step, error.reason)

    def _inherit(self, planned: DocumentedRequest, response: Response) -> None:
        """Take the main request's extracts from a success of a case, where nothing else gave them."""
        content, is_json = response.as_json()
        if not is_json or not response.is_success:
            return
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
            raise Undefined("which selected nothing")
        return selected

    def _lose(self, step: Step, reason: str) -> None:
        for extract in step.extracts:
            self._lose_one(extract, step, reason)

    def _lose_one(self, extract: Extract, step: Step, reason: str) -> None:
        if extract.name not in self.variables.extracted:
            lost = f"extracted by step {step.id} with {extract.expression}, {reason}"
            self.variables.lost[extract.name] = lost
            if step.on_fail == "skip":
                self.variables.skips[extract.name] = skip_of(step, f"{extract.name} is {lost}")

    def _expectation(self, step: Step) -> Expectation:
        parts = expectation_parts(step)
        if not parts:
            return step.expect
        filled: dict[str, Any] = rendered(parts, self.variables.lookup(step), step.request.location)
        headers = filled.get("expect/headers", {})
        return replace(
            step.expect,
            body=filled.get("expect/body"),
            headers={name: None if value is None else as_text(value) for name, value in headers.items()},
        )


def of_step(mismatches: Iterable[Mismatch], step: Step) -> tuple[Mismatch, ...]:
    """The mismatches of a step that is not the tested request, with its name."""
    return tuple(replace(mismatch, step=step.id) for mismatch in mismatches)


def skip_of(step: Step, verdict: str) -> CaseSkipped:
    """What a request raises that needs an extract of a step with ``onFail: skip`` that went wrong."""
    return CaseSkipped(step.skip_reason or f"prerequisite failed: {verdict}", location=step.location)


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


def _learn_request(redactor: Redactor, request: Request) -> None:
    redactor.learn_uri(request.url)
    for name, value in request.params:
        redactor.learn({name: value})
    redactor.learn_headers(request.headers)
    redactor.learn(request.body)


def _learn_response(redactor: Redactor, response: Response) -> None:
    redactor.learn_uri(response.url)
    redactor.learn_headers(response.headers)
    content, is_json = response.as_json()
    redactor.learn_text(response.reason)
    if is_json:
        redactor.learn(content)
    else:
        redactor.learn_text(response.text)
    if response.media_type == "application/x-www-form-urlencoded":
        redactor.learn_parameters(response.text)

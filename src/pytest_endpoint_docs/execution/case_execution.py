"""Running one case: prerequisites, the request, the checks, cleanup."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from pytest_endpoint_docs.checks.checking import CheckInput, contract_failure, failing, verdict_of
from pytest_endpoint_docs.errors import (
    FAILED_BEFORE,
    CaseSkipped,
    ContractFailure,
    EndpointDocsError,
    Explained,
    MethodNotAllowed,
    PrerequisiteFailed,
    RequestError,
    UndefinedVariable,
)
from pytest_endpoint_docs.execution.case_variables import DocClient
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.execution.leftovers import Leftover
from pytest_endpoint_docs.execution.preparation import is_for_another_item, prepare, prepared_for_cleanup
from pytest_endpoint_docs.execution.row_calls import Preparation
from pytest_endpoint_docs.execution.sender import Sender, of_step
from pytest_endpoint_docs.execution.step_runner import ReadyCase, StepRunner, skip_of
from pytest_endpoint_docs.loading.documented import DocumentedRequest
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.case import CaseResult, ContractCase
from pytest_endpoint_docs.model.exchange import Exchange, Response
from pytest_endpoint_docs.model.source import Cause, Checked, JSONValue, Mismatch
from pytest_endpoint_docs.words import first_line


class CaseExecution:
    """One run of one case.

    :meth:`run` does all of it. Its parts can be called one by one; each runs what comes before it, once. Whatever
    happened, :meth:`cleanup` (or :meth:`finish`, which gives the result too) is due at the end.
    """

    def __init__(self, case: ContractCase, context: RunContext) -> None:
        self.case = case
        self._context = context
        self._sender = Sender(case, context)
        self._ready: ReadyCase | None = None
        self._prerequisites_ran = False
        self._sent: CheckInput | None = None
        self._cleanup_errors: tuple[Exception, ...] | None = None
        self._mismatches: list[Mismatch] = []
        self._notes: list[str] = []
        self._checked: tuple[Checked, ...] = ()
        self._raised: Exception | None = None
        self._started_s = time.perf_counter()

    @property
    def variables(self) -> dict[str, JSONValue]:
        """What the steps extracted so far."""
        return dict(self._ready.variables.extracted) if self._ready else {}

    @property
    def warnings(self) -> tuple[Mismatch, ...]:
        """What was found so far that fails nothing."""
        return _tolerated((*self._sender.mismatches, *self._mismatches))

    @property
    def response(self) -> Response | None:
        """The answer to the request that the case is about, once it came."""
        return self._sent.response if self._sent else None

    def prepare(self) -> None:
        """Make sure that everything can be sent; nothing is.

        Raises: ``DocError`` (all findings, all undefined variables), ``MissingToken``, ``CaseSkipped``.
        """
        self._noting(self._prepare)

    def start(self) -> tuple[Preparation, StepRunner]:
        """What is to be sent, and what sends it; nothing is yet. Raises: what :meth:`prepare` raises."""
        ready = self._prepare()
        return ready.prepared, ready.steps

    def client(self) -> DocClient:
        """The OAuth client that the doc speaks of. Raises: what :meth:`prepare` raises."""
        return self._prepare().variables.client()

    def prerequisites(self) -> None:
        """Run the docs and the steps that come before the doc's own requests.

        Raises: what :meth:`prepare` raises, ``PrerequisiteFailed``, ``RequestError``, ``CaseSkipped``.
        """
        self._noting(self._run_prerequisites)

    def send(self) -> Exchange:
        """Send the request that the case is about. Raises: what :meth:`prerequisites` raises."""
        self._noting(self._send)
        assert self._sent is not None
        return self._sent.exchange

    def check(self) -> None:
        """Hold the answer against the doc. Raises: ``ContractFailure``, and what :meth:`send` raises."""
        self._noting(self._check)

    def cleanup(self) -> tuple[Exception, ...]:
        """Run the cleanup steps, then remove what UID resolution created; once. Returns: what went wrong."""
        if self._cleanup_errors is None:
            self._cleanup_errors = ()
            is_clean = False
            try:
                if self._ready and self._sender.exchanges:
                    self._cleanup_errors = tuple(self._clean_up(self._ready))
                is_clean = not self._cleanup_errors
            finally:
                self._sender.journal.close(is_clean=is_clean)
        return self._cleanup_errors

    def run(self) -> CaseResult:
        """All of it. The result says what happened; only what a hook of the project raises comes through."""
        try:
            self._noting(self._check)
        except Explained:
            pass  # noted
        finally:
            self.cleanup()
        return self._result(self._raised)

    def finish(self) -> CaseResult:
        """Clean up after parts that were called one by one, and say what happened.

        What a part raised is not in the result's ``error`` again.
        """
        self.cleanup()
        return self._result(None)

    def clean_up_after(self, left: Leftover) -> list[str]:
        """Clean up what another run of this case left behind. Returns: what went wrong, for people.

        Raises: ``DocError`` where the doc does not say any more how to do it.
        """
        prepared = prepared_for_cleanup(self.case)
        ready = self._ready = ReadyCase(self.case, self._context, prepared, self._sender)
        ready.take_over(left)
        errors = self._clean_up(ready)
        return [*map(first_line, errors), *self._notes]

    def _noting(self, part: Callable[[], object]) -> None:
        try:
            self._meeting_obstacles(part)
        except Exception as error:
            self._raised = error
            raise

    def _meeting_obstacles(self, part: Callable[[], object]) -> None:
        try:
            part()
        except EndpointDocsError as error:
            # Of a required doc the item counts that requires it.
            is_counted = not self._context.is_required and not isinstance(error, CaseSkipped)
            if error.obstacle is not None and is_counted:
                self._context.obstacles.meet(self.case, error.obstacle)
            raise

    def _prepare(self) -> ReadyCase:
        if self._ready is None:
            self._ready = ReadyCase(self.case, self._context, prepare(self.case, self._context), self._sender)
        return self._ready

    def _run_prerequisites(self) -> None:
        ready = self._prepare()
        if self._prerequisites_ran:
            return
        self._prerequisites_ran = True
        if self.case.doc.requires:
            required = self._context.requirements
            try:
                ready.variables.required.update(required.variables(self.case, self._context))
            finally:
                self._mismatches += required.warnings(self.case, self._context)
        for planned in ready.prepared.plan.steps[:-1]:
            if planned.role == "prerequisite":
                self._run_before(planned, ready.steps)

    def _send(self) -> None:
        self._run_prerequisites()
        if self._sent is not None:
            return
        ready = self._prepare()
        *before, subject = ready.prepared.plan.steps
        for planned in before:
            if planned.role == "earlier":
                self._run_before(planned, ready.steps)
        try:
            self._sent = ready.steps.run(subject)
        except ContractFailure as failure:
            self._mismatches += failure.mismatches
            raise

    def _check(self) -> None:
        self._send()
        assert self._sent is not None
        steps = self._prepare().steps
        self._checked = steps.checked(self._sent)
        mismatches = steps.check(self._sent)
        self._mismatches += mismatches
        wrong = failing(mismatches)
        if wrong:
            reason, sent = self._sender.reason_of(self._sent), self.case.outline.sent
            raise contract_failure(wrong, self._sent.step, name_step=False, reason=reason, sent=sent)

    def _run_before(self, planned: DocumentedRequest, steps: StepRunner) -> None:
        step = planned.step
        try:
            sent = steps.run(planned)
        except CaseSkipped:
            raise  # whatever onFail says, and a method that is not allowed is a RequestError, too
        except (RequestError, UndefinedVariable, PrerequisiteFailed) as error:
            self._went_wrong(step, error, first_line(error), steps)
            return
        except ContractFailure as error:
            if step.on_fail == "abort":
                self._mismatches += of_step(error.mismatches, step)
            unsent: Explained = error
            if planned.role != "earlier":
                told = error.message.removeprefix(error.context)
                unsent = PrerequisiteFailed(told, location=error.location, context=FAILED_BEFORE + error.context)
            self._went_wrong(step, unsent, error.message, steps)
            return
        found = steps.check(sent)
        wrong = failing(found)
        self._mismatches += of_step(found if step.on_fail == "abort" else _tolerated(found), step)
        if not wrong:
            return
        if planned.role == "earlier":
            failure: Explained = contract_failure(wrong, step, name_step=True, reason=self._sender.reason_of(sent))
        else:
            failure = PrerequisiteFailed(
                verdict_of(wrong, self._sender.reason_of(sent)),
                location=step.location,
                context=f"{FAILED_BEFORE}step {step.id}: ",
            )
        self._went_wrong(step, failure, f"step {step.id}: {verdict_of(wrong)}", steps)

    def _went_wrong(self, step: Step, error: Explained, verdict: str, steps: StepRunner) -> None:
        """What ``onFail`` says: abort, or note it and go on; ``skip``: what uses an extract of it skips the case."""
        if step.on_fail == "abort":
            raise error
        reason = f" ({step.skip_reason})" if step.skip_reason else ""
        self._notes.append(f"{step.location}: failed, and onFail is {step.on_fail}{reason}: {verdict}")
        if step.on_fail == "skip":
            steps.variables.skips |= {extract.name: skip_of(step, verdict) for extract in step.extracts}

    def _clean_up(self, ready: ReadyCase) -> list[Exception]:
        errors: list[Exception] = []
        for planned in ready.prepared.plan.cleanup:
            if not is_for_another_item(planned.step, ready.prepared, ready.variables.extracted):
                self._attempt(partial(self._clean_up_step, planned, ready.steps), errors)
        for created in reversed(ready.created):
            self._attempt(partial(ready.rows.clean_up, created), errors)
        return errors

    def _attempt(self, cleanup: Callable[[], None], errors: list[Exception]) -> None:
        try:
            cleanup()
        except MethodNotAllowed as error:
            self._notes.append(f"{error.location}: not cleaned up: {error.message}")
        except UndefinedVariable as error:
            # Where the step that would have given the variable did not run, or failed, there is nothing to clean up.
            self._notes.append(f"{error.location}: not cleaned up: {error.message}")
            if error.is_of_success:
                self._sender.journal.stays()
        except Explained as error:
            errors.append(error)

    def _clean_up_step(self, planned: DocumentedRequest, steps: StepRunner) -> None:
        step = planned.step
        found = steps.check(steps.run(planned))
        self._mismatches += of_step(_tolerated(found), step)
        wrong = failing(found)
        if wrong:
            context = f"cleanup failed: step {step.id}: "
            raise PrerequisiteFailed(verdict_of(wrong), location=step.location, context=context)

    def _result(self, error: Exception | None) -> CaseResult:
        raised, cleanup_errors = self._raised, self.cleanup()
        outcome, reason = "passed", ""
        cause: Cause = ""
        if isinstance(raised, CaseSkipped):
            outcome, reason, cause, error = "skipped", raised.reason, raised.cause, None
        elif raised is not None or cleanup_errors:
            outcome, reason = "failed", first_line(raised or cleanup_errors[0])
        elif self._ready:
            self._notes += self._ready.variables.unused_losses()
        return CaseResult(
            case=self.case,
            outcome=outcome,  # type: ignore[arg-type]
            reason=reason,
            cause=cause,
            error=error,
            cleanup_errors=cleanup_errors,
            mismatches=(*self._sender.mismatches, *self._mismatches),
            exchanges=tuple(self._sender.exchanges),
            notes=tuple(self._notes),
            variables=self.variables,
            duration_s=time.perf_counter() - self._started_s,
            checked=self._checked,
            obstacle=raised.obstacle if isinstance(raised, Explained) else None,
        )


def _tolerated(mismatches: Iterable[Mismatch]) -> tuple[Mismatch, ...]:
    """The mismatches that fail nothing."""
    return tuple(mismatch for mismatch in mismatches if mismatch.severity != "fail")

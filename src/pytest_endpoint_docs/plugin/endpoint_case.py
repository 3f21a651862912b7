"""What the fixture ``endpoint_case`` gives to a test: a case bound to its item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import pytest

from pytest_endpoint_docs.errors import (
    CaseSkipped,
    DocError,
    Explained,
    NoResponse,
)
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.loading.documented import error_of
from pytest_endpoint_docs.model.case import NO_REASON, CaseResult
from pytest_endpoint_docs.plugin.composition import COMPOSITION
from pytest_endpoint_docs.plugin.nodes import ContractItem
from pytest_endpoint_docs.plugin.outlets import failed, skipped, usage_error
from pytest_endpoint_docs.plugin.project_hooks import FixtureVariables, HookVariables, ProjectHooks
from pytest_endpoint_docs.plugin.session import CASE, FAILURE, LOOK_AHEAD, RESULT
from pytest_endpoint_docs.redaction.rendering import public

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.exchange import Exchange, Response
    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.redaction.redactor import Redactor


_T = TypeVar("_T")


class EndpointCase:
    """One case of an endpoint doc, ready to run.

    :meth:`run` does all that the doc says. Or call the parts one by one: :meth:`prerequisites`, :meth:`send`,
    :meth:`check`; cleanup happens when the test ends, whatever happened.
    """

    def __init__(
        self,
        item: pytest.Item,
        case: ContractCase,
        *,
        redactor: Redactor,
        execution: Callable[[], CaseExecution],
        by_other_means: Callable[[], CaseResult | None] | None = None,
    ) -> None:
        self.case = case
        self._nodeid = item.nodeid
        self._stash = item.stash
        self._is_doc_item = isinstance(item, ContractItem)
        self._redactor = redactor
        self._make_execution = execution
        self._by_other_means = by_other_means
        # An item that runs again (pytest-rerunfailures) starts afresh.
        if RESULT in item.stash:
            del item.stash[RESULT]
        if FAILURE in item.stash:
            del item.stash[FAILURE]

    @property
    def doc(self) -> EndpointDoc:
        """The doc that the case belongs to."""
        return self.case.doc

    @cached_property
    def _execution(self) -> CaseExecution:
        return self._make_execution()

    def run(self) -> CaseResult:
        """Do what the doc says: prerequisites, request, checks, cleanup.

        Raises: ``ContractFailure`` where the answer is not the documented one, another exception of ``errors`` where
        there was no such answer; skips the test where the doc or the environment says so.
        """
        __tracebackhide__ = True
        return self._conclude(self._told(lambda: self._done_otherwise() or self._execution.run()))

    def _done_otherwise(self) -> CaseResult | None:
        return _broken(self.case) or (self._by_other_means() if self._by_other_means else None)

    def prerequisites(self) -> None:
        """Run the steps that come before the request."""
        __tracebackhide__ = True
        self._told(lambda: self._execution.prerequisites())  # noqa: PLW0108 - to make the execution may fail too

    def send(self) -> Exchange:
        """Send the request that the doc is about (its prerequisites first, if they did not run yet)."""
        __tracebackhide__ = True
        return self._told(lambda: self._execution.send())  # noqa: PLW0108 - to make the execution may fail too

    def check(self) -> None:
        """Hold the answer against the doc. Raises: ``ContractFailure``."""
        __tracebackhide__ = True
        self._told(lambda: self._execution.check())  # noqa: PLW0108 - to make the execution may fail too

    @property
    def response(self) -> Response:
        """The response to the request that the doc is about. Raises: ``NoResponse`` before it came."""
        __tracebackhide__ = True
        result = self._stash.get(RESULT, None)
        response = result.response if result else self._execution.response
        if response is None:
            raise NoResponse(f"{self.case.id}: there is no response yet: run() and send() get one")
        return response

    @property
    def variables(self) -> Mapping[str, JSONValue]:
        """What the steps extracted so far."""
        return self._execution.variables

    def finish(self) -> None:
        """Clean up after the parts that were called one by one, and keep what happened."""
        __tracebackhide__ = True
        if "_execution" in self.__dict__ and RESULT not in self._stash:
            self._conclude(self._execution.finish())

    def finish_interrupted(self) -> Iterator[SafeText]:
        """Clean up after a test that was interrupted. Yields: what went wrong, for people."""
        if "_execution" in self.__dict__ and RESULT not in self._stash:
            for error in self._execution.cleanup():
                yield self._redactor.text(f"cleaning up after the interrupted {self._nodeid} failed: {error}")

    def _conclude(self, result: CaseResult) -> CaseResult:
        __tracebackhide__ = True
        self._stash[RESULT] = result
        if result.outcome == "skipped":
            raise skipped(self._redactor.text(result.reason))
        error = result.error or next(iter(result.cleanup_errors), None)
        if error is not None:
            if not self._is_doc_item:
                from pytest_endpoint_docs.reporting.failure import render_failure

                error.add_note(render_failure(result, self._redactor).text)
            raise bare(error)
        return result

    def _told(self, part: Callable[[], _T]) -> _T:
        """What a part gives; what it raises about the doc or the exchange is told without the way through this package.

        What says that a case does not run is a skip of the test; what a hook of the project raises comes through as it
        is.
        """
        __tracebackhide__ = True
        reason: str | None = None
        failure: Exception | None = None
        try:
            return part()
        except CaseSkipped as left_out:
            reason = left_out.reason
        except Explained as error:
            failure = error
        if failure is None:
            raise skipped(self._redactor.text(reason or NO_REASON))
        raise bare(failure)


class SentAhead(Protocol):
    """What has sent requests of items before their turn."""

    def take(self, item: pytest.Item) -> CaseExecution | None: ...


class ManualRun(Protocol):
    """What runs docs that need a person."""

    def with_consents(self, context: RunContext) -> RunContext: ...

    def by_other_means(
        self, case: ContractCase, hooks: ProjectHooks, variables: Mapping[str, JSONValue]
    ) -> CaseResult | None: ...


def bound_case(item: pytest.Item, variables: Mapping[str, JSONValue], manual: ManualRun) -> Iterator[EndpointCase]:
    """The case of an item, ready to run; what it began ends with it. ``variables`` are the project's for its docs."""
    config = item.config
    parts = config.stash[COMPOSITION]
    case = case_for(item, variables)
    if not parts.docs.is_readable(case.doc) and not isinstance(item, ContractItem):
        # There is nothing that a project's test could look at.
        raise failed(parts.redactor.text(str(_unfit(case))))
    hooks = ProjectHooks(config, parts.docs.hooks_around, (item, case))
    is_manual_run = parts.session.options.manual != "skip"

    def execution() -> CaseExecution:
        ahead: SentAhead | None = config.pluginmanager.getplugin(LOOK_AHEAD)
        if ahead and (begun := ahead.take(item)):
            return begun
        context = parts.run_context(hooks, (FixtureVariables(variables), HookVariables(hooks)))
        return CaseExecution(case, manual.with_consents(context) if is_manual_run else context)

    bound = EndpointCase(
        item,
        case,
        redactor=parts.redactor,
        execution=execution,
        by_other_means=partial(manual.by_other_means, case, hooks, variables) if is_manual_run else None,
    )
    yield bound
    if item.session.exitstatus != pytest.ExitCode.INTERRUPTED:
        bound.finish()
        return
    # Nobody takes a failure from here any more, and raising it would keep the run from writing its results.
    for line in bound.finish_interrupted():
        parts.notices.tell(line)


def case_for(item: pytest.Item, variables: object) -> ContractCase:
    """The case of the item that asks for the fixture. Raises: ``pytest.UsageError`` where there is none."""
    case: ContractCase | None = item.stash.get(CASE, None)
    if case is None:
        raise usage_error(
            public(f"{item.nodeid}: 'endpoint_case' is for test functions; here nothing says which doc it should be")
        )
    if not isinstance(variables, Mapping):
        raise usage_error(
            public(f"fixture endpoint_variables returned {type(variables).__name__}: expected a dict of variables")
        )
    return case


def bare(error: Exception) -> Exception:
    """The error alone: where in this package it was found, and what led to it, says nothing about the contract."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _broken(case: ContractCase) -> CaseResult | None:
    """The result of a case whose doc is not fit to run; ``None`` for the others."""
    if case.disposition.action != "broken":
        return None
    return CaseResult(case=case, outcome="failed", error=_unfit(case))


def _unfit(case: ContractCase) -> DocError:
    """Why a case cannot run."""
    disposition = case.disposition
    error = error_of(case, case.doc.findings)
    return error or DocError(disposition.reason, location=disposition.location or case.location)

"""Docs that other docs require: each runs once in a session, and what it extracted is there for all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, TypeAlias

from pytest_endpoint_docs.errors import (
    FAILED_BEFORE,
    CaseSkipped,
    DocError,
    EndpointDocsError,
    Explained,
    PrerequisiteFailed,
    RequirementCycle,
    cause_of,
)
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.loading.doc_index import CYCLE, DocIndex, requirement_findings
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc, Requirement
from pytest_endpoint_docs.model.source import JSONValue, Mismatch
from pytest_endpoint_docs.words import first_line


class Running(Protocol):
    """A run of a case that is cleaned up later."""

    @property
    def variables(self) -> Mapping[str, JSONValue]: ...

    @property
    def warnings(self) -> tuple[Mismatch, ...]: ...

    def check(self) -> None: ...

    def cleanup(self) -> tuple[Exception, ...]: ...


Start: TypeAlias = Callable[[ContractCase, RunContext], Running]


class _Run:
    """One required doc: its lock, and how it ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.variables: Mapping[str, JSONValue] | None = None
        self.warnings: tuple[Mismatch, ...] = ()
        self.error: Explained | None = None


class RequirementStore:
    """Runs required docs, each once; a failure is remembered too, unless nothing was found out of the doc.

    Safe to use from several threads.

    ``start`` makes the run of a case. What the docs created stays until :meth:`close`, which a session calls at its
    end.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._running: list[Running] = []

    def names(self, case: ContractCase, context: RunContext) -> tuple[str, ...]:
        """The variables that the docs required by a case will define.

        Raises: ``DocError`` where there is no such doc, ``RequirementCycle``.
        """
        found: list[str] = []
        for _, doc in _required(case.doc, context.index()):
            steps = (*doc.body.prerequisites, *(step for main in doc.body.requests[:1] for step in main.steps))
            found += [extract.name for step in steps for extract in step.extracts]
        return tuple(dict.fromkeys(found))

    def variables(self, case: ContractCase, context: RunContext) -> dict[str, JSONValue]:
        """What the docs required by a case extracted; those that did not run yet run now.

        Raises: ``PrerequisiteFailed`` where one failed, ``CaseSkipped`` where one does not run, ``DocError``,
        ``RequirementCycle``.
        """
        found: dict[str, JSONValue] = {}
        for requirement, doc in _required(case.doc, context.index()):
            found |= self._variables_of(doc, requirement, context)
        return found

    def warnings(self, case: ContractCase, context: RunContext) -> tuple[Mismatch, ...]:
        """What warned in the docs that a case requires, where they ran; each names its step, or the doc's endpoint."""
        index = context.index()
        required = (index.find(requirement.endpoint) for requirement in case.doc.requires)
        with self._lock:
            runs = [(str(doc.endpoint), self._runs.get(doc.path)) for doc in required if doc is not None]
        return tuple(
            replace(found, step=found.step or endpoint)
            for endpoint, run in runs
            for found in (run.warnings if run else ())
        )

    def close(self) -> tuple[Exception, ...]:
        """Clean up after the required docs, the last one first. Returns: what went wrong."""
        with self._lock:
            running, self._running = self._running[::-1], []
        return tuple(error for run in running for error in run.cleanup())

    def _variables_of(self, doc: EndpointDoc, requirement: Requirement, context: RunContext) -> Mapping[str, JSONValue]:
        with self._lock:
            run = self._runs.setdefault(doc.path, _Run())
        with run.lock:
            if run.variables is None and run.error is None:
                self._run(doc, run, context)
            if run.error is not None:
                failure = _for_dependent(run.error, requirement)
                if failure.obstacle is not None:
                    run.error = None  # nothing is known of the doc: the next one that requires it tries again
                raise failure
            assert run.variables is not None
            return run.variables

    def _run(self, doc: EndpointDoc, run: _Run, context: RunContext) -> None:
        case = next((case for case in cases_of(doc) if case.outline.case_id is None), None)
        if case is None:
            run.error = DocError("the doc has no request to send", location=doc.location)
            return
        # A seed of its own: the doc's own item, and other workers, make the same doc's random values too.
        seed = f"{context.seed}:required:{context.worker}"
        running = self._start(case, replace(context, seed=seed, is_required=True))
        try:
            running.check()
        except Explained as error:
            run.error = error
        else:
            run.variables = running.variables
        finally:
            run.warnings = running.warnings
            # Behind the docs that this one requires, so that it is cleaned up before them.
            with self._lock:
                self._running.append(running)


def _required(doc: EndpointDoc, index: DocIndex) -> list[tuple[Requirement, EndpointDoc]]:
    for finding in requirement_findings(doc, index):
        error = RequirementCycle if finding.code == CYCLE else DocError
        raise error(finding.message, location=finding.location)
    found = ((requirement, index.find(requirement.endpoint)) for requirement in doc.requires)
    return [(requirement, required) for requirement, required in found if required is not None]


def _for_dependent(error: Explained, requirement: Requirement) -> EndpointDocsError:
    message, cause = first_line(error), cause_of(error)
    if isinstance(error, CaseSkipped):
        if error.obstacle is not None:
            return CaseSkipped(message, location=requirement.location, cause=error.cause, obstacle=error.obstacle)
        return CaseSkipped(
            f"requires {requirement.endpoint}, which is skipped: {message}", location=requirement.location
        )
    return PrerequisiteFailed(
        cause,
        context=f"{FAILED_BEFORE}required {requirement.endpoint}: {message.removesuffix(cause)}",
        location=requirement.location,
        obstacle=error.obstacle,
    )

"""Docs that other docs require: each runs once in a session, and what it extracted is there for all."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import (
    CaseSkipped,
    ContractFailure,
    DocError,
    EndpointDocsError,
    PrerequisiteFailed,
    RequirementCycle,
)
from pytest_endpoint_docs.words import near

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.case_execution import CaseExecution
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc, Requirement
    from pytest_endpoint_docs.model.source import JSONValue


@dataclass(slots=True)
class _Run:
    """One required doc: its lock, and how it ended."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    variables: Mapping[str, JSONValue] | None = None
    error: Exception | None = None


class RequirementStore:
    """Runs required docs, each once; a failure is remembered too. Safe to use from several threads.

    What they created stays until :meth:`close`, which a session calls at its end.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._executions: list[CaseExecution] = []

    def names(self, case: ContractCase, context: RunContext) -> tuple[str, ...]:
        """The variables that the docs required by a case will define.

        Raises: ``DocError`` where there is no such doc, ``RequirementCycle``.
        """

        found: list[str] = []
        for requirement in case.doc.requires:
            body = _required(case, requirement, context).body
            steps = (*body.prerequisites, *(step for main in body.requests[:1] for step in main.steps))
            found += [extract.name for step in steps for extract in step.extracts]
        return tuple(dict.fromkeys(found))

    def variables(self, case: ContractCase, context: RunContext) -> dict[str, JSONValue]:
        """What the docs required by a case extracted; those that did not run yet run now.

        Raises: ``PrerequisiteFailed`` where one failed, ``CaseSkipped`` where one does not run, ``DocError``,
        ``RequirementCycle``.
        """
        found: dict[str, JSONValue] = {}
        for requirement in case.doc.requires:
            doc = _required(case, requirement, context)
            found |= self._variables_of(doc, requirement, context)
        return found

    def close(self) -> tuple[Exception, ...]:
        """Clean up after the required docs, the last one first. Returns: what went wrong."""
        with self._lock:
            executions, self._executions = self._executions[::-1], []
        return tuple(error for execution in executions for error in execution.cleanup())

    def _variables_of(self, doc: EndpointDoc, requirement: Requirement, context: RunContext) -> Mapping[str, JSONValue]:
        with self._lock:
            run = self._runs.setdefault(doc.path, _Run())
        with run.lock:
            if run.variables is None and run.error is None:
                self._run(doc, run, context)
            if run.error is not None:
                raise _for_dependent(run.error, requirement)
            assert run.variables is not None
            return run.variables

    def _run(self, doc: EndpointDoc, run: _Run, context: RunContext) -> None:
        from pytest_endpoint_docs.execution.case_execution import CaseExecution
        from pytest_endpoint_docs.loading.items import cases_of

        case = next((case for case in cases_of(doc) if case.outline.case_id is None), None)
        if case is None:
            run.error = DocError("the doc has no request to send", location=doc.location)
            return
        # A seed of its own: the doc's own item, and other workers, make the same doc's random values too.
        seed = f"{context.seed}:required:{context.worker}"
        execution = CaseExecution(case, replace(context, seed=seed))
        try:
            execution.check()
        except (EndpointDocsError, ContractFailure) as error:
            run.error = error
        else:
            run.variables = execution.variables
        finally:
            # Behind the docs that this one requires, so that it is cleaned up before them.
            with self._lock:
                self._executions.append(execution)


def _required(case: ContractCase, requirement: Requirement, context: RunContext) -> EndpointDoc:
    doc = context.index.find(requirement.endpoint)
    if doc is None:
        raise _no_such_doc(case, requirement, context)
    circle = context.index.cycle(case.doc)
    if circle:
        names = " -> ".join(str(member.endpoint) for member in circle)
        raise RequirementCycle(f"these docs require each other: {names}", location=requirement.location)
    return doc


def _no_such_doc(case: ContractCase, requirement: Requirement, context: RunContext) -> DocError:

    others = {str(doc.endpoint): doc.path for doc in context.index if doc.endpoint != case.doc.endpoint}
    nearest = near(str(requirement.endpoint), others)
    hint = f'. Did you mean "{nearest}" ({others[nearest]})?' if nearest else ""
    message = f"requires {requirement.endpoint}, and no doc has that endpoint{hint}"
    return DocError(message, location=requirement.location)


def _for_dependent(error: Exception, requirement: Requirement) -> Exception:
    message = str(error).partition("\n")[0]
    if isinstance(error, CaseSkipped):
        return CaseSkipped(
            f"requires {requirement.endpoint}, which is skipped: {message}", location=requirement.location
        )
    return PrerequisiteFailed(
        f"prerequisite failed: required {requirement.endpoint}: {message}", location=requirement.location
    )

"""Attended walk-throughs in a run: docs that only a person can test, led through at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.errors import ContractFailure
from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.manual.conversation import Conversation, conclude
from pytest_endpoint_docs.manual.manual_mode import mode_for
from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen, why_no_terminal
from pytest_endpoint_docs.manual.walkthrough import Journal, Walkthrough, begin_walkthrough
from pytest_endpoint_docs.model.case import CaseResult, Disposition
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.plugin.case_context import HookVariables
from pytest_endpoint_docs.variables.builtin import Builtins
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes
from pytest_endpoint_docs.verification.evidence import versions

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.session import EndpointSession


def with_walkthrough(case: ContractCase, session: EndpointSession) -> ContractCase:
    """The case as an attended run has it: led through by its procedure, or skipped with why nobody can be asked."""
    disposition = case.disposition
    if disposition.action != "skip" or disposition.cause != "manual" or case.outline != case.doc.outlines[0]:
        return case
    if mode_for(case) != "attended":
        return case
    reporter: Any = session.config.pluginmanager.getplugin("terminalreporter")
    why = why_no_terminal(
        output_is_terminal=bool(reporter is not None and reporter.isatty), is_worker=session.is_worker
    )
    if why:
        return replace(case, disposition=replace(disposition, reason=f"{disposition.reason} ({why})"))
    return replace(case, disposition=Disposition(action="run", cause="manual", location=disposition.location))


def walk_through(case: ContractCase, session: EndpointSession, variables: Mapping[str, JSONValue]) -> CaseResult:
    """Lead a person through a doc's procedure, and keep the evidence.

    Raises: ``KeyboardInterrupt`` (what was answered is kept), ``ConfigError`` where the evidence cannot be written.
    """
    started = datetime.now(UTC)
    environment = session.target.environment
    walk = begin_walkthrough(
        case.doc,
        case.doc.body.procedure,
        environment=environment.name,
        tester=session.tester,
        at=render_instant(started),
    )
    journal = Journal(session.config.rootpath)
    values = _Values(case, session, environment, variables)
    with TerminalScreen() as screen:
        talk = Conversation(
            screen, journal, clock=lambda: datetime.now(UTC), lookup=values.lookup, redactor=session.redactor
        )
        attended = talk.lead(walk)
    took_s = (datetime.now(UTC) - started).total_seconds()
    if not attended.finished:
        return CaseResult(
            case=case, outcome="skipped", reason=attended.reason, cause="manual", duration_s=took_s, by_hand=True
        )
    evidence = conclude(
        attended,
        store=session.evidence,
        journal=journal,
        at=datetime.now(UTC),
        versions=versions(),
        sandbox=session.target.is_sandbox,
    )
    session.ages.forget(case.doc)
    result = CaseResult(case=case, outcome="passed", duration_s=took_s, by_hand=True)
    if evidence.outcome == "passed":
        return result
    told = _told(attended.walk, evidence.outcome, evidence.note)
    if evidence.outcome == "blocked":
        return replace(result, outcome="skipped", reason=told, cause="blocked")
    step = next(step for step in attended.walk.steps if _outcome(attended.walk, step.number) == "failed")
    return replace(result, outcome="failed", reason=told, error=ContractFailure(told, location=step.location))


def _outcome(walk: Walkthrough, number: int) -> str:
    return next((answer.outcome for answer in walk.answers if answer.number == number), "")


def _told(walk: Walkthrough, outcome: str, note: str) -> str:
    """What the tester said, in one line for each step that did not pass."""
    lines = [
        f"{outcome} by hand at step {answer.number} of {len(walk.steps)}" + (f": {answer.note}" if answer.note else "")
        for answer in walk.answers
        if answer.outcome == outcome
    ]
    return "\n".join([*lines, *([f"note: {note}"] if note else [])])


class _Values:
    """The variables of a procedure, as far as anything but a request gives them."""

    def __init__(
        self,
        case: ContractCase,
        session: EndpointSession,
        environment: Environment,
        variables: Mapping[str, JSONValue],
    ) -> None:
        self._case = case
        self._environment = environment
        self._hook = HookVariables(session.config)
        oauth = environment.oauth
        named: dict[str, JSONValue] = {"base_url": environment.base_url}
        if oauth is not None:
            named |= {
                name: getattr(oauth, name) for name in ("authorize_url", "token_url", "client_id", "redirect_uri")
            }
        self._scopes = Scopes(
            (
                Scope(name="fixture endpoint_variables", values=variables),
                Scope(name="environment params", values=environment.params, prefixes=PARAM_PREFIXES),
                Scope(name="environment", values={name: value for name, value in named.items() if value is not None}),
                Scope(
                    name="built-ins",
                    values=Builtins(session.clock(), f"{session.given.seed}:{case.id}", session.unique),
                ),
            )
        )

    def lookup(self, name: str) -> JSONValue | Secret:
        """A value, a secret, or ``None``."""
        kind = self._environment.tokens.get(name) or self._environment.tokens.get(name.removesuffix("_token"))
        if kind is not None:
            return kind.value or Secret(next(iter(kind.variables), kind.name.upper()), "")
        with suppress(KeyError):
            return self._scopes.lookup(name)
        return self._hook.value(name, self._case, None) if self._hook.provides(name, self._case) else None

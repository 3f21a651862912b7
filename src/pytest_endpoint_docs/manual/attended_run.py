"""Attended walk-throughs in a run: docs that only a person can test, led through at the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import ContractFailure
from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.manual.conversation import Conversation, conclude
from pytest_endpoint_docs.manual.manual_mode import mode_for
from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen
from pytest_endpoint_docs.manual.walkthrough import Journal, Lookup, Walkthrough, begin_walkthrough
from pytest_endpoint_docs.model.case import CaseResult, Disposition
from pytest_endpoint_docs.model.secret import SafeText, Secret
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.rendering import public
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes
from pytest_endpoint_docs.verification.evidence import versions

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.redaction.redactor import Redactor
    from pytest_endpoint_docs.verification.evidence_store import EvidenceStore


@value_class
class Attendance:
    """Where a doc is walked through, by whom, and where what they say is kept.

    ``root`` is the project's folder; ``is_sandbox``: the environment is the embedded platform; ``color``: the run's
    output has some.
    """

    environment: Environment
    is_sandbox: bool
    tester: SafeText
    root: Path
    evidence: EvidenceStore
    redactor: Redactor
    color: bool = True


def with_walkthrough(case: ContractCase, why_nobody: Callable[[], str]) -> ContractCase:
    """The case as an attended run has it: led through by its procedure, or skipped with why nobody can be asked.

    ``why_nobody`` gives that reason, empty where somebody can.
    """
    disposition = case.disposition
    if disposition.action != "skip" or disposition.cause != "manual" or mode_for(case) != "attended":
        return case
    if case.outline != case.doc.outlines[0]:
        led = f"'{case.doc.outlines[0].name}' leads through the doc's procedure, which is all that a person tests"
        return replace(case, disposition=replace(disposition, reason=f"{disposition.reason} ({led})"))
    why = why_nobody()
    if why:
        return replace(case, disposition=replace(disposition, reason=f"{disposition.reason} ({why})"))
    return replace(case, disposition=Disposition(action="run", cause="manual", location=disposition.location))


def walk_through(case: ContractCase, attendance: Attendance, lookup: Lookup) -> CaseResult:
    """Lead a person through a doc's procedure, and keep the evidence; ``lookup`` gives the values of variables.

    Raises: ``KeyboardInterrupt`` (what was answered is kept), ``ConfigError`` where the evidence cannot be written.
    """
    started = datetime.now(UTC)
    walk = begin_walkthrough(
        case.doc,
        case.doc.body.procedure,
        environment=public(attendance.environment.name),
        tester=attendance.tester,
        at=render_instant(started),
    )
    journal = Journal(attendance.root)
    with TerminalScreen(color=attendance.color) as screen:
        talk = Conversation(
            screen, journal, clock=lambda: datetime.now(UTC), lookup=lookup, redactor=attendance.redactor
        )
        attended = talk.lead(walk)
    took_s = (datetime.now(UTC) - started).total_seconds()
    if not attended.finished:
        return CaseResult(
            case=case, outcome="skipped", reason=attended.reason, cause="manual", duration_s=took_s, by_hand=True
        )
    evidence = conclude(
        attended,
        store=attendance.evidence,
        journal=journal,
        at=datetime.now(UTC),
        versions=versions(),
        sandbox=attendance.is_sandbox,
    )
    result = CaseResult(case=case, outcome="passed", duration_s=took_s, by_hand=True)
    if evidence.outcome == "passed":
        return result
    told = _told(attended.walk, evidence.outcome, evidence.note)
    if evidence.outcome == "blocked":
        return replace(result, outcome="skipped", reason=told, cause="blocked")
    step = next(step for step in attended.walk.steps if _outcome(attended.walk, step.number) == "failed")
    return replace(result, outcome="failed", reason=told, error=ContractFailure(told, location=step.location))


def procedure_values(
    environment: Environment,
    given: Mapping[str, JSONValue],
    builtins: Mapping[str, JSONValue],
    ask_hook: Callable[[str], JSONValue],
) -> Lookup:
    """The variables of a procedure, as far as anything but a request gives them.

    ``given`` comes from the fixture ``endpoint_variables``; ``ask_hook`` is asked last.
    """
    oauth = environment.oauth
    named: dict[str, JSONValue] = {"base_url": environment.base_url}
    if oauth is not None:
        of_oauth = ("authorize_url", "token_url", "client_id", "redirect_uri")
        named |= {name: getattr(oauth, name) or None for name in of_oauth}
    scopes = Scopes(
        (
            Scope(name="fixture endpoint_variables", values=given),
            Scope(name="environment params", values=environment.params, prefixes=PARAM_PREFIXES),
            Scope(name="environment", values={name: value for name, value in named.items() if value is not None}),
            Scope(name="built-ins", values=builtins),
        )
    )

    def lookup(name: str) -> JSONValue | Secret:
        kind = environment.tokens.get(name) or environment.tokens.get(name.removesuffix("_token"))
        if kind is not None:
            return kind.value or Secret(next(iter(kind.variables), kind.name.upper()), "")
        with suppress(KeyError):
            return scopes.lookup(name)
        return ask_hook(name)

    return lookup


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

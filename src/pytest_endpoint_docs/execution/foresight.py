"""Before anything is sent: will every variable of every step be defined?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import ExtractionError, UndefinedVariable
from pytest_endpoint_docs.execution.build import Asked, on_behalf_of
from pytest_endpoint_docs.execution.case_scope import ambiguous, malformed
from pytest_endpoint_docs.execution.row_calls import Call, Rows
from pytest_endpoint_docs.execution.uses import Use, expectation_uses, location_of, uses_of
from pytest_endpoint_docs.model.body import Extract, RequestTemplate, Resolution, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES
from pytest_endpoint_docs.variables.extraction import Expression, parse_expression
from pytest_endpoint_docs.variables.names import prefixes
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes
from pytest_endpoint_docs.variables.template import Reference, references

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.loading.documented import Plan

OAUTH = "oauth."
WHERE = (
    "It can be defined by an extract of an earlier step, a row of UID Resolution, a doc in requires, params of the"
    " environment, the fixture endpoint_variables or the hook pytest_endpoint_docs_variable."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingVariable:
    """A variable that nothing will define: where it is used, why it is undefined, and which names look like it."""

    use: Use
    step: str
    location: SourceLocation
    reason: str
    near: tuple[str, ...] = ()


class Foresight:
    """Goes through a case's steps in order, knowing which names each of them will define."""

    def __init__(
        self,
        case: ContractCase,
        context: RunContext,
        rows: Rows,
        required: Iterable[str],
        calls: Callable[[Resolution], tuple[Call, ...]],
    ) -> None:
        self._case = case
        self._context = context
        self._rows = rows
        self._calls = calls
        self._required = tuple(required)
        self._extracted: dict[str, str] = {}
        self._params = Scope(name="environment params", values=context.environment.params, prefixes=PARAM_PREFIXES)

    def missing(
        self, plan: Plan, asked: Callable[[Step], Asked], *, of_doc: Iterable[str] = ()
    ) -> tuple[MissingVariable, ...]:
        """Every variable of the plan's steps, their cleanup and the rows that they need, that nothing will define.

        ``of_doc`` names what any step of the doc extracts: cleanup serves all of its cases, and what this one did not
        create it leaves out.
        """
        later = {extract.name: planned.step.id for planned in plan.steps for extract in planned.step.extracts}
        found: list[MissingVariable] = []
        for planned in plan.steps:
            found += self._in_step(planned.step, asked(planned.step), later)
            if planned.number is not None:
                self._extracted[f"step{planned.number}"] = planned.step.id
            if planned.is_main:
                self._extracted["main"] = planned.step.id
        self._extracted |= dict.fromkeys(of_doc, "another case")
        for planned in plan.cleanup:
            found += self._in_step(planned.step, asked(planned.step), {})
        return tuple(found)

    def _in_step(self, step: Step, asked: Asked, later: dict[str, str]) -> Iterator[MissingVariable]:
        own = {extract.name for extract in step.extracts}
        uses = [*uses_of(step.request), *self._rule_uses(step.request, asked)]
        for use in uses:
            yield from self._missing(use, step, later)
        for use in expectation_uses(step):
            if not any(variable in own for variable, _ in prefixes(use.name)):
                yield from self._missing(use, step, later)
        for extract in step.extracts:
            alias = parsed(extract).alias
            if alias is not None:
                use = Use(reference=Reference(name=alias, text=extract.expression), field="extract")
                yield from self._missing(use, step, later, location=extract.location)
            self._extracted[extract.name] = step.id

    def _rule_uses(self, template: RequestTemplate, asked: Asked) -> Iterator[Use]:
        rule = on_behalf_of(template, self._context.environment, asked)
        if rule is not None:
            for reference in references(rule.value):
                yield Use(reference=reference, field="on_behalf_of")

    def _missing(
        self, use: Use, step: Step, later: dict[str, str], *, location: SourceLocation | None = None
    ) -> Iterator[MissingVariable]:
        reason = self._reason(use, ())
        if reason is None:
            return
        if use.name in later and reason == _NOTHING:
            reason = f"it is extracted only later, by step {later[use.name]}"
        yield MissingVariable(
            use=use,
            step=step.id,
            location=location or location_of(use, step),
            reason=reason,
            near=self._near(use.name) if reason == _NOTHING else (),
        )

    def _reason(self, use: Use, within: tuple[str, ...]) -> str | None:
        """Why a variable will be undefined, or ``None``; ``within`` names the rows that need it."""
        wrong = malformed(use)
        if wrong:
            return wrong
        if any(variable in self._extracted for variable, _ in prefixes(use.name)):
            return None
        if use.name.startswith(OAUTH):
            return self._consent_reason(use)
        row = self._rows.named(use.name)
        if row is not None and row.field not in within:
            return self._row_reason(row, within)
        if self._defined_elsewhere(use.name):
            return None
        meant = self._rows.meant(use)
        if len(meant) > 1:
            return ambiguous(meant)
        if meant and meant[0].field in within:
            circle = " -> ".join((*within[within.index(meant[0].field) :], meant[0].field))
            return f"UID Resolution goes round in a circle: {circle}"
        if meant:
            return self._row_reason(meant[0], within)
        prose = self._rows.prose_about(use.name)
        if prose is not None:
            return f"its row of UID Resolution ({prose.location}) is written for people{_quoted(prose.note)}"
        return _NOTHING

    def _defined_elsewhere(self, name: str) -> bool:
        if any(variable in self._required for variable, _ in prefixes(name)) or name in BUILTIN_NAMES:
            return True
        try:
            self._params.lookup(name)
        except KeyError:
            return any(
                provider.provides(variable, self._case)
                for provider in self._context.providers
                for variable, _ in prefixes(name)
            )
        return True

    def _consent_reason(self, use: Use) -> str | None:
        consent = self._context.consent
        if consent is None:
            return "it needs a consent: run with --endpoint-manual automated or attended"
        return None if consent.defines(use.name) else _NOTHING

    def _row_reason(self, row: Resolution, within: tuple[str, ...]) -> str | None:
        """Why a row cannot be resolved: a variable of its first request is undefined, or it needs a consent."""
        if row.kind == "authorization":
            if self._context.consent is not None:
                return None
            return (
                f"its row of UID Resolution ({row.location}) needs a consent:"
                " run with --endpoint-manual automated or attended"
            )
        calls = self._calls(row)
        if not calls:
            return f"its row of UID Resolution ({row.location}) names no endpoint to call"
        for use in uses_of(calls[0].template):
            reason = self._reason(use, (*within, row.field))
            if reason is not None:
                return f"its row of UID Resolution ({row.location}) needs {shown(use)}: {reason}"
        return None

    def _near(self, name: str) -> tuple[str, ...]:
        scopes = Scopes(
            (
                Scope(name="steps", values=dict.fromkeys(self._extracted)),
                Scope(name="rows", values={row.field: None for row in self._rows.rows}),
                Scope(name="requires", values=dict.fromkeys(self._required)),
                self._params,
                *(
                    Scope(name=provider.name, values=dict.fromkeys(provider.names()))
                    for provider in self._context.providers
                ),
                Scope(name="built-ins", values=dict.fromkeys(BUILTIN_NAMES)),
            )
        )
        return scopes.near(name)


_NOTHING = "nothing defines it"


def parsed(extract: Extract) -> Expression:
    """The extract's expression. Raises: ``ExtractionError``."""
    try:
        return parse_expression(extract.expression)
    except ValueError as error:
        raise ExtractionError(f"extract {extract.name}: {error}", location=extract.location) from error


def shown(use: Use) -> str:
    """A variable as the doc writes it."""
    return use.reference.text or f"{{{{{use.name}}}}}"


def undefined_error(missing: tuple[MissingVariable, ...]) -> UndefinedVariable:
    """The error that names every undefined variable, its step, its line, and where it could be defined."""
    first = missing[0]
    names = list(dict.fromkeys(shown(one.use) for one in missing))
    if len(names) == 1:
        lines = [f"undefined variable {names[0]} in step {first.step}: {first.reason}{_hint(first)}"]
        lines += [f"  also at {one.location}, step {one.step}" for one in missing[1:]]
    else:
        lines = [f"undefined variables {', '.join(names)}, the first one in step {first.step}"]
        lines += [f"  {one.location}: {shown(one.use)} of step {one.step}: {one.reason}{_hint(one)}" for one in missing]
    return UndefinedVariable("\n".join([*lines, f"  {WHERE}"]), location=first.location)


def _hint(missing: MissingVariable) -> str:
    return f"; did you mean {' or '.join(f'{{{{{name}}}}}' for name in missing.near)}?" if missing.near else ""


def _quoted(note: str | None) -> str:
    return f': "{note}"' if note else ""

"""Before anything is sent: will every variable of every step be defined?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from pytest_endpoint_docs.errors import UndefinedVariable
from pytest_endpoint_docs.execution.build import header_on_behalf, request_parts
from pytest_endpoint_docs.execution.case_variables import (
    expectation_parts,
    location_of,
    no_param,
    parsed,
)
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.execution.row_calls import Preparation
from pytest_endpoint_docs.execution.row_names import NOTHING, Reason, ambiguous
from pytest_endpoint_docs.model.body import Resolution, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import Obstacle, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes, prefixes
from pytest_endpoint_docs.variables.template import OF_A_CONSENT, PATH, Reference, malformed, references_in

WHERE = (
    "It can be defined by an extract of an earlier step, a row of UID Resolution, a doc in requires, params of the"
    " environment, the fixture endpoint_variables or the hook pytest_endpoint_docs_variable."
)

_NEEDS_A_CONSENT = "needs a consent: run with --endpoint-manual automated or attended"


@value_class
class MissingVariable:
    """A variable that nothing will define: where it is used, why it is undefined, and which names look like it."""

    reference: Reference
    step: str
    location: SourceLocation
    reason: str
    near: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The variable as the doc writes it."""
        return _shown(self.reference)


class Foresight:
    """Goes through a case's steps in order, knowing which names each of them will define."""

    def __init__(self, case: ContractCase, context: RunContext, prepared: Preparation) -> None:
        self._case = case
        self._context = context
        self._prepared = prepared
        self._rows = prepared.rows
        self._required = context.requirements.names(case, context) if case.doc.requires else ()
        self._extracted: dict[str, str] = {}

    def missing(self, *, of_doc: Iterable[str] = ()) -> tuple[MissingVariable, ...]:
        """Every variable without a value in the case's steps, in its cleanup, or in the rows that these need.

        ``of_doc`` names what any step of the doc extracts: cleanup serves all of its cases, and what this one did not
        create it leaves out.
        """
        plan = self._prepared.plan
        later = {extract.name: planned.step.id for planned in plan.steps for extract in planned.step.extracts}
        found: list[MissingVariable] = []
        for planned in plan.steps:
            found += self._in_step(planned.step, later)
            if planned.number is not None:
                self._extracted[f"step{planned.number}"] = planned.step.id
            if planned.is_main:
                self._extracted["main"] = planned.step.id
        if plan.cleanup:
            self._extracted |= dict.fromkeys(of_doc, "another case")
        for planned in plan.cleanup:
            found += self._in_step(planned.step, {})
        return tuple(found)

    def _in_step(self, step: Step, later: Mapping[str, str]) -> Iterator[MissingVariable]:
        parts = request_parts(step.request, header_on_behalf(step.request, self._context.environment))
        parts |= expectation_parts(step)
        for reference in references_in(parts):
            if not (reference.part.startswith("expect/") and _is_extracted(reference, step)):
                yield from self._missing(reference, step, later)
        for extract in step.extracts:
            alias = parsed(extract).alias if "{{" in extract.expression else None
            if alias is not None:
                reference = Reference(name=alias, text=extract.expression, part="extract")
                yield from self._missing(reference, step, later, location=extract.location)
            self._extracted[extract.name] = step.id

    def _missing(
        self, reference: Reference, step: Step, later: Mapping[str, str], *, location: SourceLocation | None = None
    ) -> Iterator[MissingVariable]:
        reason = self._reason(reference, step.request.path, ())
        if reason is None:
            return
        if reference.name in later and reason.is_unknown:
            reason = Reason(f"it is extracted only later, by step {later[reference.name]}")
        yield MissingVariable(
            reference=reference,
            step=step.id,
            location=location or location_of(reference, step),
            reason=reason.text,
            near=self._near(reference.name) if reason.is_unknown else (),
        )

    def _reason(self, reference: Reference, path: str, within: tuple[str, ...]) -> Reason | None:
        """Why a variable of a request with that path will be undefined, or ``None``.

        ``within`` names the rows that need it.
        """
        wrong, name = malformed(reference), reference.name
        if wrong:
            return Reason(wrong)
        if any(variable in self._extracted for variable, _ in prefixes(name)):
            return None
        if name.startswith(OF_A_CONSENT):
            return self._consent_reason(name)
        row = self._rows.named(name)
        if row is not None and row.field not in within:
            return self._row_reason(row, within)
        if self.defined_elsewhere(name):
            return None
        meaning = self._rows.meaning(reference, path, self.defined_elsewhere)
        if meaning.elsewhere:
            return None
        meant = meaning.rows
        if len(meant) > 1:
            return Reason(ambiguous(meant))
        if meant and meant[0].field in within:
            circle = " -> ".join((*within[within.index(meant[0].field) :], meant[0].field))
            return Reason(f"UID Resolution is circular: {circle}")
        if meant:
            return self._row_reason(meant[0], within)
        if reference.part == PATH and reference.offset == 0 and path.startswith(f"{reference.text}/"):
            begins = "the server comes from the environment, so a path begins with `/`"
            return Reason(f"{NOTHING}; {begins}", is_unknown=True)
        return self._rows.unnamed(reference, path)

    @cached_property
    def _params(self) -> Scope:
        return Scope(name="environment params", values=self._context.environment.params, prefixes=PARAM_PREFIXES)

    def defined_elsewhere(self, name: str) -> bool:
        """Whether something beside this case's steps and rows defines a variable."""
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

    def _consent_reason(self, name: str) -> Reason | None:
        consent = self._context.consent
        if consent is None:
            return Reason(f"it {_NEEDS_A_CONSENT}")
        return None if consent.defines(name) else Reason(NOTHING, is_unknown=True)

    def _row_reason(self, row: Resolution, within: tuple[str, ...]) -> Reason | None:
        """Why a row cannot be resolved: a variable of its first request is undefined, or it needs a consent."""
        if row.kind == "authorization":
            if self._context.consent is not None:
                return None
            return Reason(f"its row of UID Resolution ({row.location}) {_NEEDS_A_CONSENT}")
        if row.kind == "param":
            return None if self.defined_elsewhere(row.extract_from or "") else Reason(no_param(row))
        calls = self._prepared.calls(row)
        if not calls:
            return Reason(f"its row of UID Resolution ({row.location}) names no endpoint to call")
        request = calls[0].template
        for reference in references_in(request_parts(request)):
            reason = self._reason(reference, request.path, (*within, row.field))
            if reason is not None:
                return Reason(f"its row of UID Resolution ({row.location}) needs {_shown(reference)}: {reason.text}")
        return None

    def _near(self, name: str) -> tuple[str, ...]:
        providers = self._context.providers
        scopes = Scopes(
            (
                Scope(name="steps", values=dict.fromkeys(self._extracted)),
                Scope(name="rows", values={row.field: None for row in self._rows.rows}),
                Scope(name="requires", values=dict.fromkeys(self._required)),
                self._params,
                *(Scope(name=provider.name, values=dict.fromkeys(provider.names())) for provider in providers),
                Scope(name="built-ins", values=dict.fromkeys(BUILTIN_NAMES)),
            )
        )
        return scopes.near(name)


def _is_extracted(reference: Reference, step: Step) -> bool:
    """Whether a step's own answer gives a variable, which its expectation may use."""
    names = [variable for variable, _ in prefixes(reference.name)]
    return any(extract.name in names for extract in step.extracts)


def undefined_error(missing: tuple[MissingVariable, ...]) -> UndefinedVariable:
    """The error that names every undefined variable, its step, its line, and where it could be defined."""
    first = missing[0]
    names = list(dict.fromkeys(one.text for one in missing))
    if len(names) == 1:
        lines = [f"undefined variable {names[0]} in step {first.step}: {first.reason}{_hint(first)}"]
        lines += [f"  also at {one.location}, step {one.step}" for one in missing[1:]]
    else:
        lines = [f"undefined variables {', '.join(names)}, the first one in step {first.step}"]
        lines += [f"  {one.location}: {one.text} of step {one.step}: {one.reason}{_hint(one)}" for one in missing]
    obstacle = None
    if not any(malformed(one.reference) for one in missing):  # else it is the doc that is wrong
        obstacle = Obstacle(kind="variable", subject=first.text, message=f"{first.text}: {first.reason}")
    return UndefinedVariable("\n".join([*lines, f"  {WHERE}"]), location=first.location, obstacle=obstacle)


def _shown(reference: Reference) -> str:
    return reference.text or f"{{{{{reference.name}}}}}"


def _hint(missing: MissingVariable) -> str:
    return f"; did you mean {' or '.join(f'{{{{{name}}}}}' for name in missing.near)}?" if missing.near else ""

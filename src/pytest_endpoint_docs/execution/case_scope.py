"""What the variables of one case are worth while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_endpoint_docs.execution.row_calls import Rows
from pytest_endpoint_docs.execution.uses import Use
from pytest_endpoint_docs.model.body import Resolution, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.builtin import Builtins
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext, VariableProvider


class Undefined(Exception):
    """A variable has no value; ``reason`` says why, without its name. Caught where the place in the doc is known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CaseScope:
    """The variables of a case, in the order of the doc format, section 5.

    ``extracted`` is what its steps gave so far, ``lost`` says for a variable why a step did not give it. ``chained``
    holds ``step1``, ``main`` and so on, each with ``request`` and ``response``. ``required`` comes from the docs that
    it requires.
    """

    def __init__(self, case: ContractCase, context: RunContext, rows: Rows) -> None:
        self.rows = rows
        self.extracted: dict[str, JSONValue] = {}
        self.lost: dict[str, str] = {}
        self.chained: dict[str, JSONValue] = {}
        self.required: dict[str, JSONValue] = {}
        self._case = case
        self._step: Step | None = None
        self._before = Scopes(
            (Scope(name="this case's steps", values=self.extracted), Scope(name="steps", values=self.chained))
        )
        self._after = Scopes(
            (
                Scope(name="requires", values=self.required),
                Scope(name="environment params", values=context.environment.params, prefixes=PARAM_PREFIXES),
                *(self._provided(provider) for provider in context.providers),
                Scope(name="built-ins", values=Builtins(context.clock(), f"{context.seed}:{case.id}", context.unique)),
            )
        )

    def value(
        self, use: Use, step: Step | None, resolve: Callable[[Resolution], JSONValue], *, without: tuple[str, ...] = ()
    ) -> JSONValue:
        """The value of a variable where a step uses it; ``resolve`` obtains the value of a row.

        ``without`` names the rows that are being resolved, which cannot give it.

        Raises: ``Undefined``, and what ``resolve`` raises.
        """
        reference = use.reference
        if not reference.closed or reference.filter is not None or not use.name:
            raise Undefined(malformed(use))
        self._step = step
        try:
            return self._before.lookup(use.name)
        except KeyError:
            pass
        row = self.rows.named(use.name)
        if row is not None and row.field not in without:
            return resolve(row)
        try:
            return self._after.lookup(use.name)
        except KeyError:
            pass
        meant = tuple(row for row in self.rows.meant(use) if row.field not in without)
        if len(meant) == 1:
            return resolve(meant[0])
        raise Undefined(self._reason(use, meant))

    def _reason(self, use: Use, meant: tuple[Resolution, ...]) -> str:
        if use.name in self.lost:
            return self.lost[use.name]
        if meant:
            return ambiguous(meant)
        head = use.name.partition(".")[0].partition("[")[0]
        if head in self.chained or head in self.extracted:
            return f"{head} is there, but nothing is at {use.name}"
        return "nothing defines it"

    def _provided(self, provider: VariableProvider) -> Scope:
        def value(name: str) -> JSONValue:
            if not provider.provides(name, self._case):
                raise KeyError(name)
            return provider.value(name, self._case, self._step)

        return Scope(name=provider.name, values=value)


def malformed(use: Use) -> str:
    """Why a reference is none, or an empty text."""
    if not use.reference.closed:
        return f"'{use.reference.text}' has no closing braces"
    if use.reference.filter is not None:
        return f"filters ('| {use.reference.filter}') are not supported: extract the value as it is needed"
    return "" if use.name else "the braces are empty"


def ambiguous(rows: tuple[Resolution, ...]) -> str:
    """Why several rows are none."""
    names = ", ".join(row.field for row in rows)
    return f"it may be any of these rows of UID Resolution: {names}; use the row's own name"

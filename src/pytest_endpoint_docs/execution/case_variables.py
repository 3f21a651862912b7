"""The variables of one case: where its requests use them, and what each is worth there (doc format, section 5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from pytest_endpoint_docs.errors import CaseSkipped, ExtractionError, UndefinedVariable
from pytest_endpoint_docs.execution.build import request_parts
from pytest_endpoint_docs.execution.protocols import Consent, VariableProvider
from pytest_endpoint_docs.execution.row_names import Rows, ambiguous
from pytest_endpoint_docs.loading.documented import line_of_part
from pytest_endpoint_docs.model.body import Extract, Resolution, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.variables.extraction import Expression, parse_expression
from pytest_endpoint_docs.variables.scopes import PARAM_PREFIXES, Scope, Scopes, prefixes
from pytest_endpoint_docs.variables.template import (
    OF_A_CONSENT,
    PATH,
    Lookup,
    Reference,
    malformed,
    path_references,
    references,
    references_in,
    render_parts,
)

Within: TypeAlias = tuple[str, ...]
"""The fields of the rows that are being resolved: they cannot give a value meanwhile."""


class Undefined(Exception):
    """A variable has no value; ``reason`` says why, without its name. Caught where the place in the doc is known.

    ``location`` is the line to be edited, where that is another one than the variable's. ``is_of_success``: the step
    that should have given the value succeeded.
    """

    what = "undefined variable"

    def __init__(self, reason: str, location: SourceLocation | None = None, *, is_of_success: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.location = location
        self.is_of_success = is_of_success


class UnfitForPath(Undefined):
    """A variable has a value that no path can hold."""

    what = "variable"


def no_param(row: Resolution) -> str:
    """Why a row whose value comes from the environment has none."""
    return (
        f"its row of UID Resolution ({row.location}) takes it from {row.extract_from},"
        " which the environment does not define"
    )


def expectation_parts(step: Step) -> dict[str, JSONValue]:
    """The parts of a step's expectation that can hold variables, by the places that they have in a doc."""
    parts: dict[str, JSONValue] = {}
    if step.expect.headers:
        parts["expect/headers"] = dict(step.expect.headers.items())
    if step.expect.has_body:
        parts["expect/body"] = step.expect.body
    return parts


def parsed(extract: Extract) -> Expression:
    """The extract's expression. Raises: ``ExtractionError``."""
    try:
        return parse_expression(extract.expression)
    except ValueError as error:
        raise ExtractionError(f"extract {extract.name}: {error}", location=extract.location) from error


def location_of(reference: Reference, step: Step) -> SourceLocation:
    """The line of a variable where a step uses it."""
    if step.source is None:
        return step.request.location
    return line_of_part(step, f"/{reference.part}{reference.pointer}")


class CaseVariables:
    """What the variables of a case are worth while it runs, in the order of the doc format, section 5.

    ``extracted`` is what its steps gave so far, ``lost`` says for a variable why a step did not give it,
    ``skips`` what a request that uses one raises where the step is one to skip. ``chained``
    holds ``step1``, ``main`` and so on, each with ``request`` and ``response``. ``required`` comes from the docs that
    it requires. ``main`` is the request that the doc is about, ``obtain`` gets the value of a row.
    """

    def __init__(
        self,
        case: ContractCase,
        main: Step,
        rows: Rows,
        *,
        params: Mapping[str, JSONValue],
        providers: Sequence[VariableProvider],
        builtins: Mapping[str, JSONValue],
        consent: Consent | None,
        obtain: Callable[[Resolution, Within], JSONValue],
    ) -> None:
        self.rows = rows
        self.extracted: dict[str, JSONValue] = {}
        self.lost: dict[str, Undefined] = {}
        self.skips: dict[str, CaseSkipped] = {}
        self.chained: dict[str, JSONValue] = {}
        self.required: dict[str, JSONValue] = {}
        self._case = case
        self._consent = consent
        self._obtain = obtain
        self._main = main
        self._params = params
        self._providers = providers
        self._builtins = builtins

    @cached_property
    def _before(self) -> Scopes:
        """What is asked before the rows."""
        return Scopes(
            (Scope(name="this case's steps", values=self.extracted), Scope(name="steps", values=self.chained))
        )

    @cached_property
    def _after(self) -> Scopes:
        """What is asked after them."""
        return Scopes(
            (
                Scope(name="requires", values=self.required),
                Scope(name="environment params", values=self._params, prefixes=PARAM_PREFIXES),
                *(self._provided(provider) for provider in self._providers),
                Scope(name="built-ins", values=self._builtins),
            )
        )

    def lookup(self, step: Step, *, within: Within = (), last_in_path: JSONValue = None) -> Lookup:
        """The values of a step's variables.

        ``within`` names the rows whose resolution the step belongs to; ``last_in_path`` is the value of what its path
        names last, whatever else has that name.

        Raises, when used: ``UndefinedVariable`` at the variable's line, ``PrerequisiteFailed`` where a row cannot be
        resolved.
        """

        given = path_references(step.request.path)[-1:] if last_in_path is not None else ()

        def value(reference: Reference) -> JSONValue:
            if reference in given:
                return last_in_path
            if self._consent is not None and self._consent.defines(reference.name):
                return self._consent.value(reference.name, self._case, self.client(within))
            try:
                found = self.value(reference, step, within=within)
                if reference.part == PATH and (found in (None, "") or isinstance(found, (list, dict))):
                    raise UnfitForPath(f"its value is {json.dumps(found)[:60]}, which cannot be part of a path")
            except Undefined as error:
                used = location_of(reference, step)
                place = f" (line {used.line})" if error.location else ""
                undefined = UndefinedVariable(
                    f"{error.what} {reference.text} in step {step.id}{place}: {error.reason}",
                    location=error.location or used,
                )
                undefined.is_of_success = error.is_of_success
                raise undefined from error
            return found

        return value

    def unused_losses(self) -> Iterator[str]:
        """What a success gave no value for, where nothing needed it: a line of text for each."""
        for name, lost in self.lost.items():
            if lost.is_of_success:
                place = f"{lost.location}: " if lost.location is not None else ""
                yield f"{place}{name} has no value: {lost.reason}"

    def value(self, reference: Reference, step: Step, *, within: Within = ()) -> JSONValue:
        """The value of a variable where a step uses it.

        Raises: ``Undefined``, ``CaseSkipped`` where a step to skip should have given it, and what obtaining a row
        raises.
        """
        wrong = malformed(reference)
        if wrong:
            raise Undefined(wrong)
        names = [variable for variable, _ in prefixes(reference.name)]
        skip = next((self.skips[name] for name in names if name in self.skips), None)
        if skip is not None and step.phase != "cleanup":
            raise skip
        try:
            return self._before.lookup(reference.name)
        except KeyError:
            pass
        lost = next((self.lost[name] for name in names if name in self.lost), None)
        if lost is not None:
            # What is elsewhere under that name is another entity.
            raise lost
        row = self.rows.named(reference.name)
        if row is not None and row.field not in within:
            return self._row(row, within)
        try:
            return self._after.lookup(reference.name)
        except KeyError:
            pass
        path = step.request.path
        meaning = self.rows.meaning(reference, path, self._defines)
        if meaning.elsewhere:
            return self._after.lookup(meaning.elsewhere)
        meant = tuple(row for row in meaning.rows if row.field not in within)
        if len(meant) == 1:
            return self._row(meant[0], within)
        raise Undefined(self._reason(reference, path, meant))

    def client(self, within: Within = ()) -> DocClient:
        """The OAuth client that the doc speaks of."""
        return DocClient(self, self._main, within)

    def row_value(self, name: str, within: Within) -> JSONValue:
        """The value of the row of that name; ``None`` where there is none, or it is being resolved."""
        row = self.rows.named(name)
        return None if row is None or row.field in within else self._row(row, within)

    def _row(self, row: Resolution, within: Within) -> JSONValue:
        if row.kind == "param":
            return self._param(row)
        if row.kind != "authorization":
            return self._obtain(row, within)
        if self._consent is None:
            raise Undefined("its row of UID Resolution needs a consent")
        return self._consent.value("oauth.code", self._case, self.client((*within, row.field)))

    def _defines(self, name: str) -> bool:
        try:
            self._after.lookup(name)
        except KeyError:
            return False
        return True

    def _param(self, row: Resolution) -> JSONValue:
        try:
            return self._after.lookup(row.extract_from or "")
        except KeyError:
            raise Undefined(no_param(row)) from None

    def _reason(self, reference: Reference, path: str, meant: tuple[Resolution, ...]) -> str:
        name = reference.name
        if meant:
            return ambiguous(meant)
        head = name.partition(".")[0].partition("[")[0]
        if head in self.chained or head in self.extracted:
            return f"{head} has a value, but there is no {name} in it"
        return self.rows.unnamed(reference, path).text

    def _provided(self, provider: VariableProvider) -> Scope:
        def value(name: str) -> JSONValue:
            if not provider.provides(name, self._case):
                raise KeyError(name)
            return provider.value(name, self._case)

        return Scope(name=provider.name, values=value)


@value_class(kw_only=False)
class DocClient:
    """A client as rows of UID resolution give it, or the body of the doc's main request.

    ``within`` names the rows that are being resolved: they cannot give it.
    """

    variables: CaseVariables
    main: Step
    within: Within = ()

    @property
    def sends_verifier(self) -> bool:
        """Whether the main request has a place for a PKCE verifier."""
        return "code_verifier" in self._body or any(
            reference.name == "oauth.code_verifier" for reference in references_in(request_parts(self.main.request))
        )

    def client_id(self) -> str | None:
        """From its row, else as the main request sends it."""
        return self._of_row_or_body("client_id")

    def client_secret(self) -> str | None:
        """From its row, else as the main request sends it."""
        return self._of_row_or_body("client_secret")

    def redirect_uri(self) -> str | None:
        """As the main request sends it."""
        return self._of_row_or_body("redirect_uri")

    @property
    def _body(self) -> Mapping[str, JSONValue]:
        body = self.main.request.body
        return body if isinstance(body, dict) else {}

    def _of_row_or_body(self, name: str) -> str | None:
        value = self.variables.row_value(name, self.within)
        written = self._body.get(name)
        asks_consent = any(reference.name.startswith(OF_A_CONSENT) for reference in references(written))
        if value is None and isinstance(written, str) and not asks_consent:
            filled = render_parts({"body": {name: written}}, self.variables.lookup(self.main, within=self.within))
            body = filled["body"]
            value = body[name] if isinstance(body, dict) else None
        return None if value is None else str(value)

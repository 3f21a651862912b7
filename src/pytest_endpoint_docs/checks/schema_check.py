"""The check of answers against JSON Schemas: a fast verdict, and jsonschema's explanation where it is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from pytest_endpoint_docs.checks.checking import CheckInput, Difference
from pytest_endpoint_docs.checks.json_schema import errors_of, mismatches_of
from pytest_endpoint_docs.checks.schema_verdicts import compile_verdict
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.source import JSONValue, Mismatch, SourceLocation
from pytest_endpoint_docs.words import cut

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_K = TypeVar("_K")
_V = TypeVar("_V")
# A run with more schemas than this compiles some of them again.
_KEPT_MAX = 500


class SchemaCheck:
    """Holds the content against ``expect.schema`` and, for the doc's own 2xx answer, the ``Response Schema``.

    Every error is reported with its JSON Pointer; formats are asserted; for ``anyOf`` and ``oneOf`` the errors of the
    alternative that comes closest are. The draft is the schema's ``$schema``, else 2020-12. References to the network
    are not followed. A schema is compiled once, wherever it is written down, so one instance serves a run.
    """

    def __init__(self) -> None:
        self._compiled: dict[str, _Compiled] = {}
        # By identity, with the schema, so that no other one can have it: docs with the same schema share its value.
        self._known: dict[int, tuple[JSONValue, _Compiled]] = {}

    def __call__(self, given: CheckInput) -> list[Mismatch]:
        """Every violation; a schema that is itself wrong is one mismatch that says so."""
        found: list[Mismatch] = []
        for schema, at in _schemas(given):
            content, is_json = given.exchange.response.as_json()
            if is_json:
                found += self._violations(schema, content, given, at)
            else:
                difference = Difference("not-json", "", "is not JSON", "JSON", given.exchange.response.not_json())
                found.append(difference.as_mismatch("schema", at("")))
        return found

    def _violations(
        self, schema: JSONValue, content: JSONValue, given: CheckInput, at: Callable[[str], SourceLocation]
    ) -> list[Mismatch]:
        if schema is True:
            return []
        if not isinstance(schema, dict):
            return [_broken("it is not an object", at(""))]
        try:
            errors = self._of(schema).errors(content)
        except _BrokenSchema as broken:
            return [_broken(str(broken), at(""))]
        return list(mismatches_of(errors, at=at, redactor=given.redactor)) if errors else []

    def _of(self, schema: dict[str, JSONValue]) -> _Compiled:
        if id(schema) in self._known:
            return self._known[id(schema)][1]
        content = json.dumps(schema)
        compiled = self._compiled.get(content) or _Compiled(schema)
        _keep(self._compiled, content, compiled)
        _keep(self._known, id(schema), (schema, compiled))
        return compiled


def _keep(kept: dict[_K, _V], key: _K, value: _V) -> None:
    if key not in kept and len(kept) >= _KEPT_MAX:
        kept.pop(next(iter(kept)), None)
    kept[key] = value


class _BrokenSchema(Exception):
    """The schema itself is wrong; the message says how."""


class _Compiled:
    """A schema, compiled for the verdict now and for the explanation when one is asked for."""

    def __init__(self, schema: dict[str, JSONValue]) -> None:
        self._schema = schema
        self._verdict = compile_verdict(schema)

    def errors(self, content: JSONValue) -> list[ValidationError]:
        """Every error of the content. Raises: ``_BrokenSchema``."""
        if self._verdict is not None and self._verdict(content):
            return []
        from referencing.exceptions import Unresolvable

        if isinstance(self._validator, str):
            raise _BrokenSchema(self._validator)
        try:
            return errors_of(self._validator, content)
        except Unresolvable as error:
            raise _BrokenSchema(
                f"its $ref {error.ref!r} leads nowhere; references to the network are not followed"
            ) from error
        except ValueError as error:
            raise _BrokenSchema(str(error)) from error
        except RecursionError as error:
            raise _BrokenSchema("its references are circular, or the answer is nested too deeply") from error

    @cached_property
    def _validator(self) -> Validator | str:
        """jsonschema's validator, or why the schema cannot have one."""
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
        from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

        from pytest_endpoint_docs.checks.bounded_keywords import bounded

        validator_class = validator_for(self._schema, default=Draft202012Validator)
        try:
            # Without formats: patterns are those of ECMA-262, which jsonschema would ask of Python's own engine.
            validator_class.check_schema(self._schema, format_checker=None)  # type: ignore[call-arg]
        except SchemaError as error:
            return f"at {error.json_path}: {cut(error.message, 200)}"
        except RecursionError:
            return "it is nested too deeply"
        # An explicit registry: without one, jsonschema would fetch what a $ref names.
        made: Validator = bounded(validator_class)(
            self._schema, registry=REGISTRY, format_checker=validator_class.FORMAT_CHECKER
        )
        return made


def _schemas(given: CheckInput) -> Iterator[tuple[JSONValue, Callable[[str], SourceLocation]]]:
    """The schemas that hold, and the line of each of their places."""
    if given.step.expect.has_schema:
        yield given.step.expect.schema, partial(_in_expectation, given.step)
    documented = given.body.response_schema
    if documented and given.is_subject and given.exchange.response.is_success:
        yield documented.schema, documented.at


def _in_expectation(step: Step, pointer: str) -> SourceLocation:
    return step.source.at(f"{step.pointer}/expect/schema{pointer}") if step.source else step.expect.location


def _broken(reason: str, location: SourceLocation) -> Mismatch:
    message = f"the schema itself is not valid: {reason}"
    return Mismatch(check="schema", kind="fault", message=message, location=location)

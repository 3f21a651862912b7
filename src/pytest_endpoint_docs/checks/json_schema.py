"""What jsonschema says of a value, as mismatches."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from pytest_endpoint_docs.checks.checking import Difference
from pytest_endpoint_docs.checks.values import keys_of, shown
from pytest_endpoint_docs.model.pattern import TooSlow, ending_within
from pytest_endpoint_docs.model.source import JSONValue, Mismatch, MismatchKind, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer, pointer_of
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import cut

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

# Some twenty for each level of the deepest value that is read.
_VALIDATION_CALLS_MAX = 5_000
LONGEST_VALIDATION_S = 10.0
UNFINISHED = "unfinished"
"""The keyword of the error that a value could not be held against its schema in time; its message says why."""


def errors_of(validator: Validator, content: Any) -> list[ValidationError]:
    """Every error of a value; that the value could not be held against the schema in time is one of them.

    Raises: ``RecursionError`` where references of the schema go round in circles.

    A validator calls itself some twenty times for each level of a value, and what it keeps its schemas in may end the
    process where Python's limit is reached: it gets a limit that fits the deepest value that is read.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _VALIDATION_CALLS_MAX))
    found: list[ValidationError] = []
    try:
        with ending_within(LONGEST_VALIDATION_S):
            found += validator.iter_errors(content)
    except TooSlow as slow:
        found.append(_unfinished(slow))
    finally:
        sys.setrecursionlimit(before)
    return found


def _unfinished(slow: TooSlow) -> ValidationError:
    from jsonschema.exceptions import ValidationError

    return ValidationError(str(slow), validator=UNFINISHED, validator_value=None, instance=None, cause=slow)


_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
    "minLength": "a length of at least",
    "maxLength": "a length of at most",
    "minItems": "a number of items of at least",
    "maxItems": "a number of items of at most",
    "minProperties": "a number of keys of at least",
    "maxProperties": "a number of keys of at most",
    "pattern": "text that matches",
    "format": "the format",
    "const": "the value",
}


def mismatches_of(
    errors: Iterable[ValidationError], *, at: Callable[[str], SourceLocation], redactor: Redactor
) -> Iterator[Mismatch]:
    """Mismatches of validation errors, in the order of the document; ``at`` gives the line of a place in the schema."""
    seen: set[tuple[str, str, str]] = set()
    for error in sorted(errors, key=lambda error: [_rank(part) for part in error.absolute_path]):
        for leaf, note in _leaves(error, ""):
            for found, place in _differences(leaf, redactor):
                # ``required`` and its like give one error for each missing name, with no field that holds the name.
                if (found.pointer, found.message, found.expected) in seen:
                    continue
                seen.add((found.pointer, found.message, found.expected))
                yield found._replace(message=found.message + note).as_mismatch("schema", at(place))


def _rank(part: str | int) -> tuple[int, str]:
    return (part, "") if isinstance(part, int) else (0, part)


def _leaves(error: ValidationError, note: str) -> Iterator[tuple[ValidationError, str]]:
    """The error, or for ``anyOf`` and ``oneOf`` the errors of the alternative that comes closest."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error, note
        return
    branches: dict[int, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    closest = min(branches, key=lambda branch: _distance(branches[branch]))
    alternatives = len(cast("list[Any]", error.validator_value))
    for inner in branches[closest]:
        yield from _leaves(inner, f" (closest of {alternatives} alternatives: number {closest + 1})")


def _distance(errors: list[ValidationError]) -> tuple[int, int, int]:
    """How far a value is from an alternative: wrong deep inside is closer than wrong at its root.

    A wrong ``const`` or ``enum`` is what tells alternatives apart, and a wrong type leaves nothing in common.
    """
    depth = min(len(error.relative_path) for error in errors)
    telling = sum(error.validator in ("const", "enum", "type") for error in errors)
    return -depth, telling, len(errors)


def _differences(error: ValidationError, redactor: Redactor) -> Iterator[tuple[Difference, str]]:
    """A difference for each place that an error concerns, and the place of the schema that says otherwise."""
    written = pointer_of(error.absolute_schema_path)
    pointer = pointer_of(error.absolute_path)
    value = cast("JSONValue", error.instance)
    rule, wanted = str(error.validator), error.validator_value
    if rule == UNFINISHED:
        message = f"the answer could not be checked against its schema: {error.message}"
        yield Difference("fault", "", message, "", ""), written
    elif rule == "required" and isinstance(value, Mapping):
        for number, name in enumerate(cast("list[str]", wanted)):
            if name not in value:
                here = join_pointer(pointer, name)
                found = Difference("missing", here, "is missing", "present", f"missing from {keys_of(value)}")
                yield found, join_pointer(written, number)
    elif rule == "additionalProperties" and isinstance(value, Mapping) and wanted is False:
        from pytest_endpoint_docs.checks.bounded_keywords import unnamed_properties

        for name in unnamed_properties(value, cast("Mapping[str, Any]", error.schema)):
            here = join_pointer(pointer, name)
            got = shown(value[name], redactor, pointer=here)
            yield Difference("undescribed", here, "is not documented", "absent", got), written
    else:
        got = shown(value, redactor, pointer=pointer)
        if rule in _LIMITS and rule != "const" and isinstance(value, (Mapping, list)):
            got = f"{len(value)} in {got}"
        kind, message, expected = _words(error, rule, wanted)
        yield Difference(kind, pointer, message, expected, got), written


def _words(error: ValidationError, rule: str, wanted: Any) -> tuple[MismatchKind, str, str]:
    """What a value violates as a whole: the kind, the message, and what is expected."""
    if rule == "type":
        types = " or ".join([wanted] if isinstance(wanted, str) else map(str, wanted))
        if error.instance is None and isinstance(error.schema, Mapping) and error.schema.get("nullable") is True:
            return "type", "has another type (`nullable` is not a keyword of JSON Schema: list `null` in `type`)", types
        return "type", "has another type", types
    if rule == "enum":
        members = ", ".join(json.dumps(member, ensure_ascii=False) for member in wanted)
        return "enum", "is not among the documented values", f"one of {cut(members, 200)}"
    if rule == "oneOf":
        return "constraint", "matches several alternatives where only one may match", "exactly one alternative"
    if error.schema is False or rule == "None":
        return "unexpected", "is not allowed here", "absent"
    limit = wanted if rule in ("format", "pattern") else json.dumps(wanted, ensure_ascii=False)
    expected = f"{_LIMITS[rule]} {limit}" if rule in _LIMITS else f"{rule}: {json.dumps(wanted, ensure_ascii=False)}"
    return _KINDS.get(rule, "constraint"), f"violates {rule}", cut(expected, 200)


_KINDS: Mapping[str, MismatchKind] = {"format": "format", "const": "enum"}

"""Of the alternatives that a value may fit, and fits none: what they all want, and which one it is closest to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


def alike(error: ValidationError) -> ValidationError | None:
    """One error for alternatives that all want another type, or other members, at one place: what any of them wants."""
    from jsonschema.exceptions import ValidationError

    branches = list(_branches(error).values())
    first, *others = (inner for errors in branches for inner in errors)
    members = all(inner.validator in ("enum", "const") for inner in (first, *others))
    types = all(inner.validator == "type" for inner in (first, *others))
    places = {tuple(inner.absolute_path) for inner in (first, *others)}
    if len(places) > 1 or not (members or types) or any(len(errors) > 1 for errors in branches):
        return None
    wanted = [each for inner in (first, *others) for each in _wanted(inner)]
    return ValidationError(
        first.message,
        validator="enum" if members else "type",
        validator_value=list({json.dumps(each): each for each in wanted}.values()),
        instance=first.instance,
        schema=first.schema,
        path=first.absolute_path,
        schema_path=error.absolute_schema_path,
    )


def _is_other_name(error: ValidationError) -> bool:
    wanted = _wanted(error) if error.validator in ("enum", "const") and len(error.relative_path) == 1 else ()
    return len(wanted) == 1 and isinstance(wanted[0], str)


def _wanted(error: ValidationError) -> Sequence[Any]:
    """The types or members that an error says are described."""
    value: Any = error.validator_value
    return value if isinstance(value, list) and error.validator != "const" else [value]


def _branches(error: ValidationError) -> dict[object, list[ValidationError]]:
    """The errors of each alternative, by its index."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        if inner.relative_schema_path:
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    return branches


def closest(error: ValidationError) -> object:
    """The alternative with the fewest errors and then the deepest.

    One that misses properties comes later, one that names itself otherwise in a property (``kind: cat``) still later,
    and one whose type is wrong at the top last.
    """
    branches = _branches(error)

    def distance(errors: list[ValidationError]) -> tuple[bool, bool, int, int, int]:
        at_top = any(not inner.relative_path and inner.validator == "type" for inner in errors)
        missing = sum(not inner.relative_path and inner.validator == "required" for inner in errors)
        depth = max(len(inner.relative_path) for inner in errors)
        return at_top, any(map(_is_other_name, errors)), missing, len(errors), -depth

    return min(branches, key=lambda branch: distance(branches[branch])) if branches else 0

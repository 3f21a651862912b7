"""Keywords of JSON Schema that end, whatever a schema says: searches of patterns, references that branch out.

``pattern: ^(a+)+$`` takes Python's engine twice as long with every character; thirty definitions that each refer twice
to the next one are a billion of them. jsonschema has a limit for neither. And one that counts as people do: jsonschema
divides fractions in binary, where 19.99 is no multiple of 0.01.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from pytest_endpoint_docs.model.pattern import Pattern, check_time

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_THE_SCHEMA = "following the references of the schema"


def bounded_keywords(keywords: Mapping[str, Any]) -> dict[str, Keyword]:
    """The keywords of a validator's class with those in their place that could take forever."""
    own: dict[str, Keyword] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
    }
    followed = {name: _followed(keywords[name]) for name in _REFERENCES if name in keywords}
    return {**keywords, **{name: function for name, function in own.items() if name in keywords}, **followed}


def bounded(validator_class: Any) -> Any:
    """A validator's class with such keywords."""
    return extend(validator_class, bounded_keywords(validator_class.VALIDATORS))  # type: ignore[no-untyped-call]


def unnamed_properties(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The properties that neither ``properties`` nor ``patternProperties`` of a schema name. Raises: ``TooSlow``."""
    named = schema.get("properties", {})
    patterns = [Pattern(text) for text in schema.get("patternProperties", {})]
    return [name for name in instance if name not in named and not any(found.found_in(name) for found in patterns)]


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not Pattern(pattern).found_in(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for text, schema in patterns.items():
        pattern = Pattern(text)
        for name, value in instance.items():
            if pattern.found_in(name):
                yield from validator.descend(value, schema, path=name, schema_path=text)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    unnamed = unnamed_properties(instance, schema)
    if validator.is_type(wanted, "object"):
        for name in unnamed:
            yield from validator.descend(instance[name], wanted, path=name)
    elif not wanted and unnamed:
        yield ValidationError(f"Additional properties are not allowed: {', '.join(map(repr, unnamed))}")


def _multiple_of(validator: Any, divisor: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "number"):
        return
    try:
        is_multiple = (Fraction(str(instance)) / Fraction(str(divisor))).denominator == 1
    except (ValueError, ZeroDivisionError):  # infinite, or no number at all
        is_multiple = False
    if not is_multiple:
        yield ValidationError(f"{instance!r} is not a multiple of {divisor}")


def _followed(function: Keyword) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        check_time(_THE_SCHEMA)
        yield from function(validator, value, instance, schema) or ()

    return check

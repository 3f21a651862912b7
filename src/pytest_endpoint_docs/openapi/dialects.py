"""OpenAPI's schema dialects as jsonschema validators.

2.0 and 3.0 are JSON Schema draft 4, 3.1 is 2020-12, each with what OpenAPI adds: ``nullable`` (honoured in every
version, for descriptions are migrated by halves), ``discriminator``, ``readOnly`` and ``writeOnly``, ``type: file``.
Keywords work where they stand, so that an error's path is the description's own.

A keyword whose value does not have its form is left out here and reported by ``schema_faults``: one bad keyword must
not hide the rest. An :class:`Unknown` value (a ``{{variable}}``) matches everything that a value could.
"""

from __future__ import annotations

import base64
import binascii
import operator
from collections.abc import Callable, Iterator
from typing import Any, Literal

from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing.exceptions import Unresolvable

from pytest_endpoint_docs.checks.bounded_keywords import bounded_keywords
from pytest_endpoint_docs.model.keyword_forms import is_well_formed
from pytest_endpoint_docs.openapi.unknowns import Unknown, holds_unknown

Direction = Literal["request", "response"]
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


def validator_class(version: str, direction: Direction, *, is_partial: bool = False) -> Any:
    """The validator class for descriptions of a version (``2.0``, ``3.0``, ``3.1``).

    ``is_partial``: some ``$ref`` of the schema leads nowhere, and what is behind it may be anything.
    """
    return _CLASSES[("3.1" if version == "3.1" else "3.0", direction, is_partial)]


def format_checker() -> FormatChecker:
    """Asserts JSON Schema's formats and OpenAPI's (registry: ``int32``, ``int64``, ``byte``)."""
    checker = FormatChecker(formats=())
    # Of the formats of all drafts together, "time" would be draft 3's, without an offset.
    checker.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)
    checker.checks("int32")(lambda value: _within(value, 31))
    checker.checks("int64")(lambda value: _within(value, 63))
    checker.checks("byte", raises=(binascii.Error, ValueError))(_is_base64)
    return checker


# These say something about what is below, and go there; every other keyword judges the value itself.
_DESCENDING = frozenset(
    ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "properties", "patternProperties", "items", "prefixItems"]
)
_JUDGING_PARTS = frozenset(
    ["enum", "const", "not", "if", "contains", "uniqueItems", "dependentSchemas", "propertyNames"]
)


# These look at the keywords around them themselves.
_LOOKING_AROUND = frozenset(["additionalProperties", "unevaluatedProperties", "unevaluatedItems"])


def _guarded(keyword: str, function: Keyword) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if instance is None and True in (schema.get("nullable"), schema.get("x-nullable")):
            return
        if not is_well_formed(keyword, value):
            return
        if isinstance(instance, Unknown) and (instance.whole or (keyword != "type" and keyword not in _DESCENDING)):
            return
        if keyword in _JUDGING_PARTS and holds_unknown(instance):
            return
        if keyword in ("additionalProperties", "maxProperties") and isinstance(instance, dict):
            instance = {name: item for name, item in instance.items() if not isinstance(name, Unknown)}
        if keyword not in _LOOKING_AROUND:
            yield from function(validator, value, instance, schema) or ()
            return
        if not is_well_formed("patternProperties", schema.get("patternProperties", {})):
            return
        try:
            yield from list(function(validator, value, instance, schema) or ())
        except (AttributeError, TypeError):
            return  # a keyword around it does not have its form, which ``schema_faults`` reports

    return check


def _reference(validator: Any, value: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    try:
        whole = value.removesuffix("/") if value.endswith("#/") else value  # as ``documents`` reads it
        yield from Draft202012Validator.VALIDATORS["$ref"](validator, whole, instance, schema)
    except Unresolvable:
        return  # reported by ``schema_faults``, once, with its place


def _type(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if "file" not in (value if isinstance(value, list) else [value]):
        yield from Draft202012Validator.VALIDATORS["type"](validator, value, instance, schema)


def _items(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    # Draft 4 has no schema ``true``; descriptions of 3.0 have it all the same.
    if not isinstance(value, bool):
        yield from Draft4Validator.VALIDATORS["items"](validator, value, instance, schema)
    elif isinstance(instance, list):
        for index, item in enumerate(instance):
            yield from validator.descend(item, value, path=index)


def _bound(keyword: str, is_past: Callable[[float, float], bool]) -> Keyword:
    """A bound, which a boolean beside it may exclude (up to 3.0), or which excludes itself (from 3.1 on).

    Both in every version, for descriptions are migrated by halves; a boolean alone is no bound.
    """
    beside = f"exclusive{keyword.capitalize()}"

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, bool) or not validator.is_type(instance, "number"):
            return
        is_excluded = keyword.startswith("exclusive") or schema.get(beside) is True
        if is_past(instance, value) or (is_excluded and instance == value):
            yield ValidationError(f"{instance!r} is past {value}")

    return check


def _required(other_direction: str) -> Keyword:
    def check(_: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, dict) or any(isinstance(key, Unknown) for key in instance):
            return
        properties = schema.get("properties")
        for name in value:
            about = properties.get(name) if isinstance(properties, dict) else None
            if name not in instance and not (isinstance(about, dict) and about.get(other_direction) is True):
                yield ValidationError(f"{name!r} is missing", validator_value=[name])

    return check


def _forbidden(_: Any, value: Any, _instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if value is True:
        yield ValidationError("does not belong in this direction")


def _alternatives(keyword: str, *, is_partial: bool) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        chosen = _discriminated(instance, value, schema)
        if chosen is not None:
            yield from validator.descend(instance, {"$ref": chosen})
            return
        unknown = _undiscriminated(instance, value, schema)
        if unknown is not None and not is_partial:
            yield unknown
            return
        # With variables in it, a value may turn out to match several alternatives or just one; so may any value where
        # an alternative could not be read.
        errors = list(Draft202012Validator.VALIDATORS["anyOf"](validator, value, instance, schema))
        yield from errors
        if keyword == "anyOf" or errors or is_partial or holds_unknown(instance):
            return
        matched = [name for name, each in _named(value) if validator.evolve(schema=each).is_valid(instance)]
        if len(matched) > 1:
            yield ValidationError("matches several alternatives", validator_value=matched)

    return check


# The parts of a schema that say which properties of a value it speaks of, and may be violated by it as a whole.
_PARTS = frozenset(
    ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "discriminator", "if", "then", "else", "dependentSchemas"]
)


def _unevaluated_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Properties that no part of a schema that holds speaks of.

    Where a part is violated, that is told, and so are the properties that no part has: which of the others the part
    would speak of if it held cannot be told.
    """
    parts = {keyword: value for keyword, value in schema.items() if keyword in _PARTS}
    asked = _AskedForNames(validator, forgives=not validator.evolve(schema=parts).is_valid(instance))
    around = {keyword: value for keyword, value in schema.items() if keyword != "unevaluatedProperties"}
    list(Draft202012Validator.VALIDATORS["unevaluatedProperties"](asked, wanted, instance, around) or ())
    if wanted is False and asked.names:
        yield ValidationError("Unevaluated properties are not allowed", validator_value=asked.names)
    elif wanted is not False:
        for name in asked.names:
            yield from validator.descend(instance[name], wanted, path=name)


class _AskedForNames:
    """A validator that collects the names of unevaluated properties: jsonschema looks at them one by one.

    ``forgives``: it takes every part of the schema as fulfilled.
    """

    def __init__(self, validator: Any, *, forgives: bool, names: list[str] | None = None) -> None:
        self._validator, self._forgives = validator, forgives
        self.names: list[str] = [] if names is None else names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._validator, name)

    def descend(self, instance: Any, schema: Any, path: Any = None, schema_path: Any = None) -> Iterator[Any]:
        if path is None and self._forgives:
            yield from () if schema is not False else [None]
            return
        errors = list(self._validator.descend(instance, schema, path, schema_path))
        if path is not None and errors:
            self.names.append(path)
        yield from errors

    def evolve(self, **changes: Any) -> _AskedForNames:
        return _AskedForNames(self._validator.evolve(**changes), forgives=self._forgives, names=self.names)

    def is_valid(self, instance: Any) -> bool:
        return self._forgives or self._validator.is_valid(instance)


def _named(alternatives: list[Any]) -> Iterator[tuple[str, Any]]:
    """Each alternative with a name: where its ``$ref`` ends, its title, or its number."""
    for number, alternative in enumerate(alternatives, start=1):
        about = alternative if isinstance(alternative, dict) else {}
        reference, title = about.get("$ref"), about.get("title")
        name = reference.rpartition("/")[2] if isinstance(reference, str) else title
        yield (name if isinstance(name, str) and name else f"no. {number}"), alternative


def _discriminated(instance: Any, alternatives: list[Any], schema: Any) -> str | None:
    """The ``$ref`` among the alternatives that the discriminating property names (OpenAPI 3.0.3 and 3.1, 4.8.25)."""
    about = schema.get("discriminator")
    name = about.get("propertyName") if isinstance(about, dict) else None
    given = instance.get(name) if isinstance(instance, dict) and isinstance(name, str) else None
    if not isinstance(given, str) or isinstance(given, Unknown):
        return None
    mapping = about.get("mapping")
    wanted = mapping.get(given, given) if isinstance(mapping, dict) else given
    for alternative in alternatives:
        reference = alternative.get("$ref") if isinstance(alternative, dict) else None
        if isinstance(reference, str) and (reference == wanted or reference.rpartition("/")[2] == wanted):
            return reference
    return None


def _undiscriminated(instance: Any, alternatives: list[Any], schema: Any) -> ValidationError | None:
    """That a value is discriminated by a name that no alternative has, for then no schema applies (3.1.1, 4.8.25).

    Only where a ``mapping`` lists names; without one, many descriptions have other values than names of schemas.
    """
    about = schema.get("discriminator")
    mapping, name = (about.get("mapping"), about.get("propertyName")) if isinstance(about, dict) else (None, None)
    if not isinstance(mapping, dict) or not isinstance(name, str) or not isinstance(instance, dict):
        return None
    given = instance.get(name)
    references = [each.get("$ref") if isinstance(each, dict) else None for each in alternatives]
    if not isinstance(given, str) or isinstance(given, Unknown) or given in mapping or None in references:
        return None
    names = [*mapping, *(str(reference).rpartition("/")[2] for reference in references)]
    if not {str(target).rpartition("/")[2] for target in mapping.values()} >= {*names} - {*mapping}:
        return None  # the mapping leaves alternatives out
    return ValidationError(
        f"{given!r} names no alternative",
        validator="discriminator",
        validator_value=sorted(mapping),
        path=[name],
        instance=given,
        schema=schema,
    )


def _within(value: object, bits: int) -> bool:
    return not isinstance(value, int) or isinstance(value, bool) or -(2**bits) <= value < 2**bits


def _is_base64(value: object) -> bool:
    if isinstance(value, str):
        base64.b64decode(value, validate=True)
    return True


def _nothing(*_: Any) -> Iterator[ValidationError]:
    return iter(())


# With a part of the schema unread, nobody knows whether a value is what these forbid or ask for.
_OF_WHOLE_SCHEMAS = ("not", "if", "contains", "unevaluatedProperties", "unevaluatedItems")


def _build(base: Any, direction: Direction, *, is_partial: bool) -> Any:
    own: dict[str, Keyword] = {
        "$ref": _reference,
        "type": _type,
        "anyOf": _alternatives("anyOf", is_partial=is_partial),
        "oneOf": _alternatives("oneOf", is_partial=is_partial),
        "required": _required("readOnly" if direction == "request" else "writeOnly"),
        "readOnly" if direction == "request" else "writeOnly": _forbidden,
        **{keyword: _bound(keyword, operator.lt) for keyword in ("minimum", "exclusiveMinimum")},
        **{keyword: _bound(keyword, operator.gt) for keyword in ("maximum", "exclusiveMaximum")},
    }
    if base is Draft4Validator:
        own["items"] = _items
    else:
        own["unevaluatedProperties"] = _unevaluated_properties
    keywords = bounded_keywords({**base.VALIDATORS, **own})
    left_out = {name: _nothing for name in _OF_WHOLE_SCHEMAS if is_partial and name in keywords}
    return extend(  # type: ignore[no-untyped-call]
        base, {name: _guarded(name, function) for name, function in {**keywords, **left_out}.items()}
    )


_CLASSES = {
    (version, direction, is_partial): _build(base, direction, is_partial=is_partial)
    for version, base in (("3.0", Draft4Validator), ("3.1", Draft202012Validator))
    for direction in ("request", "response")
    for is_partial in (False, True)
}

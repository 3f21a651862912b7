"""What is wrong with a JSON Schema that a doc writes down, found before anything is sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias
from urllib.parse import unquote

from pytest_endpoint_docs.model.keyword_forms import (
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    SINGLE_SCHEMAS,
    TEXTS_FOR_PEOPLE,
    TYPES,
    is_well_formed,
)
from pytest_endpoint_docs.model.source import Finding, JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import pointer_of, split_pointer, value_at
from pytest_endpoint_docs.words import did_you_mean, kind_of, near

_FORMS: Mapping[str, str] = {
    "required": "a list of names",
    "dependentRequired": "a mapping of names to lists of names",
    "dependencies": "a mapping of names to schemas or to lists of names",
    "enum": "a list of values",
    "pattern": "a regular expression",
    **dict.fromkeys(["format", "$ref", *TEXTS_FOR_PEOPLE], "text"),
    "multipleOf": "a number above 0",
    **dict.fromkeys(["properties", "patternProperties", "dependentSchemas"], "a mapping of names to schemas"),
    **dict.fromkeys([*SINGLE_SCHEMAS, "unevaluatedItems"], "a schema"),
    **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], "a list of one or more schemas"),
    **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], "a number"),
    **dict.fromkeys(["readOnly", "writeOnly", "nullable", "uniqueItems"], "true or false"),
    **dict.fromkeys(
        [f"{bound}{what}" for bound in ("min", "max") for what in ("Length", "Items", "Properties", "Contains")],
        "a whole number from 0",
    ),
}
_OTHERS = """
type const additionalItems
$schema $id $anchor $comment $dynamicRef $dynamicAnchor $vocabulary id
title description default deprecated examples example discriminator xml externalDocs
contentEncoding contentMediaType contentSchema
"""
_HOLDING = frozenset([*SCHEMA_MAPS, *SCHEMA_LISTS, *SINGLE_SCHEMAS])
_KEYWORDS = frozenset([*_FORMS, *SCHEMA_MAPS, *SCHEMA_LISTS, *SINGLE_SCHEMAS, *_OTHERS.split()])
# With these nothing can be wrong but the form of their value.
_TOLD_BY_FORM = _KEYWORDS - {"$ref"}
_METASCHEMAS = ("https://json-schema.org/", "http://json-schema.org/")
# One of these has nearly every schema of a property.
_OF_PROPERTIES = ("type", "properties", "items", "$ref", "allOf", "anyOf", "oneOf")
# How like a keyword an unknown one must be to be a misspelt one; any other is a note.
_LIKENESS = 0.8
# Where each doc has its own schema, keeping them all would only take memory.
_MOST_KEPT = 200
LineOf: TypeAlias = Callable[[str], int | None]
"""The line of the value at a JSON Pointer, see :class:`~.model.source.SourceBlock`."""
# The keys and indices that lead to a schema.
_Way: TypeAlias = tuple[str | int, ...]
_DRAFTS_WITH_TUPLES = tuple(f"{draft}/schema" for draft in ("2019-09", "draft-07", "draft-06", "draft-04"))


class GoodSchemas:
    """The schemas of docs in which nothing is wrong, by their texts: many docs of a project have the same.

    Their values are shared, so they are not to be changed.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[JSONValue, LineOf]] = {}

    def get(self, text: str) -> tuple[JSONValue, LineOf] | None:
        """The value of a text that was found to be a good schema, and what gives its lines; else ``None``."""
        return self._known.get(text)

    def keep(self, text: str, value: JSONValue, line_of: LineOf) -> None:
        """Keep a schema in which nothing is wrong."""
        if len(self._known) < _MOST_KEPT:
            self._known[text] = value, line_of


def schema_findings(
    schema: JSONValue, at: Callable[[str], SourceLocation], *, case_id: str | None = None
) -> Iterator[Finding]:
    """An error for each keyword that is misspelt or has a value of another form; ``at`` gives the line of a pointer."""
    places = _Places(schema)
    pending: deque[tuple[_Way, JSONValue]] = deque([((), schema)])
    while pending:
        way, value = pending.popleft()
        if not isinstance(value, dict):
            continue
        for keyword, member in value.items():
            if keyword in _TOLD_BY_FORM and is_well_formed(keyword, member):
                continue
            problem = _problem(keyword, member, places)
            if problem:
                place = at(pointer_of((*way, keyword)))
                yield Finding(
                    code="bad-schema", message=f"in a JSON Schema: {problem}", location=place, case_id=case_id
                )
        if not _HOLDING.isdisjoint(value):
            pending += _below(way, value)


def _below(way: _Way, schema: dict[str, JSONValue]) -> Iterator[tuple[_Way, JSONValue]]:
    for keyword in SINGLE_SCHEMAS:
        if isinstance(schema.get(keyword), dict):
            yield (*way, keyword), schema[keyword]
    lists = ("items",) if isinstance(schema.get("items"), list) else ()
    for keyword in (*SCHEMA_MAPS, *SCHEMA_LISTS, *lists):
        members = schema.get(keyword)
        pairs = (
            members.items() if isinstance(members, dict) else enumerate(members) if isinstance(members, list) else ()
        )
        for key, member in pairs:
            yield (*way, keyword, key), member


def _problem(keyword: str, value: JSONValue, places: _Places) -> str:
    """What is wrong with a keyword; an empty text where nothing is."""
    if keyword not in _KEYWORDS:
        if keyword.lower().startswith("x-"):
            return ""
        if _is_property(value) and keyword not in places.referred_to:
            return f'unknown keyword "{keyword}". If it is a property, put it below `properties`.'
        meant = near(keyword, _KEYWORDS, cutoff=_LIKENESS)
        return f'unknown keyword "{keyword}". Did you mean "{meant}"?' if meant else ""
    if keyword == "items" and isinstance(value, list) and _has_tuples(places.root):
        return ""
    if not is_well_formed(keyword, value):
        if keyword == "type":
            return _wrong_type(value)
        if _FORMS[keyword] == "text" and _is_property(value):
            return f"`{keyword}` must be text, but is a schema. If it is a property, put it below `properties`."
        return f"`{keyword}` must be {_FORMS[keyword]}, but is {kind_of(value)}."
    if keyword == "$ref" and isinstance(value, str) and not places.have(value):
        outside = "" if value.startswith("#") else " Only parts of the schema itself are found: put them below `$defs`."
        return f'`$ref` "{value}" leads nowhere.{outside}'
    return ""


def _is_property(value: JSONValue) -> bool:
    """Whether a value is the schema of a property that stands among the keywords, one level too high."""
    return isinstance(value, dict) and any(
        keyword in value and is_well_formed(keyword, value[keyword]) for keyword in _OF_PROPERTIES
    )


def _has_tuples(root: JSONValue) -> bool:
    """Whether the schema is of a draft in which ``items`` may list the schemas of the first elements."""
    return isinstance(root, dict) and str(root.get("$schema", "")).rstrip("#").endswith(_DRAFTS_WITH_TUPLES)


def _wrong_type(value: JSONValue) -> str:
    wrong = next((name for name in (value if isinstance(value, list) else [value]) if name not in TYPES), value)
    if isinstance(wrong, str):
        return f'unknown `type` "{wrong}".{did_you_mean(wrong, TYPES)}'
    return f"`type` must be one of {', '.join(TYPES)}, or a list of them, but is {kind_of(value)}."


class _Places:
    """The parts of a schema that references can lead to; looked through once, if it has references at all."""

    def __init__(self, root: JSONValue) -> None:
        self.root = root

    @cached_property
    def _objects(self) -> tuple[dict[str, JSONValue], ...]:
        return tuple(_objects(self.root))

    @cached_property
    def _has_ids(self) -> bool:
        return any(isinstance(part.get(name), str) for part in self._objects for name in ("$id", "id"))

    @cached_property
    def _anchors(self) -> frozenset[str]:
        named = (part.get(keyword) for part in self._objects for keyword in ("$anchor", "$dynamicAnchor"))
        return frozenset(name for name in named if isinstance(name, str))

    @cached_property
    def referred_to(self) -> frozenset[str]:
        """The keys that references lead through: what stands there may be a schema outside of ``$defs``."""
        references = (part["$ref"] for part in self._objects if isinstance(part.get("$ref"), str))
        pointers = (unquote(str(reference)).partition("#")[2] for reference in references)
        return frozenset(key for pointer in pointers for key in split_pointer(pointer))

    def have(self, reference: str) -> bool:
        """Whether a reference leads to a part of the schema, or to a schema of JSON Schema itself; not to a file.

        With an ``$id`` in it the schema has names of its own, and whoever resolves them tells (Core, section 8.2).
        """
        address, _, fragment = unquote(reference).partition("#")
        if self._has_ids:
            return True
        if address:
            return address.startswith(_METASCHEMAS)
        if fragment and not fragment.startswith("/"):
            return fragment in self._anchors
        try:
            value_at(self.root, fragment)
        except KeyError:
            return False
        return True


def _objects(value: JSONValue) -> Iterator[dict[str, JSONValue]]:
    """A value and all below it, as far as they are objects."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            yield each
            pending += each.values()
        elif isinstance(each, list):
            pending += each

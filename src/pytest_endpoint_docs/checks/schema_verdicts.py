"""Whether a value fits a JSON Schema, told some hundred times faster than jsonschema explains why it does not.

jsonschema-rs gives the verdict, and only for schemas that mean the same to both libraries. All others are jsonschema's:

- patterns beyond those that mean the same in Python as in ECMA-262, which JSON Schema refers to;
- ``contentEncoding`` and ``contentMediaType``, and ``dependencies`` after draft 7, which jsonschema leaves alone;
- ``multipleOf`` with a fraction, which is divided in decimals here;
- references other than JSON Pointers into the schema, schemas that hold themselves, embedded ``$id`` and ``$schema``;
- drafts that jsonschema-rs does not have, and what it refuses.

Formats are asked of jsonschema's own functions, so they cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import unquote

from pytest_endpoint_docs.model.keyword_forms import is_pattern
from pytest_endpoint_docs.pointers import split_pointer

Verdict: TypeAlias = Callable[[Any], bool | None]
"""Whether a value fits; ``None`` where jsonschema has to say."""

_ENGINES: Mapping[str, str] = {
    "": "Draft202012Validator",
    "https://json-schema.org/draft/2020-12/schema": "Draft202012Validator",
    "https://json-schema.org/draft/2019-09/schema": "Draft201909Validator",
    "http://json-schema.org/draft-07/schema": "Draft7Validator",
    "http://json-schema.org/draft-06/schema": "Draft6Validator",
    "http://json-schema.org/draft-04/schema": "Draft4Validator",
}
"""The class that both libraries have for a ``$schema``; of a schema without one, as the docs say, 2020-12."""

_WITH_DEPENDENCIES = frozenset(["Draft7Validator", "Draft6Validator", "Draft4Validator"])
_APART = frozenset(["$dynamicRef", "$recursiveRef", "$vocabulary", "contentEncoding", "contentMediaType"])
_LARGEST = 100_000
_IDENTITIES = frozenset(["$id", "id", "$schema", "$anchor", "$dynamicAnchor"])
_TOLD_BY_VALUE = frozenset(["format", "pattern", "multipleOf", "patternProperties", *_IDENTITIES])
# Where fitting less may mean that the whole fits.
_TURNING = frozenset(["not", "if", "oneOf", "contains", "unevaluatedProperties", "unevaluatedItems"])

_QUANTIFIER = r"(?:(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??)?"
_LITERAL = r"[A-Za-z0-9 _@#%&,:;<>=!~'\"/-]|\\[.\-/+*?()\[\]{}|^$\\]"
# Rust reads ``--``, ``&&`` and ``~~`` in a class as operators.
_CLASS = r"\[\^?(?:[A-Za-z0-9 _@#%,:;<>=!'\"/.+*?(){}|$]|-(?!-)|\\[.\-/+*?()\[\]{}|^$\\])+\]"
_EXACT = re.compile(rf"(?:\^|\((?:\?:)?|\||(?:{_LITERAL}|{_CLASS}|\)){_QUANTIFIER})*+\Z")
"""Patterns that match the same texts in Python as in ECMA-262."""
_NARROW = re.compile(
    rf"(?:[\^$]|\((?:\?:)?|\||(?:{_LITERAL}|{_CLASS}|\[(?:[A-Za-z0-9_ .@/-]|\\[dw.-])+\]|\\[dw]|\)){_QUANTIFIER})*+\Z"
)
"""Patterns that match less in ECMA-262: Python's ``$`` also matches before a last line break, and its ``\\d`` and
``\\w`` match the digits and letters of all scripts."""


class _Apart(Exception):
    """The schema may mean something else to the other library."""


def compile_verdict(schema: Mapping[str, Any]) -> Verdict | None:
    """What tells whether a value fits the schema; ``None`` where jsonschema has to say.

    The schema itself was held against its metaschema, where there is a verdict.
    """
    import jsonschema_rs

    try:
        name = _ENGINES[_draft(schema)]
        read = _Reading(schema)
        read.all(schema, ())
        read.refuse_differences(name)
        engine: Any = getattr(jsonschema_rs, name)
        fits: Callable[[Any], bool] = engine(
            schema,
            formats=_formats(name, read.formats) if read.formats else None,
            validate_formats=True,
            retriever=_refuse,
            pattern_options=jsonschema_rs.RegexOptions(),
        ).is_valid
    except (_Apart, KeyError, RecursionError, ValueError, jsonschema_rs.ReferencingError):
        return None

    def verdict(value: Any) -> bool | None:
        try:
            return fits(value)
        except (ValueError, TypeError):
            return None  # half a surrogate pair, or a key that is not a text

    return verdict


def _draft(schema: Mapping[str, Any]) -> str:
    named = schema.get("$schema", "")
    return named.removesuffix("#") if isinstance(named, str) else "?"


def _refuse(uri: str) -> Any:
    """Never asked for: references lead into the schema itself."""
    raise LookupError(uri)


def _formats(name: str, wanted: Iterable[str]) -> dict[str, Callable[[Any], bool]]:
    import jsonschema

    checker = getattr(jsonschema, name).FORMAT_CHECKER

    def conforms(wanted_format: str) -> Callable[[Any], bool]:
        return lambda value: bool(checker.conforms(value, wanted_format))

    # A format that jsonschema does not know fits everything.
    return {wanted_format: conforms(wanted_format) for wanted_format in wanted}


class _Reading:
    """What a schema uses, wherever it may stand: a property's name counts as a keyword too, which costs only time."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.formats: set[str] = set()
        self._root = root
        self._keys: set[str] = set()
        self._references: dict[str, int] = {}
        self._is_narrow = False

    def all(self, value: Mapping[str, Any] | list[Any], inside: tuple[str, ...]) -> int:
        """Read an object or a list of the schema; ``inside`` has the references that led there. Raises: ``_Apart``.

        Returns: how many values it holds with every reference written out.
        """
        size = 1
        if isinstance(value, list):
            for item in value:
                size += self.all(item, inside) if isinstance(item, (dict, list)) else 1
        else:
            self._keys.update(value)
            for key, inner in value.items():
                if key in _TOLD_BY_VALUE:
                    self._keyword(key, inner, is_root=value is self._root)
                if key == "$ref" and isinstance(inner, str):
                    size += self._follow(inner, inside)
                size += self.all(inner, inside) if isinstance(inner, (dict, list)) else 1
        if size > _LARGEST:
            raise _Apart  # jsonschema-rs writes them out, too, and cannot be interrupted
        return size

    def refuse_differences(self, name: str) -> None:
        """Raises: ``_Apart``."""
        if not self._keys.isdisjoint(_APART) or ("dependencies" in self._keys and name not in _WITH_DEPENDENCIES):
            raise _Apart
        if self._is_narrow and not self._keys.isdisjoint(_TURNING):
            raise _Apart

    def _keyword(self, key: str, value: Any, *, is_root: bool) -> None:
        if isinstance(value, str):
            if key == "format":
                self.formats.add(value)
            elif key == "pattern":
                self._pattern(value)
            elif key in _IDENTITIES and not is_root:
                raise _Apart
        elif (key == "multipleOf" and isinstance(value, float)) or (
            key == "patternProperties" and isinstance(value, Mapping) and not all(map(_is_exact, value))
        ):
            raise _Apart

    def _pattern(self, pattern: str) -> None:
        if _is_exact(pattern):
            return
        if not (_NARROW.match(pattern) and is_pattern(pattern)):
            raise _Apart
        self._is_narrow = True

    def _follow(self, reference: str, inside: tuple[str, ...]) -> int:
        pointer = unquote(reference.removeprefix("#"))
        if reference in inside or not reference.startswith("#") or (pointer and not pointer.startswith("/")):
            raise _Apart
        if reference in self._references:
            return self._references[reference]
        target: Any = self._root
        for segment in split_pointer(pointer):
            if not isinstance(target, Mapping) or segment not in target:
                raise _Apart
            target = target[segment]
        is_alone = not isinstance(target, (dict, list))
        size = self._references[reference] = 1 if is_alone else self.all(target, (*inside, reference))
        return size


def _is_exact(pattern: str) -> bool:
    return _EXACT.match(pattern) is not None and is_pattern(pattern)

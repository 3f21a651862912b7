"""JSON Schemas and values at random, from a small vocabulary, so that they meet."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

NAMES = ("a", "b", "id", "pattern", "x-1")
TYPES = ("string", "number", "integer", "boolean", "null", "array", "object")
PATTERNS = ("^[a-z]+", "^a", "[0-9]{2,3}", "^(?:a|b)*", "a|", "^[^a]", r"\.", "[a-c-]", "(a)(b)?", "x*?", "(", "a{2,1}")
FORMATS = ("date", "date-time", "email", "uuid", "uri", "ipv4", "no-such-format", "regex", "time", "duration")
TEXTS = ("", "a", "ab", "abc", "12", "a\n", "é", "😀", "2026-01-01", "a@b", "x.b", "127.0.0.1")
NUMBERS = (0, 1, -1, 2, 3, 7, 10**20, 2**53 + 1, 0.0, 1.0, 1.5, -0.5, 0.1, 1e22, 2.0**53)


class SchemasAtRandom:
    """Makes them; the same for the same source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def value(self, depth: int = 0) -> Any:
        """A JSON value, at most five levels deep."""
        choose = self._chance.choice
        kind = choose(("null", "boolean", "number", "text", "text", "text", "list", "list", "object", "object"))
        if kind in ("list", "object") and depth < 4:
            items = [self.value(depth + 1) for _ in range(self._chance.randrange(4))]
            return items if kind == "list" else {choose(NAMES): item for item in items}
        return {"null": None, "boolean": choose((True, False)), "number": choose(NUMBERS)}.get(kind, choose(TEXTS))

    def schema(self) -> dict[str, Any]:
        """A schema with two definitions; some are wrong."""
        return {**self._keywords(0), "$defs": {"x": self._below(2), "y": self._below(2)}}

    def _below(self, depth: int) -> Any:
        if depth > 3 or self._chance.random() < 0.1:
            return self._chance.choice((True, True, False, {"type": self._chance.choice(TYPES)}))
        return self._keywords(depth)

    def _keywords(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for _ in range(self._chance.randrange(1, 4)):
            keyword = self._chance.choice((*self._makers(depth), "type", "properties"))
            made[keyword] = self._makers(depth)[keyword]()
        return made

    def _makers(self, depth: int) -> Mapping[str, Callable[[], Any]]:
        chance = self._chance

        def below() -> Any:
            return self._below(depth + 1)

        def both() -> list[Any]:
            return [below(), below()]

        def count() -> int:
            return chance.randrange(4)

        def number() -> float:
            return chance.choice(NUMBERS)

        counted = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
        bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        applied = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else")
        return {
            **dict.fromkeys((*counted, "minContains", "maxContains"), count),
            **dict.fromkeys(bounds, number),
            **dict.fromkeys((*applied, "unevaluatedProperties", "unevaluatedItems"), below),
            **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), both),
            "type": lambda: chance.choice((*TYPES, ["string", "null"], ["integer", "object"], "no-such-type")),
            "enum": lambda: [self.value(2), self.value(2)],
            "const": lambda: self.value(2),
            "multipleOf": lambda: chance.choice((1, 2, 3, 7, 0.5)),
            "pattern": lambda: chance.choice(PATTERNS),
            "format": lambda: chance.choice(FORMATS),
            "uniqueItems": lambda: chance.choice((True, False)),
            "properties": lambda: {name: below() for name in chance.sample(NAMES, 2)},
            "patternProperties": lambda: {chance.choice(PATTERNS): below()},
            "required": lambda: chance.sample(NAMES, count()),
            "dependentRequired": lambda: {"a": ["b"]},
            "dependentSchemas": lambda: {"a": below()},
            "$ref": lambda: chance.choice(("#/$defs/x", "#/$defs/y", "#", "#/$defs/none")),
        }

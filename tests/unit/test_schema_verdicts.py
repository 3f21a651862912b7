"""The fast verdict on JSON Schemas agrees with jsonschema's explanation, or there is none."""

from __future__ import annotations

import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemas_at_random import SchemasAtRandom

from pytest_endpoint_docs.checks.schema_verdicts import compile_verdict

HALF_A_PAIR = "\ud800"


def explained(schema: dict[str, Any], value: Any) -> bool:
    """Whether jsonschema finds nothing wrong."""
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return not list(validator.iter_errors(value))


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"type": "integer"}, 1.0, True),
        ({"type": "integer"}, True, False),
        ({"enum": [1]}, True, False),
        ({"maximum": 10**30}, 10**30 + 1, False),
        ({"uniqueItems": True}, [1, True, "1"], True),
        ({"format": "email"}, "nobody", False),
        ({"format": "iri"}, "no iri", True),
        ({"format": "no-such-format"}, "anything", True),
        ({"pattern": "^[a-z]+$"}, "abc", True),
        ({"pattern": r"^\d{4}-[0-9]{2}$"}, "2026-01", True),
        ({"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False}, {"x-a": 1}, False),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}, 1, False),
        ({"properties": {"id": {"type": "string"}, "pattern": {"type": "integer"}}}, {"id": 1}, False),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"}, 1.0, False),
        ({"$schema": "http://json-schema.org/draft-07/schema", "dependencies": {"a": ["b"]}}, {"a": 1}, False),
    ],
)
def test_a_verdict(schema: dict[str, Any], value: Any, fits: bool) -> None:
    verdict = compile_verdict(schema)
    assert verdict is not None
    assert verdict(value) is fits


@pytest.mark.parametrize(
    "schema",
    [
        # Python's expressions are not those of ECMA-262, which jsonschema-rs knows.
        {"pattern": "(?=a)"},
        {"pattern": r"\bword"},
        {"pattern": "a.c"},
        {"pattern": "[^\\d]"},
        {"pattern": "[a&&b]"},
        {"pattern": "[+--]"},
        {"pattern": "a{2,1}"},
        {"pattern": r"\p{L}"},
        {"pattern": "é"},
        {"patternProperties": {"^a$": True}},
        {"patternProperties": {r"\d": True}},
        # Where a pattern must not match, fewer matches are more values.
        {"not": {"pattern": "^a$"}},
        {"oneOf": [{"pattern": r"\w"}, {"type": "string"}]},
        # jsonschema does not look at these, or has another result.
        {"contentEncoding": "base64"},
        {"contentMediaType": "application/json"},
        {"dependencies": {"a": ["b"]}},
        {"multipleOf": 0.1},
        # References that need more than the schema itself, or never end.
        {"$ref": "other.json"},
        {"$ref": "#name", "$defs": {"a": {"$anchor": "name"}}},
        {"$ref": "#/$defs/none"},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        {"properties": {"a": {"$ref": "#"}}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"$dynamicRef": "#a"},
        {"properties": {"a": {"$id": "http://example.com/a"}}},
        {"allOf": [{"$schema": "http://json-schema.org/draft-04/schema#"}]},
        {"$schema": "http://json-schema.org/draft-03/schema#"},
        {"$schema": "http://example.com/own"},
        {"$schema": 1},
        # A wrong schema is jsonschema's to explain.
        {"type": "strin"},
        {"$defs": {"a": {"minimum": "1"}}},
        {"required": "id"},
    ],
)
def test_what_may_differ_is_left_to_jsonschema(schema: dict[str, Any]) -> None:
    assert compile_verdict(schema) is None


def test_a_schema_that_nests_without_end_is_left_to_jsonschema() -> None:
    schema: dict[str, Any] = {}
    for _ in range(3_000):
        schema = {"not": schema}
    assert compile_verdict(schema) is None


@pytest.mark.parametrize("value", [HALF_A_PAIR, {1: 2}])
def test_values_that_no_other_library_can_hold_are_left_to_jsonschema(value: Any) -> None:
    verdict = compile_verdict({"minProperties": 1, "minLength": 1})
    assert verdict is not None
    assert verdict(value) is None


@pytest.mark.parametrize(("pattern", "value"), [("^a$", "a\n"), (r"^\d$", "٣"), (r"^\w$", "é")])
def test_patterns_that_match_more_in_python_fit_less_here(pattern: str, value: str) -> None:
    """jsonschema is asked what is wrong, and finds nothing: the answer passes."""
    verdict = compile_verdict({"pattern": pattern})
    assert verdict is not None
    assert (verdict(value), explained({"pattern": pattern}, value)) == (False, True)


def test_a_pattern_is_read_in_linear_time() -> None:
    """Neither the pattern itself nor the value makes anything search for long."""
    verdict = compile_verdict({"pattern": "^(?:a*)*b$"})
    assert verdict is not None
    assert verdict("a" * 50_000) is False
    assert compile_verdict({"pattern": "[a]" * 5_000 + "."}) is None


@pytest.mark.parametrize("seed", range(4))
def test_agreement_at_random(seed: int) -> None:
    """Nothing fits here that jsonschema finds anything wrong with; the other way round, only such patterns do."""
    made = SchemasAtRandom(random.Random(seed))
    judged = 0
    for _ in range(200):
        schema = made.schema()
        verdict = compile_verdict(schema)
        if verdict is None:
            continue
        Draft202012Validator.check_schema(schema)
        for value in (made.value() for _ in range(8)):
            fits = verdict(value)
            if fits is not None:
                judged += 1
                assert fits == explained(schema, value), f"{schema!r} and {value!r}"
    assert judged > 150

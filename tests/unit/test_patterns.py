"""Patterns of docs, descriptions and answers end, and so do schemas that branch out."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from checked_answers import answered
from openapi_library import answer, differences, with_schema

from pytest_endpoint_docs.checks import json_schema
from pytest_endpoint_docs.checks.schema_check import SchemaCheck
from pytest_endpoint_docs.checks.schema_verdicts import compile_verdict
from pytest_endpoint_docs.checks.standard import check_headers
from pytest_endpoint_docs.model import keyword_forms, pattern
from pytest_endpoint_docs.model.keyword_forms import is_pattern
from pytest_endpoint_docs.model.pattern import Pattern, TooSlow
from pytest_endpoint_docs.variables.extraction import parse_expression

# Engines that backtrack take twice as long with every character.
ENDLESS = "^(a|a|b?a)+$"
LONG = "a" * 60 + "!"
GIVEN_UP = f"the search for {ENDLESS} took too long and was given up"


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits for what never ends, so that no test waits for it. All others have those of a run."""
    monkeypatch.setattr(pattern, "LONGEST_SEARCH_S", 0.05)
    monkeypatch.setattr(json_schema, "LONGEST_VALIDATION_S", 0.3)


@pytest.mark.usefixtures("short_limits")
def test_a_search_that_takes_too_long_is_given_up() -> None:
    endless = Pattern(ENDLESS)
    for search in (endless.found_in, endless.is_whole, lambda text: list(endless.all_in(text))):
        with pytest.raises(TooSlow, match="was given up"):
            search(LONG)


def test_a_search_that_ends_has_its_result() -> None:
    assert Pattern("a+!$").found_in(LONG)
    assert not Pattern("^b").found_in(LONG)
    assert Pattern(r"\p{Lu}[a-zäöü]+").is_whole("Ärger")


@pytest.mark.parametrize("text", ["a(", "(?P<x", "[z-a]", "a**"])
def test_what_is_no_pattern_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="at position"):
        Pattern(text)


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize(
    ("schema", "content"),
    [
        ({"properties": {"a": {"pattern": ENDLESS}}}, {"a": LONG}),
        ({"patternProperties": {ENDLESS: {"type": "null"}}}, {LONG: 1}),
        ({"patternProperties": {ENDLESS: {}}, "additionalProperties": False}, {LONG: 1}),
    ],
)
def test_a_pattern_in_a_docs_schema_ends(schema: dict[str, Any], content: Any) -> None:
    found = SchemaCheck()(answered(content, schema=schema))
    assert [(one.kind, one.message) for one in found] == [
        ("fault", f"the answer could not be checked against its schema: {GIVEN_UP}")
    ]


@pytest.mark.usefixtures("short_limits")
def test_what_was_found_before_is_told_too() -> None:
    schema = {"required": ["b"], "properties": {"a": {"pattern": ENDLESS}}}
    found = SchemaCheck()(answered({"a": LONG}, schema={**schema, "type": "object"}))
    assert {one.kind for one in found} == {"missing", "fault"}


def branching(levels: int, **leaf: Any) -> dict[str, Any]:
    """Definitions that each refer twice to the next one: twice as many with every level."""
    twice = {
        f"d{level}": {"allOf": [{"$ref": f"#/$defs/d{level + 1}"}, {"$ref": f"#/$defs/d{level + 1}"}]}
        for level in range(levels)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**twice, f"d{levels}": leaf}}


@pytest.mark.usefixtures("short_limits")
def test_references_that_branch_out_end() -> None:
    schema = branching(40, type="integer")
    assert compile_verdict(schema) is None
    found = SchemaCheck()(answered(5, schema=schema))
    assert [one.message for one in found] == [
        (
            "the answer could not be checked against its schema: following the references of the schema took too long "
            "and was given up"
        )
    ]


def test_references_that_branch_out_a_little_are_followed() -> None:
    assert SchemaCheck()(answered(5, schema=branching(6, type="integer"))) == []
    (found,) = SchemaCheck()(answered("5", schema=branching(6, type="integer")))
    assert found.message == "has another type"


@pytest.mark.usefixtures("short_limits")
def test_a_pattern_of_a_description_ends(tmp_path: Path) -> None:
    descriptions, operation = with_schema(tmp_path, {"type": "object", "properties": {"a": {"pattern": ENDLESS}}})
    ((_, _, message),) = differences(descriptions, operation, answer({"a": LONG}))
    assert message.startswith(f"could not be checked against the description: {GIVEN_UP}")


@pytest.mark.usefixtures("short_limits")
def test_a_header_pattern_ends() -> None:
    (found,) = check_headers(answered({}, headers={"X-A": LONG}, expect={"headers": {"X-A": f"/{ENDLESS}/"}}))
    assert found.message == f"header field X-A: {GIVEN_UP}"


@pytest.mark.parametrize("number", ["1e999", "1e999'x'", "-1e400"])
def test_a_number_that_nobody_has_is_told(number: str) -> None:
    with pytest.raises(ValueError, match="a number in it is larger than any that JSON has"):
        parse_expression(f"$.a[?({number} && match(@.c, 'a'))]")


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("function", ["match", "search"])
def test_functions_of_path_expressions_end(function: str) -> None:
    end = "" if function == "match" else "[cd]"
    expression = parse_expression(f"$.items[?{function}(@.name, '{ENDLESS.strip('^$')}{end}')].id")
    with pytest.raises(ValueError, match="took too long and was given up"):
        expression.first({"items": [{"name": LONG, "id": 1}]})


@pytest.mark.parametrize(
    ("filter_", "selected"),
    [
        ("match(@.a, 'a.c')", 1),
        ("match(@.a, 'a\\\\.c')", 2),
        ("search(@.a, '[.]c')", 2),
        ("match(@.a, '.*\\\\p{Lu}.*')", 4),
        ("match(@.a, 'x.y')", None),
        ("match(@.a, '(?i)A.C')", None),
    ],
)
def test_functions_of_path_expressions_are_those_of_the_standard(filter_: str, selected: int | None) -> None:
    items = [{"a": text, "id": number} for number, text in enumerate(["abc", "a.c", "x\ny", "zÄz", 5], start=1)]
    found = parse_expression(f"$[?{filter_}].id").first(items)
    assert (found or None) == selected


def test_a_pattern_is_what_the_engine_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain ones are told without it."""
    parts = [*"^$.*+?-,()|]{}", "a", "Z", "0", "_", " ", "/", "{2}", "{1,}", "{3,1}", "[a-z]", "[^0-9a-f-]", "[A-Z"]
    parts += [r"\d", r"\w", r"\.", "\\", r"[\w.-]", "[z-a]", "[", "a-z", "A-Z", "0-9", "(?:", "{e}", "{i}"]
    chosen = random.Random(20)
    texts = sorted({"".join(chosen.choices(parts, k=chosen.randint(0, 7))) for _ in range(20_000)})
    assert [text for text in texts[::20] if is_pattern(text) != compiles(text)] == []
    monkeypatch.setattr(keyword_forms, "Pattern", no_engine)
    plain = [text for text in texts if is_pattern(text)]
    assert [text for text in plain if not compiles(text)] == []
    assert len(plain) > 1000


def no_engine(text: str) -> None:
    raise ValueError(text)


def compiles(text: str) -> bool:
    try:
        Pattern(text)
    except ValueError:
        return False
    return True

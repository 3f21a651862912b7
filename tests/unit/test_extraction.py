"""Path expressions: RFC 9535, and what real docs write beside it."""

from __future__ import annotations

import pytest
import yaml
from corpus_folder import corpus_files, needs_corpus

from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.extraction import NOTHING, parse_expression

RESPONSE: JSONValue = {
    "data": {
        "uid": "u1",
        "nothing": None,
        "clients": [
            {"id": 1, "bookings": 0, "tags": []},
            {"id": 2, "bookings": 3, "tags": [["a", "b"]]},
            {"id": 3, "bookings": 9},
        ],
    }
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$.data.uid", "u1"),
        ("  $.data.uid  ", "u1"),
        ("$['data']['uid']", "u1"),
        ("$.data.clients[-1].id", 3),
        ("$.data.clients[*].id", 1),
        ("$..id", 1),
        ("$.data.clients[?@.bookings > 0].id", 2),
        ("$.data.nothing", None),
        ("data.uid", "u1"),
        ("data.clients[1].id", 2),
        ("['data'].uid", "u1"),
        ("..id", 1),
    ],
)
def test_the_first_selected_node_is_taken(expression: str, expected: JSONValue) -> None:
    assert parse_expression(expression).first(RESPONSE) == expected


def test_a_path_without_dollar_may_begin_with_an_index() -> None:
    assert parse_expression("[0].uid").first([{"uid": "first"}, {"uid": "second"}]) == "first"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$.data.clients[?(@.bookings > 0)].id | [0]", 2),
        ("$.data.clients[?@.bookings > 5 || @.bookings == 3].id | [0]", 2),
        ("$.data.clients[?(@.bookings > 0)][0].id", 2),
        ("$.data.clients[?(@.bookings > 0)][0]['tags'][0][1]", "b"),
        ("$.data.clients[?(@.bookings > 0)] [ 0 ].id", 2),
        ("$.data.clients[?@.bookings > 0][0][?@[0]][0][0][0]", "a"),
        ("$..[?@.bookings > 0][0].id", 2),
        ("$.data.clients[?@.tags][?@.bookings][0]", NOTHING),
        ("$.data.clients[?@.id == 9][0].tags[?@][0]", NOTHING),
    ],
)
def test_index_zero_after_a_filter_means_the_first_match(expression: str, expected: JSONValue) -> None:
    assert parse_expression(expression).first(RESPONSE) == expected


def test_a_filter_behind_a_first_match_still_sees_the_whole_value() -> None:
    value: JSONValue = {"wanted": "b", "rows": [{"cells": [{"id": "a"}, {"id": "b", "n": 1}]}]}
    assert parse_expression("$.rows[?@.cells][0].cells[?@.id == $.wanted][0].n").first(value) == 1


@pytest.mark.parametrize("name", ["it's", 'a "b"', "back\\slash", "]", "[?", "\n\t\0", "ключ", "\U0001f600", "\ud800"])
def test_the_first_match_may_stand_under_any_name(name: str) -> None:
    assert parse_expression("$[?@.x][0].x").first({name: {"x": 7}}) == 7


def test_brackets_and_question_marks_in_names_are_text() -> None:
    value: JSONValue = {"a?": [[5]], "x]": {"y[?": [{"z": 1}, {"z": 2}]}}
    assert parse_expression("$['a?'][0][0]").first(value) == 5
    assert parse_expression("$['x]']['y[?'][?@.z > 1][0].z").first(value) == 2
    assert parse_expression("$[\"x]\"][?@[?@['z'] == 2]][0].z | [0]").first(value) is NOTHING


def test_an_index_that_follows_no_filter_is_an_index() -> None:
    assert parse_expression("$.data.clients[0].tags[0]").first(RESPONSE) is NOTHING
    assert parse_expression("$[?@.a][1]").first([{"a": 1}, {"a": 2}]) is NOTHING


@pytest.mark.parametrize("expression", ["$.data.absent", "$.data.uid.deeper", "$.data.clients[9]", "$.data[?@.x == 1]"])
def test_nothing_selected_is_not_null(expression: str) -> None:
    selected = parse_expression(expression).first(RESPONSE)
    assert selected is NOTHING
    assert not selected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$.data.absent || 'none yet'", "none yet"),
        ('$.data.absent || "it\'s | here"', "it's | here"),
        (r"$.data.absent || 'it\'s'", "it's"),
        ("$.data.clients[?@.id == 9].id | [0] || ''", ""),
        ("$.data.nothing || 'instead of null'", "instead of null"),
        ("$.data.uid || 'unused'", "u1"),
        ("$.data.clients[0].bookings || 'unused'", 0),
    ],
)
def test_a_default_stands_in_for_nothing_and_null(expression: str, expected: JSONValue) -> None:
    assert parse_expression(expression).first(RESPONSE) == expected


def test_a_bare_variable_is_an_alias() -> None:
    expression = parse_expression("{{ client.uids[0] }}")
    assert expression.alias == "client.uids[0]"
    assert expression.first(RESPONSE) is NOTHING
    assert parse_expression("$.data.uid").alias is None


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("$.data.first-name", 13, "['first-name']"),
        ("$.data[?@.a = 1]", 13, "equality is written =="),
        ("$.data[?@.a =~ /x/]", 13, "match(@.name, 'pattern')"),
        ("$.data[(@.length-1)]", 8, "the last item is [-1]"),
        ("Already resolved from config", 9, "expected"),
        ("  data uid", 8, "expected"),
        ("$.data[", 8, "it ends before it is complete"),
        ("  $.data[?@.a ==  ", 17, "it ends before it is complete"),
        ("$.data[?length(@.a-b) > 1]", 19, "['first-name']"),
        ("$.data[?size(@) > 1]", 9, "size"),
        ("@.uid", 1, "@"),
        ("", 1, "empty"),
        ("$.data | [1]", 8, "'| [0]' (the first match)"),
        ("$.data || other", 8, "a default"),
        ("$.data.uid | slice: 4", 12, "may follow"),
        ("{{ uid | slice: -4 }}", 1, "filters are not supported"),
        ("$.data[?@.uid == '{{uid}}']", 19, "it is not filled into a path"),
        ("x{{uid}}", 2, "stand alone"),
        ("{{}}", 1, "stand alone"),
    ],
)
def test_what_is_no_expression_is_refused_with_position_and_advice(expression: str, position: int, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_expression(expression)
    message = str(caught.value)
    assert f"at character {position}:" in message
    assert reason in message
    assert expression.strip() in message


def test_an_expression_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="not a path expression"):
        parse_expression("$[?" + "(" * 5000)


@pytest.mark.parametrize("text", ["{{" + " " * 100_000, "{{" + "a " * 50_000, "{" * 100_000])
def test_a_long_text_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match="stand alone"):
        parse_expression(text)


def test_descending_into_an_abyss_is_told() -> None:
    value: JSONValue = 1
    for _ in range(300):
        value = [value]
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_expression("$..id").first(value)


def _extracts_of_the_corpus() -> list[str]:
    expressions = []
    for file in corpus_files("**/*.md"):
        for fence in file.read_text(encoding="utf-8").split("```yaml")[1:]:
            try:
                block = yaml.safe_load(fence.partition("```")[0])
            except yaml.YAMLError:
                continue
            steps = block.get("steps") if isinstance(block, dict) else None
            for step in steps or ():
                expressions += (step.get("extract") or {}).values()
    return expressions


@needs_corpus
def test_every_extract_of_the_corpus_parses() -> None:
    expressions = _extracts_of_the_corpus()
    assert expressions
    refused = []
    for expression in expressions:
        try:
            parse_expression(expression)
        except ValueError as error:
            refused.append(str(error))
    assert refused == []

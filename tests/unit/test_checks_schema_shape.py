"""JSON Schema, the shape of examples, and known issues."""

from __future__ import annotations

import json
from typing import Any

import pytest
from checked_answers import AT, answered, pointers, told
from jsonschema import Draft202012Validator

from pytest_endpoint_docs.checks import schema_check
from pytest_endpoint_docs.checks.checking import run_checks
from pytest_endpoint_docs.checks.schema_check import SchemaCheck
from pytest_endpoint_docs.checks.schema_verdicts import compile_verdict
from pytest_endpoint_docs.checks.standard import check_shape, standard_checks
from pytest_endpoint_docs.model.body import ExampleResponse
from pytest_endpoint_docs.model.doc import KnownIssue
from pytest_endpoint_docs.model.source import Mismatch

CLIENT = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "born": {"type": "string", "format": "date-time"},
        "kind": {"enum": ["lead", "customer"]},
        "age": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
    "additionalProperties": False,
}


def violations(schema: Any, content: Any) -> list[Mismatch]:
    return SchemaCheck()(answered(content, schema=schema))


def test_an_answer_that_conforms() -> None:
    content = {"id": "1", "name": "A", "email": "a@example.com", "born": "2026-01-02T03:04:05Z", "tags": []}
    assert violations(CLIENT, content) == []


def test_null_where_openapi_would_allow_it() -> None:
    found = violations({"properties": {"id": {"type": "string", "nullable": True}}}, {"id": None})
    assert [told(each) for each in found] == [
        (
            "/id",
            "has another type (`nullable` is not a keyword of JSON Schema: list `null` in `type`)",
            "string",
            "null",
        )
    ]
    assert "nullable" not in str(violations({"type": "string", "nullable": True}, 5))


@pytest.mark.parametrize(
    ("change", "mismatch"),
    [
        ({"id": 7}, ("/id", "has another type", "string", "7 (integer)")),
        ({"email": "nobody"}, ("/email", "violates format", "the format email", '"nobody" (string)')),
        ({"born": "yesterday"}, ("/born", "violates format", "the format date-time", '"yesterday" (string)')),
        ({"kind": "x"}, ("/kind", "is not among the documented values", 'one of "lead", "customer"', '"x" (string)')),
        ({"age": -1}, ("/age", "violates minimum", "at least 0", "-1 (integer)")),
        ({"tags": ["a", 2]}, ("/tags/1", "has another type", "string", "2 (integer)")),
        ({"more": 1}, ("/more", "is not documented", "absent", "1 (integer)")),
    ],
)
def test_each_violation_at_its_place(change: dict[str, Any], mismatch: tuple[str, ...]) -> None:
    assert [told(found) for found in violations(CLIENT, {"id": "1", "name": "A"} | change)] == [mismatch]


def test_a_schema_is_compiled_once_and_explained_by_one_validator(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many docs write the same schema down, each with lines of its own."""
    compiled: list[Any] = []
    checked: list[Any] = []

    def compile_counted(schema: Any) -> Any:
        compiled.append(schema)
        return compile_verdict(schema)

    def check_counted(schema: Any, *_: Any, **__: Any) -> None:
        checked.append(schema)

    monkeypatch.setattr(schema_check, "compile_verdict", compile_counted)
    monkeypatch.setattr(Draft202012Validator, "check_schema", check_counted)
    check = SchemaCheck()
    for number in range(20):
        content = {"id": "1", "name": "A"} if number % 2 else {"id": number}
        check(answered(content, schema=json.loads(json.dumps(CLIENT))))
    assert (compiled, checked) == ([CLIENT], [CLIENT])


def test_answers_that_fit_need_no_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_check, "errors_of", None)
    assert violations(CLIENT, {"id": "1", "name": "A"}) == []


def test_of_many_schemas_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_check, "_KEPT_MAX", 2)
    check = SchemaCheck()
    for limit in (1, 2, 3, 1):
        assert pointers(check(answered("abcd", schema={"maxLength": limit}))) == [""]


@pytest.mark.parametrize(("value", "fits"), [(19.99, True), (0.3, True), (1e300, True), (19.999, False), (-0.01, True)])
def test_fractions_are_divided_as_people_do(value: float, *, fits: bool) -> None:
    assert (violations({"multipleOf": 0.01}, value) == []) is fits


def test_all_violations_are_reported_once() -> None:
    found = violations({"type": "array", "items": CLIENT}, [{"id": 1, "x": 1}, {}])
    assert pointers(found) == ["/0/name", "/0/x", "/0/id", "/1/id", "/1/name"]


def test_of_alternatives_the_closest_one_is_told() -> None:
    schema = {
        "oneOf": [
            {"type": "object", "required": ["card"], "properties": {"card": {"type": "object"}}},
            {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}},
            {"type": "null"},
        ]
    }
    (mismatch,) = violations(schema, {"iban": 5})
    assert told(mismatch) == (
        "/iban",
        "has another type (closest of 3 alternatives: number 2)",
        "string",
        "5 (integer)",
    )


def test_several_alternatives_at_once() -> None:
    (mismatch,) = violations({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 5)
    assert mismatch.message == "matches several alternatives where only one may match"


def test_draft_4_by_its_dialect() -> None:
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 5, "exclusiveMaximum": True}
    assert pointers(violations(schema, 5)) == [""]
    assert violations(schema, 4) == []


def test_local_references_work_and_remote_ones_are_not_followed() -> None:
    local = {"$defs": {"name": {"type": "string"}}, "properties": {"name": {"$ref": "#/$defs/name"}}}
    assert pointers(violations(local, {"name": 1})) == ["/name"]
    (mismatch,) = violations({"$ref": "http://127.0.0.1:9/schema.json"}, {})
    assert "leads nowhere" in mismatch.message


def test_a_schema_that_is_none() -> None:
    (mismatch,) = violations({"type": "text"}, {})
    assert mismatch.message.startswith("the schema itself is not valid")


def test_a_recursive_schema_follows_an_answer_as_deep_as_answers_are_read() -> None:
    node = {"properties": {"below": {"allOf": [{"$ref": "#/$defs/Node"}]}, "end": {"type": "integer"}}}
    content: dict[str, Any] = {"end": "x"}
    for _ in range(190):
        content = {"below": content}

    found = violations({"$ref": "#/$defs/Node", "$defs": {"Node": node}}, content)
    assert [mismatch.pointer for mismatch in found] == ["/below" * 190 + "/end"]


def test_a_schema_that_never_ends() -> None:
    (mismatch,) = violations({"$ref": "#"}, {})
    assert "references are circular" in mismatch.message


@pytest.mark.parametrize(
    ("status", "is_subject"), [(404, True), (200, False)], ids=["an error answer", "another request"]
)
def test_the_docs_schema_is_for_its_own_success_answer(status: int, *, is_subject: bool) -> None:
    assert SchemaCheck()(answered({}, schema=CLIENT, status=status, is_subject=is_subject)) == []


def test_a_steps_schema_is_for_any_answer_of_it() -> None:
    expect = {"schema": CLIENT, "has_schema": True}
    assert pointers(SchemaCheck()(answered({}, expect=expect, status=404, is_subject=False))) == ["/id", "/name"]


def test_a_schema_and_an_answer_that_is_not_json() -> None:
    (mismatch,) = SchemaCheck()(answered(b"", schema=CLIENT))
    assert (mismatch.message, mismatch.actual) == ("is not JSON", "no content")


def example(body: Any, status: int | None = None, *, is_error: bool = False) -> ExampleResponse:
    return ExampleResponse(status=status, body=body, location=AT, is_error=is_error)


def shape(content: Any, *examples: ExampleResponse, **given: Any) -> list[Mismatch]:
    return check_shape(answered(content, examples=examples, **given))


def test_the_shape_is_keys_and_types() -> None:
    documented = {"data": {"id": "x", "price": 5, "tags": ["a"], "owner": None, "items": []}}
    assert (
        shape(
            {"data": {"id": "y", "price": 1.5, "tags": [], "owner": {"a": 1}, "items": [1], "new": True}},
            example(documented),
        )
        == []
    )
    found = shape({"data": {"id": 1, "price": "5", "tags": ["a", 2], "owner": 3}}, example(documented))
    assert [told(mismatch) for mismatch in found] == [
        ("/data/id", "has another type than in the example", "string", "1 (integer)"),
        ("/data/price", "has another type than in the example", "number", '"5" (string)'),
        ("/data/tags/1", "has another type than in the example", "string", "2 (integer)"),
        ("/data/items", "is missing", "array", "missing from an object with id, price, tags, owner"),
    ]


def test_the_first_element_of_a_list_is_the_shape_of_all() -> None:
    found = shape([{"a": 1}, {"a": "x"}, {}], example([{"a": 1}, {"b": 2}]))
    assert pointers(found) == ["/1/a", "/2/a"]


@pytest.mark.parametrize(
    ("documented", "given"),
    [
        pytest.param(example({"a": 1}, 201), {"status": 200}, id="for another status"),
        pytest.param(example({"a": 1}), {"status": 404}, id="of a success, for an error"),
        pytest.param(example({"a": 1}, is_error=True), {"status": 200}, id="of an error, for a success"),
        pytest.param(example({"a": 1}), {"schema": {}}, id="beside a schema"),
        pytest.param(example({"a": 1}), {"is_subject": False}, id="of another request"),
    ],
)
def test_an_example_that_does_not_count(documented: ExampleResponse, given: dict[str, Any]) -> None:
    assert shape([], documented, **given) == []


def test_one_matching_example_is_enough() -> None:
    assert shape({"b": 1}, example({"a": 1}), example({"b": 2})) == []


def test_an_example_of_the_very_status_counts_for_errors_too() -> None:
    found = shape({"error": 1}, example({"error": "x"}, 422, is_error=True), status=422)
    assert pointers(found) == ["/error"]


def known(path: str, ticket: str | None = None) -> KnownIssue:
    return KnownIssue(path=path, reason="old data", ticket=ticket, location=AT)


def test_known_issues_do_not_fail() -> None:
    schema = {"properties": {"offers": {"items": {"properties": {"type": {"const": "app"}}}}}}
    content = {"offers": [{"type": "app"}, {"type": "seat"}], "total": 1}
    given = answered(content, schema=schema, known=(known("/offers/*/type", "T-1"),))
    (mismatch,) = run_checks(given, standard_checks())
    assert (mismatch.pointer, mismatch.severity, mismatch.known) == ("/offers/1/type", "known", "old data (T-1)")


@pytest.mark.parametrize("path", ["/offers/*", "/offers/*/type/x", "/*", "/offers/0/type", ""])
def test_a_known_issue_elsewhere_leaves_a_mismatch_as_it_is(path: str) -> None:
    schema = {"properties": {"offers": {"items": {"properties": {"type": {"const": "app"}}}}}}
    given = answered({"offers": [{"type": "app"}, {"type": "seat"}]}, schema=schema, known=(known(path),))
    (mismatch,) = run_checks(given, standard_checks())
    assert mismatch.severity == "fail"


def test_a_status_is_never_a_known_issue() -> None:
    (mismatch,) = run_checks(answered({}, status=500, known=(known(""),)), standard_checks())
    assert mismatch.severity == "fail"


def test_any_callable_is_a_check() -> None:
    found = Mismatch(check="openapi", message="is not described", pointer="/x")
    assert run_checks(answered({}), (lambda _: [found],)) == (found,)


def test_a_pattern_is_that_of_ecma_262() -> None:
    letters = {"pattern": r"^\p{L}+$"}
    assert violations(letters, "Ärger") == []
    assert [one.kind for one in violations(letters, "1")] == ["constraint"]

"""What is wrong is a value of a mismatch, whoever found it and however it is worded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from checked_answers import AT, MISSING, answered
from openapi_library import answer, with_schema

from pytest_endpoint_docs.checks.checking import line_of, run_checks
from pytest_endpoint_docs.checks.standard import standard_checks
from pytest_endpoint_docs.model.body import ExampleResponse
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.redaction.redactor import Redactor

SCHEMAS: list[tuple[dict[str, Any], Any, str]] = [
    ({"type": "string"}, 5, "type"),
    ({"enum": ["a", "b"]}, "c", "enum"),
    ({"const": "a"}, "c", "enum"),
    ({"type": "string", "format": "date"}, "soon", "format"),
    ({"type": "integer", "maximum": 4}, 5, "constraint"),
    ({"type": "string", "pattern": "^a"}, "b", "constraint"),
]


def kinds(content: Any, **documented: Any) -> set[tuple[str, str]]:
    given = answered(content, **documented)
    return {(found.check, found.kind) for found in run_checks(given, standard_checks())}


@pytest.mark.parametrize(
    ("expect", "content", "found"),
    [
        ({"statuses": (404,)}, {}, ("status", "status")),
        ({"headers": {"X-A": "1"}}, {}, ("header", "missing")),
        ({"headers": {"Content-Type": "text/plain"}}, {}, ("header", "value")),
        ({"headers": {"Content-Type": None}}, {}, ("header", "unexpected")),
        ({"has_body": True, "body": {"a": 1}}, {}, ("body", "missing")),
        ({"has_body": True, "body": [1, 2]}, [1], ("body", "missing")),
        ({"has_body": True, "body": {"a": 1}}, {"a": "1"}, ("body", "type")),
        ({"has_body": True, "body": {"a": 1}}, {"a": 2}, ("body", "value")),
        ({"has_body": True, "body": {"a": 1}}, b"a", ("body", "not-json")),
    ],
)
def test_kinds_of_expectations(expect: dict[str, Any], content: Any, found: tuple[str, str]) -> None:
    assert kinds(content, expect=expect) == {found}


@pytest.mark.parametrize(("schema", "content", "kind"), SCHEMAS)
def test_kinds_of_schemas(schema: dict[str, Any], content: Any, kind: str) -> None:
    whole = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}

    assert kinds({"a": content}, schema=whole) == {("schema", kind)}
    assert kinds({}, schema=whole) == {("schema", "missing")}
    assert kinds(b"a", schema=whole) == {("schema", "not-json")}
    assert kinds({"a": content, "b": 1}, schema=whole) == {("schema", kind), ("schema", "undescribed")}


def test_kinds_of_schemas_that_are_none() -> None:
    assert kinds({}, schema={"type": "thing"}) == {("schema", "fault")}
    assert kinds({"a": 1}, schema={"properties": {"a": False}}) == {("schema", "unexpected")}


@pytest.mark.parametrize(
    ("content", "kind"), [({}, "missing"), ({"a": "1"}, "type"), (b"a", "not-json"), (MISSING, "not-json")]
)
def test_kinds_of_shapes(content: Any, kind: str) -> None:
    example = ExampleResponse(status=None, body={"a": 1}, location=AT)

    assert kinds(content, examples=(example,)) == {("shape", kind)}


@pytest.mark.parametrize(
    ("content", "status", "headers", "kind"),
    [
        ({"a": 5}, 500, {}, "status"),
        ({"a": "5", "b": 1}, 200, {}, "undescribed"),
        ({}, 200, {}, "missing"),
        (b"<p>", 200, {}, "not-json"),
        (b"<p>", 200, {"Content_Type": "text/html"}, "media-type"),
    ],
)
def test_kinds_of_descriptions(tmp_path: Path, content: Any, status: int, headers: dict[str, str], kind: str) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    descriptions, operation = with_schema(tmp_path, schema)
    found = ResponseCheck(descriptions).mismatches(operation, answer(content, status, **headers), Redactor())

    assert [mismatch.kind for mismatch in found] == [kind]


@pytest.mark.parametrize(("schema", "content", "kind"), SCHEMAS)
def test_kinds_of_described_schemas(tmp_path: Path, schema: dict[str, Any], content: Any, kind: str) -> None:
    descriptions, operation = with_schema(tmp_path, schema)
    found = ResponseCheck(descriptions).mismatches(operation, answer(content), Redactor())

    assert [mismatch.kind for mismatch in found] == [kind]


@pytest.mark.parametrize(
    ("mismatch", "line"),
    [
        (
            Mismatch(
                check="openapi", kind="status", message="status 401 is not described", expected="200", actual="401"
            ),
            "status 401 is not described: expected 200, got 401",
        ),
        (
            Mismatch(check="schema", kind="fault", message="the schema itself is not valid: it is not an object"),
            "the schema itself is not valid: it is not an object",
        ),
        (
            Mismatch(
                check="openapi",
                kind="missing",
                message="the answer has no content",
                expected="application/json",
                actual="no content",
            ),
            "the answer has no content: expected application/json, got no content",
        ),
        (
            Mismatch(
                check="openapi",
                kind="missing",
                pointer="X-Rate",
                message="the header field is missing",
                expected="present",
                actual="missing",
            ),
            "X-Rate: the header field is missing: expected present, got missing",
        ),
        (
            Mismatch(check="schema", kind="type", message="has another type", expected="object", actual="[] (array)"),
            "the body has another type: expected object, got [] (array)",
        ),
        (
            Mismatch(
                check="schema",
                kind="missing",
                pointer="/uptime",
                message="is missing",
                expected="present",
                actual="missing from an object with ok",
            ),
            "/uptime is missing from an object with ok",
        ),
        (
            Mismatch(
                check="body",
                kind="missing",
                pointer="/uptime",
                message="is missing",
                expected="5 (integer)",
                actual="missing from an object with ok",
            ),
            "/uptime is missing from an object with ok: expected 5 (integer)",
        ),
    ],
)
def test_a_mismatch_in_one_line_names_its_place_where_it_has_one(mismatch: Mismatch, line: str) -> None:
    assert line_of(mismatch) == line

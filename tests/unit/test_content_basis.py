"""What an answer is held against, and when that is too little."""

from __future__ import annotations

from typing import Any

import pytest
from checked_answers import answered

from pytest_endpoint_docs.checks.content_basis import TOO_LITTLE, check_demand, checked_parts
from pytest_endpoint_docs.checks.standard import check_body
from pytest_endpoint_docs.model.source import is_status_alone

OPEN: dict[str, Any] = {
    "properties": {"id": {"description": "a number"}},
    "patternProperties": {},
    "additionalProperties": True,
    "required": [],
    "items": {},
    "allOf": [{"title": "A thing"}],
    "minProperties": 0,
    "if": {"type": "object"},
}


def expected(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, **{f"has_{name}": True for name in given}}


@pytest.mark.parametrize(
    ("content", "expect", "parts"),
    [
        (None, {"body": None}, ("status", "values")),
        ({"id": 1}, {"body": None}, ("status", "values")),
        (None, {}, ("status",)),
        ({"id": 1}, {"body": {}}, ("status",)),
        ([], {"body": []}, ("status",)),
        ({"id": 1}, {"body": {"id": 1}}, ("status", "values")),
        ({"id": 1}, {"schema": True}, ("status",)),
        ({"id": 1}, {"schema": {"type": "object"}}, ("status", "schema")),
        ({"id": 1}, {"schema": {"minProperties": 1}}, ("status", "schema")),
        ({"id": 1}, {"schema": {"const": {"id": 1}}}, ("status", "schema")),
        ({"id": 1}, {"schema": {"title": "A thing", "description": "It has an id", "example": {"id": 7}}}, ("status",)),
        ({"id": 1}, {"schema": {"$defs": {"a": {"type": "string"}}, "x-note": "for people", "remark": 5}}, ("status",)),
        ({"id": 1}, {"schema": OPEN}, ("status",)),
        ({"id": 1}, {"schema": {**OPEN, "properties": {"id": {"minimum": 0}}}}, ("status", "schema")),
        ({"id": 1}, {"schema": {**OPEN, "required": ["id"]}}, ("status", "schema")),
        ({"id": 1}, {"schema": {**OPEN, "additionalProperties": {"type": "integer"}}}, ("status", "schema")),
        ([1], {"schema": {"allOf": [{}, {"contains": {}}]}}, ("status", "schema")),
        (b"", {}, ("status", "no-content")),
        (b"", {"body": None}, ("status", "values")),
    ],
)
def test_what_fits_every_answer_documents_nothing(content: Any, expect: dict[str, Any], parts: tuple[str, ...]) -> None:
    given = answered(content, expect=expected(expect))
    assert checked_parts(given) == parts
    demanded = [mismatch.message for mismatch in check_demand(given, checked_parts(given))]
    assert demanded == ([TOO_LITTLE] if parts == ("status",) else [])
    assert is_status_alone(checked_parts(given)) is bool(demanded)


def test_an_expected_null_is_a_value() -> None:
    """``expect: {body: null}`` passes with ``null`` alone."""
    assert check_body(answered(None, expect=expected({"body": None}))) == []
    (found,) = check_body(answered({"id": 1}, expect=expected({"body": None})))
    assert (found.kind, found.expected) == ("type", "null")

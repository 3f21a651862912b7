"""Failures by what they have in common."""

from __future__ import annotations

from typing import Any

from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.failure_causes import render_failure_causes


def item(number: int, root_cause: str, **more: Any) -> ItemRecord:
    text = Redactor().text(root_cause)
    return ItemRecord(
        nodeid=f"n{number}",
        doc=f"{number}.md",
        line=2,
        endpoint="GET /things",
        kind="main",
        **{"outcome": "failed", "verdict": f"{number}.md:{number}: step main: {text}", "root_cause": text, **more},
    )


def test_a_server_that_is_down_is_one_cause() -> None:
    items = [
        item(1, "http://127.0.0.1:9/things: connection refused"),
        item(2, "http://127.0.0.1:9/others?x=1: connection refused"),
        item(3, "http://127.0.0.1:9/things/7: connection refused", outcome="error"),
        item(4, "expected status 200, got 404 Not Found"),
    ]

    assert list(render_failure_causes(items)) == [
        "failures with one cause:",
        "  3 items: http://127.0.0.1:9: connection refused",
    ]


def test_a_place_in_a_description_is_one_cause() -> None:
    def wrong(number: int) -> MismatchRecord:
        return MismatchRecord(
            check="openapi",
            message="has another type than described",
            kind="type",
            pointer=f"/{number}/id",
            source="things.yaml#/components/schemas/Thing/properties/id/type",
        )

    items = [item(number, f"/{number}/id ...", mismatches=(wrong(number),)) for number in range(3)]

    assert list(render_failure_causes(items))[1:] == [
        "  3 items: /*/id has another type than described, at things.yaml#/components/schemas/Thing/properties/id/type"
    ]


def test_what_two_items_share_and_what_passes_is_not_told() -> None:
    items = [item(1, "no"), item(2, "no"), item(3, "no", outcome="passed")]

    assert list(render_failure_causes(items)) == []

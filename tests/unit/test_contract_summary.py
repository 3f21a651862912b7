"""What a run says of violations that only warn."""

from __future__ import annotations

from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.contract_summary import render_warned


def test_each_is_told_with_its_own_line_or_that_of_its_item() -> None:
    message = Redactor().text("is new")
    found = (
        MismatchRecord(check="shape", message=message, severity="warn", location="a.md:9"),
        MismatchRecord(check="T1", message=message, severity="warn"),
        MismatchRecord(check="shape", message=message, severity="warn", known="SB-1"),
        MismatchRecord(check="shape", message=message),
    )
    item = ItemRecord(
        nodeid="n", doc="a.md", line=2, endpoint="GET /a", kind="main", outcome="passed", mismatches=found
    )
    assert render_warned([item]) == (
        "2 violations, reported as warnings only:",
        ["  a.md:9: is new", "  a.md:2: is new"],
    )

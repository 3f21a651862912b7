"""Findings by what causes them."""

from __future__ import annotations

from pytest_endpoint_docs.drift.causes import drift_causes
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.model.source import SourceLocation


def missing(pointer: str) -> DriftFinding:
    return DriftFinding(
        kind="body-property-missing",
        message=f"{pointer} is missing",
        location=SourceLocation("a.md", 9),
        doc="a.md",
        operation="POST /things",
        step="main",
        phase="main",
        pointer=pointer,
    )


def test_names_with_dots_and_slashes_stand_as_they_are_written() -> None:
    (cause,) = drift_causes([missing("/body/config.params"), missing("/body/a~1b"), missing("/body/deep/name")])
    assert cause.message == "POST /things: 3 properties of the body are missing: config.params, a/b, deep.name"

"""Findings by what causes them."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.drift.causes import drift_causes
from pytest_endpoint_docs.drift.drift_finding import DriftFinding, Side
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


def undescribed(kind: str, doc: str, actual: str, alone: Side = "") -> DriftFinding:
    return DriftFinding(
        kind=kind,
        message=f"expected status {actual} is not described" if kind == "status-undeclared" else "not described",
        location=SourceLocation(doc, 9),
        doc=doc,
        operation="GET /things",
        pointer="/status/2XX" if kind == "status-undeclared" else "/query/state",
        expected="200",
        actual=actual,
        alone=alone,
    )


def test_docs_that_expect_different_statuses_do_not_agree() -> None:
    found = [undescribed("status-undeclared", f"{code}.md", code) for code in ("201", "202", "204")]
    assert [(cause.docs, cause.to_mend) for cause in drift_causes(found)] == [
        (("201.md",), ""),
        (("202.md",), ""),
        (("204.md",), ""),
    ]


@pytest.mark.parametrize("kind", ["status-undeclared", "enum"])
def test_docs_that_agree_say_that_the_description_is_to_be_mended(kind: str) -> None:
    (cause,) = drift_causes([undescribed(kind, f"{name}.md", "201") for name in "abc"])
    assert cause.to_mend == "3 docs have it, and no description does: correct the description"


def test_docs_with_different_values_are_one_cause_and_do_not_agree() -> None:
    (cause,) = drift_causes([undescribed("enum", f"{name}.md", name) for name in "abc"])
    assert len(cause.docs) == 3
    assert cause.to_mend == ""


@pytest.mark.parametrize(("alone", "is_to_mend"), [("doc", False), ("server", False), ("description", True)])
def test_the_server_has_the_last_word(alone: Side, is_to_mend: bool) -> None:
    (cause,) = drift_causes([undescribed("status-undeclared", f"{name}.md", "201", alone) for name in "abc"])
    assert bool(cause.to_mend) == is_to_mend


def test_findings_with_different_verdicts_stand_apart() -> None:
    found = [undescribed("enum", "a.md", "x", "doc"), undescribed("enum", "b.md", "x", "description")]
    assert [cause.docs for cause in drift_causes(found)] == [("a.md",), ("b.md",)]

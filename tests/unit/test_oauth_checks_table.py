"""docs/oauth-checks.md and the checks say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_endpoint_docs.oauth.checks.catalogue import CHECK_IDS, CHECKS
from pytest_endpoint_docs.oauth.checks.check import Check, Level, cite

PAGE = Path(__file__).resolve().parents[2] / "docs" / "oauth-checks.md"


def rows() -> dict[str, list[str]]:
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in CHECK_IDS:
            found[cells[0]] = cells
    return found


def row_of(check: Check) -> list[str]:
    tolerated = "; ".join(f"`{tolerance.error}`: {tolerance.why}" for tolerance in check.tolerances)
    sections = tuple(dict.fromkeys(section for duty in check.duties.values() for section in duty.sections))
    levels = "/".join(level for level in Level if level in {duty.level for duty in check.duties.values()})
    return [check.id, check.title, cite(sections), check.sent, check.expected, levels, tolerated]


@pytest.mark.parametrize("check", CHECKS, ids=CHECK_IDS)
def test_the_page_has_the_checks_row(check: Check) -> None:
    assert rows().get(check.id) == row_of(check)


def test_ids_and_names_are_unique_and_in_order() -> None:
    assert [name for name in CHECK_IDS if name.startswith("T")] == [
        *("T1", "T2", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14"),
        *("T15", "T16", "T17", "T18", "T19", "T20", "T21", "T22"),
    ]
    assert CHECK_IDS[21:] == (
        *("P1", "P2", "P3", "A1", "A2", "A4", "A5", "A6", "A7", "A8", "A9"),
        *("R1", "R2", "R3", "R4", "R5", "I1", "I2", "I3", "I4"),
        *("N1", "N2", "N3", "V1", "V2", "V3", "V4", "V5"),
        *("U1", "U2", "U3", "U4", "U5", "D1", "D2", "D3", "D4", "D5"),
    )
    assert len({check.name for check in CHECKS}) == len(CHECKS)

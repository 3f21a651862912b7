"""Which docs of a run are stamped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_endpoint_docs.model.record import ItemRecord
from pytest_endpoint_docs.verification.doc_part import DocPart
from pytest_endpoint_docs.verification.evidence import contract_hash
from pytest_endpoint_docs.verification.stamping import Stamps, stamp_docs

TEXT = "---\nendpoint: POST /oauth/token\nstatus: skip\n---\n# Token\n"


@pytest.fixture
def doc(tmp_path: Path) -> Path:
    file = tmp_path / "token.md"
    file.write_text(TEXT, encoding="utf-8")
    return file


def stamped(doc: Path, *items: tuple[str, Any, Any]) -> Stamps:
    """What becomes of a doc whose items are (name, kind, outcome)."""
    names = tuple(name for name, _, _ in items)
    records, doc_parts = {}, {}
    for name, kind, outcome in items:
        records[name] = ItemRecord(
            nodeid=name,
            doc="token.md",
            line=1,
            endpoint="POST /oauth/token",
            kind=kind,
            outcome=outcome,
            started_at="2026-11-23T10:00:00Z",
        )
        doc_parts[name] = DocPart(
            file=str(doc),
            doc="token.md",
            endpoint="POST /oauth/token",
            contract_hash=contract_hash(TEXT),
            name=name,
            names=names,
            live=outcome == "passed",
        )
    return stamp_docs(records, doc_parts, tester="Ana")


def test_a_check_without_an_object_on_the_server_does_not_count(doc: Path) -> None:
    stamps = stamped(doc, ("main", "main", "passed"), ("T1", "check", "passed"), ("T20", "check", "skipped"))
    assert [stamp.doc for stamp in stamps.stamped] == ["token.md"]
    assert "verifiedAt: 2026-11-23T10:00:00Z\n" in doc.read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "outcome"), [("main", "skipped"), ("case", "skipped"), ("check", "failed")])
def test_anything_else_that_did_not_pass_does(doc: Path, kind: str, outcome: str) -> None:
    stamps = stamped(doc, ("main", "main", "passed"), ("other", kind, outcome))
    assert stamps.stamped == ()
    assert doc.read_text(encoding="utf-8") == TEXT

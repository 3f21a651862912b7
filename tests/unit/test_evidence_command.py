"""``endpoint-docs evidence``: the records of a doc for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_endpoint_docs.cli.main import main
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.verification.evidence import Evidence, EvidenceStore, StepEvidence, contract_hash

TEXT = "---\nendpoint: POST /payouts\ntags: [requires-manual-testing]\n---\n# Payouts\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "endpoints/sales").mkdir(parents=True)
    (tmp_path / "endpoints/sales/payout.md").write_text(TEXT)
    (tmp_path / "endpoints/sales/other.md").write_text("---\nendpoint: GET /other\n---\n")
    record = Evidence(
        doc="endpoints/sales/payout.md",
        endpoint="POST /payouts",
        contract_hash=contract_hash(TEXT),
        environment="staging",
        tester="Ana",
        at="2026-03-01T10:00:00Z",
        outcome="failed",
        steps=(StepEvidence(number=1, outcome="failed", at="2026-03-01T09:55:00Z", note="no mail"),),
    )
    EvidenceStore(tmp_path, Redactor()).write(record)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_records_of_a_doc(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "endpoints/sales/payout.md"]) == 0
    shown = capsys.readouterr().out
    assert "endpoints/sales/payout.md: POST /payouts" in shown
    assert "2026-03-01T10:00:00Z  failed  by Ana" in shown
    assert "environment staging; the doc is the same since" in shown
    assert "step 1: failed - no mail" in shown


def test_from_another_folder_the_records_are_the_same(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "endpoints")
    assert main(["evidence", "sales/payout.md"]) == 0
    assert "by Ana" in capsys.readouterr().out


def test_of_a_folder_only_docs_with_records(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "endpoints"]) == 0
    shown = capsys.readouterr().out
    assert "payout.md" in shown
    assert "other.md" not in shown


def test_a_doc_without_records_says_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "endpoints/sales/other.md"]) == 1
    assert "no evidence of a manual or consent run" in capsys.readouterr().out


def test_a_doc_that_changed_since_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "endpoints/sales/payout.md").write_text(TEXT + "\nAnother contract.\n")
    assert main(["evidence", "endpoints/sales/payout.md"]) == 0
    assert "the doc has changed since" in capsys.readouterr().out


def test_a_path_without_docs_is_wrong_usage(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "empty").mkdir()
    assert main(["evidence", "empty"]) == 2
    assert main(["evidence", "nowhere.md"]) == 2
    assert "nowhere.md: no such file or folder" in capsys.readouterr().err

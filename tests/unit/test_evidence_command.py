"""``endpoint-docs evidence``: the records of a doc for a person."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pytest_endpoint_docs.cli.main import main
from pytest_endpoint_docs.model.record import ExchangeRecord
from pytest_endpoint_docs.verification.evidence import (
    Evidence,
    ItemEvidence,
    StepEvidence,
    contract_hash,
)
from pytest_endpoint_docs.verification.evidence_store import EvidenceStore

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
    EvidenceStore(tmp_path).write(record)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_records_of_a_doc(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "endpoints/sales/payout.md"]) == 0
    shown = capsys.readouterr().out
    assert "endpoints/sales/payout.md: POST /payouts" in shown
    assert "2026-03-01T10:00:00Z  failed  by Ana" in shown
    assert "environment staging; the doc has not changed since" in shown
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


def test_an_overview_has_a_line_per_doc(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doc = project / "endpoints/sales/payout.md"
    (project / "endpoints/mail.md").write_text(TEXT.replace("/payouts", "/mail"))

    assert main(["evidence", "endpoints", "--format", "overview"]) == 0
    mail, payout = capsys.readouterr().out.splitlines()
    assert mail == "endpoints/mail.md          no evidence"
    assert re.fullmatch(r"endpoints/sales/payout.md  failed \d+ days ago by Ana \(manual run, staging\)", payout)

    doc.write_text(TEXT + "\nAnother sentence.\n")
    main(["evidence", "endpoints", "--format", "overview"])
    assert capsys.readouterr().out.splitlines()[1].endswith("(manual run, staging); the doc has changed since")


@pytest.mark.parametrize("kind", ["overview", "text"])
def test_docs_without_any_record_are_told(project: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    (project / "others").mkdir()
    (project / "others/a.md").write_text("---\nendpoint: GET /a\n---\n")
    assert main(["evidence", "others", "--format", kind]) == 1
    out, error = capsys.readouterr()
    assert (out, error) == ("", "no records: none of these docs (1) was run by hand or with a consent\n")


def test_json_has_the_whole_records(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "endpoints", "--format", "json"]) == 0
    (doc,) = json.loads(capsys.readouterr().out)["docs"]
    assert (doc["doc"], doc["endpoint"]) == ("endpoints/sales/payout.md", "POST /payouts")
    (record,) = doc["records"]
    assert (record["tester"], record["outcome"], record["doc_changed"]) == ("Ana", "failed", False)
    assert record["steps"][0]["note"] == "no mail"


def test_the_items_of_a_consent_run_and_their_exchanges(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exchanges = tuple(
        ExchangeRecord(phase="case", step="check", method="POST", url="https://as.example.com/token", status_code=code)
        for code in (200, 400, 500)
    )
    record = Evidence(
        doc="endpoints/sales/other.md",
        endpoint="GET /other",
        contract_hash="0",
        environment="staging",
        tester="Bo",
        at="2026-03-02T10:00:00Z",
        outcome="failed",
        kind="consent",
        items=(
            ItemEvidence(name="T4 single-use", outcome="passed", exchanges=(0, 1)),
            ItemEvidence(name="T15 expires", outcome="skipped", note="not run: nothing tells how long a code lives"),
        ),
        exchanges=exchanges,
    )
    EvidenceStore(project).write(record)

    assert main(["evidence", "endpoints/sales/other.md"]) == 0
    assert capsys.readouterr().out.splitlines()[-5:] == [
        "    T4 single-use: passed",
        "      POST https://as.example.com/token -> 200",
        "      POST https://as.example.com/token -> 400",
        "    T15 expires: skipped - not run: nothing tells how long a code lives",
        "    POST https://as.example.com/token -> 500",
    ]

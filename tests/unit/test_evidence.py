from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.doc import UNREAD, DocReader, EndpointDoc
from pytest_endpoint_docs.model.record import ExchangeRecord, ManualVerification
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation
from pytest_endpoint_docs.verification.evidence import (
    Evidence,
    EvidenceLog,
    StepEvidence,
    contract_hash,
    identify_tester,
    read_evidence,
)
from pytest_endpoint_docs.verification.evidence_store import EvidenceStore
from pytest_endpoint_docs.verification.evidence_text import DocEvidence, render_evidence
from pytest_endpoint_docs.verification.stamping import stamped_content

TEXT = (
    "---\nendpoint: POST /oauth/token\nstatus: verified\nsavedAt: 2026-01-01\ntimesReused: 1\n---\n# T\nverifiedAt: x\n"
)
DOC = EndpointDoc(
    file=Path("a.md"),
    path="endpoints/a.md",
    endpoint=Endpoint("POST", "/oauth/token"),
    location=SourceLocation("endpoints/a.md", 2),
    reader=DocReader(UNREAD, TEXT),
)
RECORD = Evidence(
    doc="endpoints/a.md",
    endpoint="POST /oauth/token",
    contract_hash=contract_hash(TEXT),
    environment="staging",
    tester="Ana <ana@example.com>",
    at="2026-03-01T10:00:00Z",
    started_at="2026-03-01T09:50:00Z",
    outcome="passed",
    note="used $PASSWORD to log in",
    versions={"pytest": "9.0"},
    steps=(StepEvidence(number=1, outcome="passed", at="2026-03-01T09:55:00Z", note="saw $PASSWORD é"),),
    exchanges=(ExchangeRecord(phase="main", step="x", method="POST", url="http://h/oauth/token", status_code=200),),
    screenshots=("shots/consent.png",),
)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path)


def test_a_record_is_read_back_as_it_was(store: EvidenceStore, tmp_path: Path) -> None:
    path = store.write(RECORD)
    assert path.parent == tmp_path / ".endpoint-docs/evidence/endpoints/a.md"
    assert path.name.startswith("20260301T100000Z-passed-")
    assert read_evidence(path) == RECORD


def test_every_run_has_a_file_of_its_own_newest_first(store: EvidenceStore) -> None:
    for at in ("2026-03-01T10:00:00Z", "2026-03-03T10:00:00Z", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"):
        store.write(replace(RECORD, at=at))
    assert [record.at[8:10] for record in store.log("endpoints/a.md").records] == ["03", "02", "02", "01"]
    assert store.log("endpoints/b.md") == EvidenceLog(records=())


def test_the_latest_record_in_short(store: EvidenceStore) -> None:
    assert store.latest(DOC) is None
    store.write(RECORD)
    store.write(replace(RECORD, at="2026-03-05T10:00:00Z", outcome="blocked"))
    assert store.latest(DOC) == ManualVerification(at="2026-03-05T10:00:00Z", by=RECORD.tester, outcome="blocked")
    changed = replace(DOC, reader=DocReader(UNREAD, TEXT + "more\n"))
    assert store.latest(changed) == replace(store.latest(DOC), doc_changed=True)  # type: ignore[type-var]


def test_a_damaged_record_is_named_and_hides_no_other(store: EvidenceStore) -> None:
    store.write(RECORD)
    store.folder_of("endpoints/a.md").joinpath("20270101T000000Z-passed-x.json").write_text("{")
    log = store.log("endpoints/a.md")
    assert len(log.records) == 1
    assert "20270101T000000Z-passed-x.json: not readable as evidence" in log.unreadable[0]
    assert store.latest(DOC) is not None
    assert "cannot be read: " in render_evidence(DocEvidence(doc=DOC, log=log))


@pytest.mark.parametrize("doc", ["../../etc/a.md", "/abs/a.md", "C:\\docs\\a.md"])
def test_records_never_leave_the_folder(store: EvidenceStore, tmp_path: Path, doc: str) -> None:
    path = store.write(replace(RECORD, doc=doc))
    assert path.resolve().is_relative_to(tmp_path / ".endpoint-docs/evidence")
    assert len(store.log(doc).records) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, "evidence of version 2, this release reads version 1"),
        ({"outcome": "fine"}, "outcome 'fine'; expected passed, failed or blocked"),
        ({"at": "noon"}, "not readable as evidence"),
        ({"steps": [1]}, "not readable as evidence"),
    ],
)
def test_a_wrong_record_is_refused(store: EvidenceStore, change: dict[str, object], message: str) -> None:
    path = store.write(RECORD)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ConfigError, match=message):
        read_evidence(path)


def test_stamps_leave_the_contract_as_it_is() -> None:
    stamped = stamped_content(TEXT.encode(), {"verifiedAt": "2026-03-01", "verifiedBy": "Ana"}, path="a").decode()
    assert stamped != TEXT
    assert contract_hash(stamped) == contract_hash(TEXT)
    assert contract_hash(TEXT.replace("timesReused: 1", "timesReused: 2")) == contract_hash(TEXT)
    assert contract_hash("\ufeff" + TEXT.replace("\n", "\r\n")) == contract_hash(TEXT)


@pytest.mark.parametrize(
    ("old", "new"), [("status: verified", "status: pending"), ("# T", "# U"), ("verifiedAt: x", "verifiedAt: y")]
)
def test_any_other_change_is_a_change_of_the_contract(old: str, new: str) -> None:
    assert contract_hash(TEXT.replace(old, new)) != contract_hash(TEXT)


def test_the_tester_is_who_the_option_says_or_who_git_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("LOGNAME", "ana-login")
    assert identify_tester(" QA ", tmp_path) == "QA"
    assert identify_tester(None, tmp_path) == "ana-login"
    for command in (["init", "-q"], ["config", "user.name", "Ana"], ["config", "user.email", "ana@example.com"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert identify_tester("", tmp_path) == "Ana <ana@example.com>"


def test_the_listing_says_who_when_what_and_whether_the_doc_changed() -> None:
    log = EvidenceLog(records=(RECORD, replace(RECORD, contract_hash="0", outcome="failed")))
    assert render_evidence(DocEvidence(doc=DOC, log=log)) == (
        "endpoints/a.md: POST /oauth/token\n"
        "\n"
        "  2026-03-01T10:00:00Z  passed  by Ana <ana@example.com>\n"
        "    manual run, environment staging; the doc has not changed since\n"
        "    pytest 9.0\n"
        "    note: used $PASSWORD to log in\n"
        "    step 1: passed - saw $PASSWORD é\n"
        "    POST http://h/oauth/token -> 200\n"
        "    screenshot: shots/consent.png\n"
        "\n"
        "  2026-03-01T10:00:00Z  failed  by Ana <ana@example.com>\n"
        "    manual run, environment staging; the doc has changed since\n"
        "    pytest 9.0\n"
        "    note: used $PASSWORD to log in\n"
        "    step 1: passed - saw $PASSWORD é\n"
        "    POST http://h/oauth/token -> 200\n"
        "    screenshot: shots/consent.png\n"
    )
    assert "no evidence" in render_evidence(DocEvidence(doc=DOC, log=EvidenceLog(records=())))

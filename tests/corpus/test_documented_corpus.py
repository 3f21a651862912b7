"""Real docs: what drift sees of their items is what a run sends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from seen_requests import seen_by_drift, sent_by_run

from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.source import Severity
from pytest_endpoint_docs.openapi.descriptions import Descriptions

CORPUS = Path(os.environ.get("ENDPOINT_DOCS_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus")
FILES = sorted(path for dialect in ("head", "old") for path in (CORPUS / dialect).rglob("*.md"))

pytestmark = pytest.mark.skipif(not FILES, reason="no corpus: set ENDPOINT_DOCS_CORPUS to its folder")


@pytest.fixture(scope="module")
def descriptions() -> Descriptions:
    return Descriptions([CORPUS / "openapi" / "*.json"], root=CORPUS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(CORPUS).as_posix())
def test_drift_sees_what_the_run_sends(file: Path, descriptions: Descriptions, monkeypatch: pytest.MonkeyPatch) -> None:
    doc = load_doc(file, display_path=file.relative_to(CORPUS).as_posix())
    assert doc is not None

    errors = [finding for finding in (*doc.findings, *doc.body.findings) if finding.severity is Severity.ERROR]
    sent = sent_by_run(doc)
    assert sent or errors or not any(main.steps for main in doc.body.requests)
    if not errors:
        assert seen_by_drift(doc, descriptions, monkeypatch) == sent

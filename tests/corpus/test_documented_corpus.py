"""Real docs: what drift sees of their items is what a run sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_folder import CORPUS, corpus_files, needs_corpus
from seen_requests import seen_by_drift, sent_by_run

from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.source import Severity
from pytest_endpoint_docs.openapi.descriptions import Descriptions

FILES = corpus_files("head/**/*.md", "old/**/*.md")

pytestmark = needs_corpus


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

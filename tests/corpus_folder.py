"""Other people's docs, read where they lie; a machine without them skips what reads them, and says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("ENDPOINT_DOCS_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="no corpus of endpoint docs: set ENDPOINT_DOCS_CORPUS to its folder"
)


def corpus_files(*patterns: str) -> list[Path]:
    """The files of the corpus by patterns below it; none without a corpus, and never none with one."""
    found = sorted(path for pattern in patterns for path in CORPUS.glob(pattern))
    assert found or not CORPUS.is_dir(), f"{CORPUS} has no {' or '.join(patterns)}"
    return found

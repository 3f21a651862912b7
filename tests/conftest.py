"""What all tests share: where the corpus lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Other people's docs, read where they lie; a machine without them skips."""
    folder = Path(os.environ.get("ENDPOINT_DOCS_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"no corpus at {folder}: set ENDPOINT_DOCS_CORPUS to a folder of endpoint docs")
    return folder


# Docs that are wrong on purpose, and what is said of them.
collect_ignore = ["golden"]

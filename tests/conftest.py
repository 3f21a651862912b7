"""What all tests share: where the corpus lies, and processes that can be interrupted."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_sessionstart() -> None:
    """Let the processes that tests start be interrupted where this one cannot be.

    A shell lets its background jobs ignore SIGINT, nohup lets a process ignore SIGHUP, and what is ignored stays so in
    every process below.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Other people's docs, read where they lie; a machine without them skips."""
    folder = Path(os.environ.get("ENDPOINT_DOCS_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"no corpus at {folder}: set ENDPOINT_DOCS_CORPUS to a folder of endpoint docs")
    return folder


# Docs that are wrong on purpose, and what is said of them.
collect_ignore = ["golden"]

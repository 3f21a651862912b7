"""What all tests share: processes that can be interrupted, and what is no test."""

from __future__ import annotations

import gc
import signal
from pathlib import Path

import pytest
import urllib3  # noqa: F401 - pytester unloads what a run inside loads first: its errors would be others the next time

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


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected is no garbage, and takes long to look through in every search for some."""
    gc.freeze()


# Docs that are wrong on purpose, and what is said of them.
collect_ignore = ["golden"]

"""How far a long run is: now and then a line of its own between pytest's, where a person sits at the terminal."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import pytest

from pytest_endpoint_docs.loading.doc_files import is_markdown
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.redaction.rendering import joined, public
from pytest_endpoint_docs.reporting.progress import estimate

INTERVAL_S = 30.0
NAME = "endpoint_docs_progress"


class Writer(Protocol):
    """The part of pytest's terminal reporter that is used here: it ends a line that is begun, then writes one."""

    def write_line(self, line: SafeText) -> None:
        """Write a line."""


class LongRun:
    """Counts docs as their items end; ``nodeids`` are those of all items that will run.

    ``shared_line``: the items of all workers show as dots on one line.
    """

    def __init__(
        self,
        writer: Writer,
        nodeids: Iterable[str],
        *,
        workers: int = 1,
        shared_line: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._writer = writer
        self._left = Counter(doc for doc in map(_doc_of, nodeids) if doc)
        self._total = len(self._left)
        self._workers = workers
        self._shared_line = shared_line
        self._clock = clock
        self._told_at = clock()
        self._durations_s: defaultdict[str, float] = defaultdict(float)
        self._done_s: list[float] = []

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up how long each doc takes."""
        self._durations_s[_doc_of(report.nodeid)] += report.duration

    @pytest.hookimpl
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Count a doc whose last item ended."""
        doc = _doc_of(nodeid)
        if doc not in self._left:
            return
        self._left[doc] -= 1
        if self._left[doc] == 0:
            self._done_s.append(self._durations_s[doc])

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell where the run is, if nothing was told for a while."""
        now = self._clock()
        doc = _doc_of(nodeid)
        if doc in self._left and now - self._told_at >= INTERVAL_S:
            self._told_at = now
            done = len(self._done_s)
            line = estimate(done, self._total, self._done_s, workers=self._workers, current=doc)
            # pytest ends its own line of dots by itself, but not the one that all workers share.
            start = "\n" if self._shared_line else ""
            self._writer.write_line(joined(public(start), public(f"endpoint docs: {line}")))


def watch(config: pytest.Config, nodeids: Iterable[str], *, workers: int = 0) -> None:
    """Tell how far a run is, from now on; not where nobody watches, nor in a quiet run. ``workers``: 0 without any."""
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    verbosity = config.getoption("verbose", 0)
    if reporter is None or verbosity < 0 or not reporter.isatty or config.pluginmanager.hasplugin(NAME):
        return
    run = LongRun(reporter, nodeids, workers=max(1, workers), shared_line=workers > 0 and verbosity == 0)
    config.pluginmanager.register(run, NAME)


def _doc_of(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    return path if is_markdown(path) else ""

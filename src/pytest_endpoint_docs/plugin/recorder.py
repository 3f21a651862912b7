"""From the records that reports carry to a run's record, and to what is made of it.

Registered in every run, so nothing is imported here that only endpoint docs need.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.model.record import ItemRecord, RunRecord
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.reporting.result_file import SCHEMA_VERSION, item_from_json
from pytest_endpoint_docs.verification.evidence import versions
from pytest_endpoint_docs.verification.standing import Standing, standing_on

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.run_end import RunEnd
    from pytest_endpoint_docs.plugin.session import EndpointSession

ATTRIBUTE = "endpoint_docs_record"


class Recorder:
    """Collects the records of a run where its reports arrive: in the only process, or in xdist's controller."""

    def __init__(self, session: EndpointSession) -> None:
        self._session = session
        self.items: dict[str, ItemRecord] = {}
        self.standings: dict[str, Standing] = {}
        self._end: RunEnd | None = None
        self._started = time.time()
        self._now = session.clock()

    def run(self, exit_status: int = 0) -> RunRecord:
        """The run so far as a record; its items in the order in which they ended."""
        environment = self._session.target.described
        return RunRecord(
            schema_version=SCHEMA_VERSION,
            started_at=render_instant(datetime.fromtimestamp(self._started, UTC)),
            now=render_instant(self._now),
            duration_s=round(time.time() - self._started, 3),
            environment=environment[0],
            base_url=environment[1],
            versions=versions(),
            items=tuple(self.items.values()),
            exit_status=exit_status,
            root=self._session.config.rootpath.name,
        )

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Watch the run, if it has docs."""
        nodeids = [item.nodeid for item in session.items]
        if any(".md::" in nodeid for nodeid in nodeids) and not self._session.is_worker:
            from pytest_endpoint_docs.plugin.progress_lines import watch

            watch(session.config, nodeids)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Make of the records what was asked for: evidence, stamps, the result file, reports."""
        options = self._session.options
        if self._session.is_worker or not (self.items or options.results or options.report):
            return
        from pytest_endpoint_docs.plugin.run_end import conclude

        self._end = conclude(self, self._session, int(session.exitstatus))
        session.exitstatus = self._end.exit_status

    # Outermost, so that what did not run stands at the very end, below the short summary of failures.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Tell what the docs' writers should know."""
        yield
        if self._end is not None:
            from pytest_endpoint_docs.plugin.terminal_summary import write_summary

            write_summary(terminalreporter, self._end, self._session)

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the record off a report."""
        value: dict[str, JSONValue] | None = getattr(report, ATTRIBUTE, None)
        if value is not None:
            record = item_from_json(value)
            self.items[record.nodeid] = record
            standing = standing_on(report)
            if standing is not None:
                self.standings[record.nodeid] = standing

"""The records of a run where its reports arrive, and whether each item that started has one.

Nothing may get lost on the way from an item to its record: in the rendering of a failure, in what makes the record, on
the way from a worker, in a worker that dies. What does is found here, fails the run, and has a record that says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.loading.doc_files import is_markdown, names_markdown
from pytest_endpoint_docs.plugin.failure_sections import colour
from pytest_endpoint_docs.plugin.outlets import tell
from pytest_endpoint_docs.plugin.session import CASE, DOC_PART, LINE_KINDS, OF_DOC, RECORD
from pytest_endpoint_docs.redaction.rendering import joined, public

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.record import ItemRecord, RunRecord
    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.redaction.redactor import Redactor
    from pytest_endpoint_docs.verification.doc_part import DocPart

_NO_REPORT = "it started, but no report of it arrived"
_NO_RECORD = "it ran, but its record was lost on the way to the results"
_STOPPED = "the run was stopped while the item ran"


class ItemKey(NamedTuple):
    """An item of a run; node ids alone are ambiguous where the run has more than one folder with an ini file.

    ``path`` is that of the item's file from the root directory.
    """

    path: str
    nodeid: str


class RunRecords:
    """The records of a run where its reports arrive: in the only process, or in xdist's controller.

    ``root`` is the root directory's bare name. ``started``, in epoch seconds, is when the run began, ``now`` what its
    clock said then. ``target`` gives the name and the
    base URL of the environment, as far as they are known. ``outline_of`` gives what can be known of an item without
    its report, ``None`` for one that is not an endpoint doc's.
    """

    def __init__(
        self,
        *,
        root: str,
        started: float,
        now: datetime,
        redactor: Callable[[], Redactor],
        target: Callable[[], tuple[str, str]],
        outline_of: Callable[[ItemKey], ItemRecord | None],
    ) -> None:
        self.items: dict[ItemKey, ItemRecord] = {}
        self.doc_parts: dict[ItemKey, DocPart] = {}
        self.lost: list[SafeText] = []
        self.left_alone: tuple[SafeText, ...] = ()
        self.target = target
        self._outline_of = outline_of
        self._root = root
        self.redactor = redactor
        self._now = now
        self._started = started
        self._waiting: set[str] = set()
        self._running: set[ItemKey] = set()
        self._unrecorded: dict[ItemKey, str] = {}
        self._of_docs: set[ItemKey] = set()
        self._is_stopped = False
        self._before: pytest.TestReport | None = None

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which items are to run."""
        if not session.config.option.collectonly:
            self._waiting = {item.nodeid for item in session.items if CASE in item.stash}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Note which items are to run; all workers collect the same."""
        self._waiting.update(filter(names_markdown, ids))

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Note that an item starts."""
        self._waiting.discard(nodeid)
        self._running.add(ItemKey(location[0], nodeid))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        """Take the record off a report; pytest keeps all reports to the end, and those that passed without a record."""
        if type(report) is not pytest.TestReport:  # a subtest's, which is made after all hooks of its item's
            from pytest_endpoint_docs.plugin.shown_reports import redact_subtest

            redact_subtest(report, self.redactor())
        if hasattr(report, OF_DOC):
            self._take(report)
        result = yield
        if report.passed and hasattr(report, RECORD):
            delattr(report, RECORD)
        if hasattr(report, OF_DOC):
            self._share(report)
        return result

    def _share(self, report: pytest.TestReport) -> None:
        """Keep once what the reports of one item say alike."""
        before, self._before = self._before, report
        if before is None or before.location != report.location:
            return
        report.location = before.location
        if before.keywords == report.keywords:
            report.keywords = before.keywords
        if before.user_properties == report.user_properties:
            report.user_properties = before.user_properties
        if before.sections == report.sections:
            report.sections = before.sections

    def _take(self, report: pytest.TestReport) -> None:
        has_record = hasattr(report, RECORD)
        if report.passed and report.when == "teardown" and not has_record:
            return  # the reports before said what there is to say
        key = ItemKey(report.location[0], report.nodeid)
        if key not in self.items:
            self._of_docs.add(key)
        if report.failed:
            colour(report, getattr(report, LINE_KINDS, ()))
        if not has_record:
            return
        # A boundary: whatever happens here is told at the end, and ends no run.
        try:
            record = _record_of(report)
            if hasattr(report, DOC_PART):
                from pytest_endpoint_docs.verification.doc_part import DocPart

                self.doc_parts[key] = DocPart.from_json(getattr(report, DOC_PART))
        except Exception as error:  # noqa: BLE001 - the end of the run tells it
            self._unrecorded[key] = f"{_NO_RECORD}: {type(error).__name__}: {error}"
            return
        self.items[key] = record
        self._of_docs.discard(key)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(
        self, report: pytest.TestReport
    ) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
        """What goes to the controller, or into the file of another plugin, has the record as JSON types."""
        data = yield
        record = brought_record(report)
        if data is not None and record is not None:
            from pytest_endpoint_docs.reporting.result_file import item_to_json

            data[RECORD] = item_to_json(record)
        return data

    @pytest.hookimpl
    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Note an item that ended without a record."""
        key = ItemKey(location[0], nodeid)
        self._running.discard(key)
        if key not in self.items:
            self._unrecorded.setdefault(key, _NO_RECORD)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Keep the item during which a worker of pytest-xdist died; xdist reports it as failed."""
        from pytest_endpoint_docs.model.secret import first_line

        for key in [key for key in self._running if key.nodeid == crashitem]:
            self._running.discard(key)
            outline = self._outline_of(key)
            if outline is not None:
                message = self.redactor().text(str(report.longrepr))
                self.items[key] = replace(outline, outcome="failed", failure=message, verdict=first_line(message))

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self) -> None:
        """Note that the run was stopped: by a person, by ``pytest.exit``, by ``--maxfail`` in a parallel run."""
        self._is_stopped = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Find what got lost: the run then fails, and each such item has a record that says so."""
        config = session.config
        # Workers report to their controller; with --setup-only and its kin nothing runs, and nothing is recorded.
        if hasattr(config, "workeroutput") or config.getoption("setuponly", False):
            return
        for key, why in self._without_record():
            outline = self._outline_of(key)
            if outline is None:
                continue
            if why == _STOPPED:
                self.items[key] = replace(outline, outcome="skipped", reason=self.redactor().text(why))
                continue
            told = self.redactor().text(why)
            self.lost.append(joined(public(f"{key.nodeid}: "), told))
            self.items[key] = replace(outline, outcome="error", failure=told, verdict=told)
        if self.lost and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = config.pluginmanager.getplugin("terminalreporter")
        # An internal error has no summary.
        if reporter is not None and session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            self.pytest_terminal_summary(reporter)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what got lost."""
        for line in self.lost:
            terminalreporter.ensure_newline()
            tell(terminalreporter, joined(public("ERROR: "), line), red=True)

    def run(self, exit_status: int = 0, versions: dict[str, str] | None = None) -> RunRecord:
        """The run so far as a record; its items in the order in which they ended, ``versions`` for who shows them."""
        from pytest_endpoint_docs.model.record import RunRecord
        from pytest_endpoint_docs.reporting.result_file import SCHEMA_VERSION

        environment, base_url = self.target()
        return RunRecord(
            schema_version=SCHEMA_VERSION,
            started_at=render_instant(datetime.fromtimestamp(self._started, UTC)),
            now=render_instant(self._now),
            duration_s=round(time.time() - self._started, 3),
            environment=public(environment),
            base_url=self.redactor().text(base_url),
            versions=versions or {},
            items=tuple(self.items.values()),
            exit_status=exit_status,
            root=public(self._root),
            left_alone=self.left_alone,
            not_reached=len(self._waiting),
        )

    def _without_record(self) -> Iterator[tuple[ItemKey, str]]:
        """The items of docs that started and have no record, and why."""
        found: dict[ItemKey, str] = {**self._unrecorded, **dict.fromkeys(self._running, _NO_REPORT)}
        for key in sorted(found):
            # Other plugins make items of Markdown files as well, which have a name of their own.
            is_of_doc = key in self._of_docs or (key in self._running and is_markdown(key.path))
            if key not in self.items and is_of_doc:
                yield key, _STOPPED if self._is_stopped and key in self._running else found[key]


def brought_record(report: pytest.TestReport) -> ItemRecord | None:
    """The record that a report has as a value; ``None`` where it has none, or one that could not be read."""
    given: ItemRecord | dict[str, Any] | None = getattr(report, RECORD, None)
    return None if isinstance(given, dict) else given


def _record_of(report: pytest.TestReport) -> ItemRecord:
    """The record that a report brings; it has it as a value from now on, wherever it was made."""
    given: ItemRecord | dict[str, Any] = getattr(report, RECORD)
    if not isinstance(given, dict):
        return given
    from pytest_endpoint_docs.reporting.result_file import item_from_json

    record = item_from_json(given)
    setattr(report, RECORD, record)
    return record

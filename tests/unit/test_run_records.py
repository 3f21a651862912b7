"""What is missed at the end of a run, and what is not."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_endpoint_docs.model.record import ItemRecord
from pytest_endpoint_docs.plugin.run_records import ItemKey, RunRecords
from pytest_endpoint_docs.plugin.session import OF_DOC
from pytest_endpoint_docs.redaction.redactor import Redactor


def outline(key: ItemKey) -> ItemRecord | None:
    """Docs stand in ``endpoints/``; other Markdown is no doc."""
    if not key.path.startswith("endpoints/"):
        return None
    return ItemRecord(nodeid=key.nodeid, doc=key.path, line=2, endpoint="GET /a", kind="main", outcome="skipped")


@pytest.fixture
def records() -> RunRecords:
    return RunRecords(
        root="r",
        started=time.time(),
        now=datetime(2026, 3, 13, tzinfo=UTC),
        redactor=Redactor,
        target=lambda: ("test", ""),
        outline_of=outline,
    )


def ended(records: RunRecords, exitstatus: int = 0) -> Any:
    plugins = SimpleNamespace(getplugin=lambda _: None)
    config = SimpleNamespace(getoption=lambda *_: False, pluginmanager=plugins)
    session = SimpleNamespace(config=config, exitstatus=exitstatus)
    records.pytest_sessionfinish(session)  # type: ignore[arg-type]
    return session


def test_items_of_other_plugins_are_not_missed(records: RunRecords) -> None:
    for path in ("README.md", "notes.txt", "tests/test_a.py"):
        records.pytest_runtest_logstart(f"{path}::x", (path, 0, "x"))
    records.pytest_runtest_logfinish("README.md::x", ("README.md", 0, "x"))  # one with its report, and no record
    session = ended(records)
    assert (records.lost, records.items, session.exitstatus) == ([], {}, 0)


def test_an_item_of_a_doc_without_a_report_is_missed(records: RunRecords) -> None:
    records.pytest_runtest_logstart("endpoints/a.md::GET /a", ("endpoints/a.md", 0, "GET /a"))
    session = ended(records)
    assert records.lost == ["endpoints/a.md::GET /a: it started, but no report of it arrived"]
    assert [item.outcome for item in records.items.values()] == ["error"]
    assert session.exitstatus == 1


def test_a_worker_that_dies_over_an_item_of_another_plugin_leaves_no_record(records: RunRecords) -> None:
    records.pytest_runtest_logstart("README.md::x", ("README.md", 0, "x"))
    report: Any = SimpleNamespace(longrepr="worker crashed")
    records.pytest_handlecrashitem("README.md::x", report)
    assert (ended(records).exitstatus, records.items) == (0, {})


def test_a_project_s_test_over_docs_is_missed_by_what_its_report_carried(records: RunRecords) -> None:
    key = ("endpoints/test_own.py", 0, "test_own")
    records.pytest_runtest_logstart("endpoints/test_own.py::test_own[a]", key)
    nodeid = "endpoints/test_own.py::test_own[a]"
    report = pytest.TestReport(nodeid, key, keywords={}, outcome="passed", longrepr=None, when="call")
    setattr(report, OF_DOC, True)
    list(records.pytest_runtest_logreport(report))
    records.pytest_runtest_logfinish(report.nodeid, key)
    ended(records)
    assert [line.partition(": ")[2] for line in records.lost] == [
        "it ran, but its record was lost on the way to the results"
    ]

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from pytest_endpoint_docs.plugin.progress_lines import LongRun


class Terminal:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def run(nodeids: list[str], *, seconds_each: float, workers: int = 1) -> list[str]:
    """What a run tells whose items take so long each."""
    terminal = Terminal()
    now = [0.0]
    watched = LongRun(terminal, nodeids, workers=workers, clock=lambda: now[0])
    for nodeid in nodeids:
        watched.pytest_runtest_logstart(nodeid)
        now[0] += seconds_each
        report: Any = SimpleNamespace(nodeid=nodeid, duration=seconds_each)
        watched.pytest_runtest_logreport(report)
        watched.pytest_runtest_logfinish(nodeid)
    return terminal.lines


def test_a_short_run_tells_nothing() -> None:
    assert run([f"endpoints/{number}.md::GET /" for number in range(5)], seconds_each=1.0) == []


def test_a_long_run_tells_every_half_minute_how_far_it_is() -> None:
    assert run([f"endpoints/{number}.md::GET /" for number in range(7)], seconds_each=15.0) == [
        "endpoint docs: 2 of 7 docs: endpoints/2.md",
        "endpoint docs: 4 of 7 docs, about 45 s left: endpoints/4.md",
        "endpoint docs: 6 of 7 docs, about 15 s left: endpoints/6.md",
    ]


def test_a_doc_is_done_with_its_last_item() -> None:
    items = [f"endpoints/{doc}.md::{case}" for doc in "ab" for case in ("GET /", "one", "two")]
    assert run(items, seconds_each=31.0)[2:4] == [
        "endpoint docs: 1 of 2 docs: endpoints/b.md",
        "endpoint docs: 1 of 2 docs: endpoints/b.md",
    ]


def test_workers_share_what_is_left() -> None:
    lines = run([f"endpoints/{number}.md::GET /" for number in range(12)], seconds_each=40.0, workers=4)
    assert lines[3] == "endpoint docs: 4 of 12 docs, about 80 s left: endpoints/4.md"


def test_other_tests_are_not_counted() -> None:
    assert run(["tests/test_a.py::test_a", "tests/test_a.py::test_b"], seconds_each=60.0) == []

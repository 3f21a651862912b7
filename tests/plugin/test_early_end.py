"""A run that ends before its last item: no report takes what was not reached for tested."""

from __future__ import annotations

import json

import pytest

REPORTS = ("--endpoint-results", "r.json", "--endpoint-report", "r.md")
STOPS = """
import pytest

def pytest_runtest_logfinish(nodeid):
    if "/b.md" in nodeid:
        pytest.exit("enough")
"""


@pytest.fixture
def four(project):
    for name in "abcd":
        project.get(name, f"/{name}")
    return project


def headline(project) -> str:
    return (project.root / "r.md").read_text().splitlines()[2]


def not_reached(project) -> int:
    return json.loads((project.root / "r.json").read_text())["not_reached"]


def test_a_run_to_its_end_leaves_nothing(four):
    result = four.run(*REPORTS, "-k", "not c.md", "endpoints")
    result.stdout.no_fnmatch_line("*not reached*")
    assert headline(four) == "**All 3 contracts that ran hold**"
    assert not_reached(four) == 0


def test_a_run_that_is_stopped_says_what_it_did_not_reach(four):
    four.write("conftest.py", STOPS)
    result = four.run(*REPORTS, "endpoints")
    result.stdout.fnmatch_lines(["warning: the run ended early: 2 items were not reached"])
    assert headline(four) == "**All 2 contracts that ran hold; the run ended early: 2 items were not reached**"
    assert not_reached(four) == 2


def test_so_does_one_that_ends_with_its_first_failure(four):
    four.server.on("GET /c", 500, {})
    four.run(*REPORTS, "-x", "endpoints").assert_outcomes(passed=2, failed=1)
    assert headline(four) == "**1 of 3 contracts is broken; the run ended early: 1 item was not reached**"


def test_a_parallel_run_counts_what_no_worker_reached(four):
    for name in "efghijkl":
        four.get(name, f"/{name}", expect="{status: 201}")
    result = four.run(*REPORTS, "-x", "-n", "2", "endpoints")
    outcomes = result.parseoutcomes()
    ran = outcomes["failed"] + outcomes.get("passed", 0)
    assert not_reached(four) == 12 - ran > 0


def test_a_run_that_only_lists_its_items_leaves_the_reports_as_they_are(four):
    four.run(*REPORTS, "endpoints")
    before = (four.root / "r.json").read_text(), (four.root / "r.md").read_text()
    result = four.run("--collect-only", *REPORTS, "endpoints")
    result.stdout.no_fnmatch_line("*not reached*")
    assert ((four.root / "r.json").read_text(), (four.root / "r.md").read_text()) == before

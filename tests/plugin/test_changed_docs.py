"""Docs whose files change after they were collected: nothing runs or is stamped but what was collected."""

from __future__ import annotations

import json

import pytest

CHANGE_AFTER_COLLECTION = """\
from pathlib import Path

def pytest_collection_finish(session):
    file = Path(session.config.rootpath, "endpoints", "changed.md")
    {change}
"""
CHANGED = "file.write_text(file.read_text().replace('/changed', '/other'))"
REMOVED = "file.unlink()"


@pytest.mark.parametrize("change", [CHANGED, REMOVED])
@pytest.mark.parametrize("in_flight", ["1", "32"])
def test_a_doc_that_changed_fails_and_the_others_run(project, change, in_flight):
    project.get("changed", "/changed", head="status: verified\nverifiedAt: 2026-01-01")
    project.get("same", "/same")
    project.write("conftest.py", CHANGE_AFTER_COLLECTION.format(change=change))
    result = project.run(
        *("--endpoint-stamp", "--endpoint-results", "results.json", "--endpoint-concurrency", in_flight, "endpoints")
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*changed.md:2: the file was changed or removed after this run had read it: run it again.*"]
    )
    assert project.server.requests == ["GET /same"]
    items = {item["doc"]: item for item in json.loads((project.pytester.path / "results.json").read_text())["items"]}
    assert [finding["code"] for finding in items["endpoints/changed.md"]["findings"]] == ["changed-doc"]
    if change == CHANGED:
        assert "verifiedAt: 2026-01-01\n" in (project.pytester.path / "endpoints" / "changed.md").read_text()


def test_a_doc_that_is_saved_again_as_it_was_runs(project):
    project.get("changed", "/changed")
    project.write("conftest.py", CHANGE_AFTER_COLLECTION.format(change="file.write_bytes(file.read_bytes())"))
    project.run("endpoints").assert_outcomes(passed=1)

"""What other tools take from a run: GitHub's annotations, JUnit XML."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest


def test_failures_and_findings_stand_on_the_docs_lines(project, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.root.parent))
    project.get(expect="{status: 201}")
    project.get("skipped", "/skipped", head="status: skip")
    result = project.run()
    folder = project.root.name
    result.stdout.fnmatch_lines(
        [
            f"::error file={folder}/endpoints/things.md,line=*,title=GET /things::*expected status 201*",
            f"::warning file={folder}/endpoints/skipped.md,line=3,title=skip-without-reason::*",
        ]
    )


def test_what_fails_a_test_over_docs_has_the_line_and_the_cause_of_the_docs_own_item(project, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for name in ("a", "b"):
        project.get(name, f"/{name}", expect="{status: 201}")
    project.write("test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n")
    result = project.run("endpoints", "test_own.py", "--endpoint-results", "r.json")
    for name in ("a", "b"):
        at = f"::error file=endpoints/{name}.md,"
        lines = [line for line in result.stdout.lines if line.startswith(at)]
        assert len(lines) == 2
        assert lines[0].split(",")[1] == lines[1].split(",")[1] == "line=14"
    result.stdout.fnmatch_lines(["failures with one cause:", "  4 items: expected status 201, got 200 OK"])
    items = json.loads((project.root / "r.json").read_text())["items"]
    assert [(each["root_cause"], each["failure_line"]) for each in items] == 4 * [
        ("expected status 201, got 200 OK", 14)
    ]


def test_an_assertion_of_a_test_over_docs_is_of_no_line(project):
    project.get()
    project.write(
        "test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n    assert False, 'own rule'\n"
    )
    project.run("test_own.py", "--endpoint-results", "r.json")
    (item,) = json.loads((project.root / "r.json").read_text())["items"]
    assert (item["root_cause"], item["failure_line"]) == ("", None)


def test_the_commands_come_last_and_are_no_more_than_are_shown(project, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for number in range(14):
        project.get(f"d{number}", f"/d{number}", "{status: 201}")
    lines = project.run("-rN").stdout.lines
    assert sum(line.startswith("::error") for line in lines) == 10
    assert lines[-2].startswith("::error")


def test_elsewhere_nothing_is_annotated(project, monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    project.get(expect="{status: 201}")
    assert "::error" not in project.run().stdout.str()


def properties(file):
    return [
        {each.get("name"): each.get("value") for each in case.iter("property")}
        for case in ElementTree.parse(file).iter("testcase")
    ]


AGAIN = """
import pytest
from _pytest.runner import runtestprotocol

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for attempt in range(2):
        item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""


class Improving(dict):
    """Answers of a server that is well from the second request on."""

    def get(self, endpoint, default=None):
        return self.pop(endpoint, default)


def test_an_item_that_passes_when_it_runs_again_has_no_cause(project):
    project.get()
    project.write("conftest.py", AGAIN)
    project.server.on("GET /things", 500, {})
    project.server.answers = Improving(project.server.answers)
    project.run("--junitxml", "j.xml", "endpoints").assert_outcomes(passed=1)
    assert project.server.requests == ["GET /things", "GET /things"]
    (told,) = properties(project.root / "j.xml")
    assert "cause" not in told
    assert told["checked"] == "status only"


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_junit_xml_has_endpoint_line_status_and_age(project, family):
    project.get(head="status: verified\nverifiedAt: 2026-01-01")
    project.run("--junitxml", "j.xml", "-o", f"junit_family={family}", "--endpoint-now", "2026-01-11", "endpoints")
    assert properties(project.root / "j.xml") == [
        {
            "endpoint": "GET /things",
            "doc": "endpoints/things.md:10",
            "status": "verified",
            "age_days": "10.0",
            "checked": "status only",
        }
    ]


def test_junit_xml_of_skipped_failed_and_never_verified_docs(project):
    project.get("a", "/a", "{status: 201}")
    project.get("b", "/b", head="status: skip\nskipReason: later")
    project.run("--junitxml", "j.xml", "endpoints")
    assert [(each["endpoint"], each["status"], each["age_days"]) for each in properties(project.root / "j.xml")] == [
        ("GET /a", "verified", "never"),
        ("GET /b", "skip", "never"),
    ]


def test_junit_xml_of_workers(project):
    project.get("a", "/a")
    project.get("b", "/b")
    project.pytester.runpytest_subprocess("--endpoint-env", "test", "-n", "2", "--junitxml", "j.xml", "endpoints")
    assert sorted(each["endpoint"] for each in properties(project.root / "j.xml")) == ["GET /a", "GET /b"]

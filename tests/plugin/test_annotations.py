"""What other tools take from a run: GitHub's annotations, JUnit XML."""

from __future__ import annotations

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

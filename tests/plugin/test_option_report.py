"""``--endpoint-report``: an HTML page and a job summary, as many as are asked for."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.errors import MissingExtra


def test_a_page_and_a_job_summary_of_one_run(project):
    project.get()
    project.get("broken", "/broken", "{status: 201}")
    result = project.run("--endpoint-report", "out/report.html", "--endpoint-report", "summary.md", "endpoints")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["wrote out/report.html", "wrote summary.md"])
    page = (project.root / "out/report.html").read_text()
    assert "/broken" in page
    assert "curl" in page
    summary = (project.root / "summary.md").read_text()
    assert "**1 passed, 1 failed**" in summary
    assert "endpoints/broken.md:" in summary


def test_the_ini_key_takes_several(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_report = a.md b.html\n")
    project.run()
    assert (project.root / "a.md").exists()
    assert (project.root / "b.html").exists()


def test_another_ending_is_a_usage_error_before_the_run(project):
    project.get()
    result = project.run("--endpoint-report", "report.pdf", "endpoints")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: report 'report.pdf': expected a file name that ends in .html or .md"])
    assert project.server.requests == []


def test_a_page_without_jinja_is_a_usage_error_before_the_run(project):
    project.get()
    project.write("conftest.py", "import sys\nsys.modules['jinja2'] = None\n")
    result = project.run("--endpoint-report", "report.html", "endpoints")
    assert result.ret == 4
    assert result.errlines[0] == f"ERROR: {MissingExtra('an HTML report needs Jinja2', extra='report')}"
    assert project.server.requests == []
    project.run("--endpoint-report", "report.md", "endpoints").assert_outcomes(passed=1)


def test_an_empty_value_takes_back_what_the_ini_file_says(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_report = ini.md\nendpoint_results = ini.json\n")
    project.run("--endpoint-report=", "--endpoint-results=", "endpoints").assert_outcomes(passed=1)
    assert not [*project.root.glob("ini.*")]


def test_a_place_that_cannot_be_written_fails_the_run_and_keeps_the_others(project):
    project.get()
    project.write("file", "")
    result = project.run("--endpoint-report", "file/a.md", "--endpoint-report", "b.md", "endpoints")
    assert result.ret == 4
    result.stdout.fnmatch_lines(["wrote b.md", "ERROR: report *file/a.md*cannot be written*"])


def test_a_run_without_docs_is_reported_too(project):
    project.write("test_a.py", "def test_a():\n    pass\n")
    project.run("--endpoint-report", "summary.md", "test_a.py").assert_outcomes(passed=1)
    assert "nothing was collected" in (project.root / "summary.md").read_text()


@pytest.mark.parametrize("kind", ["html", "md"])
def test_no_secret_reaches_a_report(project, monkeypatch, kind):
    monkeypatch.setenv("THINGS_TOKEN", "s3cr3t-of-the-things")
    project.server.on("GET /things", 500, {"echo": "s3cr3t-of-the-things"})
    project.get()
    project.environment("default_token: staff\ntokens: {staff: '${THINGS_TOKEN}'}\n")
    project.run("--endpoint-report", f"report.{kind}", "endpoints")
    text = (project.root / f"report.{kind}").read_text()
    assert "s3cr3t" not in text
    assert "$THINGS_TOKEN" in text


def test_a_report_of_a_run_with_workers(project):
    for number in range(4):
        project.get(f"d{number}", f"/d{number}")
    project.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "-n", "2", "--endpoint-report", "summary.md", "endpoints"
    )
    assert "**4 passed**" in (project.root / "summary.md").read_text()

"""``--endpoint-max-errors``, and what it counts: errors apart from failures, which every report tells once."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from refusing_port import refusing_port

REFUSED = "{url}: connection refused"


@pytest.fixture
def dead(project):
    """Eight docs, and an environment ``dead`` whose server is not there."""
    for number in range(8):
        project.get(f"t{number}", f"/t{number}")
    with refusing_port() as port:
        project.dead_url = f"http://127.0.0.1:{port}"
        project.write("fixtures/environments/dead.yaml", f"base_url: {project.dead_url}\nwrites: true\n")
        yield project


def records(project):
    return json.loads((project.root / "r.json").read_text("utf-8"))


def test_a_dead_server_is_an_error_that_is_told_once(dead):
    result = dead.run(
        *("--endpoint-results", "r.json", "--endpoint-report", "r.md", "--endpoint-report", "r.html"),
        *("--junitxml", "j.xml", "endpoints"),
        env="dead",
    )
    assert result.ret == 1
    result.assert_outcomes(errors=8)
    refused = REFUSED.format(url=dead.dead_url)
    lines = result.outlines
    assert sum(line.startswith("endpoints/t") and "is the server running?" in line for line in lines) == 1
    assert sum(line.startswith("ERROR endpoints/t") for line in lines) == 8
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of GET /t0*",
            "7 other items met the same error (-v shows all)",
            "ERROR endpoints/t0.md::GET /t0 - the server did not answer: http://127.0.0*",
            "ERROR: the server did not answer: 8 of 8 items were not tested",
            f"  8 items: {refused}",
        ]
    )
    assert "failures with one cause:" not in lines

    record = records(dead)
    (cause,) = record["causes"]
    assert (cause["message"], cause["obstacle"], len(cause["items"]), cause["not_tried"]) == (
        refused,
        "connection",
        8,
        [],
    )
    expected = {"kind": "connection", "subject": dead.dead_url, "message": refused}
    assert [(item["outcome"], item["obstacle"]) for item in record["items"]] == [("error", expected)] * 8

    suite = ET.parse(dead.root / "j.xml").getroot().find("testsuite")
    assert (suite.get("errors"), suite.get("failures"), suite.get("tests")) == ("8", "0", "8")
    errors = {error.get("message") for error in suite.iter("error")}
    assert errors == {f'failed on setup with "the server did not answer: {refused}"'}
    causes = {one.get("value") for one in suite.iter("property") if one.get("name") == "cause"}
    assert causes == {refused}

    summary = (dead.root / "r.md").read_text("utf-8")
    assert "**The server did not answer: 8 of 8 items were not tested**" in summary
    assert "**8 errors** in" in summary
    assert summary.count("is the server running?") == 1
    page = (dead.root / "r.html").read_text("utf-8")
    assert '<h1 id="headline" class="bad">The server did not answer: 8 of 8 items were not tested</h1>' in page
    assert "contracts are broken" not in page


def test_verbose_runs_show_every_error(dead):
    lines = dead.run("-v", "endpoints", env="dead").outlines
    assert sum(line.startswith("endpoints/t") and "is the server running?" in line for line in lines) == 8


def test_annotations_have_one_for_all(dead, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = dead.run("endpoints/t0.md", "endpoints/t1.md", env="dead")
    (line,) = [line for line in result.outlines if line.startswith("::error")]
    refused = REFUSED.format(url=dead.dead_url)
    assert line == (
        "::error file=endpoints/t0.md,line=11,title=the server did not answer::"
        f"2 items: {refused}%0Aendpoints/t0.md, endpoints/t1.md"
    )


@pytest.mark.parametrize("ahead", [(), ("--endpoint-concurrency", "4")])
def test_the_others_are_not_tried(dead, ahead):
    result = dead.run(
        "--endpoint-max-errors", "3", "-rs", "--endpoint-results", "r.json", *ahead, "endpoints", env="dead"
    )
    assert result.ret == 1
    result.assert_outcomes(errors=3, skipped=5)
    refused = REFUSED.format(url=dead.dead_url)
    result.stdout.fnmatch_lines(
        [
            f"SKIPPED [[]1[]] endpoints/t3.md:9: not run: the server did not answer ({refused}), tried with 3 items",
            "ERROR: the server did not answer: 8 of 8 items were not tested",
            f"  3 items: {refused}; 5 more items were not tried",
            "5 of 8 items did not run:",
            "  the server did not answer  5  oldest: endpoints/t3.md:9 (never verified)",
        ]
    )
    (cause,) = records(dead)["causes"]
    assert (len(cause["items"]), len(cause["not_tried"])) == (3, 5)
    assert {item["cause"] for item in records(dead)["items"]} == {"", "connection"}


def test_each_worker_counts_for_itself(dead):
    result = dead.pytester.runpytest_subprocess(
        "--endpoint-env", "dead", "-n", "2", "--endpoint-max-errors", "1", "--endpoint-results", "r.json", "endpoints"
    )
    assert result.ret == 1
    outcomes = [item["outcome"] for item in records(dead)["items"]]
    assert 1 <= outcomes.count("error") <= 2
    assert outcomes.count("error") + outcomes.count("skipped") == 8


def test_the_ini_key_and_a_wrong_value(dead):
    dead.write("pytest.ini", "[pytest]\nendpoint_max_errors = 1\n")
    dead.run(env="dead").assert_outcomes(errors=1, skipped=7)
    result = dead.run("--endpoint-max-errors", "0", "endpoints", env="dead")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --endpoint-max-errors = '0': expected a number of items, such as 3"])


def test_another_server_and_an_answer_in_between_are_tried(dead):
    """A row of one server's silence ends with its answer, and says nothing of another server."""
    dead.write(
        "fixtures/environments/half.yaml",
        f"base_url: {dead.server.url}\nwrites: true\nservers: [{{path: '/t[0246]', base_url: '{dead.dead_url}'}}]\n",
    )
    result = dead.run("--endpoint-max-errors", "2", "endpoints", env="half")
    result.assert_outcomes(passed=4, errors=2, skipped=2)


def test_a_missing_token_is_an_error_of_those_that_need_it(project, monkeypatch):
    monkeypatch.delenv("THINGS_TOKEN", raising=False)
    monkeypatch.setenv("OPEN_TOKEN", "o-p-e-n")
    project.environment("default_token: staff\ntokens: {staff: '${THINGS_TOKEN}', open: '${OPEN_TOKEN}'}\n")
    for number in range(4):
        project.get(f"t{number}", f"/t{number}")
    project.doc(
        "zopen",
        "## Test Request\n\n```yaml\nsteps:\n  - id: main\n    method: GET\n    path: /z\n    token: open\n```\n",
        endpoint="GET /z",
    )
    result = project.run("--endpoint-max-errors", "2", "--junitxml", "j.xml", "endpoints")
    result.assert_outcomes(errors=2, skipped=2, passed=1)
    missing = (
        "no value for token kind 'staff' (fixtures/environments/test.yaml:*): "
        "set THINGS_TOKEN in the process environment or in the .env file"
    )
    result.stdout.fnmatch_lines(
        [
            "1 other item met the same error (-v shows all)",
            "ERROR: a token is missing: 4 of 5 items were not tested",
            f"  2 items: {missing}; 2 more items were not tried",
        ]
    )
    assert project.server.requests == ["GET /z"]


def test_an_undefined_variable_is_an_error_and_a_lost_one_a_failure(project):
    project.get("a", "/a/{{nowhere}}")
    project.get("b", "/b/{{nowhere}}")
    steps = (
        "steps:\n  - {id: one, method: GET, path: /one, extract: {lost: $.not_there}}\n"
        "  - {id: two, method: GET, path: '/two/{{lost}}'}\n"
    )
    project.doc("c", f"## Test Request\n\n```yaml\n{steps}```\n", endpoint="GET /two/{id}")
    result = project.run()
    result.assert_outcomes(errors=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "ERROR endpoints/a.md::GET /a/{{nowhere}} - a variable is undefined: {{nowhere*",
            "ERROR: a variable is undefined: 2 of 3 items were not tested",
            "  2 items: {{nowhere}}: nothing defines it",
        ]
    )


def test_broken_contracts_are_counted_apart(dead):
    dead.write(
        "fixtures/environments/half.yaml",
        f"base_url: {dead.server.url}\nwrites: true\nservers: [{{path: '/t[0-3]', base_url: '{dead.dead_url}'}}]\n",
    )
    dead.server.on("GET /t4", 500)
    result = dead.run("--endpoint-report", "r.md", "--endpoint-report", "r.html", "endpoints", env="half")
    result.assert_outcomes(passed=3, failed=1, errors=4)
    summary = (dead.root / "r.md").read_text("utf-8")
    assert "**1 of 4 contracts is broken; 4 items were not tested**" in summary
    assert "## 4 not tested\n\n### The server did not answer\n\n4 items: http" in summary
    assert "## 1 failure" in summary
    page = (dead.root / "r.html").read_text("utf-8")
    assert '<h1 id="headline" class="bad">1 of 4 contracts is broken; 4 items were not tested</h1>' in page
    assert "<b>The server did not answer</b>" in page


def test_a_doc_that_is_required_is_tried_again_by_the_next(dead):
    steps = "steps: [{id: make, method: POST, path: /things}]\n"
    dead.doc("make", f"## Test Request\n\n```yaml\n{steps}```\n", endpoint="POST /things")
    for name in ("x1", "x2", "x3"):
        dead.get(name, f"/{name}", head="status: verified\nrequires: [POST /things]")
    files = [f"endpoints/{name}.md" for name in ("x1", "x2", "x3")]
    result = dead.run("--endpoint-max-errors", "2", *files, env="dead")
    result.assert_outcomes(errors=2, skipped=1)
    result.stdout.fnmatch_lines(["  2 items: *: connection refused; 1 more item was not tried"])


def test_a_test_of_a_project_meets_the_same_error(dead):
    dead.write("test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n")
    result = dead.run("--endpoint-max-errors", "3", "test_own.py", env="dead")
    result.assert_outcomes(errors=3, skipped=5)


def test_an_expected_failure_does_not_hide_a_dead_server(dead):
    dead.get("pending", "/pending", head="status: pending")
    result = dead.run("endpoints/pending.md", env="dead")
    result.assert_outcomes(errors=1)


def test_a_variable_of_one_name_may_lack_for_several_reasons(project):
    project.get("a", "/a?by={{who}}")
    steps = (
        "steps:\n  - id: one\n    method: GET\n    path: /b?by={{who}}\n"
        "  - id: two\n    method: GET\n    path: /b\n    extract: {who: $.who}\n"
    )
    project.doc("b", f"## Test Request\n\n```yaml\n{steps}```\n", endpoint="GET /b")
    result = project.run("endpoints", "--endpoint-max-errors", "1")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*{{who}}*extracted only later, by step two*"])

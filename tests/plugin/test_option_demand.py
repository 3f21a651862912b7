"""``--endpoint-demand``: a pass says what it checked, and may have to check more than the status code."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.cli.main import main
from pytest_endpoint_docs.reporting.result_file import read_records

STEPS = (
    "## Test Request\n\n```yaml\nsteps:\n  - id: main\n    method: GET\n    path: /{name}\n    expect: {expect}\n```\n"
)
EXAMPLE = '\n## Expected Response\n\n```json\n{"ok": true}\n```\n'
SCHEMA = "\n## Response Schema\n\n```yaml\ntype: object\nrequired: [ok]\n```\n"

DOCS = {
    "alone": ("{status: 200}", "", ["status"]),
    "says_nothing": ("{status: 200, body: {}}", "", ["status"]),
    "fields": ("{headers: {content-type: application/json}}", "", ["status", "headers"]),
    "values": ("{body: {ok: true}}", "", ["status", "values"]),
    "schema": ("{status: 200}", SCHEMA, ["status", "schema"]),
    "own_schema": ("{schema: {type: object}}", "", ["status", "schema"]),
    "example": ("{status: 200}", EXAMPLE, ["status", "example"]),
    "empty": ("{status: 204}", "", ["status", "no-content"]),
    "described": ("{status: 200}", "", ["status", "description"]),
    "undescribed": ("{status: 404}", "", ["status"]),
}
PASSES = (
    "10 items passed: 5 by status and content (values 1, schema 2, example 1, description 1), 4 by status only, "
    "1 without content"
)
TOO_LITTLE = (
    "only the status code was checked: nothing documents the content of the answer. Write `expect.body`, a "
    "`Response Schema` or an `Expected Response`, or have it described by the environment's `openapi`"
)


@pytest.fixture
def several(project):
    """Docs that document more or less of the content that comes."""
    paths = "".join(f"  /{name}: {{get: {{responses: {{default: {{description: any}}}}}}}}\n" for name in DOCS)
    answer = "{'200': {description: ok, content: {application/json: {schema: {type: object, properties: {ok: {}}}}}}}"
    paths = paths.replace(
        "/described: {get: {responses: {default: {description: any}}}}", f"/described: {{get: {{responses: {answer}}}}}"
    )
    project.write("openapi/all.yaml", f"openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n{paths}")
    project.environment("openapi: [../../openapi/*.yaml]\n")
    for name, (expect, more, _) in DOCS.items():
        project.doc(name, STEPS.format(name=name, expect=expect) + more, endpoint=f"GET /{name}")
    project.server.on("GET /empty", 204)
    project.server.on("GET /undescribed", 404, {"error": "no"})
    return project


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_a_pass_says_what_it_checked(several, workers):
    file = several.root / "results.json"
    result = several.pytester.runpytest_subprocess(
        *workers, "--endpoint-env", "test", "--endpoint-results", str(file), "endpoints"
    )
    result.assert_outcomes(passed=len(DOCS))
    checked = {item.doc.removeprefix("endpoints/").removesuffix(".md"): item for item in read_records(file).items}
    assert {name: list(item.checked) for name, item in checked.items()} == {
        name: parts for name, (_, _, parts) in DOCS.items()
    }
    assert PASSES in result.stdout.lines


def test_a_run_that_checks_all_content_says_so_only_when_asked(project):
    project.get(expect="{body: {ok: true}}")
    assert "item passed" not in project.run().stdout.str()
    project.run("-v", "endpoints").stdout.fnmatch_lines(["1 item passed: 1 by status and content (values 1)"])


def test_reports_say_what_a_pass_checked(several):
    html, markdown, junit = (several.root / name for name in ("run.html", "run.md", "run.xml"))
    given = ["--endpoint-report", str(html), "--endpoint-report", str(markdown), "--junitxml", str(junit)]
    several.run("endpoints", *given)
    assert f"<dd>{PASSES}</dd>" in html.read_text(encoding="utf-8")
    assert '"checks":"status, content against schema"' in html.read_text(encoding="utf-8")
    assert f"\n{PASSES}\n" in markdown.read_text(encoding="utf-8")
    assert '<property name="checked" value="status only"' in junit.read_text(encoding="utf-8")


FAILED = ("alone", "says_nothing", "fields", "undescribed")


@pytest.mark.parametrize("how", ["command line", "ini"])
def test_content_is_demanded(several, how):
    if how == "ini":
        several.write("pytest.ini", "[pytest]\nendpoint_demand = content\n")
    result = several.run(*(["--endpoint-demand", "content"] if how == "command line" else []), "endpoints")
    result.assert_outcomes(passed=6, failed=4)
    for name in FAILED:
        assert f"endpoints/{name}.md:11: {TOO_LITTLE}" in result.stdout.lines


def test_a_stamp_by_status_alone_says_so(project):
    project.environment("stamps: true\n")
    project.get("alone", "/alone")
    project.get("more", "/more", expect="{body: {ok: true}}")
    lines = project.run("--endpoint-stamp", "endpoints").stdout.lines
    stamps = [line for line in lines if line.startswith("  endpoints/")]
    assert [(line.split(":")[0], line.endswith(", by status only")) for line in stamps] == [
        ("  endpoints/alone.md", True),
        ("  endpoints/more.md", False),
    ]


def test_coverage_says_what_was_verified_by_status_alone(several, capsys):
    several.run("endpoints", "--endpoint-results", "results.json")
    capsys.readouterr()
    assert main(["coverage", "--env", "test", "--results", "results.json", "--format", "json"]) == 0
    told = capsys.readouterr().out
    assert told.count('"reason": "passed in the run by status only"') == 4
    assert told.count('"reason": "passed in the run"') == 6


def test_another_word_is_a_usage_error(project):
    project.get()
    assert project.run("--endpoint-demand", "all", "endpoints").ret == 4

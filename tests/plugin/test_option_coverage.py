"""``--endpoint-coverage``: which described operations have a doc, at the end of a run."""

from __future__ import annotations

from things_api import describe, post, section

TABLE = [
    "domain  operations  documented  verified  stale  failing  unverified  skipped  undocumented   %",
    "------  ----------  ----------  --------  -----  -------  ----------  -------  ------------  --",
    "things           3           2         1      0        1           0        0             1  67",
    "------  ----------  ----------  --------  -----  -------  ----------  -------  ------------  --",
    "all              3           2         1      0        1           0        0             1  67",
    "",
    "undocumented (1):",
    "  GET /things/{id}  openapi/things.yaml",
    "",
    "failing (1):",
    "  POST /things  endpoints/make.md: failed in the run",
    "",
    "docs without a described operation (1):",
    "  endpoints/others.md:2  GET /others",
    "",
    "documented error responses seen: 1 of 2",
    "  not seen: 403  endpoints/make.md:28  POST /things",
]


def docs(project) -> None:
    describe(project)
    project.get()
    project.get("others", "/others", head="status: skip\nskipReason: later")
    file = post(project, "{name: Spade}")
    examples = "## Error Responses\n\n### 422\n\n```json\n{}\n```\n\n### 403\n\n```json\n{}\n```\n"
    file.write_text(f"{file.read_text()}\n{examples}")
    project.server.on("POST /things", 422, {"error": "no"})


def test_the_table_stands_at_the_end(project):
    docs(project)
    result = project.run("-q", "--endpoint-coverage")
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    assert section(result, "endpoint coverage") == TABLE


def test_the_same_with_workers_and_by_the_ini_key(project):
    docs(project)
    project.write("pytest.ini", "[pytest]\nendpoint_coverage = true\n")
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "-n", "2", "endpoints")
    assert section(result, "endpoint coverage") == TABLE


def test_without_it_nothing_is_told(project):
    docs(project)
    assert "endpoint coverage" not in project.run("-q").stdout.str()


def test_an_environment_without_descriptions_says_so(project):
    project.get()
    result = project.run("-q", "--endpoint-coverage")
    assert section(result, "endpoint coverage") == ["no coverage: the environment names no 'openapi' descriptions"]

"""``endpoint-docs coverage``: which described operations have a doc."""

from __future__ import annotations

import json
import sys

import pytest
from things_api import describe, post

from pytest_endpoint_docs.cli.main import main
from pytest_endpoint_docs.errors import MissingExtra


@pytest.fixture
def things(project, monkeypatch):
    """Two of three operations have a doc, one of them was verified in March."""
    describe(project)
    project.get(head="status: verified\nverifiedAt: 2026-03-01T00:00:00Z")
    post(project, "{name: Spade}", head="status: pending")
    monkeypatch.chdir(project.root)
    return project


def test_the_table(things, capsys):
    assert main(["coverage", "--env", "test"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "domain  operations  documented  verified  stale  failing  unverified  skipped  undocumented   %",
        "------  ----------  ----------  --------  -----  -------  ----------  -------  ------------  --",
        "things           3           2         1      0        0           1        0             1  67",
        "------  ----------  ----------  --------  -----  -------  ----------  -------  ------------  --",
        "all              3           2         1      0        0           1        0             1  67",
        "",
        "undocumented (1):",
        "  GET /things/{id}  openapi/things.yaml",
    ]


def test_what_passed_in_a_run_is_verified(things, capsys):
    things.run("--endpoint-results", "results.json")
    capsys.readouterr()
    assert main(["coverage", "--env", "test", "--results", "results.json", "--format", "json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert {one["operation"]: one["state"] for one in value["operations"]} == {
        "GET /things": "verified",
        "POST /things": "verified",
        "GET /things/{id}": "undocumented",
    }


def test_the_parts_of_a_run_count_together(things, capsys):
    things.run("-k", "GET", "--endpoint-results", "part-1.json", "endpoints")
    things.run("-k", "POST", "--endpoint-results", "part-2.json", "endpoints")
    parts = ["--results", "part-1.json", "--results", "part-2.json"]
    capsys.readouterr()
    assert main(["coverage", "--env", "test", *parts, "--format", "json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in value["operations"]].count("verified") == 2


def test_results_of_two_environments_are_no_parts_of_a_run(things, capsys):
    things.run("--endpoint-results", "part-1.json", "endpoints")
    text = (things.root / "part-1.json").read_text()
    things.write("part-2.json", text.replace('"environment": "test"', '"environment": "other"'))
    parts = ["--results", "part-1.json", "--results", "part-2.json"]
    capsys.readouterr()
    assert main(["coverage", "--env", "test", *parts]) == 2
    assert capsys.readouterr().err == (
        "endpoint-docs: part-2.json holds results of the environment other, part-1.json of test: "
        "give the parts of one run\n"
    )


def test_an_old_verification_is_stale(things, capsys):
    assert main(["coverage", "--openapi", "openapi/things.yaml", "--max-age", "1h"]) == 0
    assert "  GET /things  endpoints/things.md: verified " in capsys.readouterr().out


def test_the_page_is_one_file_with_a_cell_for_every_operation(things, capsys):
    assert main(["coverage", "--env", "test", "--format", "html", "--output", "out/coverage.html"]) == 0
    assert capsys.readouterr().out == ""
    page = (things.root / "out/coverage.html").read_text()
    assert page.count('href="#op-') == 3
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(("minimum", "code"), [("66", 0), ("67", 1)])
def test_fail_under(things, capsys, minimum, code):
    assert main(["coverage", "--env", "test", "--fail-under", minimum]) == code
    assert capsys.readouterr().err == (
        "endpoint docs cover 66.7 % of the operations (2 of 3), less than the required 67 %\n" if code else ""
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--fail-under", "101"], "argument --fail-under: '101' is not a percentage from 0 to 100"),
        (
            ["--max-age", "soon"],
            "argument --max-age: 'soon' is not a duration; expected a number with m, h, d or w, such as 90d",
        ),
    ],
)
def test_wrong_values_are_usage_errors(things, capsys, option, message):
    with pytest.raises(SystemExit) as ended:
        main(["coverage", "--env", "test", *option])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_no_descriptions_are_a_usage_error(things, capsys):
    assert main(["coverage"]) == 2
    assert capsys.readouterr().err.startswith("endpoint-docs: say which descriptions: --env NAME")


def test_a_page_without_jinja_is_refused_before_anything_is_read(things, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert main(["coverage", "nowhere", "--env", "test", "--format", "html"]) == 2
    missing = MissingExtra("the coverage page needs Jinja2", extra="report")
    assert capsys.readouterr().err == f"endpoint-docs: {missing}\n"


def test_a_description_that_cannot_be_read_is_told_and_fails(things, capsys):
    things.write("openapi/broken.yaml", "paths: [")
    assert main(["coverage", "--openapi", "openapi/*.yaml"]) == 1
    assert capsys.readouterr().out.split("\n\n")[-1].splitlines()[0] == "problems of the descriptions (1):"

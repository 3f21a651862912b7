"""``--endpoint-max-age`` and the limits of tags and domains: how old a verification may be."""

from __future__ import annotations

import json

import pytest

HEAD = "status: verified\nowner: team-sales\nverifiedAt: 2026-01-01T00:00:00Z\nverifiedBy: Ana"
DAY_89, DAY_91 = "2026-03-31", "2026-04-02"


def test_the_day_after_the_limit_warns_and_the_run_passes(project):
    project.get(head=HEAD)
    result = project.run("--endpoint-max-age", "90d", "--endpoint-now", DAY_91, "endpoints")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "warning: the dates of 1 doc need attention (with --endpoint-stale fail, the run exits with 1):",
            "  endpoints/things.md:5: last verified 91 days ago (2026-01-01 by Ana)*90 days*team-sales [[]stale[]]",
        ]
    )


def test_the_day_before_the_limit_is_silent(project):
    project.get(head=HEAD, expect="{body: {ok: true}}")
    result = project.run("--endpoint-max-age", "90d", "--endpoint-now", DAY_89, "endpoints")
    assert result.ret == 0
    assert "endpoint docs ===" not in result.stdout.str()


def test_without_a_limit_no_age_is_told(project):
    project.get(head=HEAD, expect="{body: {ok: true}}")
    assert "endpoint docs ===" not in project.run("--endpoint-now", DAY_91, "endpoints").stdout.str()


def test_the_ini_key_is_its_twin(project):
    project.get(head=HEAD)
    project.write("pytest.ini", "[pytest]\nendpoint_max_age = 90d\n")
    project.run("--endpoint-now", DAY_91, "endpoints").stdout.fnmatch_lines(["*[[]stale[]]"])


def test_tags_and_domains_have_limits_of_their_own(project):
    project.get("slow", "/slow", head=HEAD + "\ndomain: sales")
    project.get("oauth", "/oauth", head=HEAD + "\ntags: [oauth]\ndomain: sales")
    project.get("other", "/other", head=HEAD)
    project.write(
        "pytest.ini",
        "[pytest]\nendpoint_max_age = 90d\nendpoint_max_ages =\n    tag:oauth = 30d\n    domain:sales = 180d\n",
    )
    told = project.run("--endpoint-now", "2026-03-01", "endpoints").stdout.str()
    assert "endpoints/oauth.md:5: last verified 59 days ago" in told
    assert "slow.md" not in told.partition("endpoint docs ===")[2]
    assert "other.md" not in told.partition("endpoint docs ===")[2]


def test_only_docs_of_the_run_are_told(project):
    project.get("old", "/old", head=HEAD)
    project.get("new", "/new", head=HEAD.replace("2026-01-01", "2026-04-01"))
    result = project.run("--endpoint-max-age", "90d", "--endpoint-now", DAY_91, "endpoints/new.md")
    assert "old.md" not in result.stdout.str()


def test_a_doc_that_was_never_verified_is_told(project):
    project.get()
    result = project.run("--endpoint-max-age", "90d", "endpoints")
    result.stdout.fnmatch_lines(
        ["  endpoints/things.md:2: never verified; it has to be verified every 90 days [[]never-verified[]]"]
    )


def test_a_stamp_of_this_run_settles_it(project):
    project.environment("stamps: true\n")
    project.get(head=HEAD)
    result = project.run("--endpoint-max-age", "90d", "--endpoint-stale", "fail", "--endpoint-stamp", "endpoints")
    assert result.ret == 0
    assert "[stale]" not in result.stdout.str()


def test_ages_reach_the_result_file(project):
    project.get(head=HEAD)
    project.run("--endpoint-max-age", "90d", "--endpoint-now", DAY_91, "--endpoint-results", "r.json", "endpoints")
    (item,) = json.loads((project.root / "r.json").read_text())["items"]
    assert (item["age_days"], item["max_age_days"]) == (91.0, 90.0)
    assert [finding["code"] for finding in item["findings"]] == ["stale"]


def test_many_stale_docs_are_counted(project):
    for number in range(14):
        project.get(f"d{number:02}", f"/d{number}", head=HEAD)
    arguments = ["--endpoint-max-age", "90d", "--endpoint-now", DAY_91, "endpoints"]
    result = project.run(*arguments)
    result.stdout.fnmatch_lines(["warning: the dates of 14 docs need attention*", "  ... and 4 more (-v shows all)"])
    assert project.run(*arguments, "-v").stdout.str().count("[stale]") == 14


@pytest.mark.parametrize("age", ["90", "90 days", "x", "0d"])
def test_a_limit_that_is_none_is_one_usage_error(project, age):
    project.get()
    result = project.run("--endpoint-max-age", age, "endpoints")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --endpoint-max-age = *"])


def test_a_wrong_line_of_the_ini_is_quoted(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_max_ages =\n    tags:oauth = 30d\n")
    result = project.run()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *tags:oauth = 30d*did you mean tag:oauth?"])


def test_workers_tell_each_doc_once(project):
    for number in range(4):
        project.get(f"d{number}", f"/d{number}", head=HEAD)
    result = project.pytester.runpytest_subprocess(
        *("--endpoint-env", "test", "-n", "2", "--endpoint-max-age", "90d", "--endpoint-now", DAY_91, "endpoints")
    )
    assert result.ret == 0
    assert result.stdout.str().count("[stale]") == 4

"""``--endpoint-stale``: what a verification that is too old does to the run."""

from __future__ import annotations

import json

import pytest

HEAD = "status: verified\nverifiedAt: 2026-01-01T00:00:00Z"
DAY_89, DAY_91 = "2026-03-31", "2026-04-02"
LIMIT = ("--endpoint-max-age", "90d", "--endpoint-now")


@pytest.mark.parametrize(
    ("day", "stale", "status"), [(DAY_91, "warn", 0), (DAY_91, "fail", 1), (DAY_89, "fail", 0), (DAY_89, "warn", 0)]
)
def test_the_exit_status(project, day, stale, status):
    project.get(head=HEAD)
    result = project.run(*LIMIT, day, "--endpoint-stale", stale, "endpoints")
    result.assert_outcomes(passed=1)
    assert result.ret == status


def test_a_run_that_fails_although_everything_passed_says_so(project):
    project.get(head=HEAD)
    result = project.run(*LIMIT, DAY_91, "--endpoint-stale", "fail", "endpoints")
    result.stdout.fnmatch_lines(
        [
            "ERROR: the run fails only because the dates of 1 doc need attention (--endpoint-stale fail):",
            "  endpoints/things.md:4: last verified 91 days ago*",
        ]
    )


def test_it_says_so_even_where_nothing_else_is_said(project):
    project.get(head=HEAD)
    result = project.run(*LIMIT, DAY_91, "--endpoint-stale", "fail", "-q", "-q", "endpoints")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["ERROR: the run fails only because*"])


def test_the_result_file_knows_the_exit_status(project):
    project.get(head=HEAD)
    project.run(*LIMIT, DAY_91, "--endpoint-stale", "fail", "--endpoint-results", "r.json", "endpoints")
    assert json.loads((project.root / "r.json").read_text())["exit_status"] == 1


def test_a_skip_whose_date_is_past(project):
    project.get(head="status: skip\nskipReason: the feature is off\nskipUntil: 2026-02-01\nowner: team-sales")
    result = project.run("--endpoint-now", "2026-03-01", "--endpoint-stale", "fail", "endpoints")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["  endpoints/things.md:5: skipUntil 2026-02-01 passed 27 days ago*team-sales*"])
    assert project.run("--endpoint-now", "2026-01-31", "--endpoint-stale", "fail", "endpoints").ret == 0


def test_the_ini_key_is_its_twin(project):
    project.get(head=HEAD)
    project.write("pytest.ini", "[pytest]\nendpoint_max_age = 90d\nendpoint_stale = fail\n")
    assert project.run("--endpoint-now", DAY_91, "endpoints").ret == 1


def test_an_unknown_value_is_a_usage_error(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_stale = error\n")
    result = project.run()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: endpoint_stale = 'error': expected one of warn, fail"])


def test_failures_keep_their_exit_status(project):
    project.get(head=HEAD, expect="{status: 201}")
    result = project.run(*LIMIT, DAY_91, "--endpoint-stale", "fail", "endpoints")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["ERROR: the run fails also because*"])


def test_the_exit_status_with_workers(project):
    project.get(head=HEAD)
    project.get("others", "/others", head=HEAD)
    arguments = ("--endpoint-env", "test", "-n", "2", *LIMIT, DAY_91, "endpoints")
    assert project.pytester.runpytest_subprocess(*arguments).ret == 0
    assert project.pytester.runpytest_subprocess(*arguments, "--endpoint-stale", "fail").ret == 1

"""The end of every run: what did not run and why, and what the docs' writers should know."""

from __future__ import annotations

import pytest

SECTION = "= endpoint docs ="
STEP = "## Test Request\n\n```yaml\nsteps:\n  - id: main\n    method: {}\n    path: {}\n```\n"


def test_a_run_where_everything_ran_has_no_section(project):
    project.get(expect="{body: {ok: true}}")
    assert SECTION not in project.run().stdout.str()


def test_a_project_without_docs_has_no_section(project):
    project.write("test_a.py", "import pytest\n\n@pytest.mark.skip(reason='x')\ndef test_a():\n    pass\n")
    assert SECTION not in project.run("test_a.py").stdout.str()


def test_what_did_not_run_is_told_by_cause_with_the_oldest(project):
    project.get("a", "/a", head="status: skip\nskipReason: the feature is off\nverifiedAt: 2026-01-01\nverifiedBy: Ana")
    project.get("b", "/b", head="status: skip\nskipReason: the feature is off\nverifiedAt: 2026-02-01")
    project.get("c", "/c", head="status: deprecated")
    project.get("d", "/d/{{nobody_knows}}")
    project.doc("e", STEP.format("DELETE", "/e"), endpoint="DELETE /e")
    project.get("f", "/f")
    project.doc(
        "g",
        "## Prerequisites\n\n```yaml\nsteps:\n  - id: first\n    method: GET\n    path: /g\n    onFail: skip\n"
        "    extract: {g: $.g}\n    expect: {status: 201}\n```\n\n" + STEP.format("GET", "/g/{{g}}"),
        endpoint="GET /g/{id}",
    )
    project.doc("h", "## Request Template\n\n```json\nnull\n```\n", endpoint="GET /h")
    project.write("fixtures/environments/test.yaml", f"base_url: {project.server.url}\n")
    result = project.run("-o", "endpoint_undefined=skip", "--endpoint-now", "2026-03-01", "endpoints")
    result.stdout.fnmatch_lines(
        [
            "7 of 8 items did not run:",
            "  undefined variables       1  endpoints/d.md:* (never verified)",
            "  blocked                   1  endpoints/g.md:* (never verified)",
            "  not in this environment   1  endpoints/e.md:* (never verified)",
            "  no request recorded       1  endpoints/h.md:* (never verified)",
            "  skip recorded in the doc  2  oldest: endpoints/a.md:* (last verified 59 days ago by Ana)",
            "  deprecated                1  endpoints/c.md:* (never verified)",
        ]
    )


def test_it_is_the_end_of_the_summary(project):
    project.get("a", "/a", "{status: 201}")
    project.get("b", "/b", head="status: skip\nskipReason: the feature is off")
    lines = project.run("-rA").stdout.lines
    assert lines[-2].startswith("  skip recorded in the doc  1  endpoints/b.md:")
    assert "1 failed, 1 skipped" in lines[-1]


def test_a_skip_without_a_reason_is_told_once_at_its_line(project):
    project.get(head="status: skip\nowner: team-sales")
    result = project.run()
    result.stdout.fnmatch_lines(
        [
            "1 skip without a reason:",
            "  endpoints/things.md:3: skipped without a reason: write one into skipReason; owner: team-*",
        ]
    )
    assert result.stdout.str().count("endpoints/things.md:3") == 1


def test_headlines_have_the_colour_of_their_level(project):
    project.get(head="status: verified\nskipReason: needs: quotes\nverifiedAt: 2026-01-01")
    ages = ["--endpoint-max-age", "30d", "--endpoint-stale", "fail", "--endpoint-now", "2026-03-01"]
    run = project.pytester.runpytest_subprocess("--endpoint-env", "test", "--color=yes", *ages, "endpoints")
    text = run.stdout.str()
    assert "\x1b[33mwarning: 1 finding about the docs (endpoint-docs lint shows all):\x1b[0m\n  endpoints/" in text
    assert "\x1b[31mERROR: the run fails only because the dates of 1 doc need attention (--endpoint-st" in text


def test_findings_are_told_with_their_line(project):
    project.get("a", "/a", head="status: verified\nskipReason: needs: quotes")
    project.doc("b", STEP.format("GET", "/b") + "\n## Notes\n\n```json\n{", endpoint="GET /b")
    result = project.run()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "warning: 2 findings about the docs (endpoint-docs lint shows all):",
            "  endpoints/a.md:4: *",
            "  endpoints/b.md:*unclosed-fence*",
        ]
    )


def test_long_lists_are_counted_and_v_tells_all(project):
    for number in range(14):
        project.get(f"d{number:02}", f"/d{number}", head="status: skip")
    result = project.run()
    result.stdout.fnmatch_lines(["14 skips without a reason:", "  ... and 4 more (-v shows all)"])
    assert len([line for line in result.stdout.lines if ": skipped without a reason" in line]) == 10
    assert len([line for line in project.run("-v").stdout.lines if ": skipped without a reason" in line]) == 14


@pytest.mark.parametrize(("arguments", "told"), [(["-q"], True), (["-q", "-q"], False), (["-qq"], False)])
def test_quiet_runs(project, arguments, told):
    project.get(head="status: skip\nskipReason: the feature is off")
    assert ("1 of 1 item did not run:" in project.run(*arguments, "endpoints").stdout.str()) is told


def test_many_manual_docs_have_one_command_for_the_rest(project):
    for number in range(8):
        project.doc(
            f"m{number}",
            "## Manual Testing Procedure\n\n1. Look.\n",
            endpoint=f"GET /m{number}",
            head="status: skip\nskipReason: by hand\ntags: [requires-manual-testing]",
        )
    project.run().stdout.fnmatch_lines(
        [
            "  endpoints/m0.md:*: skipped, never verified",
            "    pytest endpoints/m0.md --endpoint-env test --endpoint-manual attended",
            "  ... and 3 more: pytest -m requires_manual_testing --endpoint-env test --endpoint-manual attended",
        ]
    )


def test_the_commands_are_for_the_folder_that_pytest_was_started_in(project, monkeypatch):
    body = "## Manual Testing Procedure\n\n1. Look.\n"
    project.doc("m", body, endpoint="GET /m", head="status: skip\ntags: [requires-manual-testing]")
    monkeypatch.chdir(project.root / "endpoints")
    result = project.run("m.md")
    result.stdout.fnmatch_lines(["    pytest m.md --endpoint-env test --endpoint-manual attended"])


def test_workers_tell_the_same(project):
    project.get("a", "/a", head="status: skip")
    project.get("b", "/b")
    result = project.pytester.runpytest_subprocess("--endpoint-env", "test", "-n", "2", "endpoints")
    result.stdout.fnmatch_lines(["1 of 2 items did not run:", "1 skip without a reason:"])
    assert result.stdout.str().count(SECTION) == 1

"""What the frontmatter's ``status`` does to an item."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.reporting.result_file import read_records

REASON = "Needs a person: see the wiki, and ask the identity team."


@pytest.mark.parametrize("status", ["verified", "success", "pass"])
def test_a_verified_doc_must_pass(project, status):
    project.get(expect="{status: 201}", head=f"status: {status}")
    project.run().assert_outcomes(failed=1)


def test_a_pending_doc_may_fail(project):
    project.get(expect="{status: 201}", head="status: pending")
    result = project.run("-rx")
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["XFAIL endpoints/things.md::GET /things - pending: expected status 201, got 200 OK"])


def test_why_a_pending_doc_fails_is_told_everywhere(project):
    project.get(path="/things/{{thing}}", head="status: pending\nskipReason: the ids changed")
    files = [project.root / name for name in ("r.json", "r.html", "r.md", "r.xml")]
    results, html, markdown, junit = files
    told = ["--endpoint-results", str(results), "--endpoint-report", str(html), "--endpoint-report", str(markdown)]
    project.run("endpoints", *told, "--junitxml", str(junit)).assert_outcomes(xfailed=1)
    (item,) = read_records(results).items
    assert (item.outcome, item.reason) == ("xfailed", "pending: the ids changed")
    assert item.verdict == "endpoints/things.md:14: undefined variable {{thing}} in step main: nothing defines it"
    assert item.failure.startswith(item.verdict)
    for file in (html, markdown, junit):
        text = file.read_text(encoding="utf-8").replace("\\", "")
        assert "undefined variable {{thing}} in step main" in text, file
        assert "pending: the ids changed" in text, file


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_a_mistake_in_a_doc_that_is_expected_to_fail_is_told(project, status):
    project.get(expect="{status: 201}", head=f"status: {status}")
    file = project.root / "endpoints/things.md"
    file.write_text(file.read_text().replace("expect:", "expct:"))
    result = project.run()
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(
        ["warning: 1 finding about the docs*", '  endpoints/things.md:14: unknown key "expct" of a step. *']
    )


def test_runxfail_has_its_usual_effect(project):
    project.get(expect="{status: 201}", head="status: pending")
    project.get("other", head="status: failed")
    project.run("--runxfail", "endpoints").assert_outcomes(failed=1, passed=1)


def test_without_the_plugin_that_has_this_option_an_expected_failure_ends_no_run(project):
    project.get("a", "/a", expect="{status: 201}", head="status: pending")
    project.get("b", "/b")
    result = project.run("-p", "no:skipping", "endpoints")
    assert result.ret == 0
    assert project.server.requests == ["GET /a", "GET /b"]


def test_a_pending_doc_that_passes_is_a_pass_and_is_told(project):
    project.get(head="status: pending")
    result = project.run()
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "warning: the status of 1 doc is out of date:",
            "  endpoints/things.md:3: now passes: set `status: verified`",
        ]
    )


def test_a_pending_doc_of_which_an_item_fails_does_not_pass(project):
    file = project.get(head="status: pending")
    case = "  - id: absent\n    request: {/path: /nothing}\n    expect: {status: 404}\n"
    file.write_text(file.read_text() + f"\n## Cases\n\n```yaml\ncases:\n{case}```\n")
    result = project.run()
    result.assert_outcomes(passed=1, xfailed=1)
    assert "now passes" not in result.stdout.str()


def test_a_failed_doc_is_expected_to_fail(project):
    project.get(expect="{status: 201}", head="status: failed")
    project.run().assert_outcomes(xfailed=1)


def test_a_failed_doc_that_passes_says_what_to_do(project):
    project.get(head="status: failed")
    file = project.root / "r.json"
    result = project.run("-rf", "--endpoint-results", str(file))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*endpoints/things.md:3: now passes: set `status: verified`"])
    (item,) = read_records(file).items
    assert (item.root_cause, item.failure_line) == ("now passes: set `status: verified`", 3)


def test_an_unreachable_server_is_no_expected_failure(project):
    project.get(head="status: failed")
    project.environment()
    file = project.root / "fixtures/environments/test.yaml"
    file.write_text(file.read_text().replace(project.server.url, "http://127.0.0.1:9"))
    project.run().assert_outcomes(errors=1)


@pytest.mark.parametrize(
    "head",
    [
        f"status: skip\nskipReason: '{REASON}'",
        f"status: skipped\nskip_reason: '{REASON}'",
        f"skip: true\nskipReason: '{REASON}'",
    ],
)
def test_a_skip_shows_the_recorded_reason_and_the_docs_line(project, head):
    project.get(head=head)
    result = project.run("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.re_match_lines([rf"SKIPPED \[1\] endpoints/things\.md:\d+: {REASON}"])
    assert project.server.requests == []


def test_a_deprecated_doc_is_skipped_as_such(project):
    project.get(head="status: deprecated\nskipReason: use v3")
    project.run("-rs").stdout.fnmatch_lines(["SKIPPED*deprecated: use v3"])


def test_a_skipped_doc_needs_no_environment(project):
    project.get(head="status: skip\nskipReason: later")
    project.run(env=None).assert_outcomes(skipped=1)


def test_an_unknown_status_fails_with_the_nearest_one(project):
    project.get(head="status: verifed")
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['*endpoints/things.md:3: unknown status "verifed". Did you mean "verified"?'])
    assert project.server.requests == []


def test_every_broken_case_tells_its_own_error(project):
    file = project.get()
    entry = "  - id: {}\n    expect: {{status: 404}}\n"
    cases = entry.format("one") * 2 + "  - expect: {status: 404}\n"
    file.write_text(file.read_text() + f"\n## Cases\n\n```yaml\ncases:\n{cases}```\n")
    project.server.on("GET /things", 404, {})
    result = project.run("-rf")
    result.stdout.fnmatch_lines(
        [
            'endpoints/things.md:23: another item of this doc is called "one" already: *',
            "endpoints/things.md:25: a case needs an `id`, *",
        ]
    )

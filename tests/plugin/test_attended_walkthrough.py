"""``--endpoint-manual attended``: docs that only a person can test, led through at the terminal."""

from __future__ import annotations

import pytest
from walkthroughs import HEAD, PAYOUT, evidence_of, interrupted, on_a_terminal

pytest.importorskip("pty", reason="this system has no pseudo-terminals")

ATTENDED = ("--endpoint-env", "test", "--endpoint-manual", "attended", "--endpoint-tester", "Ana")
DOC = "endpoints/payout.md"


@pytest.fixture
def payout(project, monkeypatch):
    """A project with one doc that only a person can test."""
    monkeypatch.setenv("STAFF_TOKEN", "s3cr3t-of-the-staff")
    project.environment(
        "stamps: true\nparams: {payout_id: p42}\ntokens: {staff: '${STAFF_TOKEN}'}\n",
    )
    project.doc("payout", PAYOUT, endpoint="POST /payouts/{payout_id}", head=HEAD)
    return project


def test_all_steps_passed_is_a_pass_with_evidence(payout):
    status, shown = on_a_terminal(payout.root, "p\np\np all green\n\n", *ATTENDED, "--endpoint-stamp", DOC)
    assert status == 0, shown
    assert f'curl -X POST "{payout.server.url}/payouts/p42" -H "Authorization: Bearer $STAFF_TOKEN"' in shown
    assert "s3cr3t" not in shown
    (record,) = evidence_of(payout.root, DOC)
    assert (record["outcome"], record["tester"], record["environment"]) == ("passed", "Ana", "test")
    assert [step["outcome"] for step in record["steps"]] == ["passed"] * 3
    text = (payout.root / DOC).read_text()
    assert "verifiedBy: Ana\n" in text
    assert "verifiedAt: " in text
    assert payout.server.requests == []


def test_a_failed_step_fails_at_its_line_with_the_note(payout):
    status, shown = on_a_terminal(payout.root, "p\nf the mail never came\nend\n\n", *ATTENDED, "--endpoint-stamp", DOC)
    assert status == 1
    assert f"{DOC}:14: failed by hand at step 2 of 3: the mail never came" in shown
    (record,) = evidence_of(payout.root, DOC)
    assert (record["outcome"], len(record["steps"])) == ("failed", 2)
    assert "verifiedAt" not in (payout.root / DOC).read_text()


def test_a_blocked_step_is_a_skip(payout):
    status, shown = on_a_terminal(payout.root, "b no mail server\nend\n\n", *ATTENDED, "-rs", DOC)
    assert status == 0
    assert "1 skipped" in shown
    assert "blocked by hand at step 1 of 3: no mail server" in shown
    assert [record["outcome"] for record in evidence_of(payout.root, DOC)] == ["blocked"]


def test_what_was_answered_before_leaving_is_kept(payout):
    _, shown = on_a_terminal(payout.root, "p\np\nquit\n", *ATTENDED, "-rs", DOC)
    assert "walk-through left after 2 of 3 steps; run it again to go on" in shown
    assert evidence_of(payout.root, DOC) == []
    _, shown = on_a_terminal(payout.root, "y\np\n\n", *ATTENDED, DOC)
    assert "Go on at step 3?" in shown
    assert "1 passed" in shown
    assert len(evidence_of(payout.root, DOC)[0]["steps"]) == 3


def test_an_interrupt_loses_no_answer(payout):
    status, shown = interrupted(payout.root, "p\np\n", "Step 3 of 3 [", *ATTENDED, DOC)
    assert status == 2
    assert "Your answers are kept" in shown
    _, shown = on_a_terminal(payout.root, "y\np\n\n", *ATTENDED, DOC)
    assert "Go on at step 3?" in shown


def test_cases_beside_the_procedure_say_why_they_do_not_run(payout):
    cases = """
## Test Request

```yaml
steps:
  - {id: make, method: POST, path: /payouts, token: none}
```

## Cases

```yaml
cases:
  - {id: twice, expect: {status: 409}}
```
"""
    payout.doc("payout", PAYOUT + cases, endpoint="POST /payouts/{payout_id}", head=HEAD.replace("verified", "skip"))
    status, shown = on_a_terminal(payout.root, "p\np\np\n\n", *ATTENDED, "-rs", DOC)
    assert status == 0
    assert "1 passed, 1 skipped" in shown
    assert (
        "('POST /payouts/{payout_id}' leads through the doc's procedure, which is all that a person tests)" in shown
    ), shown


def test_without_a_terminal_it_is_skipped_with_that_reason(payout):
    result = payout.pytester.runpytest_subprocess(*ATTENDED, "-rs", DOC)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["SKIPPED*needs a person, by its Manual Testing Procedure (an attended walk-through needs a terminal*"]
    )


def test_with_workers_it_is_skipped_with_that_reason(payout):
    status, shown = on_a_terminal(payout.root, "", *ATTENDED, "-rs", "-n", "1", DOC)
    assert status == 0
    assert "(an attended walk-through needs one process; run it without -n)" in shown


def test_without_the_option_it_is_skipped_with_the_command(payout):
    result = payout.run()
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        [
            "to run docs that need a person:",
            f"  {DOC}:*: skipped, never verified",
            f"    pytest {DOC} --endpoint-env test --endpoint-manual attended",
        ]
    )


def test_the_next_runs_know_who_tested(payout):
    on_a_terminal(payout.root, "p\np\np\n\n", *ATTENDED, DOC)
    payout.run().stdout.fnmatch_lines(
        [
            f"  needs a person  1  {DOC}:* (last verified by hand less than an hour ago by Ana)",
            f"  {DOC}:*: skipped, last verified by hand less than an hour ago by Ana",
        ]
    )
    result = payout.run("--endpoint-max-age", "90d", "endpoints")
    assert "never-verified" not in result.stdout.str()


def test_evidence_may_be_committed_and_what_else_is_kept_may_not(payout):
    on_a_terminal(payout.root, "p\nquit\n", *ATTENDED, DOC)
    on_a_terminal(payout.root, "n\np\np\np\n\n", *ATTENDED, DOC)
    ignored = (payout.root / ".endpoint-docs/.gitignore").read_text().splitlines()
    assert "*" in ignored
    assert "!evidence/**" in ignored


def test_evidence_of_the_sandbox_is_kept_and_verifies_nothing(payout):
    payout.write("fixtures/environments/sandbox.yaml", f"base_url: {payout.server.url}\n")
    arguments = ["--endpoint-env", "sandbox", *ATTENDED[2:]]
    pytest.importorskip("flask")
    on_a_terminal(payout.root, "p\np\np\n\n", *arguments, DOC)
    (record,) = evidence_of(payout.root, DOC)
    assert (record["sandbox"], record["outcome"]) == (True, "passed")
    payout.run().stdout.fnmatch_lines([f"  {DOC}:*: skipped, never verified"])

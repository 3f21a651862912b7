"""``--endpoint-stamp``: ``verifiedAt`` is written after a live pass of all of a doc's items, and only then."""

from __future__ import annotations

import re

import pytest

STAMPS = "stamps: true\n"
OLD = "2026-01-01T00:00:00Z"
HEAD = f"status: verified\nverifiedAt: {OLD}  # by the robot"
TWO_CASES = """## Test Request

```yaml
steps:
  - id: main
    method: GET
    path: /things
```

## Cases

```yaml
cases:
  - id: unknown-filter
    request: {/params/filter: nonsense}
    expect: {status: 200}
```
"""


@pytest.fixture
def live(project):
    """A project whose environment allows stamps."""
    project.environment(STAMPS)
    return project


def verified_at(file):
    found = re.search(r"^verifiedAt: (\S+)", file.read_text(), re.MULTILINE)
    return found[1] if found else None


def test_a_live_pass_is_written_and_nothing_else_changes(live):
    doc = live.get(head=HEAD)
    before = doc.read_text()
    result = live.run("--endpoint-stamp", "endpoints")
    assert result.ret == 0
    at = verified_at(doc)
    assert at is not None
    assert at > OLD
    assert doc.read_text() == before.replace(OLD, at)
    result.stdout.fnmatch_lines(["stamped 1 doc with verifiedAt:", f"  endpoints/things.md: {at}, by status only"])


def test_the_ini_key_is_its_twin(live):
    doc = live.get(head=HEAD)
    live.write("pytest.ini", "[pytest]\nendpoint_stamp = true\n")
    live.run()
    assert verified_at(doc) != OLD


def test_without_it_no_doc_is_touched(live):
    doc = live.get(head=HEAD)
    live.run()
    assert verified_at(doc) == OLD


def test_an_environment_has_to_allow_it(project):
    doc = project.get(head=HEAD)
    result = project.run("--endpoint-stamp", "endpoints")
    assert result.ret == 0
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines(["nothing stamped: environment test does not allow it*'stamps: true' in test.yaml"])


def test_another_server_than_the_environments_is_not_stamped(live):
    doc = live.get(head=HEAD)
    result = live.run("--endpoint-stamp", "--base-url", live.server.url, "endpoints")
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines([f"nothing stamped: requests went to the base URL {live.server.url}*"])


def test_a_pinned_clock_is_not_stamped(live):
    doc = live.get(head=HEAD)
    result = live.run("--endpoint-stamp", "--endpoint-now", "2026-02-01", "endpoints")
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines(["nothing stamped: the clock is pinned by --endpoint-now*"])


@pytest.mark.parametrize(("key", "stamped"), [("", False), ("stamps: true\n", True)])
def test_the_sandbox_is_stamped_only_where_its_environment_says_so(project, key, stamped):
    doc = project.get("health", "/platform/v1/health", head=HEAD)
    project.write("fixtures/environments/sandbox.yaml", "base_url: ${SANDBOX_URL}\n" + key)
    result = project.run("--endpoint-stamp", "endpoints", env="sandbox")
    assert (verified_at(doc) != OLD) is stamped
    told = "stamped 1 doc with verifiedAt:" if stamped else "nothing stamped: the sandbox is not the server*"
    result.stdout.fnmatch_lines([told])


@pytest.mark.parametrize(
    ("head", "expect", "reason"),
    [
        (HEAD, "{status: 201}", "an item failed"),
        (HEAD.replace("verified", "pending", 1), "{status: 201}", "an item failed as expected"),
        (HEAD.replace("verified", "failed", 1), "{status: 201}", "an item failed as expected"),
        (HEAD.replace("verified", "skip", 1) + "\nskipReason: later", "{status: 200}", "an item did not run"),
        (HEAD.replace("verified", "deprecated", 1), "{status: 200}", "an item did not run"),
    ],
)
def test_what_did_not_pass_is_not_stamped_and_told(live, head, expect, reason):
    doc = live.get(head=head, expect=expect)
    result = live.run("--endpoint-stamp", "endpoints")
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines(
        ["stamped 0 docs with verifiedAt", "1 doc not stamped:", f"  1: {reason}: endpoints/things.md"]
    )


@pytest.mark.parametrize(
    "selection",
    [
        ["endpoints/things.md::GET /things"],
        ["endpoints", "-k", "unknown"],
        ["endpoints", "--deselect", "endpoints/things.md::unknown-filter"],
    ],
)
def test_a_part_of_a_doc_does_not_verify_it(live, selection):
    doc = live.doc("things", TWO_CASES, head=HEAD)
    result = live.run("--endpoint-stamp", *selection)
    assert result.parseoutcomes()["passed"] == 1
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines(["*1: not all items of the doc ran: endpoints/things.md"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=" ".join)
def test_a_doc_of_which_a_hook_leaves_out_a_case_is_not_verified(live, workers):
    live.write("conftest.py", "def pytest_endpoint_docs_modify_cases(cases):\n    del cases[1]\n")
    doc = live.doc("things", TWO_CASES, head=HEAD)
    result = live.run("--endpoint-stamp", "endpoints", *workers)
    assert result.parseoutcomes()["passed"] == 1
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines(["*1: not all items of the doc ran: endpoints/things.md"])


def test_all_items_of_a_doc_verify_it(live):
    doc = live.doc("things", TWO_CASES, head=HEAD)
    live.run("--endpoint-stamp", "endpoints").assert_outcomes(passed=2)
    assert verified_at(doc) != OLD


def test_a_failing_teardown_is_no_pass(live):
    doc = live.get(head=HEAD)
    live.write(
        "conftest.py",
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef broken():\n    yield\n    raise RuntimeError('no')\n",
    )
    live.run("--endpoint-stamp", "endpoints").assert_outcomes(passed=1, errors=1)
    assert verified_at(doc) == OLD


def test_a_test_that_sends_nothing_verifies_nothing(live):
    doc = live.get(head=HEAD)
    live.write("test_docs.py", "def test_owner(endpoint_case):\n    assert endpoint_case.doc\n")
    result = live.run("--endpoint-stamp", "test_docs.py")
    result.assert_outcomes(passed=1)
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines(["*1: an item passed without an answer from the server: endpoints/things.md"])


def test_a_test_of_the_projects_own_that_runs_the_case_verifies_the_doc(live):
    doc = live.get(head=HEAD)
    live.write("test_docs.py", "def test_contract(endpoint_case):\n    endpoint_case.run()\n")
    live.run("--endpoint-stamp", "test_docs.py").assert_outcomes(passed=1)
    assert verified_at(doc) != OLD


def test_setting_up_alone_is_no_run(live):
    doc = live.get(head=HEAD)
    live.run("--endpoint-stamp", "--setup-only", "endpoints")
    live.run("--endpoint-stamp", "--collect-only", "endpoints")
    assert verified_at(doc) == OLD


def test_a_doc_that_was_edited_meanwhile_is_left_alone(live):
    doc = live.get(head=HEAD)
    live.write(
        "conftest.py",
        "def pytest_endpoint_docs_after_response(case, exchange):\n"
        "    case.doc.file.write_text(case.doc.text + 'new text')\n",
    )
    result = live.run("--endpoint-stamp", "endpoints")
    assert verified_at(doc) == OLD
    result.stdout.fnmatch_lines(["*1: the doc changed during the run: endpoints/things.md"])


def test_a_frontmatter_that_cannot_be_written_for_sure_is_told(live):
    live.get(head="status: verified\nverifiedAt: [2026-01-01]")
    result = live.run("--endpoint-stamp", "endpoints")
    result.stdout.fnmatch_lines(["*1 doc not stamped:"])


def test_a_name_beside_the_date_is_the_testers_then(live):
    doc = live.get(head=HEAD + "\nverifiedBy: Ana")
    live.run("--endpoint-stamp", "--endpoint-tester", "Bo", "endpoints")
    assert "verifiedBy: Bo\n" in doc.read_text()


def test_workers_stamp_each_doc_once(live):
    docs = [live.get(f"d{number}", f"/things/{number}", head=HEAD) for number in range(6)]
    bad = live.get("bad", "/bad", "{status: 201}", head=HEAD)
    result = live.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "-n", "2", "--dist", "load", "--endpoint-stamp", "endpoints"
    )
    result.assert_outcomes(passed=6, failed=1)
    assert all(verified_at(doc) != OLD for doc in docs)
    assert verified_at(bad) == OLD
    result.stdout.fnmatch_lines(["stamped 6 docs with verifiedAt:", "*1: an item failed: endpoints/bad.md"])


def test_workers_that_share_a_doc_stamp_it_when_all_its_items_passed(live):
    doc = live.doc("things", TWO_CASES, head=HEAD)
    live.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "-n", "2", "--dist", "load", "--endpoint-stamp", "endpoints"
    ).assert_outcomes(passed=2)
    assert verified_at(doc) != OLD


def test_an_ini_value_that_is_neither_true_nor_false_is_a_usage_error(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_stamp = maybe\n")
    result = project.run()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *invalid truth value 'maybe'"])

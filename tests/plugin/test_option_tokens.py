"""``--endpoint-tokens all``: a doc once for each token kind that it lists."""

from __future__ import annotations

import pytest

TOKENS = """\
default_token: staff
tokens: {staff: "${STAFF}", admin: {value: "${ADMIN}", auth: "Admin {token}"}, app: "${APP}"}
"""


@pytest.fixture
def tokens(project, monkeypatch):
    monkeypatch.setenv("STAFF", "staff-secret-1")
    monkeypatch.setenv("ADMIN", "admin-secret-1")
    monkeypatch.delenv("APP", raising=False)
    project.environment(TOKENS)
    return project


def sent(project) -> list[str | None]:
    return [request["headers"].get("Authorization") for request in project.server.seen]


def test_without_it_a_doc_runs_with_its_own_token(tokens):
    tokens.get(head="status: verified\ntokens: [staff, admin]")
    result = tokens.run("-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["endpoints/things.md::GET /things PASSED*"])
    assert sent(tokens) == ["Bearer staff-secret-1"]


def test_a_doc_runs_once_for_each_kind(tokens):
    tokens.get(head="status: verified\ntokens: [staff, admin, none, staff]")
    result = tokens.run("-v", "--endpoint-tokens", "all")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "endpoints/things.md::GET /things?staff? PASSED*",
            "endpoints/things.md::GET /things?admin? PASSED*",
            "endpoints/things.md::GET /things?none? PASSED*",
        ]
    )
    assert sent(tokens) == ["Bearer staff-secret-1", "Admin admin-secret-1", None]


def test_one_of_them_is_chosen_by_its_name(tokens):
    tokens.get(head="status: verified\ntokens: [staff, admin]")
    tokens.run("endpoints/things.md::GET /things[admin]", "--endpoint-tokens", "all").assert_outcomes(passed=1)
    assert sent(tokens) == ["Admin admin-secret-1"]


def test_pytest_knows_an_item_of_a_kind_again_that_failed_before(tokens):
    tokens.get("a", "/a", expect="{status: 201}")
    tokens.get("b", "/b", head="status: verified\ntokens: [staff, admin]", expect="{status: 201}")
    tokens.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    chosen = ("--endpoint-tokens", "all")
    tokens.run(*chosen).assert_outcomes(failed=3)
    tokens.run(*chosen, "--lf").assert_outcomes(failed=3)
    tokens.server.on("GET /a", 201, {})
    tokens.run(*chosen, "--sw").assert_outcomes(passed=1, failed=1)
    tokens.run(*chosen, "--sw").assert_outcomes(failed=1, deselected=1)
    tokens.run(*chosen, "--lf", "-n", "2").assert_outcomes(failed=2)


def test_a_kind_without_a_value_is_skipped_and_says_so(tokens):
    tokens.get(head="status: verified\ntokens: [app, owner]")
    result = tokens.run("-rs", "--endpoint-tokens", "all")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(
        [
            "SKIPPED * environment 'test' has no value for token kind 'app'",
            "SKIPPED * environment 'test' has no value for token kind 'owner'",
        ]
    )
    assert tokens.server.requests == []


def test_a_doc_without_tokens_and_its_cases_run_as_ever(tokens):
    tokens.get()
    steps = "steps:\n  - id: main\n    method: GET\n    path: /others\n"
    cases = "cases:\n  - id: again\n    expect: {status: 200}\n"
    tokens.doc(
        "others",
        f"## Test Request\n\n```yaml\n{steps}```\n\n## Cases\n\n```yaml\n{cases}```\n",
        endpoint="GET /others",
        head="status: verified\ntokens: [staff, admin]",
    )
    result = tokens.run("-v", "--endpoint-tokens", "all")
    names = sorted(line.split(" PASSED")[0] for line in result.stdout.lines if " PASSED" in line)
    assert names == [
        "endpoints/others.md::GET /others[admin]",
        "endpoints/others.md::GET /others[staff]",
        "endpoints/others.md::again",
        "endpoints/things.md::GET /things",
    ]


def test_several_requests_keep_their_suffix(tokens):
    fence = '### {}\n\n```json\n{{"method": "GET", "path": "/things"}}\n```\n\n'
    text = "## Request Template\n\n" + fence.format("First") + fence.format("Second")
    tokens.doc("things", text, endpoint="GET /things", head="status: verified\ntokens: [staff, admin]")
    result = tokens.run("-v", "--endpoint-tokens", "all")
    names = [line.split(" PASSED")[0] for line in result.stdout.lines if " PASSED" in line]
    assert names == [
        "endpoints/things.md::GET /things[first-staff]",
        "endpoints/things.md::GET /things[first-admin]",
        "endpoints/things.md::GET /things[second-staff]",
        "endpoints/things.md::GET /things[second-admin]",
    ]


def test_an_unknown_value_is_a_usage_error(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_tokens = every\n")
    result = project.run()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: endpoint_tokens = 'every': expected one of default, all"])

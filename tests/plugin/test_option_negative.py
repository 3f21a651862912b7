"""``--endpoint-negative``, and ``negative`` in a doc: what must be refused is sent too."""

from __future__ import annotations

import pytest
from things_api import describe, post, records, section

NAMES = [
    "negative-missing-name",
    "negative-type-name",
    "negative-type-kind",
    "negative-enum-kind",
    "negative-malformed-json",
    "negative-content-type",
    "negative-no-credentials",
    "negative-method-patch",
]


@pytest.fixture
def refusing(project, monkeypatch):
    """A project whose server refuses every POST but the documented one."""
    monkeypatch.setenv("STAFF", "staff-secret-1")
    describe(project, extra="default_token: staff\ntokens: {staff: '${STAFF}'}\n")
    project.write(
        "conftest.py",
        "import dataclasses\n"
        "def pytest_endpoint_docs_before_request(config, case, request):\n"
        "    if case.outline.kind == 'negative':\n"
        "        refused = '/refused-401' if 'Authorization' not in request.headers else '/refused-405'"
        " if request.method == 'PATCH' else '/refused-422'\n"
        "        return dataclasses.replace(request, url=request.url.replace('/things', refused))\n",
    )
    for status in (401, 405, 422):
        for method in ("POST", "PATCH"):
            project.server.on(f"{method} /refused-{status}", status, {"error": "no"})
    return project


def names(result: pytest.RunResult) -> list[str]:
    return [line.split("::")[1].split(" ")[0] for line in result.stdout.lines if "::negative-" in line and "%]" in line]


def test_without_it_there_are_none(refusing):
    post(refusing, "{name: Spade, kind: tool}")
    refusing.run().assert_outcomes(passed=1)


def test_every_item_is_told_and_they_are_counted_apart(refusing):
    post(refusing, "{name: Spade, kind: tool}")
    results = refusing.root / "results.json"
    result = refusing.run("-v", "--endpoint-negative", "--endpoint-results", str(results))
    assert names(result) == NAMES
    result.assert_outcomes(passed=9)
    assert "8 negative cases: 8 refused as expected" in section(result, "endpoint docs")
    items = records(results)
    assert [item["kind"] for item in items] == ["main"] + ["negative"] * 8
    assert [item["case_id"] for item in items[1:]] == NAMES
    assert [item["statuses"] for item in items] == [[201], *[[422]] * 6, [401], [405]]


def test_one_that_is_not_refused_fails_at_the_request(refusing):
    post(refusing, "{name: Spade, kind: tool}")
    refusing.server.on("POST /refused-422", 201, {"id": "2", "name": "x"})
    result = refusing.run("--endpoint-negative", "-k", "negative-enum-kind")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            (
                "endpoints/make.md:11: sent with a value of `kind` that is not among the described ones: "
                "expected status 400 or 404 or 409 or 422, got 201 *"
            )
        ]
    )
    assert "1 negative case: 1 failed" in section(result, "endpoint docs")


def test_a_5xx_is_no_refusal(refusing):
    post(refusing, "{name: Spade}")
    refusing.server.on("POST /refused-401", 500, {})
    result = refusing.run("--endpoint-negative", "-k", "negative-no-credentials")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["endpoints/make.md:11: sent without credentials: expected status 401 or 403 or 404 or 422, got 500 *"]
    )


def test_a_doc_asks_for_its_own(refusing):
    post(refusing, "{name: Spade, kind: tool}", head="status: verified\nnegative: true")
    refusing.get("others")
    refusing.run().assert_outcomes(passed=10)


def test_a_doc_says_no(refusing):
    post(refusing, "{name: Spade, kind: tool}", head="status: verified\nnegative: false")
    refusing.run("--endpoint-negative").assert_outcomes(passed=1)


@pytest.mark.parametrize("status", ["skip\nskipReason: later", "pending", "failed", "deprecated"])
def test_a_doc_that_need_not_pass_has_none(refusing, status):
    post(refusing, "{name: Spade}", head=f"status: {status}")
    result = refusing.run("--endpoint-negative", "--collect-only", "-q")
    assert [line for line in result.stdout.lines if "::" in line] == ["endpoints/make.md::POST /things"]


def test_none_is_sent_where_nothing_may_be_written(refusing):
    refusing.get(head="status: verified\nnegative: true")
    file = refusing.root / "fixtures/environments/test.yaml"
    file.write_text(file.read_text().replace("writes: true", "writes: false"))
    result = refusing.run("-rs")
    result.assert_outcomes(passed=1, skipped=3)
    result.stdout.fnmatch_lines(["SKIPPED * negative cases may change data; they run only with 'writes: true' in *"])
    assert refusing.server.requests == ["GET /things"]


def test_collecting_without_an_environment_derives_what_the_doc_alone_gives(refusing):
    post(refusing, "{name: Spade, size: 3}")
    result = refusing.run("--endpoint-negative", "--collect-only", "-q", env=None)
    assert [line.partition("::")[2] for line in result.stdout.lines if "::" in line] == [
        "POST /things",
        "negative-no-credentials",
    ]


def test_collecting_reaches_no_server_and_needs_no_secret(refusing, monkeypatch):
    monkeypatch.delenv("STAFF")
    refusing.environment(
        "openapi: [../../openapi/things.yaml]\ntokens: {staff: '${STAFF}'}\nfallback_url: '${NOT_SET}'\n"
    )
    post(refusing, "{name: Spade, kind: tool}")
    result = refusing.run("--endpoint-negative", "--collect-only", "-q")
    assert [line.partition("::")[2] for line in result.stdout.lines if "::" in line] == ["POST /things", *NAMES]


def test_a_case_that_has_the_name_already_keeps_it(refusing):
    steps = "steps:\n  - id: make\n    method: POST\n    path: /things\n    body: {name: Spade}\n"
    cases = "cases:\n  - id: negative-missing-name\n    request: {/body/name: null}\n    expect: {status: 201}\n"
    refusing.doc(
        "make", f"## Test Request\n\n```yaml\n{steps}```\n\n## Cases\n\n```yaml\n{cases}```\n", endpoint="POST /things"
    )
    result = refusing.run("--endpoint-negative", "--collect-only", "-q")
    listed = [line.partition("::")[2] for line in result.stdout.lines if "::" in line]
    assert listed[:3] == ["POST /things", "negative-missing-name", "negative-type-name"]
    assert len(set(listed)) == len(listed)


def test_what_was_not_derived_is_told_with_v_and_in_the_results(refusing):
    steps = "steps:\n  - id: make\n    method: POST\n    path: /things\n    body: {name: Spade}\n"
    cases = "cases:\n  - id: unnamed\n    request: {/body/name: null}\n    expect: {status: 201}\n"
    refusing.doc(
        "make", f"## Test Request\n\n```yaml\n{steps}```\n\n## Cases\n\n```yaml\n{cases}```\n", endpoint="POST /things"
    )
    results = refusing.root / "results.json"
    result = refusing.run("-v", "--endpoint-negative", "--endpoint-results", str(results))
    told = section(result, "endpoint docs")
    at = told.index("1 negative case not derived:")
    assert told[at + 1] == "  endpoints/make.md:9: negative-missing-name: the doc's case 'unnamed' sends it"
    left_out = {"negative-missing-name": "the doc's case 'unnamed' sends it"}
    assert records(results)[0]["extra"] == {"negatives_left_out": left_out}
    assert "not derived" not in "\n".join(refusing.run("--endpoint-negative").stdout.lines)


def test_the_title_of_a_negative_case_says_what_it_sends(refusing):
    post(refusing, "{name: Spade}")
    results = refusing.root / "results.json"
    refusing.run("--endpoint-negative", "--endpoint-results", str(results))
    titles = {item["case_id"]: item["title"] for item in records(results)}
    assert titles["negative-missing-name"] == "Doc without `name`"


def test_they_have_a_marker(refusing):
    post(refusing, "{name: Spade, kind: tool}")
    refusing.run("--endpoint-negative", "-m", "not negative").assert_outcomes(passed=1, deselected=8)


def test_the_same_ones_with_workers(refusing):
    post(refusing, "{name: Spade, kind: tool}")
    results = refusing.root / "results.json"
    result = refusing.pytester.runpytest_subprocess(
        "--endpoint-env", "test", "-n", "2", "--endpoint-negative", "--endpoint-results", str(results), "endpoints"
    )
    result.assert_outcomes(passed=9)
    assert "8 negative cases: 8 refused as expected" in section(result, "endpoint docs")
    assert sorted(item["case_id"] or "" for item in records(results)) == sorted(["", *NAMES])

"""``requires``: other docs run first, once, and are cleaned up after."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.reporting.result_file import read_records

MAKE = """
## Test Request

```yaml
steps:
  - id: make
    method: POST
    path: /things
    extract: {thing_id: $.id}
```

## Cleanup

```yaml
steps:
  - id: drop
    method: DELETE
    path: /things/{{thing_id}}
```
"""
READ = """
## Test Request

```yaml
steps:
  - id: read
    method: GET
    path: /things/{{thing_id}}
```
"""


@pytest.fixture
def things(project):
    project.doc("make", MAKE, endpoint="POST /things")
    for name in ("one", "two"):
        head = "status: verified\nrequires: [POST /things]"
        project.doc(name, READ, endpoint=f"GET /{name}/things/{{thing_id}}", head=head)
    project.server.on("POST /things", 201, {"id": "t1"})
    return project


def test_a_required_doc_runs_once_for_all(things):
    things.run("endpoints/one.md", "endpoints/two.md").assert_outcomes(passed=2)
    assert things.server.requests == ["POST /things", "GET /things/t1", "GET /things/t1", "DELETE /things/t1"]


def test_items_that_fail_for_one_thing_have_one_root_cause(things):
    things.doc("both", MAKE.replace("Test Request", "Prerequisites") + READ, endpoint="GET /things/{thing_id}")
    things.server.on("POST /things", 500, {})
    file = things.root / "results.json"
    things.run("--endpoint-results", str(file))
    made, *others = sorted(read_records(file).items, key=lambda item: item.endpoint != "POST /things")
    assert made.root_cause == "expected status 2xx, got 500 Internal Server Error"
    assert {item.root_cause for item in others} == {made.root_cause}
    assert {item.verdict.partition(": ")[2] for item in others} == {
        f"prerequisite failed: step make: {made.root_cause}",
        f"prerequisite failed: required POST /things: {made.root_cause}",
    }
    assert {item.nodeid.partition("::")[0]: item.failure_line for item in others} == {
        "endpoints/both.md": 12,
        "endpoints/one.md": 4,
        "endpoints/two.md": 4,
    }


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_cannot_be_cleaned_up_is_told_and_fails_the_run(things, workers):
    things.server.on("DELETE /things/t1", 500, {})
    result = things.pytester.runpytest_subprocess("--endpoint-env", "test", "endpoints/one.md", *workers)
    assert result.ret == 1
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["ERROR cleaning up after a required doc: cleanup failed: step drop: expected status 2xx, got 500*"]
    )


def test_a_required_doc_that_the_environment_does_not_allow_skips_as_if_it_stood_in_the_doc(things):
    things.write("fixtures/environments/test.yaml", f"base_url: {things.server.url}\n")
    result = things.run("-rs", "endpoints/one.md", "endpoints/make.md")
    result.assert_outcomes(skipped=2)
    told = "POST is not allowed on environment 'test': 'writes: true' in test.yaml allows it"
    result.stdout.fnmatch_lines(
        [
            f"SKIPPED * endpoints/one.md:*: requires POST /things, which is skipped: {told}",
            f"SKIPPED * endpoints/make.md:*: {told}",
        ]
    )


def test_a_circle_is_printed(project):
    project.doc("a", READ, endpoint="GET /a", head="status: verified\nrequires: [GET /b]")
    project.doc("b", READ, endpoint="GET /b", head="status: verified\nrequires: [GET /a]")
    result = project.run("-rf")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["endpoints/a.md:4: these docs require each other: GET /a -> GET /b -> GET /a"])


def test_a_required_doc_is_cleaned_up_before_what_it_requires(project):
    for name, head in (("outer", "requires: [POST /inners]"), ("inner", "domain: a")):
        body = MAKE.replace("/things", f"/{name}s").replace("thing_id", f"{name}_id")
        project.doc(name, body, endpoint=f"POST /{name}s", head=f"status: verified\n{head}")
        project.server.on(f"POST /{name}s", 201, {"id": "1"})
    project.doc(
        "one",
        READ.replace("thing_id", "outer_id"),
        endpoint="GET /one/things/{outer_id}",
        head="requires: [POST /outers]",
    )
    project.run("endpoints/one.md").assert_outcomes(passed=1)
    deletions = [request for request in project.server.requests if request.startswith("DELETE")]
    assert deletions == ["DELETE /outers/1", "DELETE /inners/1"]

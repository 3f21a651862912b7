"""What a run creates is listed before it is created; ``endpoint-docs cleanup`` removes what stays on the list."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import threading
from typing import Any

import pytest

from pytest_endpoint_docs.cli.main import main

DOC = """\
## UID Resolution

| Field | Source Endpoint | Extract From | Create Fresh | Cleanup |
|---|---|---|---|---|
| room | `POST /rooms` | `$.id` | yes | `DELETE /rooms/{room}` |

## Test Request

```yaml
steps:
  - id: make
    method: POST
    path: /things
    body: {room: "{{room}}"}
    extract: {uid: $.id}
  - {id: look, method: GET, path: "/things/{{uid}}"}
```

## Cleanup

```yaml
steps:
  - id: drop
    method: DELETE
    path: /things/{{uid}}
```
"""
SIMPLE = DOC[DOC.index("## Test Request") :].replace('\n    body: {room: "{{room}}"}', "")


def listed(project) -> list[dict[str, Any]]:
    file = project.root / ".endpoint-docs" / "leftovers.json"
    return json.loads(file.read_text()) if file.exists() else []


@pytest.fixture
def things(project, monkeypatch):
    project.doc("things", SIMPLE, endpoint="POST /things")
    project.server.on("POST /things", 201, {"id": 7})
    project.server.on("GET /things/7", 200, {})
    project.server.on("DELETE /things/7", 204)
    monkeypatch.chdir(project.root)
    return project


def test_a_run_that_cleans_up_leaves_nothing_on_the_list(things):
    things.run().assert_outcomes(passed=1)
    assert listed(things) == []
    assert things.server.requests == ["POST /things", "GET /things/7", "DELETE /things/7"]


def test_it_is_on_the_list_before_it_is_created(things):
    seen: list[Any] = []

    class Looking(dict):  # type: ignore[type-arg]
        def get(self, key, default=None):
            seen.append((key, [(entry["sent"], entry["extracted"]) for entry in listed(things)]))
            return super().get(key, default)

    things.server.answers = Looking(things.server.answers)
    things.run().assert_outcomes(passed=1)
    assert seen == [
        ("POST /things", [("POST /things", {})]),
        ("GET /things/7", [("POST /things", {"uid": 7})]),
        ("DELETE /things/7", [("POST /things", {"uid": 7})]),
    ]


@pytest.mark.parametrize("parallel", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_what_is_left_is_told_and_removed_later(things, capsys, parallel):
    things.server.on("DELETE /things/7", 500)
    result = things.run(*parallel, "endpoints")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            (
                "warning: left behind: endpoints/things.md::POST /things, since POST /things at *; "
                "'endpoint-docs cleanup --env test' tries to remove it"
            )
        ]
    )
    file = things.root / ".endpoint-docs" / "leftovers.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    capsys.readouterr()
    assert main(["cleanup", "--env", "test"]) == 1
    output = capsys.readouterr().out
    assert output.startswith("not removed: endpoints/things.md::POST /things, since POST /things at ")
    assert "cleanup failed: step drop: expected status 2xx, got 500" in output
    assert len(listed(things)) == 1

    things.server.on("DELETE /things/7", 204)
    assert main(["cleanup", "--env", "test"]) == 0
    assert capsys.readouterr().out.startswith("removed: endpoints/things.md::POST /things, since POST /things at ")
    assert listed(things) == []
    assert things.server.requests[-1] == "DELETE /things/7"

    assert main(["cleanup", "--env", "test"]) == 0
    assert capsys.readouterr().out == "nothing is left behind in environment test\n"


def test_what_is_left_is_removed_from_another_folder_too(things, tmp_path, monkeypatch, capsys):
    things.server.on("DELETE /things/7", 500)
    things.run().assert_outcomes(failed=1)
    things.server.on("DELETE /things/7", 204)
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["cleanup", "--env", "test", "--root", str(things.root)]) == 0
    assert capsys.readouterr().out.startswith("removed: endpoints/things.md::POST /things")


def test_what_rows_created_is_removed_too(things, capsys):
    things.doc("things", DOC, endpoint="POST /things")
    things.server.on("POST /rooms", 201, {"id": "r1"})
    things.server.on("DELETE /rooms/r1", 500)
    things.run().assert_outcomes(failed=1)
    things.server.on("DELETE /rooms/r1", 204)
    things.server.on("DELETE /things/7", 404)
    things.server.seen.clear()
    main(["cleanup", "--env", "test"])
    assert things.server.requests == ["DELETE /things/7", "DELETE /rooms/r1"]


def held(things, endpoint):
    """Let an endpoint answer when the test says so. Returns: what is set when it is asked, and what lets it answer."""
    asked, over = threading.Event(), threading.Event()

    class Held(dict):  # type: ignore[type-arg]
        def get(self, key, default=None):
            if key == endpoint:
                asked.set()
                over.wait(60)
            return super().get(key, default)

    things.server.answers = Held(things.server.answers)
    return asked, over


def test_a_run_that_is_killed_leaves_the_list_behind(things, capsys):
    asked, over = held(things, "GET /things/7")
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "--endpoint-env", "test", "endpoints"],
        cwd=things.root,
        stdout=subprocess.DEVNULL,
    )
    try:
        assert asked.wait(60)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait(30)
        over.set()
    assert [entry["extracted"] for entry in listed(things)] == [{"uid": 7}]
    assert main(["cleanup", "--env", "test"]) == 0
    assert things.server.requests[-1] == "DELETE /things/7"


@pytest.mark.parametrize(
    ("before", "until"),
    [("", "POST /things"), ("  - {id: first, method: GET, path: /first}\n", "POST /things"), ("", "DELETE /things/7")],
    ids=["at once", "after another request", "while it is cleaned up"],
)
def test_an_interrupt_while_nobody_knows_what_came_of_it_is_told(things, before, until):
    things.doc("things", SIMPLE.replace("steps:\n", f"steps:\n{before}", 1), endpoint="POST /things")
    run: subprocess.Popen[str] | None = None
    answers = things.server.answers

    class Interrupting(dict):  # type: ignore[type-arg]
        def get(self, key, default=None):
            if key == until and run is not None:
                run.send_signal(signal.SIGINT)
                run.wait(30)
            return super().get(key, default)

    things.server.answers = Interrupting(answers)
    command = [sys.executable, "-m", "pytest", "--endpoint-env", "test", "endpoints"]
    run = subprocess.Popen(command, cwd=things.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert [entry["sent"] for entry in listed(things)] == ["POST /things"]
    assert "warning: left behind: endpoints/things.md::POST /things, since POST /things at " in output


def test_a_request_without_an_answer_may_have_created_something(things, capsys):
    things.environment("timeout_s: 0.3\n")
    _, over = held(things, "POST /things")
    things.run().assert_outcomes(failed=1)
    over.set()
    assert [entry["extracted"] for entry in listed(things)] == [{}]
    assert main(["cleanup", "--env", "test"]) == 1
    assert "it is not known what it created, if anything" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "message"),
    [({"other": 7}, "which selected nothing"), (None, "which answered with no content, not JSON")],
    ids=["another shape", "no content"],
)
def test_what_was_created_and_cannot_be_found_stays_on_the_list(things, answer, message):
    """The cleanup has no value for its variable, and the creation succeeded."""
    things.server.on("POST /things", 201, answer)
    text = (things.root / "endpoints/things.md").read_text()
    things.write("endpoints/things.md", text.replace('  - {id: look, method: GET, path: "/things/{{uid}}"}\n', ""))
    result = things.run("-rA", "endpoints")
    assert things.server.requests == ["POST /things"]
    result.stdout.fnmatch_lines(["warning: left behind: endpoints/things.md::POST /things, since POST /things at *"])
    assert [entry["extracted"] for entry in listed(things)] == [{}]


def test_a_creation_that_is_refused_leaves_nothing_on_the_list(things):
    things.server.on("POST /things", 422, {"error": "no"})
    things.run().assert_outcomes(failed=1)
    assert listed(things) == []


def test_other_environments_are_left_alone(things, capsys):
    things.server.on("DELETE /things/7", 500)
    things.run()
    things.environment(name="other")
    things.server.seen.clear()
    assert main(["cleanup", "--env", "other"]) == 0
    assert (things.server.requests, len(listed(things))) == ([], 1)


def test_a_sandbox_that_is_gone_left_nothing_behind(things, capsys, monkeypatch):
    monkeypatch.delenv("SANDBOX_URL", raising=False)
    assert main(["cleanup", "--env", "sandbox"]) == 0
    assert capsys.readouterr().out == (
        "nothing is left behind in the sandbox: it is gone when its run ends. "
        "For one that you keep running, export what `endpoint-docs sandbox` printed\n"
    )


def test_what_another_server_was_given_is_not_looked_for_here(things, capsys):
    things.server.on("POST /rooms", 201, {"id": "r1"})
    things.server.on("DELETE /rooms/r1", 204)
    things.server.on("DELETE /things/7", 500)
    things.doc("things", DOC, endpoint="POST /things")
    other = "base_url: http://127.0.0.1:9\nwrites: true\ndeletes: true\n"
    things.write("fixtures/environments/other.yaml", other)
    result = things.run("--base-url", things.server.url, "endpoints", env="other")
    hint = f"endpoint-docs cleanup --env other --base-url {things.server.url}"
    result.stdout.fnmatch_lines([f"*'{hint}' tries to remove it"])
    capsys.readouterr()
    assert main(["cleanup", "--env", "other"]) == 0
    assert capsys.readouterr().out == "nothing is left behind in environment other\n"
    things.server.on("DELETE /things/7", 204)
    assert main(["cleanup", "--env", "other", "--base-url", things.server.url]) == 0
    assert listed(things) == []


def test_a_project_that_cannot_be_written_to_runs_and_says_what_is_not_listed(things):
    things.write(".endpoint-docs", "")
    result = things.run("endpoints")
    result.assert_outcomes(passed=1)
    warning = "warning: what is left behind is not listed: .endpoint-docs/leftovers.json cannot be written: *"
    result.stdout.fnmatch_lines([warning])
    things.server.on("DELETE /things/7", 500)
    result = things.run("endpoints")
    result.stdout.fnmatch_lines(["warning: left behind: endpoints/things.md::POST /things, since POST /things at *Z"])


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "\0"])
def test_a_list_that_cannot_be_read_is_told_and_stays(things, capsys, content):
    file = things.write(".endpoint-docs/leftovers.json", content)
    result = things.run("endpoints")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["warning: what is left behind is not listed: .endpoint-docs/leftovers.json: *"])
    assert file.read_text() == content
    capsys.readouterr()
    assert main(["cleanup", "--env", "test"]) == 2
    assert capsys.readouterr().err.startswith("endpoint-docs: .endpoint-docs/leftovers.json: ")

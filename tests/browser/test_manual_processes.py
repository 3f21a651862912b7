"""However a run ends, no browser is left; and it works beside other plugins."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import uuid

import pytest
from processes import browser_processes, eventually
from user_project import Platform, UserProject, items

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("sent", "workers"),
    [(signal.SIGINT, ()), (signal.SIGINT, ("-n", "2")), (signal.SIGTERM, ()), (signal.SIGKILL, ())],
)
def test_a_run_that_is_ended_in_the_middle_of_a_consent(
    sent: signal.Signals, workers: tuple[str, ...], project: UserProject, running: Platform
) -> None:
    mark = uuid.uuid4().hex
    running.stall = "/oauth/authorize"
    process = subprocess.Popen(
        project.command(*workers, *items("POST /oauth/token", "T1")),
        cwd=project.root,
        env=project.environ({"CONSENT_TEST": mark}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            assert eventually(lambda: running.seen["GET /oauth/authorize"] > 0, within_s=30)
            assert browser_processes(marked=f"CONSENT_TEST={mark}")
            if sent == signal.SIGINT:
                os.killpg(process.pid, sent)  # as a terminal does for Ctrl-C
            else:
                process.send_signal(sent)
            printed, _ = process.communicate(timeout=40)
        finally:
            process.kill()
    if sent == signal.SIGINT:
        assert process.returncode == pytest.ExitCode.INTERRUPTED, printed
    assert "INTERNALERROR" not in printed
    assert eventually(lambda: not browser_processes(marked=f"CONSENT_TEST={mark}"), within_s=15)


def test_a_server_that_does_not_answer(project: UserProject, running: Platform) -> None:
    mark = uuid.uuid4().hex
    running.stall = "/oauth/authorize"
    project.environment("  pkce: S256\n", "  pkce: S256\n  timeout_s: 2\n")

    run = project.run(*items("POST /oauth/token"), environ={"CONSENT_TEST": mark})

    assert run.counts(failed=1), run.text
    assert re.search(r"no answer from http://127\.0\.0\.1:\d+/oauth/authorize\?.* within 2 s", run.text), run.text
    assert not browser_processes(marked=f"CONSENT_TEST={mark}")


def test_without_xdist(project: UserProject) -> None:
    run = project.run("-p", "no:xdist", *items("POST /oauth/token", "A4"))
    assert run.counts(passed=2), run.text


def test_inside_an_event_loop(project: UserProject) -> None:
    project.write(
        "tests/test_own.py",
        "import asyncio\n\ndef test_own(oauth_consent):\n"
        "    async def inside():\n        return oauth_consent().code\n\n    assert asyncio.run(inside())\n",
    )
    run = project.run("tests")
    assert run.counts(passed=1), run.text

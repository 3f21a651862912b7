"""``--endpoint-tester``: who runs manual tests."""

from __future__ import annotations

import subprocess

import pytest
from walkthroughs import HEAD, PAYOUT, evidence_of, on_a_terminal

pytest.importorskip("pty", reason="this system has no pseudo-terminals")

ATTENDED = ("--endpoint-env", "test", "--endpoint-manual", "attended")


@pytest.fixture
def payout(project, monkeypatch):
    """A project in a git repository, with one doc that only a person can test."""
    monkeypatch.setenv("HOME", str(project.root))
    project.doc("payout", PAYOUT, endpoint="POST /payouts", head=HEAD)
    for command in (["init", "-q"], ["config", "user.name", "Ana Li"], ["config", "user.email", "ana@example.com"]):
        subprocess.run(["git", *command], cwd=project.root, check=True)
    return project


@pytest.mark.parametrize(
    ("arguments", "ini", "expected"),
    [
        (["--endpoint-tester", "Bo"], "", "Bo"),
        ([], "endpoint_tester = Cy\n", "Cy"),
        (["--endpoint-tester", "Bo"], "endpoint_tester = Cy\n", "Bo"),
        ([], "", "Ana Li <ana@example.com>"),
    ],
)
def test_the_testers_name(payout, arguments, ini, expected):
    payout.write("pytest.ini", f"[pytest]\n{ini}")
    _, shown = on_a_terminal(payout.root, "p\np\np\n\n", *ATTENDED, *arguments, "endpoints")
    assert f"tester {expected}" in shown
    (record,) = evidence_of(payout.root, "endpoints/payout.md")
    assert record["tester"] == expected

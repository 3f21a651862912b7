"""The walk-through on a real terminal: a pseudo-terminal whose standard streams are put aside, as capturing does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="this system has no pseudo-terminals")

SPAWN = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"
DRIVER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation
from pytest_endpoint_docs.model.doc import UNREAD, DocReader, EndpointDoc
from pytest_endpoint_docs.model.body import ProcedureStep
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.manual.conversation import Conversation
from pytest_endpoint_docs.manual.walkthrough import Journal
from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen, why_no_terminal
from pytest_endpoint_docs.manual.walkthrough import begin_walkthrough

assert why_no_terminal(output_is_terminal=True, is_worker=False) == ""
aside = os.open(os.devnull, os.O_RDWR)
kept = os.dup(1)  # as capturing keeps it; a terminal that nobody holds open would be gone
for stream in (0, 1, 2):
    os.dup2(aside, stream)
place = SourceLocation("docs/a.md", 9)
doc = EndpointDoc(
    file=Path("a.md"),
    path="docs/a.md",
    endpoint=Endpoint("POST", "/a"),
    location=place,
    reader=DocReader(UNREAD, "x"),
)
command = "curl -H 'Authorization: {token}' http://127.0.0.1/" + "long/" * 40 + " # [bold]not markup[/bold]"
texts = ["Call **it**:\\n\\n```bash\\n" + command + "\\n```", "Look at {thing}"]
steps = tuple(ProcedureStep(number=1, text=text, location=place) for text in texts)
walk = begin_walkthrough(doc, steps, environment="staging", tester="Ana", at="2026-03-01T09:00:00Z")
values = {"token": Secret("TOKEN", "hunter22")}
with TerminalScreen() as screen:
    talk = Conversation(
        screen, Journal(Path(sys.argv[1])), clock=lambda: datetime.now(UTC), lookup=values.get, redactor=Redactor()
    )
    attended = talk.lead(walk)
    screen.say(f"finished={attended.finished} outcome={attended.walk.outcome} note={attended.note}")
"""


def on_a_terminal(tmp_path: Path, typed: str) -> str:
    """What a terminal shows when the lines are typed, without colours."""
    spawned = subprocess.run(
        [sys.executable, "-c", SPAWN, sys.executable, "-c", DRIVER, str(tmp_path)],
        input=typed.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", spawned.stdout.decode()).replace("\r\n", "\n")


def test_a_walk_on_a_terminal_while_the_standard_streams_are_captured(tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path, "p\nf no such thing\n\n")
    assert "environment staging, tester Ana" in shown
    assert (
        "\ncurl -H 'Authorization: '\"$TOKEN\"'' http://127.0.0.1/" + "long/" * 40 + " # [bold]not markup[/bold]\n"
        in shown
    )
    assert "Your shell needs $TOKEN" in shown
    assert "Not known here: thing" in shown
    assert "✗ 2. failed  no such thing" in shown
    assert "finished=True outcome=failed note=" in shown
    assert "hunter22" not in shown


def test_what_was_answered_before_the_input_ended_is_there_again(tmp_path: Path) -> None:
    left = on_a_terminal(tmp_path, "p fine\n\x04")
    assert "Left after 1 of 2 steps; your answers are kept." in left
    shown = on_a_terminal(tmp_path, "\np\nwell\n")
    assert "✓ 1. passed  fine" in shown
    assert "Go on at step 2? [Y/n]" in shown
    assert "finished=True outcome=passed note=well" in shown

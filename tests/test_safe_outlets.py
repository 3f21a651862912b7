"""Every outlet asks for a text that may be shown, as a strict type checker sees it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

OUTLETS = """
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.cli.output import say, warn, write_output
from pytest_endpoint_docs.files import write_safe_text
from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen
from pytest_endpoint_docs.oauth.consent_options import ConsentEvent
from pytest_endpoint_docs.plugin.attended_terminal import AttendedTerminal
from pytest_endpoint_docs.plugin.outlets import begin_section, skip_mark, skipped, tell, usage_error
from pytest_endpoint_docs.plugin.progress_lines import Writer
from pytest_endpoint_docs.plugin.run_network import Notices
from pytest_endpoint_docs.verification.evidence import ItemEvidence, StepEvidence


def speak(text: str, file: Path, any_: Any, writer: Writer, screen: TerminalScreen, terminal: AttendedTerminal) -> None:
    say(text)  # 1
    warn(text)  # 2
    write_output(file, text)  # 3
    write_safe_text(file, text)  # 4
    screen.say(text)  # 5
    screen.ask(text)  # 6
    screen.ask_unseen(text)  # 7
    terminal.ask(text)  # 8
    terminal.tell(text)  # 9
    tell(any_, text)  # 10
    begin_section(any_, text)  # 11
    usage_error(text)  # 12
    skipped(text)  # 13
    skip_mark(text)  # 14
    writer.write_line(text)  # 15
    Notices().tell(text)  # 16
    ConsentEvent(at_s=0.0, text=text)  # 17
    StepEvidence(number=1, outcome="passed", at="", note=text)  # 18
    ItemEvidence(name=text, outcome="passed")  # 19
"""


def test_no_outlet_takes_a_text_that_may_hold_anything(tmp_path: Path) -> None:
    (tmp_path / "outlets.py").write_text(OUTLETS)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--no-error-summary"]
    checked = subprocess.run(
        [*command, str(tmp_path / "outlets.py")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    lines = OUTLETS.splitlines()
    refused = re.findall(r":(\d+): error: .*incompatible type \"str\"; expected \"SafeText\"", checked.stdout)
    assert [lines[int(line) - 1].rpartition("# ")[2] for line in refused] == [str(number) for number in range(1, 20)]
    assert checked.stdout.count("error:") == len(refused)

"""Runs of pytest on a pseudo-terminal, with lines typed into it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from bounded_reads import read_until

SPAWN = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
PAYOUT = """## Manual Testing Procedure

1. Start a payout:
   ```bash
   curl -X POST "{base_url}/payouts/{{payout_id}}" -H "Authorization: Bearer {staff_token}"
   ```
2. Open the mail "Approve your payout".
3. The page says **Approved**.
"""
HEAD = "status: verified\ntags: [requires-manual-testing]"


def on_a_terminal(root: Path, typed: str, *arguments: str) -> tuple[int, str]:
    """The exit status of pytest on a terminal where the lines are typed, and what it shows, without colours."""
    spawned = subprocess.run(
        [sys.executable, "-c", SPAWN, sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        input=typed.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", spawned.stdout.decode()).replace("\r\n", "\n")
    return spawned.returncode, shown


def interrupted(root: Path, typed: str, before: str, *arguments: str) -> tuple[int, str]:
    """The same, with Ctrl-C instead of an answer to the prompt ``before``."""
    command = [sys.executable, "-c", SPAWN, sys.executable, "-m", "pytest", *arguments]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        try:
            run.stdin.write(typed.encode())
            run.stdin.flush()
            shown = read_until(run.stdout, before)
            rest, _ = run.communicate(b"\x03", timeout=60)
            return run.returncode, shown + rest.decode()
        finally:
            run.kill()


def evidence_of(root: Path, doc: str) -> list[dict[str, Any]]:
    """The records of a doc, oldest first."""
    folder = root / ".endpoint-docs/evidence" / doc
    return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]

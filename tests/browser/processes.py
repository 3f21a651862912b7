"""Which processes a test run has started, as Linux tells it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def browser_processes(*, marked: str) -> dict[int, str]:
    """Process id to command line of every browser and driver process that was started with ``marked`` (``NAME=value``).

    The processes that draw pages overwrite their environment, so those below a marked one count too.
    """
    commands: dict[int, str] = {}
    parents: dict[int, int] = {}
    found: set[int] = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        pid = int(folder.name)
        commands[pid], parents[pid] = command, parent
        if marked.encode() in environment:
            found.add(pid)
    while below := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= below
    return {pid: commands[pid] for pid in found if "chrom" in commands[pid] or "run-driver" in commands[pid]}


def alive(pids: Iterable[int]) -> set[int]:
    """Those that still run; a zombie does not."""
    running = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.add(pid)
    return running


def kill_renderers(*, marked: str) -> int:
    """Kill the processes that draw pages; returns how many."""
    pages = [pid for pid, command in browser_processes(marked=marked).items() if "--type=renderer" in command]
    for pid in pages:
        os.kill(pid, signal.SIGKILL)
    return len(pages)


def eventually(condition: Callable[[], bool], *, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()

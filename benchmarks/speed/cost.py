"""What one command costs: processor time, time on the clock, memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class RunFailed(Exception):
    """A command that did not do its work, so its cost says nothing; the message tells why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """``cpu_s``: user and system seconds of the process and of every child it waited for. ``peak_bytes``: the resident
    memory of the largest of these processes at its largest, not their sum."""

    cpu_s: float
    wall_s: float
    peak_bytes: int


def measured(
    command: tuple[str, ...],
    *,
    folder: Path,
    environ: Mapping[str, str],
    output: Path,
    timeout_s: float,
    expect_success: bool = True,
) -> Cost:
    """Run a command in a process group of its own, with what it prints going to a file.

    Whatever it leaves running is killed. The kernel counts memory of a new process from that of the process that
    started it, so this program has to stay smaller than everything it measures: it imports the standard library only.

    Raises:
        RunFailed: on a timeout, and where the exit status is not the expected one.
    """
    with output.open("wb") as stream:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    timer = threading.Timer(timeout_s, _kill_group, (process.pid,))
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        timer.cancel()
        _kill_group(process.pid)
    if wall_s >= timeout_s:
        raise RunFailed(f"took more than {timeout_s:g} s")
    if (process.returncode == 0) != expect_success:
        raise RunFailed(f"exit status {process.returncode}: {last_line(output)}")
    return Cost(cpu_s=usage.ru_utime + usage.ru_stime, wall_s=wall_s, peak_bytes=usage.ru_maxrss * 1024)


def last_line(output: Path) -> str:
    """The last line with text that a command printed."""
    lines = [line.strip() for line in output.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)

"""A command at a terminal of its own, and who types there."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from collections.abc import Callable

from user_project import UserProject

Answer = Callable[[str], str | None]
COLOUR = re.compile(r"\x1b\[[0-9;]*m|\r")


def _is_prompt(printed: str) -> bool:
    return printed.rstrip(" ").endswith(":")


def at_a_terminal(
    project: UserProject, command: list[str], answer: Answer, *, asks: Callable[[str], bool] = _is_prompt
) -> tuple[int, str]:
    """Run a command at a terminal of its own; ``answer`` gives what is typed for what was printed since then.

    ``asks`` says whether what was printed waits for an answer; ``None`` types nothing.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project.root)
        os.execvpe(command[0], command, project.environ())
    printed, new, deadline = "", "", time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    read = COLOUR.sub("", os.read(terminal, 65536).decode(errors="replace"))
                except OSError:  # what Linux says when the other end is gone
                    break
                printed, new = printed + read, new + read
            elif asks(new):
                typed = answer(new)
                if typed is not None:
                    os.write(terminal, f"{typed}\n".encode())
                new = ""
        else:
            os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), printed
    finally:
        os.close(terminal)

"""Reads from the processes that tests start, each with an end, whatever the process does."""

from __future__ import annotations

import os
import select
import time
from typing import IO, Any


def read_until(stream: IO[Any], wanted: str, *, within_s: float = 30.0) -> str:
    """All that a process prints up to ``wanted``, with what it printed in the same breath.

    Raises: ``AssertionError`` with what it printed instead where it ends, or says nothing of the kind in time.
    """
    printed, deadline = b"", time.monotonic() + within_s
    while wanted.encode() not in printed:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        read = os.read(stream.fileno(), 4096) if ready else b""
        reason = "ended" if ready else f"did not go on within {within_s:g} s"
        assert read, f"the process {reason} before it printed {wanted!r}:\n{printed.decode(errors='replace')}"
        printed += read
    return printed.decode(errors="replace")

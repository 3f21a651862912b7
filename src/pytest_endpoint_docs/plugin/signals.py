"""Signals that end a run: SIGTERM (a cancelled CI job) and SIGHUP (a closed terminal) end it as SIGINT does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = ("SIGTERM", "SIGHUP")  # by name: Windows has no SIGHUP


@contextmanager
def ending_signals() -> Iterator[None]:
    """Until the block ends these signals raise ``KeyboardInterrupt``: pytest ends, and what cleans up does.

    A signal that somebody handles already, or that is ignored (``nohup``), is left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    handled = [
        number
        for number in (getattr(signal, name, None) for name in _ENDING)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in handled:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)

"""What limits count: in one process in its memory, in the processes of a parallel run in files that they share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from pytest_endpoint_docs.files import lock_for, read_private, write_private

# How long to wait before looking again whether another process has given a place back.
_LOOK_AGAIN_S = 0.005


class Number(Protocol):
    """A number that changes in one stroke, whoever else changes it."""

    def change(self, to: Callable[[float], float]) -> float:
        """Put another number in its place. Returns: the one that was there; 0 at first."""
        ...


class OwnNumber:
    """A number of one process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = 0.0

    def change(self, to: Callable[[float], float]) -> float:
        """Put another number in its place. Returns: the one that was there; 0 at first."""
        with self._lock:
            value, self._value = self._value, to(self._value)
            return value


class SharedNumber:
    """A number of several processes, in a file. Safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def change(self, to: Callable[[float], float]) -> float:
        """Put another number in its place. Returns: the one that was there; 0 at first."""
        with lock_for(self._file):
            kept = read_private(self._file)
            value = kept if isinstance(kept, float) else 0.0
            write_private(self._file, float(to(value)))
            return value


def number(name: str, folder: Path | None) -> Number:
    """A number of the processes that share a folder; without one, of this process."""
    return OwnNumber() if folder is None else SharedNumber(folder / name)


def places(count: int | None, folder: Path | None) -> Callable[[], AbstractContextManager[object]]:
    """What gives one of ``count`` places, and waits for it: of the processes that share a folder, or of this one.

    ``None`` places: there is one for everybody.
    """
    if count is None:
        return nullcontext
    if folder is None:
        own = threading.BoundedSemaphore(count)
        return lambda: own
    return lambda: _shared_place([folder / f"place-{index}" for index in range(count)])


@contextmanager
def _shared_place(files: list[Path]) -> Iterator[None]:
    from filelock import Timeout

    while True:
        for file in files:
            # One object for each try: those of several threads exclude each other, too.
            lock = lock_for(file)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            try:
                yield
            finally:
                lock.release()
            return
        time.sleep(_LOOK_AGAIN_S)

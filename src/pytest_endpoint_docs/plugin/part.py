"""A part of a process: made when it is first asked for, and kept under a stash key of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Generic, TypeVar

import pytest

_T = TypeVar("_T")


class Part(Generic[_T]):
    """A part of a process: its factory, and the stash key under which the part is kept."""

    def __init__(self, make: Callable[[pytest.Config], _T]) -> None:
        self._make = make
        self._key = pytest.StashKey[_T]()

    def __call__(self, config: pytest.Config) -> _T:
        """The part; made now if it was not asked for before."""
        if self._key not in config.stash:
            config.stash[self._key] = self._make(config)
        return config.stash[self._key]

    def so_far(self, config: pytest.Config) -> _T | None:
        """The part, if anything asked for it yet."""
        return config.stash.get(self._key, None)


@Part
def open_parts(_config: pytest.Config) -> ExitStack:
    """What is closed when the process ends, the latest first."""
    return ExitStack()

"""Regular expressions that somebody else wrote: a doc, an API description, an environment file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

LONGEST_SEARCH_S = 1.0

_ENDS_AT = ContextVar("ends_at", default=float("inf"))


class TooSlow(ValueError):
    """Something was given up because it took too long; the message says what, and how long that is."""


class Pattern:
    """A regular expression whose search ends: after ``LONGEST_SEARCH_S`` seconds at the latest.

    Raises: ``ValueError`` where it is not one.
    """

    def __init__(self, text: str) -> None:
        import regex

        self.text = text
        try:
            self._compiled: Any = regex.compile(text, regex.V0)
        except (regex.error, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from None

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text. Raises: ``TooSlow``."""
        return self._held(self._compiled.search, text) is not None

    def is_whole(self, text: str) -> bool:
        """Whether it matches a text from beginning to end. Raises: ``TooSlow``."""
        return self._held(self._compiled.fullmatch, text) is not None

    def all_in(self, text: str) -> Iterator[str]:
        """What it matches in a text, its first group where it has one. Raises: ``TooSlow``."""
        try:
            for match in self._compiled.finditer(text, timeout=LONGEST_SEARCH_S):
                yield match[1] if self._compiled.groups and match[1] is not None else match[0]
        except TimeoutError:
            raise self._too_slow() from None

    def masked(self, text: str, mask: str, *, shorter_than: int) -> str:
        """The text with ``mask`` for what :meth:`all_in` gives and is shorter than that; ``mask`` if it is slow."""

        def shown(match: Any) -> str:
            start, end = match.span(1 if self._compiled.groups and match[1] is not None else 0)
            whole: str = match[0]
            if not 0 < end - start < shorter_than:
                return whole
            return f"{whole[: start - match.start()]}{mask}{whole[end - match.start() :]}"

        try:
            return str(self._held(lambda text, timeout: self._compiled.sub(shown, text, timeout=timeout), text))
        except TooSlow:
            return mask

    def _held(self, search: Any, text: str) -> Any:
        limit_s = min(LONGEST_SEARCH_S, _ENDS_AT.get() - time.monotonic())
        try:
            if limit_s > 0:
                return search(text, timeout=limit_s)
        except TimeoutError:
            pass
        raise self._too_slow() from None

    def _too_slow(self) -> TooSlow:
        return TooSlow(f"the search for {self.text} took too long and was given up")


@contextmanager
def ending_within(limit_s: float) -> Iterator[None]:
    """Bound all that is searched for inside, and what asks :func:`check_time`, together."""
    token = _ENDS_AT.set(time.monotonic() + limit_s)
    try:
        yield
    finally:
        _ENDS_AT.reset(token)


def check_time(what: str) -> None:
    """Raises: ``TooSlow`` where the time that :func:`ending_within` gives is over."""
    if time.monotonic() > _ENDS_AT.get():
        raise TooSlow(f"{what} took too long and was given up")

"""A regular expression that somebody else wrote: a doc, an API description, an environment file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LONGEST_SEARCH_S = 1.0


class PatternTooSlow(ValueError):
    """A search that was given up: the expression takes longer and longer as the text grows."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression whose search ends: after ``LONGEST_SEARCH_S`` seconds at the latest.

    Raises: ``ValueError`` where it is not one.
    """

    text: str
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        import regex

        try:
            object.__setattr__(self, "_compiled", regex.compile(self.text, regex.V0))
        except (regex.error, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from None

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text. Raises: ``PatternTooSlow``."""
        try:
            return self._compiled.search(text, timeout=LONGEST_SEARCH_S) is not None
        except TimeoutError:
            raise self._too_slow() from None

    def all_in(self, text: str) -> Iterator[str]:
        """What it matches in a text, its first group where it has one. Raises: ``PatternTooSlow``."""
        try:
            for match in self._compiled.finditer(text, timeout=LONGEST_SEARCH_S):
                yield match[1] if self._compiled.groups and match[1] is not None else match[0]
        except TimeoutError:
            raise self._too_slow() from None

    def _too_slow(self) -> PatternTooSlow:
        return PatternTooSlow(f"the search for {self.text} took more than {LONGEST_SEARCH_S:g} s and was given up")

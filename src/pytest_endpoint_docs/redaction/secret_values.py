"""Which values are worth looking for wherever they may stand: ordinary text does not hold them by chance."""

from __future__ import annotations

import re

_LONGEST_WORD = 15
_SHORTEST = 8
_LEAST_CHARACTERS = 5
_LONG = 12
_LONG_NAME = 24
_PIECE = r"[^\W_]+"
_WORDS = re.compile(
    rf"(?:[A-Z]?[a-z]{{1,{_LONGEST_WORD}}}|[A-Z]{{1,{_LONGEST_WORD}}})?\d{{0,4}}|(?:[A-Z]?[a-z]{{2,{_LONGEST_WORD}}})+"
)
_INSTANT = r"\d{4}-\d\d-\d\d(?:[T ][\d:.,]*(?:Z|[+-][\d:]*)?)?"
_JOINED = r"[\w.\-/:\\]+"
# What stands in the place of a secret already.
_SHOWN = r"(?:[\w-]+ )?(?:\$|%24)\{?[A-Z][A-Z0-9_]*\}?"
_LEAST_DIGITS = 6


def is_strong(value: str) -> bool:
    """Whether a value is worth looking for wherever it may stand.

    Long and mixed enough that ordinary text does not hold it by chance. Words, instants and rows of one character are
    not, however long: a server that answers ``"token": "expected status"`` would take these words out of every text.
    """
    if value.isdigit():
        return len(value) >= _LEAST_DIGITS and len(set(value)) >= 3
    if len(value) < _SHORTEST or len(set(value)) < _LEAST_CHARACTERS:
        return False
    if re.fullmatch(_INSTANT, value) or re.fullmatch(_SHOWN, value):
        return False
    return _is_no_prose(value) or not all(_WORDS.fullmatch(piece) for piece in re.findall(_PIECE, value))


def _is_no_prose(value: str) -> bool:
    """Words and numbers without a space, such as ``at-4711-value``; an address is told with every failure."""
    if len(value) < _LONG or "://" in value or not re.search("[A-Za-z]", value):
        return False
    return bool(re.search(r"\d", value)) and not re.search(r"\s", value)


def is_made_up(value: str) -> bool:
    """Whether a strong value is more than a name or an address: those are words, numbers and what joins them.

    ``client_id_2`` and ``https://a.example/oauth2/token`` are not, however long.
    """
    if not is_strong(value) or "://" in value:
        return False
    if value.isdigit() or not re.fullmatch(_JOINED, value):
        return True
    if len(value) < _LONG_NAME and not re.search(r"\d", value):
        return False
    return not all(map(_WORDS.fullmatch, re.findall(_PIECE, value)))


def is_strong_secret(value: str) -> bool:
    """Whether a value that its owner calls a secret is worth looking for: anything but rows and single short words."""
    if is_strong(value):
        return True
    if len(value) < 4 or len(set(value)) < 3:
        return False
    return not value.isalpha() or len(value) > _LONGEST_WORD

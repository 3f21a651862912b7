"""Values of a doc that nobody knows before it runs: text with ``{{variables}}``, and what an example leaves out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ONE_VARIABLE = re.compile(r"\s*\{\{[^{}]*\}\}\s*")
_LEFT_OUT = re.compile(r"\s*(?:\.\.\.|…|<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]|x{3,})\s*", re.IGNORECASE)


class Unknown(str):
    """Text with a variable in it. ``whole``: it is exactly one variable, and may become a value of any type."""

    __slots__ = ("whole",)
    whole: bool

    def __new__(cls, text: str, *, whole: bool) -> Unknown:
        found = super().__new__(cls, text)
        found.whole = whole
        return found


def with_unknowns(value: Any) -> Any:
    """A copy of a JSON value in which every text and key with a variable is an :class:`Unknown`."""
    if isinstance(value, str):
        return Unknown(value, whole=bool(_ONE_VARIABLE.fullmatch(value))) if "{{" in value else value
    if isinstance(value, list):
        return [with_unknowns(item) for item in value]
    if isinstance(value, Mapping):
        return {Unknown(key, whole=False) if "{{" in key else key: with_unknowns(item) for key, item in value.items()}
    return value


def example_with_unknowns(value: Any) -> Any:
    """An example's value, in which its placeholders (``...``, ``<uid>``, ``xxx``) are unknown too."""
    if isinstance(value, str):
        return Unknown(value, whole=True) if _LEFT_OUT.fullmatch(value) or "..." in value else with_unknowns(value)
    if isinstance(value, list):
        return [example_with_unknowns(item) for item in value]
    if isinstance(value, Mapping):
        return {
            Unknown(key, whole=False) if _LEFT_OUT.fullmatch(key) else key: example_with_unknowns(item)
            for key, item in value.items()
        }
    return value


def holds_unknown(value: Any) -> bool:
    """Whether a variable stands anywhere in a value."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, dict):
        return any(isinstance(key, Unknown) or holds_unknown(item) for key, item in value.items())
    return isinstance(value, list) and any(holds_unknown(item) for item in value)

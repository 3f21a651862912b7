"""JSON Pointers (RFC 6901): taken apart, put together, followed, compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any


def split_pointer(pointer: str) -> list[str]:
    """The keys that a pointer names, unescaped (section 4): ``/a~1b/0`` gives ``["a/b", "0"]``, ``""`` gives none.

    What stands before the first ``/`` is left out; a pointer has nothing there.
    """
    keys = pointer.split("/")[1:]
    return [key.replace("~1", "/").replace("~0", "~") for key in keys] if "~" in pointer else keys


def pointer_of(keys: Iterable[str | int]) -> str:
    """The pointer that names these keys and indices, one below the other (section 3)."""
    pointer = ""
    for key in keys:
        name = str(key)
        if "~" in name or "/" in name:
            name = name.replace("~", "~0").replace("/", "~1")
        pointer += f"/{name}"
    return pointer


def join_pointer(pointer: str, *keys: str | int) -> str:
    """The pointer to what stands below ``pointer`` at these keys and indices."""
    return pointer + pointer_of(keys)


def last_key(pointer: str) -> str:
    """The key or index that a pointer ends in; empty for the whole value."""
    return split_pointer(pointer)[-1] if "/" in pointer else ""


def parent_pointer(pointer: str) -> str:
    """The pointer to what is around; the whole value is around itself."""
    return pointer.rpartition("/")[0]


def step_into(value: Any, key: str) -> Any:
    """The member or item of a value at an unescaped key (section 4).

    Raises: ``KeyError`` where there is none.
    """
    if isinstance(value, dict) and key in value:
        return value[key]
    if isinstance(value, list) and is_index(key) and int(key) < len(value):
        return value[int(key)]
    raise KeyError(key)


def value_at(value: Any, pointer: str) -> Any:
    """What a pointer leads to in a value. Raises: ``KeyError`` with the first key that is not there."""
    for key in split_pointer(pointer):
        value = step_into(value, key)
    return value


def is_index(key: str) -> bool:
    """Whether a key can be an index of a list: ASCII digits without a leading zero (section 4)."""
    return key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0")


def without_indices(pointer: str) -> str:
    """The pointer with ``*`` for every index: one place for all members of a list."""
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


def is_same_place(one: str, other: str) -> bool:
    """Whether two pointers lead to the same place; ``*`` in either of them stands for every index."""
    ours, theirs = one.split("/"), other.split("/")
    return len(ours) == len(theirs) and all(
        left == right or (left == "*" and is_index(right)) or (right == "*" and is_index(left))
        for left, right in zip(ours, theirs, strict=True)
    )


def fits_pattern(pointer: str, pattern: str) -> bool:
    """Whether a pointer's keys are those of a pattern, in which ``*`` stands for any one key."""
    keys, wanted = pointer.split("/"), pattern.split("/")
    return len(keys) == len(wanted) and all(ours in ("*", key) for ours, key in zip(wanted, keys, strict=True))


class Lines:
    """The lines (from 1) of the values of a text by their JSON Pointers; found when the first is asked for."""

    def __init__(self, find: Callable[[], Mapping[str, int]]) -> None:
        self.find = find

    def line(self, pointer: str) -> int | None:
        """The line of a value, of a member that of its key; else of the nearest ancestor, ``None`` without one."""
        while pointer and pointer not in self._found:
            pointer = parent_pointer(pointer)
        return self._found.get(pointer)

    def keys(self) -> dict[str, int]:
        """The lines of the keys of the whole value, which is a mapping."""
        return {last_key(pointer): line for pointer, line in self._found.items() if pointer.count("/") == 1}

    @cached_property
    def _found(self) -> Mapping[str, int]:
        return self.find()

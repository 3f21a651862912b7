"""A value that must not be seen, and a text that may be."""

from __future__ import annotations

from typing import Any, NewType, NoReturn, SupportsIndex, TypeAlias

SafeText = NewType("SafeText", str)
"""A text that went through the boundary of ``redaction/``, which alone makes it: without secrets, safe to print."""

NO_TEXT = SafeText("")
MASK = SafeText("***")
"""What people see in the place of a secret that has no name."""


class SafeRecord:
    """What is made of safe texts, numbers and others like it alone: what is rendered of it is a safe text again."""

    __slots__ = ()


def first_line(text: SafeText) -> SafeText:
    """The first line of a safe text."""
    return SafeText(text.strip().partition("\n")[0])


def without_start(text: SafeText, start: str) -> SafeText:
    """A safe text without these characters at its start."""
    return SafeText(text.removeprefix(start))


class Secret:
    """A secret string whose ``repr`` and ``str`` are masked; ``name`` is what people see in its place (``$NAME``).

    Only the code that puts it on the wire, and the redactor, call :meth:`reveal`. ``copy`` and ``dataclasses.asdict``
    give it back as it is, so that what is made of it is masked too; it cannot be pickled.
    """

    __slots__ = ("_value", "name")

    name: str

    def __init__(self, name: str, value: str) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        """The value itself."""
        value: str = object.__getattribute__(self, "_value")
        return value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a secret does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and (self.name, self.reveal()) == (other.name, other.reveal())

    def __hash__(self) -> int:
        return hash((self.name, self.reveal()))

    def __repr__(self) -> str:
        return f"Secret(${self.name})"

    def __str__(self) -> str:
        return f"${self.name}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"${self.name} is a secret, and is not pickled")


# What stands in a header field of a request.
HeaderValue: TypeAlias = str | Secret

"""A value that must not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret string whose ``repr`` and ``str`` are masked; ``name`` is what people see in its place (``$NAME``).

    Only the code that puts it on the wire, and the redactor, call :meth:`reveal`.
    """

    name: str
    _value: str = field(repr=False)

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret(${self.name})"

    def __str__(self) -> str:
        return f"${self.name}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __bool__(self) -> bool:
        return bool(self._value)


# What stands in a header field of a request.
HeaderValue = str | Secret

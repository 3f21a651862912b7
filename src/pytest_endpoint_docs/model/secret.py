"""A value that must not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret string whose ``repr`` and ``str`` are masked; ``name`` is what people see in its place (``$NAME``).

    ``template`` is what stands around the value, with ``{token}`` in its place: ``Bearer {token}`` is seen as
    ``Bearer $NAME``. Only the code that puts it on the wire, and the redactor, call :meth:`reveal`.
    """

    name: str
    _value: str = field(repr=False)
    template: str = "{token}"

    def reveal(self) -> str:
        """The value itself, inside its template."""
        return self.template.replace("{token}", self._value)

    def within(self, template: str) -> Secret:
        """The same secret inside a text that has ``{token}`` in its place."""
        return Secret(self.name, self._value, template)

    def __repr__(self) -> str:
        return f"Secret({self})"

    def __str__(self) -> str:
        return self.template.replace("{token}", f"${self.name}")

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __bool__(self) -> bool:
        return bool(self._value)

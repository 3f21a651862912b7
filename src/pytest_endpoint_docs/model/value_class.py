"""How the values of this package are declared."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable

ValueT = TypeVar("ValueT")


@overload
def value_class(cls: type[ValueT], /) -> type[ValueT]: ...


@overload
def value_class(
    *, kw_only: bool = True, eq: bool = True, frozen: bool = False
) -> Callable[[type[ValueT]], type[ValueT]]: ...


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value_class(
    cls: type[ValueT] | None = None, /, *, kw_only: bool = True, eq: bool = True, frozen: bool = False
) -> type[ValueT] | Callable[[type[ValueT]], type[ValueT]]:
    """A dataclass with slots, which the type checker holds frozen.

    Python itself holds only those frozen that hooks and fixtures of users get (``frozen=True``). A frozen instance
    takes three to four times as long to make, and a run makes some seventy values for each doc. `dataclass` compiles
    six methods for each frozen class, and a run declares a hundred classes before its first doc; these have one of
    their own, which makes them, and share the others.
    """

    def declared(value: type[ValueT]) -> type[ValueT]:
        shared = {"__repr__": _shown} | ({"__eq__": _is_equal, "__hash__": _hash} if eq else {})
        for name, method in shared.items():
            if name not in vars(value):
                setattr(value, name, method)
        return dataclass(slots=True, kw_only=kw_only, repr=False, eq=False, frozen=frozen)(value)

    return declared if cls is None else declared(cls)


def _shown(value: Any) -> str:
    told = ", ".join(f"{each.name}={getattr(value, each.name)!r}" for each in fields(value) if each.repr)
    return f"{type(value).__qualname__}({told})"


def _is_equal(value: object, other: object) -> bool:
    return _compared(value) == _compared(other) if type(value) is type(other) else NotImplemented


def _hash(value: object) -> int:
    return hash(_compared(value))


def _compared(value: Any) -> tuple[object, ...]:
    return tuple([getattr(value, each.name) for each in fields(value) if each.compare])

"""How the values of this package are declared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable

ValueT = TypeVar("ValueT")


@overload
def value_class(cls: type[ValueT], /) -> type[ValueT]: ...


@overload
def value_class(
    *, kw_only: bool = True, eq: bool = True, order: bool = False
) -> Callable[[type[ValueT]], type[ValueT]]: ...


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value_class(
    cls: type[ValueT] | None = None, /, *, kw_only: bool = True, eq: bool = True, order: bool = False
) -> type[ValueT] | Callable[[type[ValueT]], type[ValueT]]:
    """A dataclass with slots, which the type checker holds frozen.

    Python itself holds only the public classes frozen (`@dataclass(frozen=True, ...)`), which hooks and fixtures of
    users get. A frozen instance takes three to four times as long to make, its class twice as long to declare, and a
    run makes some seventy of them for each doc.
    """

    def declared(value: type[ValueT]) -> type[ValueT]:
        return dataclass(slots=True, kw_only=kw_only, eq=eq, order=order, unsafe_hash=eq)(value)

    return declared if cls is None else declared(cls)

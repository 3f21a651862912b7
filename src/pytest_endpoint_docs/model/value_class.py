"""How the values of this package are declared."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, fields
from functools import wraps
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

    Python itself holds only those frozen that hooks and fixtures of users get (``frozen=True``). `dataclass` compiles
    six methods for each frozen class, and a run declares a hundred classes before its first doc; these have one of
    their own, which makes them, and share the others.
    """

    def declared(value: type[ValueT]) -> type[ValueT]:
        shared = {"__repr__": _shown} | ({"__eq__": _is_equal, "__hash__": _hash} if eq else {})
        for name, method in shared.items():
            if name not in vars(value):
                setattr(value, name, method)
        made = dataclass(slots=True, kw_only=kw_only, repr=False, eq=False)(value)
        return _frozen(made) if frozen else made

    return declared if cls is None else declared(cls)


def _frozen(opened: type[ValueT]) -> type[ValueT]:
    """The class whose instances refuse to be changed.

    An instance is of the open class while its fields are set: to set each past a refusal, as `dataclass` does, takes
    three to four times as long, and a run makes some twenty of them for each doc.
    """
    fill: Callable[..., None] = opened.__init__

    @wraps(fill)
    def init(self: Any, /, *args: Any, **given: Any) -> None:
        if type(self) is not frozen:
            # A subclass of somebody else's.
            _set_state(self, _state(opened(*args, **given)))
            return
        object.__setattr__(self, "__class__", opened)
        fill(self, *args, **given)
        self.__class__ = frozen

    # One that extends a frozen class would refuse as well.
    opened.__setattr__ = object.__setattr__  # type: ignore[method-assign]
    methods = {
        "__init__": init,
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__getstate__": _state,
        "__setstate__": _set_state,
    }
    about = {name: getattr(opened, name) for name in ("__doc__", "__module__", "__qualname__")}
    frozen: type[ValueT] = type(opened.__name__, (opened,), {"__slots__": (), **about, **methods})
    return frozen


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(value: Any) -> tuple[object, ...]:
    """What `copy` and `pickle` take of a frozen value."""
    return tuple([getattr(value, each.name) for each in fields(value)])


def _set_state(value: Any, state: tuple[object, ...]) -> None:
    for each, given in zip(fields(value), state, strict=True):
        object.__setattr__(value, each.name, given)


def _shown(value: Any) -> str:
    told = ", ".join(f"{each.name}={getattr(value, each.name)!r}" for each in fields(value) if each.repr)
    return f"{type(value).__qualname__}({told})"


def _is_equal(value: object, other: object) -> bool:
    return _compared(value) == _compared(other) if type(value) is type(other) else NotImplemented


def _hash(value: object) -> int:
    return hash(_compared(value))


def _compared(value: Any) -> tuple[object, ...]:
    return tuple([getattr(value, each.name) for each in fields(value) if each.compare])

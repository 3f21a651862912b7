"""How the values of this package are declared, and kept where there are many."""

from __future__ import annotations

import threading
from dataclasses import FrozenInstanceError, dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ValueT = TypeVar("ValueT")
KeptT = TypeVar("KeptT")


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

    Python itself holds only those frozen that hooks and fixtures of users get (``frozen=True``). A run declares a
    hundred and twenty of them before its first doc, and makes values of half: what `dataclass` adds to a class comes
    when it is first asked for. Comparison, hash and ``repr``, which it would compile for each, are shared.
    """

    def declared(written: type[ValueT]) -> type[ValueT]:
        shared = {"__repr__": _shown} | ({"__eq__": _is_equal, "__hash__": _hash} if eq else {})
        opened = _with_slots(written, {**shared, **vars(written)})

        def complete() -> None:
            with _LOCK:
                if isinstance(vars(opened)["__init__"], _Later):
                    before = {*vars(written)}
                    made = vars(dataclass(kw_only=kw_only, repr=False, eq=False)(written))
                    # The one by which values are made is the last.
                    for name in sorted(made.keys() - before, key="__init__".__eq__):
                        setattr(opened, name, made[name])

        for name in ("__init__", "__dataclass_fields__", "__dataclass_params__", "__match_args__"):
            setattr(opened, name, _Later(name, complete))
        return _frozen(opened) if frozen else opened

    return declared if cls is None else declared(cls)


# A class may have to be completed for another that extends it.
_LOCK = threading.RLock()


class _Later:
    """A part of a class that is there, with the others, once one of them was asked for."""

    __slots__ = ("_complete", "_name")

    def __init__(self, name: str, complete: Callable[[], None]) -> None:
        self._name = name
        self._complete = complete

    def __get__(self, instance: object, owner: type) -> Any:
        self._complete()
        return getattr(owner if instance is None else instance, self._name)


def _with_slots(written: type[ValueT], members: Mapping[str, Any]) -> type[ValueT]:
    """The class with slots for its fields: it has no default values, which only who makes a value has to know."""
    names = [*written.__annotations__]
    inherited = {name for base in written.__mro__[1:-1] for name in vars(base).get("__slots__", ())}
    kept = {name: member for name, member in members.items() if name not in (*names, "__dict__", "__weakref__")}
    kept["__slots__"] = tuple(name for name in names if name not in inherited)
    kind: type[type] = type(written)
    made: type[ValueT] = kind(written.__name__, written.__bases__, kept)
    made.__qualname__ = written.__qualname__
    return made


def _frozen(opened: type[ValueT]) -> type[ValueT]:
    """The class whose instances refuse to be changed.

    An instance is of the open class while its fields are set: to set each past a refusal, as `dataclass` does, takes
    three to four times as long.
    """
    declared: Any = opened

    def init(self: Any, /, *args: Any, **given: Any) -> None:
        if type(self) is not frozen:
            # A subclass of somebody else's.
            _set_state(self, _state(declared(*args, **given)))
            return
        object.__setattr__(self, "__class__", opened)
        declared.__init__(self, *args, **given)
        self.__class__ = frozen

    # One that extends a frozen class would refuse as well.
    opened.__setattr__ = object.__setattr__  # type: ignore[method-assign]
    methods = {
        "__init__": init,
        "__signature__": _Signature(opened),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__getstate__": _state,
        "__setstate__": _set_state,
    }
    about = {name: getattr(opened, name) for name in ("__doc__", "__module__", "__qualname__")}
    frozen: type[ValueT] = type(opened.__name__, (opened,), {"__slots__": (), **about, **methods})
    return frozen


class _Signature:
    """How a frozen class is called: as the open one."""

    __slots__ = ("_opened",)

    def __init__(self, opened: type) -> None:
        self._opened = opened

    def __get__(self, _instance: object, _owner: type) -> Any:
        import inspect

        return inspect.signature(self._opened)


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


def _compared(value: Any) -> object:
    return _compared_of(value.__class__)(value)


@cache
def _compared_of(kind: type) -> Callable[[Any], object]:
    """What takes from a value of a class what it is compared by."""
    names = [each.name for each in fields(kind) if each.compare]
    return attrgetter(*names) if names else lambda _: ()


class Alike:
    """Gives a value by the one before it of its name where both are equal: thousands of docs have much in common."""

    __slots__ = ("_before",)

    def __init__(self) -> None:
        self._before: dict[str, Any] = {}

    def as_before(self, name: str, value: KeptT) -> KeptT:
        """The value before, or this one."""
        before: KeptT = self._before.setdefault(name, value)
        if before == value:
            return before
        self._before[name] = value
        return value

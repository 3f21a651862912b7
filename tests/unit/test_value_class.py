"""Values are dataclasses in every way that can be seen, but for the freezing, which is the type checker's."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field

import pytest

from pytest_endpoint_docs.model.value_class import value_class


@value_class
class Pair:
    left: int
    right: tuple[int, ...] = ()
    hidden: str = field(default="h", repr=False)
    ignored: str = field(default="i", compare=False)


@value_class(kw_only=False, eq=False)
class Named:
    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


def test_a_value_is_equal_to_one_of_its_class_with_the_same_fields() -> None:
    assert Pair(left=1) == Pair(left=1, ignored="another")
    assert Pair(left=1) != Pair(left=2)
    assert Pair(left=1).__eq__(1) is NotImplemented


def test_equal_values_have_one_hash() -> None:
    assert len({Pair(left=1), Pair(left=1, ignored="another"), Pair(left=1, hidden="x")}) == 2


def test_a_value_shows_its_fields_but_the_hidden_ones() -> None:
    assert repr(Pair(left=1, right=(2,))) == "Pair(left=1, right=(2,), ignored='i')"


def test_what_a_class_says_itself_holds() -> None:
    assert repr(Named("x")) == "<x>"
    assert Named("x") != Named("x")


def test_a_value_has_slots_and_takes_keywords() -> None:
    assert not hasattr(Pair(left=1), "__dict__")
    with pytest.raises(TypeError):
        Pair(1)  # type: ignore[call-arg]


def test_a_value_can_be_replaced_copied_and_pickled() -> None:
    pair = Pair(left=1, hidden="x")
    assert dataclasses.replace(pair, left=2) == Pair(left=2, hidden="x")
    assert copy.deepcopy(pair) == pickle.loads(pickle.dumps(pair)) == pair
    assert dataclasses.asdict(pair) == {"left": 1, "right": (), "hidden": "x", "ignored": "i"}


@value_class(frozen=True)
class Public:
    name: str
    count: int = 0


@value_class(frozen=True)
class Further(Public):
    count: int
    more: tuple[int, ...] = ()


class Someones(Public):
    """A subclass that a project declares, with attributes of its own."""


@pytest.mark.parametrize("kind", [Public, Further, Someones])
def test_python_holds_a_value_frozen_where_its_class_says_so(kind: type[Public]) -> None:
    public = kind(name="a", count=1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
        public.name = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
        del public.name
    assert type(public) is kind
    assert public.name == "a"


@pytest.mark.parametrize("kind", [Public, Further, Someones])
def test_a_frozen_value_can_be_replaced_copied_and_pickled(kind: type[Public]) -> None:
    public = kind(name="a", count=1)
    assert dataclasses.replace(public, name="b") == kind(name="b", count=1)
    for made in (copy.copy(public), copy.deepcopy(public), pickle.loads(pickle.dumps(public))):
        assert type(made) is kind
        assert made == public
    assert isinstance(public, Public)
    assert {public: 1}[kind(name="a", count=1)] == 1


def test_a_frozen_value_looks_as_it_was_declared() -> None:
    assert repr(Public(name="a")) == "Public(name='a', count=0)"
    assert str(inspect.signature(Public)) == "(*, name: 'str', count: 'int' = 0) -> None"
    with pytest.raises(TypeError, match=r"Public\.__init__\(\) missing 1 required keyword-only argument: 'name'"):
        Public()  # type: ignore[call-arg]


def test_a_class_is_completed_when_something_first_asks_for_a_part_of_it() -> None:
    @value_class(kw_only=False)
    class Early:
        left: int
        right: list[int] = dataclasses.field(default_factory=list)

    @value_class
    class Late(Early):
        more: str = "x"

    assert [each.name for each in dataclasses.fields(Late)] == ["left", "right", "more"]
    assert str(inspect.signature(Late)) == "(left: 'int', right: 'list[int]' = <factory>, *, more: 'str' = 'x') -> None"
    made = Late(1, more="y")
    assert (made.left, made.right, made.more) == (1, [], "y")
    match Early(1, [2]):
        case Early(left, right):
            assert (left, right) == (1, [2])
    assert dataclasses.is_dataclass(Early)
    assert not hasattr(made, "__dict__")


def test_threads_may_make_the_first_values_of_a_class_at_once() -> None:
    for _ in range(50):

        @value_class
        class Shared:
            number: int
            more: list[int] = dataclasses.field(default_factory=list)

        with ThreadPoolExecutor(8) as pool:
            made = [*pool.map(lambda number, kind=Shared: kind(number=number), range(8))]
        assert [value.number for value in made] == [*range(8)]

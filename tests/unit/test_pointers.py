"""JSON Pointers (RFC 6901)."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.pointers import (
    fits_pattern,
    is_index,
    is_same_place,
    join_pointer,
    last_key,
    parent_pointer,
    pointer_of,
    split_pointer,
    value_at,
    without_indices,
)

# The document and the pointers of RFC 6901, section 5.
DOCUMENT = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}
POINTERS = {
    "": DOCUMENT,
    "/foo": ["bar", "baz"],
    "/foo/0": "bar",
    "/": 0,
    "/a~1b": 1,
    "/c%d": 2,
    "/e^f": 3,
    "/g|h": 4,
    "/i\\j": 5,
    '/k"l': 6,
    "/ ": 7,
    "/m~0n": 8,
}


@pytest.mark.parametrize(("pointer", "value"), POINTERS.items(), ids=[repr(pointer) for pointer in POINTERS])
def test_the_examples_of_the_rfc(pointer: str, value: object) -> None:
    assert value_at(DOCUMENT, pointer) == value
    assert pointer_of(split_pointer(pointer)) == pointer


def test_an_escaped_tilde_before_a_digit_stays_that_key() -> None:
    assert split_pointer("/~01") == ["~1"]
    assert join_pointer("/a", "~1", 0) == "/a/~01/0"


@pytest.mark.parametrize("pointer", ["/foo/2", "/foo/-", "/foo/00", "/foo/x", "/nothing", "/a~1b/0", "/foo/\u0661"])
def test_what_is_not_there(pointer: str) -> None:
    with pytest.raises(KeyError):
        value_at(DOCUMENT, pointer)


def test_the_last_key_and_what_is_around() -> None:
    assert [last_key("/a/b~1c"), last_key("/a/0"), last_key("")] == ["b/c", "0", ""]
    assert [parent_pointer("/a/b~1c"), parent_pointer("/a"), parent_pointer("")] == ["/a", "", ""]


def test_an_index_has_no_leading_zero() -> None:
    assert [key for key in ("0", "10", "01", "-", "", "\u0661", "+1") if is_index(key)] == ["0", "10"]


def test_members_of_a_list_are_one_place() -> None:
    assert without_indices("/data/0/tags/12") == "/data/*/tags/*"
    assert without_indices("/data/0a/1b") == "/data/0a/1b"
    assert is_same_place("/data/*/id", "/data/3/id")
    assert is_same_place("/data/3/id", "/data/*/id")
    assert not is_same_place("/data/*/id", "/data/name/id")
    assert not is_same_place("/data/*", "/data/3/id")
    assert not is_same_place("X-One", "X-Two")


def test_a_pattern_stands_for_any_one_key() -> None:
    assert fits_pattern("/data/name/id", "/data/*/id")
    assert not fits_pattern("/data/id", "/data/*/id")
    assert not fits_pattern("/data/0/id", "/data/*/key")

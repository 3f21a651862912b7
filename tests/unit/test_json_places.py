"""Lines of values in a JSON text."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.json_source import JSONPlaces

TEXT = """
{"a": 1,
 "b": {"c": [1e400, [],
   {"d": "}\\"]"}], "e/f": NaN},
 "empty": {}, "none": [ ],
 "a":
   {"g": 123456789012345678901234567890}}
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ([], 2),
        (["b"], 3),
        (["b", "c", "0"], 3),
        (["b", "c", "2"], 4),
        (["b", "c", "2", "d"], 4),
        (["b", "e/f"], 4),
        (["empty"], 5),
        (["a", "g"], 7),
        # What is not there is at the last place on the way.
        (["b", "c", "7", "d"], 3),
        (["empty", "x"], 5),
        (["b", "c", "0", "x"], 3),
        # Of equal names the last one counts.
        (["a"], 6),
    ],
)
def test_the_line_of_a_value_is_that_of_its_name(keys: list[str], line: int) -> None:
    assert JSONPlaces(TEXT).line(keys) == line


@pytest.mark.parametrize("text", ["3", ' "x"', "[]"])
def test_a_text_that_is_one_value(text: str) -> None:
    assert JSONPlaces(text).line(["a"]) == 1

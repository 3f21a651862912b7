"""The words that messages share."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import pytest_endpoint_docs
from pytest_endpoint_docs import words
from pytest_endpoint_docs.words import (
    capped,
    count,
    cut,
    cut_line,
    cut_lines,
    did_you_mean,
    first_line,
    listed,
    near,
    near_names,
    or_known,
    or_near,
    render_days,
)


def test_counts() -> None:
    assert [count(number, "doc") for number in (0, 1, 2, 1234)] == ["0 docs", "1 doc", "2 docs", "1,234 docs"]


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "less than an hour"),
        (0.9 / 24, "less than an hour"),
        (1 / 24, "1 hour"),
        (0.99, "23 hours"),
        (1, "1 day"),
        (1500.9, "1,500 days"),
    ],
)
def test_ages(days: float, text: str) -> None:
    assert render_days(days) == text


def test_what_is_cut_says_how_much_is_left_out() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 4) == "abcd… (2 more characters)"
    assert cut("x" * 3000, 1) == "x… (2,999 more characters)"
    assert cut_lines("a\nbcdef\nc", most=2, width=4) == ["a", "bcd…", "… (1 more line)"]
    assert cut_lines("a\nb", most=2, width=4) == ["a", "b"]


def test_a_cut_line_is_never_wider() -> None:
    assert cut_line("abcdef", 6) == "abcdef"
    assert cut_line("abcdefg", 6) == "abcde…"


def test_lists_say_how_much_is_left_out() -> None:
    assert listed("abc", 3) == "a, b, c"
    assert listed((name for name in "abcde"), 3) == "a, b, c and 2 more"
    assert capped(["  a", "  b", "  c"], 2, indent="  ", hint=" (-v)") == ["  a", "  b", "  ... and 1 more (-v)"]
    assert capped(["a", "b"], 2) == ["a", "b"]
    assert capped(["a", "b"], None) == ["a", "b"]


@pytest.mark.parametrize("written", ["clientId", "client-id", "Client ID", "CLIENT_ID", "cleint_id"])
def test_near_names_do_not_heed_case_and_separators(written: str) -> None:
    assert near(written, ["client_name", "client_id", "id"]) == "client_id"


def test_near_names_come_nearest_first() -> None:
    known = ["token_type", "token", "tokens", "path", "to-ken"]
    assert near_names("tokn", known, most=3) == ("to-ken", "token", "tokens")
    assert near_names("zzz", known, most=3) == ()
    assert near("", known) is None


def test_a_hint_is_the_near_name_or_all_that_is_known() -> None:
    assert did_you_mean("methd", ["method", "path"]) == ' Did you mean "method"?'
    assert did_you_mean("zzz", ["path", "method"]) == " Known: method, path."
    assert or_known("methd", ["method", "path"]) == "; did you mean 'method'?"
    assert or_known("zzz", ["path", "method"]) == "; known are method, path"
    assert or_known("zzz", []) == ""
    assert or_near("methd", ["method", "path"], shown="/{}".format) == "; did you mean /method?"
    assert or_near("zzz", ["method", "path"]) == ""
    assert or_near("zzz", ["method", "path"], otherwise="; ? lists them") == "; ? lists them"


@pytest.mark.parametrize(("told", "line"), [("one\ntwo", "one"), ("one", "one"), ("", ""), (ValueError(), "")])
def test_the_first_line_of_what_says_nothing_is_empty(told: object, line: str) -> None:
    assert first_line(told) == line


def test_a_late_pattern_is_compiled_when_it_is_first_used() -> None:
    wrong, pattern = words.late("("), words.late("B+", re.IGNORECASE)
    with pytest.raises(re.error, match="unterminated"):
        wrong.search("")
    assert (pattern.sub("-", "abba"), pattern.findall("Bb b"), pattern.groups) == ("a-a", ["Bb", "b"], 0)


def test_all_late_patterns_of_the_package_are_regular_expressions() -> None:
    """Nothing else would say so before one is used."""
    patterns = []
    for found in pkgutil.walk_packages(pytest_endpoint_docs.__path__, "pytest_endpoint_docs."):
        for value in vars(importlib.import_module(found.name)).values():
            values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
            patterns += [one.pattern for one in values if isinstance(one, type(words.late("")))]
    assert len(patterns) > 70

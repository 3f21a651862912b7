"""The one reader of YAML and JSON: what a value is, where it stands, and what is not read at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_endpoint_docs.files import read_text
from pytest_endpoint_docs.json_source import GENERATED, WRITTEN_BY_HAND, Bounds, SourceProblem, parse_json
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.yaml_text.plain_scalars import core_scalars
from pytest_endpoint_docs.yaml_text.plain_yaml import lines_of
from pytest_endpoint_docs.yaml_text.yaml_source import parse_yaml


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("10:30", "10:30"),
        ("1:30:15", "1:30:15"),
        ("2026-02-03", "2026-02-03"),
        ("2026-02-03T10:24:43Z", "2026-02-03T10:24:43Z"),
        ("=", "="),
        ("1e3", 1000.0),
        ("-1.5E-1", -0.15),
        (".5", 0.5),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("0x1F", 31),
        ("-0x1F", -31),
        ("0b11", 3),
        ("017", 15),
        ("0o17", 15),
        ("089", "089"),
        ("0", 0),
        ("+7", 7),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("", None),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("'5'", "5"),
        ("<<", "<<"),
    ],
)
def test_a_plain_value(written: str, value: JSONValue) -> None:
    found = parse_yaml(f"key: {written}").value

    assert found == {"key": value}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", True),
        ("FALSE", False),
        ("~", None),
        ("10:30", "10:30"),
        ("2026-02-03", "2026-02-03"),
        ("017", 17),
        ("-007", -7),
        ("+7", 7),
        ("00", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("-1.5E-1", -0.15),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("!!int '010'", 10),
        ("!!bool 'true'", True),
    ],
)
def test_a_plain_value_by_the_core_schema(written: str, value: JSONValue) -> None:
    found = parse_yaml(f"key: {written}", GENERATED, core_scalars()).value

    assert found == {"key": value}
    assert isinstance(found, dict)
    assert type(found["key"]) is type(value)


def test_a_tag_that_the_core_schema_gives_no_value() -> None:
    with pytest.raises(SourceProblem, match="a value that does not fit its tag !!bool"):
        parse_yaml("key: !!bool NO", GENERATED, core_scalars())


def test_keys_are_read_as_written() -> None:
    assert parse_yaml("{on: 1, 200: 2, 0x10: 3, 1.50: 4, ~: 5, 2026-02-03: 6}").value == {
        "on": 1,
        "200": 2,
        "0x10": 3,
        "1.50": 4,
        "~": 5,
        "2026-02-03": 6,
    }


def test_merged_mappings() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nboth:\n  <<: [*a, *b]\n  x: 0\none:\n  <<: *b\n"
    source = parse_yaml(text)

    assert source.value == {
        "a": {"x": 1, "y": 1},
        "b": {"y": 2, "z": 2},
        "both": {"x": 0, "y": 1, "z": 2},
        "one": {"y": 2, "z": 2},
    }
    assert [source.lines.line(pointer) for pointer in ("/both/x", "/both/y", "/both/z", "/one/z")] == [5, 1, 2, 2]


def test_a_key_that_stands_twice_is_told_and_the_later_value_counts() -> None:
    source = parse_yaml("a:\n  b: 1\n  c: 1\n  b: 2\n  c: 1\n")

    assert source.value == {"a": {"b": 2, "c": 1}}
    assert [(one.key, one.pointer, one.first_line, one.line, one.differs) for one in source.duplicates] == [
        ("b", "/a/b", 2, 4, True),
        ("c", "/a/c", 3, 5, False),
    ]
    assert source.lines.line("/a/b") == 4


def test_the_lines_of_a_text_that_need_not_be_readable() -> None:
    assert lines_of('{\n\t"a": [1,\n\t2]\n}', "json")("/a/1") == 3
    assert lines_of("a: !!python/x\n  - 1\n", "yaml")("/a/0") == 2
    assert lines_of("a: [", "yaml")("/a") is None
    # An alias that contains itself has no end of places.
    assert lines_of("a: &a\n  b: *a\n", "yaml")("/a/b/b/b") == 2


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: [1,\n", "did not find expected node content", 2),
        ("a: 1\n--- \nb: 2", "another document", 2),
        ("a:\n  ? [b]\n  : 1", "a key that is not text", 2),
        ("a:\n  {{name}}: 1", "a key that is not text", 2),
        ("a:\n  b: .inf", ".inf is not a JSON value", 2),
        ("a:\n- .NaN", ".NaN is not a JSON value", 2),
        ("a: 1e999", "a number too large for JSON", 1),
        ("a: " + "9" * 1000, "more than 640 digits", 1),
        ("a: !!int x", "does not fit its tag !!int", 1),
        ("a: !!bool maybe", "does not fit its tag !!bool", 1),
        ("a: !!binary aGk=", "the tag !!binary has no JSON value", 1),
        ("a: !!set {b}", "the tag !!set has no JSON value", 1),
        ("a:\n  <<: 1", "`<<` merges a mapping", 2),
        ("a: \x01", "a character that YAML does not allow", 1),
    ],
)
def test_yaml_that_cannot_be_read(text: str, message: str, line: int) -> None:
    with pytest.raises(SourceProblem) as caught:
        parse_yaml(text)

    assert message in caught.value.message
    assert caught.value.line == line
    assert caught.value.kind in ("syntax", "value")


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('{"a": 1,\n "b" 2}', "Expecting ':' delimiter", 2, 6),
        ('{"a": [1,\n]}', "JSON allows no comma after the last value", 1, 9),
        ('{"a": NaN}', "NaN is not a JSON value", None, None),
        ("[-Infinity]", "-Infinity is not a JSON value", None, None),
        ("[1e999]", "a number too large for JSON", None, None),
        ("[" + "9" * 1000 + "]", "a whole number of more than 640 digits", None, None),
    ],
)
def test_json_that_cannot_be_read(text: str, message: str, line: int | None, column: int | None) -> None:
    with pytest.raises(SourceProblem) as caught:
        parse_json(text)

    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)


def test_equal_names_in_json() -> None:
    assert parse_json('{"a": 1, "a": 2}') == {"a": 2}
    with pytest.raises(SourceProblem, match="`a` is given twice in one JSON object"):
        parse_json('{"b": [{"a": 1, "a": 2}]}', unique_names=True)


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize("bounds", [WRITTEN_BY_HAND, GENERATED], ids=["by hand", "generated"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [*a]", "an alias that contains itself"),
        ("a: &a\n  <<: *a", "an alias that contains itself"),
        (BOMB, "with its aliases written out (a YAML bomb)"),
        ("[" * 200_000, "nested deeper than"),
        ("a: " + "{b: " * 300 + "}" * 300, "nested deeper than"),
        ("- " * 300 + "a", "nested deeper than"),
    ],
    ids=["itself", "merges itself", "bomb", "brackets", "braces", "block"],
)
def test_hostile_yaml(text: str, message: str, bounds: Bounds) -> None:
    with pytest.raises(SourceProblem) as caught:
        parse_yaml(text, bounds)

    assert message in caught.value.message
    assert caught.value.kind == "hostile"


@pytest.mark.parametrize("depth", [201, 200_000])
def test_deep_json(depth: int) -> None:
    for text in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
        with pytest.raises(SourceProblem, match="nested deeper than 200 levels"):
            parse_json(text, GENERATED)


def test_what_is_as_deep_as_allowed_is_read() -> None:
    for bounds in (WRITTEN_BY_HAND, GENERATED):
        deep = "[" * bounds.depth + "]" * bounds.depth
        assert parse_yaml(deep, bounds).value == parse_json(deep, bounds)


def test_a_text_file(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\r\n")
    assert read_text(file) == "a: é\r\n"

    file.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(SourceProblem, match="is not UTF-8: byte 0xff at offset 8") as caught:
        read_text(file)
    assert (caught.value.kind, caught.value.line) == ("file", 2)

    file.write_bytes(b" " * (WRITTEN_BY_HAND.size + 1))
    with pytest.raises(SourceProblem, match="is larger than 5 MiB"):
        read_text(file)
    with pytest.raises(SourceProblem, match="cannot be read: No such file"):
        read_text(tmp_path / "missing")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb: [x\n", 2, 4),
        ("a: 1\nb: [x\nc: 2\n", 2, 4),
        ("a: 1\nb: 'x\nc: 2\n", 2, 4),
        ("a: {\n x: 1\n y: 2\n}\n", 3, 3),
    ],
)
def test_what_is_never_closed_is_told_where_it_opens(text: str, line: int, column: int) -> None:
    with pytest.raises(SourceProblem) as caught:
        parse_yaml(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: b: c", "Put a text with `: ` in it in quotes."),
        ("a: 1\n  b: 2", "Keys of one mapping begin in the same column"),
        ("- a: 1\n b: 2", "Keys of one mapping begin in the same column"),
        ("a:\n  b: 1\n c: 2", "Keys of one mapping begin in the same column"),
        ("a: {b: ${c}}", 'put a variable in quotes: "{{name}}"'),
        ("a: {b: $.data[0].id}", 'put a text with brackets in quotes: "$.data[0].id"'),
        ("a: @b", 'Put a text that begins with "@" in quotes.'),
        ("a: *b", 'Put a text that begins with "*" in quotes.'),
        ("a:\n\tb: 1", "spaces, not tabs"),
        ("a: {b: 1", ""),
    ],
)
def test_a_problem_comes_with_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(SourceProblem) as raised:
        parse_yaml(text)
    assert hint in raised.value.hint
    assert bool(hint) == bool(raised.value.hint)

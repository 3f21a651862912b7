"""Plain YAML is read as the YAML library reads it, or not at all."""

from __future__ import annotations

import random

import pytest

from pytest_endpoint_docs.json_source import SourceProblem
from pytest_endpoint_docs.yaml_text.plain_yaml import read_plain
from pytest_endpoint_docs.yaml_text.yaml_source import parse_yaml

FRONTMATTER = """\
endpoint: GET /items/{id}?expand=owner
domain: Front Desk (EU)
tags: [items, smoke, 2]
status: verified

# a note
owner: O'Neill & sons - the "items" team
savedAt: 2026-01-30
verifiedAt: 2026-01-30T10:00:00.000Z
negative: false
skipReason:
knownIssues: []
"""
STEPS = """\
steps:
  - id: first
    method: POST
    path: /items/{{id}}
    body:
      data:
        name: Ines Álvarez
        note: 'it''s'
    expect: {status: 201}
  -   id: second
      expect:
        status:
        - 200
        - 404
        body: {}
      sleep: 20
"""
PLAIN_STEPS = STEPS.replace("'it''s'", '"it is: # fine"')
LEFT_TO_THE_LIBRARY = (
    *("", "text", "- one\n", "a: &x b\nc: *x\n", "a: !!str 1\n", "a: |\n  text\n", "a: text # note\n", "a: b: c\n"),
    *("a: one\n  two\n", "a: 1\na: 2\n", "<<: {a: 1}\n", "a: 10:30\n", "a: 010\n", "a: 0x1f\n", "a: 1.5\n", "a: yes\n"),
    *(
        "a: ~\n",
        "a: NULL\n",
        "a:\tb\n",
        "a: b\n---\nc: d\n",
        "a: [b, [c]\n",
        "a: [b, {c: d]}\n",
        'a: {"b":1}\n',
        "a: {b: }\n",
        "a: [1.5]\n",
        "a: [b] # note\n",
        f"a: {'[' * 64}{']' * 64}\n",
        'a: "b\\n"\n',
        "a: 'it''s'\n",
        "? a\n: b\n",
    ),
    *(
        "a: b\x85c\n",
        "a: b\u2028c\n",
        "a: {b: c, b: d}\n",
        "a: [b,]\n",
        "a: [b: c]\n",
        "-a: b\n",
        "a:\n  b: c\n d: e\n",
    ),
)


FLOW = """\
a: {b: [1, [c d , "{{e}}, f: g"], {}, []], "h i": {/j/k: $.l.m, $ref: '#/n', o-p: -2}}
q:
  - [r, {s: no way, t: null}]
  - u: { v: ^w$ }
"""


@pytest.mark.parametrize("text", [FRONTMATTER, PLAIN_STEPS, FLOW, "a:\nb: {c: null, d: true}\n", "a:\n  - b: c\n"])
def test_what_is_plain_is_read_with_its_lines(text: str) -> None:
    assert read_plain(text) is not None
    _assert_alike(text)


@pytest.mark.parametrize("text", LEFT_TO_THE_LIBRARY)
def test_what_may_mean_something_else_is_left_to_the_library(text: str) -> None:
    assert read_plain(text) is None


def test_texts_at_random_are_read_as_the_library_reads_them() -> None:
    at_random = random.Random(4711)
    read = sum(_assert_alike(_changed(at_random.choice([FRONTMATTER, STEPS, FLOW]), at_random)) for _ in range(5000))
    assert read > 300


_BITS = (
    *(" ", "  ", "\n", "\n  ", "- ", ": ", ":", "#", " #", '"', "'", "[", "]", "{", "}", "&a ", "*a", "!x ", "|", ">"),
    *("0", "07", "1e3", "1_0", "yes", "No", "~", "null", "=", "<<: ", "---", "...", "%", "@", "`", "? ", "é", "\x85"),
    *(",", "-", ".5", "0x1", "TRUE", "\t", "2020-01-01", "10:30", "-1", "+1", "a: b", "\n- b", ' - c: "d"', "\\"),
)


def _changed(text: str, at_random: random.Random) -> str:
    for _ in range(at_random.randrange(1, 4)):
        start = at_random.randrange(len(text) + 1)
        end = start + at_random.choice([0, 0, 1, 2, 5])
        text = text[:start] + at_random.choice(_BITS) + text[end:]
    return text


def _assert_alike(text: str) -> bool:
    """Whether the text was plain; if so, it means to the library what it means here."""
    plain = read_plain(text)
    if plain is None:
        return False
    try:
        read = parse_yaml(text)
    except SourceProblem as problem:
        pytest.fail(f"{text!r} is read as {plain.value!r}, and the library says: {problem}")
    assert repr(plain.value) == repr(read.value), text
    assert not read.duplicates, text
    lines = read.lines.find()
    assert plain.lines.keys() == read.lines.keys(), text
    assert {pointer: plain.lines.line(pointer) for pointer in lines} == lines, text
    assert plain.lines.line("/nowhere/0") == lines[""], text
    return True

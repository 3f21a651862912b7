"""Where a failure points at, in its text, its reports and on the terminal."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.reporting.result_file import read_records

DOC = """## Test Request

```yaml
steps:
  - id: main
    method: GET
    path: /things
    expect:
      status: 200
      headers:
        x-one: "1"
      body:
        name: Spade
        price: 5
      schema:
        type: object
        properties:
          tags: {type: array}
        required:
          - name
          - uid
```

## Response Schema

```json
{
  "type": "object",
  "properties": {
    "name": {"type": "string"},
    "price": {"type": "number"}
  }
}
```
"""
EXAMPLE = """## Test Request

```yaml
steps:
  - id: main
    method: GET
    path: /things
```

## Expected Response

```json
{
  "count": 1,
  "things": [
    {
      "name": "Spade",
      "price": 5
    }
  ]
}
```
"""
ANSWER = {"name": "Rake", "price": "5", "tags": "none"}


def lines_of(project) -> list[tuple[str, str, str]]:
    """Check, place and line of every mismatch of the only item."""
    (item,) = read_records(project.root / "r.json").items
    return [
        (found.check, found.pointer, project.lines[int(found.location.rpartition(":")[2]) - 1].strip())
        for found in item.mismatches
    ]


@pytest.fixture
def shop(project):
    file = project.doc("things", DOC)
    project.lines = file.read_text().splitlines()
    project.server.on("GET /things", 200, ANSWER)
    return project


def test_each_mismatch_has_the_line_of_the_value_that_it_is_about(shop):
    result = shop.run("endpoints", "--endpoint-results", "r.json")
    assert lines_of(shop) == [
        ("header", "x-one", 'x-one: "1"'),
        ("body", "/name", "name: Spade"),
        ("body", "/price", "price: 5"),
        ("schema", "/uid", "- uid"),
        ("schema", "/tags", "tags: {type: array}"),
        ("schema", "/price", '"price": {"type": "number"}'),
    ]
    result.stdout.fnmatch_lines(
        [
            "header x-one [[]line 17[]]",
            "/name has another value [[]body, line 19[]]",
            "/uid is missing [[]schema, line 27[]]",
            "/price has another type [[]schema, line 37[]]",
        ]
    )


def test_an_example_has_the_line_of_each_value(project):
    file = project.doc("things", EXAMPLE)
    project.lines = file.read_text().splitlines()
    project.server.on("GET /things", 200, {"things": [{"name": 1, "price": 2}, {"name": "Rake"}]})
    result = project.run("endpoints", "--endpoint-results", "r.json")
    assert lines_of(project) == [
        ("shape", "/count", '"count": 1,'),
        ("shape", "/things/0/name", '"name": "Spade",'),
        ("shape", "/things/1/price", '"price": 5'),
    ]
    result.stdout.fnmatch_lines(
        ["endpoints/things.md:20: /count is missing from an object with things: expected number (and 2 more)"]
    )


def test_annotations_stand_at_each_line(shop, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    lines = shop.run("endpoints").stdout.lines
    told = [line for line in lines if line.startswith("::error")]
    assert [line.partition("line=")[2].partition(",")[0] for line in told] == ["17", "19", "20", "27", "24", "37"]
    assert told[1].endswith('::/name has another value: expected "Spade" (string), got "Rake" (string)')


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_colours_are_those_of_pytest(shop, workers):
    text = shop.pytester.runpytest_subprocess(
        *workers, "--endpoint-env", "test", "--color=yes", "endpoints"
    ).stdout.str()
    assert "\x1b[31m\x1b[1mendpoints/things.md:17: header field x-one: is missing (and 4 more)\x1b[0m" in text
    assert '\x1b[1m> 17 |         x-one: "1"\x1b[0m' in text
    assert '\x1b[32m  expected: "Spade" (string)\x1b[0m' in text
    assert '\x1b[31m  actual:   "Rake" (string)\x1b[0m' in text


def test_what_a_doc_says_has_no_colour_by_its_words(project):
    needs = "status: verified\ntestDataDescription: |\n  a thing:\n    expected: blue\n  > 17 | or one like it"
    project.doc("things", EXAMPLE, head=needs)
    project.server.on("GET /things", 404)
    text = project.pytester.runpytest_subprocess("--endpoint-env", "test", "--color=yes", "endpoints").stdout.str()
    assert "this doc needs test data: a thing:\n  expected: blue\n> 17 | or one like it\n" in text


def test_without_colour_there_is_none(shop):
    text = shop.pytester.runpytest_subprocess("--endpoint-env", "test", "--color=no", "endpoints").stdout.str()
    assert "endpoints/things.md:17: header field x-one: is missing (and 4 more)\n" in text
    assert "\x1b" not in text


def test_files_have_no_colours(shop):
    shop.run("endpoints", "--color=yes", "--junitxml", "j.xml", "--endpoint-results", "r.json")
    for name in ("j.xml", "r.json"):
        assert "\x1b" not in (shop.root / name).read_text()
        assert "u001b" not in (shop.root / name).read_text()

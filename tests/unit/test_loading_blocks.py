"""The blocks of a Markdown text are markdown-it-py's, whoever finds them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from pytest_endpoint_docs.loading import block_scanner
from pytest_endpoint_docs.loading.block_scanner import Block, Item, MarkdownLibrary, Row, blocks_of, found_blocks

ROOT = Path(__file__).parents[2]
PLAIN = """\
# Title

## Summary

Two lines
of `text`.
**Bold** text, 20 words.
## Empty

```yaml
# no heading
- a
```
### Deeper
(in brackets)
````
```
````
"""
# Lines that mean something to Markdown, or nearly do.
LINES = (
    *("", "", "   ", "\t", "text", "more text", " text", "12 x", "(x)", '"q"', "é", "\u00a0x", "x\\", "\\# x", "&amp;"),
    *("## Head", "# T #", "#", "#x", "###### six", "####### seven", " # h", "## h ##", "## h\t", "#\th"),
    *("```", "```yaml", "````", "``````", "```a`b", "``` ", "``` ```", "  ```", "    ```", "~~~", "``", "`", "`code`"),
    *("- item", "- ", "- ```", "- # h", "+ p", "* star", "***", "---", "===", "**bold**", "1. one", "2. # h", "1) one"),
    *("> quote", "> ```", "<div>", "<!-- c", "-->", "    code", "\tcode", "  nested", "[x]: /u", '"t" "u"'),
    *("| a | b |", "|---|---|", "a | b", "--- | ---"),
)


def by_library(body: str) -> list[Block | Item]:
    return list(blocks_of(MarkdownIt("commonmark").enable("table").disable("inline").parse(body)))


def no_library(_: MarkdownLibrary) -> MarkdownIt:
    raise AssertionError("markdown-it-py is not needed here")


def test_every_kind_of_block() -> None:
    body = "Text\nof two\n\n> # In\n\n1. a\n   - b\n2. c\n\n~~~ JSON{1}\n{}\n~~~\n"
    body += "## H *h*\n\n| a | `b` |\n|---|---|\n| c ||\n\n```\nx"
    assert found_blocks(body, path="d.md", line=4) == [
        Block("paragraph", "d.md", 4, "Text\nof two"),
        Block("heading", "d.md", 7, "In", level=1, inside=True),
        Item(number=1, line=9, end_line=11),
        Block("paragraph", "d.md", 9, "a"),
        Block("paragraph", "d.md", 10, "b"),
        Item(number=2, line=11, end_line=13),
        Block("paragraph", "d.md", 11, "c"),
        Block("fence", "d.md", 13, "{}\n", language="json"),
        Block("heading", "d.md", 16, "H *h*", level=2),
        Block("table", "d.md", 18, rows=(Row(("a", "`b`"), 18), Row(("c", ""), 20))),
        Block("fence", "d.md", 22, "x", language="", closed=False),
    ]


def test_plain_docs_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MarkdownLibrary, "parser", property(no_library))
    assert found_blocks(PLAIN) == by_library(PLAIN)


def test_only_sections_that_are_not_plain_are_read_by_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    body = PLAIN + "## Table\n\n| a |\n|---|\n| 1 |\n\n## List\n- one\n\n  two\n\n## End\nplain\n"
    texts: list[str] = []
    by = block_scanner._read_by_library

    def noted(library: MarkdownIt, text: str, path: str, line: int) -> Iterator[Block | Item]:
        texts.append(text)
        return by(library, text, path, line)

    monkeypatch.setattr(block_scanner, "_read_by_library", noted)
    assert found_blocks(body) == by_library(body)
    assert texts == ["## Table\n\n| a |\n|---|\n| 1 |\n\n## List\n", "## List\n- one\n\n  two\n\n## End\n"]


@pytest.mark.parametrize(
    "body",
    [
        "text\r\n## a\r\n",
        "a\0b\n",
        "<!--\n## no heading\n-->\n",
        "  ```\n# no heading\n  ```\n",
        "~~~\n# no heading\n~~~\n",
        "```\n# no heading\n",
        "- a\n  ```\n# heading\n",
        "",
        "\n\n",
    ],
)
def test_what_may_run_over_a_heading(body: str) -> None:
    assert found_blocks(body) == by_library(body)


@pytest.mark.parametrize("file", sorted([*ROOT.glob("endpoints/**/*.md"), *ROOT.glob("docs/**/*.md")]), ids=str)
def test_pages_of_this_project(file: Path) -> None:
    body = file.read_text("utf-8").rpartition("\n---\n")[2]
    assert found_blocks(body) == by_library(body)


@pytest.mark.parametrize("seed", range(10))
def test_lines_at_random(seed: int) -> None:
    chance, library = random.Random(seed), MarkdownLibrary()
    for _ in range(300):
        body = "\n".join(chance.choices(LINES, k=chance.randrange(1, 14)))
        assert found_blocks(body, library=library) == by_library(body), repr(body)


def test_several_texts_are_read_with_one_parser() -> None:
    library = MarkdownLibrary()
    found_blocks("- a\n", library=library)
    parser = library.parser
    found_blocks("- b\n", library=library)

    assert library.parser is parser

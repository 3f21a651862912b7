"""The blocks of a Markdown text are markdown-it-py's, whoever finds them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from pytest_endpoint_docs.loading import block_scanner
from pytest_endpoint_docs.loading.block_scanner import BlockToken, block_tokens

ROOT = Path(__file__).parents[2]
READ = {"heading_open", "fence", "list_item_open", "inline", "paragraph_open"}
READ |= {"table_open", "tr_open", "tr_close", "table_close"}
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


def by_library(body: str) -> list[BlockToken]:
    tokens = MarkdownIt("commonmark").enable("table").disable("inline").parse(body)
    places = [None if token.map is None else (token.map[0], token.map[1]) for token in tokens]
    return [
        BlockToken(token.type, place, token.tag, token.level, token.content, token.info)
        for token, place in zip(tokens, places, strict=True)
    ]


def read(tokens: Iterable[BlockToken]) -> list[BlockToken]:
    """What the loader reads of them."""
    return [token for token in tokens if token.type in READ]


def no_library() -> MarkdownIt:
    raise AssertionError("markdown-it-py is not needed here")


def test_plain_docs_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_scanner, "_library", no_library)
    assert read(block_tokens(PLAIN)) == read(by_library(PLAIN))


def test_only_sections_that_are_not_plain_are_read_by_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    body = PLAIN + "## Table\n\n| a |\n|---|\n| 1 |\n\n## List\n- one\n\n  two\n\n## End\nplain\n"
    texts: list[str] = []
    by = block_scanner._read_by_library

    def noted(library: MarkdownIt, lines: list[str], first: int) -> Iterable[BlockToken]:
        texts.append("\n".join(lines))
        return by(library, lines, first)

    monkeypatch.setattr(block_scanner, "_read_by_library", noted)
    assert read(block_tokens(body)) == read(by_library(body))
    assert texts == ["## Table\n\n| a |\n|---|\n| 1 |\n\n## List", "## List\n- one\n\n  two\n\n## End"]


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
    assert read(block_tokens(body)) == read(by_library(body))


@pytest.mark.parametrize("file", sorted([*ROOT.glob("endpoints/**/*.md"), *ROOT.glob("docs/**/*.md")]), ids=str)
def test_pages_of_this_project(file: Path) -> None:
    body = file.read_text("utf-8").rpartition("\n---\n")[2]
    assert read(block_tokens(body)) == read(by_library(body))


@pytest.mark.parametrize("seed", range(10))
def test_lines_at_random(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        body = "\n".join(chance.choices(LINES, k=chance.randrange(1, 14)))
        assert read(block_tokens(body)) == read(by_library(body)), repr(body)

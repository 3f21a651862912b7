"""Secrets in tables, whose names are the heads of their columns: CSV, Markdown, HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from pytest_endpoint_docs.redaction.secret_values import is_made_up
from pytest_endpoint_docs.words import late

_Cell: TypeAlias = tuple[str, int, int]

# Every repetition is bounded: the search is linear.
_HEAD = late(r"[A-Za-z_][\w.\-]{0,63}")
_LINE = late(r"[^\n]+")
_CELLS = {
    delimiter: late(rf'(?:^|(?<={re.escape(delimiter)}))(?:"(?:[^"]|"")*+"|[^{re.escape(delimiter)}"]*+)')
    for delimiter in ",;\t|"
}
_MARKDOWN = late(
    r"(?m)^[ \t]{0,8}(?P<head>\|[^\n]{1,2048})\n[ \t]{0,8}\|[ :\-|]{3,2048}\r?\n"
    r"(?P<rows>(?:[ \t]{0,8}\|[^\n]{1,8192}(?:\n|\Z))++)"
)
_ROW = late(r"(?is)<tr\b[^<>]{0,512}>(?P<cells>.{0,65536}?)(?=</tr>|<tr\b|</table|\Z)")
_CELL = late(
    r"(?i)<t(?P<kind>[hd])\b[^<>]{0,512}>\s{0,64}+(?:<[a-z][^<>]{0,512}>\s{0,64}+){0,4}+(?P<text>[^<>]{0,8192})"
)


def columns_in(text: str, is_secret: Callable[[str], bool]) -> Iterator[_Cell]:
    """Every value in a table below the name of a secret, with that name, its beginning and its end."""
    if "<t" in text:
        yield from _in_html(text, is_secret)
    elif "\n" in text:
        yield from _in_lines(text, is_secret)
        yield from _in_markdown(text, is_secret)


def _in_html(text: str, is_secret: Callable[[str], bool]) -> Iterator[_Cell]:
    names: Sequence[str] = ()
    for row in _ROW.finditer(text):
        cells = [*_CELL.finditer(text, *row.span("cells"))]
        if len(cells) > 1 and all(cell["kind"] in "hH" for cell in cells):
            names = _names(cell["text"] for cell in cells)
        elif any(map(is_secret, names)):
            yield from _below(names, text, [cell.span("text") for cell in cells], is_secret)


def _in_markdown(text: str, is_secret: Callable[[str], bool]) -> Iterator[_Cell]:
    for table in _MARKDOWN.finditer(text):
        names = _names(text[slice(*cell)] for cell in _cells(text, *table.span("head"), "|"))
        for line in _lines(text, *table.span("rows")) if any(map(is_secret, names)) else ():
            yield from _below(names, text, _cells(text, *line, "|"), is_secret)


def _in_lines(text: str, is_secret: Callable[[str], bool]) -> Iterator[_Cell]:
    """Of a text that is a table from its first line to its last."""
    end = text.index("\n")
    delimiter = next((one for one in _CELLS if one in text[:end]), "")
    if not delimiter:
        return
    names = _names(text[slice(*cell)] for cell in _cells(text, 0, end, delimiter))
    if not (any(map(is_secret, names)) and all(map(_HEAD.fullmatch, names))):
        return
    rows = [_cells(text, *line, delimiter) for line in _lines(text, end, len(text))]
    if all(len(row) == len(names) for row in rows):
        is_certain = delimiter + " " not in text[:end]
        for row in rows:
            yield from _below(names, text, row, is_secret, is_certain=is_certain)


def _below(
    names: Sequence[str],
    text: str,
    cells: Sequence[tuple[int, int]],
    is_secret: Callable[[str], bool],
    *,
    is_certain: bool = False,
) -> Iterator[_Cell]:
    for name, (start, end) in zip(names, cells, strict=False):
        value = text[start:end].strip(" `\r\n\"'")
        if value and is_secret(name) and (is_certain or is_made_up(value)):
            start = text.index(value, start)
            yield name, start, start + len(value)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a part of a text that hold something."""
    yield from (line.span() for line in _LINE.finditer(text, start, end) if not line[0].isspace())


def _cells(text: str, start: int, end: int, delimiter: str) -> list[tuple[int, int]]:
    cells = _CELLS[delimiter].finditer(text[start:end])
    return [(start + cell.start(), start + cell.end()) for cell in cells]


def _names(heads: Iterable[str]) -> Sequence[str]:
    """The heads of the columns as the names of fields are written."""
    return [re.sub(r"\s+", "_", head.strip(" \t\r\n*`\"'")) for head in heads]

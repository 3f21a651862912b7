"""What people read and some checks refer to: learnings, the manual procedure, the reason of a skip."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from pytest_endpoint_docs.loading.markdown import Document, Section
from pytest_endpoint_docs.model.body import Learning, ProcedureStep
from pytest_endpoint_docs.words import late

_MARKER = late(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")


def read_skip_reason(sections: Iterable[Section]) -> str | None:
    """The first paragraph of ``Skip Reason``, on one line, without the emphasis that it may stand in as a whole."""
    text = _first_paragraph(sections)
    if text is None:
        return None
    whole = re.fullmatch(r"(\*\*|__)(?P<text>(?:(?!\1).)+)\1", text)
    return whole["text"] if whole else text


def read_learnings(sections: Iterable[Section], document: Document) -> Iterator[Learning]:
    """The list items of ``Critical Learnings``, numbered in the order of the text."""
    number = 0
    for section in sections:
        for item in section.items:
            text = _without_marker(document.excerpt(item.line, item.end_line))
            if text:
                number += 1
                yield Learning(number=number, text=text, location=section.location.at(item.line))


def read_procedure(sections: Iterable[Section], document: Document) -> Iterator[ProcedureStep]:
    """The numbered steps of ``Manual Testing Procedure``; without a numbered list, its level-3 headings.

    A step reaches to the next one, so that a fence after a list item that is not indented under it belongs to it.
    """
    for section in sections:
        numbered = [(item.number, item.line) for item in section.items if item.number is not None]
        headings = [block.line for block in section.blocks if block.kind == "heading" and block.level == 3]
        end_line = section.end_line or len(document.lines) + 1
        starts = numbered or list(enumerate(headings, start=1))
        stops = sorted([line for _, line in starts] + ([] if not numbered else headings) + [end_line])
        for number, line in starts:
            end = next(stop for stop in stops if stop > line)
            text = _without_marker(_without_stray_fence(document.excerpt(line, end), section, line, end))
            yield ProcedureStep(number=number, text=text.lstrip("# "), location=section.location.at(line))


def _first_paragraph(sections: Iterable[Section]) -> str | None:
    for section in sections:
        for block in section.blocks:
            if block.kind == "paragraph":
                return " ".join(block.text.split())
    return None


def _without_marker(text: str) -> str:
    match = _MARKER.match(text)
    if not match:
        return text.strip()
    # The lines below an item are indented under its text.
    rest = text[match.end() :]
    first, newline, below = rest.partition("\n")
    return (first + newline + textwrap.dedent(below)).strip()


def _without_stray_fence(text: str, section: Section, line: int, end: int) -> str:
    """Without a fence that is opened at the end of the file and holds nothing."""
    stray = [
        block for block in section.fences() if line <= block.line < end and not block.closed and not block.text.strip()
    ]
    return "\n".join(text.split("\n")[: stray[0].line - line]) if stray else text

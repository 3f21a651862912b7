"""A quick look at a doc's Markdown for its items, without a parser where it can be right without one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_endpoint_docs.loading.markdown import CASES_TITLES, REQUEST_LANGUAGES, REQUEST_TITLES, fold_title
from pytest_endpoint_docs.model.doc import CaseOutline
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation

# What a fence may stand behind: indentation, quotation marks, the markers of list items.
_CONTAINERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})(?P<info>.*)")
_HEADING = re.compile(r" {0,3}##(?:[ \t]+(?P<title>.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}-+[ \t]*")
_FIRST_CHARACTERS = frozenset("`~#-*+><0123456789")


def scan_outline(
    text: str, *, body_line: int, endpoint: Endpoint, location: SourceLocation
) -> tuple[CaseOutline, ...] | None:
    """The one item of a doc without cases and with a single fence under its request heading; ``None``: parse to know.

    Whatever could be read in two ways is left to the parser: this only has to be right where it answers.
    """
    in_request = False
    open_fence: _Fence | None = None
    request: _Fence | None = None
    previous = ""
    for number, line in enumerate(text.split("\n")[body_line - 1 :], start=body_line):
        above, previous = previous, line
        if line.lstrip()[:1] not in _FIRST_CHARACTERS:
            continue
        if line.lstrip().startswith("<"):
            # HTML may swallow what follows.
            return None
        fence = _fence_of(line, number)
        if fence and open_fence:
            if fence.closes(open_fence):
                open_fence = None
            elif not open_fence.at_margin:
                # The item that it stands in may have ended, and the fence with it.
                return None
            continue
        if fence:
            open_fence = fence
            if in_request and (request is not None or fence.may_be_code):
                return None
            request = fence if in_request else request
            continue
        heading = _HEADING.fullmatch(line)
        underlined = heading is None and above.strip() and _UNDERLINE.fullmatch(line)
        if heading is None and not underlined:
            continue
        if open_fence:
            return None
        title = fold_title((heading["title"] or "") if heading else above.strip())
        if title in CASES_TITLES or (underlined and title in REQUEST_TITLES):
            return None
        in_request = title in REQUEST_TITLES
    words = request.info.split() if request else []
    if request is None or not words or words[0].lower() not in REQUEST_LANGUAGES:
        return None
    return (CaseOutline(name=endpoint.name, location=location.at(request.line)),)


@dataclass(frozen=True, slots=True)
class _Fence:
    mark: str
    info: str
    line: int
    container: str

    @property
    def at_margin(self) -> bool:
        """Whether it stands in no list item or quotation for sure."""
        return len(self.container) < 4 and not self.container.strip()

    @property
    def may_be_code(self) -> bool:
        """Whether it is so far right that, outside a list, it is no fence."""
        return "\t" in self.container or (len(self.container) > 3 and not self.container.strip())

    def closes(self, opening: _Fence) -> bool:
        long_enough = self.mark[0] == opening.mark[0] and len(self.mark) >= len(opening.mark)
        return long_enough and not self.info and (self.at_margin or not opening.at_margin)


def _fence_of(line: str, number: int) -> _Fence | None:
    containers = _CONTAINERS.match(line)
    end = containers.end() if containers else 0
    match = _FENCE.match(line, end)
    if match is None or (match["mark"][0] == "`" and "`" in match["info"]):
        return None
    return _Fence(match["mark"], match["info"].strip(), number, line[:end])

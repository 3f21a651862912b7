"""The names of a doc's items, found without parsing its Markdown where that can be avoided."""

from __future__ import annotations

import re

from pytest_endpoint_docs.loading.derived_cases import case_entries
from pytest_endpoint_docs.loading.finding_log import FindingLog
from pytest_endpoint_docs.loading.markdown import CASES_TITLES, REQUEST_TITLES, Document, fold_title
from pytest_endpoint_docs.loading.request_groups import REQUEST_LANGUAGES, group_requests, main_name
from pytest_endpoint_docs.model import CaseOutline, Endpoint, SourceLocation

# What a fence may stand behind: indentation, quotation marks, the markers of list items.
_CONTAINERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})(?P<info>.*)")
_HEADING = re.compile(r" {0,3}##(?:[ \t]+(?P<title>.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}-+[ \t]*")
_FIRST_CHARACTERS = frozenset("`~#-*+>0123456789")


def scan_outline(
    text: str, *, body_line: int, endpoint: Endpoint, location: SourceLocation
) -> tuple[CaseOutline, ...] | None:
    """The one item of a doc without cases and with a single fence under its request heading; ``None``: parse to know.

    Whatever could be read in two ways is left to the parser: this only has to be right where it answers.
    """
    in_request, open_mark = False, ""
    request: tuple[int, str] | None = None
    previous = ""
    for number, line in enumerate(text.split("\n")[body_line - 1 :], start=body_line):
        above, previous = previous, line
        if line.lstrip()[:1] not in _FIRST_CHARACTERS:
            continue
        fence = _FENCE.match(line, _containers_end(line))
        if fence:
            mark, info = fence["mark"], fence["info"].strip()
            if open_mark:
                if mark[0] != open_mark[0] or len(mark) < len(open_mark) or info:
                    return None
                open_mark = ""
            elif mark[0] == "~" or "`" not in info:
                open_mark = mark
                if in_request and request is not None:
                    return None
                if in_request:
                    request = number, info
            continue
        heading = _HEADING.fullmatch(line)
        underlined = heading is None and above.strip() and _UNDERLINE.fullmatch(line)
        if heading is None and not underlined:
            continue
        if open_mark:
            return None
        title = fold_title((heading["title"] or "") if heading else above.strip())
        if title in CASES_TITLES or (underlined and title in REQUEST_TITLES):
            return None
        in_request = title in REQUEST_TITLES
    words = request[1].split() if request else []
    if request is None or not words or words[0].lower() not in REQUEST_LANGUAGES:
        return None
    return (CaseOutline(name=main_name(endpoint), location=location.at(request[0])),)


def _containers_end(line: str) -> int:
    match = _CONTAINERS.match(line)
    return match.end() if match else 0


def parse_outline(
    document: Document, *, endpoint: Endpoint, location: SourceLocation, findings: FindingLog
) -> tuple[CaseOutline, ...]:
    """The items of a parsed doc: its main requests (one item also where there is none), then its cases."""
    outlines = [
        CaseOutline(name=group.name(endpoint), location=location.at(group.fences[0].line), request_index=index)
        for index, group in enumerate(group_requests(document.titled(REQUEST_TITLES)))
    ]
    if not outlines:
        outlines.append(CaseOutline(name=main_name(endpoint), location=location))
    outlines += [
        CaseOutline(name=entry.name, location=entry.location, case_id=entry.name, learning=entry.learning)
        for entry in case_entries(document.titled(CASES_TITLES), findings)
    ]
    return tuple(outlines)

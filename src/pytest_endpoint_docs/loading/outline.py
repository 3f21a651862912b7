"""The names of a doc's items, found without parsing its Markdown where that can be avoided."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_endpoint_docs.loading.derived_cases import case_entries
from pytest_endpoint_docs.loading.finding_log import FindingLog
from pytest_endpoint_docs.loading.markdown import CASES_TITLES, REQUEST_TITLES, Document, fold_title
from pytest_endpoint_docs.loading.request_groups import REQUEST_LANGUAGES, group_requests, main_name
from pytest_endpoint_docs.model import CaseOutline, Endpoint, SourceLocation

# A fence's line (in a list item or quotation too), a level-2 heading, or the dashes below a title that make it one.
_LANDMARK = re.compile(
    r"^(?:[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)"
    r"| {0,3}\#\#(?!\#)(?P<title>[^\n]*)"
    r"|(?P<underlined>[^\n|]*[^\n|\s][^\n|]*)\n {0,3}-+[ \t]*$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fence:
    mark: str
    info: str
    line: int


def scan_outline(
    text: str, *, body_line: int, endpoint: Endpoint, location: SourceLocation
) -> tuple[CaseOutline, ...] | None:
    """The one item of a doc without cases and with a single fence under its request heading; ``None``: parse to know.

    Whatever could be read in two ways is left to the parser: this only has to be right where it answers.
    """
    start = _offset(text, body_line)
    in_request, open_fence = False, None
    requests: list[_Fence] = []
    for match in _LANDMARK.finditer(text, start):
        if match["fence"]:
            mark, info = match["fence"], match["info"].strip()
            if open_fence is None:
                if mark[0] == "`" and "`" in info:
                    continue
                open_fence = _Fence(mark=mark, info=info, line=text.count("\n", 0, match.start()) + 1)
                if in_request:
                    requests.append(open_fence)
            elif mark[0] == open_fence.mark[0] and len(mark) >= len(open_fence.mark) and not info:
                open_fence = None
            else:
                return None
            continue
        title = fold_title((match["title"] or match["underlined"] or "").strip().rstrip("#").strip())
        if open_fence is not None or (match["underlined"] and title in REQUEST_TITLES | CASES_TITLES):
            return None
        if match["underlined"]:
            continue
        if title in CASES_TITLES:
            return None
        in_request = title in REQUEST_TITLES
    words = requests[0].info.split() if len(requests) == 1 else []
    if not words or words[0].lower() not in REQUEST_LANGUAGES:
        return None
    return (CaseOutline(name=main_name(endpoint), location=location.at(requests[0].line)),)


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


def _offset(text: str, line: int) -> int:
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
        if offset == 0:
            return len(text)
    return offset

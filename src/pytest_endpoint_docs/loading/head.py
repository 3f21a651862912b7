"""File -> :class:`EndpointDoc`: what collection needs, and no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pytest_endpoint_docs.loading.blocks import FindingLog
from pytest_endpoint_docs.loading.case_entries import case_entries
from pytest_endpoint_docs.loading.envelope import read_envelope
from pytest_endpoint_docs.loading.frontmatter import read_frontmatter
from pytest_endpoint_docs.loading.frontmatter_fields import FieldReader
from pytest_endpoint_docs.loading.markdown import CASES_TITLES, REQUEST_TITLES, Document, fold_title, parse_markdown
from pytest_endpoint_docs.loading.prose import read_skip_reason
from pytest_endpoint_docs.loading.request_groups import REQUEST_LANGUAGES, group_requests, main_name
from pytest_endpoint_docs.model.body import DocBody
from pytest_endpoint_docs.model.doc import BodyReader, CaseOutline, DocStatus, EndpointDoc
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
    return (CaseOutline(name=main_name(endpoint), location=location.at(request.line)),)


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
    taken = {outline.name for outline in outlines}
    outlines += [
        CaseOutline(
            name=entry.name,
            location=entry.location,
            case_id=entry.name,
            learning=entry.learning,
            tags=entry.tags,
        )
        for entry in case_entries(document.titled(CASES_TITLES), findings, taken=taken)
    ]
    return tuple(outlines)


def load_doc(file: Path, *, display_path: str) -> EndpointDoc | None:
    """Read the head of an endpoint doc; ``None`` for a file that is none (no frontmatter, or one without ``endpoint``).

    ``display_path`` is what locations show. What is wrong but readable becomes a finding of the doc.

    Raises:
        FrontmatterError: the file cannot be opened; or it is meant as an endpoint doc, and its head cannot be read.
    """
    start = SourceLocation(display_path, 1)
    envelope = read_envelope(file, start)
    if envelope is None:
        return None
    findings = FindingLog()
    frontmatter = read_frontmatter(envelope, start, findings)
    if frontmatter is None:
        return None
    fields = FieldReader(frontmatter, start, findings).fields()
    location = start.at(frontmatter.lines["endpoint"])
    outlines = scan_outline(envelope.text, body_line=envelope.body_line, endpoint=fields["endpoint"], location=location)
    needs_reason = fields["status"] in (DocStatus.SKIP, DocStatus.DEPRECATED) and fields["skip_reason"] is None
    if outlines is None or needs_reason:
        document = parse_markdown(envelope.text, body_line=envelope.body_line, path=display_path)
        outlines = parse_outline(document, endpoint=fields["endpoint"], location=location, findings=findings)
        if needs_reason:
            fields["skip_reason"] = read_skip_reason(document)
    if fields["status"] is DocStatus.SKIP and fields["skip_reason"] is None:
        line = frontmatter.lines.get("status", frontmatter.lines.get("skip", location.line))
        findings.warning(
            "no-skip-reason",
            'no reason recorded: add `skipReason: "..."` that says why, and what would change it.',
            start.at(line),
        )
    return EndpointDoc(
        file=file,
        path=display_path,
        location=location,
        outlines=outlines,
        findings=findings.all(),
        lines=frontmatter.lines,
        text=envelope.text,
        body_line=envelope.body_line,
        reader=BodyReader(_read_body),
        **fields,
    )


def _read_body(doc: EndpointDoc) -> DocBody:
    # What reads bodies costs more to import than collecting needs.
    from pytest_endpoint_docs.loading.doc_body import parse_body

    return parse_body(doc)

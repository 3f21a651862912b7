"""What stands at a place of a doc where nothing reads it, and was hardly meant for people alone: it would be lost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pytest_endpoint_docs.loading.block_scanner import Block
from pytest_endpoint_docs.loading.markdown import (
    EXAMPLES_TITLE,
    LIST,
    PREREQUISITE_TITLES,
    PROCEDURE_TITLES,
    REQUEST_LANGUAGES,
    REQUEST_TITLES,
    WORKING_TITLES,
    YAML_LANGUAGES,
    Document,
    Section,
    fold_title,
    unread_lists,
)
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import METHODS, Finding, Severity, SourceLocation
from pytest_endpoint_docs.words import late, near

_KEY = "endpoint:"
_SECOND_HEAD = late(rf"{_KEY}\s+[\"'`]?(?:{'|'.join(METHODS)})\s+/\S*")
_ANSWER = late(r"(?:(?:expected|example|sample|successful) )?(?:response|answer|returns)(?: body)?(?: \(?\d{3}\b.*)?:?")
# `##Test Request`, `**Test Request**`, `Test Request:`
_MARKS = late(r"^[ \t]*#{0,6}[ \t]*|[ \t]*:?[ \t]*$")


def misplaced(document: Document, location: SourceLocation) -> Iterator[Finding]:
    """Findings for sections below a heading of another level, answers among the requests, and a second doc."""
    may_hold_second = _KEY in document.body
    for section in document.sections:
        in_requests = section.title in REQUEST_TITLES
        if in_requests and any(section.fences(REQUEST_LANGUAGES)):
            has_templates = any(block.language == "json" and '"method"' in block.text for block in section.blocks)
            yield from unread_lists(section, "steps", in_json=has_templates)
        if may_hold_second and _SECOND_HEAD.match(section.written_title):
            yield _second(section.written_title, section.location)
        if in_requests:
            yield from _answers(section, location)
        heading: Block | None = None
        for block in section.blocks:
            if may_hold_second and block.kind in ("heading", "paragraph") and _SECOND_HEAD.match(block.text):
                yield _second(block.text, location.at(block.line))
            if block.kind == "heading":
                heading = block
            elif heading is not None and block.language in REQUEST_LANGUAGES:
                yield from _of_other_level(heading, block, location, in_requests=in_requests)
                heading = None


def missing_request(document: Document, doc: EndpointDoc) -> Iterator[Finding]:
    """The error where a doc has no request, with what may have been meant as one; a manual doc needs none."""
    sections = document.titled(REQUEST_TITLES)
    if doc.is_manual and not sections and document.titled(PROCEDURE_TITLES):
        return
    unclosed = next(iter(document.unclosed), None)
    swallowed = f" The fence that opens in line {unclosed.line} is never closed and may hide it." if unclosed else ""
    if sections:
        section = sections[0]
        languages = [fence.language or "none" for fence in section.fences()]
        found = f"its fences have the language {', '.join(languages)}" if languages else "it has no fence"
        message = f"no request: `{section.written_title}` needs a `json` or `yaml` fence; {found}.{swallowed}"
        yield Finding(code="no-request", message=message, location=section.location)
        return
    message = "no request: the doc has no section `Test Request` or `Request Template`."
    hints = _meant(document, doc) + swallowed
    yield Finding(code="no-request", message=message + hints, location=doc.location)


def _meant(document: Document, doc: EndpointDoc) -> str:
    """A sentence about what was meant as the section with the request; empty where nothing looks like it."""
    for section in document.sections:
        if near(section.title, REQUEST_TITLES) or "request" in section.title:
            return f' The section "{section.written_title}" in line {section.line} is not one.'
    fenced = {
        line
        for section in document.sections
        for fence in section.fences()
        for line in range(fence.line, fence.line + fence.text.count("\n") + 2)
    }
    for number, line in enumerate(document.lines, start=1):
        title = fold_title(_MARKS.sub("", line))
        if number >= doc.body_line and number not in fenced and title in REQUEST_TITLES:
            return f" Line {number} is not a heading of level 2: write `## {title.title()}`."
    return ""


def _answers(section: Section, location: SourceLocation) -> Iterator[Finding]:
    """Errors for JSON fences below `Response:`, or beside steps, which would be sent as further requests."""
    has_steps = any(block.language in YAML_LANGUAGES and LIST.search(block.text) for block in section.blocks)
    for before, fence in pairwise(section.blocks):
        if fence.language != "json" or '"method"' in fence.text:
            continue
        if before.kind == "paragraph" and _ANSWER.fullmatch(fold_title(before.text)):
            what = f"the fence below `{before.text}` would be sent"
        elif has_steps and '"path"' not in fence.text:
            what = "this fence would be sent as the body of another request, beside the steps"
        else:
            continue
        yield Finding(
            code="response-as-request",
            message=f"{what}: an example of an answer stands in a section `## Expected Response`.",
            location=location.at(fence.line),
        )


def _of_other_level(heading: Block, fence: Block, location: SourceLocation, *, in_requests: bool) -> Iterator[Finding]:
    """An error where a fence would have run, or is sent as a request; a warning where it may be for people."""
    title, lists = fold_title(heading.text), LIST.search(fence.text) is not None
    if title not in WORKING_TITLES and not EXAMPLES_TITLE.fullmatch(title):
        return
    if in_requests and lists and title in REQUEST_TITLES | PREREQUISITE_TITLES:
        # The steps of all fences there are read, in order.
        return
    yield Finding(
        code="section-level",
        message=f"nothing reads `{'#' * heading.level} {heading.text}`: a section has a heading of level 2, "
        f"`## {heading.text}`.",
        location=location.at(heading.line),
        severity=Severity.ERROR if in_requests or lists else Severity.WARNING,
    )


def _second(text: str, location: SourceLocation) -> Finding:
    endpoint = " ".join(text.split("\n")[0].split())
    return Finding(
        code="second-doc",
        message=f"a second doc begins here (`{endpoint}`): a file holds one; move it to a file of its own.",
        location=location,
    )

"""The Markdown of a doc -> :class:`DocBody`: everything that runs or is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_endpoint_docs.loading.blocks import FindingLog, parse_block
from pytest_endpoint_docs.loading.case_entries import case_entries, read_cases
from pytest_endpoint_docs.loading.changes import check_changes
from pytest_endpoint_docs.loading.main_requests import read_main_requests
from pytest_endpoint_docs.loading.mapping_reader import kind_of
from pytest_endpoint_docs.loading.markdown import (
    CASES_TITLES,
    CLEANUP_TITLES,
    PREREQUISITE_TITLES,
    REQUEST_TITLES,
    SCHEMA_TITLES,
    YAML_LANGUAGES,
    Document,
    Section,
    parse_markdown,
)
from pytest_endpoint_docs.loading.prose import read_learnings, read_procedure, read_summary
from pytest_endpoint_docs.loading.request_groups import group_requests
from pytest_endpoint_docs.loading.resolution_rows import read_resolutions
from pytest_endpoint_docs.loading.steps import fence_at, read_section_steps
from pytest_endpoint_docs.model.body import DocBody, ExampleResponse, ResponseSchema
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.words import near

_EXAMPLES = re.compile(r"(?P<kind>expected response|error response)s?(?:\s*\(?\s*(?P<code>[1-5]\d\d)\b[^)]*\)?)?")
_CODE = re.compile(r"\b([1-5]\d\d)\b")


def read_schema(document: Document, findings: FindingLog) -> ResponseSchema | None:
    """The first JSON Schema of the ``Response Schema`` section."""
    found: ResponseSchema | None = None
    for section in document.titled(SCHEMA_TITLES):
        fences = list(section.fences(YAML_LANGUAGES | {"json"}))
        if not fences:
            findings.warning("no-schema", "`Response Schema` has no JSON or YAML fence.", section.location)
        for fence in fences:
            if found is not None:
                message = f"only one response schema is used, that of line {found.location.line}."
                findings.warning("second-schema", message, section.location.at(fence.line))
                continue
            block = parse_block(fence, findings)
            if block is None:
                continue
            if not isinstance(block.value, (dict, bool)):
                findings.error(
                    "wrong-type", f"a JSON Schema is a mapping, not {kind_of(block.value)}.", fence_at(block)
                )
                continue
            found = ResponseSchema(schema=block.value, location=fence_at(block))
    return found


def read_examples(document: Document, findings: FindingLog) -> Iterator[ExampleResponse]:
    """The JSON examples, each with the status code that the nearest heading gives."""
    for section in document.sections:
        match = _EXAMPLES.fullmatch(section.title)
        if match:
            yield from _examples_of(section, match, findings)


def _examples_of(section: Section, match: re.Match[str], findings: FindingLog) -> Iterator[ExampleResponse]:
    is_error_section = match["kind"] == "error response"
    of_title = int(match["code"]) if match["code"] else None
    status, is_error = of_title, is_error_section
    for item in section.blocks:
        if item.kind == "heading" and item.level == 3:
            code = _CODE.search(item.text)
            status = int(code[1]) if code else of_title
            is_error = is_error_section or bool(code and int(code[1]) >= 400)
        if item.source is None or item.source.language != "json":
            continue
        # An example is for people first: "..." in it must not fail the doc.
        block = parse_block(item, findings, required=False)
        if block is not None:
            yield ExampleResponse(status=status, body=block.value, location=fence_at(block), is_error=is_error)


def parse_body(doc: EndpointDoc) -> DocBody:
    """Parse everything behind the frontmatter. What is wrong becomes a finding; the head's are not repeated."""
    document = parse_markdown(doc.text, body_line=doc.body_line, path=doc.path)
    findings = FindingLog()
    for fence in document.unclosed():
        findings.warning(
            "unclosed-fence",
            "a fence opens here and is never closed, so it reaches to the end of the file or list item.",
            doc.location.at(fence.line),
        )
    groups = group_requests(document.titled(REQUEST_TITLES))
    if not groups:
        _log_no_request(document, doc, findings)
    learnings = tuple(read_learnings(document))
    taken = {outline.name for outline in doc.outlines if outline.case_id is None}
    entries = case_entries(document.titled(CASES_TITLES), findings, taken=taken)
    requests = read_main_requests(groups, doc, findings)
    cases = read_cases(entries, doc, findings, learnings=len(learnings))
    if cases:
        check_changes(cases, requests, findings)
    return DocBody(
        title=document.title,
        summary=read_summary(document),
        prerequisites=read_section_steps(document.titled(PREREQUISITE_TITLES), doc, "prerequisite", findings),
        requests=requests,
        resolutions=read_resolutions(document, findings),
        cases=cases,
        cleanup=read_section_steps(document.titled(CLEANUP_TITLES), doc, "cleanup", findings),
        response_schema=read_schema(document, findings),
        examples=tuple(read_examples(document, findings)),
        procedure=tuple(read_procedure(document)),
        learnings=learnings,
        findings=tuple(finding for finding in findings.all() if finding not in doc.findings),
    )


def _log_no_request(document: Document, doc: EndpointDoc, findings: FindingLog) -> None:
    sections = document.titled(REQUEST_TITLES)
    unclosed = next(document.unclosed(), None)
    swallowed = f" The fence that opens in line {unclosed.line} is never closed and may hide it." if unclosed else ""
    if sections:
        languages = [fence.source.language or "none" for fence in sections[0].fences() if fence.source]
        found = f"its fences have the language {', '.join(languages)}" if languages else "it has no fence"
        message = f"no request: `{sections[0].written_title}` needs a `json` or `yaml` fence; {found}.{swallowed}"
        findings.error("no-request", message, sections[0].location)
        return
    resembling = next(
        (section for section in document.sections if near(section.title, REQUEST_TITLES) or "request" in section.title),
        None,
    )
    hint = (
        f' The section "{resembling.written_title}" in line {resembling.location.line} is none.' if resembling else ""
    )
    message = f"no request: the doc has no section `Test Request` or `Request Template`.{hint}{swallowed}"
    findings.error("no-request", message, doc.location)

"""The Markdown of a doc -> :class:`DocBody`: everything that runs or is shown."""

from __future__ import annotations

from pytest_endpoint_docs.loading.derived_cases import case_entries, read_cases
from pytest_endpoint_docs.loading.finding_log import FindingLog
from pytest_endpoint_docs.loading.main_requests import read_main_requests
from pytest_endpoint_docs.loading.markdown import (
    CASES_TITLES,
    CLEANUP_TITLES,
    PREREQUISITE_TITLES,
    REQUEST_TITLES,
    Document,
    parse_markdown,
)
from pytest_endpoint_docs.loading.naming import near
from pytest_endpoint_docs.loading.prose import read_learnings, read_procedure, read_summary
from pytest_endpoint_docs.loading.request_groups import group_requests
from pytest_endpoint_docs.loading.resolution import read_resolutions
from pytest_endpoint_docs.loading.responses import read_examples, read_schema
from pytest_endpoint_docs.loading.steps import read_section_steps
from pytest_endpoint_docs.model import DocBody, EndpointDoc


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
    return DocBody(
        title=document.title,
        summary=read_summary(document),
        prerequisites=read_section_steps(document.titled(PREREQUISITE_TITLES), doc, "prerequisite", findings),
        requests=read_main_requests(groups, doc, findings),
        resolutions=read_resolutions(document, findings),
        cases=read_cases(entries, doc, findings, learnings=len(learnings)),
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

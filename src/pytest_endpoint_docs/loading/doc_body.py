"""The Markdown of a doc -> :class:`DocBody`: everything that runs or is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.loading.block_scanner import Block, MarkdownLibrary
from pytest_endpoint_docs.loading.case_entries import CaseEntry, case_entries, read_cases
from pytest_endpoint_docs.loading.changes import wrong_changes
from pytest_endpoint_docs.loading.head_and_request import contradicted_outcome, other_endpoint, with_expected_outcome
from pytest_endpoint_docs.loading.instructions import Instructions
from pytest_endpoint_docs.loading.items import slug
from pytest_endpoint_docs.loading.literal_placeholders import literal_placeholders
from pytest_endpoint_docs.loading.mapping_reader import FindingLog, ParsedBlock, parse_block, source_of
from pytest_endpoint_docs.loading.markdown import (
    CASES_TITLES,
    CLEANUP_TITLES,
    EXAMPLES_TITLE,
    LEARNINGS_TITLES,
    OTHER_TITLES,
    PREREQUISITE_TITLES,
    PROCEDURE_TITLES,
    REQUEST_LANGUAGES,
    REQUEST_TITLES,
    RESOLUTION_TITLES,
    SCHEMA_TITLES,
    SKIP_REASON_TITLES,
    YAML_LANGUAGES,
    Document,
    Section,
    parse_markdown,
    wrong_sections,
)
from pytest_endpoint_docs.loading.misplaced import misplaced, missing_request
from pytest_endpoint_docs.loading.prose import read_learnings, read_procedure, read_skip_reason
from pytest_endpoint_docs.loading.schema_findings import GoodSchemas, schema_findings
from pytest_endpoint_docs.loading.steps import read_request_steps, read_section_steps, read_steps
from pytest_endpoint_docs.loading.suspicions import suspicions
from pytest_endpoint_docs.loading.templates import FIRST_OF_CHAIN, read_template_chain
from pytest_endpoint_docs.model.body import (
    EMPTY_BODY,
    DerivedCase,
    DocBody,
    ExampleResponse,
    MainRequest,
    Resolution,
    ResponseSchema,
    Step,
)
from pytest_endpoint_docs.model.doc import CaseOutline, EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, Finding, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.words import kind_of, late

_CODE = late(r"\b([1-5]\d\d)\b")


def parse_body(doc: EndpointDoc, good: GoodSchemas | None = None, library: MarkdownLibrary | None = None) -> DocBody:
    """Parse everything after the frontmatter. What is wrong becomes a finding; the head's are not repeated.

    ``good`` keeps the schemas that the docs of a run have in common, and ``library`` reads them all.
    """
    if not doc.text:
        message = "the file was changed or removed after this run had read it: run it again."
        return replace(EMPTY_BODY, findings=(Finding(code="changed-doc", message=message, location=doc.location),))
    document = parse_markdown(doc.text, body_line=doc.body_line, path=doc.path, library=library)
    findings = FindingLog()
    for fence in document.unclosed:
        message = "a fence opens here and is never closed, so it reaches to the end of the file or list item."
        findings.warning("unclosed-fence", message, doc.location.at(fence.line))
    findings.extend(wrong_sections(document))
    findings.extend(misplaced(document, doc.location))
    requests = _read_requests(document, doc, findings)
    procedure, learned = document.titled(PROCEDURE_TITLES), document.titled(LEARNINGS_TITLES)
    learnings = tuple(read_learnings(learned, document)) if learned else ()
    needed, resolved = document.titled(PREREQUISITE_TITLES), document.titled(RESOLUTION_TITLES)
    cleanup, cases = document.titled(CLEANUP_TITLES), document.titled(CASES_TITLES)
    schemas = document.titled(SCHEMA_TITLES)
    examples = [section for section in document.titled(OTHER_TITLES) if EXAMPLES_TITLE.fullmatch(section.title)]
    says_more = bool(schemas) or any(main.subject and main.subject.expect.has_schema for main in requests)
    body = DocBody(
        title=document.title,
        prerequisites=read_section_steps(needed, doc, "prerequisite", findings) if needed else (),
        requests=requests,
        resolutions=_read_resolutions(resolved, needed, findings) if resolved else (),
        cases=_read_cases(cases, doc, requests, findings, learnings=len(learnings)) if cases else (),
        cleanup=read_section_steps(cleanup, doc, "cleanup", findings) if cleanup else (),
        response_schema=_read_schema(schemas, findings, good or GoodSchemas()) if schemas else None,
        examples=tuple(_read_examples(examples, findings, required=not says_more)) if examples else (),
        procedure=tuple(read_procedure(procedure, document)) if procedure else (),
        learnings=learnings,
        findings=(),
    )
    wrong = {found.case_id for found in findings.all() if found.case_id}
    findings.extend(literal_placeholders(doc, body, Instructions(document)))
    findings.extend(suspicions(body, wrong=wrong))
    told = tuple(finding for finding in findings.all() if finding not in doc.findings)
    return replace(body, findings=told) if told else body


def parse_outline(
    text: str,
    *,
    body_line: int,
    endpoint: Endpoint,
    location: SourceLocation,
    findings: FindingLog,
    library: MarkdownLibrary | None = None,
) -> tuple[tuple[CaseOutline, ...], str | None]:
    """The items of a doc, and its skip reason.

    The items are its main requests (one also where there is none), then its cases.
    """
    document = parse_markdown(text, body_line=body_line, path=location.path, library=library)
    outlines = [
        CaseOutline(name=group.name(endpoint), location=location.at(group.fences[0].line), request_index=index)
        for index, group in enumerate(_group_requests(document.titled(REQUEST_TITLES)))
    ]
    if not outlines:
        outlines.append(CaseOutline(name=endpoint.name, location=location))
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
    return tuple(outlines), read_skip_reason(document.titled(SKIP_REASON_TITLES))


def _read_cases(
    sections: list[Section],
    doc: EndpointDoc,
    requests: tuple[MainRequest, ...],
    findings: FindingLog,
    *,
    learnings: int,
) -> tuple[DerivedCase, ...]:
    taken = {outline.name for outline in doc.outlines if outline.case_id is None}
    entries = case_entries(sections, findings, taken=taken)

    def steps_of(entry: CaseEntry, block: ParsedBlock) -> tuple[Step, ...]:
        return read_steps(block, doc, "prerequisite", findings, owner=entry.pointer, case_id=entry.name)

    cases = read_cases(entries, findings, learnings=learnings, steps_of=steps_of)
    findings.extend(wrong_changes(cases, requests))
    return cases


def _read_resolutions(resolved: list[Section], needed: list[Section], findings: FindingLog) -> tuple[Resolution, ...]:
    # Its patterns take long to compile, and most docs have no such section.
    from pytest_endpoint_docs.loading.resolution_rows import read_resolutions

    return read_resolutions(resolved, needed, findings)


def _read_requests(document: Document, doc: EndpointDoc, findings: FindingLog) -> tuple[MainRequest, ...]:
    """One value per group of fences, also where it cannot be read (no steps, and an error for that item)."""
    groups = _group_requests(document.titled(REQUEST_TITLES))
    if not groups:
        findings.extend(missing_request(document, doc))
    mains: list[MainRequest] = []
    for group in groups:
        case_id = group.name(doc.endpoint) if len(groups) > 1 else None
        location = doc.location.at(group.fences[0].line)
        if group.is_steps:
            steps = read_request_steps(group.fences, doc, findings, case_id, location=location)
            main = MainRequest(location=location, steps=steps)
        else:
            main = read_template_chain(group.fences, doc, findings, case_id, location=location)
        if doc.expected_outcome:
            findings.extend(contradicted_outcome(main, doc))
            main = with_expected_outcome(main, doc)
        findings.extend(other_endpoint(main, doc, case_id))
        mains.append(main)
    return tuple(mains)


@value_class(kw_only=False)
class _RequestGroup:
    """The fences of one main request: all YAML fences (``is_steps``), or a JSON fence, or a chain of them."""

    is_steps: bool
    fences: tuple[Block, ...]
    suffix: str = ""

    def name(self, endpoint: Endpoint) -> str:
        """The item's name."""
        return f"{endpoint.name}[{self.suffix}]" if self.suffix else endpoint.name


def _group_requests(sections: Iterable[Section]) -> tuple[_RequestGroup, ...]:
    """The main requests of the request sections, with suffixes where there are several."""
    groups = tuple(_groups(list(_candidates(sections))))
    if len(groups) == 1:
        return groups if not groups[0].suffix else (replace(groups[0], suffix=""),)
    taken: set[str] = set()
    named: list[_RequestGroup] = []
    for number, group in enumerate(groups, start=1):
        suffix = base = group.suffix or str(number)
        again = 2
        while suffix in taken:
            suffix = f"{base}-{again}"
            again += 1
        taken.add(suffix)
        named.append(replace(group, suffix=suffix))
    return tuple(named)


def _candidates(sections: Iterable[Section]) -> Iterator[tuple[Block, str]]:
    """Every fence that may hold a request, with the slug of the heading that it has for itself."""
    for section in sections:
        heading = ""
        for block in section.blocks:
            if block.kind == "heading" and block.level > 2:
                heading = slug(block.text)
            elif block.language in REQUEST_LANGUAGES:
                yield block, heading
                heading = ""


def _groups(candidates: list[tuple[Block, str]]) -> Iterator[_RequestGroup]:
    steps = tuple([fence for fence, _ in candidates if fence.language in YAML_LANGUAGES])
    chain: list[Block] = []
    for fence, heading in candidates:
        if fence.language in YAML_LANGUAGES:
            if fence is steps[0]:
                yield _RequestGroup(True, steps, heading)
            continue
        chain.append(fence)
        if _purpose_of(fence) != FIRST_OF_CHAIN:
            yield _RequestGroup(False, tuple(chain), heading)
            chain = []
    if chain:
        yield _RequestGroup(False, tuple(chain))


def _purpose_of(fence: Block) -> str | None:
    """``purpose`` of a JSON request template."""
    if '"purpose"' not in fence.text:
        return None
    try:
        value = parse_json(fence.text)
    except SourceProblem:
        return None
    purpose = value.get("purpose") if isinstance(value, dict) else None
    return purpose if isinstance(purpose, str) else None


def _read_schema(sections: Iterable[Section], findings: FindingLog, good: GoodSchemas) -> ResponseSchema | None:
    """The first JSON Schema of the ``Response Schema`` sections."""
    found: ResponseSchema | None = None
    for section in sections:
        fences = list(section.fences(REQUEST_LANGUAGES))
        if not fences:
            findings.warning("no-schema", "`Response Schema` has no JSON or YAML fence.", section.location)
        for fence in fences:
            if found is not None:
                message = f"only one response schema is used, that of line {found.location.line}."
                findings.warning("second-schema", message, section.location.at(fence.line))
                continue
            known = good.get(fence.text)
            if known is not None and fence.language == "json":
                value, line_of = known
                source = source_of(fence, line_of)
                found = ResponseSchema(schema=value, location=source.location, source=source)
                continue
            block = parse_block(fence, findings)
            if block is None:
                continue
            if not isinstance(block.value, (dict, bool)):
                findings.error("wrong-type", f"a JSON Schema is a mapping, not {kind_of(block.value)}.", block.fence)
                continue
            wrong = tuple(schema_findings(block.value, block.at))
            findings.extend(wrong)
            if not wrong and block.source.language == "json":
                good.keep(fence.text, block.value, block.source.line_of)
            found = ResponseSchema(schema=block.value, location=block.fence, source=block.source)
    return found


def _read_examples(sections: Iterable[Section], findings: FindingLog, *, required: bool) -> Iterator[ExampleResponse]:
    """The JSON examples, each with the status code that the nearest heading gives.

    One that cannot be read is an error where it is ``required``: nothing else says what the content is.
    """
    for section in sections:
        match = EXAMPLES_TITLE.fullmatch(section.title)
        if match:
            if required and match["kind"] == "expected response" and not any(section.fences(["json"])):
                message = f"`{section.written_title}` has no `json` fence, so nothing is checked against it."
                findings.warning("no-example", message, section.location)
            yield from _examples_of(section, match, findings, required=required)


def _examples_of(
    section: Section, match: re.Match[str], findings: FindingLog, *, required: bool
) -> Iterator[ExampleResponse]:
    is_error_section = match["kind"] == "error response"
    of_title = int(match["code"]) if match["code"] else None
    status, is_error = of_title, is_error_section
    for item in section.blocks:
        if item.kind == "heading" and item.level == 3:
            code = _CODE.search(item.text)
            status = int(code[1]) if code else of_title
            is_error = is_error_section or bool(code and int(code[1]) >= 400)
        if item.language != "json":
            continue
        block = parse_block(item, findings, required=required and not is_error)
        if block is not None:
            yield ExampleResponse(
                status=status, body=block.value, location=block.fence, is_error=is_error, source=block.source
            )

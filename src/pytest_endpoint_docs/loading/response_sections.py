"""What a doc says of responses: its JSON Schema and its examples (doc format, section 2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_endpoint_docs.loading.mapping_reader import FindingLog, kind_of, parse_block
from pytest_endpoint_docs.loading.markdown import EXAMPLES_TITLE, REQUEST_LANGUAGES, Section
from pytest_endpoint_docs.model.body import ExampleResponse, ResponseSchema

_CODE = re.compile(r"\b([1-5]\d\d)\b")


def read_schema(sections: Iterable[Section], findings: FindingLog) -> ResponseSchema | None:
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
            block = parse_block(fence, findings)
            if block is None:
                continue
            if not isinstance(block.value, (dict, bool)):
                findings.error("wrong-type", f"a JSON Schema is a mapping, not {kind_of(block.value)}.", block.fence)
                continue
            found = ResponseSchema(schema=block.value, location=block.fence)
    return found


def read_examples(sections: Iterable[Section], findings: FindingLog) -> Iterator[ExampleResponse]:
    """The JSON examples, each with the status code that the nearest heading gives."""
    for section in sections:
        match = EXAMPLES_TITLE.fullmatch(section.title)
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
            yield ExampleResponse(status=status, body=block.value, location=block.fence, is_error=is_error)

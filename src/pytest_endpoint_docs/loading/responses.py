"""``Response Schema``, ``Expected Response`` and ``Error Responses``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_endpoint_docs.loading.blocks import parse_block
from pytest_endpoint_docs.loading.finding_log import FindingLog
from pytest_endpoint_docs.loading.mapping_reader import kind_of
from pytest_endpoint_docs.loading.markdown import SCHEMA_TITLES, YAML_LANGUAGES, Document, Section
from pytest_endpoint_docs.loading.steps import fence_at
from pytest_endpoint_docs.model import ExampleResponse, ResponseSchema

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
            found = ResponseSchema(schema=block.value, location=fence_at(block), source=block.source)
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

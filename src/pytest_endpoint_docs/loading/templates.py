"""The request-template dialect: JSON fences ``{method, path, body}`` or a bare body -> :class:`Step` values.

Doc format, section 4.
"""

from __future__ import annotations

from pytest_endpoint_docs.loading.block_scanner import Block
from pytest_endpoint_docs.loading.content_types import read_content_type
from pytest_endpoint_docs.loading.foreign_keys import OF_TEMPLATE
from pytest_endpoint_docs.loading.mapping_reader import FindingLog, MappingReader, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.step_parts import (
    read_expectation,
    read_extracts,
    read_fallback,
    read_method,
    read_path,
)
from pytest_endpoint_docs.model.body import MainRequest, RequestTemplate, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import METHODS, JSONValue, SourceLocation
from pytest_endpoint_docs.words import kind_of

FIRST_OF_CHAIN = "uid_resolution"
_LAST_OF_CHAIN = "retry_original"
_TEMPLATE_KEYS = frozenset(
    ["method", "path", "body", "query", "params", "headers", "token_type", "token", "purpose", "description",
     "content_type", "expect", "extract", "useFallback", "useFallbackApi"]
)  # fmt: skip
# Of an object without a method or a path, these make no template: a body may have fields of such names.
_NAMES_OF_FIELDS = frozenset(["method", "path", "description", "token", "purpose", "params"])


def read_template_chain(
    fences: tuple[Block, ...],
    doc: EndpointDoc,
    findings: FindingLog,
    case_id: str | None,
    *,
    location: SourceLocation,
) -> MainRequest:
    """A main request of one fence, or of a chain of them; without steps where one of them cannot be read."""
    steps: list[Step] = []
    for number, fence in enumerate(fences, start=1):
        block = parse_block(fence, findings, case_id=case_id)
        if block is None:
            # The rest of a chain without one of its steps would be another request than the documented one.
            return MainRequest(location=location, steps=())
        if block.value is None:
            message = "the request template is null: no request recorded. Put {method, path, body} there."
            findings.warning("no-request-recorded", message, block.fence, case_id=case_id)
            return MainRequest(location=location, steps=(), no_request="no request recorded")
        step_id = f"step{number}" if len(fences) > 1 else "request"
        step = _read_template(block, doc, findings, case_id, step_id=step_id)
        if step is None:
            return MainRequest(location=location, steps=())
        steps.append(step)
    if steps[-1].purpose == FIRST_OF_CHAIN:
        message = f'"purpose": "{FIRST_OF_CHAIN}" is followed by no request with "purpose": "{_LAST_OF_CHAIN}".'
        findings.warning("open-chain", message, steps[-1].location, case_id=case_id)
    return MainRequest(location=location, steps=tuple(steps))


def _read_template(
    block: ParsedBlock, doc: EndpointDoc, findings: FindingLog, case_id: str | None, *, step_id: str
) -> Step | None:
    value = block.value
    if not isinstance(value, (dict, list)) or _lists_requests(value):
        several = "several requests in one list: give each a fence of its own"
        found = several if isinstance(value, list) else kind_of(value)
        message = f"a request template is {{method, path, body}} or a body; found {found}."
        findings.error("bad-template", message, block.fence, case_id=case_id)
        return None
    is_template = isinstance(value, dict) and _is_template(value)
    values: dict[str, JSONValue] = value if isinstance(value, dict) and is_template else {"body": value}
    reader = MappingReader(
        # A bare body has no keys of the template's own, so its lines are those of the block.
        values=values,
        block=block,
        pointer="",
        subject="a request template",
        findings=findings,
        case_id=case_id,
    )
    if is_template:
        reader.check_keys(_TEMPLATE_KEYS, other_names=OF_TEMPLATE)
    return Step(
        id=step_id,
        phase="main",
        location=block.fence,
        request=_read_request(reader, doc),
        expect=read_expectation(reader),
        description=reader.text("description"),
        extracts=read_extracts(reader),
        purpose=reader.text("purpose"),
        source=block.source,
    )


def _read_request(reader: MappingReader, doc: EndpointDoc) -> RequestTemplate:
    """The request; method and path are those of the doc where the template has none."""
    values = reader.values
    target = doc.endpoint.path + (f"?{doc.endpoint.query}" if doc.endpoint.query else "")
    body = values.get("body")
    content_type, headers = read_content_type(reader, reader.texts("headers"))
    return RequestTemplate(
        method=read_method(reader) if "method" in values else doc.endpoint.method,
        path=read_path(reader) if "path" in values else target,
        location=reader.block.fence,
        params={**reader.mapping("query"), **reader.mapping("params")},
        headers=headers,
        body=body,
        has_body=body is not None,
        token=reader.text("token_type") or reader.text("token"),
        content_type=content_type,
        use_fallback=read_fallback(reader, default=doc.use_fallback_api),
    )


def _is_template(value: dict[str, JSONValue]) -> bool:
    """Whether the object says what to request; else it is a bare body whose fields may happen to have such names."""
    method, path = value.get("method"), value.get("path")
    if "method" in value and "path" in value:
        return isinstance(method, str) and isinstance(path, str)
    if isinstance(method, str) and method.upper() in METHODS:
        return True
    if isinstance(path, str) and path.startswith("/"):
        return True
    return bool(value) and value.keys() <= _TEMPLATE_KEYS - _NAMES_OF_FIELDS


def _lists_requests(value: JSONValue) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and "method" in item and "path" in item for item in value)
    )

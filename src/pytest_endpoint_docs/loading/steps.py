"""The steps dialect: ``steps:`` of a YAML fence -> :class:`Step` values (doc format, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast, get_args

from pytest_endpoint_docs.loading.blocks import FindingLog, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.endpoint_text import METHODS
from pytest_endpoint_docs.loading.expectation import read_expectation
from pytest_endpoint_docs.loading.mapping_reader import MappingReader, kind_of
from pytest_endpoint_docs.loading.markdown import YAML_LANGUAGES, Section
from pytest_endpoint_docs.model.body import ContentType, FilePart, OnFail, Phase, RequestTemplate, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.pointers import join_pointer, value_at
from pytest_endpoint_docs.words import did_you_mean, near

STEP_KEYS = frozenset(
    [
        "id",
        "description",
        "method",
        "path",
        "params",
        "body",
        "headers",
        "token",
        "content_type",
        "form_fields",
        "file_fields",
        "extract",
        "expect",
        "onFail",
        "skipReason",
        "sleep",
        "useFallback",
        "useFallbackApi",
        "x_on_behalf_of",
    ]
)
_OTHER_NAMES = {
    "query": "params",
    "url": "path",
    "uri": "path",
    "endpoint": "path",
    "payload": "body",
    "json": "body",
    "data": "body",
    "files": "file_fields",
    "token_type": "token",
    "auth": "token",
    "wait": "sleep",
    "delay": "sleep",
    "assert": "expect",
}
_FILE_KEYS = frozenset(["field_name", "file_path", "filename", "content_type"])
_CONTENT_TYPES: Mapping[str, ContentType] = {
    "json": "json",
    "form": "form",
    "multipart": "multipart",
    "application/json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}


def read_section_steps(
    sections: Iterable[Section], doc: EndpointDoc, phase: Phase, findings: FindingLog
) -> tuple[Step, ...]:
    """All steps of the YAML fences of sections, in order. A fence that has none is for people."""
    steps: list[Step] = []
    for section in sections:
        for fence in section.fences(YAML_LANGUAGES):
            block = parse_block(fence, findings)
            if block is None:
                continue
            if isinstance(block.value, dict) and "steps" in block.value:
                steps += read_steps(block, doc, phase, findings, first_number=len(steps) + 1)
                continue
            meant = near("steps", tuple(block.value), cutoff=0.7) if isinstance(block.value, dict) else None
            if meant:
                findings.error(
                    "no-steps", f'found "{meant}:" where steps are listed. Did you mean "steps"?', fence_at(block)
                )
            else:
                message = f"this YAML under `{section.written_title}` has no `steps:` list, so it does not run."
                findings.warning("no-steps", message, fence_at(block))
    return tuple(steps)


def read_steps(
    block: ParsedBlock,
    doc: EndpointDoc,
    phase: Phase,
    findings: FindingLog,
    *,
    owner: str = "",
    first_number: int = 1,
    case_id: str | None = None,
) -> tuple[Step, ...]:
    """The ``steps`` of the mapping at the JSON Pointer ``owner`` of a block."""
    mapping = value_at(block.value, owner)
    raw = mapping.get("steps") if isinstance(mapping, dict) else None
    pointer = join_pointer(owner, "steps")
    if raw is None:
        return ()
    if not isinstance(raw, list):
        message = f"`steps` must be a list, and is {kind_of(raw)}: start every step with `- id: name`."
        findings.error("wrong-type", message, block.at(pointer), case_id=case_id)
        return ()
    if not owner and isinstance(mapping, dict):
        for key in mapping.keys() - {"steps"}:
            message = f'unknown key "{key}" beside `steps`, ignored.' + did_you_mean(key, ("steps",))
            findings.warning("unknown-key", message, block.at(join_pointer("", key)), case_id=case_id)
    steps: list[Step] = []
    for index, value in enumerate(raw):
        at = join_pointer(pointer, index)
        if not isinstance(value, dict):
            message = f"a step must be a mapping, and is {kind_of(value)}."
            findings.error("wrong-type", message, block.at(at), case_id=case_id)
            continue
        reader = MappingReader(
            values=value, block=block, pointer=at, subject="step", findings=findings, case_id=case_id
        )
        steps.append(read_step(reader, doc, phase, number=first_number + index))
    return tuple(steps)


def read_step(reader: MappingReader, doc: EndpointDoc, phase: Phase, *, number: int) -> Step:
    """One step; every missing or wrong part becomes a finding."""
    reader.check_keys(STEP_KEYS, other_names=_OTHER_NAMES)
    on_fail = reader.choice("onFail", get_args(OnFail)) or "abort"
    return Step(
        id=reader.text("id") or f"step{number}",
        phase=phase,
        location=reader.at(),
        request=read_request(reader, doc),
        expect=read_expectation(reader),
        description=reader.text("description"),
        extracts=reader.extracts(),
        on_fail=cast("OnFail", on_fail),
        skip_reason=reader.text("skipReason"),
        sleep_ms=int(reader.number("sleep") or 0),
        source=reader.block.source,
        pointer=reader.pointer,
    )


def read_request(reader: MappingReader, doc: EndpointDoc) -> RequestTemplate:
    """The request of a step."""
    content_type = read_content_type(reader)
    body = reader.values.get("body")
    if content_type == "form" and body is not None and not isinstance(body, dict):
        reader.error("wrong-type", f"the `body` of a form must be a mapping, and is {kind_of(body)}.", "body")
    for key in ("form_fields", "file_fields"):
        if reader.values.get(key) and content_type != "multipart":
            reader.error("unused-fields", f"`{key}` is sent with `content_type: multipart` only: add that.", key)
    fallback = reader.flag("useFallback"), reader.flag("useFallbackApi")
    return RequestTemplate(
        method=read_method(reader) or "",
        path=read_path(reader) or "",
        location=reader.at(),
        params=reader.mapping("params"),
        headers=reader.texts("headers"),
        body=body,
        has_body=body is not None and body != {},
        token=reader.text("token"),
        content_type=content_type,
        form_fields=reader.mapping("form_fields"),
        file_parts=tuple(_file_parts(reader)),
        use_fallback=True in fallback or (doc.use_fallback_api and False not in fallback),
        on_behalf_of=bool(reader.flag("x_on_behalf_of")),
    )


def read_method(reader: MappingReader) -> str | None:
    """The method in capitals."""
    method = reader.text("method")
    if method is None:
        if reader.values.get("method") is None:
            reader.error("no-method", f"the {reader.subject} has no `method`: add one of {', '.join(METHODS)}.")
        return None
    if method.upper() not in METHODS:
        reader.error("unknown-method", f'unknown method "{method}".' + did_you_mean(method, METHODS), "method")
        return None
    return method.upper()


def read_path(reader: MappingReader) -> str | None:
    """The path template: it starts with ``/`` or with a variable."""
    path = reader.text("path")
    if path is None:
        if reader.values.get("path") is None:
            reader.error("no-path", f"the {reader.subject} has no `path`, such as `path: /v1/clients`.")
        return None
    if not path.startswith(("/", "{")):
        message = f'the path "{path}" must start with "/"; the server comes from the environment.'
        reader.error("bad-path", message, "path")
        return None
    return path


def read_content_type(reader: MappingReader) -> ContentType:
    """``json``, ``form`` or ``multipart``, also by their media type (RFC 9110 section 8.3)."""
    written = reader.text("content_type")
    if written is None:
        return "json"
    known = _CONTENT_TYPES.get(written.partition(";")[0].strip().lower())
    if known is None:
        known_names = ("json", "form", "multipart")
        message = f'unknown `content_type` "{written}".' + did_you_mean(written, known_names)
        reader.error("unknown-value", message, "content_type")
        return "json"
    return known


def fence_at(block: ParsedBlock) -> SourceLocation:
    """The line of a block's fence."""
    return block.source.location


def _file_parts(reader: MappingReader) -> Iterable[FilePart]:
    for index, value in enumerate(reader.items("file_fields")):
        pointer = join_pointer(reader.pointer, "file_fields", index)
        if not isinstance(value, dict):
            message = f"a file field must be a mapping with `field_name` and `file_path`, and is {kind_of(value)}."
            reader.findings.error("wrong-type", message, reader.block.at(pointer), case_id=reader.case_id)
            continue
        part = MappingReader(
            values=value,
            block=reader.block,
            pointer=pointer,
            subject="file field",
            findings=reader.findings,
            case_id=reader.case_id,
        )
        part.check_keys(_FILE_KEYS, other_names={"name": "field_name", "path": "file_path", "file": "file_path"})
        name, path = part.text("field_name"), part.text("file_path")
        if not name or not path:
            part.error("incomplete-file", "a file field needs `field_name` and `file_path`.")
            continue
        yield FilePart(
            field_name=name,
            file_path=path,
            filename=part.text("filename"),
            content_type=part.text("content_type"),
            location=part.at(),
        )

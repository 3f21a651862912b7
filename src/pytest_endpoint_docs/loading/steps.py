"""The steps dialect: ``steps:`` of YAML fences -> :class:`Step` values (doc format, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.loading.block_scanner import Block
from pytest_endpoint_docs.loading.content_types import read_content_type
from pytest_endpoint_docs.loading.foreign_keys import OF_BLOCK, OF_FILE, OF_STEP
from pytest_endpoint_docs.loading.mapping_reader import FindingLog, MappingReader, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.markdown import YAML_LANGUAGES, Section, unread_lists
from pytest_endpoint_docs.loading.step_parts import (
    read_expectation,
    read_extracts,
    read_fallback,
    read_method,
    read_path,
)
from pytest_endpoint_docs.model.body import FilePart, OnFail, Phase, RequestTemplate, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import JSONValue, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer, value_at
from pytest_endpoint_docs.words import kind_of, near

_BLOCK_KEYS = frozenset(["steps", "description"])
_STEP_KEYS = frozenset(
    ["id", "description", "method", "path", "params", "body", "headers", "token", "auth", "content_type",
     "form_fields", "file_fields", "extract", "expect", "onFail", "skipReason", "sleep", "useFallback",
     "useFallbackApi", "x_on_behalf_of"]
)  # fmt: skip
# Most steps say nothing of their request but these.
_OF_PLAIN_STEP = frozenset(["id", "description", "method", "path", "extract", "expect"])
_ON_FAIL = get_args(OnFail)
_FILE_KEYS = frozenset(["field_name", "file_path", "filename", "content_type"])


def read_section_steps(
    sections: Iterable[Section], doc: EndpointDoc, phase: Phase, findings: FindingLog
) -> tuple[Step, ...]:
    """All steps of the YAML fences of sections, in order. A fence that has none is for people."""
    steps: list[Step] = []
    for section in sections:
        findings.extend(unread_lists(section, "steps"))
        for fence in section.fences(YAML_LANGUAGES):
            block = parse_block(fence, findings)
            if block is None:
                continue
            if isinstance(block.value, dict) and "steps" in block.value:
                steps += read_steps(block, doc, phase, findings, first_number=len(steps) + 1)
                continue
            meant = _meant(block.value)
            if meant:
                findings.error(
                    "no-steps", f'found "{meant}:" where steps are listed. Did you mean "steps"?', block.fence
                )
            else:
                message = f"this YAML under `{section.written_title}` has no `steps:` list, so it does not run."
                findings.warning("no-steps", message, block.fence)
    return tuple(steps)


def read_request_steps(
    fences: Iterable[Block], doc: EndpointDoc, findings: FindingLog, case_id: str | None, *, location: SourceLocation
) -> tuple[Step, ...]:
    """The steps of the YAML fences of a main request, which must have some; ``location`` is the request's."""
    steps: list[Step] = []
    empty = True
    for fence in fences:
        block = parse_block(fence, findings, case_id=case_id)
        if block is None:
            empty = False
        elif isinstance(block.value, dict) and "steps" in block.value:
            empty = empty and block.value["steps"] in (None, [])
            steps += read_steps(block, doc, "main", findings, first_number=len(steps) + 1, case_id=case_id)
        else:
            empty = False
            found = ", ".join(f"`{key}`" for key in block.value) if isinstance(block.value, dict) else ""
            meant = _meant(block.value)
            hint = f'Did you mean "steps" instead of "{meant}"?' if meant else "Write `steps:` and list them below it."
            message = f"a YAML request needs a `steps:` list; found {found or kind_of(block.value)}. {hint}"
            findings.error("no-steps", message, block.fence, case_id=case_id)
    if empty:
        findings.error("no-request", "`steps` is empty, so there is no request.", location, case_id=case_id)
    return tuple(steps)


def _meant(value: JSONValue) -> str | None:
    return near("steps", value, cutoff=0.7) if isinstance(value, dict) else None


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
    mapping: Any = value_at(block.value, owner) if owner else block.value
    raw = mapping.get("steps") if isinstance(mapping, dict) else None
    if raw is None:
        return ()
    reader = MappingReader(mapping, block, owner, "a block of steps", findings, case_id)
    if not owner:
        reader.check_keys(_BLOCK_KEYS, other_names=OF_BLOCK)
    if not isinstance(raw, list):
        message = f"`steps` must be a list, but is {kind_of(raw)}: start every step with `- id: name`."
        reader.error("wrong-type", message, "steps")
        return ()
    steps: list[Step] = []
    for index, value in enumerate(raw):
        if not isinstance(value, dict):
            message = f"a step must be a mapping, but is {kind_of(value)}."
            findings.error("wrong-type", message, block.at(join_pointer(owner, "steps", index)), case_id=case_id)
            continue
        step = reader.below(f"/steps/{index}", value, subject="a step")
        steps.append(_read_step(step, doc, phase, number=first_number + index))
    return tuple(steps)


def _read_step(reader: MappingReader, doc: EndpointDoc, phase: Phase, *, number: int) -> Step:
    """One step; every missing or wrong part becomes a finding."""
    reader.check_keys(_STEP_KEYS, other_names=OF_STEP)
    on_fail = reader.choice("onFail", _ON_FAIL) or "abort"
    location = reader.at()
    return Step(
        id=reader.text("id") or f"step{number}",
        phase=phase,
        location=location,
        request=_read_request(reader, doc, location),
        extracts=read_extracts(reader),
        expect=read_expectation(reader),
        description=reader.text("description"),
        on_fail=cast("OnFail", on_fail),
        skip_reason=reader.text("skipReason"),
        sleep_ms=int(reader.number("sleep") or 0),
        source=reader.block.source,
        pointer=reader.pointer,
    )


def _read_request(reader: MappingReader, doc: EndpointDoc, location: SourceLocation) -> RequestTemplate:
    if reader.values.keys() <= _OF_PLAIN_STEP:
        return RequestTemplate(
            method=read_method(reader), path=read_path(reader), use_fallback=doc.use_fallback_api, location=location
        )
    content_type, headers = read_content_type(reader, _read_headers(reader))
    body = reader.values.get("body")
    if content_type == "json" and _is_json_text(body):
        message = "`body` is a text that holds JSON, and is sent as a JSON string: write it without quotes or `|`."
        reader.warning("json-in-text", message, "body")
    for key in ("form_fields", "file_fields"):
        if reader.values.get(key) and content_type != "multipart":
            reader.error("unused-fields", f"`{key}` is sent with `content_type: multipart` only: add that.", key)
    return RequestTemplate(
        method=read_method(reader),
        path=read_path(reader),
        use_fallback=read_fallback(reader, default=doc.use_fallback_api),
        location=location,
        params=reader.mapping("params"),
        headers=headers,
        body=body,
        has_body=body is not None and body != {},
        token=reader.text("token"),
        content_type=content_type,
        form_fields=reader.mapping("form_fields"),
        file_parts=tuple(_file_parts(reader)) if "file_fields" in reader.values else (),
        asks_on_behalf_of=bool(reader.flag("x_on_behalf_of")),
    )


def _read_headers(reader: MappingReader) -> Mapping[str, str]:
    """The header fields; ``auth: basic`` stands for the one with the client's credentials (RFC 6749 section 2.3.1)."""
    headers = reader.texts("headers")
    if reader.choice("auth", ("basic",)) is None:
        return headers
    if any(name.lower() == "authorization" for name in headers):
        reader.error("two-authorizations", "the step gives `auth` and an Authorization field: keep one.", "auth")
    token = reader.text("token")
    if token not in (None, "client"):
        message = (
            "`auth: basic` sends the credentials of the OAuth client: write `token: client`, or leave `token` out."
        )
        reader.error("two-authorizations", message, "token")
    return {**headers, "Authorization": "{{oauth.client_basic}}"}


def _is_json_text(body: JSONValue) -> bool:
    """Whether a body is the text of a JSON object or list, as it stands in other tools."""
    if not isinstance(body, str) or not body.strip().startswith(("{", "[")):
        return False
    try:
        return isinstance(parse_json(body), (dict, list))
    except SourceProblem:
        return False


def _file_parts(reader: MappingReader) -> Iterable[FilePart]:
    for index, value in enumerate(reader.items("file_fields")):
        values = value if isinstance(value, dict) else {}
        part = reader.below(f"/file_fields/{index}", values, subject="a file field")
        if not isinstance(value, dict):
            message = f"a file field must be a mapping with `field_name` and `file_path`, but is {kind_of(value)}."
            part.error("wrong-type", message)
            continue
        part.check_keys(_FILE_KEYS, other_names=OF_FILE)
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

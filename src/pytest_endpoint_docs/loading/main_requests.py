"""Request groups -> :class:`MainRequest` values, from steps or templates (doc format, sections 3 and 4)."""

from __future__ import annotations

from pytest_endpoint_docs.loading.blocks import FindingLog, ParsedBlock, parse_block
from pytest_endpoint_docs.loading.documented import with_expected_outcome
from pytest_endpoint_docs.loading.endpoint_text import METHODS
from pytest_endpoint_docs.loading.expectation import read_expectation
from pytest_endpoint_docs.loading.mapping_reader import MappingReader, kind_of
from pytest_endpoint_docs.loading.request_groups import FIRST_OF_CHAIN, LAST_OF_CHAIN, RequestGroup
from pytest_endpoint_docs.loading.steps import fence_at, read_content_type, read_method, read_path, read_steps
from pytest_endpoint_docs.model.body import MainRequest, RequestTemplate, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.words import near

_TEMPLATE_KEYS = frozenset(
    [
        "method",
        "path",
        "body",
        "query",
        "params",
        "headers",
        "token_type",
        "token",
        "purpose",
        "description",
        "content_type",
        "expect",
        "extract",
        "useFallback",
        "useFallbackApi",
    ]
)
_OTHER_NAMES = {"query_params": "query", "payload": "body", "data": "body", "url": "path", "uri": "path"}


def read_main_requests(
    groups: tuple[RequestGroup, ...], doc: EndpointDoc, findings: FindingLog
) -> tuple[MainRequest, ...]:
    """One value per group, also where its fence cannot be read (no steps, and an error for that item)."""
    mains: list[MainRequest] = []
    for group in groups:
        case_id = group.name(doc.endpoint) if len(groups) > 1 else None
        read = _read_steps_group if group.kind == "steps" else _read_template_group
        mains.append(with_expected_outcome(read(group, doc, findings, case_id), doc, findings))
    return tuple(mains)


def _read_steps_group(group: RequestGroup, doc: EndpointDoc, findings: FindingLog, case_id: str | None) -> MainRequest:
    steps: list[Step] = []
    empty = True
    for fence in group.fences:
        block = parse_block(fence, findings, case_id=case_id)
        if block is None:
            empty = False
        elif not isinstance(block.value, dict) or "steps" not in block.value:
            empty = False
            found = (
                ", ".join(f"`{key}`" for key in block.value) if isinstance(block.value, dict) else kind_of(block.value)
            )
            meant = near("steps", tuple(block.value), cutoff=0.7) if isinstance(block.value, dict) else None
            hint = (
                f' Did you mean "steps" instead of "{meant}"?' if meant else " Write `steps:` and list them below it."
            )
            findings.error(
                "no-steps",
                f"a YAML request needs a `steps:` list; found {found}.{hint}",
                fence_at(block),
                case_id=case_id,
            )
        else:
            empty = empty and block.value["steps"] in (None, [])
            steps += read_steps(block, doc, "main", findings, first_number=len(steps) + 1, case_id=case_id)
    location = doc.location.at(group.fences[0].line)
    if empty:
        findings.error("no-request", "`steps` is empty, so there is no request.", location, case_id=case_id)
    return MainRequest(location=location, steps=tuple(steps))


def _read_template_group(
    group: RequestGroup, doc: EndpointDoc, findings: FindingLog, case_id: str | None
) -> MainRequest:
    location = doc.location.at(group.fences[0].line)
    steps: list[Step] = []
    chained = len(group.fences) > 1
    for number, fence in enumerate(group.fences, start=1):
        block = parse_block(fence, findings, case_id=case_id)
        if block is None:
            # The rest of a chain without one of its steps would be another request than the documented one.
            return MainRequest(location=location, steps=())
        if block.value is None:
            reason = "no request recorded"
            findings.warning(
                "no-request-recorded",
                "the request template is null: no request recorded. Put {method, path, body} there.",
                fence_at(block),
                case_id=case_id,
            )
            return MainRequest(location=location, steps=(), no_request=reason)
        step = _read_template(block, doc, findings, case_id, step_id=f"step{number}" if chained else "request")
        if step is None:
            return MainRequest(location=location, steps=())
        steps.append(step)
    if steps[-1].purpose == FIRST_OF_CHAIN:
        message = f'"purpose": "{FIRST_OF_CHAIN}" is followed by no request with "purpose": "{LAST_OF_CHAIN}".'
        findings.warning("open-chain", message, steps[-1].location, case_id=case_id)
    return MainRequest(location=location, steps=tuple(steps))


def _read_template(
    block: ParsedBlock, doc: EndpointDoc, findings: FindingLog, case_id: str | None, *, step_id: str
) -> Step | None:
    value = block.value
    if not isinstance(value, (dict, list)) or _lists_requests(value):
        what = (
            "several requests in one list: give each a fence of its own" if isinstance(value, list) else kind_of(value)
        )
        findings.error(
            "bad-template",
            f"a request template is {{method, path, body}} or a body; found {what}.",
            fence_at(block),
            case_id=case_id,
        )
        return None
    is_template = isinstance(value, dict) and _is_template(value)
    values: dict[str, JSONValue] = value if isinstance(value, dict) and is_template else {"body": value}
    reader = MappingReader(
        # A bare body has no keys of the template's own, so its lines are those of the block.
        values=values,
        block=block,
        pointer="",
        subject="request template",
        findings=findings,
        case_id=case_id,
    )
    if is_template:
        reader.check_keys(_TEMPLATE_KEYS, other_names=_OTHER_NAMES)
    target = doc.endpoint.path + (f"?{doc.endpoint.query}" if doc.endpoint.query else "")
    body = values.get("body")
    fallback = reader.flag("useFallback"), reader.flag("useFallbackApi")
    request = RequestTemplate(
        method=(read_method(reader) or "") if "method" in values else doc.endpoint.method,
        path=(read_path(reader) or "") if "path" in values else target,
        location=fence_at(block),
        params={**reader.mapping("query"), **reader.mapping("params")},
        headers=reader.texts("headers"),
        body=body,
        has_body=body is not None,
        token=reader.text("token_type") or reader.text("token"),
        content_type=read_content_type(reader),
        use_fallback=True in fallback or (doc.use_fallback_api and False not in fallback),
    )
    return Step(
        id=step_id,
        phase="main",
        location=fence_at(block),
        request=request,
        expect=read_expectation(reader),
        description=reader.text("description"),
        extracts=reader.extracts(),
        purpose=reader.text("purpose"),
        source=block.source,
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
    return bool(value) and value.keys() <= _TEMPLATE_KEYS - {
        "method",
        "path",
        "description",
        "token",
        "purpose",
        "params",
    }


def _lists_requests(value: JSONValue) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and "method" in item and "path" in item for item in value)
    )

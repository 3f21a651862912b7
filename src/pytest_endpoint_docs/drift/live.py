"""The third side: what the server did in a run, and which of doc, description and server stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from pytest_endpoint_docs.drift.documented_answers import DocumentedAnswers
from pytest_endpoint_docs.drift.drift_finding import DriftFinding, answer_drift_kind, with_fingerprints
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord, RunRecord
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.pointers import is_same_place

Side = Literal["", "doc", "description", "server", "unclear"]

_ABOUT_REQUESTS = frozenset(
    [
        "parameter-missing",
        "parameter-unknown",
        "header-missing",
        "body-missing",
        "body-undescribed",
        "body-property-missing",
        "body-property-unknown",
        "read-only-sent",
        "wrong-type",
        "enum",
        "format",
        "constraint",
        "content-type",
        "operation-not-described",
        "method-not-described",
        "trailing-slash",
    ]
)
_DOC_CHECKS = frozenset(["status", "header", "body", "schema", "shape"])


def with_live(
    findings: Sequence[DriftFinding], run: RunRecord, *, docs: Iterable[EndpointDoc] = ()
) -> tuple[DriftFinding, ...]:
    """The findings with the side that stands alone, and those that only the server shows.

    Where doc and description disagree, the server's answer to the documented request decides: it sides with one of
    them. Where they agree and the server differs, the server stands alone. What the run did not exercise stays ``""``.
    ``docs`` tell of what their answers show: a doc that says nothing of a place sides with nobody there.
    """
    items: dict[str, list[ItemRecord]] = {}
    for item in run.items:
        items.setdefault(item.doc, []).append(item)
    judged = [_judged(finding, items.get(finding.doc, ())) for finding in findings]
    answers = DocumentedAnswers(docs)
    told = {(finding.doc, finding.pointer) for finding in findings}
    live = [
        found
        for item in run.items
        if item.kind in ("main", "case")
        for found in _of_server(item, answers)
        if (found.doc, found.pointer) not in told
    ]
    return (*judged, *with_fingerprints(dict.fromkeys(live)))


def _judged(finding: DriftFinding, items: Iterable[ItemRecord]) -> DriftFinding:
    item = _item_of(finding, items)
    if item is None:
        return finding
    status = _status_of(finding, item)
    if status is None:
        return finding
    if finding.pointer.startswith("/response"):
        alone, reason = _response_side(finding, item)
    elif finding.kind == "status-undeclared":
        alone, reason = _status_side(item, status)
    elif finding.kind in _ABOUT_REQUESTS:
        alone, reason = _request_side(finding, status)
    else:
        return finding
    return replace(finding, alone=alone, reason=reason)


def _item_of(finding: DriftFinding, items: Iterable[ItemRecord]) -> ItemRecord | None:
    ran = [item for item in items if item.outcome not in ("skipped",)]
    if finding.phase == "case":
        return next((item for item in ran if item.case_id == finding.step), None)
    return next((item for item in ran if item.kind == "main"), None)


def _status_of(finding: DriftFinding, item: ItemRecord) -> int | None:
    exchanges = [found for found in item.exchanges if found.status_code is not None]
    if finding.phase in ("prerequisite", "cleanup", "resolution"):
        own = [found for found in exchanges if found.phase == finding.phase and finding.step in ("", found.step)]
        return own[-1].status_code if own else None
    own = [found for found in exchanges if found.phase in ("main", "case")]
    if own:
        return own[-1].status_code
    return item.statuses[-1] if item.statuses else None


def _request_side(finding: DriftFinding, status: int) -> tuple[Side, str]:
    if 200 <= status < 400:
        return "description", f"the server answered {status} to the documented request"
    about_path = finding.kind in ("operation-not-described", "method-not-described")
    refusals = (404, 405) if about_path else (400, 401, 403, 404, 405, 409, 415, 422)
    if status in refusals:
        return "doc", f"the server refused the documented request with {status}, as the description has it"
    return "unclear", f"the server answered {status}"


def _status_side(item: ItemRecord, status: int) -> tuple[Side, str]:
    documented = not any(found.check == "status" for found in item.mismatches)
    declared = not any(found.check == "openapi" and _is_status(found) for found in item.mismatches)
    if documented and not declared:
        return "description", f"the server answered {status}, as documented"
    if declared and not documented:
        return "doc", f"the server answered {status}, as described"
    return "unclear", f"the server answered {status}"


def _response_side(finding: DriftFinding, item: ItemRecord) -> tuple[Side, str]:
    pointer = finding.pointer.removeprefix("/response")
    against_description = any(
        found.check == "openapi" and is_same_place(found.pointer, pointer) for found in item.mismatches
    )
    against_doc = any(found.check in _DOC_CHECKS and is_same_place(found.pointer, pointer) for found in item.mismatches)
    if against_description and not against_doc:
        return "description", f"the server's answer is as documented at {pointer}"
    if against_doc and not against_description:
        return "doc", f"the server's answer is as described at {pointer}"
    if item.outcome == "passed" and not against_description:
        return "unclear", "the server's answer contradicts neither"
    return "unclear", "the server's answer agrees with neither"


def _of_server(item: ItemRecord, answers: DocumentedAnswers) -> Iterable[DriftFinding]:
    """Differences of the answer that doc and description do not have between themselves."""
    operation = item.operation or item.endpoint
    for found in item.mismatches:
        # What is wrong with a description is told of the description.
        if found.check == "openapi-request" or found.kind == "fault" or found.severity == "known" or not item.exchanges:
            continue
        from_description = found.check == "openapi"
        # Without a source: no description has the request at all, which is told of the request.
        if found.source is None if from_description else found.check not in _DOC_CHECKS:
            continue
        others = [
            other
            for other in item.mismatches
            if (other.check == "openapi") is not from_description
            and other.check != "openapi-request"
            and (is_same_place(other.pointer, found.pointer) or (_is_status(other) and _is_status(found)))
        ]
        if others and not from_description:
            continue  # told once, from the description's side
        alone, reason = _answer_side(item, found, from_description=from_description, both=bool(others))
        if alone == "description" and not _is_status(found) and not answers.speak_of(item, found):
            alone, reason = "unclear", "the doc says nothing of it"
        path, _, line = found.location.rpartition(":")
        yield DriftFinding(
            kind=answer_drift_kind(found.kind),
            message=f"{operation}: the answer {found.message}",
            location=SourceLocation(path, int(line)) if line.isdecimal() else SourceLocation(item.doc, item.line),
            doc=item.doc,
            operation=operation,
            step=item.case_id or "",
            phase="case" if item.kind == "case" else "main",
            pointer=f"/status/{found.actual[:1]}XX" if _is_status(found) else _pointer(found),
            expected=found.expected,
            actual=found.actual,
            source=found.source,
            alone=alone,
            reason=reason,
        )


def _answer_side(item: ItemRecord, found: MismatchRecord, *, from_description: bool, both: bool) -> tuple[Side, str]:
    if both:
        return "server", "the answer differs from the doc and from the description"
    if not from_description:
        if item.operation is None:
            return "unclear", "no description has the operation"
        if _is_status(found):
            return "doc", "the description has the status that came"
        return "doc", "the answer is as described"
    if _is_status(found):
        return "description", "the doc accepts the status that came"
    return "description", "the doc has nothing against the answer"


def _pointer(found: MismatchRecord) -> str:
    is_header = found.pointer and not found.pointer.startswith("/")
    return f"/response/headers/{found.pointer}" if is_header else f"/response{found.pointer}"


def _is_status(found: MismatchRecord) -> bool:
    return found.kind == "status"

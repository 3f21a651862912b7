"""The third side: what the server did in a run, and which of doc, description and server stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_endpoint_docs.drift.drift_finding import DriftFinding, Side, with_fingerprints
from pytest_endpoint_docs.drift.server_drift import DOC_CHECKS, DocumentedAnswers, server_findings
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ItemRecord, MismatchRecord, Outcome, RunRecord
from pytest_endpoint_docs.pointers import is_same_place

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
        for found in server_findings(item, answers)
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
        alone, reason = _response_side(finding, _mismatches_of(finding, item), item.outcome)
    elif finding.kind == "status-undeclared":
        alone, reason = _status_side(_mismatches_of(finding, item), status)
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


def _mismatches_of(finding: DriftFinding, item: ItemRecord) -> tuple[MismatchRecord, ...]:
    """The differences of the very answer that a finding is about."""
    step = finding.step if finding.phase in ("prerequisite", "cleanup", "resolution") else ""
    return tuple(found for found in item.mismatches if found.step == step)


def _status_side(mismatches: Sequence[MismatchRecord], status: int) -> tuple[Side, str]:
    documented = not any(found.check == "status" for found in mismatches)
    declared = not any(found.check == "openapi" and found.kind == "status" for found in mismatches)
    if documented and not declared:
        return "description", f"the server answered {status}, as documented"
    if declared and not documented:
        return "doc", f"the server answered {status}, as described"
    return "unclear", f"the server answered {status}"


def _response_side(finding: DriftFinding, mismatches: Sequence[MismatchRecord], outcome: Outcome) -> tuple[Side, str]:
    pointer = finding.pointer.removeprefix("/response")
    against_description = any(
        found.check == "openapi" and is_same_place(found.pointer, pointer) for found in mismatches
    )
    against_doc = any(found.check in DOC_CHECKS and is_same_place(found.pointer, pointer) for found in mismatches)
    if against_description and not against_doc:
        return "description", f"the server's answer is as documented at {pointer}"
    if against_doc and not against_description:
        return "doc", f"the server's answer is as described at {pointer}"
    if outcome == "passed" and not against_description:
        return "unclear", "the server's answer contradicts neither"
    return "unclear", "the server's answer agrees with neither"

"""The third side: what the server did in a run, and which of doc, description and server stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from pytest_endpoint_docs.drift.comparison import described_places
from pytest_endpoint_docs.drift.drift_finding import DriftFinding, Side, with_fingerprints
from pytest_endpoint_docs.drift.server_drift import DOC_CHECKS, DescribedAnswers, DocumentedAnswers, server_findings
from pytest_endpoint_docs.json_source import GENERATED, SourceProblem, parse_json
from pytest_endpoint_docs.model.body import OWN_PHASES
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ExchangeRecord, ItemRecord, MismatchRecord, Outcome, RunRecord
from pytest_endpoint_docs.model.secret import MASK
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.pointers import is_index, is_same_place, pointer_of, split_pointer, value_at

# The phases whose requests are not those that an item is about.
_OF_OTHERS = frozenset(["prerequisite", "cleanup", "resolution"])
# A server that answers with success shows that these do not hold; of anything else it may take no notice.
_PROVED_BY_SUCCESS = frozenset(
    [
        "parameter-missing",
        "header-missing",
        "body-missing",
        "body-property-missing",
        "operation-not-described",
        "method-not-described",
        "base-path",
        "token-not-available",
        "trailing-slash",
    ]
)
_ABOUT_REQUESTS = _PROVED_BY_SUCCESS | {
    "parameter-unknown",
    "body-undescribed",
    "body-property-unknown",
    "read-only-sent",
    "wrong-type",
    "enum",
    "format",
    "constraint",
    "content-type",
}
# The status codes that refuse a request for such a difference; for any other it is 400 and 422.
_REFUSALS = {
    "operation-not-described": (404, 405),
    "method-not-described": (404, 405),
    "trailing-slash": (404,),
    "base-path": (404,),
    "token-not-available": (400, 401, 403, 422),
    "header-missing": (400, 401, 403, 422),
    "content-type": (400, 415, 422),
}


def with_live(
    findings: Sequence[DriftFinding],
    run: RunRecord,
    *,
    docs: Iterable[EndpointDoc] = (),
    descriptions: Descriptions | None = None,
) -> tuple[DriftFinding, ...]:
    """The findings with the side that stands alone, and those that only the server shows.

    Where doc and description disagree, the server's answer to the documented request decides: it sides with one of
    them. Where they agree and the server differs, the server stands alone. What the run did not exercise stays ``""``.
    ``docs`` and ``descriptions`` tell of what answers they show: one that says nothing of a place sides with nobody.
    """
    items: dict[str, list[ItemRecord]] = {}
    for item in run.items:
        items.setdefault(item.doc, []).append(item)
    judged = [_judged(finding, items.get(finding.doc, ())) for finding in findings]
    answers = DocumentedAnswers(docs)
    described = DescribedAnswers(descriptions)
    told = {(finding.doc, finding.pointer) for finding in findings}
    live = [
        found
        for item in run.items
        if item.kind in ("main", "case")
        for found in server_findings(item, answers, described)
        if (found.doc, found.pointer) not in told
    ]
    # Several items of a doc, such as its token kinds, are answered in the same way.
    once = {(found.doc, found.kind, found.pointer, found.operation, found.alone): found for found in reversed(live)}
    new = list(reversed(once.values()))
    return (*judged, *with_fingerprints(new if descriptions is None else described_places(new, descriptions)))


def _judged(finding: DriftFinding, items: Iterable[ItemRecord]) -> DriftFinding:
    if finding.kind == "request-not-the-endpoint":
        # Nothing of such a doc is sent, and no server is needed: it says one thing in its head and does another.
        return replace(finding, alone="doc", reason="the doc's own endpoint is described, and it sends something else")
    item = _item_of(finding, items)
    exchange = _exchange_of(finding, item) if item is not None else None
    if item is None:
        return finding
    of_item = item.statuses if finding.phase not in _OF_OTHERS else ()
    status = exchange.status_code if exchange is not None else next(reversed(of_item), None)
    if status is None:
        return finding
    if finding.pointer.startswith("/response"):
        alone, reason = _response_side(finding, _mismatches_of(finding, item), item.outcome)
    elif finding.kind == "status-undeclared":
        alone, reason = _status_side(_mismatches_of(finding, item), status)
    elif finding.kind in _ABOUT_REQUESTS:
        alone, reason = _request_side(finding, item, status, exchange)
    else:
        return finding
    return replace(finding, alone=alone, reason=reason)


def _item_of(finding: DriftFinding, items: Iterable[ItemRecord]) -> ItemRecord | None:
    ran = [item for item in items if item.outcome not in ("skipped",)]
    if finding.phase == "case":
        return next((item for item in ran if item.case_id == finding.step), None)
    return next((item for item in ran if item.kind == "main"), None)


def _exchange_of(finding: DriftFinding, item: ItemRecord) -> ExchangeRecord | None:
    """The exchange that a finding is about, where it was answered; results may leave out exchanges."""
    exchanges = [found for found in item.exchanges if found.status_code is not None]
    if finding.phase in _OF_OTHERS:
        own = [found for found in exchanges if found.phase == finding.phase and finding.step in ("", found.step)]
        return own[-1] if own else None
    own = [found for found in exchanges if found.phase in OWN_PHASES]
    if own:
        return own[-1]
    return None


def _request_side(
    finding: DriftFinding, item: ItemRecord, status: int, exchange: ExchangeRecord | None
) -> tuple[Side, str]:
    if 200 <= status < 400:
        return _accepted(finding, exchange, status)
    if item.outcome == "passed":
        return "unclear", f"the server answered {status}, as the doc expects"
    if status in _REFUSALS.get(finding.kind, (400, 422)):
        return "doc", f"the server refused the documented request with {status}, as the description has it"
    return "unclear", f"the server answered {status}"


def _accepted(finding: DriftFinding, exchange: ExchangeRecord | None, status: int) -> tuple[Side, str]:
    """The server accepts what the description refuses; a lenient one ignores what it does not know, too."""
    if finding.kind in _PROVED_BY_SUCCESS:
        return "description", f"the server answered {status} to the documented request"
    if exchange is not None and finding.pointer.startswith("/body/") and _is_taken_over(finding.pointer, exchange):
        return "description", f"the server answered {status}, with the value that the doc sends"
    return "unclear", f"the server answered {status}, but a lenient one ignores what it does not know"


def _is_taken_over(pointer: str, exchange: ExchangeRecord) -> bool:
    """Whether an answer has the value that was sent at a place of the body, under the same name."""
    names = split_pointer(pointer)[1:]
    while names and is_index(names[-1]):
        names.pop()  # a member of a list: the list is what has a name
    if not names:
        return False
    try:
        sent = value_at(_json(exchange.request_body), pointer_of(names))
    except KeyError:
        return False
    # What is masked is shown alike whatever it is, and to Python, true equals 1.
    return sent not in (None, MASK) and any(
        name == names[-1] and type(value) is type(sent) and value == sent
        for name, value in _members(_json(exchange.response_body))
    )


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    for below in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _members(below)


def _json(text: str) -> Any:
    try:
        return parse_json(text, GENERATED)
    except SourceProblem:
        return None  # no JSON, or one that was cut


def _mismatches_of(finding: DriftFinding, item: ItemRecord) -> tuple[MismatchRecord, ...]:
    """The differences of the very answer that a finding is about."""
    step = finding.step if finding.phase in _OF_OTHERS else ""
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

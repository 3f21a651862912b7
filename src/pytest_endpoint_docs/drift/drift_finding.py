"""A disagreement between a doc and a description, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from pytest_endpoint_docs.model.digest import short_digest
from pytest_endpoint_docs.model.source import MismatchKind, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class

DriftSeverity = Literal["error", "warning", "note"]
# Of doc, description and server, the one that the other two disagree with; empty where no run was looked at.
Side = Literal["", "doc", "description", "server", "unclear"]

_SAID_BY = {"description": "described", "doc": "documented", "server": "answered"}
_ALONE: Mapping[Side, str] = {
    "doc": "the doc stands alone",
    "description": "the description stands alone",
    "server": "the server stands alone",
    "unclear": "not decided",
}

# Every kind with its severity and what it means, in the words of a rule.
DRIFT_KINDS: Mapping[str, tuple[DriftSeverity, str]] = {
    "swagger-absolute": ("warning", "'swagger' is an absolute path, which exists on one machine only"),
    "swagger-missing": ("warning", "'swagger' names a file that does not exist"),
    "swagger-not-a-description": ("warning", "'swagger' names a file that is not an OpenAPI description"),
    "swagger-without-operation": ("warning", "'swagger' names a description that does not have the doc's operation"),
    "swagger-unset": ("note", "the doc does not name the description that it belongs to"),
    "operation-not-described": ("error", "no description has this method and path"),
    "method-not-described": ("error", "the path is described, but not for this method"),
    "base-path": ("error", "the path is described without the base path that the doc writes before it"),
    "operation-shadowed": ("warning", "only a parameter of another path matches what the doc writes out"),
    "request-not-the-endpoint": ("error", "the main request does not go to the doc's own endpoint"),
    "trailing-slash": ("warning", "the path differs from the described one in its trailing slash"),
    "parameter-missing": ("error", "a required parameter is not sent"),
    "parameter-unknown": ("warning", "a query parameter is sent that is not described"),
    "header-missing": ("error", "a required header field is not sent"),
    "body-missing": ("error", "a required body is not sent"),
    "body-undescribed": ("warning", "a body is sent where none is described"),
    "body-property-missing": ("error", "a required property of the body is not sent"),
    "body-property-unknown": ("warning", "a property is sent that is not described"),
    "read-only-sent": ("warning", "a read-only property is sent"),
    "wrong-type": ("error", "a value has another type than described"),
    "enum": ("error", "a value is not among the described ones"),
    "format": ("error", "a value does not have the described format"),
    "constraint": ("error", "a value violates another rule of its schema"),
    "content-type": ("error", "the content type is not described"),
    "status-undeclared": ("error", "the expected status is not described"),
    "response-property-unknown": ("warning", "the doc reads or shows a response property that is not described"),
    "example-differs": ("warning", "the doc reads or shows something that is not so in the description's example"),
    "status-not-listed": ("warning", "a status that the doc's tables or error examples list is not described"),
    "parameter-not-described": ("warning", "a parameter of the doc's tables is not described"),
    "parameter-not-listed": ("warning", "a required parameter is not in the doc's table"),
    "listed-otherwise": (
        "warning",
        "a parameter is required in the doc's table and optional in the description, or vice versa",
    ),
    "type-listed-otherwise": ("warning", "a parameter has another type in the doc's table than described"),
    "tokens-differ": ("warning", "doc and operation's text disagree about which kinds of token work"),
    "tokens-fewer": ("note", "the operation's text has kinds of token that the doc's 'tokens' lacks"),
    "token-not-available": (
        "warning",
        "a request is sent with a kind of token that the operation's text does not name",
    ),
    "discrepancy-confirmed": ("note", "the description has a discrepancy that the doc lists"),
    "discrepancy-refuted": ("warning", "the description does not have a discrepancy that the doc lists"),
    "discrepancy-undecided": ("note", "a discrepancy that the doc lists cannot be checked"),
    "operation-deprecated": ("note", "the description calls the operation deprecated, the doc does not"),
    "description-fault": ("warning", "the description itself is wrong"),
}


_ANSWER_DRIFT: Mapping[MismatchKind, str] = {
    "status": "status-undeclared",
    "type": "wrong-type",
    "enum": "enum",
    "format": "format",
    "undescribed": "response-property-unknown",
    "media-type": "content-type",
}


def answer_drift_kind(kind: MismatchKind) -> str:
    """The kind of drift that a difference of an answer is."""
    return _ANSWER_DRIFT.get(kind, "constraint")


@value_class
class DriftFinding:
    """One disagreement.

    ``location`` is the doc's line (of a fault of the description, the description's), ``source`` the description's
    ``file#pointer`` (``None``: there is none), ``described_at`` its line, where that is known.
    ``pointer`` is the place in the request (``/body/...``, ``/query/x``) or in the answer (``/response/...``).
    ``operation`` is the operation's ``METHOD /template`` or what was sought. ``alone`` is set by ``with_live``.
    ``expected`` is what ``expected_by`` says, ``actual`` what ``actual_by`` has.
    """

    kind: str
    message: str
    location: SourceLocation
    doc: str
    operation: str
    step: str = ""
    phase: str = ""
    pointer: str = ""
    expected: str = ""
    actual: str = ""
    source: str | None = None
    described_at: SourceLocation | None = None
    fingerprint: str = ""
    alone: Side = ""
    reason: str = ""
    expected_by: Literal["description", "doc"] = "description"
    actual_by: Literal["doc", "server"] = "doc"

    @property
    def severity(self) -> DriftSeverity:
        """The severity of its kind."""
        return DRIFT_KINDS[self.kind][0]

    @property
    def values(self) -> str:
        """``described: integer; documented: string``; empty where it is about no values."""
        if not self.expected and not self.actual:
            return ""
        expected, actual = self.expected or "nothing", self.actual or "nothing"
        return f"{_SAID_BY[self.expected_by]}: {expected}; {_SAID_BY[self.actual_by]}: {actual}"

    @property
    def verdict(self) -> str:
        """``the doc stands alone: the server answered 422``; empty where no run was looked at."""
        return f"{_ALONE[self.alone]}: {self.reason}" if self.alone else ""


def with_fingerprints(findings: Iterable[DriftFinding]) -> tuple[DriftFinding, ...]:
    """The findings with fingerprints that do not depend on lines, so that a baseline outlives edits elsewhere."""
    counts: dict[str, int] = {}
    named = []
    for finding in findings:
        identity = (finding.kind, finding.doc, finding.phase, finding.step, finding.operation, finding.pointer)
        plain = short_digest("\n".join(identity))
        counts[plain] = counts.get(plain, 0) + 1
        suffix = f"-{counts[plain]}" if counts[plain] > 1 else ""
        named.append(replace(finding, fingerprint=plain + suffix))
    return tuple(named)

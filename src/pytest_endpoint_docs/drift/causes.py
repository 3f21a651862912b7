"""Findings by what causes them: one entry for a property that thirty docs send, one for a request without ten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import split_pointer
from pytest_endpoint_docs.words import listed

# Where this many docs agree with each other, it is the description that stands apart.
_MANY_DOCS = 3
_MOST_NAMES = 20
_UNDESCRIBED = frozenset(
    ["parameter-unknown", "body-property-unknown", "body-undescribed", "response-property-unknown", "enum",
     "status-undeclared", "operation-not-described", "method-not-described"]
)  # fmt: skip
# Docs agree about these only where they have the same value.
_ABOUT_VALUES = frozenset(["enum", "status-undeclared"])
_ABOUT_FILES = frozenset(["swagger-absolute", "swagger-missing", "swagger-not-a-description"])
_LISTS = {
    "body-property-missing": "{} of the body are missing",
    "parameter-missing": "{} are required, but missing",
    "body-property-unknown": "{} of the body are not described",
    "parameter-unknown": "{} are not described",
    "response-property-unknown": "{} of the answer are not described",
}
_NOUNS = {"parameter-missing": "query parameters", "parameter-unknown": "query parameters"}


@value_class
class DriftCause:
    """Findings with one cause: the same one of several docs, or several names of one kind in one request."""

    findings: tuple[DriftFinding, ...]

    @property
    def first(self) -> DriftFinding:
        """The finding that stands for all."""
        return self.findings[0]

    @property
    def id(self) -> str:
        """A name that does not change when lines do: the fingerprint of its first finding."""
        return self.first.fingerprint

    @property
    def docs(self) -> tuple[str, ...]:
        """The docs that have it."""
        return tuple(dict.fromkeys(finding.doc for finding in self.findings))

    @property
    def message(self) -> str:
        """What is wrong, in one sentence; of several names, all of them."""
        first = self.first
        names = tuple(dict.fromkeys(".".join(split_pointer(finding.pointer)[1:]) for finding in self.findings))
        if len(names) < 2 or first.kind not in _LISTS:
            return first.message
        what = _LISTS[first.kind].format(f"{len(names)} {_NOUNS.get(first.kind, 'properties')}")
        return f"{first.operation}: {what}: {listed(names, _MOST_NAMES)}"

    @property
    def to_mend(self) -> str:
        """Which side is to be mended, where the number of docs says so."""
        docs = len(self.docs)
        if docs < _MANY_DOCS or self.first.kind not in _UNDESCRIBED or self.first.alone in ("doc", "server"):
            return ""
        if self.first.kind in _ABOUT_VALUES and len({finding.actual for finding in self.findings}) > 1:
            return ""
        return f"{docs:,} docs have it, and no description does: correct the description"


def drift_causes(findings: Iterable[DriftFinding]) -> tuple[DriftCause, ...]:
    """The findings by their causes, each finding once, in the order of the first of each."""
    ordered = list(findings)
    by_place: dict[tuple[str, ...], list[DriftFinding]] = {}
    for finding in ordered:
        by_place.setdefault(_place(finding), []).append(finding)
    shared = {place for place, found in by_place.items() if _is_one(found)}
    grouped: dict[tuple[object, ...], list[DriftFinding]] = {}
    for number, finding in enumerate(ordered):
        key: Sequence[object]
        if _place(finding) in shared:
            key = _place(finding)
        elif finding.kind in _LISTS:
            key = (finding.kind, finding.doc, finding.operation, finding.phase, finding.step, finding.alone)
        else:
            key = (number,)
        grouped.setdefault(tuple(key), []).append(finding)
    return tuple(DriftCause(findings=tuple(found)) for found in grouped.values())


def _is_one(found: Sequence[DriftFinding]) -> bool:
    """Whether findings at one place are one: of several docs, or the very same sentence more than once."""
    first = found[0]
    if first.pointer and len({one.doc for one in found}) > 1:
        return True
    return len(found) > 1 and first.kind not in _LISTS and len({one.message for one in found}) == 1


def _place(finding: DriftFinding) -> tuple[str, ...]:
    """What makes findings of several docs one. Of a ``swagger``, it is the file that has their operations instead.

    A message that names the status is about this one, and a verdict about the server's answer to these requests.
    """
    file = (finding.source or "").partition("#")[0]
    about = file if finding.kind in _ABOUT_FILES else finding.operation
    status = finding.actual if finding.kind == "status-undeclared" else ""
    return finding.kind, about, finding.pointer, status, finding.alone

"""Running checks, and the doc's ``knownIssues`` over what they found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_endpoint_docs.checks.input import Check, CheckInput
from pytest_endpoint_docs.model import KnownIssue, Mismatch


def run_checks(given: CheckInput, checks: Iterable[Check]) -> tuple[Mismatch, ...]:
    """Every difference that the checks find, those of the doc's ``knownIssues`` marked as known."""
    found = [mismatch for check in checks for mismatch in check(given)]
    return apply_known_issues(found, given.case.doc.known_issues)


def apply_known_issues(mismatches: Sequence[Mismatch], issues: Sequence[KnownIssue]) -> tuple[Mismatch, ...]:
    """The mismatches, with severity ``known`` where one stands at an issue's JSON Pointer (``*`` is any one segment).

    Only what is found in the body can be known; a status code or a header field has no JSON Pointer.
    """
    return tuple(_marked(mismatch, issues) for mismatch in mismatches)


def _marked(mismatch: Mismatch, issues: Sequence[KnownIssue]) -> Mismatch:
    if mismatch.check in ("status", "header") or mismatch.severity == "known":
        return mismatch
    for issue in issues:
        if _matches(issue.path, mismatch.pointer):
            known = f"{issue.reason} ({issue.ticket})" if issue.ticket else issue.reason
            return replace(mismatch, severity="known", known=known)
    return mismatch


def _matches(pattern: str, pointer: str) -> bool:
    wanted, actual = pattern.lstrip("#").strip("/").split("/"), pointer.strip("/").split("/")
    return len(wanted) == len(actual) and all(
        ours in ("*", theirs) for ours, theirs in zip(wanted, actual, strict=True)
    )

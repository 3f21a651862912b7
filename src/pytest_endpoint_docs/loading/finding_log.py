"""Collects what is wrong with a doc while it is read."""

from __future__ import annotations

from pytest_endpoint_docs.model import Finding, Severity, SourceLocation


class FindingLog:
    """Findings in the order in which they are met; the same one is kept once."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}

    def error(self, code: str, message: str, location: SourceLocation, *, case_id: str | None = None) -> None:
        """Note something that fails the doc's cases, or the one named."""
        self._findings[Finding(code=code, message=message, location=location, case_id=case_id)] = None

    def warning(self, code: str, message: str, location: SourceLocation, *, case_id: str | None = None) -> None:
        """Note something that is reported and lets the cases run."""
        finding = Finding(code=code, message=message, location=location, severity=Severity.WARNING, case_id=case_id)
        self._findings[finding] = None

    def all(self) -> tuple[Finding, ...]:
        """All of them, by line."""
        return tuple(sorted(self._findings, key=lambda finding: finding.location.line))

"""How old the docs of a run are, each looked up once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ManualVerification
from pytest_endpoint_docs.model.source import Finding, Severity
from pytest_endpoint_docs.verification.evidence import EvidenceStore
from pytest_endpoint_docs.verification.freshness import (
    AgePolicy,
    Freshness,
    freshness,
    freshness_findings,
    parse_age_policy,
)

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.session import EndpointSession

# Of these, ``--endpoint-stale fail`` makes failures; a stamp or a manual run of today settles those about verification.
VERIFICATION_CODES = frozenset(["stale", "never-verified", "future-date"])
FRESHNESS_CODES = VERIFICATION_CODES | {"unreadable-date", "skip-until-past"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocAge:
    """Where a doc stands at the run's clock: its freshness, what is worth telling, the latest manual run."""

    freshness: Freshness
    findings: tuple[Finding, ...] = ()
    evidence: ManualVerification | None = None


class DocAges:
    """The ages of the docs of one process, by the run's clock."""

    def __init__(
        self, policy: AgePolicy, store: EvidenceStore, clock: Callable[[], datetime], severity: Severity
    ) -> None:
        self._policy = policy
        self._store = store
        self._clock = clock
        self._severity = severity
        self._ages: dict[Path, DocAge] = {}

    def of(self, doc: EndpointDoc) -> DocAge:
        """The age of a doc."""
        if doc.file not in self._ages:
            self._ages[doc.file] = self._look_up(doc)
        return self._ages[doc.file]

    def forget(self, doc: EndpointDoc) -> None:
        """Look again: there is new evidence."""
        self._ages.pop(doc.file, None)

    def _look_up(self, doc: EndpointDoc) -> DocAge:
        evidence = self._store.latest(doc)
        now = self._clock()
        # A doc that cannot be read fails already, and its dates are not known.
        readable = bool(doc.endpoint.method)
        return DocAge(
            freshness=freshness(doc, self._policy, now, evidence),
            findings=freshness_findings(doc, self._policy, now, evidence, severity=self._severity) if readable else (),
            evidence=evidence,
        )


def ages_of(session: EndpointSession) -> DocAges:
    """The ages of the docs of a process, by its options."""
    options = session.options
    severity = Severity.ERROR if options.stale == "fail" else Severity.WARNING
    return DocAges(parse_age_policy(options.max_age, options.max_ages), session.evidence, session.clock, severity)

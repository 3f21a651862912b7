"""A test item as a value: what runs, or why it does not."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pytest_endpoint_docs.errors import NoResponse
from pytest_endpoint_docs.model.body import OWN_PHASES
from pytest_endpoint_docs.model.doc import CaseOutline, EndpointDoc
from pytest_endpoint_docs.model.exchange import Exchange, Response, SentRequest
from pytest_endpoint_docs.model.source import Cause, Checked, JSONValue, Mismatch, Obstacle, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class

NO_REASON = "no reason recorded"
"""The reason of a skip that records none."""


@value_class(frozen=True)
class Disposition:
    """What is to be done with a case.

    ``run``; ``skip`` with ``reason``; ``xfail``: a failure is expected, and a pass is ``strict``-ly reported as one;
    ``broken``: it fails with ``reason`` and nothing is sent. ``cause`` groups what did not run. ``location`` is the
    line that says so.
    """

    action: Literal["run", "skip", "xfail", "broken"]
    reason: str = ""
    strict: bool = False
    cause: Cause = ""
    location: SourceLocation | None = None


RUN = Disposition(action="run")
"""What is to be done with most cases."""


@value_class(frozen=True)
class ContractCase:
    """One test item of a doc; all that running it needs, apart from the run's own context, is reachable from here."""

    doc: EndpointDoc
    outline: CaseOutline
    disposition: Disposition

    @property
    def name(self) -> str:
        """The name in node ids: ``POST /oauth/token`` or the id of a ``Cases`` entry."""
        return self.outline.name

    @property
    def location(self) -> SourceLocation:
        """Where the item stands in its doc."""
        return self.outline.location

    @property
    def id(self) -> str:
        """Unique across docs: ``path::name``."""
        return f"{self.doc.path}::{self.outline.name}"

    @property
    def is_manual(self) -> bool:
        """Whether the doc is tagged ``requires-manual-testing``."""
        return self.doc.is_manual


@value_class(frozen=True)
class CaseResult:
    """What happened when a case ran: a value that can cross threads.

    ``outcome`` is ``passed``, ``failed`` (``error`` is a ``ContractFailure`` or another exception of ``errors``) or
    ``skipped`` (``reason`` says why, ``cause`` groups it).
    ``cleanup_errors`` are reported beside ``error``, and fail a case that else passed. ``by_hand``: a person did it.
    ``checked`` says what the answer was held against. ``obstacle``: what kept the case from being tested.
    """

    case: ContractCase
    outcome: Literal["passed", "failed", "skipped"]
    reason: str = ""
    cause: Cause = ""
    error: Exception | None = None
    cleanup_errors: tuple[Exception, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    exchanges: tuple[SentRequest, ...] = ()
    notes: tuple[str, ...] = ()
    variables: dict[str, JSONValue] = field(default_factory=dict, repr=False)
    duration_s: float = 0.0
    by_hand: bool = False
    checked: tuple[Checked, ...] = ()
    obstacle: Obstacle | None = None

    @property
    def sent(self) -> SentRequest | None:
        """The request that the case is about: the last one of the main request or of the ``Cases`` entry."""
        own = [sent for sent in self.exchanges if sent.phase in OWN_PHASES]
        return own[-1] if own else None

    @property
    def exchange(self) -> Exchange:
        """The request that the case is about, and its response. Raises: ``NoResponse``."""
        __tracebackhide__ = True
        sent = self.sent
        if isinstance(sent, Exchange):
            return sent
        if sent is not None:
            why = sent.error or "none came"
        else:
            why = "a person ran it by hand" if self.by_hand else "no request was sent"
        raise NoResponse(f"{self.case.id}: there is no response: {why}")

    @property
    def response(self) -> Response:
        """The response that the case is about. Raises: ``NoResponse``."""
        __tracebackhide__ = True
        return self.exchange.response

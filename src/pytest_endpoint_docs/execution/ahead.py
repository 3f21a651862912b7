"""The first request of a case that is sent before the case has its turn: only waiting is done ahead.

All else happens in the case's own turn, with the answer that came: what is learned, checked and recorded is the same,
in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal, TypeAlias

from pytest_endpoint_docs.errors import EndpointDocsError
from pytest_endpoint_docs.execution.build import build_request
from pytest_endpoint_docs.execution.case_execution import CaseExecution
from pytest_endpoint_docs.execution.context import Client, RunContext
from pytest_endpoint_docs.http.client import Answer
from pytest_endpoint_docs.http.methods import SAFE
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import Request

Outcome: TypeAlias = Literal["sent", "sends nothing", "has to wait"]
"""Of a case that may have to wait nothing is known; what comes after it has to wait, too."""

Send: TypeAlias = Callable[[Request, Collection[int]], Callable[[], Answer]]
"""Sends a request in another thread. Returns: what waits for its answer, or raises what sending raised."""


class CaseAhead:
    """A case before its turn: its execution, which asks nobody again for what is under way.

    ``context`` gives what the case needs to run, with the client that its requests go by.
    """

    def __init__(self, case: ContractCase, client: Client, context: Callable[[Client], RunContext]) -> None:
        self._case = case
        self._client = _PromisedAnswers(client)
        self._context = context(self._client)
        self.execution = CaseExecution(case, self._context)

    def send_first(self, send: Send) -> Outcome:
        """Hand the first request to ``send``, if all that the case sends is safe (RFC 9110 section 9.2.1)."""
        if self._case.doc.requires or self._case.doc.serial or self._case.outline.negative is not None:
            return "has to wait"
        try:
            prepared, steps = self.execution.start()
        except EndpointDocsError:
            return "sends nothing"  # it is skipped in its turn, or fails with all that is wrong
        planned = (*prepared.plan.steps, *prepared.plan.cleanup)
        if prepared.rows.rows or any(one.step.request.method not in SAFE for one in planned):
            return "has to wait"
        first = prepared.plan.steps[0]
        if first.wait_ms:
            return "has to wait"
        try:
            request = build_request(first.step.request, steps.variables.lookup(first.step), self._context.environment)
        except EndpointDocsError:
            return "has to wait"
        if self._context.obstacles.would_refuse(self._case, request.url):
            return "sends nothing"
        check = self._context.request_check
        if check is not None and check(self._case, first.step, request, is_tested=first.role == "subject"):
            return "has to wait"
        self._client.promise(request, send(request, first.step.expect.statuses))
        return "sent"


class _PromisedAnswers:
    """A client for one case, which has the answer to one of its requests already, or soon will."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._promised: tuple[Request, Callable[[], Answer]] | None = None

    def promise(self, request: Request, answer: Callable[[], Answer]) -> None:
        """Keep what waits for the answer to a request."""
        self._promised = request, answer

    def send(self, request: Request, *, documented: Collection[int] = ()) -> Answer:
        """The promised answer the first time, if this is its request; else send it now."""
        promised, self._promised = self._promised, None
        if promised is not None and promised[0] == request:
            return promised[1]()
        return self._client.send(request, documented=documented)

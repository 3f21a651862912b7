"""Sending one request of a case, and keeping what happened."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from pytest_endpoint_docs.checks.wording import content_of
from pytest_endpoint_docs.errors import RequestError
from pytest_endpoint_docs.model import ContractCase, Exchange, Phase, Request, Step

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext


class Sender:
    """Sends the requests of one case; ``exchanges`` holds them all, in order, those without an answer too."""

    def __init__(self, case: ContractCase, context: RunContext) -> None:
        self.exchanges: list[Exchange] = []
        self._case = case
        self._context = context

    def send(self, step: Step, request: Request, *, phase: Phase, documented: Collection[int] = ()) -> Exchange:
        """Send a request. Raises: ``RequestError`` that says which step it was, where no answer came."""
        context = self._context
        request = context.hooks.before_request(self._case, request)
        context.redactor.learn(dict(request.params))
        context.redactor.learn(request.body)
        try:
            answer = context.client.send(request, documented=documented)
        except RequestError as error:
            # A URL can hold a token in its query.
            message = context.redactor.text(error.message)
            self.exchanges.append(Exchange(step=step, phase=phase, request=request, response=None, error=message))
            raise type(error)(f"step {step.id}: {message}", location=step.location) from error
        content, is_json = content_of(answer.response)
        if is_json:
            context.redactor.learn(content)
        exchange = Exchange(step=step, phase=phase, request=request, response=answer.response, attempts=answer.attempts)
        self.exchanges.append(exchange)
        context.hooks.after_response(self._case, exchange)
        return exchange

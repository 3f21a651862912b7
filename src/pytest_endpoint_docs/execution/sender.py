"""Sending one request of a case, and keeping what happened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_endpoint_docs.checks.checking import apply_known_issues
from pytest_endpoint_docs.checks.values import content_of
from pytest_endpoint_docs.errors import ContractFailure, RequestError
from pytest_endpoint_docs.execution.verdict import failing, verdict_of
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import Exchange, Request, Response, SentRequest
from pytest_endpoint_docs.model.source import Mismatch

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.redaction import Redactor

_URI = re.compile(r"https?://\S*[^\s.,:;]")


class Sender:
    """Sends the requests of one case.

    ``exchanges`` holds them all, in order, those without an answer too; ``mismatches`` what was wrong with requests
    that left all the same.
    """

    def __init__(self, case: ContractCase, context: RunContext) -> None:
        self.exchanges: list[SentRequest] = []
        self.mismatches: dict[Mismatch, None] = {}
        self._case = case
        self._context = context

    def send(self, step: Step, request: Request) -> Exchange:
        """Send the request of a step.

        Raises: ``RequestError`` that says which step it was, where no answer came; ``ContractFailure`` for a request
        that is not as described, where that fails.
        """
        context = self._context
        request = context.hooks.before_request(self._case, request)
        _learn_request(context.redactor, request)
        self._hold_against_description(step, request)
        try:
            answer = context.client.send(request, documented=step.expect.statuses)
        except RequestError as error:
            # A URL can hold a token in its query, and a redirect may have led to another one.
            for uri in _URI.findall(error.message):
                context.redactor.learn_uri(uri)
            message = context.redactor.text(error.message)
            self.exchanges.append(
                SentRequest(step=step, phase=step.phase, request=request, response=None, error=message)
            )
            # Without the cause: it, and the libraries' own below it, hold the URL as it was sent.
            raise type(error)(f"step {step.id}: {message}", location=step.location) from None
        _learn_response(context.redactor, answer.response)
        exchange = Exchange(
            step=step, phase=step.phase, request=request, response=answer.response, attempts=answer.attempts
        )
        self.exchanges.append(exchange)
        context.hooks.after_response(self._case, exchange)
        return exchange

    def _hold_against_description(self, step: Step, request: Request) -> None:
        check = self._context.request_check
        if check is None:
            return
        found = check(self._case, step, request)
        found = apply_known_issues(found, self._case.doc.known_issues)
        wrong = failing(found)
        if wrong:
            raise ContractFailure(
                f"step {step.id} was not sent, its request is not as described: {verdict_of(wrong)}",
                location=wrong[0].location or step.location,
                mismatches=found,
            )
        self.mismatches |= dict.fromkeys(found)


def _learn_request(redactor: Redactor, request: Request) -> None:
    redactor.learn_uri(request.url)
    for name, value in request.params:
        redactor.learn({name: value})
    redactor.learn_headers(request.headers)
    redactor.learn(request.body)


def _learn_response(redactor: Redactor, response: Response) -> None:
    redactor.learn_uri(response.url)
    redactor.learn_headers(response.headers)
    content, is_json = content_of(response)
    if is_json:
        redactor.learn(content)
    if response.media_type == "application/x-www-form-urlencoded":
        redactor.learn_parameters(response.text)

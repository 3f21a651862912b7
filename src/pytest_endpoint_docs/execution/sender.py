"""The way out for the requests of one case: secrets learned, held against the description, listed, sent, kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from pytest_endpoint_docs.checks.checking import CheckInput, apply_known_issues, failing, likely_reason, verdict_of
from pytest_endpoint_docs.errors import ContractFailure, RequestError
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.execution.leftovers import CaseJournal
from pytest_endpoint_docs.model.body import Extract, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import Exchange, Request, Response, SentRequest
from pytest_endpoint_docs.model.source import JSONValue, Mismatch, Obstacle
from pytest_endpoint_docs.redaction.exchanges import learn_json, learn_request, learn_response, learn_uri
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.variables.extraction import NOTHING, parse_expression
from pytest_endpoint_docs.words import late

_NO_SECRETS: Mapping[str, JSONValue] = {}
_URI = late(r"https?://\S*[^\s.,:;]")


class Sender:
    """Sends the requests of one case.

    ``exchanges`` holds them all, in order, those without an answer too; ``mismatches`` what was wrong with requests
    that left all the same; ``redactor`` is the boundary for texts about the case's doc.
    """

    def __init__(self, case: ContractCase, context: RunContext) -> None:
        self.case = case
        self.context = context
        self.exchanges: list[SentRequest] = []
        self.mismatches: dict[Mismatch, None] = {}
        self.journal = CaseJournal(case, context.leftovers)
        self.redactor = context.redactor.beside(case.doc.text)

    def send(
        self, step: Step, request: Request, *, is_tested: bool = False, secrets: Mapping[str, JSONValue] = _NO_SECRETS
    ) -> Exchange:
        """Send the request of a step; ``is_tested``: it is the one that the item tests; ``secrets`` are variables.

        Raises: ``RequestError`` that says which step it was, where no answer came; ``ContractFailure`` for a request
        that is not as described, where that fails; ``CaseSkipped`` where the server has not answered for too long.
        """
        context, redactor = self.context, self.redactor
        learn_request(redactor, request)
        if secrets:  # after the request, whose fields say more than a variable's name
            learn_json(redactor, dict(secrets))
        changed = context.hooks.before_request(self.case, request)
        if changed is not request:
            learn_request(redactor, changed)
            request = changed
        self._hold_against_description(step, request, is_tested=is_tested)
        if step.phase != "cleanup":
            context.obstacles.refuse(self.case, request.url)
            self.journal.before(request)
        try:
            answer = context.client.send(request, documented=step.expect.statuses)
        except RequestError as error:
            # Without the cause: it, and the libraries' own below it, hold the URL as it was sent.
            raise self._unanswered(step, request, error) from None
        except BaseException:
            self.journal.no_answer()  # the run ends while the answer is waited for
            raise
        context.obstacles.answered(request.url)
        learn_response(redactor, answer.response)
        learn_extracts(redactor, step.extracts, answer.response)
        exchange = Exchange(
            step=step, phase=step.phase, request=request, response=answer.response, attempts=answer.attempts
        )
        self.exchanges.append(exchange)
        context.hooks.after_response(self.case, exchange)
        return exchange

    def _unanswered(self, step: Step, request: Request, error: RequestError) -> RequestError:
        """Note that no answer came. Returns: the error, without secrets, that says which step it was."""
        if error.was_sent:
            self.journal.no_answer()
        # A URL can hold a token in its query, and a redirect may have led to another one.
        for uri in _URI.findall(error.message):
            learn_uri(self.redactor, uri)
        message = self.redactor.text(error.message)
        self.exchanges.append(SentRequest(step=step, phase=step.phase, request=request, response=None, error=message))
        obstacle = _redacted(error.obstacle, self.redactor)
        return type(error)(message, location=step.location, obstacle=obstacle, context=f"step {step.id}: ")

    def reason_of(self, sent: CheckInput) -> str:
        """Why a request was refused that the doc expects to be answered otherwise, as far as its description tells."""
        response = sent.response
        if response.is_expected(sent.step.expect):
            return ""
        name = "" if sent.is_tested else sent.step.id
        return likely_reason(response.status_code, (found for found in self.mismatches if found.step == name))

    def _hold_against_description(self, step: Step, request: Request, *, is_tested: bool) -> None:
        check = self.context.request_check
        if check is None:
            return
        found = check(self.case, step, request, is_tested=is_tested)
        found = apply_known_issues(found, self.case.doc.known_issues)
        wrong = failing(found)
        if wrong:
            raise ContractFailure(
                verdict_of(wrong),
                location=wrong[0].location or step.location,
                mismatches=found,
                context=f"step {step.id} was not sent, its request is not as described: ",
            )
        self.mismatches.update(dict.fromkeys(found if is_tested else of_step(found, step)))


def of_step(mismatches: Iterable[Mismatch], step: Step) -> tuple[Mismatch, ...]:
    """The mismatches of a step that is not the tested request, with its name."""
    return tuple(replace(mismatch, step=step.id) for mismatch in mismatches)


def _redacted(obstacle: Obstacle | None, redactor: Redactor) -> Obstacle | None:
    return obstacle and replace(obstacle, message=redactor.text(obstacle.message))


def learn_extracts(redactor: Redactor, extracts: Iterable[Extract], response: Response) -> None:
    """Remember what variables take whose names say that they are secrets, before anyone sees the answer."""
    for extract in extracts:
        if not redactor.is_secret(extract.name):
            continue
        with suppress(ValueError):  # told where the variable takes its value
            selected = parse_expression(extract.expression).first(response.as_json()[0])
            if selected is not NOTHING:
                learn_json(redactor, {extract.name: selected})

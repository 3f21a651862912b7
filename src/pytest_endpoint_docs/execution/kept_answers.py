"""Answers that hold a secret which is shown only once: kept between runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Protocol

from pytest_endpoint_docs.errors import PrerequisiteFailed
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.redaction.exchanges import learn_json
from pytest_endpoint_docs.redaction.redactor import Redactor

_CONFLICT = 409


class KeptAnswers(Protocol):
    """Keeps the first answer to a request; later runs get it back.

    ``key`` says whose answer it is; ``create`` sends the request and gives the answer's JSON value.
    """

    def answer(self, key: str, create: Callable[[], JSONValue]) -> JSONValue: ...


class _NotKept(Exception):
    """An answer that is not worth keeping."""


def kept_or_sent(
    kept: KeptAnswers, step: Step, request: Request, send: Callable[[], Response], redactor: Redactor
) -> Response:
    """The answer to a step's request, of an earlier run if it was kept.

    Raises: ``PrerequisiteFailed`` where the thing exists already, and so its secret cannot be had any more.
    """
    sent: list[Response] = []

    def create() -> JSONValue:
        sent.append(send())
        if sent[0].status_code == _CONFLICT:
            raise _exists_already(step, sent[0])
        content, is_json = sent[0].as_json()
        if not is_json or not sent[0].is_success:
            raise _NotKept
        return content

    # Not the whole body: a name with a timestamp in it would make another app in every run.
    redirect_uri = request.body.get("redirect_uri") if isinstance(request.body, dict) else None
    try:
        content = kept.answer(f"{request.method} {request.url} {redirect_uri or ''}".strip(), create)
    except _NotKept:
        return sent[0]
    learn_json(redactor, content)
    return sent[0] if sent else Response(status_code=200, content=json.dumps(content).encode())


def _exists_already(step: Step, response: Response) -> PrerequisiteFailed:
    return PrerequisiteFailed(
        f"UID resolution of {step.id.removeprefix('resolve ')}: {step.request.method}"
        f" {step.request.path} answered {response.status}: it exists already, and its secret is shown only once, to"
        " whoever created it. Delete it on the server, change its name in the doc, or give the environment's oauth"
        " block its client_id and client_secret",
        location=step.location,
    )

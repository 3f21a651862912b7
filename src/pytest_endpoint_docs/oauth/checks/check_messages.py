"""A violation as text: the duty and its section first, then what was sent and what came, without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pytest_endpoint_docs.model.exchange import Request, Response, SentRequest
from pytest_endpoint_docs.model.secret import MASK
from pytest_endpoint_docs.model.source import JSONValue, Mismatch
from pytest_endpoint_docs.oauth.checks.check import Check, Level, Severity, Violation, cite
from pytest_endpoint_docs.oauth.checks.outcomes import describe_outcome
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome
from pytest_endpoint_docs.oauth.grant import PageAnswer
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.secret_names import is_secret_parameter
from pytest_endpoint_docs.words import cut

_SHOWN_REQUEST_FIELDS = ("Authorization", "Content-Type")
_SHOWN_RESPONSE_FIELDS = ("Content-Type", "Cache-Control", "Pragma", "WWW-Authenticate")
_LONGEST_CONTENT = 600
# Shown as they are, although a field of such a name can hold something private elsewhere.
_PLAIN_PARAMETERS = frozenset(["redirect_uri", "client_id", "response_type", "scope", "grant_type", "error", "iss"])


def mismatch_of(
    check: Check, violation: Violation, *, severity: Severity, known: str | None, redactor: Redactor
) -> Mismatch:
    """The mismatch that reports a violation; its message starts with one line that says it all."""
    duty = violation.duty
    actual = redactor.text(violation.actual)
    # What the environment lets warn is still told for what it is.
    let_pass = f" (a MUST; oauth.checks has {check.id}: warn)"
    owed = let_pass if severity == "warn" and duty.level is Level.MUST else ""
    lines = [
        f"{check.name}: {cite(duty.sections)}: {duty.text}: expected {violation.expected}, got {actual}{owed}",
        *(f"  {line}" for line in evidence_lines(violation.evidence, redactor)),
    ]
    return Mismatch(
        check=check.id,
        message="\n".join(lines),
        kind="rule",
        pointer=violation.pointer,
        expected=violation.expected,
        actual=actual,
        severity=severity,
        known=known,
        source=cite(duty.sections),
    )


def evidence_lines(evidence: SentRequest | AuthorizeOutcome | PageAnswer | None, redactor: Redactor) -> Iterator[str]:
    """What was sent and what came, line by line."""
    if isinstance(evidence, SentRequest):
        yield "sent:"
        yield from (f"  {line}" for line in request_lines(evidence.request, redactor))
        yield "received:"
        if evidence.response is None:
            yield f"  no answer: {redactor.text(evidence.error or '')}"
        else:
            yield from (f"  {line}" for line in response_lines(evidence.response, redactor))
    elif isinstance(evidence, PageAnswer):
        yield "sent:"
        yield f"  {evidence.method} {redactor.text(evidence.url)}"
        yield "received:"
        to = f" to {redactor.text(evidence.redirects_to)}" if evidence.redirects_to else ""
        yield f"  {evidence.status_code}{to}"
    elif evidence is not None:
        yield "sent:"
        yield f"  authorization request: {_parameters(evidence.sent, redactor)}"
        yield "received:"
        yield f"  {outcome_text(evidence, redactor)}"


def request_lines(request: Request, redactor: Redactor) -> Iterator[str]:
    """The request line with its query, the fields that matter, the content."""
    query = "&".join(f"{name}={_value(name, value, redactor)}" for name, value in request.params)
    yield f"{request.method} {redactor.text(request.url)}{'?' + query if query else ''}"
    for name in _SHOWN_REQUEST_FIELDS:
        if name in request.headers:
            yield f"{name}: {redactor.header(name, request.headers[name])}"
    if request.has_body:
        shown = redactor.json(request.body)
        if request.content_type == "form" and isinstance(shown, Mapping):
            yield "&".join(_pair(name, value) for name, value in shown.items())
        else:
            yield _object(shown)


def response_lines(response: Response, redactor: Redactor) -> Iterator[str]:
    """Status line, the fields that matter, the content, cut."""
    yield f"{response.status_code} {response.reason}".rstrip()
    for name in _SHOWN_RESPONSE_FIELDS:
        if name in response.headers:
            yield f"{name}: {redactor.header(name, response.headers[name])}"
    text = _content(response, redactor)
    if text:
        yield cut(text, _LONGEST_CONTENT)


def outcome_text(outcome: AuthorizeOutcome, redactor: Redactor) -> str:
    """Where an authorization request led, in a line."""
    if outcome.parameters is not None:
        target = redactor.text(outcome.sent.get("redirect_uri", "the redirect URI"))
        return f"redirect to {target} with {_parameters(outcome.parameters, redactor) or 'no parameters'}"
    where = f" at {redactor.text(outcome.url)}" if outcome.url else ""
    return f"{describe_outcome(outcome)}{where}, nothing at the redirect URI"


def _parameters(parameters: Mapping[str, str], redactor: Redactor) -> str:
    return " ".join(f"{name}={_value(name, value, redactor)}" for name, value in parameters.items())


def _value(name: str, value: str, redactor: Redactor) -> str:
    shown = redactor.text(value)
    if shown != value or name in _PLAIN_PARAMETERS:
        return shown
    return MASK if is_secret_parameter(name) else shown


def _pair(name: str, value: JSONValue) -> str:
    values = value if isinstance(value, list) else [value]
    return "&".join(f"{name}={item}" for item in values)


def _object(shown: JSONValue) -> str:
    if not isinstance(shown, Mapping):
        return json.dumps(shown, ensure_ascii=False)
    # A parameter that was sent twice is a list here, and was two members on the wire.
    pairs = [(name, item) for name, value in shown.items() for item in (value if isinstance(value, list) else [value])]
    return "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(item, ensure_ascii=False)}" for name, item in pairs) + "}"


def _content(response: Response, redactor: Redactor) -> str:
    if not response.is_json:
        return redactor.text(" ".join(response.text.split()))
    value, is_json = response.as_json()
    if not is_json:
        return redactor.text(response.text)
    return json.dumps(redactor.json(value), ensure_ascii=False)

"""What was sent and what came back, as text without secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.http.wire import target_uri
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.record import ExchangeRecord, MismatchRecord
from pytest_endpoint_docs.redaction import Redactor, is_secret_field
from pytest_endpoint_docs.reporting.curl import render_curl
from pytest_endpoint_docs.words import cut

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import CaseResult
    from pytest_endpoint_docs.model.exchange import SentRequest
    from pytest_endpoint_docs.model.source import Mismatch
    from pytest_endpoint_docs.redaction import Redactor


_SHOWN_HEADERS = ("content-type", "location", "retry-after", "www-authenticate", "allow")


def render_uri(request: Request, redactor: Redactor) -> str:
    """A request's target URI: known secrets by name, whatever stands at a secret's parameter masked."""
    params = tuple((name, _param(name, text, redactor)) for name, text in request.params)
    return redactor.text(target_uri(replace(request, params=params))).replace("%24", "$").replace("%2A", "*")


def _param(name: str, text: str, redactor: Redactor) -> str:
    return redactor.masked(text) if is_secret_field(name) else redactor.text(text)


def render_body(response: Response, redactor: Redactor) -> str:
    """A response's content: JSON indented, other text as it is, anything else by its length."""
    if not response.content:
        return ""
    value, is_json = response.as_json()
    if is_json:
        return json.dumps(redactor.json(value), ensure_ascii=False, indent=2)
    if b"\0" in response.content[:1000]:
        return f"<{len(response.content)} bytes of {response.media_type or 'unknown type'}>"
    return redactor.text(response.text)


def render_request_body(request: Request, redactor: Redactor) -> str:
    """A request's content: its JSON value or form fields as JSON, and the names of its files."""
    if not request.has_body:
        return ""
    files = "".join(f"\n{part.field_name}: file {part.filename} ({part.content_type})" for part in request.files)
    return json.dumps(redactor.json(request.body), ensure_ascii=False) + files


def telling_headers(response: Response, redactor: Redactor) -> dict[str, str]:
    """The header fields that help with a failure: what came, where else it is, when, and the request's id."""
    return {
        name: redactor.header(name, value)
        for name, value in response.headers.items()
        if name.lower() in _SHOWN_HEADERS or name.lower().endswith(("request-id", "correlation-id", "trace-id"))
    }


LONGEST_BODY = 4000


def exchange_records(result: CaseResult, redactor: Redactor) -> tuple[ExchangeRecord, ...]:
    """Every exchange of a case, in order."""
    return tuple(exchange_record(exchange, redactor) for exchange in result.exchanges)


def exchange_record(exchange: SentRequest, redactor: Redactor) -> ExchangeRecord:
    """One exchange; bodies are cut at ``LONGEST_BODY`` characters."""
    request, response = exchange.request, exchange.response
    return ExchangeRecord(
        phase=exchange.phase,
        step=exchange.step.id,
        method=request.method,
        url=render_uri(request, redactor),
        request_headers={name: redactor.header(name, value) for name, value in request.headers.items()},
        request_body=cut(render_request_body(request, redactor), LONGEST_BODY),
        status_code=response.status_code if response else None,
        response_headers={name: redactor.header(name, value) for name, value in response.headers.items()}
        if response
        else {},
        response_body=cut(render_body(response, redactor), LONGEST_BODY) if response else "",
        error=redactor.text(exchange.error) if exchange.error else None,
        elapsed_s=response.elapsed_s if response else 0.0,
        curl=render_curl(request, redactor),
    )


def mismatch_records(result: CaseResult, redactor: Redactor) -> tuple[MismatchRecord, ...]:
    """Every mismatch of a case, in order."""
    return tuple(mismatch_record(mismatch, redactor) for mismatch in result.mismatches)


def mismatch_record(mismatch: Mismatch, redactor: Redactor) -> MismatchRecord:
    """One mismatch as text."""
    return MismatchRecord(
        check=mismatch.check,
        message=redactor.text(mismatch.message),
        kind=mismatch.kind,
        pointer=mismatch.pointer,
        expected=redactor.text(mismatch.expected),
        actual=redactor.text(mismatch.actual),
        severity=mismatch.severity,
        known=mismatch.known,
        location=str(mismatch.location) if mismatch.location else "",
        source=mismatch.source,
    )

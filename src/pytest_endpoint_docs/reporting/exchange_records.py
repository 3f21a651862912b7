"""What happened in a case, as records for the result file: redacted, cut, and made of JSON types only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_endpoint_docs.model import ExchangeRecord, MismatchRecord
from pytest_endpoint_docs.reporting.content import cut_text, render_body, render_request_body, render_uri
from pytest_endpoint_docs.reporting.curl import render_curl

if TYPE_CHECKING:
    from pytest_endpoint_docs.model import CaseResult, Exchange, Mismatch
    from pytest_endpoint_docs.redaction import Redactor

LONGEST_BODY = 4000


def exchange_records(result: CaseResult, redactor: Redactor) -> tuple[ExchangeRecord, ...]:
    """Every exchange of a case, in order."""
    return tuple(exchange_record(exchange, redactor) for exchange in result.exchanges)


def exchange_record(exchange: Exchange, redactor: Redactor) -> ExchangeRecord:
    """One exchange; bodies are cut at ``LONGEST_BODY`` characters."""
    request, response = exchange.request, exchange.response
    return ExchangeRecord(
        phase=exchange.phase,
        step=exchange.step.id,
        method=request.method,
        url=render_uri(request, redactor),
        request_headers={name: redactor.header(name, value) for name, value in request.headers.items()},
        request_body=cut_text(render_request_body(request, redactor), LONGEST_BODY),
        status_code=response.status_code if response else None,
        response_headers={name: redactor.header(name, value) for name, value in response.headers.items()}
        if response
        else {},
        response_body=cut_text(render_body(response, redactor), LONGEST_BODY) if response else "",
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
        pointer=mismatch.pointer,
        expected=redactor.text(mismatch.expected),
        actual=redactor.text(mismatch.actual),
        severity=mismatch.severity,
        known=mismatch.known,
        location=str(mismatch.location) if mismatch.location else "",
        source=mismatch.source,
    )

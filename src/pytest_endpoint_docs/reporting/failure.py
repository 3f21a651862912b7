"""The first screen of a failure: what is wrong, where the doc says otherwise, what came, how to send it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from pytest_endpoint_docs.checks.checking import failing, line_of, place_of
from pytest_endpoint_docs.errors import Explained, cause_of
from pytest_endpoint_docs.model.secret import first_line, without_start
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.reporting.exchange_text import LONGEST_RENDERED, ShownExchange, not_rendered
from pytest_endpoint_docs.words import and_more, capped, count, cut_lines, visible

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import CaseResult
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.exchange import SentRequest
    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.model.source import Mismatch, SourceLocation
    from pytest_endpoint_docs.redaction.redactor import Redactor

_MOST_MISMATCHES = 12
_MOST_BODY_LINES = 30
_WIDEST = 118
_LINES_AROUND = 2

LineKind = Literal["", "marked", "expected", "actual"]
"""What a line of the text is, if it is told apart: ``marked`` is the doc's line that the failure is about."""


class _Line(NamedTuple):
    text: str
    kind: LineKind = ""


_EMPTY = _Line("")


@value_class
class Failure:
    """A failure as people see it: ``verdict`` is the first line of ``text``; ``path`` and ``line`` are the doc's.

    ``cause`` is what the verdict says is wrong, without the place and the step. ``exchange`` is the one that it shows.
    ``kinds`` has that of each line of ``text``, or is empty.
    """

    path: str
    line: int
    verdict: SafeText
    text: SafeText
    cause: SafeText
    exchange: ShownExchange | None = None
    kinds: tuple[LineKind, ...] = ()

    @property
    def short(self) -> SafeText:
        """The verdict without path and line."""
        return without_start(self.verdict, f"{visible(self.path)}:{self.line}: ")


def render_failure(result: CaseResult, redactor: Redactor) -> Failure:
    """The text of a failed case, without secrets; lines of the response are cut. Never raises.

    In this order: ``path:line: verdict``; the doc's lines; expected and actual for every mismatch at its JSON Pointer;
    the response; the curl line that reproduces it; then cleanup failures, notes, and what the doc says of its outcome
    and of test data.
    """
    redactor = redactor.beside(result.case.doc.text)
    error = result.error or next(iter(result.cleanup_errors), None)
    location: SourceLocation = getattr(error, "location", None) or result.case.location
    doc, telling = result.case.doc, _telling_exchange(result)
    exchange = None if telling is None else ShownExchange(telling, redactor)
    sections = [
        _section(lambda: _head(location, error, result.reason)),
        _section(lambda: _excerpt(doc, location)),
        _section(lambda: _mismatches(doc, failing(result.mismatches))),
        _section(lambda: _response(exchange)),
        _section(lambda: _reproduction(exchange)),
        _section(lambda: _cleanup(result)),
        _section(lambda: _notes(result)),
        _section(lambda: _told_by(doc)),
    ]
    lines = [line for section in sections if section for line in (_EMPTY, *section)][1:]
    text = redactor.text("\n".join(line.text for line in lines))
    (cause,) = _section(lambda: [result.reason if error is None else cause_of(error)])
    return Failure(
        path=location.path,
        line=location.line,
        verdict=first_line(text),
        text=text,
        cause=redactor.text(cause.text),
        exchange=exchange,
        kinds=_kinds(lines, text),
    )


def _section(lines: Callable[[], Iterable[str | _Line]]) -> list[_Line]:
    """A part of the text; where it cannot be made, what went wrong instead: the other parts tell of the failure."""
    try:
        return [_Line(line) if isinstance(line, str) else line for line in lines()]
    except Exception as error:  # noqa: BLE001 - a failure that cannot be shown must not end the run that found it
        return [_Line(not_rendered(error))]


def _kinds(lines: Iterable[_Line], text: SafeText) -> tuple[LineKind, ...]:
    """The kinds of the text's lines; none where it has fewer, since a secret of several lines became its name."""
    kinds: list[LineKind] = []
    for line in lines:
        kinds.append(line.kind)
        kinds += [""] * line.text.count("\n")
    return tuple(kinds) if len(kinds) == text.count("\n") + 1 else ()


def _head(location: SourceLocation, error: Exception | None, reason: str) -> list[str]:
    verdict, *details = _message(error, reason).splitlines() or [""]
    return [f"{location}: {verdict}", *details]


def _message(error: Exception | None, reason: str) -> str:
    if error is None:
        return reason
    return "\n".join([error.message, *error.trail]) if isinstance(error, Explained) else str(error)


def _excerpt(doc: EndpointDoc, location: SourceLocation) -> Iterator[_Line]:
    lines = doc.text.splitlines()
    if location.path != doc.path or not 1 <= location.line <= len(lines):
        return
    first = max(1, location.line - _LINES_AROUND)
    last = min(len(lines), location.line + _LINES_AROUND)
    digits = len(str(last))
    for number in range(first, last + 1):
        is_marked = number == location.line
        text = f"{'>' if is_marked else ' '} {number:>{digits}} | {lines[number - 1]}".rstrip()
        yield _Line(text, "marked" if is_marked else "")


def _line_in(doc: EndpointDoc, mismatch: Mismatch) -> str:
    """The line of the doc that says otherwise; nothing for what a description or a standard says."""
    location = None if mismatch.source else mismatch.location
    return f"line {location.line}" if location is not None and location.path == doc.path else ""


def _mismatches(doc: EndpointDoc, mismatches: Sequence[Mismatch]) -> Iterator[str | _Line]:
    for mismatch in mismatches[:_MOST_MISMATCHES]:
        line = _line_in(doc, mismatch)
        if mismatch.check in ("status", "header"):
            what = "status" if mismatch.check == "status" else f"header {mismatch.pointer}"
            yield what + (f" [{line}]" if line else "")
        elif mismatch.check == "openapi-request":
            yield f"{mismatch.message} [{mismatch.check}]"
        else:
            # What a standard asks for is not about a place in the content.
            place = "" if mismatch.kind == "rule" else place_of(mismatch)
            yield f"{place}{mismatch.message} [{', '.join(filter(None, (mismatch.check, line)))}]"
        if mismatch.expected:
            yield _Line(f"  expected: {mismatch.expected}", "expected")
            yield _Line(f"  actual:   {mismatch.actual}", "actual")
        if mismatch.source:
            yield f"  source:   {mismatch.source}"
    if len(mismatches) > _MOST_MISMATCHES:
        yield and_more(len(mismatches) - _MOST_MISMATCHES)


def _telling_exchange(result: CaseResult) -> SentRequest | None:
    """The last exchange before cleanup, or the last of all where only cleanup failed."""
    before = [exchange for exchange in result.exchanges if exchange.phase != "cleanup"]
    exchanges = before if result.error is not None else result.exchanges
    return exchanges[-1] if exchanges else None


def _reproduction(exchange: ShownExchange | None) -> Iterator[str]:
    if exchange is not None:
        yield "reproduce with:"
        yield f"  {exchange.curl}"


def _response(exchange: ShownExchange | None) -> Iterator[str]:
    if exchange is None:
        return
    sent, response = exchange.sent, exchange.sent.response
    asked = f"step {sent.step.id}: {sent.request.method} {exchange.url}"
    if response is None:
        yield f"{asked} got no answer"
        return
    repeated = f" (attempt {sent.attempts})" if sent.attempts > 1 else ""
    yield f"{asked} answered {response.status}{repeated}"
    for name, value in exchange.telling_headers():
        yield f"  {name}: {value}"
    lines = cut_lines(exchange.response_body, most=_MOST_BODY_LINES, width=_WIDEST)
    if len(response.content) > LONGEST_RENDERED:
        lines = [*lines[:_MOST_BODY_LINES], f"… (the beginning of {count(len(response.content), 'byte')})"]
    for line in lines:
        yield f"  {line}"


def _cleanup(result: CaseResult) -> Iterator[str]:
    if result.cleanup_errors and result.error is not None:
        yield "cleanup failed too:"
        for error in result.cleanup_errors:
            location = getattr(error, "location", None)
            yield f"  {location}: {_message(error, '')}" if location else f"  {_message(error, '')}"


def _notes(result: CaseResult) -> Iterator[str]:
    tolerated = [mismatch for mismatch in result.mismatches if mismatch.severity != "fail"]
    if not (result.notes or tolerated):
        return
    yield "notes:"
    for note in result.notes:
        yield f"  {note}"
    told = [
        f"  {f'known issue, {mismatch.known}' if mismatch.severity == 'known' else 'warning'}: {line_of(mismatch)}"
        for mismatch in tolerated
    ]
    yield from capped(told, _MOST_MISMATCHES, indent="  ")


def _told_by(doc: EndpointDoc) -> Iterator[str]:
    """What a doc says for those who look into its failure."""
    if doc.expected_outcome_reason:
        outcome = " or ".join(map(str, doc.expected_outcome)) or "this outcome"
        yield f"why {outcome} is expected: {doc.expected_outcome_reason}"
    if doc.requires_test_data or doc.test_data_description:
        yield f"this doc needs test data: {doc.test_data_description or 'it does not say which'}"

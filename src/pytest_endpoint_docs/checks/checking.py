"""What a check is given, how checks run, which of their findings the doc knows, and the verdict that they amount to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from pytest_endpoint_docs.errors import ContractFailure
from pytest_endpoint_docs.model.body import DocBody, Step
from pytest_endpoint_docs.model.doc import EndpointDoc, KnownIssue
from pytest_endpoint_docs.model.exchange import Exchange, Response
from pytest_endpoint_docs.model.source import Mismatch, MismatchKind, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import fits_pattern
from pytest_endpoint_docs.redaction.redactor import Redactor


@value_class
class CheckInput:
    """An answered exchange beside the documentation that it is held against.

    ``step`` is the step that was sent, with its expectation. ``is_subject``: it is the request that the doc is about,
    and not one that runs before, after or instead of it; only there the doc's response schema and examples
    speak. ``is_tested``: it is the request that the item tests, be it the doc's or one of its cases; what a description
    says of any other is a warning.
    """

    doc: EndpointDoc
    body: DocBody
    step: Step
    exchange: Exchange
    redactor: Redactor
    is_subject: bool = True
    is_tested: bool = True

    @property
    def response(self) -> Response:
        """The answer."""
        return self.exchange.response


class Difference(NamedTuple):
    """A difference between two values, in a mismatch's words."""

    kind: MismatchKind
    pointer: str
    message: str
    expected: str
    actual: str

    def as_mismatch(self, check: str, location: SourceLocation) -> Mismatch:
        """The mismatch that a check finds, at its expectation's location."""
        return Mismatch(check=check, location=location, **self._asdict())


Check: TypeAlias = Callable[[CheckInput], Sequence[Mismatch]]
# Whether a description says something of the content of an answer.
Describes: TypeAlias = Callable[[CheckInput], bool]


def run_checks(given: CheckInput, checks: Iterable[Check]) -> tuple[Mismatch, ...]:
    """Every difference that the checks find, those of the doc's ``knownIssues`` marked as known."""
    found = [_shown(mismatch, given.redactor) for check in checks for mismatch in check(given)]
    return apply_known_issues(found, given.doc.known_issues)


def apply_known_issues(mismatches: Sequence[Mismatch], issues: Sequence[KnownIssue]) -> tuple[Mismatch, ...]:
    """The mismatches, with severity ``known`` where one stands at an issue's JSON Pointer (``*`` is any one segment).

    Only what is found in the body can be known; a status code or a header field has no JSON Pointer.
    """
    if not issues:
        return tuple(mismatches)
    return tuple(_marked(mismatch, issues) for mismatch in mismatches)


def _shown(mismatch: Mismatch, redactor: Redactor) -> Mismatch:
    """A mismatch whose words may be shown: a server chose its reason phrase, too."""
    message, expected, actual = redactor.lines([mismatch.message, mismatch.expected, mismatch.actual])
    return replace(mismatch, message=message, expected=expected, actual=actual)


def _marked(mismatch: Mismatch, issues: Sequence[KnownIssue]) -> Mismatch:
    # A status code or a media type is no place in the content, not even where the path of an issue is all of it.
    is_elsewhere = mismatch.check in ("status", "header") or mismatch.kind in ("status", "media-type", "operation")
    if is_elsewhere or mismatch.severity == "known":
        return mismatch
    for issue in issues:
        if _is_at(mismatch, issue):
            known = f"{issue.reason} ({issue.ticket})" if issue.ticket else issue.reason
            return replace(mismatch, severity="known", known=known)
    return mismatch


def _is_at(mismatch: Mismatch, issue: KnownIssue) -> bool:
    # A header field's name is its place as well: /Retry-After.
    return fits_pattern("/" + mismatch.pointer.strip("/"), "/" + issue.path.strip("/"))


def failing(mismatches: Sequence[Mismatch]) -> tuple[Mismatch, ...]:
    """The mismatches that fail a case."""
    return tuple(mismatch for mismatch in mismatches if mismatch.severity == "fail")


def verdict_of(mismatches: Sequence[Mismatch], reason: str = "") -> str:
    """The first mismatch in one line, how many more there are, and the likely reason for it."""
    first = mismatches[0]
    others = len({_fact(mismatch) for mismatch in mismatches}) - 1
    more = f" (and {others} more)" if others else ""
    because = f"; likely because {reason}" if reason else ""
    return f"{line_of(first)}{more}{because}"


def _fact(mismatch: Mismatch) -> tuple[str, str]:
    """What a mismatch is about: doc and description find the same of a status code, or of one place in the content."""
    if mismatch.kind == "status":
        return "status", ""
    at_place = mismatch.pointer.startswith("/") and mismatch.check in ("body", "schema", "shape", "openapi")
    return ("content", mismatch.pointer) if at_place else (mismatch.message, mismatch.pointer)


# By a refusal's status code, the parts of a request that it may be for; any other 4xx says nothing of the request.
_REFUSED_FOR: Mapping[int, tuple[str, ...]] = {
    400: ("",),
    401: ("/headers",),
    403: ("/headers",),
    404: ("/path",),
    405: ("/path",),
    406: ("/headers",),
    415: ("/body", "/headers"),
    422: ("",),
}
# What is missing or wrong is a likelier reason than what no description has.
_LIKELY: tuple[MismatchKind, ...] = (
    "missing",
    "media-type",
    "operation",
    "type",
    "enum",
    "format",
    "constraint",
    "unexpected",
    "undescribed",
)


def likely_reason(status: int, of_request: Iterable[Mismatch]) -> str:
    """Why a request may have been refused: its likeliest difference from the description, or nothing."""
    places = _REFUSED_FOR.get(status, ())
    fitting = [
        mismatch
        for mismatch in of_request
        if mismatch.check == "openapi-request"
        and mismatch.kind in _LIKELY
        and (mismatch.pointer or "/path").startswith(places)
    ]
    first = min(fitting, key=lambda mismatch: _LIKELY.index(mismatch.kind), default=None)
    return first.message if first else ""


def line_of(mismatch: Mismatch) -> str:
    """One mismatch in one line."""
    return f"step {mismatch.step}: {_line_of(mismatch)}" if mismatch.step else _line_of(mismatch)


def _line_of(mismatch: Mismatch) -> str:
    if mismatch.check == "status" or not mismatch.expected or (mismatch.check == "header" and mismatch.kind != "value"):
        return mismatch.message
    if mismatch.check in ("header", "openapi-request"):
        return f"{mismatch.message}: expected {mismatch.expected}, got {mismatch.actual}"
    expected = f"expected {mismatch.expected}"
    if mismatch.kind == "missing" and mismatch.check in _IN_CONTENT:
        return f"{mismatch.pointer} is {mismatch.actual}" + ("" if mismatch.expected == "present" else f": {expected}")
    return f"{place_of(mismatch)}{mismatch.message}: {expected}, got {mismatch.actual}"


# The checks whose mismatches stand at a place in the content, and the kinds of these.
_IN_CONTENT = ("body", "schema", "shape")
_OF_CONTENT: tuple[MismatchKind, ...] = (
    "missing",
    "unexpected",
    "undescribed",
    "type",
    "value",
    "enum",
    "format",
    "constraint",
    "not-json",
)


def place_of(mismatch: Mismatch) -> str:
    """What goes before the message of a mismatch: its place in the answer, where it is about one."""
    if mismatch.pointer:
        return f"{mismatch.pointer} " if mismatch.pointer.startswith("/") else f"{mismatch.pointer}: "
    is_whole = mismatch.kind in _OF_CONTENT and not (mismatch.check == "openapi" and mismatch.kind == "missing")
    return "the body " if is_whole else ""


def contract_failure(
    mismatches: Sequence[Mismatch], step: Step, *, name_step: bool, reason: str = "", sent: str = ""
) -> ContractFailure:
    """The failure of a step whose answer is not the documented one.

    ``reason`` is why that is likely so, ``sent`` what was sent in words.
    """
    context = f"step {step.id}: " if name_step else f"sent {sent}: " if sent else ""
    location = mismatches[0].location or step.location
    return ContractFailure(verdict_of(mismatches, reason), location=location, mismatches=mismatches, context=context)

"""What a doc expects and can hardly mean: expectations that check nothing, or that cannot fail."""

from __future__ import annotations

from collections.abc import Iterator, Set

from pytest_endpoint_docs.loading.documented import line_of_part
from pytest_endpoint_docs.model.body import SUCCESSES, DerivedCase, DocBody, Expectation, Step
from pytest_endpoint_docs.model.header_fields import media_type_in
from pytest_endpoint_docs.model.source import Finding, JSONValue, Severity, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.pointers import join_pointer

_PATH_STARTS = ("$.", "$[")
_EMPTY_LIST = ("[]", "a list", "maxItems")
_EMPTY_OBJECT = ("{}", "an object", "maxProperties")


def suspicions(body: DocBody, *, wrong: Set[str]) -> Iterator[Finding]:
    """Warnings about what a doc expects. Of the cases in ``wrong`` something is told already."""
    for main in body.requests:
        if main.subject is not None:
            yield from _Expected(of=main.subject).findings()
            yield from _json_as_other(main.subject)
    yield from _unused_example(body)
    for case in body.cases:
        if case.id in wrong:
            continue
        if not case.changes and case.expect == Expectation(location=case.expect.location):
            message = "the case changes nothing and expects nothing of its own."
            yield Finding(
                code="empty-case",
                message=message,
                location=case.location,
                severity=Severity.WARNING,
                case_id=case.id,
            )
        yield from _Expected(of=case).findings()


def _unused_example(body: DocBody) -> Iterator[Finding]:
    """A warning if nothing expects the status code of any success example: no answer is compared with them."""
    if body.response_schema or not body.examples:
        return
    expected = [main.subject.expect for main in body.requests if main.subject is not None]
    shown = [example for example in body.examples if not example.is_error]
    if not expected or not shown:
        return
    codes = {code for expect in (*expected, *(case.expect for case in body.cases)) for code in expect.accepted}
    if all(example.status in SUCCESSES and example.status not in codes for example in shown):
        message = (
            f"the example is for status {shown[0].status}, but the doc expects {' or '.join(map(str, sorted(codes)))}: "
            "it is compared with no answer."
        )
        location = shown[0].location
        yield Finding(code="unused-example", message=message, location=location, severity=Severity.WARNING)


def _json_as_other(step: Step) -> Iterator[Finding]:
    """A warning where a body is sent as JSON and declared as something else, unless that is to be refused."""
    request = step.request
    if request.content_type != "json" or not request.has_body or step.expect.is_refusal:
        return
    media_type = media_type_in(request.headers)
    if media_type and "json" not in media_type:
        message = (
            f"the body is sent as JSON, but its Content-Type says {media_type}: write it as text (`body: |`)"
            " if it is no JSON."
        )
        location = line_of_part(step, "/headers")
        yield Finding(code="json-as-other", message=message, location=location, severity=Severity.WARNING)


@value_class
class _Expected:
    """The expectation of a main request, or of a case."""

    of: Step | DerivedCase

    def findings(self) -> Iterator[Finding]:
        expect = self.of.expect
        is_mixed = len(expect.statuses) > 1 and min(expect.statuses) < 400 <= max(expect.statuses)
        if is_mixed and expect.status_location is None:
            codes = ", ".join(map(str, expect.statuses))
            message = (
                f"`expect.status` accepts both a success and an error ({codes}): "
                "write an entry of `Cases` for the error."
            )
            yield self._finding("mixed-statuses", message, "/expect/status")
        for pointer, name, value in _places(expect.body, "/expect/body") if expect.has_body else ():
            if name.startswith(_PATH_STARTS):
                message = (
                    f"`{name}` in `expect.body` is taken for the name of a member, not for a path. "
                    "To expect something further inside, write the objects around it: `data: {id: 7}`."
                )
                yield self._finding("path-in-body", message, pointer)
            if value in ([], {}) and not isinstance(value, bool):
                written, what, exact = _EMPTY_LIST if isinstance(value, list) else _EMPTY_OBJECT
                message = (
                    f"`{written}` in `expect.body` says that there is {what}, whatever is in it. "
                    f"If it must be empty, write `{exact}: 0` in `expect.schema`."
                )
                yield self._finding("empty-in-body", message, pointer)

    def _finding(self, code: str, message: str, pointer: str) -> Finding:
        case_id = self.of.id if isinstance(self.of, DerivedCase) else None
        location = self._at(pointer)
        return Finding(code=code, message=message, location=location, severity=Severity.WARNING, case_id=case_id)

    def _at(self, pointer: str) -> SourceLocation:
        return self.of.source.at(self.of.pointer + pointer) if self.of.source else self.of.location


def _places(value: JSONValue, pointer: str, name: str = "") -> Iterator[tuple[str, str, JSONValue]]:
    """Each value in a value: its place, the name of the member that it is, if it is one, and itself."""
    yield pointer, name, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _places(member, join_pointer(pointer, key), key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, join_pointer(pointer, index))

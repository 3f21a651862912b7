"""What a doc says and can hardly mean: placeholders that are sent as they stand, expectations that check nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from pytest_endpoint_docs.model.body import DerivedCase, DocBody, Expectation, Step
from pytest_endpoint_docs.model.source import Finding, JSONValue, Severity, SourceBlock, SourceLocation
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.variables.builtin import BUILTIN_NAMES

_SINGLE_BRACES = re.compile(r"(?<![{$\\])\{(?P<name>[A-Za-z_][\w.]*)\}(?!\})")
_TO_REPLACE = re.compile(
    r"<\s*(?i:your|my|insert|enter|replace|put|some|any)\b[^<>\n]*>|<[A-Z][A-Z0-9]*[_ -][A-Z0-9_ -]*>"
    r"|\bYOUR_[A-Z0-9_]+\b|\b(?:REPLACE|CHANGE)_?ME\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A request and its expectation where they are written: at ``pointer`` of ``source``."""

    expect: Expectation
    values: tuple[tuple[str, JSONValue], ...]
    source: SourceBlock | None
    pointer: str
    location: SourceLocation
    is_tested: bool
    case_id: str | None = None

    def at(self, pointer: str) -> SourceLocation:
        return self.source.at(self.pointer + pointer) if self.source else self.location


def suspicions(body: DocBody, *, wrong: Set[str]) -> Iterator[Finding]:
    """Warnings about what a doc sends and expects; an error for a placeholder that is the name of a known variable.

    Of the cases in ``wrong`` something is told already.
    """
    known = {*BUILTIN_NAMES, *(row.field for row in body.resolutions), *_extracted(body)}
    for said in _said(body):
        yield from _placeholders(said, known)
        if said.is_tested and said.case_id not in wrong:
            yield from _expectations(said)


def _extracted(body: DocBody) -> Iterator[str]:
    steps = (*body.prerequisites, *(step for main in body.requests for step in main.steps))
    yield from (extract.name for step in steps for extract in step.extracts)


def _said(body: DocBody) -> Iterator[_Said]:
    yield from (_of_step(step, is_tested=False) for step in (*body.prerequisites, *body.cleanup))
    for main in body.requests:
        yield from (_of_step(step, is_tested=step is main.subject) for step in main.steps)
    for case in body.cases:
        yield from (_of_step(step, is_tested=False, case_id=case.id) for step in case.steps)
        yield _of_case(case)


def _of_step(step: Step, *, is_tested: bool, case_id: str | None = None) -> _Said:
    request = step.request
    # The parameters have another name in each dialect.
    at = step.source.at if step.source else None
    has_query = at is not None and at(f"{step.pointer}/query") != at(step.pointer)
    values = {
        "/query" if has_query else "/params": request.params,
        "/headers": request.headers,
        "/body": request.body,
        "/form_fields": request.form_fields,
    }
    return _Said(
        expect=step.expect,
        values=tuple((part, _plain(value)) for part, value in values.items()),
        source=step.source,
        pointer=step.pointer,
        location=step.location,
        is_tested=is_tested,
        case_id=case_id,
    )


def _of_case(case: DerivedCase) -> _Said:
    values = tuple((change.place.removeprefix(case.pointer), change.value) for change in case.changes if change.place)
    return _Said(
        expect=case.expect,
        values=values,
        source=case.source,
        pointer=case.pointer,
        location=case.location,
        is_tested=True,
        case_id=case.id,
    )


def _plain(value: object) -> JSONValue:
    return dict(value) if isinstance(value, Mapping) else value  # type: ignore[return-value]


def _texts(value: JSONValue, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _texts(member, join_pointer(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, join_pointer(pointer, index))


def _placeholders(said: _Said, known: Set[str]) -> Iterator[Finding]:
    for part, value in said.values:
        for pointer, text in _texts(value, part):
            single, angle = _SINGLE_BRACES.search(text), _TO_REPLACE.search(text)
            if single and single["name"] in known:
                message = f"`{single[0]}` is sent as it stands: write `{{{single[0]}}}` for the variable."
                yield _finding("literal-placeholder", message, said, pointer, Severity.ERROR)
            elif single or angle:
                written = (single or angle)[0]  # type: ignore[index]
                message = (
                    f"`{written}` is sent as it stands: if it is to be replaced, write a variable (`{{{{name}}}}`)."
                )
                yield _finding("literal-placeholder", message, said, pointer)


def _expectations(said: _Said) -> Iterator[Finding]:
    expect = said.expect
    if said.case_id and not said.values and expect == Expectation(location=expect.location):
        yield _finding("empty-case", "the case changes nothing and expects nothing of its own.", said, "")
    successes = [status for status in expect.statuses if status < 400]
    errors = [status for status in expect.statuses if status >= 400]
    if successes and errors and expect.status_location is None:
        codes = ", ".join(map(str, expect.statuses))
        message = (
            f"`expect.status` accepts both a success and an error ({codes}): write an entry of `Cases` for the error."
        )
        yield _finding("mixed-statuses", message, said, "/expect/status")
    for pointer, written in _empty(expect.body, "/expect/body") if expect.has_body else ():
        what, exact = ("a list", "maxItems") if written == "[]" else ("an object", "maxProperties")
        message = (
            f"`{written}` in `expect.body` says that there is {what}, whatever is in it. "
            f"If it must be empty, write `{exact}: 0` in `expect.schema`."
        )
        yield _finding("empty-in-body", message, said, pointer)


def _empty(value: JSONValue, pointer: str) -> Iterator[tuple[str, str]]:
    if value in ([], {}) and not isinstance(value, bool):
        yield pointer, "[]" if isinstance(value, list) else "{}"
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _empty(member, join_pointer(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _empty(item, join_pointer(pointer, index))


def _finding(code: str, message: str, said: _Said, pointer: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(code=code, message=message, location=said.at(pointer), severity=severity, case_id=said.case_id)

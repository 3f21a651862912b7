"""Obtaining the values of ``UID Resolution`` rows while a case runs, each when it is first needed."""

from __future__ import annotations

import json
from collections.abc import Callable

from pytest_endpoint_docs.errors import MethodNotAllowed, PrerequisiteFailed
from pytest_endpoint_docs.execution.build import build_request
from pytest_endpoint_docs.execution.case_variables import CaseVariables, Within
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.execution.kept_answers import kept_or_sent
from pytest_endpoint_docs.execution.leftovers import CaseJournal
from pytest_endpoint_docs.execution.row_calls import Call, cleanup_template
from pytest_endpoint_docs.model.body import Expectation, Phase, RequestTemplate, Resolution, Step
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.exchange import Exchange, Request, Response
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.variables.extraction import NOTHING, Selected, parse_expression
from pytest_endpoint_docs.variables.near_paths import what_there_is
from pytest_endpoint_docs.variables.scopes import last_segment

_GONE = (404, 410)
_WRAPPERS = frozenset(["data", "result", "response"])


@value_class
class Created:
    """Something that a row's request created: ``value`` names it to the row's cleanup."""

    row: Resolution
    value: JSONValue


class RowResolver:
    """Sends the requests that give the values of one case's rows.

    Rows that share a request share its answer; but of a request that creates, every row that extracts the same path
    gets its own. ``created`` is what is to be cleaned up.
    """

    def __init__(
        self,
        doc: EndpointDoc,
        context: RunContext,
        variables: CaseVariables,
        *,
        calls: Callable[[Resolution], tuple[Call, ...]],
        send: Callable[[Step, Request], Exchange],
        journal: CaseJournal,
    ) -> None:
        self.created: list[Created] = []
        self._doc = doc
        self._context = context
        self._variables = variables
        self._calls = calls
        self._send = send
        self._journal = journal
        self._values: dict[str, JSONValue] = {}
        self._answers: dict[str, Response] = {}
        self._extracted: set[tuple[str, str]] = set()

    def value(self, row: Resolution, within: Within) -> JSONValue:
        """The value of a row; ``within`` names the rows that need it.

        Raises: ``PrerequisiteFailed`` that says what each request answered; ``RequestError`` where there was no answer.
        """
        if row.field not in self._values:
            self._values[row.field] = self._called(row, (*within, row.field))
        return self._values[row.field]

    def clean_up(self, created: Created) -> None:
        """Remove what a row created; that it is gone already is fine.

        Raises: ``PrerequisiteFailed`` with what the request answered, ``RequestError``, ``UndefinedVariable``.
        """
        row = created.row
        assert row.cleanup is not None
        template = cleanup_template(row, row.cleanup, self._doc)
        step = _step(row, template, f"clean up {row.field}", phase="cleanup")
        lookup = self._variables.lookup(step, last_in_path=created.value)
        response = self._send(step, build_request(template, lookup, self._context.environment)).response
        if not response.is_success and response.status_code not in _GONE:
            raise PrerequisiteFailed(
                f"{template.method} {template.path} answered {response.status}",
                location=row.location,
                context=f"cleanup failed: step {step.id}: ",
            )

    def _called(self, row: Resolution, within: Within) -> JSONValue:
        failures: list[str] = []
        forbidden: MethodNotAllowed | None = None
        for call in self._calls(row):
            try:
                response = self._answer(row, call, within)
            except MethodNotAllowed as error:
                forbidden = error
                failures.append(error.message)
                continue
            value, failure, hint = _selected(row, response)
            if value is not NOTHING:
                if call.creates and row.cleanup:
                    self._note_created(row, value)
                return value
            if call.creates and row.create_fresh and response.is_success:
                raise self._unreadable(row, call, response, failure)
            failures.append(f"{call.template.method} {call.template.path} {failure}{hint}")
        if forbidden and len(failures) == 1:
            raise forbidden
        raise PrerequisiteFailed(
            f"UID resolution of {row.field}: {'; '.join(failures) or 'it names no endpoint'}",
            location=row.location,
        )

    def _note_created(self, row: Resolution, value: JSONValue) -> None:
        self.created.append(Created(row=row, value=value))
        self._journal.knows(created={row.field: value})

    def _unreadable(self, row: Resolution, call: Call, response: Response, failure: str) -> PrerequisiteFailed:
        """The failure of a creation whose answer does not give the row's value; what it created is to be cleaned up."""
        template = call.template
        found = _created_ids(row, template.path, response)
        there = f"; there is {' and '.join(found)}" if found else ""
        left = ""
        if row.cleanup and len(found) == 1:
            self._note_created(row, next(iter(found.values())))
        elif row.cleanup:
            left = ", and it is not cleaned up, as its id is not known"
        return PrerequisiteFailed(
            f"UID resolution of {row.field}: {template.method} {template.path} {failure}{there}."
            f" It created something ({response.status}): no other entity is taken in its place{left}",
            location=row.location,
        )

    def _answer(self, row: Resolution, call: Call, within: Within) -> Response:
        template = call.template
        key = json.dumps(
            [template.method, template.path, template.params, template.body, template.token], sort_keys=True
        )
        path = row.extract_from or ""
        if key not in self._answers or (call.creates and (key, path) in self._extracted):
            step = _step(row, template, f"resolve {row.field}", phase="resolution")
            lookup = self._variables.lookup(step, within=within)
            request = build_request(template, lookup, self._context.environment)
            self._answers[key] = self._kept_or_sent(call, request, step)
        self._extracted.add((key, path))
        return self._answers[key]

    def _kept_or_sent(self, call: Call, request: Request, step: Step) -> Response:
        def send() -> Response:
            return self._send(step, request).response

        for_consent = any(row.kind == "authorization" for row in self._variables.rows.rows)
        if self._context.kept is None or not (for_consent and call.creates):
            return send()
        return kept_or_sent(self._context.kept, step, request, send, self._context.redactor)


def _selected(row: Resolution, response: Response) -> tuple[Selected, str, str]:
    """What a row extracts from an answer, or why it extracts nothing, and what the answer has instead."""
    if not response.is_success:
        not_followed = f"; {response.not_followed}" if response.not_followed else ""
        return NOTHING, f"answered {response.status}{not_followed}", ""
    content, is_json = response.as_json()
    if not is_json:
        return NOTHING, f"answered with {response.not_json()}, not JSON", ""
    try:
        selected = parse_expression(row.extract_from or "$").first(content)
    except ValueError as error:
        return NOTHING, f"cannot be read: {error}", ""
    if selected is None:
        return NOTHING, f"answered, and {row.extract_from} selected null", ""
    if selected is NOTHING:
        hint = what_there_is(row.extract_from or "$", content)
        return NOTHING, f"answered, and {row.extract_from} selected nothing", hint
    return selected, "", ""


def _created_ids(row: Resolution, path: str, response: Response) -> dict[str, JSONValue]:
    """The ids of what was created, by their paths: members that are called as the row's path ends.

    Only objects around them count that are a wrapper, or have the name of what the request's path creates.
    """
    content, is_json = response.as_json()
    names = {*_WRAPPERS, path.partition("?")[0].rstrip("/").rpartition("/")[2].lower()}
    names |= {name.removesuffix("s") for name in names}
    found: dict[str, JSONValue] = {}

    def look(value: JSONValue, way: str) -> None:
        for key, below in value.items() if isinstance(value, dict) else ():
            if key == last_segment(row.extract_from or "") and isinstance(below, (str, int)):
                found[f"{way}{key}"] = below
            elif key.lower() in names:
                look(below, f"{way}{key}.")

    if is_json:
        look(content, "")
    return found


def _step(row: Resolution, template: RequestTemplate, name: str, *, phase: Phase) -> Step:
    return Step(
        id=name,
        phase=phase,
        location=row.location,
        request=template,
        expect=Expectation(location=row.location),
    )

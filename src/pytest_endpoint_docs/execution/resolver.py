"""Obtaining the values of ``UID Resolution`` rows while a case runs, each when it is first needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_endpoint_docs.checks.standard import named
from pytest_endpoint_docs.checks.values import content_of, not_json
from pytest_endpoint_docs.errors import MethodNotAllowed, PrerequisiteFailed, UndefinedVariable
from pytest_endpoint_docs.execution.build import Asked, Lookups, build_request
from pytest_endpoint_docs.execution.case_scope import CaseScope, Undefined
from pytest_endpoint_docs.execution.row_calls import Call, cleanup_template
from pytest_endpoint_docs.execution.sender import Sender
from pytest_endpoint_docs.execution.uses import Use, location_of, uses_of
from pytest_endpoint_docs.model.body import Expectation, RequestTemplate, Resolution, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import Request, Response
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.extraction import NOTHING, Selected, parse_expression
from pytest_endpoint_docs.variables.template import Lookup, Reference, path_references, references, render

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext

CallsOf: TypeAlias = Callable[[Resolution], tuple[Call, ...]]
_GONE = (404, 410)
_CONFLICT = 409


class _NotKept(Exception):
    """An answer that is not worth keeping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """Something that a row's request created: ``value`` names it to the row's cleanup."""

    row: Resolution
    value: JSONValue


class Resolver:
    """Fills in the variables of one case's requests, and obtains what they need.

    Rows that share a request share its answer; but of a request that creates, every row that extracts the same path
    gets its own. ``created`` is what is to be cleaned up.
    """

    def __init__(
        self, case: ContractCase, context: RunContext, scope: CaseScope, sender: Sender, calls: CallsOf, main: Step
    ) -> None:
        self.created: list[Created] = []
        self._case = case
        self._context = context
        self._scope = scope
        self._sender = sender
        self._calls = calls
        self._main = main
        self._values: dict[str, JSONValue] = {}
        self._answers: dict[str, Response] = {}
        self._extracted: set[tuple[str, str]] = set()

    def lookups(
        self, template: RequestTemplate, step: Step, *, within: tuple[str, ...] = (), own: JSONValue = None
    ) -> Lookups:
        """The variables for each part of a request; ``within`` names the rows whose resolution it belongs to.

        Raises, when used: ``UndefinedVariable`` at the variable's line, ``PrerequisiteFailed`` where a row cannot be
        resolved.
        """
        uses = {(use.field, use.reference): use for use in uses_of(template)}
        # What a cleanup path names last is what was created, whatever else has that name.
        last = path_references(template.path)[-1:] if own is not None else ()

        def for_field(field: str) -> Lookup:
            def lookup(reference: Reference) -> JSONValue:
                if field == "path" and reference in last:
                    return own
                use = uses.get((field, reference)) or Use(reference=reference, field=field)
                return self._value_of(use, step, within)

            return lookup

        return for_field

    def _value_of(self, use: Use, step: Step, within: tuple[str, ...]) -> JSONValue:
        consent = self._context.consent
        if consent is not None and consent.defines(use.name):
            return consent.value(use.name, self._case, self.client(within))
        try:
            value = self._scope.value(use, step, lambda row: self.value(row, within), without=within)
            if use.field == "path" and (value in (None, "") or isinstance(value, (list, dict))):
                raise Undefined(f"its value is {json.dumps(value)[:60]}, which cannot stand in a path")
        except Undefined as error:
            raise UndefinedVariable(
                f"undefined variable {use.reference.text} in step {step.id}: {error.reason}",
                location=location_of(use, step),
            ) from error
        return value

    def value(self, row: Resolution, within: tuple[str, ...] = ()) -> JSONValue:
        """The value of a row.

        Raises: ``PrerequisiteFailed`` that says what each request answered; ``RequestError`` where there was no answer.
        """
        if row.field not in self._values:
            within = (*within, row.field)
            if row.kind == "authorization":
                return self._code(within)  # single-use, so never kept
            self._values[row.field] = self._called(row, within)
        return self._values[row.field]

    def client(self, within: tuple[str, ...]) -> DocClient:
        """The OAuth client that the doc speaks of; ``within`` names the rows that are being resolved."""
        return DocClient(self, self._main, within)

    def value_by_name(self, name: str, within: tuple[str, ...]) -> JSONValue:
        """The value of the row that a name means; ``None`` where there is none, or it is being resolved."""
        row = self._scope.rows.named(name)
        return None if row is None or row.field in within else self.value(row, within)

    def _called(self, row: Resolution, within: tuple[str, ...]) -> JSONValue:
        failures: list[str] = []
        forbidden: MethodNotAllowed | None = None
        for call in self._calls(row):
            try:
                response = self._answer(row, call, within)
            except MethodNotAllowed as error:
                forbidden = error
                failures.append(error.message)
                continue
            value, failure = _selected(row, response)
            if value is not NOTHING:
                if call.creates and row.cleanup:
                    self.created.append(Created(row=row, value=value))
                return value
            failures.append(f"{call.template.method} {call.template.path} {failure}")
        if forbidden and len(failures) == 1:
            raise forbidden
        raise PrerequisiteFailed(
            f"prerequisite failed: UID resolution of {row.field}: {'; '.join(failures) or 'it names no endpoint'}",
            location=row.location,
        )

    def _answer(self, row: Resolution, call: Call, within: tuple[str, ...]) -> Response:
        key = json.dumps(
            [call.template.method, call.template.path, call.template.params, call.template.body, call.template.token],
            sort_keys=True,
        )
        path = row.extract_from or ""
        if key not in self._answers or (call.creates and (key, path) in self._extracted):
            step = _step(row, call.template, f"resolve {row.field}")
            asked = Asked(fallback=self._case.doc.use_fallback_api or call.use_fallback)
            lookups = self.lookups(call.template, step, within=within)
            request = build_request(call.template, lookups, self._context.environment, asked)
            self._answers[key] = self._kept_or_sent(call, request, step)
        self._extracted.add((key, path))
        return self._answers[key]

    def _kept_or_sent(self, call: Call, request: Request, step: Step) -> Response:
        def send() -> Response:
            response = self._sender.send(step, request).response
            assert response is not None
            return response

        for_consent = any(row.kind == "authorization" for row in self._scope.rows.rows)
        if self._context.kept is None or not (for_consent and call.creates):
            return send()
        sent: list[Response] = []

        def create() -> JSONValue:
            sent.append(send())
            if sent[0].status_code == _CONFLICT:
                raise _exists_already(call, step, sent[0])
            content, is_json = content_of(sent[0])
            if not is_json or not sent[0].is_success:
                raise _NotKept
            return content

        # Not the whole body: a name with a timestamp in it would make another app in every run.
        redirect_uri = request.body.get("redirect_uri") if isinstance(request.body, dict) else None
        key = f"{request.method} {request.url} {redirect_uri or ''}".strip()
        try:
            content = self._context.kept.answer(key, create)
        except _NotKept:
            return sent[0]
        self._context.redactor.learn(content)
        return sent[0] if sent else Response(status_code=200, content=json.dumps(content).encode())

    def _code(self, within: tuple[str, ...]) -> str:
        consent = self._context.consent
        if consent is None:
            raise Undefined("its row of UID Resolution needs a consent")
        return consent.value("oauth.code", self._case, self.client(within))

    def clean_up(self, created: Created) -> None:
        """Remove what a row created; that it is gone already is fine.

        Raises: ``PrerequisiteFailed`` with what the request answered, ``RequestError``, ``UndefinedVariable``.
        """
        row = created.row
        assert row.cleanup is not None
        template = cleanup_template(row, row.cleanup)
        step = replace(
            _step(row, template, f"clean up {row.field}"),
            phase="cleanup",
            expect=Expectation(location=row.location, statuses=_GONE, status_classes=(2,)),
        )
        lookups = self.lookups(template, step, own=created.value)
        asked = Asked(fallback=self._case.doc.use_fallback_api)
        request = build_request(template, lookups, self._context.environment, asked)
        response = self._sender.send(step, request).response
        assert response is not None
        if not step.expect.accepts(response.status_code):
            raise PrerequisiteFailed(
                f"cleanup failed: step {step.id}: {template.method} {template.path} answered"
                f" {named(response.status_code, response.reason)}",
                location=row.location,
            )


@dataclass(frozen=True, slots=True)
class DocClient:
    """The OAuth client that a case's doc speaks of: rows of UID resolution, and the body of its main request."""

    resolver: Resolver
    main: Step
    within: tuple[str, ...]

    @property
    def sends_verifier(self) -> bool:
        """Whether the main request has a place for a PKCE verifier."""
        return "code_verifier" in self._body or any(
            use.name == "oauth.code_verifier" for use in uses_of(self.main.request)
        )

    def client_id(self) -> str | None:
        """From its row, else as the main request sends it."""
        return self._of_row_or_body("client_id")

    def client_secret(self) -> str | None:
        """From its row, else as the main request sends it."""
        return self._of_row_or_body("client_secret")

    def redirect_uri(self) -> str | None:
        """As the main request sends it."""
        return self._of_row_or_body("redirect_uri")

    @property
    def _body(self) -> Mapping[str, JSONValue]:
        body = self.main.request.body
        return body if isinstance(body, dict) else {}

    def _of_row_or_body(self, name: str) -> str | None:
        value = self.resolver.value_by_name(name, self.within)
        written = self._body.get(name)
        asks_consent = any(reference.name.startswith("oauth.") for reference in references(written))
        if value is None and isinstance(written, str) and not asks_consent:
            lookups = self.resolver.lookups(self.main.request, self.main, within=self.within)
            value = render({name: written}, lookups("body"))[name]  # type: ignore[index,call-overload]
        return None if value is None else str(value)


def _selected(row: Resolution, response: Response) -> tuple[Selected, str]:
    """What a row extracts from an answer, or why it extracts nothing."""
    if not response.is_success:
        return NOTHING, f"answered {named(response.status_code, response.reason)}"
    content, is_json = content_of(response)
    if not is_json:
        return NOTHING, f"answered with {not_json(response)}, not JSON"
    try:
        selected = parse_expression(row.extract_from or "$").first(content)
    except ValueError as error:
        return NOTHING, f"cannot be read: {error}"
    if selected is NOTHING or selected is None:
        return NOTHING, f"answered, and {row.extract_from} selected {'null' if selected is None else 'nothing'}"
    return selected, ""


def _exists_already(call: Call, step: Step, response: Response) -> PrerequisiteFailed:
    return PrerequisiteFailed(
        f"prerequisite failed: UID resolution of {step.id.removeprefix('resolve ')}: {call.template.method}"
        f" {call.template.path} answered {named(response.status_code, response.reason)}: it exists already, and its"
        " secret is shown only once, to whoever created it. Delete it on the server, change its name in the doc, or"
        " give the environment's oauth block its client_id and client_secret",
        location=step.location,
    )


def _step(row: Resolution, template: RequestTemplate, name: str) -> Step:
    return Step(
        id=name,
        phase="resolution",
        location=row.location,
        request=template,
        expect=Expectation(location=row.location),
    )

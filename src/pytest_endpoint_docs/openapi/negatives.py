"""Negative cases that follow from a doc and its description: what must be refused, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest

from pytest_endpoint_docs.errors import TemplateError
from pytest_endpoint_docs.loading.changes import derived_step
from pytest_endpoint_docs.loading.documented import documented_requests
from pytest_endpoint_docs.model.body import Change, DerivedCase, DocBody, Expectation, RequestTemplate, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import is_success
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.matching import PathPattern, split_path
from pytest_endpoint_docs.openapi.negative_attempts import (
    REFUSALS,
    Attempt,
    body_attempts,
    id_attempts,
    method_attempts,
    parameter_attempts,
)
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_differences import request_differences
from pytest_endpoint_docs.openapi.request_parts import template_parts
from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import listed

MAX_NEGATIVES = 25


@value_class
class Negatives:
    """The negative cases of a main request, and ``(id, why)`` of those that something speaks against."""

    cases: tuple[DerivedCase, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def derive_negatives(
    case: ContractCase,
    body: DocBody,
    operation: Operation | None = None,
    *,
    tokens: Iterable[str] = (),
    default_token: str | None = None,
    limit: int = MAX_NEGATIVES,
    validators: SchemaValidators | None = None,
) -> Negatives:
    """Cases that the server must refuse, in a fixed order and with fixed ids, at most ``limit``.

    What the description refuses: properties, query parameters and header fields that are left out, of another type, not
    a described member or past a limit, undescribed properties, another content type; and what every server refuses:
    text that is not JSON, no credentials or those of a kind that the doc does not list (``tokens`` are the
    environment's), an unknown id in the path, a method that the path does not have. What a request of the doc shows to
    pass is not derived, and what a case of the doc sends is left to it. Expected is any status that fits the refusal.
    Where there are more than ``limit``, every kind keeps its share. ``validators`` are those of the descriptions.
    """
    index = case.outline.request_index
    step = body.requests[index].subject if case.outline.case_id is None and index < len(body.requests) else None
    if step is None:
        return Negatives()
    derivation = _Derivation(
        case, body, step, operation, tuple(tokens), default_token, validators or SchemaValidators()
    )
    kinds = [[found for attempt in kind if (found := derivation.derived(attempt))] for kind in derivation.attempts()]
    # Round robin: a body of forty properties must not push out the one case about credentials.
    in_turn = {found.id: None for round_ in zip_longest(*kinds) for found in round_ if found is not None}
    kept = set(islice(in_turn, limit))
    unique = {found.id: found for kind in kinds for found in kind}
    left_out = dict(derivation.left_out) | dict.fromkeys(
        (name for name in unique if name not in kept), f"no more than {limit} are derived from a request"
    )
    return Negatives(
        cases=tuple(found for name, found in unique.items() if name in kept), left_out=tuple(left_out.items())
    )


@dataclass(slots=True, eq=False)
class _Derivation:
    case: ContractCase
    body: DocBody
    step: Step
    operation: Operation | None
    tokens: tuple[str, ...]
    default_token: str | None
    validators: SchemaValidators
    left_out: dict[str, str] = field(default_factory=dict)
    redactor: Redactor = field(default_factory=Redactor)
    documented: list[Step] = field(init=False)
    own: set[tuple[str, str]] = field(init=False)
    accepted: dict[tuple[str, str], str] = field(init=False)

    def __post_init__(self) -> None:
        endpoint = self.case.doc.endpoint
        pattern = PathPattern.of(endpoint.path)
        of_endpoint = [
            documented.step
            for documented in documented_requests(self.body)
            if documented.step.request.method == endpoint.method
            and pattern.matches(split_path(documented.step.request.path)[0])
        ]
        self.documented = [step for step in of_endpoint if step.phase == "case"]
        self.own = self._differences(self.step.request)
        passing = [step for step in of_endpoint if not step.expect.is_refusal]
        # What passes although the description refuses it shows that the description is wrong there.
        self.accepted = {
            difference: step.id for step in reversed(passing) for difference in self._differences(step.request)
        }

    def attempts(self) -> Iterator[Sequence[Attempt]]:
        """All candidates, by kind."""
        request, operation = self.step.request, self.operation
        # What is redirected or refused anyhow may not be looked at.
        if operation is not None and any(map(is_success, self.step.expect.accepted)):
            yield from body_attempts(request, operation)
            yield from parameter_attempts(request, operation)
        yield list(self._credentials())
        yield list(self._unknown_ids())
        if operation is not None:
            yield list(method_attempts(request, _described_methods(operation)))

    def derived(self, attempt: Attempt) -> DerivedCase | None:
        """The case of a candidate; ``None`` where nothing says that it must be refused, or the doc says otherwise."""
        derived = self._case(attempt)
        try:
            request = derived_step(self.step, derived).request
        except TemplateError:
            return None
        for step in self.documented:
            if _is_same(step.request, request):
                self.left_out[derived.id] = f"the doc's case {step.id!r} sends it"
                return None
        if attempt.is_certain:
            return derived
        new = self._differences(request) - self.own
        if not new:
            return None
        shown = next((self.accepted[difference] for difference in sorted(new) if difference in self.accepted), None)
        if shown is not None:
            self.left_out[derived.id] = f"the doc's {shown!r} passes with it"
            return None
        return derived

    def _credentials(self) -> Iterator[Attempt]:
        token, allowed = self.step.request.token, self.case.doc.tokens
        security = self.operation.security if self.operation is not None else "unsaid"
        if token == "none" or security == "none":
            why = "the doc sends none" if token == "none" else "the description says that none are needed"
            self.left_out["negative-no-credentials"] = why
            return
        if self.operation is not None and security == "unsaid" and not allowed:
            self.left_out["negative-no-credentials"] = (
                "neither the description's 'security' nor the doc's 'tokens' say that some are needed"
            )
            return
        yield Attempt(
            name="no-credentials",
            words="without credentials",
            changes={"/token": "none"},
            refused="credentials",
            is_certain=True,
        )
        sent = token or self.default_token
        wrong = next((kind for kind in sorted(self.tokens) if kind not in allowed and kind != sent), None)
        if allowed and wrong is not None:
            yield Attempt(
                name=f"token-{wrong.lower()}",
                words=f"with a token of kind {wrong}, but the doc lists {listed(allowed, len(allowed))}",
                changes={"/token": wrong},
                refused="credentials",
                is_certain=True,
            )
        elif allowed:
            self.left_out["negative-token"] = "the environment has no token of a kind that the doc does not list"

    def _unknown_ids(self) -> Iterator[Attempt]:
        """Unknown ids; not the last one of a PUT that may create what is not there (RFC 9110 section 9.3.4)."""
        attempts = list(id_attempts(self.step.request, self.case.doc.endpoint.path, self.operation))
        statuses = self.operation.responses if self.operation is not None else ()
        creates = self.step.request.method == "PUT" and (201 in self.step.expect.statuses or "201" in statuses)
        if creates and attempts and self.case.doc.endpoint.path.endswith("}"):
            self.left_out[f"negative-{attempts.pop().name}"] = "PUT creates what is not there: 201 is documented"
        yield from attempts

    def _differences(self, request: RequestTemplate) -> set[tuple[str, str]]:
        if self.operation is None:
            return set()
        parts = template_parts(request, self.operation, None)
        found = request_differences(self.operation, parts, self.validators, self.redactor)
        return {(difference.drift, difference.pointer) for difference in found}

    def _case(self, attempt: Attempt) -> DerivedCase:
        location = self.step.location
        return DerivedCase(
            id=f"negative-{attempt.name}",
            location=location,
            expect=Expectation(location=location, statuses=self._fitting(attempt)),
            description=attempt.words,
            changes=tuple(Change(pointer=pointer, value=value) for pointer, value in attempt.changes.items()),
            tags=("negative",),
        )

    def _fitting(self, attempt: Attempt) -> tuple[int, ...]:
        """The statuses that fit the refusal. Some services refuse credentials with 400 or 422, and say so."""
        fitting = set(REFUSALS[attempt.refused])
        if attempt.refused == "credentials":
            said = {example.status for example in self.body.examples if example.is_error}
            said |= {int(key) for key in (self.operation.responses if self.operation else ()) if key.isdecimal()}
            fitting |= {status for status in (400, 422) if status in said and not said & {401, 403}}
        return tuple(sorted(fitting))


def _is_same(one: RequestTemplate, other: RequestTemplate) -> bool:
    nowhere = SourceLocation("", 1)
    return replace(one, location=nowhere) == replace(other, location=nowhere)


def _described_methods(operation: Operation) -> frozenset[str]:
    item = operation.node.store.root_node(operation.node.document)
    for key in operation.node.pointer[:-1]:
        below = item.step(key)
        if below is None:
            return frozenset()
        item = below
    return frozenset(name.upper() for name, _ in item.children())

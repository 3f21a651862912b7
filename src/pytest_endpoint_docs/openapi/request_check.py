"""Requests held against the operation that describes them, before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal, TypeAlias

from pytest_endpoint_docs.loading.documented import is_deliberately_wrong, line_of_part
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import Mismatch
from pytest_endpoint_docs.openapi.description_policy import DescriptionPolicy
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_differences import request_differences
from pytest_endpoint_docs.openapi.request_parts import asks_on_behalf_of, parts_of
from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators
from pytest_endpoint_docs.redaction.redactor import Redactor

Severity: TypeAlias = Literal["fail", "warn"]


class RequestCheck:
    """For ``RunContext.request_check``: every difference between a request and its operation, at the doc's line.

    They are warnings, and failures where ``strict``; the policy says what of a request that is not tested. One instance
    serves a run.
    """

    def __init__(
        self,
        descriptions: Descriptions,
        redactor: Redactor,
        *,
        strict: bool = False,
        validators: SchemaValidators | None = None,
        default_token: str | None = None,
        policy: DescriptionPolicy | None = None,
    ) -> None:
        self._descriptions = descriptions
        self._redactor = redactor
        self._validators = validators or SchemaValidators()
        self._strict = strict
        self._default_token = default_token
        self._policy = policy or DescriptionPolicy()

    def __call__(self, case: ContractCase, step: Step, request: Request, *, is_tested: bool) -> tuple[Mismatch, ...]:
        """The differences, or that no description has the request.

        There are none where the doc expects the request to be refused as such, for it may be wrong on purpose.
        """
        if is_deliberately_wrong(step):
            return ()
        operation = self._descriptions.of_request(case.doc, request.method, step.request.path, sent_path=request.path)
        found = (
            self.mismatches(operation, request, token=step.request.token or self._default_token)
            if operation is not None
            else self._not_described(request.method, step.request.path, request.path)
        )
        severity: Severity = "fail" if self._strict else "warn"
        placed = (
            replace(mismatch, severity=severity, location=line_of_part(step, mismatch.pointer)) for mismatch in found
        )
        return tuple(self._policy.applied(placed, operation, is_tested=is_tested))

    def mismatches(self, operation: Operation, request: Request, *, token: str | None = None) -> Iterator[Mismatch]:
        """Every difference between a request and an operation; ``token`` is the request's kind of token."""
        parts = parts_of(request, token=token)
        for found in request_differences(operation, parts, self._validators, self._redactor):
            yield Mismatch(
                check="openapi-request",
                message=found.message,
                kind=found.kind,
                pointer=found.pointer,
                expected=found.expected,
                actual=found.actual,
                severity="warn",
                source=found.source,
            )

    def _not_described(self, method: str, path: str, sent_path: str) -> Iterator[Mismatch]:
        """That no description has a request; nothing is said where one may have it in a part that cannot be read."""
        methods = self._descriptions.methods(path) or self._descriptions.methods(sent_path)
        unread = self._descriptions.unread(path) or self._descriptions.unread(sent_path)
        if unread and not methods:
            yield Mismatch(
                check="openapi-request",
                message=unread[0].message,
                kind="unread",
                source=unread[0].source,
            )
            return
        near = self._descriptions.near(method, path)
        problems = self._descriptions.findings()
        hint = (
            f"; the path is described for {', '.join(methods)}"
            if methods
            else f"; did you mean {near[0]}?"
            if near
            else f"; {problems[0]}"
            if problems
            else ""
        )
        yield Mismatch(
            check="openapi-request",
            message=f"no API description has {method} {path}{hint}",
            kind="operation",
            expected="a described operation",
            actual=f"{method} {path}",
        )


def asks_by_description(descriptions: Descriptions, header: str) -> Callable[[ContractCase, Step], bool]:
    """For ``RunContext.operation_asks_on_behalf_of``: whether the operation of a step asks for the header field."""

    def asks(case: ContractCase, step: Step) -> bool:
        found = descriptions.of_request(case.doc, step.request.method, step.request.path)
        return found is not None and asks_on_behalf_of(found, header)

    return asks

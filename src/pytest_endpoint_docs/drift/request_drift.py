"""A doc's requests, those of its UID resolution too, against the operations that describe them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pytest_endpoint_docs.drift.builtin_values import with_builtins, with_variable
from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.documented import DocumentedRequest
from pytest_endpoint_docs.model.body import RequestTemplate, Resolution
from pytest_endpoint_docs.model.source import Endpoint, SourceLocation
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_differences import request_differences
from pytest_endpoint_docs.openapi.request_parts import template_parts


def request_findings(
    compared: Comparison, documented: DocumentedRequest, operation: Operation | None, own: Operation | None
) -> Iterator[DriftFinding]:
    """Every difference of a request from its ``operation``; ``own`` is the one of the doc's endpoint.

    A request that the doc expects to be refused as such has none, for it may be wrong on purpose.
    """
    step = documented.step
    if documented.is_deliberately_wrong:
        return
    if operation is None:
        # That the doc's own endpoint is not described is said of its head, once.
        if own is not None or not compared.is_of_endpoint(step.request):
            yield compared.not_described(
                step.request.method, step.request.path, documented.line_of("/path"), step=step.id, phase=step.phase
            )
        return
    yield from _differences(
        compared, step.request, operation, line_of=documented.line_of, step=step.id, phase=step.phase
    )


def resolution_findings(compared: Comparison, resolution: Resolution) -> Iterator[DriftFinding]:
    """Requests of a row of UID resolution that no description has, and differences of the body that creates."""
    for target in (resolution.create, resolution.source, resolution.fallback, resolution.cleanup):
        if target is not None and compared.operation(target.method, target.path) is None:
            yield compared.not_described(
                target.method, target.path, resolution.location, step=resolution.field, phase="resolution"
            )
    if resolution.create is not None and resolution.has_create_body:
        yield from _create_body(compared, resolution, resolution.create)


def _create_body(compared: Comparison, resolution: Resolution, create: Endpoint) -> Iterator[DriftFinding]:
    operation = compared.operation(create.method, create.path)
    if operation is None:
        return
    template = RequestTemplate(
        method=create.method,
        path=create.path,
        location=resolution.location,
        body=resolution.create_body,
        has_body=True,
        token=resolution.token,
    )
    found = _differences(
        compared,
        template,
        operation,
        line_of=lambda _part: resolution.location,
        step=resolution.field,
        phase="resolution",
    )
    # Of the request, a row has nothing but the body.
    yield from (difference for difference in found if difference.pointer.startswith("/body"))


def _differences(
    compared: Comparison,
    request: RequestTemplate,
    operation: Operation,
    *,
    line_of: Callable[[str], SourceLocation],
    step: str,
    phase: str,
) -> Iterator[DriftFinding]:
    """Every difference of a request from its operation, at the line of its part."""
    parts = template_parts(with_builtins(request, compared.builtins), operation, compared.environment)
    for difference in request_differences(operation, parts, compared.validators, compared.redactor):
        found = with_variable(difference, request, compared.builtins)
        yield compared.finding(
            found.drift,
            f"{operation}: {found.message}",
            line_of(found.pointer),
            operation=operation,
            pointer=found.pointer,
            expected=found.expected,
            actual=found.actual,
            source=found.source,
            step=step,
            phase=phase,
        )

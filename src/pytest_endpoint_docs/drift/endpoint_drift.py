"""A doc's head against the descriptions: its ``endpoint``, its ``swagger`` and what it says of deprecation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_endpoint_docs.drift.comparison import Comparison
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.loading.documented import line_of_part
from pytest_endpoint_docs.model.doc import DocStatus
from pytest_endpoint_docs.openapi.matching import differ_in_slash, split_path
from pytest_endpoint_docs.openapi.operations import Operation


def swagger_findings(compared: Comparison, own: Operation | None) -> Iterator[DriftFinding]:
    """What is wrong with ``swagger``; ``own`` is the operation that was found for the doc's endpoint."""
    doc = compared.doc
    source = own.source if own else None
    if not doc.swagger:
        where = f"; {own.description} has the operation" if own else ""
        yield compared.finding(
            "swagger-unset",
            f"no 'swagger' in the frontmatter{where}",
            doc.location,
            operation=doc.endpoint,
            source=source,
        )
        return
    target = compared.descriptions.resolve_swagger(doc.swagger)
    if target.code:
        where = f"; the operation is in {own.description}" if own else target.hint
        yield compared.finding(
            target.code,
            target.problem + where,
            doc.line_of("swagger"),
            operation=doc.endpoint,
            pointer=doc.swagger,
            source=source,
        )
    elif target.file is not None and (own is None or own.node.document.file != target.file):
        where = f"; {own.description} has it" if own else ""
        yield compared.finding(
            "swagger-without-operation",
            f"swagger: {doc.swagger} does not have {doc.endpoint.key}{where}",
            doc.line_of("swagger"),
            operation=doc.endpoint,
            source=source,
        )


def endpoint_findings(compared: Comparison, own: Operation | None) -> Iterator[DriftFinding]:
    """Where the endpoint, its main request and its operation ``own`` are not the same thing."""
    doc = compared.doc
    if own is None:
        yield compared.not_described(doc.endpoint.method, doc.endpoint.path, doc.line_of("endpoint"), phase="endpoint")
        return
    yield from _paths(compared, own)
    if own.deprecated and doc.status is not DocStatus.DEPRECATED:
        yield compared.finding(
            "operation-deprecated",
            f"{own} is deprecated in the description",
            doc.line_of("status"),
            operation=own,
            source=f"{own.source}/deprecated",
            phase="endpoint",
        )
    steps = [step for main in doc.body.requests for step in main.steps]
    if steps and not any(compared.is_of_endpoint(step.request) for step in steps):
        last = next(main.subject for main in doc.body.requests if main.subject)
        sent = f"{last.request.method} {last.request.path}"
        yield compared.finding(
            "request-not-the-endpoint",
            f"the main request goes to {sent}, but the doc is about {doc.endpoint.key}",
            line_of_part(last, "/path"),
            operation=own,
            expected=doc.endpoint.key,
            actual=sent,
            source=own.source,
            step=last.id,
            phase="main",
        )


def _paths(compared: Comparison, own: Operation) -> Iterator[DriftFinding]:
    """Where the path of the endpoint is not quite the one of its operation."""
    doc = compared.doc
    told: list[tuple[str, str]] = []
    if differ_in_slash(own.template, doc.endpoint.path):
        told.append(("trailing-slash", f"the endpoint {doc.endpoint.key} is described as {own}"))
    if shadow := _shadow(doc.endpoint.path, own):
        message = f"no description has {doc.endpoint.key} itself: {own} matches it, with {shadow}"
        told.append(("operation-shadowed", message))
    for kind, message in told:
        yield compared.finding(
            kind,
            message,
            doc.line_of("endpoint"),
            operation=own,
            expected=own.template,
            actual=doc.endpoint.path,
            source=own.source,
            phase="endpoint",
        )


def _shadow(path: str, own: Operation) -> str:
    """Where a path writes out what is a parameter of the operation that it was found to be; empty where it does not."""
    ours, theirs = split_path(path)[0], split_path(own.template)[0]
    described = {found.name: found for found in own.parameters_in("path")}
    for written, segment in zip(reversed(ours), reversed(theirs), strict=False):
        parameter = described.get(segment.strip("{}"))
        members = parameter.schema.value.get("enum") if parameter is not None and parameter.schema else None
        # ``7``, ``b-17`` are values of an example; ``me``, ``latest`` are words.
        if segment.startswith("{") and re.fullmatch(r"[a-z]+(?:[-_][a-z]+)*", written) and not members:
            return f"{written!r} as its {segment}"
    return ""

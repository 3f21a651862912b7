"""Docs against descriptions, without a server: every disagreement with its place on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_endpoint_docs.drift.answer_drift import answer_findings, example_findings
from pytest_endpoint_docs.drift.builtin_values import builtin_values
from pytest_endpoint_docs.drift.comparison import Comparison, described_places
from pytest_endpoint_docs.drift.discrepancy_drift import discrepancy_findings
from pytest_endpoint_docs.drift.drift_finding import DriftFinding, with_fingerprints
from pytest_endpoint_docs.drift.endpoint_drift import endpoint_findings, swagger_findings
from pytest_endpoint_docs.drift.example_drift import examples_otherwise, shown_otherwise
from pytest_endpoint_docs.drift.request_drift import request_findings, resolution_findings
from pytest_endpoint_docs.drift.table_drift import table_findings
from pytest_endpoint_docs.drift.token_drift import sent_token_findings, token_findings
from pytest_endpoint_docs.loading.documented import documented_requests
from pytest_endpoint_docs.loading.reference_tables import read_reference_tables
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators
from pytest_endpoint_docs.redaction.redactor import Redactor


def find_drift(
    docs: Iterable[EndpointDoc],
    descriptions: Descriptions,
    *,
    environment: Environment | None = None,
) -> tuple[DriftFinding, ...]:
    """Every disagreement between docs and descriptions, in the order of the docs.

    All requests of a doc count: prerequisites, main requests, ``Cases``, cleanup and UID resolution. A string that is
    one variable agrees with every type. ``environment`` says which token is the default one and which token kinds get
    ``X-On-Behalf-Of``.
    """
    validators = SchemaValidators()
    redactor = Redactor()
    if environment is not None:
        redactor.know(environment)
    used: dict[str, Operation] = {}
    found: list[DriftFinding] = []
    for doc in docs:
        compared = Comparison(
            doc=doc,
            descriptions=descriptions,
            environment=environment,
            validators=validators,
            redactor=redactor,
            builtins=builtin_values(doc, environment),
            operations=used,
        )
        found += _findings(compared)
    found += _description_faults(descriptions, used.values(), validators)
    once = _unset_once(dict.fromkeys(found), descriptions)
    return with_fingerprints(described_places(once, descriptions))


def _unset_once(found: Iterable[DriftFinding], descriptions: Descriptions) -> Iterator[DriftFinding]:
    """The findings; where there is one description anyhow, that docs do not name it is said of the first one alone."""
    unset = 0
    findings = list(found)
    total = sum(finding.kind == "swagger-unset" for finding in findings)
    for finding in findings:
        unset += finding.kind == "swagger-unset"
        if finding.kind != "swagger-unset" or total == 1 or len(descriptions.files) != 1:
            yield finding
        elif unset == 1:
            message = (
                f"{total:,} docs have no 'swagger' in the frontmatter; {descriptions.files[0].name} is the only one"
            )
            yield replace(finding, message=message)


def _findings(compared: Comparison) -> Iterator[DriftFinding]:
    own = compared.operation(compared.doc.endpoint.method, compared.doc.endpoint.path)
    yield from swagger_findings(compared, own)
    yield from endpoint_findings(compared, own)
    for request in documented_requests(compared.doc.body):
        operation = compared.operation(request.step.request.method, request.step.request.path)
        yield from request_findings(compared, request, operation, own)
        if operation is not None:
            yield from sent_token_findings(compared, request, operation)
            yield from answer_findings(compared, request, operation)
            yield from shown_otherwise(compared, request, operation)
    for resolution in compared.doc.body.resolutions:
        yield from resolution_findings(compared, resolution)
    tables = read_reference_tables(compared.doc)
    yield from discrepancy_findings(compared, own, tables)
    if own is not None:
        yield from example_findings(compared, own)
        yield from examples_otherwise(compared, own)
        yield from table_findings(compared, own, tables)
        yield from token_findings(compared, own, tables)


def _description_faults(
    descriptions: Descriptions, operations: Iterable[Operation], validators: SchemaValidators
) -> Iterator[DriftFinding]:
    """What is wrong with the descriptions themselves, as far as the docs' operations reach, at their own lines."""
    told = {finding.message for finding in descriptions.findings()}
    for finding in descriptions.findings():
        yield _fault(finding.message, finding.location, pointer=finding.message)
    for operation in operations:
        schemas = [schema for response in operation.responses.values() for schema in response.content.values()]
        schemas += list(operation.body.content.values()) if operation.body else []
        named = [*operation.parameters, *(header for each in operation.responses.values() for header in each.headers)]
        schemas += [found.own_schema for found in named]
        faults = [fault for schema in schemas if schema is not None for fault in validators.faults(schema)]
        for fault in (*operation.problems, *faults):
            # A reference that a path item shares with others is told of it.
            if f"{fault.source}: {fault.message}" not in told:
                told.add(f"{fault.source}: {fault.message}")
                location = descriptions.location_of(fault.source) or SourceLocation(operation.description, 1)
                yield _fault(fault.message, location, pointer=fault.source, source=fault.source)


def _fault(message: str, location: SourceLocation, *, pointer: str, source: str | None = None) -> DriftFinding:
    return DriftFinding(
        kind="description-fault",
        message=message,
        location=location,
        doc=location.path,
        operation="",
        source=source,
        pointer=pointer,
    )

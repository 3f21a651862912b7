"""Real descriptions and the real docs about them."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_folder import CORPUS, corpus_files, needs_corpus

from pytest_endpoint_docs.coverage.operation_coverage import find_coverage
from pytest_endpoint_docs.drift.drift_finding import DriftFinding
from pytest_endpoint_docs.drift.static import find_drift
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.openapi.descriptions import Descriptions

FILES = corpus_files("openapi/*.json")

pytestmark = needs_corpus


def docs_of(dialect: str) -> list[EndpointDoc]:
    files = sorted((CORPUS / dialect).rglob("*.md"))
    found = [load_doc(file, display_path=file.relative_to(CORPUS / dialect).as_posix()) for file in files]
    return [doc for doc in found if doc is not None]


@pytest.fixture(scope="module")
def descriptions() -> Descriptions:
    return Descriptions([CORPUS / "openapi" / "*.json"], root=CORPUS)


@pytest.fixture(scope="module")
def drift(descriptions: Descriptions) -> tuple[DriftFinding, ...]:
    return find_drift(docs_of("head"), descriptions)


def of_doc(drift: tuple[DriftFinding, ...], name: str) -> set[tuple[str, str, int]]:
    return {(found.kind, found.pointer, found.location.line) for found in drift if found.doc.endswith(name)}


def test_every_file_loads(descriptions: Descriptions) -> None:
    assert len(descriptions.files) == len(FILES) == 11
    assert len(descriptions.operations()) == 491
    assert descriptions.findings() == ()
    assert [problem for operation in descriptions.operations() for problem in operation.problems] == []


def test_one_request_parses_one_file() -> None:
    fresh = Descriptions([CORPUS / "openapi" / "*.json"], root=CORPUS)

    assert fresh.match("GET", "/business/clients/v1/matters/abc/notes/def") is not None
    read = [file.name for file in fresh.files if "_entries" in file.__dict__]
    assert read == ["openapi/clients.json"]


def test_a_request_that_goes_to_another_path(drift: tuple[DriftFinding, ...]) -> None:
    found = of_doc(drift, "post_business_clients_v1_matters_matter_uid_notes.md")

    assert {("request-not-the-endpoint", "", 38), ("method-not-described", "", 38)} <= found


def test_a_required_header_field(drift: tuple[DriftFinding, ...]) -> None:
    found = of_doc(drift, "get_business_accounts_v1_identities.md")

    assert ("header-missing", "/headers/X-On-Behalf-Of", 25) in found


def test_maps_where_lists_are_due(drift: tuple[DriftFinding, ...]) -> None:
    found = of_doc(drift, "post_platform_v1_businesses.md")

    assert {pointer for kind, pointer, _ in found if kind == "wrong-type"} == {
        "/body/meta/audit",
        "/body/meta/identities",
        "/body/meta/intents",
        "/body/meta/suggested_identities",
        "/body/meta/tags",
    }


def test_required_parameters_and_bodies(drift: tuple[DriftFinding, ...]) -> None:
    assert ("parameter-missing", "/query/matter_uid", 34) in of_doc(drift, "get_client_payments_v1_deposits.md")
    assert ("body-missing", "/body", 25) in of_doc(drift, "post_v3_license_subscriptions_bulk.md")


def test_swagger_paths(drift: tuple[DriftFinding, ...]) -> None:
    kinds = [found.kind for found in drift]

    assert kinds.count("swagger-absolute") == 4
    assert kinds.count("swagger-missing") == 54
    assert kinds.count("swagger-unset") == 2


@pytest.mark.parametrize(
    ("endpoint", "request_", "expected"),
    [
        (
            "PUT /v3/access_control/business_roles/{uid}",
            'path: "/v3/access_control/business_roles/{{role}}"\n    body: {permissions: {first: {allow: true}}}\n',
            {("wrong-type", "/body/permissions"), ("body-property-missing", "/body/uid")},
        ),
        (
            "GET /v3/scheduling/availability_slots",
            "path: /v3/scheduling/availability_slots\n",
            {("parameter-missing", "/query/start_time"), ("parameter-missing", "/query/end_time")},
        ),
    ],
)
def test_mistakes_of_docs_that_are_not_in_the_corpus(
    tmp_path: Path, descriptions: Descriptions, endpoint: str, request_: str, expected: set[tuple[str, str]]
) -> None:
    method = endpoint.split()[0]
    steps = f"steps:\n  - id: a\n    method: {method}\n    {request_}"
    file = tmp_path / "doc.md"
    file.write_text(
        f'---\nendpoint: "{endpoint}"\nstatus: verified\n---\n\n## Test Request\n\n```yaml\n{steps}```\n',
        encoding="utf-8",
    )
    doc = load_doc(file, display_path="doc.md")
    assert doc is not None

    found = {(one.kind, one.pointer) for one in find_drift([doc], descriptions)}
    assert found - {("swagger-unset", "")} == expected


def test_coverage_counts_every_operation_once(descriptions: Descriptions) -> None:
    coverage = find_coverage([*docs_of("head"), *docs_of("old")], descriptions)

    assert coverage.total() == 491
    assert coverage.documented() + coverage.count("undocumented") == 491
    assert sum(coverage.total(domain=name) for name in coverage.domains) == 491
    documented = [doc for entry in coverage.operations for doc in entry.docs]
    assert len(documented) + len(coverage.docs_without_operation) == 77

"""Real docs, read where they lie: everything is read, and what collection says agrees with what runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_folder import CORPUS, corpus_files, needs_corpus
from markdown_it import MarkdownIt

from pytest_endpoint_docs.loading.block_scanner import blocks_of, found_blocks
from pytest_endpoint_docs.loading.doc_body import parse_body, parse_outline
from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.items import cases_of
from pytest_endpoint_docs.loading.mapping_reader import FindingLog
from pytest_endpoint_docs.model.body import DocBody
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Severity

FILES = corpus_files("head/**/*.md", "old/**/*.md")

pytestmark = needs_corpus


def load(path: Path) -> EndpointDoc:
    doc = load_doc(path, display_path=path.relative_to(CORPUS).as_posix())
    assert doc is not None
    return doc


def named(path: str) -> tuple[EndpointDoc, DocBody]:
    doc = load(CORPUS / path)
    return doc, parse_body(doc)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CORPUS).as_posix())
def test_collection_and_run_agree(path: Path) -> None:
    doc = load(path)
    body = parse_body(doc)
    parsed, _ = parse_outline(
        doc.text, body_line=doc.body_line, endpoint=doc.endpoint, location=doc.location, findings=FindingLog()
    )

    assert doc.outlines == parsed
    assert len({outline.name for outline in doc.outlines}) == len(doc.outlines) == len(cases_of(doc))
    if body.requests:
        assert [main.location for main in body.requests] == [one.location for one in doc.outlines if not one.case_id]
    for step in (*body.prerequisites, *(step for main in body.requests for step in main.steps)):
        line = doc.text.split("\n")[step.location.line - 1]
        assert line.lstrip().startswith(("-", "```"))


def test_the_errors_of_the_corpus_are_these() -> None:
    errors = {
        (doc.path.rsplit("/", 1)[1], finding.code)
        for doc in map(load, FILES)
        for finding in (*doc.findings, *parse_body(doc).findings)
        if finding.severity is Severity.ERROR
    }

    assert errors == {
        ("get_platform_v1_clients_client_id_payment_client_packages.md", "no-request"),
        # It posts to the matter, and not to its notes.
        ("post_business_clients_v1_matters_matter_uid_notes.md", "other-endpoint"),
        # The built-in's name in single braces.
        ("post_platform_v1_businesses_business_uid_staffs.md", "literal-placeholder"),
    }


def test_the_authorization_code_doc() -> None:
    doc, body = named("old/platform_administration/post_oauth_token.md")

    (case,) = cases_of(doc)
    assert (case.name, case.disposition.action, case.disposition.cause) == ("POST /oauth/token", "skip", "manual")
    assert case.disposition.reason == doc.skip_reason
    assert case.disposition.reason.endswith("pre-obtained authorization code.")
    assert [(row.field, row.kind, row.token) for row in body.resolutions] == [
        ("client_id", "endpoint", "directory"),
        ("client_secret", "endpoint", "directory"),
        ("code", "authorization", None),
        ("redirect_uri", "prose", None),
    ]
    assert body.resolutions[0].extract_from == "data.client_id"
    assert isinstance(body.resolutions[0].source_body, dict)
    assert (len(body.learnings), len(body.procedure)) == (5, 5)


def test_broken_frontmatter_of_the_corpus_still_works() -> None:
    invoices, _ = named("old/sales/post_platform_v1_invoices.md")
    offerings, _ = named("old/platform_administration/get_v3_license_offerings.md")

    assert invoices.skip_reason is not None
    assert invoices.skip_reason.endswith("acquisition methods.")
    assert [issue.path for issue in offerings.known_issues] == ["/data/offerings/*/type"]
    assert [[one.code for one in doc.findings] for doc in (invoices, offerings)] == [["broken-yaml"], ["broken-yaml"]]


def test_alternatives_and_chains_of_the_corpus() -> None:
    skus, _ = named("old/platform_administration/get_v3_license_skus.md")
    _, chain = named("old/platform_administration/post_v3_license_directory_offerings.md")

    assert [one.name.partition("[")[2] for one in skus.outlines] == [
        "1]",
        "example-get-package-skus]",
        "example-get-addon-skus]",
    ]
    assert [step.purpose for step in chain.requests[0].steps] == ["uid_resolution", "retry_original"]


def test_docs_for_one_endpoint_are_found() -> None:
    head = DocIndex(load(path) for path in FILES if path.relative_to(CORPUS).parts[0] == "head")

    assert {group[0].endpoint.key for group in head.duplicates()} == {
        "GET /client/payments/v1/carts/{cart_uid}",
        "POST /platform/v1/businesses/{business_uid}",
        "PUT /platform/v1/payment/checkout/",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CORPUS).as_posix())
def test_blocks_are_those_of_the_library(path: Path) -> None:
    doc = load(path)
    body = "\n".join(doc.text.split("\n")[doc.body_line - 1 :])
    library = MarkdownIt("commonmark").enable("table").disable("inline")
    assert found_blocks(body) == list(blocks_of(library.parse(body)))

"""What an operation's text says of header fields and token kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from openapi_library import described

from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.openapi.operation_text import available_tokens, token_kinds
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_check import RequestCheck
from pytest_endpoint_docs.redaction.redactor import Redactor


def operation(tmp_path: Path, description: str, parameters: list[dict[str, object]] | None = None) -> Operation:
    get = {"description": description, "parameters": parameters or [], "responses": {}}
    found = described(tmp_path, {"openapi": "3.1.0", "paths": {"/books": {"get": get}}}).match("GET", "/books")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Staff tokens", {"staff"}),
        ("**Staff, Directory, and Client tokens**.", {"staff", "directory", "client"}),
        ("Staff & Directory Tokens", {"staff", "directory"}),
        ("Staff, App, and Application tokens", {"staff", "app"}),
        ("Directory OAuth tokens only", {"directory"}),
        ("**Staff** tokens and **Client** tokens", {"staff", "client"}),
        ("a valid access token", set()),
        ("nothing of the kind", set()),
    ],
)
def test_token_kinds(text: str, kinds: set[str]) -> None:
    assert token_kinds(text) == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Lists books.\n\nAvailable for **Staff and App tokens**. Also available for **Internal tokens**.",
            "app internal staff",
        ),
        ("Lists books. Available for Client Tokens only.", "client"),
        ("The list at `GET /films` is available for Staff tokens.", None),
        ("Lists books.", None),
    ],
)
def test_for_whom_an_operation_is(tmp_path: Path, text: str, expected: str | None) -> None:
    found = available_tokens(operation(tmp_path, text).node)

    assert (" ".join(sorted(found[0])) if found else None) == expected
    assert found is None or found[1] == "library.json#/paths/~1books/get/description"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The `X-Acting-For` header is required.", [("X-Acting-For", set())]),
        (
            "Directory tokens MUST send the business in the `X-Acting-For` header (or get 403).",
            [("X-Acting-For", {"directory"})],
        ),
        ("- **Directory tokens**: any. Requires `X-Acting-For`, otherwise 422.", [("X-Acting-For", {"directory"})]),
        ("The `X-Acting-For` header is optional, not required.", []),
        ("Retrying, or setting `X-Acting-For`, changes nothing.", []),
    ],
)
def test_header_fields_that_the_text_requires(tmp_path: Path, text: str, expected: list[tuple[str, set[str]]]) -> None:
    found = operation(tmp_path, text).told_headers

    assert [(one.name, one.kinds) for one in found] == expected


def test_a_described_header_field_is_told_by_its_parameter(tmp_path: Path) -> None:
    parameter = {"name": "x-acting-for", "in": "header", "schema": {"type": "string"}}

    assert operation(tmp_path, "Requires `X-Acting-For`.", [parameter]).told_headers == ()


@pytest.mark.parametrize(
    ("token", "headers", "told"),
    [("directory", {}, True), ("staff", {}, False), (None, {}, False), ("directory", {"X-Acting-For": "b1"}, False)],
)
def test_it_is_told_where_it_is_not_sent_and_due(
    tmp_path: Path, token: str | None, headers: dict[str, str], *, told: bool
) -> None:
    found = operation(tmp_path, "Directory tokens require the `X-Acting-For` header.")
    request = Request(method="GET", url="http://127.0.0.1/books", path="/books", headers=headers)
    messages = [
        mismatch.message
        for mismatch in RequestCheck(described(tmp_path), Redactor()).mismatches(found, request, token=token)
    ]

    expected = "header field 'X-Acting-For' is required by the operation's text with directory tokens, but missing"
    assert messages == ([expected] if told else [])

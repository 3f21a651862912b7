"""A small lending library: its API descriptions in every version, and docs about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.exchange import Response
from pytest_endpoint_docs.model.header_fields import HeaderFields
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.redaction.redactor import Redactor

BOOK: dict[str, Any] = {
    "type": "object",
    "required": ["uid", "title"],
    "properties": {
        "uid": {"type": "string", "readOnly": True},
        "title": {"type": "string"},
        "kind": {"type": "string", "enum": ["novel", "essay"]},
        "pages": {"type": "integer", "minimum": 1},
        "published": {"type": "string", "format": "date"},
        "subtitle": {"type": "string", "nullable": True},
        "shelf_code": {"type": "string", "writeOnly": True},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}


def library(version: str = "3.1.0") -> dict[str, Any]:
    """A description in 3.x; paths begin with the server's ``/api``."""
    book = {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}
    error = {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "string"}}}}}
    return {
        "openapi": version,
        "info": {"title": "Library", "version": "1"},
        "servers": [{"url": "https://library.example/api"}],
        "security": [{"bearer": []}],
        "paths": {
            "/books": {
                "get": {
                    "parameters": [
                        {"name": "shelf", "in": "query", "required": True, "schema": {"type": "integer"}},
                        {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["novel", "essay"]}},
                    ],
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "properties": {
                                            "books": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}}
                                        },
                                    }
                                }
                            },
                        }
                    },
                },
                "post": {
                    "requestBody": {"required": True, "content": book},
                    "responses": {
                        "201": {"description": "made", "content": book},
                        "422": {"description": "no", "content": error},
                    },
                },
            },
            "/books/latest": {"get": {"responses": {"200": {"description": "ok", "content": book}}}},
            "/books/{book_uid}": {
                "parameters": [{"name": "book_uid", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"responses": {"200": {"description": "ok", "content": book}, "404": {"description": "none"}}},
                "delete": {
                    "parameters": [
                        {"name": "X-On-Behalf-Of", "in": "header", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {"204": {"description": "gone"}},
                },
            },
        },
        "components": {"schemas": {"Book": BOOK}},
    }


def described(folder: Path, content: Any = None, *, name: str = "library.json", **refs: Path) -> Descriptions:
    """Descriptions of one file in ``folder``; ``content`` is a value or text."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(library() if content is None else content)
    (folder / name).write_text(text, encoding="utf-8")
    return Descriptions([folder / name], root=folder, refs=refs)


def with_schema(
    folder: Path, schema: Any, *, version: str = "3.1.0", **components: Any
) -> tuple[Descriptions, Operation]:
    """A description whose ``GET /thing`` answers 200 with a schema."""
    whole = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/thing": {
                "get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}
            }
        },
        "components": {"schemas": components},
    }
    descriptions = described(folder, whole)
    operation = descriptions.match("GET", "/thing")
    assert operation is not None
    return descriptions, operation


def answer(content: Any, status: int = 200, **headers: str) -> Response:
    """An answer with JSON content (bytes: as they are)."""
    octets = content if isinstance(content, bytes) else json.dumps(content).encode()
    fields = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Response(status_code=status, content=octets, headers=HeaderFields(fields))


def differences(descriptions: Descriptions, operation: Operation, response: Response) -> list[tuple[str, str, str]]:
    """(severity, pointer, message) of every mismatch of an answer."""
    found = ResponseCheck(descriptions).mismatches(operation, response, Redactor())
    return [(mismatch.severity, mismatch.pointer, mismatch.message) for mismatch in found]


def doc(folder: Path, endpoint: str, request: str, *, head: str = "", after: str = "", before: str = "") -> EndpointDoc:
    """A doc in the steps dialect; ``request`` is the YAML of its steps, ``before`` that of its prerequisites."""
    prerequisites = f"## Prerequisites\n\n```yaml\nsteps:\n{before}```\n\n" if before else ""
    text = (
        f'---\nendpoint: "{endpoint}"\nstatus: verified\nswagger: library.json\n{head}---\n\n# A doc\n\n{prerequisites}'
        f"## Test Request\n\n```yaml\nsteps:\n{request}```\n{after}"
    )
    file = folder / "doc.md"
    file.write_text(text, encoding="utf-8")
    found = load_doc(file, display_path="doc.md")
    assert found is not None
    return found

"""Documents: a multipart upload, its record, its bytes."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request

from pytest_endpoint_docs.sandbox.access import business_id, found_row, known_client, takes
from pytest_endpoint_docs.sandbox.answers import ApiError, created, gone, ok, problem
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.reading import wrong_media_type
from pytest_endpoint_docs.sandbox.store import Record

blueprint = Blueprint("documents", __name__)

MAX_BYTES = 100_000
CONTENT_TYPES = ("application/pdf", "image/png", "text/csv", "text/plain")


def _document(document_id: str) -> Record:
    return found_row(platform().store.documents, "document", document_id)


@blueprint.post("/platform/v1/documents")
@takes("staff", "directory")
def upload_document() -> Response:
    if request.mimetype != "multipart/form-data":
        raise wrong_media_type("multipart/form-data")
    file, client_id = request.files.get("file"), request.form.get("client_id")
    missing = [name for name, value in (("client_id", client_id), ("file", file)) if not value]
    if file is None or not client_id:
        raise ApiError(422, *(problem("missing", f"The part {name} is required.", name) for name in missing))
    known_client(client_id)
    title = request.form.get("title") or file.filename or "Untitled"
    if len(title) > 120:
        raise ApiError(422, problem("too_long", "title has at most 120 characters.", "title"))
    if file.mimetype not in CONTENT_TYPES:
        message = f"The part file is of type {file.mimetype or 'unknown'}; these are taken: {', '.join(CONTENT_TYPES)}."
        raise ApiError(415, problem("unsupported_media_type", message, "file"))
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ApiError(413, problem("too_large", f"A document has at most {MAX_BYTES} bytes.", "file"))
    store = platform().store
    record = {
        "client_id": client_id,
        "title": title,
        "filename": file.filename or "",
        "content_type": file.mimetype,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "created_at": store.now(),
    }
    document = store.documents.add(business_id(), record)
    store.contents[document["id"]] = content
    return created(document)


@blueprint.get("/platform/v1/documents/<document_id>")
@takes("staff", "directory")
def get_document(document_id: str) -> Response:
    return ok(_document(document_id))


@blueprint.get("/platform/v1/documents/<document_id>/content")
@takes("staff", "directory")
def get_document_content(document_id: str) -> Response:
    document = _document(document_id)
    answer = Response(platform().store.contents[document_id], content_type=document["content_type"])
    answer.headers.set("Content-Disposition", "attachment", filename=document["filename"] or "document")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@blueprint.delete("/platform/v1/documents/<document_id>")
@takes("staff", "directory")
def delete_document(document_id: str) -> Response:
    platform().store.documents.remove(_document(document_id)["id"])
    del platform().store.contents[document_id]
    return gone()

"""The two envelopes, and what is on every answer."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from pytest_endpoint_docs.sandbox.store import Record

USABLE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    500: "internal",
}


class ApiError(Exception):
    """An answer other than success: ``status`` code, errors, header fields."""

    def __init__(self, status: int, *errors: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = errors
        self.headers = dict(headers or {})


def problem(code: str, message: str, field: str | None = None, **more: Any) -> Record:
    """One entry of ``errors``."""
    return {"code": code, "message": message, **({"field": field} if field else {}), **more}


def conflict(message: str, *, conflicts_with: str, field: str | None = None, code: str = "conflict") -> ApiError:
    """409, naming what is in the way."""
    return ApiError(409, problem(code, message, field, conflicts_with=conflicts_with))


def ok(data: Any, status: int = 200, *, location: str | None = None) -> Response:
    """A success; ``location`` is the path of what was created."""
    answer = jsonify(status="OK", data=data)
    answer.status_code = status
    if location:
        answer.headers["Location"] = request.script_root + location
    return answer


def created(row: Record) -> Response:
    """201 after a new row came into the collection that the request was sent to."""
    return ok(row, 201, location=f"{request.path}/{row['id']}")


def gone() -> Response:
    """204 after a deletion."""
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def entity_tag(record: Record) -> str:
    """A strong entity tag: equal records have equal tags (RFC 9110 section 8.8.3)."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def page_of(name: str, rows: list[Record]) -> Response:
    """The page of ``rows`` that ``page`` and ``per_page`` ask for, with the links of RFC 8288.

    Raises: ApiError 422 for numbers out of range.
    """
    page, per_page = query_int("page", 1, 1, 1_000_000), query_int("per_page", 25, 1, 50)
    total_pages = math.ceil(len(rows) / per_page)
    pagination = {"page": page, "per_page": per_page, "total": len(rows), "total_pages": total_pages}
    answer = ok({name: rows[(page - 1) * per_page : page * per_page], "pagination": pagination})
    targets = {"first": 1, "prev": page - 1, "next": page + 1, "last": max(total_pages, 1)}
    links = []
    for relation, number in targets.items():
        if 1 <= number <= max(total_pages, 1):
            query = urlencode({**request.args.to_dict(), "page": number, "per_page": per_page})
            links.append(f'<{request.base_url}?{query}>; rel="{relation}"')
    answer.headers["Link"] = ", ".join(links)
    return answer


def query_int(name: str, default: int, least: int, most: int) -> int:
    """A whole number from the query. Raises: ApiError 422."""
    text = request.args.get(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,9}", text) or not least <= int(text) <= most:
        message = f"{name} is a whole number from {least} to {most}, not {text!r}."
        raise ApiError(422, problem("out_of_range", message, name))
    return int(text)


def query_choice(name: str, choices: tuple[str, ...]) -> str | None:
    """One of some words from the query. Raises: ApiError 422."""
    text = request.args.get(name)
    if text is not None and text not in choices:
        raise ApiError(422, problem("not_allowed", f"{name} is one of {', '.join(choices)}, not {text!r}.", name))
    return text


def failure(status: int, errors: tuple[Mapping[str, Any], ...], headers: Mapping[str, str]) -> Response:
    """The envelope of an error."""
    answer = jsonify(status="Error", errors=list(errors), request_id=g.request_id)
    answer.status_code = status
    answer.headers.update(headers)
    return answer


def _explain(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if isinstance(error, MethodNotAllowed) else {}
    message = error.description or "Something went wrong."
    if isinstance(error, MethodNotAllowed):
        message = f"{request.path} does not take {request.method}; it takes {headers['Allow']}."
    elif status == 404:
        known = sorted({rule.rule for rule in current_app.url_map.iter_rules()} - {request.path})
        near = difflib.get_close_matches(request.path, known, n=1)
        message = f"Nothing answers at {request.path}." + (f" Did you mean {near[0]}?" if near else "")
    return failure(status, (problem(CODES.get(status, "error"), message),), headers)


def install(app: Flask) -> None:
    """Give ``app`` request ids and JSON errors."""

    @app.before_request
    def choose_request_id() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if USABLE_REQUEST_ID.fullmatch(given) else f"req-{secrets.token_hex(8)}"

    @app.after_request
    def name_request(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.request_id
        return answer

    @app.errorhandler(ApiError)
    def answer_api_error(error: ApiError) -> Response:
        return failure(error.status, error.errors, error.headers)

    app.register_error_handler(HTTPException, _explain)

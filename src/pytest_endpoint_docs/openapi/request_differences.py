"""Every difference between a request and the operation that describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import unquote

from pytest_endpoint_docs.model.source import MismatchKind
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.coercion import coerced, coerced_array
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.matching import differ_in_slash, split_path
from pytest_endpoint_docs.openapi.object_parameters import is_object, object_of, parameter_of, written_name
from pytest_endpoint_docs.openapi.operations import Operation, Parameter, is_json_media_type, media_type_for
from pytest_endpoint_docs.openapi.request_parts import RequestParts
from pytest_endpoint_docs.openapi.schema_problems import SchemaProblem, SchemaValidators
from pytest_endpoint_docs.openapi.schema_shape import (
    MOST_NAMES,
    item_schemas,
    object_schemas,
    property_schemas,
    schema_types,
    undescribed,
)
from pytest_endpoint_docs.openapi.unknowns import holds_unknown
from pytest_endpoint_docs.pointers import pointer_of, split_pointer
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import listed

Part = Literal["body", "query", "headers", "path"]

# The name of the drift that a schema's problem with a body is, and what is wrong by the name of a drift.
_BODY_DRIFT: Mapping[MismatchKind, str] = {
    "missing": "body-property-missing",
    "undescribed": "body-property-unknown",
    "unexpected": "read-only-sent",
    "type": "wrong-type",
    "enum": "enum",
    "format": "format",
    "constraint": "constraint",
}
_KINDS: Mapping[str, MismatchKind] = {
    **{drift: kind for kind, drift in _BODY_DRIFT.items()},
    "parameter-missing": "missing",
    "header-missing": "missing",
    "body-missing": "missing",
    "parameter-unknown": "undescribed",
    "body-undescribed": "undescribed",
    "content-type": "media-type",
    "trailing-slash": "operation",
}
# Styles that put something before a value in a path, and that hardly anybody writes.
_PREFIXED = frozenset(["label", "matrix"])
_WORDS: Mapping[Part, str] = {"query": "query parameter", "headers": "header field", "path": "path parameter"}


@value_class
class RequestDifference:
    """One difference between a request and its operation.

    ``part`` and ``pointer`` say where: ``/body/...``, ``/query/name``, ``/headers/name``, ``/path/name``.
    ``drift`` is the name of the drift.
    """

    drift: str
    part: Part
    pointer: str
    message: str
    expected: str
    actual: str
    source: str

    @property
    def kind(self) -> MismatchKind:
        """What is wrong, in whatever part it is."""
        return _KINDS.get(self.drift, "other")


def request_differences(
    operation: Operation, parts: RequestParts, validators: SchemaValidators, redactor: Redactor
) -> Iterator[RequestDifference]:
    """Every difference between a request and its operation, path first, body last."""
    judge = _Judge(operation, validators, redactor)
    yield from judge.path(parts.path)
    yield from judge.query(parts.query)
    yield from judge.headers(parts.headers, parts.token)
    yield from judge.body(parts)


class _Judge:
    def __init__(self, operation: Operation, validators: SchemaValidators, redactor: Redactor) -> None:
        self._operation, self._validators, self._redactor = operation, validators, redactor

    def path(self, path: str) -> Iterator[RequestDifference]:
        described = {found.name: found for found in self._operation.parameters_in("path")}
        ours, theirs = split_path(self._operation.template)[0], split_path(path)[0]
        if differ_in_slash(self._operation.template, path):
            yield RequestDifference(
                drift="trailing-slash",
                part="path",
                pointer="/path",
                message="the path differs in its trailing slash",
                expected=self._operation.template,
                actual=path,
                source=self._operation.source,
            )
        for segment, value in zip(ours[-len(theirs) :], theirs[-len(ours) :], strict=False):
            name = re.fullmatch(r"\{(.+)\}", segment)
            parameter = described.get(name[1]) if name else None
            if parameter is not None and "{" not in value:
                yield from self._parameter(parameter, [unquote(value)], "path")

    def query(self, query: Sequence[tuple[str, Any]]) -> Iterator[RequestDifference]:
        described = {found.name: found for found in self._operation.parameters_in("query")}
        given: dict[str, list[tuple[str, Any]]] = {}
        for name, value in query:
            given.setdefault(parameter_of(name, described), []).append((name, value))
        for name, parameter in described.items():
            if name in given and is_object(parameter):
                yield from self._object(parameter, given[name])
            elif name in given:
                yield from self._parameter(parameter, [value for _, value in given[name]], "query")
            elif parameter.required:
                yield self._missing(parameter, "query")
        keys = [str(key) for key in given]
        for name in keys if "parameters" not in self._operation.unread else ():
            if name not in described and "{{" not in name:
                known = listed(sorted(described), MOST_NAMES)
                yield RequestDifference(
                    drift="parameter-unknown",
                    part="query",
                    pointer=f"/query/{name}",
                    message=f"query parameter {name!r} is not described",
                    expected=f"one of {known}" if known else "no query parameters",
                    actual=f"a parameter {name!r}",
                    source=f"{self._operation.source}/parameters",
                )

    def headers(self, headers: Mapping[str, str], token: str | None) -> Iterator[RequestDifference]:
        for by_text in self._operation.told_headers:
            if by_text.name.lower() not in headers and by_text.is_due_with(token):
                kinds = f" with {' and '.join(sorted(by_text.kinds))} tokens" if by_text.kinds else ""
                yield RequestDifference(
                    drift="header-missing",
                    part="headers",
                    pointer=pointer_of(["headers", by_text.name]),
                    message=f"header field {by_text.name!r} is required by the operation's text{kinds}, but missing",
                    expected="present",
                    actual="missing",
                    source=by_text.source,
                )
        for parameter in self._operation.parameters_in("header"):
            value = headers.get(parameter.name.lower())
            if value is not None:
                yield from self._parameter(parameter, [value], "headers")
            elif parameter.required:
                yield self._missing(parameter, "headers")

    def body(self, parts: RequestParts) -> Iterator[RequestDifference]:
        described = self._operation.body
        if described is None:
            is_known = "requestBody" not in self._operation.unread and (
                self._operation.version != "2.0" or "parameters" not in self._operation.unread
            )
            if is_known and parts.has_body and self._operation.method not in ("GET", "HEAD", "DELETE"):
                yield self._body(
                    "body-undescribed",
                    "a body is sent, but none is described",
                    "no body",
                    "a body",
                    self._operation.source,
                )
            return
        if not parts.has_body:
            if described.required:
                names = ", ".join(described.content)
                yield self._body("body-missing", "the body is missing", names, "no body", described.node.source)
            return
        entry = media_type_for(described.content, parts.media_type) if described.content else (parts.media_type, None)
        if entry is None:
            names = ", ".join(described.content)
            yield self._body(
                "content-type", "the content type is not described", names, parts.media_type, described.node.source
            )
            return
        if described.form:
            yield from self._form(described.form, parts)
        schema = entry[1]
        if schema is not None:
            yield from self._content(schema, parts)

    def _content(self, schema: Node, parts: RequestParts) -> Iterator[RequestDifference]:
        is_json = is_json_media_type(parts.media_type)
        value = parts.body if is_json else {**(parts.body or {}), **dict.fromkeys(parts.files, None)}
        for problem in self._validators.problems(schema, value, version=self._operation.version, direction="request"):
            at_field = problem.pointer.count("/") == 1
            # A form's fields are texts: only whether they are there can be judged.
            if (is_json or (at_field and problem.keyword == "required")) and not self._is_read_only(schema, problem):
                yield self._problem(problem, "/body", "body")
        for found in undescribed(schema, value):
            yield self._body(
                "body-property-unknown",
                f"body property {found.pointer} is not described",
                found.expected,
                "an undescribed property",
                found.source,
                found.pointer,
            )

    def _form(self, fields: Sequence[Parameter], parts: RequestParts) -> Iterator[RequestDifference]:
        given = {*(parts.body or {}), *parts.files}
        for field in fields:
            if field.required and field.name not in given:
                yield self._body(
                    "body-property-missing",
                    f"form field {field.name!r} is missing",
                    "present",
                    "missing",
                    field.node.source,
                    f"/{field.name}",
                )
        for name in sorted(given - {field.name for field in fields}):
            if "{{" not in name:
                yield self._body(
                    "body-property-unknown",
                    f"form field {name!r} is not described",
                    "absent",
                    "a field",
                    self._operation.source,
                    pointer_of([name]),
                )

    def _is_read_only(self, schema: Node, problem: SchemaProblem) -> bool:
        """A required property that some part of the schema calls read-only is not due in a request."""
        if problem.keyword != "required":
            return False
        nodes = object_schemas(schema)
        for segment in split_pointer(problem.pointer):
            nodes = object_schemas(*(property_schemas(nodes, segment) or item_schemas(nodes)))
        return any(node.value.get("readOnly") is True for node in nodes)

    def _parameter(self, parameter: Parameter, values: Sequence[Any], part: Part) -> Iterator[RequestDifference]:
        schema = parameter.schema
        if schema is None or holds_unknown(list(values)) or is_object(parameter) or parameter.style in _PREFIXED:
            return
        texts = [_as_text(value) for value in values]
        if texts == [""] and parameter.node.value.get("allowEmptyValue") is True:
            return
        value = (
            coerced_array(texts, schema, style=parameter.style, explode=parameter.explode)
            if "array" in schema_types(schema)
            else coerced(texts[-1], schema)
        )
        for problem in self._validators.problems(schema, value, version=self._operation.version, direction="request"):
            yield self._problem(
                problem, pointer_of([part, parameter.name]), part, subject=f"{_WORDS[part]} {parameter.name!r} "
            )

    def _object(self, parameter: Parameter, given: Sequence[tuple[str, Any]]) -> Iterator[RequestDifference]:
        """Differences of the members of a query parameter that is an object, by the names that they are written by."""
        schema = parameter.schema
        if schema is None or holds_unknown([value for _, value in given]):
            return
        value = object_of([(name, _as_text(one)) for name, one in given], parameter)
        if value is None:
            return
        for problem in self._validators.problems(schema, value, version=self._operation.version, direction="request"):
            name = written_name(parameter, problem.pointer.removeprefix("/"))
            subject = f"{_WORDS['query']} {name!r} "
            yield replace(self._problem(problem, "", "query", subject), pointer=pointer_of(["query", name]))

    def _missing(self, parameter: Parameter, part: Literal["query", "headers"]) -> RequestDifference:
        return RequestDifference(
            drift="parameter-missing" if part == "query" else "header-missing",
            part=part,
            pointer=pointer_of([part, parameter.name]),
            message=f"{_WORDS[part]} {parameter.name!r} is required, but missing",
            expected="present",
            actual="missing",
            source=parameter.node.source,
        )

    def _problem(self, problem: SchemaProblem, prefix: str, part: Part, subject: str = "") -> RequestDifference:
        about = subject or f"body{' property ' + problem.pointer if problem.pointer else ''} "
        return RequestDifference(
            drift="parameter-missing" if problem.kind == "missing" and part != "body" else _BODY_DRIFT[problem.kind],
            part=part,
            pointer=f"{prefix}{problem.pointer}",
            message=f"{about}{problem.text}",
            expected=problem.expected,
            actual=problem.actual(self._redactor),
            source=problem.source,
        )

    def _body(
        self, drift: str, message: str, expected: str, actual: str, source: str, pointer: str = ""
    ) -> RequestDifference:
        return RequestDifference(
            drift=drift,
            part="body",
            pointer=f"/body{pointer}",
            message=message,
            expected=expected,
            actual=actual,
            source=source,
        )


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value)

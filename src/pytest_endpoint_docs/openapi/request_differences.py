"""Every difference between a request and the operation that describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import unquote

from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.form_values import form_fields, form_value, wrong_files
from pytest_endpoint_docs.openapi.matching import differ_in_slash, segment_values, split_path
from pytest_endpoint_docs.openapi.media_types import FORMS, is_json_media_type, media_type_for
from pytest_endpoint_docs.openapi.object_parameters import is_spread, object_of, parameter_of, written_name
from pytest_endpoint_docs.openapi.operations import Operation, RequestBody
from pytest_endpoint_docs.openapi.parameters import Parameter, text_of
from pytest_endpoint_docs.openapi.request_difference import Part, RequestDifference, body_difference, difference_of
from pytest_endpoint_docs.openapi.request_parts import RequestParts
from pytest_endpoint_docs.openapi.schema_problems import SchemaProblem, SchemaValidators
from pytest_endpoint_docs.openapi.schema_shape import MOST_NAMES, schema_types, undescribed
from pytest_endpoint_docs.openapi.unknowns import holds_unknown, with_unknowns
from pytest_endpoint_docs.pointers import last_key, pointer_of, without_indices
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import listed

_WORDS: Mapping[str, str] = {
    "query": "query parameter",
    "header": "header field",
    "path": "path parameter",
    "cookie": "cookie",
}


def request_differences(
    operation: Operation, parts: RequestParts, validators: SchemaValidators, redactor: Redactor
) -> Iterator[RequestDifference]:
    """Every difference between a request and its operation, path first, body last."""
    judge = _Judge(operation, validators, redactor)
    yield from judge.path(parts.path)
    yield from judge.query(parts.query)
    yield from judge.headers(parts.headers, parts.token)
    yield from judge.cookies(parts.headers.get("cookie"))
    yield from _BodyJudge(operation, parts, validators, redactor).differences()


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
            for name, text in segment_values(segment, value).items():
                if name in described:
                    yield from self._parameter(described[name], [unquote(text)], "path", ["path", name])

    def query(self, query: Sequence[tuple[str, Any]]) -> Iterator[RequestDifference]:
        described = {found.name: found for found in self._operation.parameters_in("query")}
        given: dict[str, list[tuple[str, Any]]] = {}
        for name, value in query:
            given.setdefault(parameter_of(name, described), []).append((name, value))
        for name, parameter in described.items():
            if name in given and _is_object(parameter, given[name]):
                yield from self._object(parameter, given[name])
            elif name in given:
                yield from self._parameter(parameter, [value for _, value in given[name]], "query", ["query", name])
            elif parameter.required:
                yield self._missing(parameter, "query", ["query", name])
        keys = [str(key) for key in given]
        for name in keys if "parameters" not in self._operation.unread else ():
            if name not in described and "{{" not in name:
                known = listed(sorted(described), MOST_NAMES)
                expected = f"one of {known}" if known else "no query parameters"
                yield self._unknown(name, expected, f"{self._operation.source}/parameters")

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
            value, place = headers.get(parameter.name.lower()), ["headers", parameter.name]
            if value is not None:
                yield from self._parameter(parameter, [value], "headers", place)
            elif parameter.required:
                yield self._missing(parameter, "headers", place)

    def cookies(self, field: str | None) -> Iterator[RequestDifference]:
        """Differences of the cookies in a Cookie field (RFC 6265 section 4.2.1)."""
        pairs = [pair.strip().partition("=") for pair in (field or "").split(";")]
        given = {name: with_unknowns(value.strip('"')) for name, _, value in pairs}
        for parameter in self._operation.parameters_in("cookie"):
            if parameter.name in given:
                yield from self._parameter(parameter, [given[parameter.name]], "headers", ["headers", "Cookie"])
            elif parameter.required and not any("{{" in name for name in given):
                yield self._missing(parameter, "headers", ["headers", "Cookie"])

    def _parameter(
        self, parameter: Parameter, values: Sequence[Any], part: Part, place: Sequence[str]
    ) -> Iterator[RequestDifference]:
        texts = [text_of(value) for value in values]
        if holds_unknown(list(values)) or (texts == [""] and parameter.node.value.get("allowEmptyValue") is True):
            return
        version = self._operation.version
        for problem in self._validators.problems_of_texts(parameter, texts, version=version, direction="request"):
            subject = f"{_WORDS[parameter.location]} {parameter.name!r}{_inside(problem.pointer)}"
            yield difference_of(problem, part=part, prefix=pointer_of(place), subject=subject, redactor=self._redactor)

    def _object(self, parameter: Parameter, given: Sequence[tuple[str, Any]]) -> Iterator[RequestDifference]:
        """Differences of the members of a query parameter that is an object, by the names that they are written by."""
        schema = parameter.schema
        if schema is None or holds_unknown([value for _, value in given]):
            return
        value = object_of([(name, text_of(one)) for name, one in given], parameter)
        if value is None:
            return
        for problem in self._validators.problems(schema, value, version=self._operation.version, direction="request"):
            for each in problem.surplus:
                yield self._unknown(written_name(parameter, last_key(each)), problem.expected, problem.source)
            if problem.surplus:
                continue
            name = written_name(parameter, problem.pointer.removeprefix("/"))
            found = difference_of(
                problem, part="query", prefix="", subject=f"query parameter {name!r}", redactor=self._redactor
            )
            yield replace(found, pointer=pointer_of(["query", name]))
        for unknown in undescribed(schema, value):
            yield self._unknown(written_name(parameter, last_key(unknown.pointer)), unknown.expected, unknown.source)

    def _unknown(self, name: str, expected: str, source: str) -> RequestDifference:
        return RequestDifference(
            drift="parameter-unknown",
            part="query",
            pointer=f"/query/{name}",
            message=f"query parameter {name!r} is not described",
            expected=expected,
            actual=f"a parameter {name!r}",
            source=source,
        )

    def _missing(
        self, parameter: Parameter, part: Literal["query", "headers"], place: Sequence[str]
    ) -> RequestDifference:
        return RequestDifference(
            drift="header-missing" if parameter.location == "header" else "parameter-missing",
            part=part,
            pointer=pointer_of(place),
            message=f"{_WORDS[parameter.location]} {parameter.name!r} is required, but missing",
            expected="present",
            actual="missing",
            source=parameter.node.source,
        )


class _BodyJudge:
    def __init__(
        self, operation: Operation, parts: RequestParts, validators: SchemaValidators, redactor: Redactor
    ) -> None:
        self._operation, self._parts = operation, parts
        self._validators, self._redactor = validators, redactor

    def differences(self) -> Iterator[RequestDifference]:
        """That a body is there, its media type, its JSON or the fields of its form; others are not looked at."""
        described = self._operation.body
        if described is None:
            yield from self._undescribed()
        elif self._parts.has_body:
            yield from self._body(described)
        elif described.required:
            names = ", ".join(described.content)
            yield body_difference("body-missing", "the body is missing", names, "no body", described.node.source)

    def _undescribed(self) -> Iterator[RequestDifference]:
        operation = self._operation
        is_known = "requestBody" not in operation.unread and (
            operation.version != "2.0" or "parameters" not in operation.unread
        )
        if is_known and self._parts.has_body and operation.method not in ("GET", "HEAD", "DELETE"):
            yield body_difference(
                "body-undescribed", "a body is sent, but none is described", "no body", "a body", operation.source
            )

    def _body(self, described: RequestBody) -> Iterator[RequestDifference]:
        media_type = self._parts.media_type
        entry = media_type_for(described.content, media_type) if described.content else (media_type, None)
        if entry is None:
            names = ", ".join(described.content)
            yield body_difference(
                "content-type", "the content type is not described", names, media_type, described.node.source
            )
            return
        if described.form:
            yield from self._old_form(described.form)
        key, schema = entry
        if schema is None:
            return
        if is_json_media_type(media_type):
            yield from self._content(schema, self._parts.body)
        elif media_type_for(dict.fromkeys(FORMS), media_type) is not None:
            encoding = described.encodings.get(key)
            yield from self._content(schema, self._form(schema, encoding))
            yield from self._files(encoding)

    def _content(self, schema: Node, value: object) -> Iterator[RequestDifference]:
        for problem in self._problems(schema, value):
            yield from (_unknown_property(each, problem.expected, problem.source) for each in problem.surplus)
            if not problem.surplus:
                yield self._problem(problem, "")
        for found in undescribed(schema, value):
            yield _unknown_property(found.pointer, found.expected, found.source)

    def _form(self, schema: Node, encoding: Node | None) -> dict[str, object]:
        def fits(own: Node, value: object) -> bool:
            return not self._problems(own, value)

        return form_value(form_fields(self._parts.body), self._parts.files, schema, encoding, fits)

    def _files(self, encoding: Node | None) -> Iterator[RequestDifference]:
        for file, wanted, source in wrong_files(self._parts.files, encoding):
            yield body_difference(
                "content-type",
                f"the file {file.name!r} is of a media type that is not described",
                wanted,
                file.media_type,
                source,
                pointer_of([file.name]),
            )

    def _old_form(self, fields: Sequence[Parameter]) -> Iterator[RequestDifference]:
        """Differences of the fields of a form of 2.0."""
        given: dict[str, list[object]] = {file.name: [] for file in self._parts.files}
        names = {field.name for field in fields}
        for name, value in form_fields(self._parts.body):
            plain = name.removesuffix("[]")
            given.setdefault(plain if plain in names else name, []).append(value)
        for field in fields:
            if field.name in given:
                yield from self._old_field(field, given[field.name])
            elif field.required:
                yield body_difference(
                    "body-property-missing",
                    f"form field {field.name!r} is missing",
                    "present",
                    "missing",
                    field.node.source,
                    pointer_of([field.name]),
                )
        for name in sorted(given.keys() - names):
            if "{{" not in name:
                yield body_difference(
                    "body-property-unknown",
                    f"form field {name!r} is not described",
                    "absent",
                    "a field",
                    self._operation.source,
                    pointer_of([name]),
                )

    def _old_field(self, field: Parameter, values: Sequence[object]) -> Iterator[RequestDifference]:
        if field.node.value.get("type") == "file" and values:
            yield body_difference(
                "wrong-type",
                f"form field {field.name!r} is sent as text",
                "a file",
                "text",
                field.node.source,
                pointer_of([field.name]),
            )
        elif values and not holds_unknown(list(values)):
            texts, version = [text_of(value) for value in values], self._operation.version
            for problem in self._validators.problems_of_texts(field, texts, version=version, direction="request"):
                yield self._problem(problem, pointer_of([field.name]))

    def _problems(self, schema: Node, value: object) -> list[SchemaProblem]:
        return self._validators.problems(schema, value, version=self._operation.version, direction="request")

    def _problem(self, problem: SchemaProblem, prefix: str) -> RequestDifference:
        place = f"{prefix}{problem.pointer}"
        subject = f"body property {place}" if place else "body"
        return difference_of(problem, part="body", prefix=f"/body{prefix}", subject=subject, redactor=self._redactor)


def _inside(pointer: str) -> str:
    """Which member of a parameter's value is meant, in words; an item of a list goes without saying."""
    return "" if without_indices(pointer).strip("/*") == "" else f": {pointer}"


def _unknown_property(pointer: str, expected: str, source: str) -> RequestDifference:
    message = f"body property {pointer} is not described"
    return body_difference("body-property-unknown", message, expected, "an undescribed property", source, pointer)


def _is_object(parameter: Parameter, given: Sequence[tuple[str, Any]]) -> bool:
    """Whether query parameters are members of an object; one of the object's own name may be another value of it."""
    if not is_spread(parameter) or parameter.schema is None:
        return False
    return any(name != parameter.name for name, _ in given) or schema_types(parameter.schema) == {"object"}

"""Requests that a description refuses: candidates, each one change away from the documented request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus

from pytest_endpoint_docs.http.wire import form_pairs
from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.body import RequestTemplate
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.media_types import is_json_media_type
from pytest_endpoint_docs.openapi.operations import METHODS_WITH_BODY, Operation
from pytest_endpoint_docs.openapi.parameters import Parameter
from pytest_endpoint_docs.openapi.schema_shape import object_schemas, property_schemas, schema_types
from pytest_endpoint_docs.pointers import join_pointer

# A value that no service has given out, of a form that no route refuses to parse.
UNKNOWN_ID = "endpoint-docs-unknown-id"
UNKNOWN_MEMBER = "endpoint-docs-unknown-member"
# It breaks off.
_NO_JSON = '{"endpoint_docs": '
UNKNOWN_PROPERTY = "endpoint_docs_unknown"
_UNKNOWN_NUMBER = 2147480321
_UNKNOWN_UUID = "5f0c1d7e-0000-4000-8000-0000000e4d0c"
# A longer text proves nothing more, and costs.
_LONGEST_TEXT = 10_000

Refused = Literal["content", "syntax", "media-type", "query", "header", "credentials", "id", "method"]

REFUSALS: Mapping[Refused, tuple[int, ...]] = {
    "content": (400, 404, 409, 422),
    "syntax": (400, 415, 422),
    "media-type": (400, 415, 422),
    "query": (400, 404, 422),
    "header": (400, 401, 403, 422),
    "credentials": (401, 403, 404),
    "id": (400, 403, 404, 410, 422),
    "method": (400, 403, 404, 405),
}
"""The status codes that fit a refusal, by what was changed."""

_WRONG: Mapping[str, JSONValue] = {
    "string": {"unexpected": "object"},
    "integer": "not-a-number",
    "number": "not-a-number",
    "boolean": "not-a-boolean",
    "array": "not-an-array",
    "object": "not-an-object",
}


@value_class
class Attempt:
    """A request to be refused: a name for its id, what it is in words, its changes, and what it should be refused for.

    ``is_certain``: that it must be refused does not depend on what is described.
    """

    name: str
    words: str
    changes: Mapping[str, JSONValue]
    refused: Refused
    is_certain: bool = False


def body_attempts(request: RequestTemplate, operation: Operation) -> Iterator[Sequence[Attempt]]:
    """Changes of a JSON body, by kind: left out, of another type, not a member, past a limit, undescribed, no JSON."""
    body, schema = request.body, _body_schema(operation)
    if request.method not in METHODS_WITH_BODY or request.content_type != "json" or not isinstance(body, Mapping):
        return
    if schema is not None:
        properties = list(_properties(body, schema))
        yield [_attempt("missing", path, f"without {_named(path)}", None) for path, _ in properties]
        yield [found for path, schemas in properties for found in _wrong_type(path, schemas)]
        yield [found for path, schemas in properties for found in _unknown_member(path, schemas)]
        yield [found for path, schemas in properties for found in _past_limits(path, schemas)]
        if any(_is_closed(node) for node in object_schemas(schema)):
            words = f"with a property `{UNKNOWN_PROPERTY}`, which is not described"
            yield [_attempt("undescribed", [UNKNOWN_PROPERTY], words, "x")]
    if body and operation.body is not None and operation.body.content and "json" in " ".join(operation.body.content):
        field = next((name for name in request.headers if name.lower() == "content-type"), None)
        declared = join_pointer("/headers", field or "Content-Type")
        yield [
            Attempt(
                name="malformed-json",
                words="with a body that is not JSON, declared as application/json",
                changes={"/content_type": "text", "/body": _NO_JSON, declared: "application/json"},
                refused="syntax",
                is_certain=True,
            )
        ]
        # A form without fields is no content at all, which may be allowed.
        if form_pairs(dict(body)):
            yield [
                Attempt(
                    name="content-type",
                    words="with the body as a form",
                    changes={"/content_type": "form", **({declared: None} if field else {})},
                    refused="media-type",
                )
            ]


def parameter_attempts(request: RequestTemplate, operation: Operation) -> Iterator[Sequence[Attempt]]:
    """Changes of query parameters and header fields: left out, of another type, not a member, past a limit."""
    _, _, query = request.path.partition("?")
    sent = {*request.params, *(name for name, _ in parse_qsl(query, keep_blank_values=True))}
    # Those that the doc sends go first.
    described = sorted(operation.parameters_in("query"), key=lambda found: found.name not in sent)
    yield [_without_query(request, found.name) for found in described if found.required and found.name in sent]
    yield [attempt for found in described for attempt in _wrong_parameter(found)]
    names = {name.lower(): name for name in request.headers}
    yield [
        Attempt(
            name=f"missing-header-{_slug([found.name])}",
            words=f"without the header field `{found.name}`",
            changes={join_pointer("/headers", names[found.name.lower()]): None},
            refused="header",
        )
        for found in operation.parameters_in("header")
        if found.required and found.name.lower() in names
    ]


def id_attempts(request: RequestTemplate, template: str, operation: Operation | None) -> Iterator[Attempt]:
    """Ids in the path that do not exist, each of the described type; ``template`` is the doc's path template."""
    path, question, query = request.path.partition("?")
    names, segments = template.split("/"), path.split("/")
    if len(names) != len(segments):
        return
    described = {found.name: found for found in operation.parameters_in("path")} if operation else {}
    for index, written in enumerate(names):
        if re.fullmatch(r"\{[^{}]+\}", written):
            name = written.strip("{}")
            value = _unknown_id(described.get(name))
            changed = "/".join(value if at == index else segment for at, segment in enumerate(segments))
            yield Attempt(
                name=f"unknown-{_slug([name])}",
                words=f"with an unknown {name} in the path",
                changes={"/path": f"{changed}{question}{query}"},
                refused="id",
                is_certain=True,
            )


def method_attempts(request: RequestTemplate, described: frozenset[str]) -> Iterator[Attempt]:
    """A method that the description does not list. A server that has it all the same carries it out, so not DELETE."""
    for method in ("PATCH", "PUT", "POST"):
        if method not in described and method != request.method:
            yield Attempt(
                name=f"method-{method.lower()}",
                words=f"with the method {method}, which the path does not have",
                changes={"/method": method},
                refused="method",
                is_certain=True,
            )
            return


def _attempt(kind: str, path: Sequence[str], words: str, value: JSONValue) -> Attempt:
    changes = {join_pointer("/body", *path): value}
    return Attempt(name=f"{kind}-{_slug(path)}", words=words, changes=changes, refused="content")


def _properties(body: Mapping[str, Any], schema: Node) -> Iterator[tuple[list[str], tuple[Node, ...]]]:
    """Paths to properties of the documented body, two levels deep, with their schemas.

    Not to those that are read-only: a server may as well ignore them as refuse them (OpenAPI 3.0.4, 4.7.24).
    """
    around = object_schemas(schema)
    for name in body:
        if "{{" not in name and not _is_read_only(own := _schemas_of(around, name)):
            yield [name], own
    for name, value in body.items():
        below = _schemas_of(around, name)
        if isinstance(value, Mapping) and "{{" not in name and not _is_read_only(below):
            for inner in value:
                if "{{" not in inner and not _is_read_only(own := _schemas_of(below, inner)):
                    yield [name, inner], own


def _is_read_only(schemas: Sequence[Node]) -> bool:
    return any(node.value.get("readOnly") is True for node in schemas)


def _schemas_of(around: Sequence[Node], name: str) -> tuple[Node, ...]:
    return object_schemas(*property_schemas(around, name))


def _wrong_type(path: Sequence[str], schemas: Sequence[Node]) -> Iterator[Attempt]:
    types = frozenset(name for node in schemas for name in schema_types(node)) - {"null"}
    # Text can be read as anything by a lenient server, so only one type is a clear mistake.
    if len(types) == 1 and (name := next(iter(types))) in _WRONG:
        words = f"with {_named(path)} of another type than {name}"
        yield _attempt("type", path, words, _WRONG[name])


def _unknown_member(path: Sequence[str], schemas: Sequence[Node]) -> Iterator[Attempt]:
    if any(_text_members(node) for node in schemas):
        words = f"with a value of {_named(path)} that is not among the described ones"
        yield _attempt("enum", path, words, UNKNOWN_MEMBER)


def _is_closed(node: Node) -> bool:
    return False in (node.value.get("additionalProperties"), node.value.get("unevaluatedProperties"))


def _text_members(node: Node) -> bool:
    members = node.value.get("enum")
    return isinstance(members, list) and bool(members) and all(isinstance(member, str) for member in members)


def _past_limits(path: Sequence[str], schemas: Sequence[Node]) -> Iterator[Attempt]:
    for kind, value, words in _limits(schemas):
        yield _attempt(kind, path, f"with {_named(path)} {words}", value)


def _limits(schemas: Sequence[Node]) -> Iterator[tuple[str, JSONValue, str]]:
    """Values just past the described ranges and lengths, each with a kind and words."""
    told = set()
    for node in schemas:
        for keyword, (kind, words) in _LIMITS.items():
            limit = node.value.get(keyword)
            if not is_number(limit) or kind in told:
                continue
            value = _past(keyword, limit)
            if value is not None:
                told.add(kind)
                yield kind, value, words.format(limit)


_LIMITS: Mapping[str, tuple[str, str]] = {
    "minimum": ("below", "below its minimum of {}"),
    "exclusiveMinimum": ("below", "not above {}"),
    "maximum": ("above", "above its maximum of {}"),
    "exclusiveMaximum": ("above", "not below {}"),
    "minLength": ("short", "shorter than {} characters"),
    "maxLength": ("long", "longer than {} characters"),
}


def _past(keyword: str, limit: float) -> JSONValue:
    if keyword in ("minimum", "maximum"):
        return limit - 1 if keyword == "minimum" else limit + 1
    if keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        return limit
    length = int(limit) - 1 if keyword == "minLength" else int(limit) + 1
    return "x" * length if 0 <= length <= _LONGEST_TEXT else None


def _wrong_parameter(parameter: Parameter) -> Iterator[Attempt]:
    if parameter.schema is None or parameter.media_type:
        return
    schemas = object_schemas(parameter.schema)
    types = schema_types(parameter.schema) - {"null"}
    about = f"query parameter `{parameter.name}`"

    def attempt(kind: str, words: str, value: JSONValue) -> Attempt:
        return Attempt(
            name=f"{kind}-query-{_slug([parameter.name])}",
            words=words,
            changes={join_pointer("/params", parameter.name): value},
            refused="query",
        )

    if len(types) == 1 and (name := next(iter(types))) in ("integer", "number", "boolean"):
        yield attempt("type", f"with {about} that is not of type {name}", _WRONG[name])
    if any(_text_members(node) for node in schemas):
        yield attempt("enum", f"with a value of {about} that is not among the described ones", UNKNOWN_MEMBER)
    if types and types <= {"integer", "number", "string"}:
        for kind, value, words in _limits(schemas):
            yield attempt(kind, f"with {about} {words}", value)


def _without_query(request: RequestTemplate, name: str) -> Attempt:
    path, _, query = request.path.partition("?")
    changes: dict[str, JSONValue] = {join_pointer("/params", name): None} if name in request.params else {}
    written = query.split("&")
    kept = [pair for pair in written if unquote_plus(pair.partition("=")[0]) != name]
    if len(kept) < len(written):
        changes["/path"] = path + (f"?{'&'.join(kept)}" if kept else "")
    return Attempt(
        name=f"missing-query-{_slug([name])}",
        words=f"without the query parameter `{name}`",
        changes=changes,
        refused="query",
    )


def _unknown_id(parameter: Parameter | None) -> str:
    if parameter is None or parameter.schema is None:
        return UNKNOWN_ID
    if schema_types(parameter.schema) & {"integer", "number"}:
        return str(_UNKNOWN_NUMBER)
    formats = {node.value.get("format") for node in object_schemas(parameter.schema)}
    return _UNKNOWN_UUID if "uuid" in formats else UNKNOWN_ID


def _body_schema(operation: Operation) -> Node | None:
    content = operation.body.content if operation.body is not None else {}
    return next((schema for media, schema in content.items() if schema is not None and is_json_media_type(media)), None)


def _named(path: Sequence[str]) -> str:
    return f"`{'.'.join(path)}`"


def _slug(path: Sequence[str]) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", "-".join(path).lower()).strip("-") or "value"

"""Negative cases that follow from a doc and its description: what must be refused, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

from pytest_endpoint_docs.model.body import Change, DerivedCase, DocBody, Expectation, RequestTemplate, Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.openapi.documents import Node
from pytest_endpoint_docs.openapi.operations import METHODS_WITH_BODY, Operation, is_json_media_type
from pytest_endpoint_docs.openapi.schema_shape import object_schemas, property_schemas, schema_types
from pytest_endpoint_docs.pointers import join_pointer

MAX_NEGATIVES = 25

# A value that no service has given out, of a form that no route refuses to parse.
UNKNOWN_ID = "endpoint-docs-unknown-id"
UNKNOWN_MEMBER = "endpoint-docs-unknown-member"

_WRONG: Mapping[str, JSONValue] = {
    "string": {"unexpected": "object"},
    "integer": "not-a-number",
    "number": "not-a-number",
    "boolean": "not-a-boolean",
    "array": "not-an-array",
    "object": "not-an-object",
}


def derive_negatives(
    case: ContractCase,
    body: DocBody,
    operation: Operation | None = None,
    *,
    tokens: Iterable[str] = (),
    limit: int = MAX_NEGATIVES,
) -> tuple[DerivedCase, ...]:
    """Cases that the server must refuse, in a fixed order and with fixed ids, at most ``limit``.

    Each required body property left out, each property with a wrong type, unknown enum members, no credentials, a token
    kind of the environment (``tokens``) that the doc does not list, an unknown id in the path, a method that the path
    does not have. Without an operation, the doc's own request body says which properties there are, and nothing is
    known to be required. Expected is an error status that doc or description has for such a refusal, else any 4xx;
    never 2xx or 5xx. Where there are more than ``limit``, every kind keeps its share.
    """
    step = _main_step(case, body)
    if step is None:
        return ()
    source = _Source(case, body, step, operation)
    kinds = [
        list(source.missing_properties()),
        list(source.wrong_types()),
        list(source.unknown_members()),
        list(source.credentials(tuple(tokens))),
        list(source.unknown_ids()),
        list(source.wrong_method()),
    ]
    # Round robin: a body of forty properties must not push out the one case about credentials.
    in_turn = {found.id: None for round_ in zip_longest(*kinds) for found in round_ if found is not None}
    kept = set(islice(in_turn, limit))
    unique = {found.id: found for kind in kinds for found in kind}
    return tuple(found for name, found in unique.items() if name in kept)


def _main_step(case: ContractCase, body: DocBody) -> Step | None:
    index = case.outline.request_index
    if case.outline.case_id is not None or index >= len(body.requests):
        return None
    return body.requests[index].subject


class _Source:
    def __init__(self, case: ContractCase, body: DocBody, step: Step, operation: Operation | None) -> None:
        self._case, self._body, self._step, self._operation = case, body, step, operation
        self._request: RequestTemplate = step.request
        self._schema = _body_schema(operation) if self._request.content_type == "json" else None

    def missing_properties(self) -> Iterator[DerivedCase]:
        for path, schemas in self._properties():
            if _is_required(schemas, path[-1]):
                yield self._negative(
                    f"missing-{_slug(path)}",
                    f"without the required {_words(path)}",
                    {join_pointer("/body", *path): None},
                    (400, 422),
                )

    def wrong_types(self) -> Iterator[DerivedCase]:
        for path, schemas in self._properties():
            types = _types(property_schemas(schemas, path[-1])) if schemas else frozenset([_type_of(self._value(path))])
            wrong = next(
                (
                    _WRONG[name]
                    for name in ("object", "array", "boolean", "integer", "number", "string")
                    if name in types
                ),
                None,
            )
            # Text can be read as anything by a lenient server, so only one type is a clear mistake.
            if wrong is not None and len(types - {"null"}) == 1:
                yield self._negative(
                    f"type-{_slug(path)}",
                    f"{_words(path)} of another type than {next(iter(types - {'null'}))}",
                    {join_pointer("/body", *path): wrong},
                    (400, 422),
                )

    def unknown_members(self) -> Iterator[DerivedCase]:
        for path, schemas in self._properties():
            members = [
                node.value.get("enum")
                for start in property_schemas(schemas, path[-1])
                for node in object_schemas(start)
            ]
            if any(
                isinstance(listed, list) and all(isinstance(member, str) for member in listed) for listed in members
            ):
                yield self._negative(
                    f"enum-{_slug(path)}",
                    f"{_words(path)} with a value that is not described",
                    {join_pointer("/body", *path): UNKNOWN_MEMBER},
                    (400, 422),
                )

    def credentials(self, tokens: Sequence[str]) -> Iterator[DerivedCase]:
        token = self._request.token
        if token == "none" or (self._operation is not None and not self._operation.secured):
            return
        yield self._negative("no-credentials", "without credentials", {"/token": "none"}, (401, 403))
        allowed = self._case.doc.tokens
        if allowed:
            wrong = next((kind for kind in sorted(tokens) if kind not in allowed and kind != token), None)
            if wrong is not None:
                yield self._negative(
                    f"token-{_slug([wrong])}",
                    f"with a token of kind {wrong}; the doc lists {', '.join(allowed)}",
                    {"/token": wrong},
                    (401, 403),
                )

    def unknown_ids(self) -> Iterator[DerivedCase]:
        template = self._case.doc.endpoint.path.split("/")
        path, question, query = self._request.path.partition("?")
        segments = path.split("/")
        if len(template) != len(segments):
            return
        for index, name in enumerate(template):
            if re.fullmatch(r"\{[^{}]+\}", name):
                changed = "/".join(UNKNOWN_ID if at == index else segment for at, segment in enumerate(segments))
                yield self._negative(
                    f"unknown-{_slug([name.strip('{}')])}",
                    f"with an unknown {name.strip('{}')} in the path",
                    {"/path": f"{changed}{question}{query}"},
                    (404, 400, 403, 422),
                )

    def wrong_method(self) -> Iterator[DerivedCase]:
        item = self._operation.node if self._operation is not None else None
        if item is None or self._operation is None:
            return
        # PATCH and PUT change nothing where they are not described, and DELETE is never tried. What the operation says
        # of 404 is about its own method, so only a documented 405 is one for this refusal.
        for method in ("PATCH", "PUT", "POST"):
            if method not in self._described_methods() and method != self._request.method:
                yield self._negative(
                    f"method-{method.lower()}",
                    f"with the method {method}, which the path does not have",
                    {"/method": method},
                    (405,),
                )
                return

    def _described_methods(self) -> frozenset[str]:
        node = self._operation.node if self._operation is not None else None
        if node is None:
            return frozenset()
        item = node.store.root_node(node.document)
        for key in node.pointer[:-1]:
            below = item.step(key)
            if below is None:
                return frozenset()
            item = below
        return frozenset(name.upper() for name, _ in item.children())

    def _properties(self) -> Iterator[tuple[list[str], tuple[Node, ...]]]:
        """Paths to properties of the documented body, two levels deep, with the schemas of the object around."""
        whole = self._request.body
        if (
            self._request.method not in METHODS_WITH_BODY
            or not isinstance(whole, Mapping)
            or self._request.content_type != "json"
        ):
            return
        around = object_schemas(self._schema) if self._schema is not None else ()
        for name in whole:
            if "{{" not in name:
                yield [name], around
        for name, value in whole.items():
            if isinstance(value, Mapping) and "{{" not in name:
                below = tuple(node for start in property_schemas(around, name) for node in object_schemas(start))
                for inner in value:
                    if "{{" not in inner:
                        yield [name, inner], below

    def _value(self, path: Sequence[str]) -> JSONValue:
        value: Any = self._request.body
        for name in path:
            value = value[name]
        return value  # type: ignore[no-any-return]

    def _negative(
        self, name: str, description: str, changes: Mapping[str, JSONValue], preferred: Sequence[int]
    ) -> DerivedCase:
        location = self._step.location
        statuses = self._documented(preferred)
        return DerivedCase(
            id=f"negative-{name}",
            location=location,
            expect=Expectation(location=location, statuses=statuses, status_classes=() if statuses else (4,)),
            description=f"Refused: {description}",
            changes=tuple(Change(pointer=pointer, value=value) for pointer, value in changes.items()),
            tags=("negative",),
        )

    def _documented(self, preferred: Sequence[int]) -> tuple[int, ...]:
        """Statuses of such a refusal that the doc's error examples or the description have."""
        known = {example.status for example in self._body.examples if example.is_error}
        if self._operation is not None:
            known |= {int(key) for key in self._operation.responses if key.isdecimal()}
        return tuple(status for status in preferred if status in known)


def _body_schema(operation: Operation | None) -> Node | None:
    content = operation.body.content if operation is not None and operation.body is not None else {}
    return next((schema for media, schema in content.items() if schema is not None and is_json_media_type(media)), None)


def _is_required(schemas: Sequence[Node], name: str) -> bool:
    listed = (node.value.get("required") for node in schemas)
    required = any(isinstance(names, list) and name in names for names in listed)
    read_only = any(
        node.value.get("readOnly") is True
        for node in property_schemas(schemas, name)
        if isinstance(node.value, Mapping)
    )
    return required and not read_only


def _types(schemas: Sequence[Node]) -> frozenset[str]:
    return frozenset(name for node in schemas for name in schema_types(node))


def _type_of(value: JSONValue) -> str:
    if isinstance(value, str):
        return ""  # a variable may be anything, and a text may be a lenient number
    names: tuple[tuple[type, str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "")


def _words(path: Sequence[str]) -> str:
    return f"property '{'.'.join(path)}'"


def _slug(path: Sequence[str]) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", "-".join(path).lower()).strip("-") or "value"

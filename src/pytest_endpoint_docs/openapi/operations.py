"""An operation in one form, whatever version its description is written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import Any, Literal

from pytest_endpoint_docs.model.source import path_key
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.documents import DescriptionFault, Node, UnresolvedReference
from pytest_endpoint_docs.openapi.operation_text import RequiredHeader, required_headers
from pytest_endpoint_docs.openapi.parameters import Parameter, ParameterLocation
from pytest_endpoint_docs.openapi.schema_faults import TRUE_OR_FALSE

OperationPart = Literal["parameters", "requestBody", "responses"]
# Whether credentials are needed, may be left out, or nothing is said of them.
Security = Literal["required", "none", "unsaid"]

# OpenAPI 3.1, 4.8.12.1: these are described elsewhere, and definitions of them as parameters are ignored.
_IGNORED_HEADERS = frozenset(["accept", "content-type", "authorization"])


@value_class
class RequestBody:
    """A request body: schemas by media type (``None``: any content). ``form`` holds the fields of a 2.0 form.

    ``encodings`` are the ``encoding`` of each media type that has one.
    """

    required: bool
    content: Mapping[str, Node | None]
    node: Node
    form: tuple[Parameter, ...] = ()
    encodings: Mapping[str, Node] = field(default_factory=dict)


@value_class
class ResponseDescription:
    """What is described for a status: ``key`` is ``200``, ``2XX`` or ``default``."""

    key: str
    content: Mapping[str, Node | None]
    headers: tuple[Parameter, ...]
    node: Node

    def status_of(self, status: int) -> str:
        """The status of an answer, with the key that it is described by where that is another one."""
        return self.key if self.key == str(status) else f"{status} (described as '{self.key}')"


@value_class
class Operation:
    """An operation of a description. ``template`` is its path template with the server's base path before it.

    ``problems`` are faults of the description itself, such as a ``$ref`` that leads nowhere; ``unread`` are the parts
    of the operation of which such a ``$ref`` leaves open what they describe; ``told_headers`` are header fields that
    its text requires, and no parameter.
    """

    method: str
    template: str
    node: Node = field(repr=False)
    version: str
    description: str
    parameters: tuple[Parameter, ...] = field(default=(), repr=False)
    body: RequestBody | None = field(default=None, repr=False)
    responses: Mapping[str, ResponseDescription] = field(default_factory=dict, repr=False)
    deprecated: bool = False
    tags: tuple[str, ...] = ()
    security: Security = "unsaid"
    problems: tuple[DescriptionFault, ...] = ()
    unread: frozenset[OperationPart] = frozenset()
    told_headers: tuple[RequiredHeader, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def written_path(self) -> str:
        """The path template as the description has it, without the server's base path."""
        return self.node.pointer[1] if len(self.node.pointer) > 1 else self.template

    @property
    def key(self) -> tuple[str, str]:
        """Method and path template without the names of its parameters: the same for the same operation elsewhere."""
        return self.method, path_key(self.template)

    @property
    def source(self) -> str:
        """``file#/paths/...``."""
        return self.node.source

    def parameters_in(self, location: ParameterLocation) -> tuple[Parameter, ...]:
        """The parameters of one location."""
        return tuple(parameter for parameter in self.parameters if parameter.location == location)

    def response_for(self, status: int) -> ResponseDescription | None:
        """By exact code, by range (``2XX``), by ``default``."""
        return (
            self.responses.get(str(status)) or self.responses.get(f"{status // 100}XX") or self.responses.get("default")
        )


def _security(written: Any) -> Security:
    if not isinstance(written, list):
        return "unsaid"
    return "required" if written and {} not in written else "none"


METHODS_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


def read_operation(node: Node, item: Node, *, method: str, template: str) -> Operation:
    """The operation at ``node`` of the path item ``item``; what is wrong with it becomes its ``problems``."""
    return _Reader(node, item).operation(method, template)


class _Reader:
    def __init__(self, node: Node, item: Node) -> None:
        self._node, self._item = node, item
        self._version = node.document.version
        self._root = node.store.root_node(node.document)
        self._problems: list[DescriptionFault] = []
        self._unread: set[OperationPart] = set()

    def operation(self, method: str, template: str) -> Operation:
        with self._reading("parameters"):
            parameters = self._parameters()
        with self._reading("requestBody"):
            body = self._old_body(parameters) if self._version == "2.0" else self._body()
        with self._reading("responses"):
            listed = self._resolved(self._child(self._node, "responses"))
        responses = {response.key: response for response in self._responses(listed)}
        self._flags(self._node, "deprecated")
        tags = self._node.value.get("tags")
        return Operation(
            method=method.upper(),
            template=template,
            node=self._node,
            version=self._version,
            description=self._node.document.name,
            parameters=tuple(
                found for found, where in parameters if where not in ("body",) and found.location != "formData"
            ),
            body=body,
            responses=responses,
            deprecated=self._node.value.get("deprecated") is True,
            tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
            security=_security(self._own_or_whole("security")),
            problems=tuple(dict.fromkeys(self._problems)),
            unread=frozenset(self._unread),
            told_headers=required_headers(
                self._node, {found.name.lower() for found, where in parameters if where == "header"}
            ),
        )

    def _own_or_whole(self, key: str) -> Any:
        """What the operation says, else what its whole description says."""
        whole = self._root.value
        return self._node.value.get(key, whole.get(key) if isinstance(whole, Mapping) else None)

    def _media_types(self, key: str, *default: str) -> list[str]:
        """The media types that 2.0's ``consumes`` and ``produces`` list."""
        written = self._own_or_whole(key)
        return [str(media) for media in written] if isinstance(written, list) and written else list(default)

    def _child(self, node: Node, key: str) -> Node | None:
        try:
            return node.child(key)
        except UnresolvedReference as error:
            self._problem(error)
            return None

    def _resolved(self, node: Node | None) -> Node | None:
        if node is None:
            return None
        try:
            found = node.resolved()
        except UnresolvedReference as error:
            self._problem(error)
            return None
        return found if isinstance(found.value, Mapping) else None

    def _problem(self, error: UnresolvedReference) -> None:
        self._problems.append(DescriptionFault.unread(error))

    @contextmanager
    def _reading(self, part: OperationPart) -> Iterator[None]:
        """Marks a part as unread where a reference in it leads nowhere."""
        before = len(self._problems)
        yield
        if any(problem.is_unread for problem in self._problems[before:]):
            self._unread.add(part)

    def _flags(self, node: Node, *keys: str) -> None:
        """Tell of those that are neither true nor false, and so are left out: in YAML 1.2, ``yes`` is a text."""
        for key in keys:
            value = node.value.get(key)
            if value is not None and not isinstance(value, bool):
                self._problems.append(DescriptionFault.left_out(node, key, TRUE_OR_FALSE))

    def _parameters(self) -> list[tuple[Parameter, str]]:
        found: dict[tuple[str, str], tuple[Parameter, str]] = {}
        for owner in (self._item, self._node):
            listed = self._child(owner, "parameters")
            for _, written in listed.children() if listed is not None else ():
                node = self._resolved(written)
                if node is None or not isinstance(node.value.get("name"), str):
                    continue
                name, where = node.value["name"], str(node.value.get("in", ""))
                if where == "header" and name.lower() in _IGNORED_HEADERS:
                    continue
                found[(name.lower() if where == "header" else name, where)] = (
                    self._parameter(node, name, where),
                    where,
                )
        return list(found.values())

    def _parameter(self, node: Node, name: str, where: str) -> Parameter:
        by_default = "csv" if self._version == "2.0" else "form" if where in ("query", "cookie") else "simple"
        style = str(node.value.get("style") or node.value.get("collectionFormat") or by_default)
        media_type, schema = next(iter(self._content(node).items()), ("", None))
        self._flags(node, "required", "explode", "allowEmptyValue")
        location: ParameterLocation = where if where in ("path", "query", "header", "cookie") else "formData"  # type: ignore[assignment]
        return Parameter(
            name=name,
            location=location,
            required=node.value.get("required") is True,
            # In 2.0 a parameter is its own schema.
            schema=node if self._version == "2.0" else schema if media_type else self._child(node, "schema"),
            node=node,
            style=style,
            explode=node.value.get("explode", style in ("form", "multi")) is True,
            media_type=media_type,
        )

    def _body(self) -> RequestBody | None:
        node = self._resolved(self._child(self._node, "requestBody"))
        if node is None:
            return None
        self._flags(node, "required")
        listed = self._resolved(self._child(node, "content"))
        encodings = {
            media: encoding
            for media, entry in (listed.children() if listed is not None else ())
            if (encoding := self._resolved(self._child(entry, "encoding"))) is not None
        }
        return RequestBody(
            required=node.value.get("required") is True, content=self._content(node), node=node, encodings=encodings
        )

    def _old_body(self, parameters: list[tuple[Parameter, str]]) -> RequestBody | None:
        form = tuple(found for found, where in parameters if where == "formData")
        if form:
            has_file = any(field.node.value.get("type") == "file" for field in form)
            either = (
                ("multipart/form-data",) if has_file else ("application/x-www-form-urlencoded", "multipart/form-data")
            )
            return RequestBody(
                required=any(field.required for field in form),
                content=dict.fromkeys(self._media_types("consumes", *either)),
                node=form[0].node,
                form=form,
            )
        body = next((found for found, where in parameters if where == "body"), None)
        if body is None:
            return None
        schema = self._child(body.node, "schema")
        content = dict.fromkeys(self._media_types("consumes", "application/json"), schema)
        return RequestBody(required=body.required, content=content, node=body.node)

    def _content(self, node: Node) -> dict[str, Node | None]:
        content = self._resolved(self._child(node, "content"))
        return (
            {media: self._child(entry, "schema") for media, entry in content.children()} if content is not None else {}
        )

    def _responses(self, responses: Node | None) -> Iterator[ResponseDescription]:
        for written_key, written in responses.children() if responses is not None else ():
            if written_key.startswith("x-"):
                continue
            key = written_key.upper() if written_key != "default" else written_key
            known = len(self._problems)
            node = self._resolved(written)
            if node is None:
                if len(self._problems) > known:  # described, and nobody knows how
                    yield ResponseDescription(key=key, content={}, headers=(), node=written)
                continue
            content = self._old_content(node) if self._version == "2.0" else self._content(node)
            yield ResponseDescription(key=key, content=content, headers=tuple(self._headers(node)), node=node)

    def _old_content(self, node: Node) -> dict[str, Node | None]:
        schema = self._child(node, "schema")
        return {} if schema is None else dict.fromkeys(self._media_types("produces", "*/*"), schema)

    def _headers(self, node: Node) -> Iterator[Parameter]:
        headers = self._resolved(self._child(node, "headers"))
        for name, written in headers.children() if headers is not None else ():
            header = self._resolved(written)
            if header is None or name.lower() == "content-type":
                continue
            yield self._parameter(header, name, "header")

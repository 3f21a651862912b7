"""Description files and places inside them: loading, and ``$ref`` without ever fetching."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from pytest_endpoint_docs.files import read_text
from pytest_endpoint_docs.json_source import GENERATED, JSONPlaces, SourceProblem, parse_json
from pytest_endpoint_docs.model.source import Finding, JSONValue, Severity, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.document import Document, joined
from pytest_endpoint_docs.pointers import is_index, pointer_of, split_pointer
from pytest_endpoint_docs.words import cut_line
from pytest_endpoint_docs.yaml_text.plain_scalars import core_scalars
from pytest_endpoint_docs.yaml_text.yaml_source import parse_yaml

if TYPE_CHECKING:
    from referencing import Resource
    from referencing.jsonschema import SchemaRegistry


def brief(value: object) -> str:
    """A value of a description, for a message."""
    return cut_line(json.dumps(value, ensure_ascii=False, default=str), 60)


class UnresolvedReference(Exception):
    """A ``$ref`` leads nowhere; the message says why. Never leaves this package: it becomes a finding.

    ``is_fatal``: a validator cannot pass over it, for it goes round in a circle or leads into a text or a number.
    """

    def __init__(self, message: str, node: Node, *, is_fatal: bool = False) -> None:
        super().__init__(message)
        self.node = node
        self.is_fatal = is_fatal


@value_class
class DescriptionFault:
    """What is wrong with a description itself; ``source`` is its ``file#/json/pointer``.

    ``is_unread``: a ``$ref`` there could not be followed, so that nothing is known of what it leads to.
    ``is_fatal``: not one keyword, but the schema as a whole cannot be used (a circle, or no schema at all).
    """

    source: str
    message: str
    is_unread: bool = False
    is_fatal: bool = False

    @classmethod
    def unread(cls, error: UnresolvedReference) -> DescriptionFault:
        """The fault that a reference leads nowhere."""
        return cls(source=error.node.source, message=str(error), is_unread=True, is_fatal=error.is_fatal)

    @classmethod
    def left_out(cls, node: Node, key: str, hint: str = "") -> DescriptionFault:
        """The fault that a key has a value that it cannot have."""
        message = f"'{key}' cannot be {brief(node.value[key])}{hint}; it is left out"
        return cls(source=f"{node.source}/{key}", message=message)

    def as_finding(self, code: str, store: DocumentStore) -> Finding:
        """As a finding at its line; its JSON Pointer is in the message, for it says more than the line."""
        name = self.source.partition("#")[0]
        return Finding(
            code=code,
            message=f"{self.source}: {self.message}",
            location=store.location_of(self.source) or SourceLocation(name, 1),
            severity=Severity.WARNING,
        )


@value_class(kw_only=False, eq=False)
class Node:
    """A place in a document: ``pointer`` is its JSON Pointer in segments, ``value`` what stands there."""

    store: DocumentStore = field(repr=False)
    document: Document
    pointer: tuple[str, ...]
    value: Any = field(repr=False)

    @property
    def source(self) -> str:
        """``file#/json/pointer`` as people read it (RFC 6901 section 6, without percent-encoding)."""
        return f"{self.document.name}#{pointer_of(self.pointer)}"

    @property
    def uri(self) -> str:
        """An absolute URI with the pointer as fragment."""
        return f"{self.document.uri}#" + quote(pointer_of(self.pointer), safe="/~!$&'()*+,;=:@")

    def child(self, key: str | int) -> Node | None:
        """The place below, also below a reference, or ``None`` where there is none. Raises: ``UnresolvedReference``."""
        found = self.step(key)
        if found is None and isinstance(self.value, Mapping) and isinstance(self.value.get("$ref"), str):
            return self.resolved().step(key)
        return found

    def step(self, key: str | int) -> Node | None:
        """One segment down in this very value."""
        if isinstance(self.value, Mapping) and str(key) in self.value:
            return Node(self.store, self.document, (*self.pointer, str(key)), self.value[str(key)])
        if isinstance(self.value, list) and is_index(str(key)) and int(key) < len(self.value):
            return Node(self.store, self.document, (*self.pointer, str(key)), self.value[int(key)])
        return None

    def children(self) -> Iterator[tuple[str, Node]]:
        """Every member or item of this very value, in order."""
        keys: Iterable[str | int] = ()
        if isinstance(self.value, (list, Mapping)):
            keys = range(len(self.value)) if isinstance(self.value, list) else list(self.value)
        for key in keys:
            found = self.step(key)
            if found is not None:
                yield str(key), found

    def resolved(self) -> Node:
        """Where a chain of ``$ref`` ends; itself where it is none.

        Raises: ``UnresolvedReference`` for a file, pointer or URL that leads nowhere, and for a circle.
        """
        node, seen = self, set[str]()
        while isinstance(node.value, Mapping) and isinstance(node.value.get("$ref"), str):
            if node.uri in seen:
                raise UnresolvedReference(f"$ref {self.value['$ref']!r} goes round in a circle", self, is_fatal=True)
            seen.add(node.uri)
            node = node.store.follow(node, node.value["$ref"])
        return node


class DocumentStore:
    """Reads each file once. ``refs`` maps URL prefixes to folders; whatever else is remote leads nowhere.

    References to files stay below the root directory, the ``folders`` of descriptions and those of ``refs``: a
    description from somewhere else must not have other files of the machine read and told.
    What is wrong with a file is kept in ``findings``, and the file then has no content.
    """

    def __init__(self, *, root: Path, refs: Mapping[str, Path], folders: Iterable[Path] = ()) -> None:
        self._root = root
        self._folders = {folder.resolve() for folder in (root, *folders, *refs.values())}
        self._refs = dict(sorted(refs.items(), key=lambda item: -len(item[0])))
        self._documents: dict[Path, Document | None] = {}
        self._names: dict[Path, Mapping[str, tuple[str, ...]]] = {}
        self.findings: list[Finding] = []

    def read(self, file: Path) -> Document | None:
        """The parsed file, or ``None`` with a finding where it cannot be read."""
        file = file.resolve()
        if file not in self._documents:
            self._documents[file] = self._parse(file)
        return self._documents[file]

    def allow(self, folder: Path) -> None:
        """Let references lead into one more folder."""
        self._folders.add(folder.resolve())

    def may_read(self, file: Path) -> bool:
        """Whether a resolved path lies below one of the folders that are read."""
        return any(map(file.is_relative_to, self._folders))

    def name_of(self, file: Path) -> str:
        """The path relative to the root directory where it lies below it, else as it is."""
        try:
            return file.relative_to(self._root.resolve()).as_posix()
        except ValueError:
            return file.as_posix()

    def location_of(self, source: str) -> SourceLocation | None:
        """The line of a ``file#/json/pointer`` in a file that was read; ``None`` for others."""
        name, _, pointer = source.partition("#")
        read = (document for document in self._documents.values() if document is not None)
        found = next((document for document in read if document.name == name), None)
        return SourceLocation(name, found.line(split_pointer(pointer))) if found is not None else None

    def root_node(self, document: Document) -> Node:
        """The whole document as a place."""
        return Node(self, document, (), document.content)

    def follow(self, node: Node, reference: str) -> Node:
        """One reference. Raises: ``UnresolvedReference``."""
        address, _, fragment = joined(node.document.base_at(node.pointer), reference).partition("#")
        own = self._names_of(node.document).get(address)
        document = node.document if own is not None else self._at(address, reference, node)
        if fragment and not fragment.startswith("/"):
            return self._at_anchor(document, f"{address}#{unquote(fragment)}", reference, node)
        target = self.root_node(document)
        # ``file.yaml#/`` is meant as the whole file, though by RFC 6901 it is its member "".
        keys = split_pointer(unquote(fragment.removesuffix("/") if fragment == "/" else fragment))
        for segment in (*(own or ()), *keys):
            below = target.child(segment)
            if below is None:
                is_fatal = not isinstance(target.value, Mapping)
                message = f"$ref {reference!r}: {document.name} has nothing at #{fragment}"
                raise UnresolvedReference(message, node, is_fatal=is_fatal)
            target = below
        return target

    def _at_anchor(self, document: Document, name: str, reference: str, node: Node) -> Node:
        keys = self._names_of(document).get(name)
        if keys is None:
            raise UnresolvedReference(f"$ref {reference!r}: {document.name} has no such anchor", node)
        target: Node | None = self.root_node(document)
        for key in keys:
            target = target.step(key) if target is not None else None
        return target or self.root_node(document)

    def _names_of(self, document: Document) -> Mapping[str, tuple[str, ...]]:
        if document.file not in self._names:
            self._names[document.file] = document.names()
        return self._names[document.file]

    def registry(self) -> SchemaRegistry:
        """A registry for jsonschema over the same files and the same mapping."""
        from referencing import Registry

        return Registry(retrieve=self._retrieve)  # type: ignore[call-arg]

    def _retrieve(self, uri: str) -> Resource[Any]:
        from referencing.exceptions import NoSuchResource

        file = self._file_of(uri)
        document = self.read(file) if file is not None and file.is_file() else None
        if document is None:
            raise NoSuchResource(uri)
        return document.as_resource()

    def _at(self, address: str, reference: str, node: Node) -> Document:
        file = self._file_of(address)
        if file is None and urlsplit(address).scheme == "file":
            raise UnresolvedReference(
                f"$ref {reference!r} leads out of the project and is not read; references to files stay below the root "
                "directory, the folder of the description, or a folder of 'openapi_refs' in the environment",
                node,
            )
        if file is None:
            prefixes = ", ".join(self._refs) or "none is mapped"
            raise UnresolvedReference(
                f"$ref {reference!r} is remote and is not fetched; map its prefix to a folder with 'openapi_refs' "
                f"in the environment (mapped: {prefixes})",
                node,
            )
        if not file.is_file():
            raise UnresolvedReference(f"$ref {reference!r}: no such file {self.name_of(file)}", node)
        document = self.read(file)
        if document is None:
            raise UnresolvedReference(f"$ref {reference!r}: {self.name_of(file)} cannot be read", node)
        return document

    def _file_of(self, address: str) -> Path | None:
        parts = urlsplit(address)
        if parts.scheme == "file":
            path = unquote(parts.path)
            # Where resolve() is asked for a null character, it raises.
            file = Path(path).resolve() if "\0" not in path and not parts.netloc else None
            return file if file is not None and self.may_read(file) else None
        for prefix, folder in self._refs.items():
            if address.startswith(prefix):
                inside = (folder / unquote(address[len(prefix) :]).lstrip("/")).resolve()
                # A reference must not lead out of the folder that its prefix was mapped to.
                return inside if inside.is_relative_to(folder.resolve()) else None
        return None

    def _parse(self, file: Path) -> Document | None:
        name = self.name_of(file)
        try:
            text = read_text(file, GENERATED)
            content, line = _as_json(text, file), JSONPlaces(text).line
            if content is None:
                parsed = parse_yaml(text, GENERATED, core_scalars())
                content, line = parsed.value, lambda keys: parsed.lines.line(pointer_of(keys)) or 1
        except SourceProblem as problem:
            self._failed(name, problem.line or 1, _told(problem, file))
            return None
        if content is None:
            self._failed(name, 1, "is empty")
            return None
        has_names = any(keyword in text for keyword in ("$id", "$anchor", "$dynamicAnchor"))
        return Document(file=file, name=name, content=content, line=line, has_names=has_names)

    def _failed(self, name: str, line: int, problem: str) -> None:
        self.findings.append(
            Finding(
                code="description-unreadable",
                message=f"the API description {problem}",
                location=SourceLocation(name, line),
                severity=Severity.WARNING,
            )
        )


def _as_json(text: str, file: Path) -> JSONValue:
    """The value of a JSON text; ``None`` for what may be YAML, whose flow mappings begin like JSON."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value: JSONValue = parse_json(text, GENERATED)
    except SourceProblem as problem:
        if problem.kind == "syntax" and file.suffix != ".json":
            return None
        raise
    return value


def _told(problem: SourceProblem, file: Path) -> str:
    if problem.kind == "file":
        return problem.message
    if problem.kind != "syntax":
        return f"cannot be read: {problem.message}"
    kind = "JSON" if file.suffix == ".json" else "YAML"
    return f"is not {kind}: {problem.message} (column {problem.column})"

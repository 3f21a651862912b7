"""One description file: read when it is first needed, and its operations found by method and path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pytest_endpoint_docs.files import read_text
from pytest_endpoint_docs.json_source import GENERATED, SourceProblem
from pytest_endpoint_docs.model.source import Finding
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.document import Document
from pytest_endpoint_docs.openapi.documents import DescriptionFault, DocumentStore, Node, UnresolvedReference
from pytest_endpoint_docs.openapi.matching import METHODS, PathPattern, best_first, split_path
from pytest_endpoint_docs.openapi.operations import Operation, read_operation

# Of the servers that variables make, so many are tried.
_MOST_URLS = 100
# What looks like a key of ``paths``, in JSON and in YAML: enough to leave a file unread.
_PATH_KEY = re.compile(r"""^[ \t]*["']?(/[^"'\n]*?)["']?[ \t]*:|"(/[^"\n]*)"\s*:""", re.MULTILINE)


@value_class
class _Entry:
    """A path of a description, with a server's base path before it (``based``) or as it is written."""

    pattern: PathPattern
    written: str
    based: bool
    item: Node


class DescriptionFile:
    """One file: read when it is first asked, and not at all where a look at its text says that it cannot help."""

    def __init__(self, file: Path, store: DocumentStore) -> None:
        self.file = file
        self.name = store.name_of(file)
        self._store = store
        self._operations: dict[tuple[str, str], Operation] = {}
        self._document_bases: dict[Path, tuple[str, ...]] = {}
        self._unread: dict[str, DescriptionFault] = {}

    def may_have(self, path: str) -> bool:
        """Whether some path in the text ends like this one. False is certain, true is not."""
        segments, _ = split_path(path)
        # The root, which has no segments, ends like every path: a base path may stand before it.
        return any(
            pattern.matches(segments[len(segments) - len(pattern.segments) :]) for pattern in self._written_paths
        )

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a method and a path (a template of any parameter names, or concrete)."""
        for entry, node in self._candidates(path):
            operation = _method(node, method.lower())
            if operation is not None:
                return self._operation(method, entry, operation, node)
        return None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Path items, of those that were asked for, whose ``$ref`` leads nowhere."""
        return tuple(
            dict.fromkeys(fault.as_finding("unresolved-reference", self._store) for fault in self._unread.values())
        )

    def unread(self, path: str) -> tuple[DescriptionFault, ...]:
        """Why path items that fit a path cannot be read; what they describe is not known."""
        list(self._candidates(path))  # looks at each of them
        segments, _ = split_path(path)
        fitting = best_first(self._patterns.get(len(segments), {}), path)
        written = (self._patterns[len(segments)][pattern].written for pattern in fitting)
        return tuple(dict.fromkeys(self._unread[each] for each in written if each in self._unread))

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that are described for a path."""
        found = [name.upper() for _, node in self._candidates(path) for name in METHODS if _method(node, name)]
        return tuple(dict.fromkeys(found))

    def operations(self) -> Iterator[Operation]:
        """Every operation, in the order of the file."""
        seen: set[tuple[str, str]] = set()
        for entry in self._entries:
            node = self._item(entry)
            if node is None:
                continue
            for method in METHODS:
                operation = _method(node, method)
                if operation is not None and (entry.written, method) not in seen:
                    seen.add((entry.written, method))
                    yield self._operation(method, entry, operation, node)

    @property
    def document(self) -> Document | None:
        """The parsed file, or ``None`` where it is not a description."""
        document = self._store.read(self.file)
        return document if document is not None and document.version else None

    def _candidates(self, path: str) -> Iterator[tuple[_Entry, Node]]:
        segments, _ = split_path(path)
        for pattern in best_first(self._patterns.get(len(segments), {}), path):
            entry = self._patterns[len(segments)][pattern]
            node = self._item(entry)
            if node is not None:
                yield entry, node

    def _operation(self, method: str, entry: _Entry, node: Node, item: Node) -> Operation:
        key = (method.lower(), entry.written)
        if key not in self._operations:
            base = self._base_paths(item, node)
            template = entry.pattern.template if entry.based else f"{base[0] if base else ''}{entry.written}"
            self._operations[key] = read_operation(node, item, method=method, template=template)
        return self._operations[key]

    def _item(self, entry: _Entry) -> Node | None:
        try:
            node = entry.item.resolved()
        except UnresolvedReference as error:
            self._unread[entry.written] = DescriptionFault.unread(error)
            return None
        return node if isinstance(node.value, Mapping) else None

    @cached_property
    def _written_paths(self) -> tuple[PathPattern, ...]:
        try:
            text = read_text(self.file, GENERATED)
        except SourceProblem:
            return ()  # what is wrong with it is told of the document
        written = (found[1] or found[2] for found in _PATH_KEY.finditer(text.replace("\\/", "/")))
        return tuple(PathPattern.of(key) for key in sorted({_unescaped(key) for key in written}))

    @cached_property
    def _entries(self) -> tuple[_Entry, ...]:
        document = self.document
        if document is None:
            return ()
        paths = self._store.root_node(document).step("paths")
        entries: list[_Entry] = []
        for written, item in paths.children() if paths is not None else ():
            if not written.startswith("/"):
                continue
            bases = dict.fromkeys(
                base for owner in (None, *_with_servers(item)) for base in self._base_paths(item, owner)
            )
            entries += [
                _Entry(pattern=PathPattern.of(base + written), written=written, based=True, item=item) for base in bases
            ]
            entries.append(_Entry(pattern=PathPattern.of(written), written=written, based=False, item=item))
        return tuple(entries)

    @cached_property
    def _patterns(self) -> dict[int, dict[PathPattern, _Entry]]:
        found: dict[int, dict[PathPattern, _Entry]] = {}
        for entry in sorted(self._entries, key=lambda entry: not entry.based):
            found.setdefault(len(entry.pattern.segments), {}).setdefault(entry.pattern, entry)
        return found

    def _base_paths(self, item: Node, operation: Node | None) -> tuple[str, ...]:
        """Paths of the servers, the nearest list (operation, path item, description); empty ones left out."""
        for owner in (operation, item):
            servers = owner.value.get("servers") if owner is not None and isinstance(owner.value, Mapping) else None
            if isinstance(servers, list) and servers:
                return _server_paths(servers)
        document = item.document
        if document.file not in self._document_bases:
            self._document_bases[document.file] = _document_paths(document.content)
        return self._document_bases[document.file]


def _with_servers(item: Node) -> Iterator[Node]:
    """The operations of a path item that have servers of their own."""
    found = (_method(item, name) for name in METHODS)
    yield from (operation for operation in found if operation is not None and "servers" in operation.value)


def _method(item: Node, method: str) -> Node | None:
    found = item.step(method)
    return found if found is not None and isinstance(found.value, Mapping) else None


def _unescaped(key: str) -> str:
    """A key of JSON or YAML with the letters that its escapes stand for."""
    try:
        return str(json.loads(f'"{key}"')) if "\\u" in key else key
    except ValueError:
        return key


def _document_paths(content: object) -> tuple[str, ...]:
    if not isinstance(content, Mapping):
        return ()
    base, servers = content.get("basePath"), content.get("servers")
    if isinstance(base, str):
        return (f"/{base.strip('/')}",) if base.strip("/") else ()
    return _server_paths(servers) if isinstance(servers, list) else ()


def _server_paths(servers: Sequence[object]) -> tuple[str, ...]:
    found = (base for server in servers if isinstance(server, Mapping) for base in _bases_of(server))
    return tuple(dict.fromkeys(base for base in found if base))


def _bases_of(server: Mapping[str, object]) -> Iterator[str]:
    """The paths of a server: by its variables' defaults, then by the other values that their ``enum`` lists."""
    urls = [str(server.get("url") or "")]
    variables = server.get("variables")
    for name, variable in variables.items() if isinstance(variables, Mapping) else ():
        if isinstance(variable, Mapping):
            values = _values_of(variable)
            urls = [url.replace(f"{{{name}}}", value) for value in values for url in urls][:_MOST_URLS]
    yield from (_path_of(url) for url in urls)


def _values_of(variable: Mapping[str, object]) -> list[str]:
    listed = variable.get("enum")
    values = [variable.get("default", ""), *(listed if isinstance(listed, list) else ())]
    return list(dict.fromkeys(map(str, values)))


def _path_of(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""  # a host that is none, such as "[": what is described below it counts all the same
    # A relative URL is one beside the description, wherever that may be.
    path = path.removeprefix("./").strip("/")
    return f"/{path}" if path else ""

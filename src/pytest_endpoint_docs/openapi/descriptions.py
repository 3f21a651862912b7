"""All descriptions of an environment: finding the operation of a request without reading more files than needed."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal
from urllib.parse import urlsplit

from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.source import Finding, Severity, SourceLocation
from pytest_endpoint_docs.openapi.documents import Document, DocumentStore, Node, UnresolvedReference
from pytest_endpoint_docs.openapi.matching import METHODS, PathPattern, best_first, split_path
from pytest_endpoint_docs.openapi.operations import Operation, description_finding, read_operation
from pytest_endpoint_docs.words import near_names

# What looks like a key of ``paths``, in JSON and in YAML: enough to leave a file unread.
_PATH_KEY = re.compile(r"""^[ \t]*["']?(/[^"'\n]*?)["']?[ \t]*:|"(/[^"\n]*)"\s*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A path of a description, with a server's base path before it (``based``) or as it is written."""

    pattern: PathPattern
    written: str
    based: bool
    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class SwaggerPath:
    """What a doc's ``swagger:`` leads to; ``problem`` says why it leads nowhere."""

    file: Path | None
    problem: str = ""
    code: Literal["", "swagger-absolute", "swagger-missing", "swagger-not-a-description"] = ""


class DescriptionFile:
    """One file: read when it is first asked, and not at all where a look at its text says that it cannot help."""

    def __init__(self, file: Path, store: DocumentStore) -> None:
        self.file = file
        self.name = store.name_of(file)
        self._store = store
        self._operations: dict[tuple[str, str], Operation] = {}
        self.findings: list[Finding] = []

    def may_have(self, path: str) -> bool:
        """Whether some path in the text ends like this one. False is certain, true is not."""
        segments, _ = split_path(path)
        return any(pattern.matches(segments[-len(pattern.segments) :]) for pattern in self._written_paths)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a method and a path (a template of any parameter names, or concrete)."""
        for entry, node in self._candidates(path):
            operation = node.step(method.lower())
            if operation is not None:
                return self._operation(method, entry, operation, node)
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that are described for a path."""
        found = [name.upper() for _, node in self._candidates(path) for name in METHODS if node.step(name)]
        return tuple(dict.fromkeys(found))

    def operations(self) -> Iterator[Operation]:
        """Every operation, in the order of the file."""
        seen: set[tuple[str, str]] = set()
        for entry in self._entries:
            node = self._item(entry)
            for method in METHODS if node is not None else ():
                operation = node.step(method) if node is not None else None
                if operation is None or node is None or (entry.written, method) in seen:
                    continue
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
            finding = description_finding("unresolved-reference", str(error), error.node)
            if finding not in self.findings:
                self.findings.append(finding)
            return None
        return node if isinstance(node.value, Mapping) else None

    @cached_property
    def _written_paths(self) -> tuple[PathPattern, ...]:
        try:
            text = self.file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return (PathPattern.of("/"),)  # reading it will say what is wrong
        keys = {found[1] or found[2] for found in _PATH_KEY.finditer(text.replace("\\/", "/"))}
        return tuple(PathPattern.of(key) for key in sorted(keys))

    @cached_property
    def _entries(self) -> tuple[_Entry, ...]:
        document = self.document
        if document is None:
            return ()
        root = self._store.root_node(document)
        paths = root.child("paths")
        entries: list[_Entry] = []
        for written, item in paths.children() if paths is not None else ():
            if not written.startswith("/"):
                continue
            entries += [
                _Entry(pattern=PathPattern.of(base + written), written=written, based=True, item=item)
                for base in self._base_paths(item, None)
            ]
            entries.append(_Entry(pattern=PathPattern.of(written), written=written, based=False, item=item))
        return tuple(entries)

    @cached_property
    def _patterns(self) -> dict[int, dict[PathPattern, _Entry]]:
        found: dict[int, dict[PathPattern, _Entry]] = {}
        for entry in sorted(self._entries, key=lambda entry: not entry.based):
            found.setdefault(len(entry.pattern.segments), {}).setdefault(entry.pattern, entry)
        return found

    def _base_paths(self, item: Node, operation: Node | None) -> list[str]:
        """Paths of the servers, the nearest list (operation, path item, description); empty ones left out."""
        root = self._store.root_node(item.document)
        if isinstance(root.value, Mapping) and isinstance(root.value.get("basePath"), str):
            return [base] if (base := root.value["basePath"].rstrip("/")) else []
        for owner in (operation, item, root):
            servers = owner.step("servers") if owner is not None else None
            if servers is not None and isinstance(servers.value, list) and servers.value:
                found = (_base_path(server) for server in servers.value if isinstance(server, Mapping))
                return list(dict.fromkeys(base for base in found if base))
        return []


class Descriptions:
    """The descriptions of an environment. Files are found at once, and read when they are needed.

    ``files`` are paths or globs; ``refs`` maps URL prefixes of ``$ref`` to folders; nothing is ever fetched.
    """

    def __init__(self, files: Iterable[Path], *, root: Path, refs: Mapping[str, Path] | None = None) -> None:
        self.root = root
        self.store = DocumentStore(root=root, refs=refs or {})
        self._patterns = tuple(files)
        self._files: dict[Path, DescriptionFile] = {}
        self._matches: dict[tuple[str, str, Path | None], Operation | None] = {}

    @classmethod
    def of_environment(cls, environment: Environment, *, root: Path) -> Descriptions:
        """Those that an environment names with ``openapi``, or none."""
        return cls(environment.openapi, root=root, refs=environment.openapi_refs)

    @cached_property
    def files(self) -> tuple[DescriptionFile, ...]:
        """The configured files in path order, each once."""
        found: dict[Path, None] = {}
        for pattern in self._patterns:
            text = str(pattern)
            matched = sorted(glob.glob(text, recursive=True)) if glob.has_magic(text) else [text]  # noqa: PTH207
            found |= dict.fromkeys(Path(match).resolve() for match in matched)
        return tuple(self._file(file) for file in found)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def match(self, method: str, path: str, *, swagger: str | None = None) -> Operation | None:
        """The operation of a request: in the doc's ``swagger:`` file first, then in all.

        ``path`` is a template of any parameter names or a concrete path; ``{{x}}`` stands for a parameter; a query
        string is left out. Server base paths are prepended; concrete paths win over templated ones, and the same
        trailing slash over another.
        """
        own = self.resolve_swagger(swagger).file if swagger else None
        key = (method.upper(), path, own)
        if key not in self._matches:
            self._matches[key] = self._match(method, path, own)
        return self._matches[key]

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that any description has for a path."""
        return tuple(dict.fromkeys(name for file in self.files if file.may_have(path) for name in file.methods(path)))

    def operations(self) -> tuple[Operation, ...]:
        """Every operation of every configured file, each once by method and path template."""
        found: dict[tuple[str, tuple[str, ...], bool], Operation] = {}
        for file in self.files:
            for operation in file.operations():
                segments, trailing = split_path(re.sub(r"\{[^{}]*\}", "{}", operation.template))
                found.setdefault((operation.method, segments, trailing), operation)
        return tuple(found.values())

    def near(self, method: str, path: str) -> tuple[str, ...]:
        """Up to three described operations that look like this one, for a message."""
        names = {str(operation) for operation in self.operations()}
        wanted = f"{method.upper()} " + re.sub(r"\{\{.*?\}\}", "{}", path)
        return near_names(wanted, names, most=3, cutoff=0.75)

    def resolve_swagger(self, written: str) -> SwaggerPath:
        """What a doc's ``swagger:`` (relative to the root directory) leads to."""
        if PurePosixPath(written).is_absolute() or PureWindowsPath(written).is_absolute():
            name = PureWindowsPath(written).name if "\\" in written else PurePosixPath(written).name
            return SwaggerPath(
                file=None,
                code="swagger-absolute",
                problem=f"swagger: {written!r} is an absolute path; write it relative to the root directory"
                + self._same_name(name),
            )
        file = Path(os.path.normpath(self.root / written)).resolve()
        if not file.is_file():
            return SwaggerPath(
                file=None,
                code="swagger-missing",
                problem=f"swagger: there is no file {written!r} below the root directory"
                + self._same_name(PurePosixPath(written).name),
            )
        if self._file(file).document is None:
            return SwaggerPath(
                file=None,
                code="swagger-not-a-description",
                problem=f"swagger: {written!r} is not a readable OpenAPI description (2.0, 3.0 or 3.1)",
            )
        return SwaggerPath(file=file)

    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the files that have been read so far; :meth:`operations` reads all of them."""
        broken = [
            Finding(
                code="description-not-openapi",
                message="is configured as an API description, and has neither 'openapi: 3.x' nor 'swagger: \"2.0\"'",
                location=SourceLocation(document.name, 1),
                severity=Severity.WARNING,
            )
            for file in self.files
            if (document := self.store.read(file.file)) is not None and not document.version
        ]
        problems = [problem for file in self._files.values() for problem in file.findings]
        return tuple(dict.fromkeys([*self.store.findings, *broken, *problems]))

    def _file(self, file: Path) -> DescriptionFile:
        if file not in self._files:
            self._files[file] = DescriptionFile(file, self.store)
        return self._files[file]

    def _match(self, method: str, path: str, own: Path | None) -> Operation | None:
        if own is not None and (found := self._file(own).operation(method, path)) is not None:
            return found
        candidates = [
            operation
            for file in self.files
            if file.file != own and file.may_have(path)
            if (operation := file.operation(method, path)) is not None
        ]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        patterns = {PathPattern.of(found.template): found for found in reversed(candidates)}
        return next((patterns[pattern] for pattern in best_first(patterns, path)), candidates[0])

    def _same_name(self, name: str) -> str:
        there = [file.name for file in self.files if PurePosixPath(file.name).name == name]
        return f"; did you mean {there[0]!r}?" if there else ""


def _base_path(server: Mapping[str, object]) -> str:
    url = str(server.get("url") or "")
    variables = server.get("variables")
    for name, variable in variables.items() if isinstance(variables, Mapping) else ():
        if isinstance(variable, Mapping):
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return urlsplit(url).path.rstrip("/")

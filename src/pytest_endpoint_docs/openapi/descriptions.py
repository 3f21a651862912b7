"""All descriptions of an environment: finding the operation of a request without reading more files than needed."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal

from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.source import Finding, Severity, SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.description_file import DescriptionFile
from pytest_endpoint_docs.openapi.documents import DescriptionFault, DocumentStore
from pytest_endpoint_docs.openapi.matching import PathPattern, best_first, split_path
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.words import near_names


@value_class
class SwaggerPath:
    """What a doc's ``swagger:`` leads to; ``problem`` says why it leads nowhere, ``hint`` what may be meant."""

    file: Path | None
    problem: str = ""
    hint: str = ""
    code: Literal["", "swagger-absolute", "swagger-missing", "swagger-not-a-description"] = ""


class Descriptions:
    """The descriptions of an environment. Files are found at once, and read when they are needed.

    ``files`` are paths or globs; ``refs`` maps URL prefixes of ``$ref`` to folders; nothing is ever fetched.
    """

    def __init__(self, files: Iterable[Path], *, root: Path, refs: Mapping[str, Path] | None = None) -> None:
        self._root = root
        self._patterns = tuple(files)
        self._store = DocumentStore(root=root, refs=refs or {}, folders=map(_folder_of, self._patterns))
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
        for file in found:
            # A file that a glob finds may be a symbolic link to another folder.
            self._store.allow(file.parent)
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

    def of_doc(self, doc: EndpointDoc) -> Operation | None:
        """The operation that a doc is about."""
        return self.match(doc.endpoint.method, doc.endpoint.path, swagger=doc.swagger)

    def of_request(self, doc: EndpointDoc, method: str, template: str, *, sent_path: str = "") -> Operation | None:
        """The operation of a request of a doc, by the path as the doc writes it.

        Where that leads nowhere, for it may be one variable, the path that was sent says it. The doc's goes first: its
        variables stand for any value, and a sent value may look like the path of another operation.
        """
        found = self.match(method, template, swagger=doc.swagger)
        return found or (self.match(method, sent_path, swagger=doc.swagger) if sent_path else None)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that any description has for a path."""
        return tuple(dict.fromkeys(name for file in self.files if file.may_have(path) for name in file.methods(path)))

    def without_base(self, method: str, path: str) -> tuple[str, Operation] | None:
        """The first segments of a path (``/gateway``) and the operation that the rest is, where that is described.

        A rest of parameters alone is any path, and counts as none; a parameter before it makes it another resource's.
        """
        segments, trailing = split_path(path)
        for number in range(1, len(segments)):
            rest = segments[number:]
            if "{" in segments[number - 1] or all("{" in segment for segment in rest):
                return None
            found = self.match(method, f"/{'/'.join(rest)}{'/' if trailing else ''}")
            if found is not None and found.written_path.strip("/").count("/") == len(rest) - 1:
                return f"/{'/'.join(segments[:number])}", found
        return None

    def unread(self, path: str) -> tuple[DescriptionFault, ...]:
        """Why parts of descriptions that may have a path cannot be read."""
        return tuple(fault for file in self.files if file.may_have(path) for fault in file.unread(path))

    def operations(self) -> tuple[Operation, ...]:
        """Every operation of every configured file, each once by its :attr:`~.operations.Operation.key`."""
        return self._operations

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
                problem=f"swagger: {written!r} is an absolute path; write it relative to the root directory",
                hint=self._same_name(name),
            )
        file = None if "\0" in written else Path(os.path.normpath(self._root / written)).resolve()
        if file is not None and not self._store.may_read(file):
            return SwaggerPath(
                file=None,
                code="swagger-missing",
                problem=f"swagger: {written!r} leads out of the root directory, and is not read",
                hint=self._same_name(PurePosixPath(written).name),
            )
        if file is None or not file.is_file():
            return SwaggerPath(
                file=None,
                code="swagger-missing",
                problem=f"swagger: there is no file {written!r} in the root directory",
                hint=self._same_name(PurePosixPath(written).name),
            )
        if self._file(file).document is None:
            return SwaggerPath(
                file=None,
                code="swagger-not-a-description",
                problem=f"swagger: {written!r} is not a readable OpenAPI description (2.0, 3.0 or 3.1)",
            )
        return SwaggerPath(file=file)

    def location_of(self, source: str) -> SourceLocation | None:
        """The line of a ``file#/json/pointer`` in a file that was read; ``None`` for others."""
        return self._store.location_of(source)

    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the files that have been read so far; :meth:`operations` reads all of them."""
        broken = [
            Finding(
                code="description-not-openapi",
                message="is configured as an API description, but has neither 'openapi: 3.x' nor 'swagger: \"2.0\"'",
                location=SourceLocation(document.name, 1),
                severity=Severity.WARNING,
            )
            for file in self.files
            if (document := self._store.read(file.file)) is not None and not document.version
        ]
        problems = [problem for file in self._files.values() for problem in file.findings]
        return tuple(dict.fromkeys([*self._store.findings, *broken, *problems]))

    @cached_property
    def _operations(self) -> tuple[Operation, ...]:
        found: dict[tuple[str, str], Operation] = {}
        for file in self.files:
            for operation in file.operations():
                found.setdefault(operation.key, operation)
        return tuple(found.values())

    def _file(self, file: Path) -> DescriptionFile:
        if file not in self._files:
            self._files[file] = DescriptionFile(file, self._store)
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


def _folder_of(pattern: Path) -> Path:
    """The folder that a file, or all that fits a glob, lies in."""
    if not glob.has_magic(str(pattern)):
        return pattern.resolve().parent
    return next(folder for folder in pattern.parents if not glob.has_magic(str(folder)))

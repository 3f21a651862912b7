"""The docs of a run: read once, with the cases that the options ask for, and the hooks around them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.doc_files import is_markdown, markdown_files
from pytest_endpoint_docs.loading.doc_index import DocIndex, requirement_findings
from pytest_endpoint_docs.loading.frontmatter import unreadable
from pytest_endpoint_docs.loading.head import doc_reader
from pytest_endpoint_docs.loading.items import cases_of, marker_name
from pytest_endpoint_docs.manual.manual_mode import lacks_only_a_code, with_manual_mode
from pytest_endpoint_docs.model.body import EMPTY_BODY
from pytest_endpoint_docs.model.case import ContractCase, Disposition
from pytest_endpoint_docs.model.doc import CaseOutline, DocReader, EndpointDoc, Reads
from pytest_endpoint_docs.model.source import Endpoint
from pytest_endpoint_docs.plugin.options import Options
from pytest_endpoint_docs.plugin.outlets import skip_mark
from pytest_endpoint_docs.redaction.rendering import public

if TYPE_CHECKING:
    from pluggy import HookRelay

    from pytest_endpoint_docs.model.record import ItemKind, ItemRecord
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.item_fixtures import FolderFixtures

UNREADABLE = "unreadable doc"
_NOTHING_TO_READ = Reads(text=lambda _: "", body=lambda _: EMPTY_BODY)


class ProjectDocs:
    """The docs of one process, each read once: those that are collected, and the others of the project.

    ``further`` makes the cases of a doc that the options ask for out of those that it has, and is told whether a
    consent makes the first of these run. ``files`` holds the doc of each file that was read, ``fixtures`` those of the
    items of each folder. ``bound_case`` binds a case to its item, once items run.
    """

    def __init__(
        self,
        config: pytest.Config,
        options: Options,
        further: Callable[[list[ContractCase], bool], list[ContractCase]],
    ) -> None:
        self.cases_by_file: dict[Path, tuple[ContractCase, ...]] = {}
        self._config = config
        self._root = f"{config.rootpath}{os.sep}"
        self._elsewhere: dict[str, str] = {}
        self._options = options
        self._further = further
        self.files: dict[Path, EndpointDoc | None] = {}
        self._unreadable: set[Path] = set()
        self._index: DocIndex | None = None
        self._cases: dict[tuple[object, ...], dict[Path, tuple[ContractCase, ...]]] = {}
        self._folders: dict[Path, pytest.Collector] = {}
        self.fixtures: dict[pytest.Collector | None, FolderFixtures] = {}
        self.bound_case: Callable[[pytest.Item, Mapping[str, JSONValue]], AbstractContextManager[object]] | None = None
        self._read = doc_reader()
        self._marks: dict[tuple[str, ...], tuple[pytest.MarkDecorator, ...]] = {}
        self._declared: set[str] = set()

    def read(self, file: Path, nodeid: str = "") -> EndpointDoc | None:
        """The doc in a file, ``None`` where there is none; one that cannot be read fails as one item.

        ``nodeid``: that of the file's node, if it has one; mostly it is the path that people read, too.
        """
        if file in self.files:
            return self.files[file]
        shown = self.display(file)
        path = nodeid if nodeid == shown else shown
        try:
            doc = self._read(file, display_path=path)
        except FrontmatterError as error:
            doc = _unreadable(file, path, error)
            self._unreadable.add(file)
        self.files[file] = doc
        self._index = None
        return doc

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of the ini's ``endpoint_docs``."""
        return tuple(self._config.rootpath / folder for folder in self._options.docs)

    @cached_property
    def found(self) -> tuple[EndpointDoc, ...]:
        """Every doc under the ini's ``endpoint_docs``, in path order, also those that cannot be read."""
        files = [file for folder in self.folders for file in markdown_files(folder)]
        return tuple(doc for doc in map(self.read, files) if doc is not None)

    @cached_property
    def all(self) -> tuple[EndpointDoc, ...]:
        """Every readable doc under the ini's ``endpoint_docs``, in path order."""
        return tuple(filter(self.is_readable, self.found))

    def is_readable(self, doc: EndpointDoc) -> bool:
        """Whether a doc is more than the item that says why it cannot be read."""
        return doc.file not in self._unreadable

    @property
    def index(self) -> DocIndex:
        """All docs that a case may refer to: the project's and the collected ones."""
        if self._index is None:
            docs = [*self.all, *(doc for doc in self.files.values() if doc and self.is_readable(doc))]
            self._index = DocIndex({doc.file: doc for doc in docs}.values())
        return self._index

    def index_with(self, paths: Iterable[str]) -> DocIndex:
        """The index, and in it the docs that another process of the run has collected, by their paths."""
        for path in paths:
            with suppress(OSError):
                self.read(self._config.rootpath / path)
        return self.index

    def cases(self, doc: EndpointDoc, node: pytest.Item | pytest.Collector) -> tuple[ContractCase, ...]:
        """The cases of a doc for the items of a node, after the hooks there had their say; once for these hooks."""
        hook = node.ihook.pytest_endpoint_docs_modify_cases
        having_a_say = tuple(hook.get_hookimpls())
        known = self._cases.setdefault(having_a_say, {})
        cases = known.get(doc.file)
        if cases is None:
            made = self._cases_of(doc)
            self.cases_by_file[doc.file] = written = tuple(made)
            if having_a_say:
                hook(config=self._config, cases=made)
                # What a hook leaves out is a part of the doc all the same: without it, nothing verifies the doc.
                self.cases_by_file[doc.file] = tuple({case.name: case for case in (*written, *made)}.values())
            cases = known[doc.file] = tuple(made)
            if self._options.manual == "skip":  # else a run takes long, and people write docs meanwhile
                doc.reader.let_go_text()
        return cases

    def _cases_of(self, doc: EndpointDoc) -> list[ContractCase]:
        options = self._options
        folder = doc.path.rpartition("/")[0]
        if folder not in self._elsewhere:
            self._elsewhere[folder] = self._why_elsewhere(doc.file.parent)
        elsewhere = self._elsewhere[folder]
        if elsewhere:
            broken = Disposition(action="broken", reason=elsewhere, location=doc.location)
            return [
                case if case.disposition.action == "skip" else replace(case, disposition=broken)
                for case in cases_of(doc)
            ]
        written = list(cases_of(doc))
        if doc.requires:
            written = [self._checked_requirements(case) for case in written]
        cases = [with_manual_mode(case, options.manual) for case in written] if doc.is_manual else written
        if options.manual == "skip" and options.tokens == "default" and not (options.negative or doc.negative):
            return cases
        runs = doc.is_manual and options.manual != "skip" and cases[0].disposition.action == "run"
        by_consent = runs and (written[0].disposition.action == "skip" or lacks_only_a_code(doc.body))
        return self._further(cases, by_consent)

    def _why_elsewhere(self, folder: Path) -> str:
        """Why docs of a folder cannot run here: their project has settings of its own, and those of another one hold.

        Empty where they can.
        """
        root = self._config.rootpath
        project = None if self._is_for_all else _project_around(root, folder)
        if project is None:
            return ""
        named = os.path.relpath(project, self._config.invocation_params.dir)
        return (
            f"the doc is one of {project.name}, which has settings of its own, and the settings of this run are those "
            f"of {root.name}: its requests would go to another server. Run it by itself (pytest {named}), or "
            "name the target of all docs with --endpoint-env PATH or --base-url URL"
        )

    @cached_property
    def _is_for_all(self) -> bool:
        """Whether the target is that of all docs, whichever project they are of."""
        env: str | None = self._config.getoption("endpoint_env", None)
        if self._config.getoption("base_url", None):
            return True
        if not env:
            return False
        from pytest_endpoint_docs.model.environment import SANDBOX

        return Path(env).name != env or env == SANDBOX

    def _checked_requirements(self, case: ContractCase) -> ContractCase:
        if case.disposition.action != "run":
            return case
        wrong = next(requirement_findings(case.doc, self.index), None)
        if wrong is None:
            return case
        return replace(case, disposition=Disposition(action="broken", reason=wrong.message, location=wrong.location))

    def marks(self, case: ContractCase) -> tuple[pytest.MarkDecorator, ...]:
        """The marks of a case: its tags and its domain, and ``skip`` where it does not run."""
        tags = (*case.doc.tags, *case.outline.tags, case.doc.domain or "")
        if tags not in self._marks:
            names = dict.fromkeys(map(marker_name, tags))
            self._marks[tags] = tuple(self._declared_mark(name) for name in names if name)
        marks = self._marks[tags]
        return marks if case.disposition.action != "skip" else (*marks, skip_mark(public(case.disposition.reason)))

    def _declared_mark(self, name: str) -> pytest.MarkDecorator:
        """A mark; it is registered first, so that ``--strict-markers`` holds."""
        if name not in self._declared:
            self._declared.add(name)
            self._config.addinivalue_line("markers", f"{name}: endpoint docs with this tag or domain")
        mark: pytest.MarkDecorator = getattr(pytest.mark, name)
        return mark

    def remember_folders(self, node: pytest.Item | pytest.Collector) -> None:
        """Note the folders that a node is in: pytest has loaded their hooks."""
        parent = node.parent
        while parent is not None and parent.path not in self._folders:
            self._folders[parent.path] = parent
            parent = parent.parent

    def hooks_around(self, doc: EndpointDoc) -> HookRelay:
        """The hooks that hold where a doc is: those of its folder, or of the nearest around it that was collected."""
        near = (self._folders[folder] for folder in doc.file.parents if folder in self._folders)
        found = next(near, None)
        return self._config.hook if found is None else found.ihook

    def outline_of(self, path: str, nodeid: str) -> ItemRecord | None:
        """What is known of an item whose report never came: ``None`` for one that no doc has.

        ``path`` is that of the item's file from the root directory.
        """
        file, name = self._config.rootpath / path, nodeid.partition("::")[2]
        # An item that is called like its file is the file's doctests (--doctest-glob), and none of ours.
        doc = self.read(file) if is_markdown(file.name) and name != file.name else None
        kind: ItemKind = "main"
        if doc is None:
            # A project's test that runs over docs: test_contract[things/get.md::GET /things].
            short, _, name = name.partition("[")[2].removesuffix("]").partition("::")
            doc, kind = next((doc for doc in self.all if short_path(doc) == short), None), "custom"
        if doc is None:
            return None
        from pytest_endpoint_docs.model.record import ItemRecord
        from pytest_endpoint_docs.reporting.item_records import doc_fields

        outline = next((outline for outline in doc.outlines if outline.name == name), None)
        return ItemRecord(
            **doc_fields(doc),
            nodeid=public(nodeid),
            line=(outline.location if outline else doc.location).line,
            kind=outline.kind if outline and kind == "main" else kind,
            outcome="error",
            case_id=public(outline.case_id) if outline and outline.case_id else None,
        )

    def display(self, file: Path) -> str:
        """A path as people read it: from the root directory, if the doc is below it or the working directory."""
        path = str(file)
        if path.startswith(self._root):
            return path.removeprefix(self._root).replace(os.sep, "/")
        if file.is_relative_to(self._config.invocation_params.dir):
            return Path(os.path.relpath(file, self._config.rootpath)).as_posix()
        return file.as_posix()


def short_path(doc: EndpointDoc) -> str:
    parts = Path(doc.path).parts
    return "/".join(parts[1:]) if len(parts) > 1 else doc.path


def _project_around(root: Path, inner: Path) -> Path | None:
    """The nearest folder, outside the root directory, that has settings for pytest, or environments."""
    for folder in (inner, *inner.parents):
        if root.is_relative_to(folder):
            return None
        own = (folder / name for name in ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"))
        shared = (folder / name for name in ("pyproject.toml", "tox.ini", "setup.cfg"))
        if (
            any(ini.is_file() for ini in own)
            or any(ini.is_file() and b"pytest" in ini.read_bytes() for ini in shared)
            or (folder / "fixtures" / "environments").is_dir()
        ):
            return folder
    return None


def _unreadable(file: Path, path: str, error: FrontmatterError) -> EndpointDoc:
    """A doc that stands for a file that cannot be read, so that it fails as one item and the others run."""
    return EndpointDoc(
        file=file,
        path=path,
        endpoint=Endpoint("", ""),
        location=error.location,
        findings=(unreadable(error),),
        outlines=(CaseOutline(name=UNREADABLE, location=error.location),),
        reader=DocReader(_NOTHING_TO_READ),
    )

"""The cases of docs as pytest's items: a file node per doc, an item per case."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from pytest_endpoint_docs.loading.doc_files import is_markdown, leads_nowhere
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.plugin.item_fixtures import FolderFixtures
from pytest_endpoint_docs.plugin.project_docs import ProjectDocs
from pytest_endpoint_docs.plugin.session import CASE, FAILURE, RESULT, SESSION
from pytest_endpoint_docs.words import visible

if TYPE_CHECKING:
    from pluggy import HookRelay

    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.model.source import Obstacle
    from pytest_endpoint_docs.reporting.failure import Failure


class Collects(Protocol):
    """What nodes have in common: the docs, and the hooks that hold in each folder, as far as pytest was asked."""

    hooks: dict[pytest.Collector | None, HookRelay]

    @property
    def docs(self) -> ProjectDocs: ...

    def is_alone(self) -> bool: ...

    def named(self, doc: EndpointDocFile) -> EndpointDocFile: ...


class DocsFolder(pytest.Directory):
    """The node of a folder with docs; pytest's own in all but that it has them collected in one go.

    A collection of each doc by pytest takes twice as long. The nodes of docs and of their items are the same. What is
    named on the command line, pytest has to find by its own node; ``--lf`` and its kin leave files out, and count them.
    """

    collecting: Collects

    @classmethod
    def of(cls, parent: pytest.Collector, collecting: Collects, *, path: Path) -> DocsFolder:
        """The node of a folder."""
        # It is one of the keywords of its items, which xdist sends in UTF-8.
        name = None if path.name.isprintable() else visible(path.name)
        folder: DocsFolder = cls.from_parent(parent, path=path, name=name)
        folder.collecting = collecting
        return folder

    def __repr__(self) -> str:
        return f"<Dir {self.name}>"

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """What pytest finds in such a folder, by its hooks and in its order."""
        leaves_out_files = any(self.config.getoption(name, False) for name in ("lf", "failedfirst", "newfirst"))
        holds_named = self.session.isinitpath(self.path, with_parents=True)
        docs: list[EndpointDocFile] = []
        for node in self._nodes():
            if (
                isinstance(node, EndpointDocFile)
                and not leaves_out_files
                and not (holds_named and self.session.isinitpath(node.path))
            ):
                docs.append(node)
                continue
            if docs:
                yield DocsOfFolder.of(self, docs)
                docs = []
            yield node
        if docs:
            yield DocsOfFolder.of(self, docs)

    def _nodes(self) -> Iterator[pytest.Collector]:
        hooks = self.ihook
        is_alone = self.collecting.is_alone()
        # What pytest would derive from the path of each doc.
        begins = f"{self.nodeid}/" if self.config.rootpath in self.path.parents and "::" not in self.nodeid else None
        # A path that is made of the folder's takes a fifth of the time of one that is read from a text.
        paths = {path.name: path for path in self.path.iterdir()}
        with os.scandir(self.path) as found:
            entries = {entry.name: entry for entry in found if _can_be_read(entry)}
        for name in sorted(paths):
            path, entry = paths[name], entries.get(name)
            if entry is None:
                # pytest passes by what is not there; a doc that a link promises would be lost.
                if is_markdown(name) and not hooks.pytest_ignore_collect(collection_path=path, config=self.config):
                    yield from hooks.pytest_collect_file(file_path=path, parent=self) if leads_nowhere(path) else ()
                continue
            if is_alone and is_markdown(name) and entry.is_file():
                nodeid = f"{begins}{name}" if begins and "::" not in name else None
                yield EndpointDocFile.of(self, self.collecting, path=path, name=name, nodeid=nodeid)
            else:
                yield from self._asked_for(path, entry, hooks)

    def _asked_for(self, path: Path, entry: os.DirEntry[str], hooks: HookRelay) -> Iterator[pytest.Collector]:
        is_folder = entry.is_dir()
        is_named = self.session.isinitpath(path, with_parents=is_folder)
        if not is_named and hooks.pytest_ignore_collect(collection_path=path, config=self.config):
            return
        if is_folder:
            folder = hooks.pytest_collect_directory(path=path, parent=self)
            if folder is not None:
                yield folder
        elif entry.is_file():
            yield from hooks.pytest_collect_file(file_path=path, parent=self)


class DocsOfFolder(pytest.Collector):
    """Gives the items of docs of one folder that stand next to each other; no node has it above itself.

    The folder cannot do it itself: the fixtures of its ``conftest.py`` are known once it is collected.
    """

    _docs: list[EndpointDocFile]

    @classmethod
    def of(cls, folder: DocsFolder, docs: list[EndpointDocFile]) -> DocsOfFolder:
        """The collector of these docs."""
        made: DocsOfFolder = cls.from_parent(folder, name=docs[0].name)
        made._docs = docs
        return made

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """The items of all docs."""
        for node in self._docs:
            yield from _items_of(node)


def _can_be_read(entry: os.DirEntry[str]) -> bool:
    """Whether a file or folder is there at all: a link may lead nowhere, or in a circle."""
    try:
        return entry.is_dir() or entry.is_file()
    except OSError:
        return False


def _items_of(node: EndpointDocFile) -> Sequence[pytest.Item | pytest.Collector]:
    """The items of a doc; the doc's node where they cannot be had: pytest then tells why, for this doc alone."""
    try:
        return list(node.collect())
    except (Exception, pytest.skip.Exception, pytest.fail.Exception):  # noqa: BLE001 - raised again, where it is told
        return [node]


class _WithKeywords:
    """Makes the set of a node's further keywords for who asks: empty ones take a twentieth of the memory of docs."""

    @cached_property
    def extra_keyword_matches(self) -> set[str]:
        return set()


class EndpointDocFile(_WithKeywords, pytest.Module):  # type: ignore[override]  # a cached property can be set
    """The node of one doc: a ``Module``, so that module-scoped fixtures of users have a node."""

    docs: ProjectDocs
    _hooks: dict[pytest.Collector | None, HookRelay]

    @classmethod
    def of(
        cls,
        parent: pytest.Collector,
        collecting: Collects,
        *,
        path: Path,
        name: str | None = None,
        nodeid: str | None = None,
    ) -> EndpointDocFile:
        """The node of a doc; what is not given, pytest derives from the path, in as long as a node takes."""
        file = collecting.named(cls.from_parent(parent, path=path, name=name, nodeid=nodeid))
        del file.extra_keyword_matches
        file.docs, file._hooks = collecting.docs, collecting.hooks
        return file

    @property
    def ihook(self) -> HookRelay:
        """The hooks that hold for a doc and its items: those of its folder."""
        kept = self._hooks.get(self.parent)
        if kept is None:
            kept = self._hooks[self.parent] = super().ihook
        return kept

    @cached_property
    def obj(self) -> ModuleType:
        """An empty module: fixtures, and other plugins, ask it for its name and its file."""
        module = ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        return module

    def collect(self) -> Iterable[ContractItem]:
        """One item per case of the doc; a doc that cannot be read is one item that fails."""
        self.docs.remember_folders(self)
        doc = self.docs.read(self.path, self.nodeid)
        for case in self.docs.cases(doc, self) if doc else ():
            yield ContractItem.build(self, case)


class ContractItem(_WithKeywords, pytest.Function):  # type: ignore[override]  # as above
    """The item of one case; ``case`` is the value that it runs."""

    case: ContractCase
    _file: EndpointDocFile
    _fixtures: FolderFixtures

    @classmethod
    def build(cls, parent: EndpointDocFile, case: ContractCase) -> ContractItem:
        """The item of a case, with its markers, and the skip mark where the doc says skip."""
        docs, known = parent.docs, parent.docs.fixtures.get(parent.parent)
        item: ContractItem = cls.from_parent(
            parent, name=visible(case.name), callobj=contract, fixtureinfo=known.found if known else None
        )
        item.fixturenames = list(known.names if known else item.fixturenames)  # for whoever adds one to this item
        del item.extra_keyword_matches
        item._file = parent
        item._fixtures = known or docs.fixtures.setdefault(parent.parent, FolderFixtures(item))
        item.case = item.stash[CASE] = case
        for mark in docs.marks(case):
            item.own_markers.append(mark.mark)
            item.keywords[mark.name] = mark.mark
        if case.disposition.action == "skip":
            # Without it, -rs folds skips by mark into one line per file, without the doc's line.
            item.keywords["pytestmark"] = []
        return item

    def setup(self) -> None:
        """Bind the case; by way of the fixture only where the item has others too, or somebody sees them set up."""
        bound_case = self._file.docs.bound_case
        if bound_case is None or not self._fixtures.need_no_setup(self):
            super().setup()
            return
        opened = bound_case(self, {})
        self.funcargs["endpoint_case"] = opened.__enter__()
        self.addfinalizer(partial(opened.__exit__, None, None, None))

    @property
    def id(self) -> Any:
        """What pytest (from 9.2 on) compares in place of the node id: as it reads it from its cache and from reports.

        There ``::`` divides, and ``[`` begins a parameter, as in ``GET /things[staff]``; both are parts of a name here.
        """
        made: Any = super().id
        return type(made).parse(self.nodeid) if "[" in self.name or "::" in self.name else made

    @property
    def ihook(self) -> HookRelay:
        """The hooks that hold for the item."""
        return self._file.ihook

    @cached_property
    def location(self) -> tuple[str, int | None, str]:
        """The doc's path from the root directory, the line from 0, the name; pytest's own way looks at each folder."""
        path, line, name = self.reportinfo()
        root = f"{self.config.rootpath}{os.sep}"
        if not str(path).startswith(root):
            return super().location
        relative, known = visible(str(path).removeprefix(root)), self.case.doc.path
        return (known if known == relative else relative), line, name

    def reportinfo(self) -> tuple[Path, int, str]:
        """The doc's own line: what ``-rs``, ``--durations`` and editors show."""
        location = self.case.disposition.location if self.case.disposition.action == "skip" else None
        return self.path, (location or self.case.location).line - 1, self.case.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """The failure text of the case, without a frame of ours; what a user's fixture raises is shown as ever."""
        result = self.stash.get(RESULT, None)
        if result is None or excinfo.value not in (result.error, *result.cleanup_errors):
            return super().repr_failure(excinfo, *args, **kwargs)
        from pytest_endpoint_docs.reporting.failure import render_failure

        failure = self.stash[FAILURE] = render_failure(result, self.config.stash[SESSION].redactor_of())
        shown: Any = excinfo.getrepr(style="value", chain=False)
        shown.reprcrash.path = visible(str(self.path))
        shown.reprcrash.lineno = failure.line
        # The short summary has the doc's path before the message, and room for little else.
        obstacle = result.obstacle if excinfo.value is result.error else None
        shown.reprcrash.message = self._untested(obstacle) if obstacle else short_verdict(failure, self.case)
        # With --tb=line pytest puts path and line before the message itself, and wants nothing but that line.
        only_line = self.config.getoption("tbstyle", "auto") == "line"
        shown.reprtraceback.reprentries[0].lines = [] if only_line else failure.text.split("\n")
        return shown

    def _untested(self, obstacle: Obstacle) -> SafeText:
        return self.config.stash[SESSION].redactor_of().text(f"{obstacle.title}: {obstacle.message}")


def short_verdict(failure: Failure, case: ContractCase) -> SafeText:
    """The verdict where the doc's path is told already."""
    return failure.short if failure.path == case.doc.path else failure.verdict


def contract(endpoint_case: Any) -> None:
    # No docstring: reports of other plugins would show it as the description of every item.
    endpoint_case.run()

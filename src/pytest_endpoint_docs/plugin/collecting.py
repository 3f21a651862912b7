"""Docs as pytest collects them: where they are looked for, folder by folder, and over which a test runs."""

from __future__ import annotations

import gc
import glob
import os
from collections.abc import Callable, Generator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.loading.doc_files import is_markdown
from pytest_endpoint_docs.plugin.session import CASE

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.nodes import EndpointDocFile
    from pytest_endpoint_docs.plugin.project_docs import ProjectDocs


# In objects that were made and are still there.
_GARBAGE_AFTER = 10_000


class Collecting:
    """Collects docs; ``docs`` gives those of the process, ``named`` are the folders of the ini's ``endpoint_docs``."""

    def __init__(self, config: pytest.Config, docs: Callable[[], ProjectDocs], named: Sequence[Path]) -> None:
        self._config = config
        self._docs = docs
        self._named = named
        self._has_docs = False
        self._may_hold = cache(self._is_looked_into)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """What was collected stays until the end: it is no garbage, and to look for some in it takes long."""
        was_enabled = gc.isenabled()
        try:
            return (yield)
        finally:
            if was_enabled and not gc.isenabled():  # the first doc switched it off
                gc.enable()
                if gc.get_freeze_count():  # by a run before in the same process
                    gc.unfreeze()
                    gc.collect()
                gc.freeze()  # for good: pytest's last act is a search for garbage

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """An item leaves little garbage in circles: it is looked for every few items, not several times in each."""
        thresholds = gc.get_threshold()
        if self._has_docs and 0 < thresholds[0] < _GARBAGE_AFTER:
            gc.set_threshold(_GARBAGE_AFTER, *thresholds[1:])
        try:
            return (yield)
        finally:
            gc.set_threshold(*thresholds)

    @pytest.hookimpl
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a folder with docs, if it is no package of Python's."""
        if not self._may_hold(path):
            return None
        try:
            names = os.listdir(path)  # noqa: PTH208 - names are enough, and there may be thousands
        except OSError:
            return None  # pytest's own node tells it, and spoils no other folder
        if "__init__.py" in names or not any(map(is_markdown, names)):
            return None
        self._meet_docs()
        from pytest_endpoint_docs.plugin.nodes import DocsFolder

        return DocsFolder.from_parent(parent, path=path)

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> EndpointDocFile | None:
        """Collect a Markdown file where docs are looked for."""
        if not is_markdown(file_path.name):
            return None
        if not self._may_hold(file_path.parent) and not self._may_hold(file_path):
            return None
        self._meet_docs()
        from pytest_endpoint_docs.plugin.nodes import EndpointDocFile

        file: EndpointDocFile = EndpointDocFile.from_parent(parent, path=file_path)
        file.docs = self._docs()
        return file

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that asks for a case over all docs."""
        if "endpoint_case" in metafunc.fixturenames:
            from pytest_endpoint_docs.plugin.nodes import parametrize_over_docs

            parametrize_over_docs(metafunc, self._docs())

    @pytest.hookimpl
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note the case of such a test."""
        parameters = getattr(item, "callspec", None)
        if parameters is not None and "endpoint_case" in parameters.params:
            item.stash[CASE] = parameters.params["endpoint_case"]
            self._docs().remember_folders(item)

    def _meet_docs(self) -> None:
        """Prepare for docs, with the first of them."""
        if self._has_docs:
            return
        from pytest_endpoint_docs.plugin.own_modules import import_own_modules_plainly

        self._has_docs = True
        import_own_modules_plainly(self._config)
        gc.disable()

    def _is_looked_into(self, path: Path) -> bool:
        folders = self._folders
        return folders is None or any(path.is_relative_to(folder) for folder in folders)

    @cached_property
    def _folders(self) -> tuple[Path, ...] | None:
        """Where docs are looked for; ``None``: wherever pytest looks, because the command line says where.

        Without it they are those of ``endpoint_docs`` and of ``testpaths``: a page elsewhere that happens to look like
        a doc is nothing to test, and a suite without docs stays what it was.
        """
        if self._config.args_source is pytest.Config.ArgsSource.ARGS:
            return None
        root = glob.escape(str(self._config.rootpath))
        # Path.glob takes neither absolute patterns nor "..".
        patterns = (os.path.join(root, path) for path in self._config.getini("testpaths"))  # noqa: PTH118
        found = (glob.glob(pattern, recursive=True) for pattern in patterns)  # noqa: PTH207
        named = [str(self._config.rootpath / folder) for folder in self._named]
        return tuple(Path(os.path.normpath(path)) for paths in (named, *found) for path in paths)

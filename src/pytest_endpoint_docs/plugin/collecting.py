"""Docs as pytest collects them: where they are looked for, folder by folder, and over which a test runs."""

from __future__ import annotations

import gc
import glob
import os
from collections.abc import Callable, Generator, Sequence
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.loading.doc_files import is_markdown

if TYPE_CHECKING:
    from pluggy import HookRelay

    from pytest_endpoint_docs.plugin.nodes import EndpointDocFile
    from pytest_endpoint_docs.plugin.project_docs import ProjectDocs


# In objects that were made and are still there.
_GARBAGE_AFTER = 10_000
# The parts of pytest that leave files out, and collect Python files and doctests.
_OF_PYTEST = ("_pytest.main", "_pytest.python", "_pytest.doctest")
# Options that make these leave out or collect a Markdown file; names in a ``conftest.py`` do so, too.
_OPTIONS_ABOUT_FILES = ("ignore", "ignore_glob", "doctestglob")
_TESTS_OVER_DOCS = "endpoint_docs_tests_over_docs"


class Collecting:
    """Collects docs; ``docs`` gives those of the process, ``named`` are the folders of the ini's ``endpoint_docs``.

    ``hooks`` are those that hold in each folder, as far as pytest was asked.
    """

    def __init__(self, config: pytest.Config, docs: Callable[[], ProjectDocs], named: Sequence[Path]) -> None:
        self.hooks: dict[pytest.Collector | None, HookRelay] = {}
        self._config = config
        self._given_docs = docs
        self._named = named
        self._has_docs = False
        self._may_hold = cache(self._is_looked_into)

    def _warn_of_missing(self) -> None:
        """Warn of a folder that the ini file names and that is not there: no doc in it would ever run.

        Raises: ``UsageError`` where warnings are errors.
        """
        if tuple(self._named) == (Path("endpoints"),) or hasattr(self._config, "workerinput"):
            return
        for folder in self._named:
            if not (self._config.rootpath / folder).is_dir():
                warning = pytest.PytestConfigWarning(f"the folder {folder} in endpoint_docs does not exist")
                try:
                    self._config.issue_config_time_warning(warning, stacklevel=2)
                except pytest.PytestConfigWarning as error:  # -W error
                    from pytest_endpoint_docs.plugin.outlets import usage_error
                    from pytest_endpoint_docs.redaction.rendering import public

                    raise usage_error(public(str(error))) from error

    @cached_property
    def docs(self) -> ProjectDocs:
        """The docs of the process."""
        return self._given_docs()

    @pytest.hookimpl
    def pytest_plugin_registered(self) -> None:
        """Forget which hooks hold in a folder: those of a plugin that comes now may, or may not."""
        self.hooks.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """What was collected stays until the end: it is no garbage, and to look for some in it takes long."""
        self._warn_of_missing()
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

        return DocsFolder.of(parent, self, path=path)

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> EndpointDocFile | None:
        """Collect a Markdown file where docs are looked for."""
        if not is_markdown(file_path.name):
            return None
        if not self._may_hold(file_path.parent) and not self._may_hold(file_path):
            return None
        self._meet_docs()
        from pytest_endpoint_docs.plugin.nodes import EndpointDocFile

        return EndpointDocFile.of(parent, self, path=file_path)

    def is_alone(self) -> bool:
        """Whether, so far, nobody else has a say in which files are docs.

        pytest asks everybody about each file, which takes longer than to read its head.
        """
        if any(self._config.getoption(name, None) for name in _OPTIONS_ABOUT_FILES):
            return False
        plugins = self._config.pluginmanager.get_plugins()
        names = [vars(each) for each in plugins if isinstance(each, ModuleType)]
        if any("collect_ignore" in known or "collect_ignore_glob" in known for known in names):
            return False
        hooks = self._config.pluginmanager.hook
        asked = [*hooks.pytest_ignore_collect.get_hookimpls(), *hooks.pytest_collect_file.get_hookimpls()]
        return all(each.plugin is self or getattr(each.plugin, "__name__", "") in _OF_PYTEST for each in asked)

    def named(self, doc: EndpointDocFile) -> EndpointDocFile:
        """The node of the doc with a node id that pytest can print, read a path off, and write in UTF-8."""
        if doc.nodeid.isprintable() and "::" not in doc.nodeid:
            return doc
        from pytest_endpoint_docs.words import visible

        names: Any = {key: visible(getattr(doc, key)).replace("::", r":\x3a") for key in ("name", "nodeid")}
        escaped: EndpointDocFile = type(doc).from_parent(doc.parent, path=doc.path, **names)
        # With --lf, pytest looks into the files whose paths it reads off node ids; there is none of that name.
        plugin: Any = self._config.pluginmanager.getplugin("lfplugin")
        paths: object = getattr(plugin, "_last_failed_paths", None)
        of_doc = f"{escaped.nodeid}::"
        if isinstance(paths, set) and any(str(failed).startswith(of_doc) for failed in plugin.lastfailed):
            paths.add(doc.path)
        return escaped

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that asks for a case over all docs."""
        if "endpoint_case" in metafunc.fixturenames:
            from pytest_endpoint_docs.plugin.tests_over_docs import TestsOverDocs, parametrize_over_docs

            docs, plugins = self.docs, self._config.pluginmanager
            if not plugins.hasplugin(_TESTS_OVER_DOCS):
                plugins.register(TestsOverDocs(docs), _TESTS_OVER_DOCS)
            parametrize_over_docs(metafunc, docs)

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

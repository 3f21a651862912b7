"""Markdown files that gave no item: how many there are, and why those that the command line names gave none."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.loading.doc_files import is_markdown, markdown_files
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.plugin.outlets import tell
from pytest_endpoint_docs.redaction.rendering import joined, public
from pytest_endpoint_docs.words import count

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.project_docs import ProjectDocs
    from pytest_endpoint_docs.plugin.run_records import RunRecords

# What a worker of pytest-xdist tells its controller, which reads no docs.
_LEFT_ALONE = "endpoint_docs_left_alone"
_NOT_ENTERED = "endpoint_docs_not_entered"


class LeftAlone:
    """Tells of the files that are not endpoint docs, so that none vanishes without a word."""

    def __init__(
        self, docs: Callable[[], ProjectDocs], so_far: Callable[[], ProjectDocs | None], records: RunRecords
    ) -> None:
        self._docs = docs
        self._so_far = so_far
        self._records = records
        self._not_entered: list[SafeText] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker found: all of them collect the same files."""
        output = getattr(node, "workeroutput", {})
        if _LEFT_ALONE in output:
            self._records.left_alone, self._not_entered = tuple(output[_LEFT_ALONE]), output[_NOT_ENTERED]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Find the files where endpoint docs were collected, before the run's end is made."""
        docs = self._so_far()
        if docs is None or not docs.cases_by_file:
            return
        named = set(_named_files(session.config))
        others = sorted(file for file, doc in docs.files.items() if doc is None and file not in named)
        found = [public(docs.display(file)) for file in others]
        for folder, files in _not_entered(session.config, docs.folders, docs.cases_by_file):
            are = f"{count(files, 'Markdown file')} in {docs.display(folder)} gave no test"
            why = f"pytest's `norecursedirs` has {folder.name}; name the folder on the command line, or rename it"
            self._not_entered.append(public(f"{are}: {why}"))
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_LEFT_ALONE], output[_NOT_ENTERED] = found, self._not_entered
        else:
            self._records.left_alone = tuple(found)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Name those that the command line names, and count the others."""
        for file in _named_files(config):
            if file.is_file() and self._docs().read(file) is None:
                from pytest_endpoint_docs.loading.lookalikes import why_left_alone

                path = self._docs().display(file)
                told = public(f"{path}:1: not an endpoint doc: {why_left_alone(file)}")
                tell(terminalreporter, told, yellow=True)
        if not terminalreporter.stats:
            return
        for line in self._not_entered:
            tell(terminalreporter, line, yellow=True)
        others = self._records.left_alone
        if others and config.get_verbosity() >= 0:
            from pytest_endpoint_docs.reporting.hygiene import render_left_alone

            hint = " (-v: which)" if config.get_verbosity() == 0 else ""
            tell(terminalreporter, public(f"{render_left_alone(others)}{hint}"))
            for name in () if hint else others:
                tell(terminalreporter, joined(public("  "), name))


def _not_entered(config: pytest.Config, folders: Iterable[Path], given: Container[Path]) -> Iterator[tuple[Path, int]]:
    """Folders that pytest does not look into because of their names (``build``), each with its number of files.

    ``given`` are the files that gave tests all the same: to a test that runs over all docs.
    """
    patterns = [pattern for pattern in config.getini("norecursedirs") if not pattern.startswith((".", "node_modules"))]
    named = {config.invocation_params.dir / argument.partition("::")[0] for argument in config.args}
    for folder in folders:
        for path in sorted(_folders_below(folder, named)):
            if any(fnmatch(path.name, pattern) for pattern in patterns):
                files = sum(file not in given for file in markdown_files(path))
                if files:
                    yield path, files


def _folders_below(folder: Path, but_not: Container[Path]) -> Iterator[Path]:
    """The folders in a folder and in those, but those that are hidden, and what they hold."""
    for parent, names, _ in os.walk(folder):
        paths = {name: Path(parent, name) for name in names if not name.startswith(".")}
        names[:] = [name for name, path in paths.items() if path not in but_not]
        yield from (paths[name] for name in names)


def _named_files(config: pytest.Config) -> Iterator[Path]:
    """The Markdown files among the arguments, a node id's without its item."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return
    for argument in config.args:
        file = config.invocation_params.dir / argument.partition("::")[0]
        if is_markdown(file.name):
            yield file.resolve()

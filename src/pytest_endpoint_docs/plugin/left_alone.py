"""Markdown files that gave no item: how many there are, and why those that the command line names gave none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.words import count

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.project_docs import ProjectDocs


class LeftAlone:
    """Tells of the files that are not endpoint docs, so that none vanishes without a word."""

    def __init__(self, docs: Callable[[], ProjectDocs], so_far: Callable[[], ProjectDocs | None]) -> None:
        self._docs = docs
        self._so_far = so_far

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Name those that the command line names, and count the others where endpoint docs were collected."""
        named = list(_named_files(config))
        for file in named:
            if file.is_file() and self._docs().read(file) is None:
                from pytest_endpoint_docs.loading.lookalikes import why_left_alone

                path = self._docs().display(file)
                terminalreporter.write_line(f"{path}:1: not an endpoint doc: {why_left_alone(file)}", yellow=True)
        if not terminalreporter.stats or self._so_far() is None or not self._docs().case_names:
            return
        for folder, files in _not_entered(config, self._docs().folders):
            are = f"{count(files, 'Markdown file')} in {self._docs().display(folder)} gave no test"
            why = f"pytest's `norecursedirs` has {folder.name}; name the folder on the command line, or rename it"
            terminalreporter.write_line(f"{are}: {why}", yellow=True)
        others = sorted(file for file, doc in self._docs().files.items() if doc is None and file not in named)
        if others and config.get_verbosity() >= 0:
            are = "is not an endpoint doc" if len(others) == 1 else "are not endpoint docs"
            names = [f"  {self._docs().display(file)}" for file in others] if config.get_verbosity() > 0 else []
            hint = "" if names else " (-v: which)"
            terminalreporter.write_line(f"{count(len(others), 'Markdown file')} {are} and gave no test{hint}")
            for line in names:
                terminalreporter.write_line(line)


def _not_entered(config: pytest.Config, folders: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Folders that pytest does not look into because of their names (``build``), each with its number of files."""
    patterns = [pattern for pattern in config.getini("norecursedirs") if not pattern.startswith((".", "node_modules"))]
    named = {config.invocation_params.dir / argument.partition("::")[0] for argument in config.args}
    for folder in folders:
        for path in sorted(folder.rglob("*/")):
            below = [path, *path.parents[: len(path.relative_to(folder).parts) - 1]]
            hidden = any(one.name.startswith(".") for one in below)
            if not hidden and any(fnmatch(path.name, pattern) for pattern in patterns) and not named & {*below}:
                files = sum(1 for file in path.rglob("*.md") if file.is_file())
                if files:
                    yield path, files


def _named_files(config: pytest.Config) -> Iterator[Path]:
    """The Markdown files among the arguments, a node id's without its item."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return
    for argument in config.args:
        file = config.invocation_params.dir / argument.partition("::")[0]
        if file.suffix.lower() == ".md":
            yield file.resolve()

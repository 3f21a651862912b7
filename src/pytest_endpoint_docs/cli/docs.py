"""The docs that a command is about."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pytest_endpoint_docs.errors import ConfigError, FrontmatterError
from pytest_endpoint_docs.loading import load_doc
from pytest_endpoint_docs.model import EndpointDoc


def add_paths(parser: argparse.ArgumentParser) -> None:
    """The positional argument ``PATH ...`` (default: ``endpoints``)."""
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[Path("endpoints")], metavar="PATH", help="docs or folders of docs"
    )


def load_docs(paths: Sequence[Path]) -> tuple[list[EndpointDoc], list[FrontmatterError]]:
    """Every endpoint doc under the paths, in path order, and the errors of those that cannot be read.

    Raises: ``ConfigError`` where a path does not exist.
    """
    docs: dict[Path, EndpointDoc] = {}
    errors = []
    for path in paths:
        if not path.exists():
            raise ConfigError(f"{path}: no such file or folder")
        for file in sorted(path.rglob("*.md")) if path.is_dir() else [path]:
            resolved = file.resolve()
            try:
                doc = load_doc(resolved, display_path=_display(file))
            except FrontmatterError as error:
                errors.append(error)
                continue
            if doc is not None:
                docs[resolved] = doc
    return list(docs.values()), errors


def _display(file: Path) -> str:
    """A path as a run from here names it: relative to the working directory, where it lies below."""
    here = Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else file.as_posix()

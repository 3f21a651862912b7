"""The docs, descriptions and environment that a command is about."""

from __future__ import annotations

import argparse
import glob
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_endpoint_docs.environment.environment_file import ENVIRONMENTS, find_environment, load_offline
from pytest_endpoint_docs.errors import ConfigError, FrontmatterError
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.record import RunRecord
from pytest_endpoint_docs.openapi.descriptions import Descriptions


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


_EITHER = "say which descriptions: --env NAME (its 'openapi' key), or --openapi FILE-or-GLOB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Docs and the descriptions that they are held against; ``environment`` is ``None`` where none was named."""

    docs: tuple[EndpointDoc, ...]
    unreadable: tuple[FrontmatterError, ...]
    descriptions: Descriptions
    environment: Environment | None


def add_descriptions(parser: argparse.ArgumentParser) -> None:
    """The options ``--env`` and ``--openapi``, of which one is due."""
    parser.add_argument(
        "--env",
        metavar="NAME-or-PATH",
        help="the environment whose 'openapi' names the descriptions; no server is reached, no secret needed",
    )
    parser.add_argument(
        "--openapi",
        nargs="+",
        action="extend",
        metavar="GLOB",
        help="description files, instead of those of an environment; PATHs come before it",
    )


def described_docs(arguments: argparse.Namespace) -> Described:
    """The docs of ``PATH ...`` and the descriptions. Unreadable docs are told on standard error.

    Raises: ``ConfigError`` for a path or pattern that leads nowhere, and where no description is named.
    """
    root = Path.cwd()
    environment = _environment(arguments.env, root) if arguments.env else None
    descriptions = _descriptions(arguments.openapi, environment, root)
    docs, errors = load_docs(arguments.paths)
    for error in errors:
        sys.stderr.write(f"{error.location}: cannot be read: {error.message}\n")
    if not docs and not errors:
        raise ConfigError(f"no endpoint doc under {', '.join(map(str, arguments.paths))}")
    return Described(docs=tuple(docs), unreadable=tuple(errors), descriptions=descriptions, environment=environment)


def same_project(run: RunRecord, docs: Sequence[EndpointDoc], file: Path) -> None:
    """Raise ``ConfigError`` where a result file is about other docs altogether: nothing of it would count."""
    paths = {doc.path for doc in docs}
    if run.items and not any(item.doc in paths for item in run.items):
        raise ConfigError(
            f"{file}: it is about {run.items[0].doc} and such, and these docs are {min(paths)} and such; "
            "give the docs' paths as the run names them, from the root directory of the run"
        )


def _environment(name: str, root: Path) -> Environment:
    try:
        found = str(find_environment(name, root=root))
    except ConfigError:
        if name != "sandbox":
            raise
        found = str(_environment_of_sandbox())
    return load_offline(found, root=root, environ=os.environ)


def _environment_of_sandbox() -> Path:
    try:
        from pytest_endpoint_docs.sandbox.running import ENVIRONMENT_FILE
    except ImportError as error:
        raise ConfigError(f"the sandbox needs {error.name}: pip install 'pytest-endpoint-docs[sandbox]'") from error
    return Path(ENVIRONMENT_FILE)


def _descriptions(patterns: Sequence[str] | None, environment: Environment | None, root: Path) -> Descriptions:
    refs = environment.openapi_refs if environment is not None else {}
    if patterns:
        return Descriptions([file for pattern in patterns for file in _files(pattern)], root=root, refs=refs)
    if environment is None:
        there_are = sorted(file.stem for file in (root / ENVIRONMENTS).glob("*.y*ml"))
        names = f"; {ENVIRONMENTS} has {', '.join(there_are)}" if there_are else ""
        raise ConfigError(f"{_EITHER}{names}")
    if not environment.openapi:
        raise ConfigError(
            f"{environment.file}: it has no 'openapi'; add the globs of the description files, or give --openapi"
        )
    return Descriptions(environment.openapi, root=root, refs=refs)


def _files(pattern: str) -> list[Path]:
    """The files of one pattern. Raises: ``ConfigError`` where there are none, and for a folder."""
    if Path(pattern).is_dir():
        raise ConfigError(
            f"--openapi {pattern}: a folder; name the files in it, such as '{pattern.rstrip('/')}/**/*.json', "
            "and give the docs' PATHs before --openapi"
        )
    # Path.glob takes neither absolute patterns nor "..".
    found = sorted(Path(match) for match in glob.glob(pattern, recursive=True))  # noqa: PTH207
    if not found:
        raise ConfigError(f"--openapi {pattern}: no such file")
    return [file for file in found if file.is_file()]

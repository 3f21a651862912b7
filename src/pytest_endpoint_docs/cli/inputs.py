"""What a command is about: docs, an environment, descriptions, the results of a run."""

from __future__ import annotations

import argparse
import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from pytest_endpoint_docs.cli.output import warn
from pytest_endpoint_docs.environment.environment_file import (
    ENVIRONMENTS,
    load_environment,
    load_offline,
    named_environments,
)
from pytest_endpoint_docs.errors import ConfigError, FrontmatterError
from pytest_endpoint_docs.loading.doc_files import markdown_files
from pytest_endpoint_docs.loading.head import doc_reader
from pytest_endpoint_docs.loading.lookalikes import why_left_alone
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.record import RunRecord
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.reporting.result_file import read_records


@value_class
class GivenDocs:
    """The endpoint docs under the given paths, in path order, and the errors of those that cannot be read.

    ``left_alone`` are the other Markdown files that were given by name, with the reason why they are no docs.
    """

    docs: tuple[EndpointDoc, ...]
    unreadable: tuple[FrontmatterError, ...]
    left_alone: Mapping[str, str] = field(default_factory=dict)

    def report_unreadable(self, redactor: Redactor) -> None:
        """Say on standard error which docs cannot be read, and which files that were given by name are no docs."""
        for error in self.unreadable:
            warn(redactor.text(f"{error.location}: cannot be read: {error.message}\n"))
        for path, reason in self.left_alone.items():
            warn(redactor.text(f"{path}:1: not an endpoint doc: {reason}\n"))


def given_docs(paths: Sequence[Path]) -> GivenDocs:
    """The docs of ``PATH ...``; files in folders that are not endpoint docs are passed over.

    Raises: ``ConfigError`` for a path that does not exist, and where there is no doc and no file was given by name.
    """
    docs: dict[str, EndpointDoc] = {}
    unreadable = []
    left_alone: dict[str, str] = {}
    read = doc_reader()
    for path in paths:
        if not path.exists():
            raise ConfigError(f"{path}: no such file or folder")
        for file in markdown_files(path) if path.is_dir() else [path]:
            name = _display(file)
            if name in docs:
                continue
            try:
                # A link that leads nowhere is told as itself; one to another doc is a doc of its own, as in a run.
                doc = read(file.resolve() if file.exists() else file, display_path=name)
            except FrontmatterError as error:
                unreadable.append(error)
                continue
            if doc is not None:
                docs[name] = doc
            elif file is path:
                left_alone[name] = why_left_alone(file)
    if not (docs or unreadable or left_alone):
        raise _no_doc(paths)
    return GivenDocs(docs=tuple(docs.values()), unreadable=tuple(unreadable), left_alone=left_alone)


def some_docs(paths: Sequence[Path]) -> GivenDocs:
    """The docs of ``PATH ...``. Raises: ``ConfigError`` where there are none at all, and for a path that is missing."""
    given = given_docs(paths)
    if not given.docs and not given.unreadable:
        raise _no_doc(paths)
    return given


def _no_doc(paths: Sequence[Path]) -> ConfigError:
    return ConfigError(f"no endpoint doc under {', '.join(map(str, paths))}")


@value_class
class Described(GivenDocs):
    """Docs and the descriptions that they are compared with; ``environment`` is ``None`` where none was named."""

    descriptions: Descriptions
    environment: Environment | None


def described_docs(arguments: argparse.Namespace) -> Described:
    """The docs of ``PATH ...`` and the descriptions of ``--env`` or ``--openapi``.

    Raises: ``ConfigError`` for a path or pattern that leads nowhere, and where no description is named.
    """
    environment = offline_environment(arguments.env) if arguments.env else None
    descriptions = _descriptions(arguments.openapi, environment, dict(arguments.openapi_ref))
    given = some_docs(arguments.paths)
    return Described(docs=given.docs, unreadable=given.unreadable, descriptions=descriptions, environment=environment)


def offline_environment(name: str) -> Environment:
    """What is known of an environment without reaching it. Raises: ``ConfigError``."""
    return load_offline(name, root=Path.cwd(), environ=os.environ)


def online_environment(
    name: str, environ: Mapping[str, str] | None = None, *, base_url: str | None = None, root: Path | None = None
) -> Environment:
    """An environment with its servers and secrets; ``environ`` goes before the variables of the process.

    ``base_url`` takes the place of the environment's own, ``root`` that of the working directory.

    Raises: ``ConfigError``, also for a variable that is not set.
    """
    variables = {**os.environ, **(environ or {})}
    return load_environment(name, root=root or Path.cwd(), environ=variables, base_url=base_url)


def run_results(files: Sequence[Path], docs: Sequence[EndpointDoc]) -> RunRecord:
    """A run's result file, or those of its parts together; its clock is that of the last part.

    Raises: ``ConfigError``, also where they are about other docs altogether, or about several environments.
    """
    parts = [read_records(file) for file in files]
    for file, part in zip(files, parts, strict=True):
        if part.environment != parts[0].environment:
            raise ConfigError(
                f"{file} holds results of the environment {part.environment}, {files[0]} of {parts[0].environment}: "
                "give the parts of one run"
            )
    items = tuple(item for part in parts for item in part.items)
    paths = {doc.path for doc in docs}
    if items and paths and not any(item.doc in paths for item in items):
        raise ConfigError(
            f"{files[0]} holds the results of other docs: its first is {items[0].doc}, the first of these is "
            f"{min(paths)}; give the docs' paths as the run names them, from the root directory of the run"
        )
    return replace(max(parts, key=lambda part: part.now), items=items)


def _display(file: Path) -> str:
    """A path as a run from here names it: relative to the working directory, where it lies below."""
    here, whole = Path.cwd(), Path(os.path.abspath(file))  # noqa: PTH100 - links stay links
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else file.as_posix()


def _descriptions(
    patterns: Sequence[str] | None, environment: Environment | None, more_refs: Mapping[str, Path]
) -> Descriptions:
    root = Path.cwd()
    refs = {**(environment.openapi_refs if environment is not None else {}), **more_refs}
    if patterns:
        return Descriptions([file for pattern in patterns for file in _files(pattern)], root=root, refs=refs)
    if environment is None:
        there_are = named_environments(root)
        names = f"; {ENVIRONMENTS} has {', '.join(there_are)}" if there_are else ""
        raise ConfigError(f"say which descriptions: --env NAME (its 'openapi' key), or --openapi FILE-or-GLOB{names}")
    if not environment.openapi:
        raise ConfigError(
            f"{environment.file}: it has no 'openapi'; add the globs of the description files, or give --openapi"
        )
    return Descriptions(environment.openapi, root=root, refs=refs)


def _files(pattern: str) -> list[Path]:
    """The files of one pattern. Raises: ``ConfigError`` where there are none, and for a folder."""
    if Path(pattern).is_dir():
        raise ConfigError(
            f"--openapi {pattern} is a folder; name the files in it, such as '{pattern.rstrip('/')}/**/*.json', "
            "and give the docs' PATHs before --openapi"
        )
    # Path.glob takes neither absolute patterns nor "..".
    found = sorted(Path(match) for match in glob.glob(pattern, recursive=True))  # noqa: PTH207
    files = [file for file in found if file.is_file()]
    if not files:
        raise ConfigError(f"--openapi {pattern}: no such file")
    return files

"""The arguments that several commands have, each defined once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_paths(parser: argparse.ArgumentParser) -> None:
    """The positional argument ``PATH ...`` (default: ``endpoints``)."""
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path("endpoints")],
        metavar="PATH",
        help="docs or folders of docs (default: endpoints)",
    )


def add_environment(parser: argparse.ArgumentParser, help_text: str, *, required: bool = False) -> None:
    """The option ``--env``."""
    parser.add_argument("--env", metavar="NAME-or-PATH", required=required, help=help_text)


def add_descriptions(parser: argparse.ArgumentParser) -> None:
    """The options ``--env`` and ``--openapi``, of which one is needed."""
    add_environment(
        parser, "the environment whose 'openapi' names the descriptions; no server is reached, no secret needed"
    )
    parser.add_argument(
        "--openapi",
        nargs="+",
        action="extend",
        metavar="GLOB",
        help="description files, instead of those of an environment; give the PATHs before it",
    )
    parser.add_argument(
        "--openapi-ref",
        action="append",
        default=[],
        type=_reference_folder,
        metavar="PREFIX=FOLDER",
        help="the folder that $refs beginning with PREFIX lead to, beside 'openapi_refs'; may be given several times",
    )


def _reference_folder(text: str) -> tuple[str, Path]:
    # A URL may have "=" in its query; a folder seldom has one.
    prefix, _, folder = text.rpartition("=")
    if not prefix or not Path(folder).is_dir():
        why = f"{folder} is not a folder" if prefix else "write PREFIX=FOLDER"
        raise argparse.ArgumentTypeError(f"{text!r} maps nothing: {why}")
    return prefix, Path(folder)


def add_format(parser: argparse.ArgumentParser, *names: str) -> None:
    """The option ``--format``; the first name is the default."""
    parser.add_argument(
        "--format", choices=names, default=names[0], help=f"how to write the result (default: {names[0]})"
    )


def add_results(parser: argparse.ArgumentParser, option: str, metavar: str, what_for: str) -> None:
    """An option that names a run's result file."""
    parser.add_argument(
        option,
        action="append",
        type=Path,
        metavar=metavar,
        help=f"a run's result file: {what_for}; give that of each part of a run",
    )

"""``endpoint-docs evidence``: who tested a doc by hand or by a consent, when, and what came of it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import load_docs
from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import PROJECT_FOLDER
from pytest_endpoint_docs.redaction import Redactor
from pytest_endpoint_docs.verification.evidence import EvidenceStore, render_evidence

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.doc import EndpointDoc

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("evidence", help="show the records of manual and consent runs", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="DOC", help="docs, or folders of docs")
    parser.add_argument(
        "--root", type=Path, help=f"pytest's root directory, where {PROJECT_FOLDER} is (default: found upwards)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the records of each doc, newest first; of folders only docs that have some. Returns 1 where there are none.

    Raises: ``ConfigError`` for a path that does not exist or holds no endpoint doc.
    """
    docs, errors = load_docs(arguments.paths)
    if not docs:
        names = ", ".join(str(path) for path in arguments.paths)
        raise ConfigError(str(errors[0]) if errors else f"{names}: no endpoint doc there")
    asked = {path.resolve() for path in arguments.paths}
    found = 0
    for doc in docs:
        root = arguments.root.resolve() if arguments.root else _root_of(doc)
        known = replace(doc, path=_path_in(doc, root))
        log = EvidenceStore(root, Redactor()).log(known.path)
        found += len(log.records)
        if log.records or log.unreadable or doc.file in asked:
            sys.stdout.write(render_evidence(known, log))
    return 0 if found else 1


def _root_of(doc: EndpointDoc) -> Path:
    """The nearest folder above the doc that keeps things of runs; else the working directory."""
    return next((folder for folder in doc.file.parents if (folder / PROJECT_FOLDER).is_dir()), Path.cwd())


def _path_in(doc: EndpointDoc, root: Path) -> str:
    return doc.file.relative_to(root).as_posix() if doc.file.is_relative_to(root) else doc.path

"""``endpoint-docs evidence``: who tested a doc by hand or by a consent, when, and what came of it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import Subparsers

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.doc import EndpointDoc


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("evidence", help="show the records of manual and consent runs", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="DOC", help="docs, or folders of docs")
    parser.add_argument(
        "--root", type=Path, help="pytest's root directory (default: the nearest one above the doc with records)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the records of each doc, newest first; of folders only docs that have some. Returns 1 where there are none.

    Raises: ``ConfigError`` for a path that does not exist, and where there is no endpoint doc.
    """
    from pytest_endpoint_docs.cli.inputs import some_docs
    from pytest_endpoint_docs.redaction.redactor import Redactor
    from pytest_endpoint_docs.verification.evidence import EvidenceStore, render_evidence

    given = some_docs(arguments.paths)
    given.report_unreadable()
    named = {path.resolve() for path in arguments.paths}
    found = 0
    for doc in given.docs:
        root = arguments.root.resolve() if arguments.root else _root_of(doc)
        known = replace(doc, path=_path_in(doc, root))
        log = EvidenceStore(root, Redactor()).log(known.path)
        found += len(log.records)
        if log.records or log.unreadable or doc.file in named:
            sys.stdout.write(render_evidence(known, log))
    return 0 if found else 1


def _root_of(doc: EndpointDoc) -> Path:
    """The nearest folder above the doc that keeps things of runs; else the working directory."""
    from pytest_endpoint_docs.files import PROJECT_FOLDER

    return next((folder for folder in doc.file.parents if (folder / PROJECT_FOLDER).is_dir()), Path.cwd())


def _path_in(doc: EndpointDoc, root: Path) -> str:
    return doc.file.relative_to(root).as_posix() if doc.file.is_relative_to(root) else doc.path

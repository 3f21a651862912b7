"""``endpoint-docs evidence``: who tested a doc by hand or with a consent, when, and what came of it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import Subparsers
from pytest_endpoint_docs.cli.output import say, warn
from pytest_endpoint_docs.redaction.redactor import Redactor

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.verification.evidence_text import DocEvidence


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("evidence", help="show the records of manual and consent runs", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="DOC", help="docs, or folders of docs")
    parser.add_argument(
        "--root", type=Path, help="pytest's root directory (default: the nearest one above the doc with records)"
    )
    parser.add_argument(
        "--format",
        choices=("text", "overview", "json"),
        default="text",
        help="all records (text, json), or a line per doc, also for docs that lack them (default: text)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print the records of each doc, newest first. Returns 1 where there are none.

    Of folders, those docs that have some; in the overview those too that need a person.

    Raises: ``ConfigError`` for a path that does not exist, and where there is no endpoint doc.
    """
    from pytest_endpoint_docs.cli.inputs import some_docs
    from pytest_endpoint_docs.verification.evidence_text import render_evidence, render_json, render_overview

    given = some_docs(arguments.paths)
    given.report_unreadable(redactor)
    named = {path.resolve() for path in arguments.paths}
    known = [_evidence_of(doc, arguments.root) for doc in given.docs]
    shown = [
        entry
        for entry in known
        if entry.log.records
        or entry.log.unreadable
        or entry.doc.file in named
        or (arguments.format == "overview" and entry.doc.is_manual)
    ]
    match arguments.format:
        case "json":
            say(redactor.text(render_json(shown)))
        case "overview":
            say(redactor.text(render_overview(shown, datetime.now(UTC))))
        case _:
            for entry in shown:
                say(redactor.text(render_evidence(entry)))
    if not shown:
        warn(redactor.text(f"no records: none of these docs ({len(known):,}) was run by hand or with a consent\n"))
    return 0 if any(entry.log.records for entry in known) else 1


def _evidence_of(doc: EndpointDoc, given_root: Path | None) -> DocEvidence:
    from pytest_endpoint_docs.verification.evidence_store import EvidenceStore
    from pytest_endpoint_docs.verification.evidence_text import DocEvidence

    root = given_root.resolve() if given_root else _root_of(doc)
    known = replace(doc, path=_path_in(doc, root))
    return DocEvidence(doc=known, log=EvidenceStore(root).log(known.path))


def _root_of(doc: EndpointDoc) -> Path:
    """The nearest folder above the doc that keeps things of runs; else the working directory."""
    from pytest_endpoint_docs.files import PROJECT_FOLDER

    return next((folder for folder in doc.file.parents if (folder / PROJECT_FOLDER).is_dir()), Path.cwd())


def _path_in(doc: EndpointDoc, root: Path) -> str:
    return doc.file.relative_to(root).as_posix() if doc.file.is_relative_to(root) else doc.path

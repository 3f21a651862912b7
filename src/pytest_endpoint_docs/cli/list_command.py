"""``endpoint-docs list``: which docs there are, and what becomes of them in a run."""

from __future__ import annotations

import argparse
import json

from pytest_endpoint_docs.cli.arguments import Subparsers, add_format, add_paths
from pytest_endpoint_docs.cli.output import say
from pytest_endpoint_docs.redaction.redactor import Redactor


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("list", help="list the docs and their cases", description=__doc__)
    add_paths(parser)
    add_format(parser, "text", "json")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print a line per case: what happens to it, and where it stands. Returns 1 for unreadable docs.

    Raises: ``ConfigError``.
    """
    from pytest_endpoint_docs.cli.inputs import given_docs
    from pytest_endpoint_docs.loading.items import cases_of
    from pytest_endpoint_docs.manual.manual_mode import with_manual_mode

    given = given_docs(arguments.paths)
    rows = [
        {
            "location": str(case.location),
            "name": case.name,
            "endpoint": str(doc.endpoint),
            "domain": doc.domain,
            "tags": list(doc.tags),
            "action": case.disposition.action,
            "reason": case.disposition.reason,
            "verifiedAt": doc.verified_at,
            "owner": doc.owner,
        }
        for doc in given.docs
        for case in (with_manual_mode(case, "skip") for case in cases_of(doc))
    ]
    if arguments.format == "json":
        say(redactor.text(json.dumps(rows, indent=1) + "\n"))
    else:
        width = max((len(str(row["name"])) for row in rows), default=0)
        for row in rows:
            reason = f" ({row['reason']})" if row["action"] == "skip" else ""
            say(redactor.text(f"{row['action']:6} {row['name']:{width}}  {row['location']}{reason}\n"))
    given.report_unreadable(redactor)
    return 1 if given.unreadable else 0

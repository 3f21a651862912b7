"""``endpoint-docs list``: which docs there are, and what becomes of them in a run."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import add_paths, load_docs
from pytest_endpoint_docs.loading.items import cases_of

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("list", help="list the docs and their cases", description=__doc__)
    add_paths(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a line per case: what happens to it, and where it stands."""
    docs, errors = load_docs(arguments.paths)
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
        for doc in docs
        for case in cases_of(doc)
    ]
    write = sys.stdout.write
    if arguments.format == "json":
        write(json.dumps(rows, indent=1) + "\n")
    else:
        width = max((len(str(row["name"])) for row in rows), default=0)
        for row in rows:
            reason = f" ({row['reason']})" if row["action"] == "skip" else ""
            write(f"{row['action']:6} {row['name']:{width}}  {row['location']}{reason}\n")
        for error in errors:
            write(f"broken {error}\n")
    return 1 if errors else 0

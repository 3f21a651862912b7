"""``endpoint-docs cleanup``: remove what runs created and could not clean up."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import Subparsers, add_environment
from pytest_endpoint_docs.cli.output import say, warn
from pytest_endpoint_docs.errors import ConfigError, EndpointDocsError
from pytest_endpoint_docs.model.environment import starts_sandbox
from pytest_endpoint_docs.redaction.exchanges import learn_json
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import first_line

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.execution.leftovers import Leftover
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.environment import Environment


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("cleanup", help="remove what runs created and left behind", description=__doc__)
    add_environment(parser, "the environment of the runs", required=True)
    parser.add_argument("--base-url", metavar="URL", help="the server, if the runs named one with --base-url")
    parser.add_argument(
        "--root", type=Path, default=Path(), help="pytest's root directory (default: the working directory)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Send the cleanup of each entry on the list as its doc says today. Returns 1 where something stays on the list.

    Raises: ``ConfigError`` for the environment, the root directory and a list that cannot be read.
    """
    from pytest_endpoint_docs.cli.inputs import online_environment
    from pytest_endpoint_docs.execution.leftovers import Leftovers
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.redaction.log_records import redacted_logs

    if arguments.base_url is None and starts_sandbox(arguments.env, os.environ):
        told = (
            "nothing is left behind in the sandbox: it is gone when its run ends. "
            "For one that you keep running, export what `endpoint-docs sandbox` printed\n"
        )
        say(redactor.text(told))
        return 0
    root = arguments.root.resolve()
    if not root.is_dir():
        raise ConfigError(f"--root {arguments.root}: no such folder")
    environment = online_environment(arguments.env, base_url=arguments.base_url, root=root)
    redactor.know(environment)

    def tell(line: str) -> None:
        warn(redactor.text(f"warning: {line}\n"))

    leftovers = Leftovers(root, environment.name, _now, base_url=environment.base_url, tell=tell)
    listed = leftovers.of_environment()
    stay = 0
    with redacted_logs(redactor), closing(HttpClient(environment)) as client:
        context = _context(environment, client, redactor)
        for entry in listed:
            learn_json(redactor, dict(entry.extracted))
            learn_json(redactor, dict(entry.created))
            problems = _clean_up(entry, root, context)
            if not problems:
                leftovers.settle(entry)
            stay += bool(problems)
            say(redactor.text(f"{'not removed' if problems else 'removed'}: {entry.title}\n"))
            for problem in problems:
                say(redactor.text(f"  {problem}\n"))
    if not listed:
        say(redactor.text(f"nothing is left behind in environment {environment.name}\n"))
    return 1 if stay else 0


def _now() -> datetime:
    return datetime.now(UTC)


def _clean_up(entry: Leftover, root: Path, context: RunContext) -> list[str]:
    from pytest_endpoint_docs.execution.case_execution import CaseExecution
    from pytest_endpoint_docs.loading.head import load_doc
    from pytest_endpoint_docs.loading.items import cases_of

    if not entry.extracted and not entry.created:
        return [
            "it is not known what it created, if anything: no answer came, or the run was killed; look for it there"
        ]
    try:
        doc = load_doc(root / entry.doc, display_path=entry.doc)
        case = next((case for case in cases_of(doc) if case.name == entry.case), None) if doc else None
        if case is None:
            return [f"{entry.doc} has no item {entry.case!r} any more"]
        return CaseExecution(case, context).clean_up_after(entry)
    except (EndpointDocsError, OSError) as error:
        return [first_line(error)]


def _context(environment: Environment, client: HttpClient, redactor: Redactor) -> RunContext:
    from pytest_endpoint_docs.checks.standard import standard_checks
    from pytest_endpoint_docs.execution.case_execution import CaseExecution
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.execution.requirements import RequirementStore
    from pytest_endpoint_docs.loading.doc_index import DocIndex
    from pytest_endpoint_docs.variables.builtin import UniqueClock

    return RunContext(
        environment=environment,
        client=client,
        index=lambda: DocIndex([]),
        redactor=redactor,
        clock=_now,
        seed="cleanup",
        unique=UniqueClock(_now),
        checks=standard_checks(),
        requirements=RequirementStore(CaseExecution),
    )

"""``endpoint-docs coverage``: which described operations have a doc, and how far it can be trusted."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import Subparsers, add_descriptions, add_format, add_paths, add_results
from pytest_endpoint_docs.cli.output import warn, write_output
from pytest_endpoint_docs.instants import days, parse_duration, render_instant
from pytest_endpoint_docs.redaction.redactor import Redactor

if TYPE_CHECKING:
    from pytest_endpoint_docs.coverage.operation_coverage import Coverage


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("coverage", help="which described operations have a doc", description=__doc__)
    add_paths(parser)
    add_descriptions(parser)
    add_results(parser, "--results", "FILE", "docs that passed in it are verified")
    add_format(parser, "table", "json", "html")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write to this file instead of standard output")
    parser.add_argument(
        "--max-age", type=_age_days, metavar="AGE", help="verifications older than this are stale, for example 90d"
    )
    parser.add_argument(
        "--fail-under",
        type=_percentage,
        metavar="N",
        help="exit with 1 if fewer than N percent of the operations have a doc",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print the coverage.

    Returns 1 where it is less than ``--fail-under``, for docs that cannot be read and for problems of descriptions.

    Raises: ``ConfigError``.
    """
    from pytest_endpoint_docs.cli.inputs import described_docs, run_results
    from pytest_endpoint_docs.coverage.operation_coverage import find_coverage

    if arguments.format == "html":
        from pytest_endpoint_docs.reporting.page import require_jinja

        require_jinja("the coverage page")
    given = described_docs(arguments)
    given.report_unreadable(redactor)
    record = run_results(arguments.results, given.docs) if arguments.results else None
    now = datetime.now(UTC)
    coverage = find_coverage(
        given.docs,
        given.descriptions,
        run=record,
        now=None if record is not None else now,
        max_age_days=arguments.max_age,
    )
    at = record.now if record is not None else render_instant(now)
    write_output(arguments.output, redactor.text(_rendered(coverage, arguments.format, at)))
    shortfall = coverage.fails_under(arguments.fail_under) if arguments.fail_under is not None else None
    if shortfall:
        warn(redactor.text(f"{shortfall}\n"))
    return 1 if shortfall or given.unreadable or coverage.problems else 0


def _rendered(coverage: Coverage, format_name: str, at: str) -> str:
    if format_name == "html":
        from pytest_endpoint_docs.coverage.coverage_page import render_coverage_html

        return render_coverage_html(coverage, at=at)
    from pytest_endpoint_docs.coverage.coverage_text import render_coverage_json, render_coverage_text

    return render_coverage_json(coverage) if format_name == "json" else render_coverage_text(coverage)


def _age_days(text: str) -> float:
    try:
        return days(parse_duration(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _percentage(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a percentage from 0 to 100")
    return value

"""``endpoint-docs drift``: where docs and OpenAPI descriptions disagree; no server needed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import add_descriptions, add_paths, described_docs, same_project
from pytest_endpoint_docs.errors import ConfigError

if TYPE_CHECKING:
    from pytest_endpoint_docs.drift.drift_finding import DriftFinding

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("drift", help="hold the docs against OpenAPI descriptions", description=__doc__)
    add_paths(parser)
    add_descriptions(parser)
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    parser.add_argument(
        "--live", type=Path, metavar="RESULTS", help="a run's result file: says which of the three sides stands alone"
    )
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="fail only on findings that this file does not accept"
    )
    parser.add_argument("--write-baseline", type=Path, metavar="FILE", help="accept today's findings: write them here")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every disagreement. Returns 1 for errors and warnings that no baseline accepts, and for unreadable docs.

    Raises: ``ConfigError``.
    """
    from pytest_endpoint_docs.drift.drift_report import DriftBaseline, read_baseline
    from pytest_endpoint_docs.drift.static import find_drift

    given = described_docs(arguments)
    findings = find_drift(given.docs, given.descriptions, environment=given.environment)
    if arguments.live:
        from pytest_endpoint_docs.drift.live import with_live
        from pytest_endpoint_docs.reporting.result_file import read_records

        live = read_records(arguments.live)
        same_project(live, given.docs, arguments.live)
        findings = with_live(findings, live, docs=given.docs)
    if arguments.write_baseline:
        _write_baseline(arguments.write_baseline, findings)
        return 1 if given.unreadable else 0
    baseline = read_baseline(arguments.baseline) if arguments.baseline else DriftBaseline()
    new = baseline.new(findings)
    sys.stdout.write(_rendered(arguments.format, new, docs=len(given.docs), accepted=len(findings) - len(new)))
    gone = len(baseline.gone(findings))
    if gone:
        sys.stderr.write(
            f"{arguments.baseline}: {gone} accepted {'findings are' if gone > 1 else 'finding is'} gone; "
            f"--write-baseline {arguments.baseline} forgets {'them' if gone > 1 else 'it'}\n"
        )
    return 1 if given.unreadable or any(finding.severity != "note" for finding in new) else 0


def _rendered(format_name: str, findings: Sequence[DriftFinding], *, docs: int, accepted: int) -> str:
    if format_name == "sarif":
        from pytest_endpoint_docs.drift.sarif import render_drift_sarif

        return render_drift_sarif(findings, version=version("pytest-endpoint-docs"))
    from pytest_endpoint_docs.drift.drift_report import render_drift_json, render_drift_text

    render = render_drift_json if format_name == "json" else render_drift_text
    return render(findings, docs=docs, accepted=accepted)


def _write_baseline(file: Path, findings: Sequence[DriftFinding]) -> None:
    from pytest_endpoint_docs.drift.drift_report import render_baseline
    from pytest_endpoint_docs.files import write_atomically

    try:
        write_atomically(file, render_baseline(findings).encode())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror or error}") from error
    sys.stdout.write(f"{file}: {len(findings)} findings accepted\n")

"""``endpoint-docs drift``: where docs and OpenAPI descriptions disagree; no server needed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import Subparsers, add_descriptions, add_format, add_paths, add_results
from pytest_endpoint_docs.cli.output import say, warn, write_output
from pytest_endpoint_docs.model.source import Severity
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import count

if TYPE_CHECKING:
    from pytest_endpoint_docs.drift.drift_finding import DriftFinding
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.source import Finding

# What is wrong where requests, or parts of them, are not read at all.
_LOSING = frozenset(
    [
        *("bad-yaml", "bad-json", "bad-template", "no-request", "no-steps", "no-cases", "wrong-type"),
        *(f"{key}-{where}" for key in ("steps", "cases") for where in ("in-json", "not-in-yaml")),
    ]
)


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("drift", help="compare the docs with OpenAPI descriptions", description=__doc__)
    add_paths(parser)
    add_descriptions(parser)
    add_format(parser, "text", "json", "sarif")
    add_results(parser, "--live", "RESULTS", "each finding says which of doc, description and server stands alone")
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="fail only on findings that this file does not accept"
    )
    parser.add_argument("--write-baseline", type=Path, metavar="FILE", help="accept today's findings: write them here")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print every disagreement.

    Returns 1 for errors and warnings that no baseline accepts, and for docs and parts of docs that cannot be read.

    Raises: ``ConfigError``.
    """
    from pytest_endpoint_docs.cli.inputs import described_docs, run_results
    from pytest_endpoint_docs.drift.drift_report import DriftBaseline, read_baseline, render_baseline
    from pytest_endpoint_docs.drift.live import with_live
    from pytest_endpoint_docs.drift.static import find_drift

    given = described_docs(arguments)
    given.report_unreadable(redactor)
    unread = _unread_parts(given.docs)
    for finding in unread:
        warn(redactor.text(f"{finding.location}: is not compared: {finding.message}\n"))
    findings = find_drift(given.docs, given.descriptions, environment=given.environment)
    if arguments.live:
        findings = with_live(
            findings, run_results(arguments.live, given.docs), docs=given.docs, descriptions=given.descriptions
        )
    if arguments.write_baseline:
        write_output(arguments.write_baseline, redactor.text(render_baseline(findings)))
        say(redactor.text(f"{arguments.write_baseline}: {count(len(findings), 'finding')} accepted\n"))
        return 1 if given.unreadable or unread else 0
    baseline = read_baseline(arguments.baseline) if arguments.baseline else DriftBaseline()
    new = baseline.new(findings)
    rendered = _rendered(arguments.format, new, docs=len(given.docs), accepted=len(findings) - len(new))
    say(redactor.text(rendered))
    gone = len(baseline.gone(findings))
    if gone:
        told = (
            f"{arguments.baseline}: {count(gone, 'accepted finding')} {'are' if gone > 1 else 'is'} gone; "
            f"--write-baseline {arguments.baseline} forgets {'them' if gone > 1 else 'it'}\n"
        )
        warn(redactor.text(told))
    return 1 if given.unreadable or unread or any(finding.severity != "note" for finding in new) else 0


def _unread_parts(docs: Sequence[EndpointDoc]) -> list[Finding]:
    """The errors of requests that cannot be read: what they send and expect is not known."""
    return [
        finding
        for doc in docs
        for finding in (*doc.findings, *doc.body.findings)
        if finding.severity is Severity.ERROR and finding.code in _LOSING and finding.location.line >= doc.body_line
    ]


def _rendered(format_name: str, findings: Sequence[DriftFinding], *, docs: int, accepted: int) -> str:
    if format_name == "sarif":
        from pytest_endpoint_docs.drift.sarif import render_drift_sarif

        return render_drift_sarif(findings, version=version("pytest-endpoint-docs"))
    from pytest_endpoint_docs.drift.drift_report import render_drift_json, render_drift_text

    render = render_drift_json if format_name == "json" else render_drift_text
    return render(findings, docs=docs, accepted=accepted)

"""``endpoint-docs lint``: what is wrong with the docs themselves; no server needed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_endpoint_docs.cli.arguments import add_paths, load_docs
from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Finding, Severity
from pytest_endpoint_docs.words import cut_line

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


# What a run lets pass, because the doc works as it is.
SEVERER = {"no-skip-reason": Severity.ERROR}


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("lint", help="find what is wrong with the docs", description=__doc__)
    add_paths(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every finding as ``path:line: severity: message [code]``. Returns 1 where there are errors."""
    docs, errors = load_docs(arguments.paths)
    findings = [Finding(code="unreadable-doc", message=error.message, location=error.location) for error in errors]
    index = DocIndex(docs)
    findings += duplicate_findings(index)
    for doc in docs:
        findings += (replace(found, severity=SEVERER.get(found.code, found.severity)) for found in doc.findings)
        findings += doc.body.findings
        findings += lint_doc(doc, index)
    findings = sorted(dict.fromkeys(findings), key=lambda finding: (finding.location, finding.code))
    failing = [f for f in findings if arguments.strict or f.severity is Severity.ERROR]
    write = sys.stdout.write
    if arguments.format == "json":
        write(json.dumps([as_json(finding) for finding in findings], indent=1) + "\n")
    else:
        for finding in findings:
            write(f"{finding.location}: {finding.severity}: {finding.message} [{finding.code}]\n")
        write(f"{len(docs) + len(errors)} docs, {len(findings)} findings, {len(failing)} of them errors\n")
    return 1 if failing else 0


def duplicate_findings(index: DocIndex) -> Iterator[Finding]:
    """Docs about one endpoint: all run, and ``requires`` takes the first."""
    for first, *others in index.duplicates():
        for other in others:
            yield Finding(
                code="two-docs-for-one-endpoint",
                message=f"{first.path} is about {first.endpoint} too; where other docs require it, that one is taken",
                location=other.line_of("endpoint"),
                severity=Severity.WARNING,
            )


def lint_doc(doc: EndpointDoc, index: DocIndex) -> Iterator[Finding]:
    """What reading a doc does not object to, and its readers would."""
    body = doc.body
    proven = {case.learning for case in body.cases}
    for learning in body.learnings:
        if learning.number not in proven:
            yield Finding(
                code="learning-without-case",
                message=f"critical learning {learning.number} has no case that proves it: {_cut(learning.text)}",
                location=learning.location,
                severity=Severity.WARNING,
            )
    for requirement in doc.requires:
        if index.find(requirement.endpoint) is None:
            yield Finding(
                code="unknown-requirement",
                message=f"requires {requirement.endpoint}, and no doc is about it",
                location=requirement.location,
            )
    cycle = index.cycle(doc)
    if cycle:
        circle = " -> ".join(str(member.endpoint) for member in cycle)
        yield Finding(
            code="requirement-cycle",
            message=f"these docs require each other: {circle}",
            location=doc.line_of("requires"),
        )


def as_json(finding: Finding) -> dict[str, str | int]:
    """A finding as JSON types."""
    return {
        "path": finding.location.path,
        "line": finding.location.line,
        "severity": str(finding.severity),
        "code": finding.code,
        "message": finding.message,
    }


def _cut(text: str, width: int = 70) -> str:
    return cut_line(" ".join(text.split()), width)

"""``endpoint-docs lint``: what is wrong with the docs themselves; no server needed."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_endpoint_docs.cli.arguments import Subparsers, add_format, add_paths
from pytest_endpoint_docs.cli.output import say
from pytest_endpoint_docs.loading.doc_index import DocIndex, requirement_findings
from pytest_endpoint_docs.loading.frontmatter import unreadable
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import Finding, Severity, SourceLocation
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.words import count, cut_line

# A run lets these pass, because the doc works as it is.
_STRICTER = {"no-skip-reason": Severity.ERROR}
_LONGEST_LEARNING = 70


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("lint", help="find mistakes in the docs", description=__doc__)
    add_paths(parser)
    add_format(parser, "text", "json")
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print every finding as ``path:line: severity: message [code]``. Returns 1 where there are errors.

    Raises: ``ConfigError``.
    """
    from pytest_endpoint_docs.cli.inputs import given_docs

    given = given_docs(arguments.paths)
    others = [
        Finding(
            code="not-a-doc",
            message=f"not an endpoint doc: {reason}",
            location=SourceLocation(path, 1),
            severity=Severity.WARNING,
        )
        for path, reason in given.left_alone.items()
    ]
    findings = sorted(
        dict.fromkeys([*map(unreadable, given.unreadable), *others, *_findings(given.docs)]),
        key=lambda finding: (finding.location, finding.code),
    )
    if arguments.format == "json":
        say(redactor.text(json.dumps([_as_json(finding) for finding in findings], indent=1) + "\n"))
    else:
        for finding in findings:
            say(redactor.text(f"{finding.location}: {finding.severity}: {finding.message} [{finding.code}]\n"))
        say(redactor.text(f"{_numbers(len(given.docs) + len(given.unreadable), findings)}\n"))
    return 1 if any(arguments.strict or finding.severity is Severity.ERROR for finding in findings) else 0


def _findings(docs: Sequence[EndpointDoc]) -> Iterator[Finding]:
    index = DocIndex(docs)
    yield from _duplicates(index)
    for doc in docs:
        for found in doc.findings:
            yield replace(found, severity=_STRICTER.get(found.code, found.severity))
        yield from doc.body.findings
        yield from lint_doc(doc, index)


def _numbers(docs: int, findings: Sequence[Finding]) -> str:
    """``3 docs: 1 error, 2 warnings``."""
    counts = Counter(finding.severity for finding in findings)
    numbers = ", ".join(count(counts[severity], str(severity)) for severity in Severity if counts[severity])
    return f"{count(docs, 'doc')}: {numbers or 'no findings'}"


def _duplicates(index: DocIndex) -> Iterator[Finding]:
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
            text = cut_line(" ".join(learning.text.split()), _LONGEST_LEARNING)
            yield Finding(
                code="learning-without-case",
                message=f"critical learning {learning.number} has no case that proves it: {text}",
                location=learning.location,
                severity=Severity.WARNING,
            )
    yield from requirement_findings(doc, index)


def _as_json(finding: Finding) -> dict[str, str | int]:
    """A finding as JSON types."""
    return {
        "path": finding.location.path,
        "line": finding.location.line,
        "severity": str(finding.severity),
        "code": finding.code,
        "message": finding.message,
    }

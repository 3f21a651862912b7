"""What the plugin says around a run: the header, and what the docs' writers should know at the end."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.plugin.session import session_of
from pytest_endpoint_docs.words import and_more, capped, count, listed

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, RunRecord
    from pytest_endpoint_docs.plugin.run_end import RunEnd
    from pytest_endpoint_docs.plugin.session import EndpointSession
    from pytest_endpoint_docs.verification.stamping import Stamps

# How many lines of one kind are told before "... and N more"; -v tells all.
_MOST = 10
_MOST_COMMANDS = 5
# GitHub shows this many errors, and as many warnings, of a step.
_MOST_ANNOTATIONS = 10


def header(config: pytest.Config) -> str:
    """The settings of the run, in one line."""
    session = session_of(config)
    environment = session.options.env or ("--base-url" if config.getoption("base_url", None) else "none")
    return f"endpoint docs: environment {environment}, manual {session.options.manual}, seed {session.given.seed}"


def write_summary(reporter: pytest.TerminalReporter, end: RunEnd, session: EndpointSession) -> None:
    """Write what should be known of the docs at the end of a run; nothing where there is nothing to say."""
    verbosity = reporter.config.get_verbosity()
    if verbosity > -2 or end.failed_by_age or end.problems:
        lines = list(_summary(end, session, most=_MOST if verbosity < 1 else None))
        if lines:
            reporter.section("endpoint docs", bold=True)
            for line in lines:
                bad = line.startswith("ERROR")
                reporter.write_line(line, red=bad, yellow=line.startswith("warning"))
    if os.environ.get("GITHUB_ACTIONS"):
        for line in _annotations(end.run, session):
            reporter.write_line(line)


def _summary(end: RunEnd, session: EndpointSession, *, most: int | None) -> Iterator[str]:
    from pytest_endpoint_docs.reporting.contract_summary import render_negatives
    from pytest_endpoint_docs.reporting.hygiene import render_hygiene

    yield from render_negatives(end.run.items)
    yield from _findings(end, most)
    yield from _ages(end, most)
    if end.stamps is not None:
        yield from _stamps(end.stamps, most)
    if end.evidence:
        folder = os.path.commonpath([path.parent for path in end.evidence])
        shown = os.path.relpath(folder, session.config.rootpath)
        yield f"evidence of {count(len(end.evidence), 'consent run')}: {shown}"
    yield from (f"wrote {file}" for file in end.reports)
    yield from render_hygiene(end.run, most=most)
    yield from _manual(end.run, session, most)
    yield from (f"ERROR: {problem}" for problem in end.problems)


def _findings(end: RunEnd, most: int | None) -> Iterator[str]:
    """What reading the docs objected to; what makes an item fail is told by its failure."""
    from pytest_endpoint_docs.reporting.hygiene import all_findings

    warnings = [
        finding for finding in all_findings(end.run) if finding.severity != "error" and finding not in end.stale
    ]
    if warnings:
        yield f"warning: {count(len(warnings), 'finding')} about the docs (endpoint-docs lint tells all):"
        yield from _capped([_line(finding) for finding in warnings], most)


def _ages(end: RunEnd, most: int | None) -> Iterator[str]:
    if not end.stale:
        return
    docs = count(len({finding.path for finding in end.stale}), "doc")
    if not end.failed_by_age:
        yield f"warning: the dates of {docs} need attention (--endpoint-stale fail makes that exit status 1):"
    else:
        word = "only because" if _everything_passed(end.run) else "also because"
        yield f"ERROR: the run fails {word} the dates of {docs} need attention (--endpoint-stale fail):"
    yield from _capped([_line(finding) for finding in end.stale], most)


def _everything_passed(run: RunRecord) -> bool:
    return not any(item.outcome in ("failed", "error") for item in run.items)


def _stamps(stamps: Stamps, most: int | None) -> Iterator[str]:
    if stamps.forbidden:
        yield f"nothing stamped: {stamps.forbidden}"
        return
    yield f"stamped {count(len(stamps.stamped), 'doc')} with verifiedAt" + (":" if stamps.stamped else "")
    named = [f"  {stamp.doc}: {stamp.at}" + (f" by {stamp.by}" if stamp.by else "") for stamp in stamps.stamped]
    yield from _capped(named, most)
    left = sum(len(docs) for docs in stamps.refused.values())
    if left:
        yield f"not stamped {count(left, 'doc')}:"
        for reason, docs in stamps.refused.items():
            yield f"  {len(docs):,}: {reason}: {listed(docs, len(docs) if most is None else 3)}"


def _manual(run: RunRecord, session: EndpointSession, most: int | None) -> Iterator[str]:
    """What a person, or a consent, could run: when it was done last, and the command."""
    from pytest_endpoint_docs.reporting.hygiene import render_age

    skipped = [item for item in run.items if item.cause == "manual" and item.extra.get("runs_with")]
    # Of each doc the item that stands first in it, whatever order they ran in, and a project's own tests last.
    first = {item.doc: item for item in sorted(skipped, key=lambda item: (item.kind != "custom", -item.line))}
    if not first:
        return
    yield "to run what needs a person:"
    shown = sorted(first.values(), key=lambda item: (item.doc, item.line))
    limit = None if most is None else _MOST_COMMANDS
    for item in shown[:limit]:
        yield f"  {item.doc}:{item.line}: skipped, {render_age(item, run)}"
        yield f"    {_command(item, session)}"
    if limit is not None and len(shown) > limit:
        rest = f"pytest -m requires_manual_testing{_environment(session)} --endpoint-manual attended"
        yield f"  {and_more(len(shown) - limit)}: {rest}"


def _command(item: ItemRecord, session: EndpointSession) -> str:
    path = item.doc if item.kind == "custom" else item.nodeid.partition("::")[0]
    shown = os.path.relpath(session.config.rootpath / path, session.config.invocation_params.dir)
    doc = shlex.quote(Path(shown).as_posix())
    return f"pytest {doc}{_environment(session)} --endpoint-manual {item.extra['runs_with']}"


def _environment(session: EndpointSession) -> str:
    given = session.config.getoption("endpoint_env", None)
    return f" --endpoint-env {shlex.quote(given)}" if given else ""


def _annotations(run: RunRecord, session: EndpointSession) -> list[str]:
    from pytest_endpoint_docs.reporting.annotations import render_annotations

    workspace = os.environ.get("GITHUB_WORKSPACE", "")
    root = session.config.rootpath
    prefix = root.relative_to(workspace).as_posix() if workspace and root.is_relative_to(workspace) else ""
    commands = render_annotations(run, prefix=prefix)
    errors = [line for line in commands if line.startswith("::error")]
    warnings = [line for line in commands if not line.startswith("::error")]
    return errors[:_MOST_ANNOTATIONS] + warnings[:_MOST_ANNOTATIONS]


def _line(finding: FindingRecord) -> str:
    return f"  {finding.path}:{finding.line}: {finding.message} [{finding.code}]"


def _capped(lines: Sequence[str], most: int | None) -> Iterator[str]:
    yield from capped(lines, most, indent="  ", hint=" (-v tells all)")

"""The end of a run on the terminal: what was left behind, drift, coverage, and what the docs' writers should know."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.plugin.failure_sections import give_back, leave_one_of_a_kind
from pytest_endpoint_docs.plugin.outlets import begin_section, tell
from pytest_endpoint_docs.plugin.run_records import RunRecords, brought_record
from pytest_endpoint_docs.plugin.xdist import LEFT_OVERS
from pytest_endpoint_docs.redaction.rendering import joined, public, rendered_kinds, rendered_lines
from pytest_endpoint_docs.words import and_more, capped, count, listed

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.record import FindingRecord, ItemRecord, RunRecord
    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.openapi.descriptions import Descriptions
    from pytest_endpoint_docs.plugin.run_end import RunEnd
    from pytest_endpoint_docs.verification.stamping import Stamps

# How many lines of one kind are told before "... and N more"; -v shows all.
_MOST = 10
_MOST_DRIFT = 20
_MOST_COMMANDS = 5

_Level = Literal["", "warning", "error"]
_BEGINNINGS: Mapping[_Level, str] = {"warning": "warning: ", "error": "ERROR: "}
_COLOURS: Mapping[_Level, Mapping[str, bool]] = {"": {}, "warning": {"yellow": True}, "error": {"red": True}}


class _Headline(NamedTuple):
    """The line above what a person should look at."""

    level: _Level
    text: str


class CleanUp:
    """Removes what the docs that others required created, in each process that ran such docs.

    ``close`` does it, and gives what went wrong. ``left_overs`` is what the process that reports tells for all.
    """

    def __init__(self, close: Callable[[], Iterable[SafeText]], left_overs: list[SafeText]) -> None:
        self._close = close
        self._left_overs = left_overs

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Clean up; a run that leaves something behind has not passed."""
        self._left_overs += self._close()
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[LEFT_OVERS] = self._left_overs
        elif self._left_overs and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left behind."""
        for text in self._left_overs:
            tell(terminalreporter, joined(public("ERROR cleaning up after a required doc: "), text), red=True)


class ContractSections:
    """Tells where docs and descriptions drift apart and, with ``coverage``, which operations the docs cover.

    ``docs`` gives the project's docs and those at the paths that ran.
    """

    def __init__(
        self,
        records: RunRecords,
        *,
        coverage: bool,
        docs: Callable[[Iterable[str]], Iterable[EndpointDoc]],
        descriptions: Callable[[], Descriptions | None],
    ) -> None:
        self._records = records
        self._wants_coverage = coverage
        self._docs = docs
        self._descriptions = descriptions

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write a section for each, where there is something to tell."""
        if not self._records.items:
            return
        give_back(terminalreporter)
        from pytest_endpoint_docs.reporting.contract_summary import render_drift_summary

        verbosity = terminalreporter.config.get_verbosity()
        most = _MOST_DRIFT if verbosity < 1 else None
        run = self._records.run()
        drift = rendered_lines(lambda run: render_drift_summary(run.items, most=most), run) if verbosity > -2 else ()
        if drift:
            begin_section(terminalreporter, public("contract drift"), bold=True, yellow=True)
            for line in drift:
                tell(terminalreporter, line)
        if self._wants_coverage:
            begin_section(terminalreporter, public("endpoint coverage"), bold=True)
            for line in self._records.redactor().lines(self._coverage(run)):
                tell(terminalreporter, line)

    def _coverage(self, run: RunRecord) -> list[str]:
        from pytest_endpoint_docs.coverage.coverage_text import render_coverage_text
        from pytest_endpoint_docs.coverage.operation_coverage import find_coverage

        try:
            descriptions = self._descriptions()
        except ConfigError as error:
            return [f"no coverage: {error}"]
        if descriptions is None:
            return ["no coverage: the environment names no 'openapi' descriptions"]
        docs = [*self._docs({item.doc for item in run.items})]
        return render_coverage_text(find_coverage(docs, descriptions, run=run)).splitlines()


class RunSummary:
    """Has the end of a run made, and tells what should be known of it. ``conclude`` takes the exit status so far."""

    def __init__(self, conclude: Callable[[int], RunEnd | None]) -> None:
        self._conclude = conclude
        self._end: RunEnd | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Make of the records what was asked for: evidence, stamps, the result file, reports."""
        self._end = self._conclude(int(session.exitstatus))
        if self._end is not None:
            session.exitstatus = self._end.exit_status

    # Outermost, so that what did not run stands at the very end, below the short summary of failures.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Tell what the docs' writers should know."""
        if self._end is not None:
            leave_one_of_a_kind(terminalreporter, brought_record)
        yield
        if self._end is not None:
            _write_summary(terminalreporter, self._end)


def _write_summary(reporter: pytest.TerminalReporter, end: RunEnd) -> None:
    verbosity = reporter.config.get_verbosity()
    if verbosity > -2 or end.failed_by_age or end.problems:
        most = _MOST if verbosity < 1 else None
        lines = rendered_kinds(partial(_levelled, config=reporter.config, most=most), end)
        if lines:
            begin_section(reporter, public("endpoint docs"), bold=True)
            for level, line in lines:
                tell(reporter, line, **_COLOURS[level])
    if os.environ.get("GITHUB_ACTIONS"):
        for line in rendered_lines(partial(_annotations, root=reporter.config.rootpath), end.run):
            tell(reporter, line)


def _levelled(end: RunEnd, config: pytest.Config, *, most: int | None) -> Iterator[tuple[_Level, str]]:
    for line in _summary(end, config, most):
        yield ("", line) if isinstance(line, str) else (line.level, f"{_BEGINNINGS[line.level]}{line.text}")


def _summary(end: RunEnd, config: pytest.Config, most: int | None) -> Iterator[str | _Headline]:
    from pytest_endpoint_docs.reporting.contract_summary import (
        render_known,
        render_left_out,
        render_negatives,
        render_warned,
    )
    from pytest_endpoint_docs.reporting.failure_causes import render_early_end, render_failure_causes, render_obstacles
    from pytest_endpoint_docs.reporting.hygiene import render_hygiene
    from pytest_endpoint_docs.reporting.passes import render_passes

    if early := render_early_end(end.run):
        yield _Headline("warning", early)
    for untested, causes in render_obstacles(end.run.items):
        yield _Headline("error", untested.text)
        yield from _capped([f"  {cause}" for cause in causes], most)
    if most is None or any(item.is_by_status_alone for item in end.run.items):
        yield from render_passes(end.run.items)
    yield from render_failure_causes(end.run.items, most=most)
    yield from render_negatives(end.run.items)
    if most is None:
        yield from render_left_out(end.run.items)
    if warned := render_warned(end.run.items, most=most):
        headline, violations = warned
        yield _Headline("warning", headline)
        yield from violations
    yield from render_known(end.run.items, most=most)
    yield from _findings(end, most)
    yield from _ages(end, most)
    if end.stamps is not None:
        yield from _stamps(end.stamps, most)
    if end.evidence:
        folder = os.path.commonpath([path.parent for path in end.evidence])
        shown = os.path.relpath(folder, config.rootpath)
        yield f"evidence of {count(len(end.evidence), 'consent run')}: {shown}"
    yield from (f"wrote {file}" for file in end.reports)
    yield from render_hygiene(end.run, most=most)
    yield from _manual(end.run, config, most)
    yield from (_Headline("error", problem) for problem in end.problems)


def _findings(end: RunEnd, most: int | None) -> Iterator[str | _Headline]:
    """What is out of date, and what reading the docs objected to; what makes an item fail is told by its failure."""
    from pytest_endpoint_docs.reporting.hygiene import NOW_PASSES, NOW_PASSES_CODE, OUTDATED_CODES

    gone = [finding for finding in end.findings if finding.code in OUTDATED_CODES]
    if gone:
        are = "is" if len(gone) == 1 else "are"
        yield _Headline("warning", f"{count(len(gone), 'known difference')} {are} out of date:")
        yield from _capped([_line(finding) for finding in gone], most)
    elsewhere = OUTDATED_CODES | {NOW_PASSES_CODE}
    untold = {finding for item in end.run.items if item.outcome == "xfailed" for finding in item.findings}
    warnings = [
        finding
        for finding in end.findings
        if (finding.severity != "error" or finding in untold)
        and not (finding.code in elsewhere or finding in end.stale)
    ]
    if warnings:
        yield _Headline("warning", f"{count(len(warnings), 'finding')} about the docs (endpoint-docs lint shows all):")
        yield from _capped([_line(finding) for finding in warnings], most)
    passing = [finding for finding in end.findings if finding.code == NOW_PASSES_CODE]
    if passing:
        yield _Headline("warning", f"the status of {count(len(passing), 'doc')} is out of date:")
        yield from _capped([f"  {finding.path}:{finding.line}: {NOW_PASSES}" for finding in passing], most)


def _ages(end: RunEnd, most: int | None) -> Iterator[str | _Headline]:
    if not end.stale:
        return
    docs = count(len({finding.path for finding in end.stale}), "doc")
    if not end.failed_by_age:
        told = f"the dates of {docs} need attention (with --endpoint-stale fail, the run exits with 1):"
        yield _Headline("warning", told)
    else:
        word = "only because" if _everything_passed(end.run) else "also because"
        told = f"the run fails {word} the dates of {docs} need attention (--endpoint-stale fail):"
        yield _Headline("error", told)
    yield from _capped([_line(finding) for finding in end.stale], most)


def _everything_passed(run: RunRecord) -> bool:
    return not any(item.outcome in ("failed", "error") for item in run.items)


def _stamps(stamps: Stamps, most: int | None) -> Iterator[str]:
    if stamps.forbidden:
        yield f"nothing stamped: {stamps.forbidden}"
        return
    yield f"stamped {count(len(stamps.stamped), 'doc')} with verifiedAt" + (":" if stamps.stamped else "")
    named = [
        f"  {stamp.doc}: {stamp.at}{f' by {stamp.by}' if stamp.by else ''}"
        f"{', by status only' if stamp.by_status_alone else ''}"
        for stamp in stamps.stamped
    ]
    yield from _capped(named, most)
    left = sum(len(docs) for docs in stamps.refused.values())
    if left:
        yield f"{count(left, 'doc')} not stamped:"
        for reason, docs in stamps.refused.items():
            yield f"  {len(docs):,}: {reason}: {listed(docs, len(docs) if most is None else 3)}"


def _manual(run: RunRecord, config: pytest.Config, most: int | None) -> Iterator[str]:
    """What a person, or a consent, could run: when it was done last, and the command."""
    from pytest_endpoint_docs.reporting.hygiene import render_age

    skipped = [item for item in run.items if item.cause == "manual" and item.extra.get("runs_with")]
    # Of each doc the item that stands first in it, whatever order they ran in, and a project's own tests last.
    first = {item.doc: item for item in sorted(skipped, key=lambda item: (item.kind != "custom", -item.line))}
    if not first:
        return
    yield "to run docs that need a person:"
    shown = sorted(first.values(), key=lambda item: (item.doc, item.line))
    limit = None if most is None else _MOST_COMMANDS
    for item in shown[:limit]:
        yield f"  {item.doc}:{item.line}: skipped, {render_age(item, run)}"
        yield f"    {_command(item, config)}"
    if limit is not None and len(shown) > limit:
        rest = f"pytest -m requires_manual_testing{_environment(config)} --endpoint-manual attended"
        yield f"  {and_more(len(shown) - limit)}: {rest}"


def _command(item: ItemRecord, config: pytest.Config) -> str:
    path = item.doc if item.kind == "custom" else item.nodeid.partition("::")[0]
    shown = os.path.relpath(config.rootpath / path, config.invocation_params.dir)
    doc = shlex.quote(Path(shown).as_posix())
    return f"pytest {doc}{_environment(config)} --endpoint-manual {item.extra['runs_with']}"


def _environment(config: pytest.Config) -> str:
    given = config.getoption("endpoint_env", None)
    return f" --endpoint-env {shlex.quote(given)}" if given else ""


def _annotations(run: RunRecord, root: Path) -> list[str]:
    from pytest_endpoint_docs.reporting.annotations import render_annotations

    workspace = os.environ.get("GITHUB_WORKSPACE", "")
    prefix = root.relative_to(workspace).as_posix() if workspace and root.is_relative_to(workspace) else ""
    return render_annotations(run, prefix=prefix)


def _line(finding: FindingRecord) -> str:
    return f"  {finding.path}:{finding.line}: {finding.message} [{finding.code}]"


def _capped(lines: Sequence[str], most: int | None) -> Iterator[str]:
    yield from capped(lines, most, indent="  ", hint=" (-v shows all)")

"""From pytest's report of an item to its verdict and its record."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from pytest_endpoint_docs.errors import (
    ConfigError,
    ConsentError,
    ContractFailure,
    EndpointDocsError,
    RequestError,
    cause_of,
)
from pytest_endpoint_docs.model.value_class import Alike, value_class
from pytest_endpoint_docs.plugin.nodes import ContractItem, short_verdict
from pytest_endpoint_docs.plugin.session import (
    CASE,
    DOC_PART,
    DOC_PROPERTIES,
    FAILURE,
    LINE_KINDS,
    OF_DOC,
    RECORD,
    RESULT,
    TOLD_OF_FAILURE,
)
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.redaction.rendering import joined, public
from pytest_endpoint_docs.reporting.hygiene import NOW_PASSES
from pytest_endpoint_docs.reporting.item_records import ItemEnd, item_record, junit_properties
from pytest_endpoint_docs.words import first_line

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.record import ItemRecord, Outcome
    from pytest_endpoint_docs.model.source import Obstacle, SourceLocation
    from pytest_endpoint_docs.openapi.operations import Operation
    from pytest_endpoint_docs.plugin.consents import ConsentVariables
    from pytest_endpoint_docs.plugin.options import Options
    from pytest_endpoint_docs.reporting.failure import Failure
    from pytest_endpoint_docs.verification.doc_part import DocPart
    from pytest_endpoint_docs.verification.freshness import DocAge

_FAILURES: tuple[Outcome, ...] = ("failed", "error", "xfailed")


@value_class(eq=False)
class ItemReports:
    """Gives the reports of a process their verdicts and records; registered where there is a doc or a target.

    ``consents`` gives the consents of this run, if anything asked for them yet. ``alike`` and ``properties``
    keep what records and properties have in common.
    """

    options: Options
    cases_by_file: Mapping[Path, tuple[ContractCase, ...]]
    redactor: Redactor
    age_of: Callable[[EndpointDoc], DocAge]
    operation_of: Callable[[ContractCase, CaseResult | None], Operation | None]
    consents: Callable[[], ConsentVariables | None]
    alike: Alike = field(default_factory=Alike)
    properties: Alike = field(default_factory=Alike)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Apply the doc's status to a report, point it at the doc's line, and record it."""
        case = item.stash.get(CASE, None)
        if case is not None and call.when == "setup":
            _forget_attempt(item)
        report = yield
        if case is None:
            return report
        setattr(report, OF_DOC, True)
        if report.passed and report.when != "call":
            return report
        # A project's test that runs over docs has a case too.
        is_doc_item = isinstance(item, ContractItem)
        if is_doc_item and report.skipped:
            _point_at_doc(item, report)
        expects_failure = case.disposition.action == "xfail"
        if expects_failure and report.when == "call" and not item.config.getoption("runxfail", False):
            _expect_failure(item, case, call, report, self.redactor, is_strict=case.disposition.strict and is_doc_item)
        obstacle = None if report.passed else _obstacle(item, call, report)
        if obstacle is not None and report.failed:
            # What went wrong says nothing about the contract: for pytest an error, as if the setup had failed.
            report.when = "setup"
        if report.when == "call" or (report.when == "setup" and not report.passed) or report.failed:
            # A boundary: an exception from here would end the run, and take the other items' results with it.
            try:
                self._attach(item, case, report, obstacle, call.excinfo.value if call.excinfo else None)
            except Exception as problem:  # noqa: BLE001 - told in full by the report
                self._fail_unrecorded(case, report, problem)
        return report

    def _fail_unrecorded(self, case: ContractCase, report: pytest.TestReport, problem: Exception) -> None:
        """An item that cannot be recorded fails, and says so."""
        shown = f"{report.longrepr}\n\n" if report.failed else ""
        shown += f"{case.location}: the record of this item could not be made: {problem}\n{traceback.format_exc()}"
        report.outcome = "failed"
        report.longrepr = self.redactor.text(shown)

    def _attach(
        self,
        item: pytest.Item,
        case: ContractCase,
        report: pytest.TestReport,
        obstacle: Obstacle | None,
        error: BaseException | None,
    ) -> None:
        """Put the item's record on the report that decides its outcome, from where it reaches the controller too."""
        result = item.stash.get(RESULT, None)
        consented = self._is_consent_run(case, result)
        failure = item.stash.get(FAILURE, None) if _outcome(report) in _FAILURES else None
        end = _item_end(item, case, report, obstacle, failure)
        if failure is None and isinstance(error, (EndpointDocsError, ContractFailure)):
            # A project's own test let it through, and pytest shows it as any other.
            end = replace(
                end, root_cause=cause_of(error), failure_line=_line_of(getattr(error, "location", None), case)
            )
        record = item_record(
            case,
            result,
            end,
            self.age_of(case.doc),
            self.redactor,
            operation=self.operation_of(case, result),
            with_exchanges=bool(self.options.results or self.options.report or consented or report.failed),
            alike=self.alike,
        )
        setattr(report, RECORD, record)
        if failure:
            setattr(report, LINE_KINDS, failure.kinds)
        if self.options.stamp or self.options.baseline or consented:
            setattr(report, DOC_PART, self._doc_part(case, result, consented=consented).to_json())
        properties = self._properties(item, record)
        if not (item.user_properties or record.outcome in _FAILURES or record.mismatches):
            item.config.stash[DOC_PROPERTIES] = item, properties
        if record.outcome in _FAILURES:
            item.stash[TOLD_OF_FAILURE] = properties
        # The report in hand has its own list; pytest makes the next one, which JUnit XML reads, from the item's.
        item.user_properties += properties
        report.user_properties += properties

    def _properties(self, item: pytest.Item, record: ItemRecord) -> list[tuple[str, object]]:
        """What the record tells to JUnit XML; what the project's own hooks told stays."""
        told: list[tuple[str, object]] = [self.properties.as_before(each[0], each) for each in junit_properties(record)]
        if not item.user_properties:
            return told
        known = {name for name, _ in item.user_properties}
        return [each for each in told if each[0] not in known]

    def _is_consent_run(self, case: ContractCase, result: CaseResult | None) -> bool:
        """Whether a consent in a browser was a part of the item's run."""
        if self.options.manual == "skip" or result is None or result.by_hand or not _was_tested(result):
            return False
        consents = self.consents()
        return consents is not None and (case.is_manual or consents.served(case))

    def _doc_part(self, case: ContractCase, result: CaseResult | None, *, consented: bool) -> DocPart:
        from pytest_endpoint_docs.verification.doc_part import DocPart
        from pytest_endpoint_docs.verification.evidence import contract_hash

        doc, consents = case.doc, self.consents() if consented else None
        by_hand = result is not None and result.by_hand
        answered = result is not None and result.sent is not None and result.sent.response is not None
        return DocPart(
            file=str(doc.file),
            doc=public(doc.path),
            endpoint=public(str(doc.endpoint)),
            contract_hash=contract_hash(doc.text),
            name=case.name,
            names=tuple(each.name for each in self.cases_by_file.get(doc.file, ())),
            live=by_hand or answered or (result is not None and bool(case.outline.check)),
            by="manual" if by_hand else "consent" if consented else "",
            screenshots=tuple(map(str, consents.screenshots_of(case))) if consents else (),
        )


def _forget_attempt(item: pytest.Item) -> None:
    """Take back what an attempt before this one told, where a plugin runs an item again that failed."""
    if FAILURE in item.stash:
        del item.stash[FAILURE]
    if TOLD_OF_FAILURE in item.stash:
        told = item.stash[TOLD_OF_FAILURE]
        del item.stash[TOLD_OF_FAILURE]
        item.user_properties[:] = [each for each in item.user_properties if each not in told]


def _obstacle(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> Obstacle | None:
    """What kept an item from being tested, where it was not, or not any more."""
    result = item.stash.get(RESULT, None)
    if report.skipped:
        return result.obstacle if result is not None else None
    error = call.excinfo.value if call.excinfo else None
    # One of the cleanup comes after the test.
    is_of_test = result is None or error is result.error
    return error.obstacle if isinstance(error, EndpointDocsError) and is_of_test else None


def _item_end(
    item: pytest.Item,
    case: ContractCase,
    report: pytest.TestReport,
    obstacle: Obstacle | None,
    failure: Failure | None,
) -> ItemEnd:
    outcome = _outcome(report)
    is_failure = outcome in _FAILURES
    return ItemEnd(
        nodeid=item.nodeid,
        kind=case.outline.kind if isinstance(item, ContractItem) else "custom",
        outcome=outcome,
        started_s=report.start,
        duration_s=report.duration,
        reason=case.disposition.reason if outcome in ("xfailed", "xpassed") else _reason(report),
        failure=failure.text if failure else str(report.longrepr) if is_failure else "",
        verdict=failure.verdict if failure else _verdict(report) if is_failure else "",
        root_cause=failure.cause if failure else "",
        failure_line=_line_of(failure, case),
        obstacle=obstacle if outcome in ("error", "skipped") else None,
        shown=failure.exchange if failure else None,
    )


def _line_of(told: Failure | SourceLocation | None, case: ContractCase) -> int | None:
    """The line of the case's doc that a failure is about; ``None`` where it is about something else."""
    return told.line if told is not None and told.path == case.doc.path else None


def _outcome(report: pytest.TestReport) -> Outcome:
    """The outcome of a report in the words of the result file."""
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    if report.failed and report.when != "call":
        return "error"
    return cast("Outcome", report.outcome)


def _point_at_doc(item: pytest.Item, report: pytest.TestReport) -> None:
    if isinstance(report.longrepr, tuple) and not hasattr(report, "wasxfail"):
        path, line, _ = item.reportinfo()
        report.longrepr = (str(path), (line or 0) + 1, report.longrepr[2])


def _expect_failure(
    item: pytest.Item,
    case: ContractCase,
    call: pytest.CallInfo[None],
    report: pytest.TestReport,
    redactor: Redactor,
    *,
    is_strict: bool,
) -> None:
    error = call.excinfo.value if call.excinfo else None
    if report.failed and not _could_not_ask(error):
        failure = item.stash.get(FAILURE, None)
        why = redactor.text(_verdict(report)) if failure is None else short_verdict(failure, case)
        report.outcome = "skipped"
        # What -rx and JUnit XML show: the recorded reason does not say what went wrong.
        report.wasxfail = joined(public(f"{case.disposition.reason}: "), why)
    elif report.passed and is_strict:
        report.outcome = "failed"
        from pytest_endpoint_docs.reporting.failure import Failure

        location = case.doc.line_of("status")
        report.longrepr = told = public(f"{location}: {NOW_PASSES}")
        item.stash[FAILURE] = Failure(
            path=location.path, line=location.line, verdict=told, text=told, cause=public(NOW_PASSES)
        )


def _could_not_ask(error: BaseException | None) -> bool:
    """Whether no answer was had for a reason that the doc has no part in."""
    obstacle = error.obstacle if isinstance(error, EndpointDocsError) else None
    return isinstance(error, (RequestError, ConfigError)) or (obstacle is not None and obstacle.kind != "variable")


def _reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).removeprefix("reason: ")
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return ""


def _verdict(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return first_line(crash.message if crash else report.longrepr)


def _was_tested(result: CaseResult) -> bool:
    """Whether the result says something of the server: not where it could not be asked."""
    if result.outcome != "failed":
        return result.outcome != "skipped"
    from pytest_endpoint_docs.oauth.consent_errors import BrowserMissing, DisplayMissing

    says_nothing = isinstance(result.error, (BrowserMissing, DisplayMissing))
    return isinstance(result.error, (ContractFailure, ConsentError)) and not says_nothing

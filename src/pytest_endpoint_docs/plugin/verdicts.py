"""From pytest's report of an item to the verdict that the doc's status asks for, free of secrets."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_endpoint_docs.errors import ConfigError, RequestError
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.plugin.item_report import attach_record
from pytest_endpoint_docs.plugin.nodes import ContractItem, case_of
from pytest_endpoint_docs.plugin.session import session_of
from pytest_endpoint_docs.redaction import Redactor

NOW_PASSES = "now passes: set status to verified"


def judge(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> pytest.TestReport:
    """Apply the doc's status to a report, point it at the doc's line, and take secrets out of it."""
    case = case_of(item)
    if case is not None:
        if isinstance(item, ContractItem) and report.skipped:
            _point_at_doc(item, report)
        if report.when == "call" and case.disposition.action == "xfail":
            _expect_failure(item, case, call, report)
    redact_report(report, session_of(item.config).redactor)
    attach_record(item, report)
    return report


def _point_at_doc(item: ContractItem, report: pytest.TestReport) -> None:
    if isinstance(report.longrepr, tuple) and not hasattr(report, "wasxfail"):
        path, line, _ = item.reportinfo()
        report.longrepr = (str(path), line + 1, report.longrepr[2])


def _expect_failure(
    item: pytest.Item, case: ContractCase, call: pytest.CallInfo[None], report: pytest.TestReport
) -> None:
    error = call.excinfo.value if call.excinfo else None
    if report.failed and not isinstance(error, (RequestError, ConfigError)):
        report.outcome = "skipped"
        report.wasxfail = case.disposition.reason
    elif report.passed and case.disposition.strict and isinstance(item, ContractItem):
        location = case.doc.line_of("status")
        report.outcome = "failed"
        report.longrepr = f"{location}: {NOW_PASSES}"


def redact_report(report: pytest.TestReport | pytest.CollectReport, redactor: Redactor) -> None:
    """Take every known secret out of a report: its failure text and the output that was captured.

    The last line of defence: texts of this package are redacted where they are made, but a test's own assertion
    introspection prints whatever it compares.
    """
    report.sections = [(name, redactor.text(content)) for name, content in report.sections]
    shown: Any = report.longrepr
    if isinstance(shown, tuple):
        report.longrepr = (shown[0], shown[1], redactor.text(str(shown[2])))
    elif shown is not None:
        text = str(shown)
        redacted = redactor.text(text)
        if redacted != text:
            report.longrepr = redacted

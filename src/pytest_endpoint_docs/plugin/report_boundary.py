"""What pytest shows of items, without secrets, whoever reads it: the terminal, JUnit XML, other plugins.

Texts of this package are redacted where they are made. What a project's own tests raise, print and log is not: this is
where it passes the boundary, before any other plugin sees a report.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.plugin.session import CASE, DOC_PROPERTIES
from pytest_endpoint_docs.plugin.shown_reports import (
    redact_error,
    redact_errors,
    redact_output,
    redact_report,
    redact_traceback,
    without_secrets,
)

if TYPE_CHECKING:
    import warnings

    from pytest_endpoint_docs.redaction.redactor import Redactor


class ReportBoundary:
    """Takes secrets out of exceptions, reports and warnings. A run without docs has none."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The innermost wrapper: others get the exception and the report as they may be shown."""
        if call.excinfo is not None:
            redact_errors(call.excinfo.value, self._beside(item))
        # Some take it from here, and not from the report.
        output: Any = getattr(item, "_report_sections", None)
        if output:
            redact_output(output, self._beside(item))
        report = yield
        has_texts = bool(report.user_properties) and not _are_of_doc(report.user_properties, item)
        if not (has_texts or report.sections or report.longrepr):
            return report
        redactor = self._beside(item)
        if has_texts:
            report.user_properties = without_secrets(report.user_properties, redactor)
        redact_report(report, redactor)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Why a test is expected to fail is set after all others have seen the report."""
        if hasattr(report, "wasxfail") or report.longrepr:
            self.redact_reason(report)

    def redact_reason(self, report: pytest.TestReport) -> None:
        """Take secrets out of why a test is expected to fail, also where it passes nevertheless."""
        told = report.longrepr
        if reason := getattr(report, "wasxfail", ""):
            report.wasxfail = self._redactor.text(reason)
        elif isinstance(told, str) and told.startswith("[XPASS"):
            report.longrepr = self._redactor.text(told)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Others watch how fixtures are set up and torn down, and keep what they raise."""
        try:
            return (yield)
        except BaseException as error:
            redact_errors(error, self._redactor)
            raise
        finally:
            # Those others put theirs around these (allure-pytest).
            finalizers: Any = getattr(fixturedef, "_finalizers", None)
            if finalizers and isinstance(finalizers, list):
                finalizers[:] = map(self._finalizer, finalizers)

    def _finalizer(self, finalizer: Callable[[], object]) -> Callable[[], object]:
        def finalize() -> object:
            try:
                return finalizer()
            except BaseException as error:
                redact_errors(error, self._redactor)
                raise

        # A partial has no name, and others count it then.
        return update_wrapper(finalize if hasattr(finalizer, "__name__") else partial(finalize), finalizer)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Properties of the whole run (``record_testsuite_property``) are written as they are at its end."""
        for plugin in session.config.pluginmanager.get_plugins():
            properties: Any = getattr(plugin, "global_properties", None)
            if isinstance(properties, list):
                properties[:] = without_secrets(properties, self._redactor)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """What ends a run by ``pytest.exit`` is told with its reason, and with ``--full-trace`` what functions got."""
        redact_error(excinfo.value, self._redactor)
        told: Any = excinfo
        told.getrepr = self._redacting(excinfo.getrepr)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: object) -> None:
        """What a hook of the project raises ends the run, and is told with all that led to it."""
        redact_traceback(excrepr, self._redactor)

    def _redacting(self, getrepr: Callable[..., object]) -> Callable[..., object]:
        def redacted(*args: object, **kwargs: object) -> object:
            shown = getrepr(*args, **kwargs)
            redact_traceback(shown, self._redactor)
            return shown

        return redacted

    def _beside(self, item: pytest.Item) -> Redactor:
        case = item.stash.get(CASE, None)
        return self._redactor.beside(case.doc.text) if case else self._redactor

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """A warning is told at the end of the run, and before that handed from a worker to its controller."""
        warning: Any = warning_message.message
        if isinstance(warning, Warning):
            told = str(warning)
            redact_error(warning, self._redactor)
            if str(warning) == told and self._redactor.text(told) != told:
                warning_message.message = Warning(self._redactor.text(told))


def _are_of_doc(properties: list[tuple[str, object]], item: pytest.Item) -> bool:
    """Whether they are what the item's record told, which is safe to show."""
    told = item.config.stash.get(DOC_PROPERTIES, None)
    return told is not None and told[0] is item and told[1] == properties

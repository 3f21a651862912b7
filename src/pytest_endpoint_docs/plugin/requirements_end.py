"""The end of a run: what the docs that others required created is removed, and what could not be is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.session import EndpointSession

LEFT_OVERS = "endpoint_docs_left_overs"


class RequirementsEnd:
    """Cleans up in each process that ran required docs; the process that reports tells for all."""

    def __init__(self, session: EndpointSession) -> None:
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Clean up; a run that leaves something behind has not passed."""
        left = self._session.left_overs
        left += [self._session.redactor.text(str(error)) for error in self._session.end_requirements()]
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[LEFT_OVERS] = left
        elif left and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left behind."""
        for text in self._session.left_overs:
            terminalreporter.write_line(f"ERROR cleaning up after a required doc: {text}", red=True)

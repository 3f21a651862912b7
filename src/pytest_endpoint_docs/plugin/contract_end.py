"""The end of a run: where docs and descriptions drift apart, and how many operations the docs cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.errors import ConfigError, FrontmatterError

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.plugin.recorder import Recorder
    from pytest_endpoint_docs.plugin.session import EndpointSession

_MOST = 20


class ContractEnd:
    """Tells it on the terminal, from the records of the run."""

    def __init__(self, session: EndpointSession, recorder: Recorder) -> None:
        self._session = session
        self._recorder = recorder

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write a section for each, where there is something to tell."""
        items = tuple(self._recorder.items.values())
        if not items:
            return
        from pytest_endpoint_docs.reporting.contract_summary import render_drift_summary

        verbosity = terminalreporter.config.get_verbosity()
        drift = render_drift_summary(items, most=_MOST if verbosity < 1 else None) if verbosity > -2 else []
        if drift:
            terminalreporter.section("contract drift", bold=True, yellow=True)
            for line in drift:
                terminalreporter.write_line(line)
        if self._session.options.coverage:
            terminalreporter.section("endpoint coverage", bold=True)
            for line in self._coverage():
                terminalreporter.write_line(line)

    def _coverage(self) -> list[str]:
        from pytest_endpoint_docs.coverage.coverage_text import render_coverage_text
        from pytest_endpoint_docs.coverage.operation_coverage import find_coverage

        try:
            descriptions = self._session.target.descriptions
        except ConfigError as error:
            return [f"no coverage: {error}"]
        if descriptions is None:
            return ["no coverage: the environment names no 'openapi' descriptions"]
        coverage = find_coverage(self._docs(), descriptions, run=self._recorder.run())
        return render_coverage_text(coverage).splitlines()

    def _docs(self) -> list[EndpointDoc]:
        """The project's docs and those that ran; the controller of a parallel run has collected none itself."""
        from pytest_endpoint_docs.loading.head import load_doc

        docs = {doc.path: doc for doc in self._session.docs.index}
        for path in {item.doc for item in self._recorder.items.values()} - set(docs):
            try:
                doc = load_doc(self._session.config.rootpath / path, display_path=path)
            except (OSError, FrontmatterError):
                continue  # its item has told that it cannot be read
            if doc is not None:
                docs[path] = doc
        return [docs[path] for path in sorted(docs)]

"""The cases of docs as pytest's items: a file node per doc, an item per case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.plugin.project_docs import ProjectDocs, short_path
from pytest_endpoint_docs.plugin.session import CASE, FAILURE, RESULT, SESSION
from pytest_endpoint_docs.reporting.failure import Failure, render_failure
from pytest_endpoint_docs.words import visible

# On a test with ``endpoint_case``: also for the checks of OAuth endpoints.
OAUTH_CHECKS = "oauth_checks"


class DocsFolder(pytest.Directory):
    """Collects a folder with its docs in one go, which takes half as long as a collection of each doc by pytest.

    It stands in no node's way: their parents are those that pytest makes, and so are their node ids. What is named on
    the command line, pytest has to find by its own node.
    """

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """What pytest finds in the folder; of a doc its items."""
        assert self.parent is not None
        # --lf and its kin leave files out, and say how many.
        sorts_out = any(self.config.getoption(name, False) for name in ("lf", "failedfirst", "newfirst"))
        for node in pytest.Dir.from_parent(self.parent, path=self.path).collect():
            is_named = sorts_out or self.session.isinitpath(node.path)
            if isinstance(node, EndpointDocFile) and not is_named:
                yield from _items_of(node)
            else:
                yield node


def _items_of(node: EndpointDocFile) -> Sequence[pytest.Item | pytest.Collector]:
    """The items of a doc; the doc's node where they cannot be had: pytest then tells why, for this doc alone."""
    try:
        return list(node.collect())
    except Exception:  # noqa: BLE001 - raised again, where it is reported
        return [node]


class EndpointDocFile(pytest.Module):
    """The node of one doc: a ``Module`` without a module, so that module-scoped fixtures of users have a node."""

    obj = None
    docs: ProjectDocs

    def collect(self) -> Iterable[ContractItem]:
        """One item per case of the doc; a doc that cannot be read is one item that fails."""
        self.docs.remember_folders(self)
        doc = self.docs.read(self.path)
        for case in self.docs.cases(doc, self) if doc else ():
            yield ContractItem.build(self, case)


class ContractItem(pytest.Function):
    """The item of one case; ``case`` is the value that it runs."""

    case: ContractCase

    @classmethod
    def build(cls, parent: EndpointDocFile, case: ContractCase) -> ContractItem:
        """The item of a case, with its markers, and the skip mark where the doc says skip."""
        known = parent.docs.fixtures_in(parent)
        item: ContractItem = cls.from_parent(parent, name=visible(case.name), callobj=contract, fixtureinfo=known)
        if known is None:
            parent.docs.keep_fixtures(parent, getattr(item, "_fixtureinfo", None))
        item.case = item.stash[CASE] = case
        for mark in parent.docs.marks(case):
            item.add_marker(mark)
        if case.disposition.action == "skip":
            # Without it, -rs folds skips by mark into one line per file, without the doc's line.
            item.keywords["pytestmark"] = []
        return item

    def reportinfo(self) -> tuple[Path, int, str]:
        """The doc's own line: what ``-rs``, ``--durations`` and editors show."""
        location = self.case.disposition.location if self.case.disposition.action == "skip" else None
        return self.path, (location or self.case.location).line - 1, self.case.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """The failure text of the case, without a frame of ours; what a user's fixture raises is shown as ever."""
        result = self.stash.get(RESULT, None)
        if result is None or excinfo.value not in (result.error, *result.cleanup_errors):
            return super().repr_failure(excinfo, *args, **kwargs)
        failure = self.stash[FAILURE] = render_failure(result, self.config.stash[SESSION].redactor)
        shown: Any = excinfo.getrepr(style="value", chain=False)
        shown.reprcrash.path = str(self.path)
        shown.reprcrash.lineno = failure.line
        # The short summary has the doc's path before the message, and room for little else.
        shown.reprcrash.message = short_verdict(failure, self.case)
        # With --tb=line pytest puts path and line before the message itself, and wants nothing but that line.
        only_line = self.config.getoption("tbstyle", "auto") == "line"
        shown.reprtraceback.reprentries[0].lines = [] if only_line else failure.text.splitlines()
        return shown


def short_verdict(failure: Failure, case: ContractCase) -> str:
    """The verdict where the doc's path is told already."""
    own = failure.path == case.doc.path
    return failure.verdict.removeprefix(f"{failure.path}:{failure.line}: ") if own else failure.verdict


def contract(endpoint_case: Any) -> None:
    # No docstring: reports of other plugins would show it as the description of every item.
    endpoint_case.run()


def parametrize_over_docs(metafunc: pytest.Metafunc, docs: ProjectDocs) -> None:
    """Give a test that asks for ``endpoint_case`` every case of the project's docs.

    The checks of OAuth endpoints are among them only where the test asks for them: they are about no answer of the doc.
    """
    with_checks = metafunc.definition.get_closest_marker(OAUTH_CHECKS) is not None
    parameters = [
        pytest.param(case, id=f"{short_path(doc)}::{case.name}", marks=tuple(docs.marks(case)))
        for doc in docs.all
        for case in docs.cases(doc, metafunc.definition)
        if with_checks or not case.outline.check
    ]
    metafunc.parametrize("endpoint_case", parameters, indirect=True)

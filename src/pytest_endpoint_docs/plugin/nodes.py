"""Endpoint docs as pytest nodes: a file node per doc, an item per case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_endpoint_docs.errors import FrontmatterError
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.items import marker_name
from pytest_endpoint_docs.model.body import EMPTY_BODY
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import BodyReader, CaseOutline, EndpointDoc
from pytest_endpoint_docs.model.source import Endpoint, Finding
from pytest_endpoint_docs.plugin.session import session_of

UNREADABLE = "unreadable doc"


class EndpointDocFile(pytest.Module):
    """The node of one doc: a ``Module`` without a module, so that module-scoped fixtures of users have a node."""

    obj = None

    def collect(self) -> Iterable[ContractItem]:
        """One item per case of the doc; a doc that cannot be read is one item that fails."""
        session = session_of(self.config)
        display_path = display(self.path, self.config)
        try:
            doc = load_doc(self.path, display_path=display_path)
        except FrontmatterError as error:
            doc = unreadable(self.path, display_path, error)
        if doc is None:
            return
        session.docs.collected(doc)
        for case in session.docs.cases(doc):
            yield ContractItem.build(self, case)


class ContractItem(pytest.Function):
    """The item of one case; ``case`` is the value that it runs."""

    case: ContractCase

    @classmethod
    def build(cls, parent: EndpointDocFile, case: ContractCase) -> ContractItem:
        """The item of a case, with its markers, and the skip mark where the doc says skip."""
        item: ContractItem = cls.from_parent(parent, name=case.name, callobj=contract)
        item.case = case
        for mark in marks_of(case, parent.config):
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
        failure = session_of(self.config).failure_of(self, excinfo.value)
        if failure is None:
            return super().repr_failure(excinfo, *args, **kwargs)
        shown: Any = excinfo.getrepr(style="value", chain=False)
        shown.reprcrash.path = str(self.path)
        shown.reprcrash.lineno = failure.line
        # With --tb=line pytest puts the path before the message itself, and wants nothing but that line.
        only_line = self.config.getoption("tbstyle", "auto") == "line"
        place = f"{failure.path}:{failure.line}: "
        shown.reprcrash.message = failure.verdict.removeprefix(place) if only_line else failure.verdict
        shown.reprtraceback.reprentries[0].lines = [] if only_line else failure.text.splitlines()
        return shown


def contract(endpoint_case: Any) -> None:
    # No docstring: reports of other plugins would show it as the description of every item.
    endpoint_case.run()


def marks_of(case: ContractCase, config: pytest.Config) -> Iterator[pytest.MarkDecorator]:
    """The marks of a case: its tags and its domain, registered first, and ``skip`` where it does not run."""
    tags = (*case.doc.tags, *case.outline.tags, case.doc.domain or "")
    names = dict.fromkeys(marker_name(tag) for tag in tags if tag)
    for name in names:
        session_of(config).docs.register_marker(name)
        yield getattr(pytest.mark, name)
    if case.disposition.action == "skip":
        yield pytest.mark.skip(reason=case.disposition.reason)


def display(path: Path, config: pytest.Config) -> str:
    """A path as people read it: relative to the root directory, or to the working directory, where it lies below."""
    for base in (config.rootpath, config.invocation_params.dir):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.as_posix()


def unreadable(path: Path, display_path: str, error: FrontmatterError) -> EndpointDoc:
    """A doc that stands for a file that cannot be read, so that it fails as one item and the others run."""
    finding = Finding(code="unreadable-doc", message=error.message, location=error.location)
    return EndpointDoc(
        file=path,
        path=display_path,
        endpoint=Endpoint("", ""),
        location=error.location,
        findings=error.findings or (finding,),
        outlines=(CaseOutline(name=UNREADABLE, location=error.location),),
        reader=BodyReader(lambda _: EMPTY_BODY),
    )


def case_of(item: pytest.Item | pytest.Collector) -> ContractCase | None:
    """The case that an item runs: a doc's own item, or a test function with ``endpoint_case``."""
    if isinstance(item, ContractItem):
        return item.case
    callspec = getattr(item, "callspec", None)
    case = callspec.params.get("endpoint_case") if callspec else None
    return case if isinstance(case, ContractCase) else None


def parametrize_over_docs(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for ``endpoint_case`` every case of the project's docs."""
    session = session_of(metafunc.config)
    parameters = [
        pytest.param(case, id=f"{_short(case)}::{case.name}", marks=tuple(marks_of(case, metafunc.config)))
        for doc in session.docs.all()
        for case in session.docs.cases(doc)
    ]
    metafunc.parametrize("endpoint_case", parameters, indirect=True)


def _short(case: ContractCase) -> str:
    parts = Path(case.doc.path).parts
    return "/".join(parts[1:]) if len(parts) > 1 else case.doc.path

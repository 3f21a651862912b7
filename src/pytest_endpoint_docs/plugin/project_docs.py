"""The docs of a run: what was collected, what else the project has, and the cases of each."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.model.case import ContractCase, Disposition
from pytest_endpoint_docs.model.doc import EndpointDoc

if TYPE_CHECKING:
    from pytest_endpoint_docs.loading.doc_index import DocIndex
    from pytest_endpoint_docs.plugin.session import EndpointSession


class ProjectDocs:
    """The docs of one process. ``case_names`` holds the items of each file; ``are_used``: there is one doc at least."""

    def __init__(self, session: EndpointSession) -> None:
        self.case_names: dict[Path, tuple[str, ...]] = {}
        self.are_used = False
        self._session = session
        self._docs: dict[Path, EndpointDoc] = {}
        self._markers: set[str] = set()

    def collected(self, doc: EndpointDoc) -> None:
        """Remember a doc, for ``requires`` and UID resolution."""
        self._docs[doc.file] = doc

    def register_marker(self, name: str) -> None:
        """Register a tag's or domain's marker once, so that ``--strict-markers`` holds."""
        if name not in self._markers:
            self._markers.add(name)
            self._session.config.addinivalue_line("markers", f"{name}: endpoint docs with this tag or domain")

    def cases(self, doc: EndpointDoc) -> list[ContractCase]:
        """The cases of a doc, after the hook had its say."""
        from pytest_endpoint_docs.loading.items import cases_of
        from pytest_endpoint_docs.manual.manual_mode import with_manual_mode

        self.are_used = True
        mode = self._session.options.manual
        written = cases_of(doc)
        cases = [with_manual_mode(self._checked_requirements(case), mode) for case in written]
        if mode == "automated" and cases[0] != written[0]:
            from pytest_endpoint_docs.plugin.oauth_items import check_cases

            cases += check_cases(cases[0])
        if mode == "attended":
            from pytest_endpoint_docs.manual.attended_run import with_walkthrough

            cases = [with_walkthrough(case, self._session) for case in cases]
        if self._session.options.negative or doc.negative or self._session.options.tokens == "all":
            from pytest_endpoint_docs.plugin.variants import with_variants

            cases = with_variants(cases, self._session)
        self._session.config.hook.pytest_endpoint_docs_modify_cases(config=self._session.config, cases=cases)
        self.case_names[doc.file] = tuple(case.name for case in cases)
        return cases

    def _checked_requirements(self, case: ContractCase) -> ContractCase:
        if not case.doc.requires or case.disposition.action != "run":
            return case
        from pytest_endpoint_docs.loading.doc_index import requirement_findings

        wrong = next(requirement_findings(case.doc, self.index), None)
        if wrong is None:
            return case
        return replace(case, disposition=Disposition(action="broken", reason=wrong.message, location=wrong.location))

    def all(self) -> list[EndpointDoc]:
        """Every readable doc under the ini's ``endpoint_docs``, in path order."""
        from pytest_endpoint_docs.errors import FrontmatterError
        from pytest_endpoint_docs.loading.head import load_doc
        from pytest_endpoint_docs.plugin.nodes import display

        docs = []
        for folder in self._session.options.docs:
            for file in sorted((self._session.config.rootpath / folder).rglob("*.md")):
                if not file.is_file():
                    continue
                doc = self._docs.get(file)
                if doc is None:
                    try:
                        doc = load_doc(file, display_path=display(file, self._session.config))
                    except FrontmatterError:
                        continue  # collecting the file itself reports it
                if doc is not None:
                    docs.append(doc)
        return docs

    @cached_property
    def index(self) -> DocIndex:
        """All docs that a case may refer to: the project's and the collected ones."""
        from pytest_endpoint_docs.loading.doc_index import DocIndex

        docs = {doc.file: doc for doc in self.all()}
        return DocIndex([*docs.values(), *(doc for file, doc in self._docs.items() if file not in docs)])

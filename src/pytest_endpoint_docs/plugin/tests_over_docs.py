"""A project's tests that run over docs: those that take ``endpoint_case``. Imported where there is one."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.plugin.project_docs import ProjectDocs, short_path
from pytest_endpoint_docs.plugin.session import CASE

# On such a test: also for the checks of OAuth endpoints.
OAUTH_CHECKS = "oauth_checks"


class TestsOverDocs:
    """Notes the case of each test that runs over docs; registered where there is one."""

    def __init__(self, docs: ProjectDocs) -> None:
        self._docs = docs

    @pytest.hookimpl
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """The case is the parameter of such a test; without any docs, pytest puts a placeholder of its own there."""
        parameters = getattr(item, "callspec", None)
        case = parameters.params.get("endpoint_case") if parameters is not None else None
        if isinstance(case, ContractCase):
            item.stash[CASE] = case
            self._docs.remember_folders(item)


def parametrize_over_docs(metafunc: pytest.Metafunc, docs: ProjectDocs) -> None:
    """Give a test that asks for ``endpoint_case`` every case of the project's docs, and what fails for the unreadable.

    The checks of OAuth endpoints are among them only where the test asks for them: they are about no answer of the doc.
    """
    with_checks = metafunc.definition.get_closest_marker(OAUTH_CHECKS) is not None
    parameters = [
        pytest.param(case, id=f"{short_path(doc)}::{case.name}", marks=docs.marks(case))
        for doc in docs.found
        for case in docs.cases(doc, metafunc.definition)
        if with_checks or not case.outline.check
    ]
    metafunc.parametrize("endpoint_case", parameters, indirect=True)

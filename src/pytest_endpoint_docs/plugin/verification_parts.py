"""The composition of what a process knows of verifications: evidence, ages, and who runs this."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.plugin.part import Part
from pytest_endpoint_docs.plugin.session import SESSION

if TYPE_CHECKING:
    from pytest_endpoint_docs.verification.evidence import EvidenceStore
    from pytest_endpoint_docs.verification.freshness import DocAges


@Part
def evidence(config: pytest.Config) -> EvidenceStore:
    """The records of manual and consent runs."""
    from pytest_endpoint_docs.verification.evidence import EvidenceStore

    return EvidenceStore(config.rootpath, config.stash[SESSION].redactor)


@Part
def ages(config: pytest.Config) -> DocAges:
    """How old the docs' verifications are."""
    from pytest_endpoint_docs.verification.freshness import AgePolicy, DocAges

    session = config.stash[SESSION]
    policy = replace(session.options.max_ages or AgePolicy(), default=session.options.max_age)
    return DocAges(policy, evidence(config), session.clock, session.options.stale)


@Part
def tester(config: pytest.Config) -> str:
    """Who runs this."""
    from pytest_endpoint_docs.verification.evidence import identify_tester

    return identify_tester(config.stash[SESSION].options.tester, config.rootpath)

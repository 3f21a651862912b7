"""Running cases: from a ``ContractCase`` to a ``CaseResult``."""

from pytest_endpoint_docs.execution.client import Answer, HttpClient
from pytest_endpoint_docs.execution.context import (
    CaseClient,
    Consent,
    Hooks,
    KeptAnswers,
    NoHooks,
    RunContext,
    VariableProvider,
)
from pytest_endpoint_docs.execution.requirements import RequirementStore
from pytest_endpoint_docs.execution.runner import CaseExecution, run_case

__all__ = [
    "Answer",
    "CaseClient",
    "CaseExecution",
    "Consent",
    "Hooks",
    "HttpClient",
    "KeptAnswers",
    "NoHooks",
    "RequirementStore",
    "RunContext",
    "VariableProvider",
    "run_case",
]

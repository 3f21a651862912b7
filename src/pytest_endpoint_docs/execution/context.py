"""Everything that a case needs to run, in values and protocols: a case can run in any thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal, Protocol

from pytest_endpoint_docs.checks.checking import Check, Describes
from pytest_endpoint_docs.execution.kept_answers import KeptAnswers
from pytest_endpoint_docs.execution.leftovers import Leftovers
from pytest_endpoint_docs.execution.obstacles import Obstacles
from pytest_endpoint_docs.execution.protocols import BeforeSending, Consent, Hooks, NoHooks, VariableProvider
from pytest_endpoint_docs.http.client import Answer
from pytest_endpoint_docs.loading.doc_index import DocIndex
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import JSONValue, Mismatch
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.redactor import Redactor
from pytest_endpoint_docs.variables.builtin import UniqueClock


class Client(Protocol):
    """What sends the requests of cases."""

    def send(self, request: Request, *, documented: Collection[int] = ()) -> Answer: ...


class Requirements(Protocol):
    """The docs that docs require: which variables they will give; the values, and what warned, once they ran."""

    def names(self, case: ContractCase, context: RunContext) -> tuple[str, ...]: ...

    def variables(self, case: ContractCase, context: RunContext) -> Mapping[str, JSONValue]: ...

    def warnings(self, case: ContractCase, context: RunContext) -> tuple[Mismatch, ...]: ...


@value_class
class RunContext:
    """What a run gives to each of its cases.

    ``index`` gives the docs that cases refer to: asking for it may read them all.
    ``clock`` gives timezone-aware times; ``seed`` is the run's, each case derives its own from it. ``undefined`` says
    what an undefined variable does. ``operation_asks_on_behalf_of`` tells for a step whether its OpenAPI operation asks
    for the header, ``request_check`` holds requests against it before they are sent. ``sleep`` takes seconds.
    ``worker`` tells processes of a parallel run apart. ``is_required``: the doc runs because another one requires it,
    so that none of its requests is the tested one. ``leftovers`` lists what cases create, ``None`` for nowhere.
    ``is_strict``: what would warn about an answer fails. ``obstacles`` counts what keeps cases from being tested.
    """

    environment: Environment
    client: Client
    index: Callable[[], DocIndex]
    redactor: Redactor
    clock: Callable[[], datetime]
    seed: str
    unique: UniqueClock
    checks: tuple[Check, ...]
    requirements: Requirements
    undefined: Literal["fail", "skip"] = "fail"
    providers: tuple[VariableProvider, ...] = ()
    hooks: Hooks = field(default_factory=NoHooks)
    consent: Consent | None = None
    kept: KeptAnswers | None = None
    worker: int = 0
    operation_asks_on_behalf_of: Callable[[ContractCase, Step], bool] | None = None
    request_check: BeforeSending | None = None
    is_required: bool = False
    describes_content: Describes | None = None
    demand: Literal["status", "content"] = "status"
    is_strict: bool = False
    leftovers: Leftovers | None = None
    obstacles: Obstacles = field(default_factory=Obstacles)
    sleep: Callable[[float], None] = time.sleep

"""Everything that a case needs to run, in values and protocols: a case can run in any thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from pytest_endpoint_docs.checks import STANDARD_CHECKS, Check
from pytest_endpoint_docs.execution.requirements import RequirementStore

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.client import HttpClient
    from pytest_endpoint_docs.loading import DocIndex
    from pytest_endpoint_docs.model import ContractCase, Environment, Exchange, JSONValue, Request, Step
    from pytest_endpoint_docs.redaction import Redactor
    from pytest_endpoint_docs.variables import UniqueClock


class VariableProvider(Protocol):
    """Gives variables that the doc and the environment do not define: a fixture, a hook, a consent.

    ``value`` is asked at every rendering of a request, so that a single-use code can be fresh each time; ``step`` is
    the one that is rendered, or ``None``. ``names`` lists what is known beforehand, for messages.
    """

    @property
    def name(self) -> str: ...

    def names(self) -> Sequence[str]: ...

    def provides(self, name: str, case: ContractCase) -> bool: ...

    def value(self, name: str, case: ContractCase, step: Step | None) -> JSONValue: ...


class Hooks(Protocol):
    """What a project may see and change on the way."""

    def before_request(self, case: ContractCase, request: Request) -> Request: ...

    def after_response(self, case: ContractCase, exchange: Exchange) -> None: ...


class Consent(Protocol):
    """Obtains an authorization code for a client, by a browser or a person."""

    def authorization_code(self, case: ContractCase, client_id: str, redirect_uri: str) -> str: ...


class NoHooks:
    """Hooks that leave everything as it is."""

    def before_request(self, case: ContractCase, request: Request) -> Request:  # noqa: ARG002
        """The request itself."""
        return request

    def after_response(self, case: ContractCase, exchange: Exchange) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a run gives to each of its cases.

    ``clock`` gives timezone-aware times; ``seed`` is the run's, each case derives its own from it. ``undefined`` says
    what an undefined variable does. ``operation_asks_on_behalf_of`` tells for a step whether its OpenAPI operation asks
    for the header. ``sleep`` takes seconds.
    """

    environment: Environment
    client: HttpClient
    index: DocIndex
    redactor: Redactor
    clock: Callable[[], datetime]
    seed: str
    unique: UniqueClock
    undefined: Literal["fail", "skip"] = "fail"
    providers: tuple[VariableProvider, ...] = ()
    checks: tuple[Check, ...] = STANDARD_CHECKS
    hooks: Hooks = field(default_factory=NoHooks)
    requirements: RequirementStore = field(default_factory=RequirementStore)
    consent: Consent | None = None
    operation_asks_on_behalf_of: Callable[[ContractCase, Step], bool] | None = None
    sleep: Callable[[float], None] = time.sleep

"""Everything that a case needs to run, in values and protocols: a case can run in any thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from pytest_endpoint_docs.checks.checking import Check
from pytest_endpoint_docs.checks.standard import STANDARD_CHECKS
from pytest_endpoint_docs.execution.requirements import RequirementStore

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.loading.doc_index import DocIndex
    from pytest_endpoint_docs.model.body import Step
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.exchange import Exchange, Request
    from pytest_endpoint_docs.model.source import JSONValue, Mismatch
    from pytest_endpoint_docs.redaction import Redactor
    from pytest_endpoint_docs.variables.builtin import UniqueClock


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


class CaseClient(Protocol):
    """What a case's doc says of its OAuth client; each is obtained when it is asked for.

    ``client_id`` and ``client_secret`` come from the doc's UID resolution, ``redirect_uri`` from its main request;
    ``None`` where the doc does not say. ``sends_verifier``: the main request has a place for a PKCE verifier.
    """

    @property
    def sends_verifier(self) -> bool: ...

    def client_id(self) -> str | None: ...

    def client_secret(self) -> str | None: ...

    def redirect_uri(self) -> str | None: ...


class Consent(Protocol):
    """Gives ``{{oauth.code}}`` and its kin, by a browser or a person; a code is fresh at each use."""

    def defines(self, name: str) -> bool: ...

    def value(self, name: str, case: ContractCase, client: CaseClient) -> str: ...


class KeptAnswers(Protocol):
    """Answers that hold a secret shown only once: the first one is kept between runs, later runs get it back.

    ``key`` says whose answer it is; ``create`` sends the request and gives the answer's JSON value.
    """

    def answer(self, key: str, create: Callable[[], JSONValue]) -> JSONValue: ...


class BeforeSending(Protocol):
    """Holds a request against what describes it, before it leaves; what fails keeps it from leaving."""

    def __call__(self, case: ContractCase, step: Step, request: Request) -> Sequence[Mismatch]: ...


class NoHooks:
    """Hooks that leave everything as it is."""

    def before_request(self, case: ContractCase, request: Request) -> Request:
        """The request itself."""
        return request

    def after_response(self, case: ContractCase, exchange: Exchange) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a run gives to each of its cases.

    ``clock`` gives timezone-aware times; ``seed`` is the run's, each case derives its own from it. ``undefined`` says
    what an undefined variable does. ``operation_asks_on_behalf_of`` tells for a step whether its OpenAPI operation asks
    for the header, ``request_check`` holds requests against it before they are sent. ``sleep`` takes seconds.
    ``worker`` tells processes of a parallel run apart.
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
    kept: KeptAnswers | None = None
    worker: int = 0
    operation_asks_on_behalf_of: Callable[[ContractCase, Step], bool] | None = None
    request_check: BeforeSending | None = None
    sleep: Callable[[float], None] = time.sleep

"""What a run may hand to its cases: variables, hooks, a consent, checks of requests. Only protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import Exchange, Request
from pytest_endpoint_docs.model.source import JSONValue, Mismatch


class VariableProvider(Protocol):
    """Gives variables that the doc and the environment do not define: a fixture or a hook.

    ``names`` lists what is known beforehand, for messages.
    """

    @property
    def name(self) -> str: ...

    def names(self) -> Sequence[str]: ...

    def provides(self, name: str, case: ContractCase) -> bool: ...

    def value(self, name: str, case: ContractCase) -> JSONValue: ...


class Hooks(Protocol):
    """What a project may see and change on the way."""

    def before_request(self, case: ContractCase, request: Request) -> Request: ...

    def after_response(self, case: ContractCase, exchange: Exchange) -> None: ...


class NoHooks:
    """Hooks that leave everything as it is."""

    def before_request(self, case: ContractCase, request: Request) -> Request:
        """The request itself."""
        return request

    def after_response(self, case: ContractCase, exchange: Exchange) -> None:
        """Nothing."""


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


class BeforeSending(Protocol):
    """Holds a request against what describes it, before it leaves; what fails keeps it from leaving.

    ``is_tested``: it is the request that the item tests, and not one that runs before or after it.
    """

    def __call__(self, case: ContractCase, step: Step, request: Request, *, is_tested: bool) -> Sequence[Mismatch]: ...

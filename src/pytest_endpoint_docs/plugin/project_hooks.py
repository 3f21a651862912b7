"""What a project's ``conftest.py`` has a say in while a case runs: its hooks, and the variables that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.secret import Secret

if TYPE_CHECKING:
    from pluggy import HookRelay

    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.doc import EndpointDoc
    from pytest_endpoint_docs.model.exchange import SentRequest
    from pytest_endpoint_docs.model.source import JSONValue


class ProjectHooks:
    """The project's hooks, as the runner knows them: for an item's own case those that hold for the item.

    What is sent for the sake of other docs (``requires``) goes by the hooks of these docs' folders, which ``around``
    gives. ``own`` is the item with its case.
    """

    def __init__(
        self,
        config: pytest.Config,
        around: Callable[[EndpointDoc], HookRelay],
        own: tuple[pytest.Item, ContractCase] | None = None,
    ) -> None:
        self._config = config
        self._around = around
        self._own = own

    def before_request(self, case: ContractCase, request: Request) -> Request:
        """Let the project see or replace a request."""
        hook = self._holding_for(case).pytest_endpoint_docs_before_request
        if not hook.get_hookimpls():
            return request
        changed = hook(config=self._config, case=case, request=request)
        if changed is not None and not isinstance(changed, Request):
            raise ConfigError(
                "hook pytest_endpoint_docs_before_request returned "
                f"{type(changed).__name__}: expected a Request (dataclasses.replace(request, ...)) or None"
            )
        return changed or request

    def after_response(self, case: ContractCase, exchange: SentRequest) -> None:
        """Let the project see an exchange."""
        hook = self._holding_for(case).pytest_endpoint_docs_after_response
        if hook.get_hookimpls():
            hook(config=self._config, case=case, exchange=exchange)

    def variable(self, name: str, case: ContractCase) -> JSONValue:
        """Ask the project for the value of a variable; ``None`` where it gives none."""
        hook = self._holding_for(case).pytest_endpoint_docs_variable
        value: JSONValue = hook(config=self._config, name=name, case=case)
        return value

    def _holding_for(self, case: ContractCase) -> HookRelay:
        if self._own is not None:
            item, own = self._own
            if own is case or own.doc.file == case.doc.file:
                return item.ihook
        return self._around(case.doc)


def project_secrets(config: pytest.Config) -> Iterator[Secret]:
    """What the project's hooks say that no output may hold. Raises: ``ConfigError`` where they say it otherwise."""
    for given in config.hook.pytest_endpoint_docs_secrets(config=config):
        if not isinstance(given, Mapping) or not all(isinstance(text, str) for pair in given.items() for text in pair):
            raise ConfigError(
                "hook pytest_endpoint_docs_secrets: expected a dict of texts by the names to show for them"
            )
        yield from (Secret(name, value) for name, value in given.items())


class FixtureVariables:
    """Variables of the fixture ``endpoint_variables``."""

    name = "fixture endpoint_variables"

    def __init__(self, variables: Mapping[str, JSONValue]) -> None:
        self._variables = variables

    def names(self) -> tuple[str, ...]:
        """What it defines."""
        return tuple(self._variables)

    def provides(self, name: str, case: ContractCase) -> bool:
        """Whether the fixture defines this variable."""
        return name in self._variables

    def value(self, name: str, case: ContractCase) -> JSONValue:
        """The variable's value."""
        return self._variables[name]


class HookVariables:
    """Variables of the hook ``pytest_endpoint_docs_variable``, asked once per case and name."""

    name = "hook pytest_endpoint_docs_variable"

    def __init__(self, hooks: ProjectHooks) -> None:
        self._hooks = hooks
        self._values: dict[tuple[str, str], JSONValue] = {}

    def names(self) -> tuple[str, ...]:
        """What it defined so far."""
        return tuple(dict.fromkeys(name for _, name in self._values))

    def provides(self, name: str, case: ContractCase) -> bool:
        """Whether a hook gives a value for this variable."""
        if (case.id, name) not in self._values:
            value = self._hooks.variable(name, case)
            if value is None:
                return False
            self._values[case.id, name] = value
        return True

    def value(self, name: str, case: ContractCase) -> JSONValue:
        """The variable's value."""
        return self._values[case.id, name]

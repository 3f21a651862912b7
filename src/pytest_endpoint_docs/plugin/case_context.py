"""From the pytest session to what a case needs to run; and what must be there before any case runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.checks.checking import Check
from pytest_endpoint_docs.checks.standard import STANDARD_CHECKS
from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.execution.context import RunContext
from pytest_endpoint_docs.model.environment import OnBehalfOf
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.plugin.nodes import case_of
from pytest_endpoint_docs.plugin.session import TARGET, USAGE_ERROR, EndpointSession, session_of

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.kept_answers import KeptAnswers
    from pytest_endpoint_docs.execution.protocols import Consent
    from pytest_endpoint_docs.model.body import Step
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.exchange import Exchange
    from pytest_endpoint_docs.model.source import JSONValue


@dataclass(frozen=True, slots=True)
class PytestHooks:
    """The project's hooks, as the runner knows them."""

    config: pytest.Config

    def before_request(self, case: ContractCase, request: Request) -> Request:
        """Let the project see or replace a request."""
        changed = self.config.hook.pytest_endpoint_docs_before_request(config=self.config, case=case, request=request)
        if changed is not None and not isinstance(changed, Request):
            raise ConfigError(
                "hook pytest_endpoint_docs_before_request returned "
                f"{type(changed).__name__}: expected a Request (dataclasses.replace(request, ...)) or None"
            )
        return changed or request

    def after_response(self, case: ContractCase, exchange: Exchange) -> None:
        """Let the project see an exchange."""
        self.config.hook.pytest_endpoint_docs_after_response(config=self.config, case=case, exchange=exchange)


@dataclass(frozen=True, slots=True)
class FixtureVariables:
    """Variables of the fixture ``endpoint_variables``."""

    variables: Mapping[str, JSONValue]
    name: str = "fixture endpoint_variables"

    def names(self) -> tuple[str, ...]:
        """What it defines."""
        return tuple(self.variables)

    def provides(self, name: str, case: ContractCase) -> bool:
        """Whether the fixture defines this variable."""
        return name in self.variables

    def value(self, name: str, case: ContractCase, step: Step | None) -> JSONValue:
        """The variable's value."""
        return self.variables[name]


class HookVariables:
    """Variables of the hook ``pytest_endpoint_docs_variable``, asked once per case and name."""

    name = "hook pytest_endpoint_docs_variable"

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._values: dict[str, JSONValue] = {}

    def names(self) -> tuple[str, ...]:
        """What it defined so far."""
        return tuple(self._values)

    def provides(self, name: str, case: ContractCase) -> bool:
        """Whether a hook gives a value for this variable."""
        if name not in self._values:
            value = self._config.hook.pytest_endpoint_docs_variable(config=self._config, name=name, case=case)
            if value is None:
                return False
            self._values[name] = value
        return True

    def value(self, name: str, case: ContractCase, step: Step | None) -> JSONValue:
        """The variable's value."""
        return self._values[name]


def run_context(session: EndpointSession, variables: Mapping[str, JSONValue]) -> RunContext:
    """Everything that a case needs to run, as values that can cross threads."""
    consent, kept = _consents(session)
    return RunContext(
        environment=session.target.environment,
        client=session.target.client,
        index=session.docs.index,
        redactor=session.redactor,
        clock=session.clock,
        seed=session.given.seed,
        unique=session.unique,
        undefined=session.options.undefined,
        providers=(FixtureVariables(variables), HookVariables(session.config)),
        hooks=PytestHooks(session.config),
        requirements=session.requirements,
        checks=checks_of(session),
        request_check=session.target.request_check,
        operation_asks_on_behalf_of=_asks_on_behalf_of(session),
        consent=consent,
        kept=kept,
        worker=session.given.worker,
    )


def _consents(session: EndpointSession) -> tuple[Consent | None, KeptAnswers | None]:
    # Browsers and all that belongs to them are imported where a run may need them.
    if session.options.manual == "skip":
        return None, None
    from pytest_endpoint_docs.plugin.consents import consent_of, kept_apps

    return consent_of(session), kept_apps(session)


def _asks_on_behalf_of(session: EndpointSession) -> Callable[[ContractCase, Step], bool] | None:
    if session.target.descriptions is None:
        return None
    from pytest_endpoint_docs.openapi.request_check import asks_by_description

    rule = session.target.environment.on_behalf_of or OnBehalfOf()
    return asks_by_description(session.target.descriptions, rule.header)


def checks_of(session: EndpointSession) -> tuple[Check, ...]:
    """The checks of this run: those of the docs, and the environment's OpenAPI descriptions."""
    if session.target.response_check is None:
        return STANDARD_CHECKS
    return (*STANDARD_CHECKS, session.target.response_check)


def require_environment(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One usage error where cases would run and nothing says where to, or no browser can be led to a consent.

    Docs that do not run need no environment.

    A worker of pytest-xdist cannot end the run with it: it runs nothing, and tells its controller.
    """
    if any(config.getoption(name, False) for name in ("collectonly", "showfixtures", "show_fixtures_per_test")):
        return
    found = (case_of(item) for item in items)
    cases = [case for case in found if case is not None and case.disposition.action in ("run", "xfail")]
    if not cases:
        return
    output: dict[str, object] | None = getattr(config, "workeroutput", None)
    try:
        environment = session_of(config).target.environment
        if output is not None:
            output[TARGET] = (environment.name, environment.base_url)
        if environment.oauth is not None and _leads_browser(cases, session_of(config).options.manual):
            from pytest_endpoint_docs.oauth.browser.launch import require_playwright

            require_playwright()
    except ConfigError as error:
        if output is None:
            raise pytest.UsageError(str(error)) from None
        output[USAGE_ERROR] = str(error)
        items.clear()


def _leads_browser(cases: list[ContractCase], mode: str) -> bool:
    """Whether one of the cases is known to ask for a consent, in a browser that the plugin starts."""
    if mode == "skip":
        return False
    from pytest_endpoint_docs.manual.manual_mode import lacks_only_a_code
    from pytest_endpoint_docs.oauth.browser.launch import has_display

    if mode == "attended" and not has_display(os.environ):
        return False
    return any(case.outline.check or (case.is_manual and lacks_only_a_code(case.doc.body)) for case in cases)

"""The composition root: the parts of a process, how each is made, and what each of them is handed.

A part is made when it is first asked for. None of them knows this module.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError, MissingSandbox
from pytest_endpoint_docs.plugin.run_network import Notices
from pytest_endpoint_docs.plugin.session import SANDBOX_CODE_LIFETIME_S, EndpointSession, StartedSandbox

if TYPE_CHECKING:
    from pytest_endpoint_docs.checks.checking import Check as AnswerCheck
    from pytest_endpoint_docs.execution.context import Client, RunContext
    from pytest_endpoint_docs.execution.leftovers import Leftovers
    from pytest_endpoint_docs.execution.protocols import Hooks, VariableProvider
    from pytest_endpoint_docs.execution.requirements import RequirementStore
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.oauth.checks.check import Check
    from pytest_endpoint_docs.openapi.descriptions import Descriptions
    from pytest_endpoint_docs.openapi.operations import Operation
    from pytest_endpoint_docs.plugin.project_docs import ProjectDocs
    from pytest_endpoint_docs.plugin.run_descriptions import RunDescriptions
    from pytest_endpoint_docs.redaction.redactor import Redactor
    from pytest_endpoint_docs.variables.builtin import UniqueClock
    from pytest_endpoint_docs.verification.evidence_store import EvidenceStore
    from pytest_endpoint_docs.verification.freshness import DocAges

NO_ENVIRONMENT = (
    "no environment: say where the docs' requests go with --endpoint-env NAME-or-PATH (ini: endpoint_env), "
    "or with --base-url URL; '--endpoint-env sandbox' starts the embedded platform"
)


COMPOSITION: pytest.StashKey[Composition] = pytest.StashKey()


class Composition:
    """The parts of one pytest process."""

    def __init__(self, config: pytest.Config, session: EndpointSession) -> None:
        self.config = config
        self.session = session

    @cached_property
    def redactor(self) -> Redactor:
        """The one redactor of this process."""
        return self.session.redactor_of()

    @cached_property
    def sandbox(self) -> StartedSandbox:
        """The embedded platform, started here or by the controller. Raises: ``ConfigError`` with what to install."""
        started = self.session.process.sandbox
        if started is not None:
            return started
        try:
            from pytest_endpoint_docs.sandbox.running import Sandbox
            from pytest_endpoint_docs.sandbox.settings import SandboxSettings
        except ImportError as error:
            raise MissingSandbox(error) from error
        enter = self.session.closing.enter_context
        running = enter(Sandbox.start(SandboxSettings(code_lifetime_s=SANDBOX_CODE_LIFETIME_S)))
        # What is kept about a platform that is gone after the run must not be found by the next one.
        return StartedSandbox(
            environ=running.environ(), storage=enter(tempfile.TemporaryDirectory(prefix="endpoint-docs-"))
        )

    @cached_property
    def environment(self) -> Environment:
        """The target of this run. Raises: ``ConfigError`` with what to do."""
        target = self.session.target
        if target.env is None:
            if target.base_url is None:
                raise ConfigError(NO_ENVIRONMENT)
            from pytest_endpoint_docs.model.environment import Environment

            return Environment(name="base-url", file=None, base_url=target.base_url)
        from pytest_endpoint_docs.environment.environment_file import load_environment
        from pytest_endpoint_docs.model.environment import SANDBOX
        from pytest_endpoint_docs.plugin.project_hooks import project_secrets

        environ = os.environ | (self.sandbox.environ if target.starts_sandbox else {})
        loaded = load_environment(target.env, root=self.config.rootpath, environ=environ, base_url=target.base_url)
        if loaded.production and not self.session.options.allow_production:
            raise ConfigError(
                f"environment {loaded.name!r} says 'production: true': runs against it need "
                "--endpoint-allow-production (ini: endpoint_allow_production); they write nothing there"
            )
        self.redactor.know(loaded, project_secrets(self.config))
        # The file that comes with the package has another name.
        return replace(loaded, name=SANDBOX) if target.is_sandbox else loaded

    @cached_property
    def known_environment(self) -> Environment | None:
        """What is known of the target without reaching or starting it; ``None`` where that is nothing.

        What is wrong with its file is told when the run needs it.
        """
        loaded: Environment | None = self.made("environment")
        if loaded is not None:
            return loaded
        env = self.session.target.env
        if env is None:
            return None
        from pytest_endpoint_docs.environment.environment_file import load_offline

        try:
            return load_offline(env, root=self.config.rootpath, environ=os.environ)
        except ConfigError:
            return None

    @cached_property
    def notices(self) -> Notices:
        """What is told once at the end of the run."""
        return Notices()

    @cached_property
    def leftovers(self) -> Leftovers | None:
        """The list of what cases create; ``None`` for a platform that is gone after the run."""
        from pytest_endpoint_docs.execution.leftovers import Leftovers

        session = self.session
        if session.target.starts_sandbox:
            return None
        target = self.environment
        return Leftovers(
            self.config.rootpath,
            target.name,
            lambda: datetime.now(UTC),
            base_url=target.base_url,
            is_given=session.target.base_url is not None,
            tell=self._tell_at_end,
        )

    def _tell_at_end(self, line: str) -> None:
        self.notices.tell(self.redactor.text(line))

    @cached_property
    def client(self) -> HttpClient:
        """The pooled HTTP client of this process."""
        from pytest_endpoint_docs.http.client import HttpClient

        made = HttpClient(self.environment, announce=self._tell_at_end, shared_limits=self.session.process.shared)
        self.session.closing.callback(made.close)
        return made

    @cached_property
    def client_for_tests(self) -> HttpClient:
        """The same client for a project's own tests: what is sent and what comes is learned."""
        return self.client.learning(self.redactor)

    @cached_property
    def descriptions(self) -> RunDescriptions | None:
        """What the target's OpenAPI descriptions say; ``None`` where it has none."""
        known, session = self.known_environment, self.session
        if known is None or not known.openapi:
            return None
        from pytest_endpoint_docs.plugin.run_descriptions import RunDescriptions

        return RunDescriptions(known, self.redactor, session.options, root=self.config.rootpath, clock=session.clock)

    @cached_property
    def docs(self) -> ProjectDocs:
        """The docs of this process."""
        from pytest_endpoint_docs.plugin.project_docs import ProjectDocs
        from pytest_endpoint_docs.plugin.variants import FurtherCases

        further = FurtherCases(
            options=self.session.options,
            descriptions=self.all_descriptions,
            validators=lambda: described.validators if (described := self.descriptions) else None,
            known_environment=lambda: self.known_environment,
            starts_sandbox=self.session.target.starts_sandbox,
            why_nobody=self._why_nobody,
            checks=_all_checks,
        )
        return ProjectDocs(self.config, self.session.options, further)

    def _why_nobody(self) -> str:
        """Why nobody can be asked at the terminal; empty where somebody can."""
        from pytest_endpoint_docs.manual.terminal_screen import why_no_terminal

        reporter: Any = self.config.pluginmanager.getplugin("terminalreporter")
        is_terminal = bool(reporter is not None and reporter.isatty)
        return why_no_terminal(output_is_terminal=is_terminal, is_worker=self.session.process.is_worker)

    @cached_property
    def evidence(self) -> EvidenceStore:
        """The records of manual and consent runs."""
        from pytest_endpoint_docs.verification.evidence_store import EvidenceStore

        return EvidenceStore(self.config.rootpath)

    @cached_property
    def ages(self) -> DocAges:
        """How old the docs' verifications are."""
        from pytest_endpoint_docs.model.source import Severity
        from pytest_endpoint_docs.verification.freshness import AgePolicy, DocAges

        options = self.session.options
        policy = replace(options.max_ages or AgePolicy(), default=options.max_age)
        severity = Severity.ERROR if options.stale == "fail" else Severity.WARNING
        return DocAges(policy, self.evidence.latest, self.session.clock, severity)

    @cached_property
    def tester(self) -> SafeText:
        """Who runs this."""
        from pytest_endpoint_docs.verification.evidence import identify_tester

        return identify_tester(self.session.options.tester, self.config.rootpath)

    @cached_property
    def requirements(self) -> RequirementStore:
        """What the docs that others require gave, once per process."""
        from pytest_endpoint_docs.execution.case_execution import CaseExecution
        from pytest_endpoint_docs.execution.requirements import RequirementStore

        return RequirementStore(CaseExecution)

    @cached_property
    def unique(self) -> UniqueClock:
        """Milliseconds that no other case of the run gets."""
        from pytest_endpoint_docs.variables.builtin import UniqueClock

        process = self.session.process
        # The real clock, whatever --endpoint-now says: a pinned one would repeat its values in the next run.
        return UniqueClock(lambda: datetime.now(UTC), worker=process.worker, workers=process.workers)

    @cached_property
    def checks(self) -> tuple[AnswerCheck, ...]:
        """What every answer is held against; what they compile is kept for the run."""
        from pytest_endpoint_docs.checks.standard import standard_checks

        described = self.descriptions
        return (*standard_checks(), described.response_check) if described else standard_checks()

    def run_context(
        self, hooks: Hooks, providers: tuple[VariableProvider, ...], client: Client | None = None
    ) -> RunContext:
        """Everything that a case needs to run, as values that can cross threads.

        ``client``: another one than the run's. Consents are not in it.
        """
        return self._context(hooks=hooks, providers=providers, client=client or self.client)

    @cached_property
    def _context(self) -> Callable[..., RunContext]:
        """Makes a context of what belongs to one case; what all cases share is filled in."""
        from pytest_endpoint_docs.execution.context import RunContext
        from pytest_endpoint_docs.execution.obstacles import Obstacles

        session, target = self.session, self.environment
        described = self.descriptions
        return partial(
            RunContext,
            environment=target,
            index=lambda: self.docs.index,
            redactor=self.redactor,
            clock=session.clock,
            seed=session.process.seed,
            unique=self.unique,
            undefined=session.options.undefined,
            requirements=self.requirements,
            leftovers=self.leftovers,
            obstacles=Obstacles(session.options.max_errors),
            checks=self.checks,
            request_check=described.request_check if described else None,
            operation_asks_on_behalf_of=described.asks_on_behalf_of(target) if described else None,
            worker=session.process.worker,
            sleep=lambda seconds: self.client.sleep(seconds),  # noqa: PLW0108 - not made before somebody sleeps
            describes_content=described.response_check.describes_content if described else None,
            demand=session.options.demand,
            is_strict=session.options.strict,
        )

    def all_descriptions(self) -> Descriptions | None:
        return described.all if (described := self.descriptions) else None

    def operation_of(self, case: ContractCase, result: CaseResult | None) -> Operation | None:
        """For what did not run, descriptions are read only where somebody wants to know."""
        options = self.session.options
        if result is None and not (options.results or options.report or options.coverage):
            return None
        return described.operation_of(case, result) if (described := self.descriptions) else None

    def clean_up(self) -> list[SafeText]:
        """Remove what required docs created. Returns: what went wrong."""
        required: RequirementStore | None = self.made("requirements")
        return [self.redactor.text(str(error)) for error in required.close()] if required else []

    def target_so_far(self) -> tuple[str, str]:
        """The name and the base URL of the target, as far as they are known without starting anything."""
        made: Environment | None = self.made("environment")
        return (made.name, made.base_url) if made else (self.session.target.env or "", "")

    def made(self, part: str) -> Any:
        """The part of this name, if anything asked for it yet; else ``None``."""
        return self.__dict__.get(part)


def _all_checks() -> Sequence[Check]:
    from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS

    return CHECKS

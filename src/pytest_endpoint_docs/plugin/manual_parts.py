"""The composition of runs with ``--endpoint-manual``: consents, and walks through procedures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.execution.protocols import CaseClient
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.composition import Composition
    from pytest_endpoint_docs.plugin.consents import ConsentVariables
    from pytest_endpoint_docs.plugin.project_hooks import ProjectHooks


class Checks(Protocol):
    """The checks of the endpoints of consents."""

    def run(self, case: ContractCase) -> CaseResult: ...


class ManualParts:
    """The parts of a process that tests with a person, or with a browser in a person's place.

    ``checks`` makes the checks of the endpoints of consents. ``codes`` counts how many codes the items of an attended
    run ask a person for; the checks come on top.
    """

    def __init__(self, parts: Composition, checks: Callable[[ManualParts], Checks]) -> None:
        self.parts = parts
        self._make_checks = checks
        self.codes: int | None = None
        self.checks_run = False

    def prepare_consents(self, running: Sequence[ContractCase]) -> None:
        """Make sure that a browser can be led where one is needed, and count what a person will be asked for.

        Raises: ``ConfigError`` with what to install.
        """
        from pytest_endpoint_docs.manual.manual_mode import asks_for_code
        from pytest_endpoint_docs.plugin.consents import require_browser

        mode = self.parts.session.options.manual
        require_browser(running, mode)
        if mode == "attended":
            self.codes = sum(asks_for_code(case) for case in running if not case.outline.check)
            self.checks_run = any(case.outline.check for case in running)

    @cached_property
    def consents(self) -> ConsentVariables:
        """The consents of this run. Raises: ``ConfigError`` where the environment has no ``oauth`` block."""
        from pytest_endpoint_docs.files import prepare_project_folder
        from pytest_endpoint_docs.plugin.attended_terminal import AttendedTerminal
        from pytest_endpoint_docs.plugin.consents import options_of, start_consents

        parts, session = self.parts, self.parts.session
        is_ours, root = session.target.starts_sandbox, parts.config.rootpath
        color = parts.config.get_terminal_writer().hasmarkup
        terminal = AttendedTerminal(is_worker=session.process.is_worker, color=color)
        variables = start_consents(
            options_of(session.options, session.process, terminal),
            parts.environment,
            parts.client,
            parts.redactor,
            storage=Path(parts.sandbox.storage) if is_ours else prepare_project_folder(root),
            project_client=self._project_client,
            open_=session.closing,
        )
        if variables.run.session.attended:
            variables.run.session.attended.expected = self.codes
            variables.run.session.attended.more_to_come = self.checks_run
            variables.run.session.on_event = terminal.tell_event
        return variables

    def consents_so_far(self) -> ConsentVariables | None:
        """The consents of this run, if anything asked for them yet."""
        return self.__dict__.get("consents")

    def with_consents(self, context: RunContext) -> RunContext:
        """What a case needs, and in it what gives the ``oauth.*`` variables and keeps the apps that are created."""
        if context.environment.oauth is None:
            from pytest_endpoint_docs.plugin.consents import NoOAuthBlock

            return replace(context, consent=NoOAuthBlock(context.environment.name))
        variables = self.consents
        return replace(context, consent=variables, kept=variables.run.apps)

    def context_of_docs(self) -> RunContext:
        """What a case needs that runs for the sake of its doc, and not of an item."""
        from pytest_endpoint_docs.plugin.project_hooks import HookVariables, ProjectHooks

        hooks = ProjectHooks(self.parts.config, self.parts.docs.hooks_around)
        return self.with_consents(self.parts.run_context(hooks, (HookVariables(hooks),)))

    def _project_client(self) -> CaseClient:
        from pytest_endpoint_docs.plugin.case_clients import project_client

        return project_client(self.parts.docs.index, self.context_of_docs(), self.parts.session.options.manual)

    def by_other_means(
        self, case: ContractCase, hooks: ProjectHooks, variables: Mapping[str, JSONValue]
    ) -> CaseResult | None:
        """The result of a case that is a check of the consent's endpoints, or that a person is led through."""
        if case.outline.check:
            return self._checks.run(case)
        if case.disposition.action == "run" and case.disposition.cause == "manual":
            return self._lead_through(case, hooks, variables)
        return None

    @cached_property
    def _checks(self) -> Checks:
        return self._make_checks(self)

    def _lead_through(self, case: ContractCase, hooks: ProjectHooks, variables: Mapping[str, JSONValue]) -> CaseResult:
        """Lead a person through the procedure of a case."""
        from pytest_endpoint_docs.manual.attended_run import Attendance, procedure_values, walk_through
        from pytest_endpoint_docs.plugin.project_hooks import HookVariables
        from pytest_endpoint_docs.variables.builtin import Builtins

        parts, session, asked = self.parts, self.parts.session, HookVariables(hooks)
        attendance = Attendance(
            environment=parts.environment,
            is_sandbox=session.target.is_sandbox,
            tester=parts.tester,
            root=parts.config.rootpath,
            evidence=parts.evidence,
            redactor=parts.redactor,
            color=parts.config.get_terminal_writer().hasmarkup,
        )
        builtins = Builtins(session.clock(), f"{session.process.seed}:{case.id}", parts.unique)
        lookup = procedure_values(
            parts.environment,
            variables,
            builtins,
            lambda name: asked.value(name, case) if asked.provides(name, case) else None,
        )
        result = walk_through(case, attendance, lookup)
        parts.ages.forget(case.doc)
        return result

"""The composition of runs with ``--endpoint-manual``: consents, and walks through procedures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.plugin import composition, verification_parts
from pytest_endpoint_docs.plugin.part import Part, open_parts
from pytest_endpoint_docs.plugin.session import SESSION

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.execution.protocols import CaseClient
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.consents import ConsentVariables
    from pytest_endpoint_docs.plugin.project_hooks import ProjectHooks


CODES = pytest.StashKey[int]()
"""How many codes the items of an attended run ask a person for; checks of the endpoints come on top."""


def prepare_consents(config: pytest.Config, running: Sequence[ContractCase]) -> None:
    """Make sure that a browser can be led where one is needed, and count what a person will be asked for.

    Raises: ``ConfigError`` with what to install.
    """
    from pytest_endpoint_docs.manual.manual_mode import asks_for_code
    from pytest_endpoint_docs.plugin.consents import require_browser

    mode = config.stash[SESSION].options.manual
    require_browser(running, mode)
    if mode == "attended":
        config.stash[CODES] = sum(asks_for_code(case) for case in running if not case.outline.check)


@Part
def consents(config: pytest.Config) -> ConsentVariables:
    """The consents of this run. Raises: ``ConfigError`` where the environment has no ``oauth`` block."""
    from pytest_endpoint_docs.files import prepare_project_folder
    from pytest_endpoint_docs.plugin.attended_terminal import AttendedTerminal
    from pytest_endpoint_docs.plugin.consents import options_of, start_consents

    session = config.stash[SESSION]
    is_ours = session.target.starts_sandbox
    terminal = AttendedTerminal(is_worker=session.process.is_worker, color=config.get_terminal_writer().hasmarkup)
    variables = start_consents(
        options_of(session.options, session.process, terminal),
        composition.environment(config),
        composition.client(config),
        session.redactor,
        storage=Path(composition.sandbox(config).storage) if is_ours else prepare_project_folder(config.rootpath),
        project_client=partial(_project_client, config),
        open_=open_parts(config),
    )
    if variables.run.session.attended:
        variables.run.session.attended.expected = config.stash.get(CODES, None)
        variables.run.session.on_event = terminal.tell_event
    return variables


def with_consents(config: pytest.Config, context: RunContext) -> RunContext:
    """What a case needs to run, and in it what gives the ``oauth.*`` variables and keeps the apps that are created."""
    if context.environment.oauth is None:
        from pytest_endpoint_docs.plugin.consents import NoOAuthBlock

        return replace(context, consent=NoOAuthBlock(context.environment.name))
    variables = consents(config)
    return replace(context, consent=variables, kept=variables.run.apps)


def context_of_docs(config: pytest.Config) -> RunContext:
    """What a case needs that runs for the sake of its doc, and not of an item."""
    from pytest_endpoint_docs.plugin.project_hooks import HookVariables, ProjectHooks

    hooks = ProjectHooks(config, composition.docs(config).hooks_around)
    return with_consents(config, composition.run_context(config, hooks, (HookVariables(hooks),)))


def _project_client(config: pytest.Config) -> CaseClient:
    from pytest_endpoint_docs.plugin.case_clients import project_client

    docs, mode = composition.docs(config).index, config.stash[SESSION].options.manual
    return project_client(docs, context_of_docs(config), mode)


def lead_through(
    config: pytest.Config, case: ContractCase, hooks: ProjectHooks, variables: Mapping[str, JSONValue]
) -> CaseResult:
    """Lead a person through the procedure of a case."""
    from pytest_endpoint_docs.manual.attended_run import Attendance, procedure_values, walk_through
    from pytest_endpoint_docs.plugin.project_hooks import HookVariables
    from pytest_endpoint_docs.variables.builtin import Builtins

    session, environment, asked = config.stash[SESSION], composition.environment(config), HookVariables(hooks)
    attendance = Attendance(
        environment=environment,
        is_sandbox=session.target.is_sandbox,
        tester=verification_parts.tester(config),
        root=config.rootpath,
        evidence=verification_parts.evidence(config),
        redactor=session.redactor,
        color=config.get_terminal_writer().hasmarkup,
    )
    builtins = Builtins(session.clock(), f"{session.process.seed}:{case.id}", composition.unique(config))
    lookup = procedure_values(
        environment,
        variables,
        builtins,
        lambda name: asked.value(name, case, None) if asked.provides(name, case) else None,
    )
    result = walk_through(case, attendance, lookup)
    verification_parts.ages(config).forget(case.doc)
    return result


def require_target(config: pytest.Config, cases: list[ContractCase], items: list[pytest.Item]) -> None:
    """One usage error where cases would run and nothing says where to, or no browser can be led to a consent.

    Docs that do not run need no environment. A worker of pytest-xdist cannot end the run with it: it runs nothing, and
    tells its controller.
    """
    from pytest_endpoint_docs.plugin.xdist import TARGET, USAGE_ERROR

    running = [case for case in cases if case.disposition.action in ("run", "xfail")]
    if not running:
        return
    output: dict[str, object] | None = getattr(config, "workeroutput", None)
    mode = config.stash[SESSION].options.manual
    try:
        environment = composition.environment(config)
        if output is not None:
            output[TARGET] = (environment.name, environment.base_url)
        if environment.oauth is not None and mode != "skip":
            prepare_consents(config, running)
    except ConfigError as error:
        if output is None:
            raise pytest.UsageError(str(error)) from None
        output[USAGE_ERROR] = str(error)
        items.clear()

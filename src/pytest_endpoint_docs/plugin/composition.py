"""The composition root: the parts of a process, how each is made, and what each of them is handed.

A part is made when it is first asked for, and kept under a stash key of its own. None of them knows this module.
"""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError, MissingExtra
from pytest_endpoint_docs.plugin.part import Part, open_parts
from pytest_endpoint_docs.plugin.run_network import Notices
from pytest_endpoint_docs.plugin.session import SANDBOX_CODE_LIFETIME_S, SESSION, StartedSandbox

if TYPE_CHECKING:
    from pytest_endpoint_docs.checks.checking import Check as AnswerCheck
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.execution.leftovers import Leftovers
    from pytest_endpoint_docs.execution.protocols import Hooks, VariableProvider
    from pytest_endpoint_docs.execution.requirements import RequirementStore
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.oauth.checks.check import Check
    from pytest_endpoint_docs.openapi.descriptions import Descriptions
    from pytest_endpoint_docs.openapi.operations import Operation
    from pytest_endpoint_docs.plugin.options import Options
    from pytest_endpoint_docs.plugin.project_docs import ProjectDocs
    from pytest_endpoint_docs.plugin.run_descriptions import RunDescriptions
    from pytest_endpoint_docs.variables.builtin import UniqueClock

NO_ENVIRONMENT = (
    "no environment: say where the docs' requests go with --endpoint-env NAME-or-PATH (ini: endpoint_env), "
    "or with --base-url URL; '--endpoint-env sandbox' starts the embedded platform"
)


@Part
def sandbox(config: pytest.Config) -> StartedSandbox:
    """The embedded platform, started here or by the controller. Raises: ``ConfigError`` with what to install."""
    started = config.stash[SESSION].process.sandbox
    if started is not None:
        return started
    try:
        from pytest_endpoint_docs.sandbox.running import Sandbox
        from pytest_endpoint_docs.sandbox.settings import SandboxSettings
    except ImportError as error:
        raise MissingExtra(f"the sandbox needs {error.name}", extra="sandbox") from error
    enter = open_parts(config).enter_context
    running = enter(Sandbox.start(SandboxSettings(code_lifetime_s=SANDBOX_CODE_LIFETIME_S)))
    # What is kept about a platform that is gone after the run must not be found by the next one.
    return StartedSandbox(
        environ=running.environ(), storage=enter(tempfile.TemporaryDirectory(prefix="endpoint-docs-"))
    )


@Part
def environment(config: pytest.Config) -> Environment:
    """The target of this run. Raises: ``ConfigError`` with what to do."""
    target, redactor = config.stash[SESSION].target, config.stash[SESSION].redactor
    if target.env is None:
        if target.base_url is None:
            raise ConfigError(NO_ENVIRONMENT)
        from pytest_endpoint_docs.model.environment import Environment

        return Environment(name="base-url", file=None, base_url=target.base_url)
    from pytest_endpoint_docs.environment.environment_file import load_environment
    from pytest_endpoint_docs.model.environment import SANDBOX
    from pytest_endpoint_docs.plugin.project_hooks import project_secrets

    environ = os.environ | (sandbox(config).environ if target.starts_sandbox else {})
    loaded = load_environment(target.env, root=config.rootpath, environ=environ, base_url=target.base_url)
    if loaded.production and not config.stash[SESSION].options.allow_production:
        raise ConfigError(
            f"environment {loaded.name!r} says 'production: true': runs against it need --endpoint-allow-production "
            "(ini: endpoint_allow_production); they write nothing there"
        )
    redactor.know(loaded, project_secrets(config))
    # The file that comes with the package has another name.
    return replace(loaded, name=SANDBOX) if target.is_sandbox else loaded


@Part
def known_environment(config: pytest.Config) -> Environment | None:
    """What is known of the target without reaching or starting it; ``None`` where that is nothing.

    What is wrong with its file is told when the run needs it.
    """
    env = config.stash[SESSION].target.env
    if env is None:
        return None
    from pytest_endpoint_docs.environment.environment_file import load_offline

    try:
        return load_offline(env, root=config.rootpath, environ=os.environ)
    except ConfigError:
        return None


@Part
def notices(_config: pytest.Config) -> Notices:
    """What is told once at the end of the run."""
    return Notices()


@Part
def leftovers(config: pytest.Config) -> Leftovers | None:
    """The list of what cases create; ``None`` for a platform that is gone after the run."""
    from pytest_endpoint_docs.execution.leftovers import Leftovers

    session = config.stash[SESSION]
    if session.target.starts_sandbox:
        return None
    target = environment(config)
    return Leftovers(
        config.rootpath,
        target.name,
        lambda: datetime.now(UTC),
        base_url=target.base_url,
        is_given=session.target.base_url is not None,
        tell=notices(config).tell,
    )


@Part
def client(config: pytest.Config) -> HttpClient:
    """The pooled HTTP client of this process."""
    from pytest_endpoint_docs.http.client import HttpClient

    made = HttpClient(environment(config), announce=notices(config).tell)
    open_parts(config).callback(made.close)
    return made


@Part
def client_for_tests(config: pytest.Config) -> HttpClient:
    """The same client for a project's own tests: what is sent and what comes is learned."""
    return client(config).learning(config.stash[SESSION].redactor)


@Part
def descriptions(config: pytest.Config) -> RunDescriptions | None:
    """What the target's OpenAPI descriptions say; ``None`` where it has none."""
    known, session = known_environment(config), config.stash[SESSION]
    if known is None or not known.openapi:
        return None
    from pytest_endpoint_docs.plugin.run_descriptions import RunDescriptions

    return RunDescriptions(known, session.redactor, session.options, root=config.rootpath, clock=session.clock)


@Part
def folders_of_docs(config: pytest.Config) -> tuple[Path, ...] | None:
    """Where docs are looked for; ``None``: wherever pytest looks."""
    return _find_folders(config, config.stash[SESSION].options)


def _find_folders(config: pytest.Config, options: Options) -> tuple[Path, ...] | None:
    """Where docs are looked for; ``None``: wherever pytest looks, because the command line says where.

    Without it they are those of ``endpoint_docs`` and of ``testpaths``: a page elsewhere that happens to look like a
    doc is nothing to test, and a suite without docs stays what it was.
    """
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return None
    root = glob.escape(str(config.rootpath))
    # Path.glob takes neither absolute patterns nor "..".
    patterns = (os.path.join(root, path) for path in config.getini("testpaths"))  # noqa: PTH118
    found = (glob.glob(pattern, recursive=True) for pattern in patterns)  # noqa: PTH207
    named = [str(config.rootpath / folder) for folder in options.docs]
    return tuple(Path(os.path.normpath(path)) for paths in (named, *found) for path in paths)


@Part
def docs(config: pytest.Config) -> ProjectDocs:
    """The docs of this process."""
    from pytest_endpoint_docs.plugin.project_docs import ProjectDocs

    return ProjectDocs(config, config.stash[SESSION].options, partial(_further_cases, config))


def _further_cases(config: pytest.Config, cases: list[ContractCase], by_consent: bool) -> list[ContractCase]:
    from pytest_endpoint_docs.plugin.variants import FurtherCases

    further = FurtherCases(
        options=config.stash[SESSION].options,
        descriptions=partial(all_descriptions, config),
        usable_tokens=partial(_usable_tokens, config),
        default_token=partial(_default_token, config),
        why_nobody=partial(_why_nobody, config),
        checks=_all_checks,
    )
    return further(cases, by_consent)


def _all_checks() -> Sequence[Check]:
    from pytest_endpoint_docs.oauth.checks.catalogue import CHECKS

    return CHECKS


def _usable_tokens(config: pytest.Config) -> tuple[str, ...]:
    """The token kinds of the target that have a value; the sandbox gives them all one when it starts."""
    known, starts_sandbox = known_environment(config), config.stash[SESSION].target.starts_sandbox
    return tuple(kind.name for kind in (known.tokens.values() if known else ()) if kind.value or starts_sandbox)


def _default_token(config: pytest.Config) -> str | None:
    known = known_environment(config)
    return known.default_token if known else None


def _why_nobody(config: pytest.Config) -> str:
    """Why nobody can be asked at the terminal; empty where somebody can."""
    from pytest_endpoint_docs.manual.terminal_screen import why_no_terminal

    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    is_terminal = bool(reporter is not None and reporter.isatty)
    return why_no_terminal(output_is_terminal=is_terminal, is_worker=config.stash[SESSION].process.is_worker)


@Part
def requirements(_config: pytest.Config) -> RequirementStore:
    """What the docs that others require gave, once per process."""
    from pytest_endpoint_docs.execution.case_execution import CaseExecution
    from pytest_endpoint_docs.execution.requirements import RequirementStore

    return RequirementStore(CaseExecution)


@Part
def unique(config: pytest.Config) -> UniqueClock:
    """Milliseconds that no other case of the run gets."""
    from pytest_endpoint_docs.variables.builtin import UniqueClock

    process = config.stash[SESSION].process
    # The real clock, whatever --endpoint-now says: a pinned one would repeat its values in the next run.
    return UniqueClock(lambda: datetime.now(UTC), worker=process.worker, workers=process.workers)


@Part
def checks(config: pytest.Config) -> tuple[AnswerCheck, ...]:
    """What every answer is held against; what they compile is kept for the run."""
    from pytest_endpoint_docs.checks.standard import standard_checks

    described = descriptions(config)
    return (*standard_checks(), described.response_check) if described else standard_checks()


def run_context(config: pytest.Config, hooks: Hooks, providers: tuple[VariableProvider, ...]) -> RunContext:
    """Everything that a case needs to run, as values that can cross threads.

    Consents are not in it.
    """
    from pytest_endpoint_docs.execution.context import RunContext

    session, target = config.stash[SESSION], environment(config)
    described = descriptions(config)
    return RunContext(
        environment=target,
        client=client(config),
        index=lambda: docs(config).index,
        redactor=session.redactor,
        clock=session.clock,
        seed=session.process.seed,
        unique=unique(config),
        undefined=session.options.undefined,
        providers=providers,
        hooks=hooks,
        requirements=requirements(config),
        leftovers=leftovers(config),
        checks=checks(config),
        request_check=described.request_check if described else None,
        operation_asks_on_behalf_of=described.asks_on_behalf_of(target) if described else None,
        worker=session.process.worker,
        describes_content=described.response_check.describes_content if described else None,
        demand=session.options.demand,
    )


def all_descriptions(config: pytest.Config) -> Descriptions | None:
    return described.all if (described := descriptions(config)) else None


def operation_of(config: pytest.Config, case: ContractCase, result: CaseResult | None) -> Operation | None:
    """For what did not run, descriptions are read only where somebody wants to know."""
    options = config.stash[SESSION].options
    if result is None and not (options.results or options.report or options.coverage):
        return None
    described = descriptions(config)
    return described.operation_of(case, result) if described else None


def clean_up(config: pytest.Config) -> list[str]:
    """Remove what required docs created. Returns: what went wrong."""
    required = requirements.so_far(config)
    return [config.stash[SESSION].redactor.text(str(error)) for error in required.close()] if required else []


def target_so_far(config: pytest.Config) -> tuple[str, str]:
    """The name and the base URL of the target, as far as they are known without starting anything."""
    made = environment.so_far(config)
    return (made.name, made.base_url) if made else (config.stash[SESSION].target.env or "", "")

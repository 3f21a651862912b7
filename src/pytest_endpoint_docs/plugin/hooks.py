"""The pytest hooks and fixtures, and what they have a run's parts do."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.plugin import composition, manual_parts, verification_parts
from pytest_endpoint_docs.plugin.options import add_options, read_options
from pytest_endpoint_docs.plugin.part import Part, open_parts
from pytest_endpoint_docs.plugin.run_network import proxy_of
from pytest_endpoint_docs.plugin.session import CASE, LOOK_AHEAD, MARKERS, SESSION, new_session
from pytest_endpoint_docs.plugin.signals import ending_signals

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.http.requests_session import DocsSession
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.endpoint_case import EndpointCase
    from pytest_endpoint_docs.plugin.item_report import ItemReports
    from pytest_endpoint_docs.plugin.look_ahead import LookAhead
    from pytest_endpoint_docs.plugin.nodes import EndpointDocFile
    from pytest_endpoint_docs.plugin.oauth_consent import OAuthConsent
    from pytest_endpoint_docs.plugin.oauth_items import OAuthChecks
    from pytest_endpoint_docs.plugin.project_hooks import ProjectHooks
    from pytest_endpoint_docs.plugin.run_end import RunEnd
    from pytest_endpoint_docs.plugin.run_records import RunRecords

_ONLY_SHOWS = ("collectonly", "showfixtures", "show_fixtures_per_test")


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    from pytest_endpoint_docs.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    from pytest_endpoint_docs.plugin.left_alone import LeftAlone
    from pytest_endpoint_docs.plugin.run_records import RunRecords
    from pytest_endpoint_docs.plugin.terminal_summary import CleanUp, ContractSections, RunSummary
    from pytest_endpoint_docs.plugin.xdist import Controller, told_to_worker

    try:
        options = read_options(config)
        for file in options.report:
            from pytest_endpoint_docs.reporting.reports import check_report_path

            check_report_path(file)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    session = new_session(config, options, told_to_worker(config), open_parts(config))
    config.stash[SESSION] = session
    left_overs: list[str] = []
    sandbox = partial(composition.sandbox, config) if session.target.starts_sandbox else None
    controller = Controller(session.process, sandbox, left_overs, open_parts(config))
    records = RunRecords(
        root=config.rootpath.name,
        now=session.clock(),
        redactor=session.redactor_of,
        target=lambda: controller.target or composition.target_so_far(config),
        outline_of=lambda key: composition.docs(config).outline_of(key.path, key.nodeid),
    )
    sections = ContractSections(
        records,
        coverage=options.coverage,
        docs=lambda paths: composition.docs(config).index_with(paths),
        descriptions=partial(composition.all_descriptions, config),
    )
    plugins = {
        "recorder": records,
        "contract": sections,
        "requirements": CleanUp(partial(composition.clean_up, config), left_overs),
        "notices": composition.notices(config),
        "left_alone": LeftAlone(partial(composition.docs, config), partial(composition.docs.so_far, config)),
        "summary": RunSummary(partial(_conclude, config, records)),
    }
    if config.pluginmanager.hasplugin("xdist"):
        plugins["parallel"] = controller
    for name, plugin in plugins.items():
        config.pluginmanager.register(plugin, f"endpoint_docs_{name}")


def pytest_unconfigure(config: pytest.Config) -> None:
    open_parts(config).close()


def pytest_report_header(config: pytest.Config) -> str:
    session = config.stash[SESSION]
    environment = session.target.env or ("--base-url" if session.target.base_url else "none")
    proxy = proxy_of(session.target, config.rootpath)
    return (
        f"endpoint docs: environment {environment}, manual {session.options.manual}, seed {session.process.seed}"
        f"{f', proxy {proxy}' if proxy else ''}"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What was collected stays until the end: it is no garbage, and looking for some in it costs a tenth of the run."""
    was_enabled = gc.isenabled()
    try:
        return (yield)
    finally:
        if was_enabled and not gc.isenabled():  # the first doc switched it off
            gc.enable()
            if gc.get_freeze_count():  # by a run before in the same process
                gc.unfreeze()
                gc.collect()
            gc.freeze()  # for good: pytest's last act is a search for garbage


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> EndpointDocFile | None:
    if file_path.suffix.lower() != ".md":
        return None
    folders = composition.folders_of_docs(parent.config)
    if folders is not None and not any(file_path.is_relative_to(folder) for folder in folders):
        return None
    from pytest_endpoint_docs.plugin.nodes import EndpointDocFile

    gc.disable()
    file: EndpointDocFile = EndpointDocFile.from_parent(parent, path=file_path)
    file.docs = composition.docs(parent.config)
    return file


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "endpoint_case" in metafunc.fixturenames:
        from pytest_endpoint_docs.plugin.nodes import parametrize_over_docs

        parametrize_over_docs(metafunc, composition.docs(metafunc.config))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    cases = [item.stash[CASE] for item in items if CASE in item.stash]
    if cases and not any(config.getoption(name, False) for name in _ONLY_SHOWS):
        manual_parts.require_target(config, cases, items)


def pytest_itemcollected(item: pytest.Item) -> None:
    parameters = getattr(item, "callspec", None)
    if parameters is not None and "endpoint_case" in parameters.params:
        item.stash[CASE] = parameters.params["endpoint_case"]
        composition.docs(item.config).remember_folders(item)


def pytest_collection_finish(session: pytest.Session) -> None:
    if not any(CASE in item.stash for item in session.items):
        return
    from pytest_endpoint_docs.plugin.look_ahead import look_ahead

    item_reports(session.config)
    look_ahead(session.config)
    open_parts(session.config).enter_context(ending_signals())
    reporter: Any = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None and reporter.isatty:
        from pytest_endpoint_docs.plugin.progress_lines import watch

        watch(session.config, [item.nodeid for item in session.items])


@pytest.fixture(scope="session")
def endpoint_environment(pytestconfig: pytest.Config) -> Environment:
    """The target of this run: servers, token kinds, parameters (see --endpoint-env)."""
    item_reports(pytestconfig)
    return composition.environment(pytestconfig)


@pytest.fixture(scope="session")
def endpoint_client(pytestconfig: pytest.Config) -> HttpClient:
    """The HTTP client that sends the docs' requests: pooled, paced, with timeouts."""
    item_reports(pytestconfig)
    return composition.client_for_tests(pytestconfig)


@pytest.fixture(scope="session")
def endpoint_session(pytestconfig: pytest.Config) -> Iterator[DocsSession]:
    """A ``requests.Session`` for the target: paths begin at its base URL, and the docs' client sends."""
    from pytest_endpoint_docs.http.requests_session import DocsSession

    item_reports(pytestconfig)
    target = composition.environment(pytestconfig)
    with DocsSession(composition.client_for_tests(pytestconfig), base_url=target.base_url) as session:
        yield session


@pytest.fixture
def endpoint_variables() -> dict[str, JSONValue]:
    """Variables for the docs' templates; override it in a conftest.py and return a dict."""
    return {}


@pytest.fixture
def endpoint_case(request: pytest.FixtureRequest, endpoint_variables: dict[str, JSONValue]) -> Iterator[EndpointCase]:
    """One case of an endpoint doc; a test that asks for it runs over all docs, and calls ``endpoint_case.run()``."""
    from pytest_endpoint_docs.execution.case_execution import CaseExecution
    from pytest_endpoint_docs.plugin.endpoint_case import EndpointCase, case_for
    from pytest_endpoint_docs.plugin.project_hooks import FixtureVariables, HookVariables, ProjectHooks

    config, session = request.config, request.config.stash[SESSION]
    case = case_for(request, endpoint_variables)
    hooks = ProjectHooks(config, composition.docs(config).hooks_around, (request.node, case))
    providers = (FixtureVariables(endpoint_variables), HookVariables(hooks))
    is_manual_run = session.options.manual != "skip"

    def execution() -> CaseExecution:
        ahead: LookAhead | None = request.config.pluginmanager.getplugin(LOOK_AHEAD)
        if (begun := ahead.take(request.node) if ahead else None) is not None:
            return begun
        context = composition.run_context(config, hooks, providers)
        return CaseExecution(case, manual_parts.with_consents(config, context) if is_manual_run else context)

    otherwise = partial(_by_other_means, config, case, hooks, endpoint_variables)
    bound = EndpointCase(
        request.node,
        case,
        redactor=session.redactor,
        execution=execution,
        by_other_means=otherwise if is_manual_run else None,
    )
    yield bound
    if request.session.exitstatus != pytest.ExitCode.INTERRUPTED:
        bound.finish()
        return
    # Nobody takes a failure from here any more, and raising it would keep the run from writing its results.
    for line in bound.finish_interrupted():
        composition.notices(config).tell(line)


@pytest.fixture(scope="session")
def oauth_consent(pytestconfig: pytest.Config) -> OAuthConsent:
    """Call it for a fresh authorization code from a real consent in a browser: ``grant = oauth_consent()``."""
    from pytest_endpoint_docs.plugin.oauth_consent import OAuthConsent

    item_reports(pytestconfig)
    mode = pytestconfig.stash[SESSION].options.manual
    return OAuthConsent(mode, lambda: manual_parts.consents(pytestconfig).run)


@Part
def oauth_checks(config: pytest.Config) -> OAuthChecks:
    """The checks of the endpoints of consents."""
    from pytest_endpoint_docs.plugin.oauth_items import ChecksOfRun, OAuthChecks

    def shared() -> ChecksOfRun:
        session = config.stash[SESSION]
        return ChecksOfRun(
            run=manual_parts.consents(config).run,
            client=composition.client(config),
            context=manual_parts.context_of_docs(config),
            options=session.options,
            is_sandbox=session.target.is_sandbox,
        )

    return OAuthChecks(shared)


def _by_other_means(
    config: pytest.Config, case: ContractCase, hooks: ProjectHooks, variables: Mapping[str, JSONValue]
) -> CaseResult | None:
    """The result of a case that is a check of the consent's endpoints, or that a person is led through."""
    if case.outline.check:
        return oauth_checks(config).run(case)
    if case.disposition.action == "run" and case.disposition.cause == "manual":
        return manual_parts.lead_through(config, case, hooks, variables)
    return None


@Part
def item_reports(config: pytest.Config) -> ItemReports:
    """What gives the items' reports their verdicts and records; a run that needs no docs and no target has none."""
    from pytest_endpoint_docs.plugin.item_report import ItemReports
    from pytest_endpoint_docs.plugin.report_boundary import ReportBoundary

    session = config.stash[SESSION]
    reports = ItemReports(
        options=session.options,
        case_names=composition.docs(config).case_names,
        redactor=session.redactor,
        age_of=verification_parts.ages(config).of,
        operation_of=partial(composition.operation_of, config),
        consents=partial(manual_parts.consents.so_far, config),
    )
    config.pluginmanager.register(reports, "endpoint_docs_item_reports")
    config.pluginmanager.register(ReportBoundary(session.redactor), "endpoint_docs_boundary")
    return reports


def _conclude(config: pytest.Config, records: RunRecords, exit_status: int) -> RunEnd | None:
    session = config.stash[SESSION]
    wanted = records.items or session.options.results or session.options.report
    if session.process.is_worker or not wanted:
        return None
    from pytest_endpoint_docs.plugin.run_end import EndOfRun

    end = EndOfRun(
        options=session.options,
        target=session.target,
        records=records,
        evidence=verification_parts.evidence(config),
        folder=config.invocation_params.dir,
        environment=partial(composition.environment, config),
        tester=partial(verification_parts.tester, config),
    )
    return end.conclude(exit_status)

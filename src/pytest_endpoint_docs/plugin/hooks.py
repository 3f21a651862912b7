"""The pytest hooks and fixtures, and what they have a run's parts do."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.plugin.collecting import Collecting
from pytest_endpoint_docs.plugin.options import add_options, read_options
from pytest_endpoint_docs.plugin.session import CASE, LOOK_AHEAD, MARKERS, SESSION, distributes, new_session

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.http.requests_session import DocsSession
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.secret import SafeText
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.composition import Composition
    from pytest_endpoint_docs.plugin.endpoint_case import EndpointCase
    from pytest_endpoint_docs.plugin.manual_parts import ManualParts
    from pytest_endpoint_docs.plugin.oauth_consent import OAuthConsent
    from pytest_endpoint_docs.plugin.oauth_items import OAuthChecks
    from pytest_endpoint_docs.plugin.run_end import RunEnd
    from pytest_endpoint_docs.plugin.run_records import RunRecords

_MANUAL: pytest.StashKey[ManualParts] = pytest.StashKey()
_BOUNDARY = "endpoint_docs_boundary"
_RECORDER = "endpoint_docs_recorder"
_ITEM_REPORTS = "endpoint_docs_item_reports"
_ONLY_SHOWS = ("collectonly", "showfixtures", "show_fixtures_per_test")


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    from pytest_endpoint_docs.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    try:
        options = read_options(config)
        for file in options.report:
            from pytest_endpoint_docs.reporting.reports import check_report_path

            check_report_path(file)
    except ConfigError as error:
        from pytest_endpoint_docs.plugin.outlets import usage_error
        from pytest_endpoint_docs.redaction.rendering import public

        raise usage_error(public(str(error))) from None
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    told = None
    if hasattr(config, "workerinput"):
        from pytest_endpoint_docs.plugin.xdist import told_to_worker

        told = told_to_worker(config)
    config.stash[SESSION] = new_session(config, options, told)
    collecting = Collecting(config, lambda: _telling(config).docs, options.docs)
    config.pluginmanager.register(collecting, "endpoint_docs_collecting")
    if options.results or options.report or distributes(config):
        _telling(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if (session := config.stash.get(SESSION, None)) is not None:
        session.closing.close()


def pytest_report_header(config: pytest.Config) -> SafeText:
    from pytest_endpoint_docs.redaction.rendering import public

    session = config.stash[SESSION]
    target, proxy = session.target, ""
    if target.env or target.base_url:
        from pytest_endpoint_docs.plugin.run_network import proxy_of

        proxy = proxy_of(target, config.rootpath)
    environment = target.env or ("--base-url" if target.base_url else "none")
    return public(
        f"endpoint docs: environment {environment}, manual {session.options.manual}, seed {session.process.seed}"
        f"{f', proxy {proxy}' if proxy else ''}"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One usage error where cases would run and nothing says where to, or no baseline or browser is there for them.

    Docs that do not run need no environment. A worker of pytest-xdist cannot end the run with it: it runs nothing, and
    tells its controller.
    """
    cases = (item.stash[CASE] for item in items if CASE in item.stash)
    if not (running := [case for case in cases if case.disposition.action in ("run", "xfail")]) or _only_shows(config):
        return
    from pytest_endpoint_docs.plugin.xdist import TARGET, USAGE_ERROR

    parts, output = _parts(config), getattr(config, "workeroutput", None)
    try:
        environment = parts.environment
        if parts.session.options.baseline is not None:
            parts.all_descriptions()
        if output is not None:
            output[TARGET] = (environment.name, environment.base_url)
        if environment.oauth is not None and parts.session.options.manual != "skip":
            _manual(config).prepare_consents(running)
    except ConfigError as error:
        told = parts.redactor.text(str(error))
        if output is None:
            from pytest_endpoint_docs.plugin.outlets import usage_error

            raise usage_error(told) from None
        output[USAGE_ERROR] = told
        items.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Why a test is expected to fail: pytest's own wrapper has just set it, those of other plugins are around this."""
    report, plugins = (yield), item.config.pluginmanager
    if (report.longrepr or hasattr(report, "wasxfail")) and (boundary := plugins.get_plugin(_BOUNDARY)):
        boundary.redact_reason(report)
    return report


def pytest_collection_finish(session: pytest.Session) -> None:
    if _only_shows(session.config) or not any(CASE in item.stash for item in session.items):
        return
    from pytest_endpoint_docs.plugin.endpoint_case import bound_case
    from pytest_endpoint_docs.plugin.look_ahead import look_ahead
    from pytest_endpoint_docs.plugin.signals import ending_signals

    parts = _watched(session.config)
    parts.docs.bound_case = partial(contextmanager(bound_case), manual=_manual(session.config))
    ahead = look_ahead(parts)
    if ahead is not None:
        session.config.pluginmanager.register(ahead, LOOK_AHEAD)
    parts.session.closing.enter_context(ending_signals())
    reporter: Any = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None and reporter.isatty:
        from pytest_endpoint_docs.plugin.progress_lines import watch

        watch(session.config, [item.nodeid for item in session.items])


@pytest.fixture(scope="session")
def endpoint_environment(pytestconfig: pytest.Config) -> Environment:
    """The target of this run: servers, token kinds, parameters (see --endpoint-env)."""
    return _watched(pytestconfig).environment


@pytest.fixture(scope="session")
def endpoint_client(pytestconfig: pytest.Config) -> HttpClient:
    """The HTTP client that sends the docs' requests: pooled, paced, with timeouts."""
    return _watched(pytestconfig).client_for_tests


@pytest.fixture(scope="session")
def endpoint_session(pytestconfig: pytest.Config) -> Iterator[DocsSession]:
    """A ``requests.Session`` for the target: paths begin at its base URL, and the docs' client sends."""
    from pytest_endpoint_docs.http.requests_session import DocsSession

    parts = _watched(pytestconfig)
    with DocsSession(parts.client_for_tests, base_url=parts.environment.base_url) as session:
        yield session


@pytest.fixture
def endpoint_variables() -> dict[str, JSONValue]:
    """Variables for the docs' templates; override it in a conftest.py and return a dict."""
    return {}


@pytest.fixture
def endpoint_case(request: pytest.FixtureRequest, endpoint_variables: dict[str, JSONValue]) -> Iterator[EndpointCase]:
    """One case of an endpoint doc; a test that asks for it runs over all docs, and calls ``endpoint_case.run()``."""
    from pytest_endpoint_docs.plugin.endpoint_case import bound_case

    yield from bound_case(request.node, endpoint_variables, _manual(request.config))


@pytest.fixture(scope="session")
def oauth_consent(pytestconfig: pytest.Config) -> OAuthConsent:
    """Call it for a fresh authorization code from a real consent in a browser: ``grant = oauth_consent()``."""
    from pytest_endpoint_docs.plugin.oauth_consent import OAuthConsent

    mode, manual = _watched(pytestconfig).session.options.manual, _manual(pytestconfig)
    return OAuthConsent(mode, lambda: manual.consents.run)


def _only_shows(config: pytest.Config) -> bool:
    """Whether items, or their fixtures, are listed and none of them runs."""
    return any(config.getoption(name, False) for name in _ONLY_SHOWS)


def _parts(config: pytest.Config) -> Composition:
    """The parts of this process, put together when the first of them is asked for."""
    from pytest_endpoint_docs.plugin.composition import COMPOSITION, Composition

    if COMPOSITION not in config.stash:
        config.stash[COMPOSITION] = Composition(config, config.stash[SESSION])
    return config.stash[COMPOSITION]


def _manual(config: pytest.Config) -> ManualParts:
    """The parts that test with a person, made when they are first asked for."""
    if _MANUAL not in config.stash:
        from pytest_endpoint_docs.plugin.manual_parts import ManualParts

        config.stash[_MANUAL] = ManualParts(_parts(config), _oauth_checks)
    return config.stash[_MANUAL]


def _oauth_checks(manual: ManualParts) -> OAuthChecks:
    from pytest_endpoint_docs.plugin.oauth_items import ChecksOfRun, OAuthChecks

    return OAuthChecks(
        lambda: ChecksOfRun(
            run=manual.consents.run,
            client=manual.parts.client,
            context=manual.context_of_docs(),
            options=manual.parts.session.options,
            is_sandbox=manual.parts.session.target.is_sandbox,
        )
    )


def _telling(config: pytest.Config) -> Composition:
    """The parts of this process; from now on there are records, and the end of the run is told.

    Not before the first doc is met, or an option or pytest-xdist asks for it: a run without docs pays for none of it.
    """
    parts = _parts(config)
    if config.pluginmanager.hasplugin(_RECORDER):
        return parts
    from pytest_endpoint_docs.plugin.left_alone import LeftAlone
    from pytest_endpoint_docs.plugin.run_records import RunRecords
    from pytest_endpoint_docs.plugin.terminal_summary import CleanUp, ContractSections, RunSummary
    from pytest_endpoint_docs.plugin.xdist import Controller

    session = parts.session
    left_overs: list[SafeText] = []
    sandbox = (lambda: parts.sandbox) if session.target.starts_sandbox else None
    controller = Controller(session.process, sandbox, left_overs, session.closing)
    records = RunRecords(
        root=config.rootpath.name,
        started=session.process.started,
        now=session.began,
        redactor=session.redactor_of,
        target=lambda: controller.target or parts.target_so_far(),
        outline_of=lambda key: parts.docs.outline_of(key.path, key.nodeid),
    )
    sections = ContractSections(
        records,
        coverage=session.options.coverage,
        docs=lambda paths: parts.docs.index_with(paths),  # noqa: PLW0108 - the docs are made when they are asked for
        descriptions=parts.all_descriptions,
    )
    plugins = {
        **({"endpoint_docs_parallel": controller} if distributes(config) else {}),
        _RECORDER: records,
        "endpoint_docs_contract": sections,
        "endpoint_docs_requirements": CleanUp(parts.clean_up, left_overs),
        "endpoint_docs_notices": parts.notices,
        "endpoint_docs_left_alone": LeftAlone(lambda: parts.docs, lambda: parts.made("docs"), records),
        "endpoint_docs_summary": RunSummary(partial(_conclude, parts, records)),
    }
    for name, plugin in plugins.items():
        config.pluginmanager.register(plugin, name)
    return parts


def _watched(config: pytest.Config) -> Composition:
    """The parts of this process, of which docs or a target are asked for; from now on its reports have records."""
    from pytest_endpoint_docs.plugin.item_report import ItemReports
    from pytest_endpoint_docs.plugin.report_boundary import ReportBoundary
    from pytest_endpoint_docs.plugin.spent_results import SpentResults

    parts = _telling(config)
    if config.pluginmanager.hasplugin(_ITEM_REPORTS):
        return parts
    reports = ItemReports(
        options=parts.session.options,
        cases_by_file=parts.docs.cases_by_file,
        redactor=parts.redactor,
        age_of=parts.ages.of,
        operation_of=parts.operation_of,
        consents=_manual(config).consents_so_far,
    )
    config.pluginmanager.register(reports, _ITEM_REPORTS)
    config.pluginmanager.register(ReportBoundary(parts.redactor), _BOUNDARY)
    config.pluginmanager.register(SpentResults(needs_bodies=parts.session.options.coverage))
    return parts


def _conclude(parts: Composition, records: RunRecords, exit_status: int) -> RunEnd | None:
    session, options = parts.session, parts.session.options
    is_asked_for = records.items or options.results or options.report
    if session.process.is_worker or parts.config.option.collectonly or not is_asked_for:
        return None
    from pytest_endpoint_docs.plugin.run_end import EndOfRun

    return EndOfRun(
        options=options,
        target=session.target,
        records=records,
        evidence=parts.evidence,
        folder=parts.config.invocation_params.dir,
        environment=lambda: parts.environment,
        tester=lambda: parts.tester,
    ).conclude(exit_status)

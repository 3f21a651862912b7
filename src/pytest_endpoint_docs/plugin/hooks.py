"""The pytest hooks: declarations and wiring, no logic."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.plugin.fixtures import (
    endpoint_case,
    endpoint_client,
    endpoint_environment,
    endpoint_variables,
    oauth_consent,
)
from pytest_endpoint_docs.plugin.options import OPTIONS, read_options

if TYPE_CHECKING:
    from pytest_endpoint_docs.plugin.nodes import EndpointDocFile

__all__ = ["endpoint_case", "endpoint_client", "endpoint_environment", "endpoint_variables", "oauth_consent"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("endpoint-docs", "endpoint docs as contract tests")
    for spec in OPTIONS:
        ini_type: Any = "bool" if spec.flag else spec.ini_type
        parser.addini(spec.ini_name, spec.help, type=ini_type, default=False if spec.flag else None)
        if not spec.on_command_line:
            continue
        if spec.flag:
            group.addoption(spec.flag_name, dest=spec.dest, action="store_true", default=None, help=spec.help)
        elif spec.ini_type != "string":
            group.addoption(
                spec.flag_name, dest=spec.dest, action="append", default=None, help=spec.help, metavar=spec.metavar
            )
        else:
            choices = {"choices": spec.choices} if spec.choices else {"metavar": spec.metavar}
            group.addoption(spec.flag_name, dest=spec.dest, default=None, help=spec.help, **choices)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    from pytest_endpoint_docs.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    from pytest_endpoint_docs.plugin.contract_end import ContractEnd
    from pytest_endpoint_docs.plugin.recorder import Recorder
    from pytest_endpoint_docs.plugin.requirements_end import RequirementsEnd
    from pytest_endpoint_docs.plugin.session import SESSION, EndpointSession, worker_input

    try:
        options = read_options(lambda dest: config.getoption(dest, None), config.getini)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    config.addinivalue_line(
        "markers", "requires_manual_testing: endpoint docs that need a person (see --endpoint-manual)"
    )
    session = config.stash[SESSION] = EndpointSession(config, options, worker_input(config, options))
    recorder = Recorder(session)
    config.pluginmanager.register(recorder, "endpoint_docs_recorder")
    config.pluginmanager.register(ContractEnd(session, recorder), "endpoint_docs_contract")
    config.pluginmanager.register(RequirementsEnd(session), "endpoint_docs_requirements")
    if config.pluginmanager.hasplugin("xdist"):
        from pytest_endpoint_docs.plugin import xdist as parallel

        config.pluginmanager.register(parallel, "endpoint_docs_parallel")


def pytest_unconfigure(config: pytest.Config) -> None:
    from pytest_endpoint_docs.plugin.session import SESSION

    session = config.stash.get(SESSION, None)
    if session is not None:
        session.close()


def pytest_report_header(config: pytest.Config) -> str:
    from pytest_endpoint_docs.plugin.terminal_summary import header

    return header(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> EndpointDocFile | None:
    if file_path.suffix.lower() != ".md":
        return None
    from pytest_endpoint_docs.plugin.nodes import EndpointDocFile

    file: EndpointDocFile = EndpointDocFile.from_parent(parent, path=file_path)
    return file


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "endpoint_case" in metafunc.fixturenames:
        from pytest_endpoint_docs.plugin.nodes import parametrize_over_docs

        parametrize_over_docs(metafunc)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from pytest_endpoint_docs.plugin.session import session_of

    if session_of(config).in_use:
        from pytest_endpoint_docs.plugin.case_context import require_environment

        require_environment(config, items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    from pytest_endpoint_docs.plugin.session import session_of

    if not session_of(item.config).in_use:
        return report
    from pytest_endpoint_docs.plugin.verdicts import judge

    return judge(item, call, report)

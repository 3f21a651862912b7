"""What one pytest process shares: options, environment, client, docs, secrets; each is made when it is first needed."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model import (
    CaseResult,
    ContractCase,
    Disposition,
    EndpointDoc,
    Environment,
    JSONValue,
)
from pytest_endpoint_docs.options import Options
from pytest_endpoint_docs.redaction import Redactor, redacted_logs

if TYPE_CHECKING:
    from pytest_endpoint_docs.consent import RunConsent
    from pytest_endpoint_docs.execution import CaseClient, HttpClient, RequirementStore, RunContext
    from pytest_endpoint_docs.freshness_in_run import DocAges
    from pytest_endpoint_docs.loading import DocIndex
    from pytest_endpoint_docs.openapi import Descriptions, Operation, ResponseCheck
    from pytest_endpoint_docs.openapi.before_sending import DescribedRequests
    from pytest_endpoint_docs.openapi.schemas import SchemaValidators
    from pytest_endpoint_docs.reporting.evidence import EvidenceStore
    from pytest_endpoint_docs.reporting.failure import Failure
    from pytest_endpoint_docs.token_checks import TokenEndpointChecks
    from pytest_endpoint_docs.variables import UniqueClock

SANDBOX = "sandbox"
# Long enough for a slow machine, short enough for a doc to prove that codes expire.
SANDBOX_CODE_LIFETIME_S = 15.0
USAGE_ERROR = "endpoint_docs_usage_error"
TARGET = "endpoint_docs_target"
NO_ENVIRONMENT = (
    "no environment: say where the docs' requests go with --endpoint-env NAME-or-PATH (ini: endpoint_env), "
    "or with --base-url URL; '--endpoint-env sandbox' starts the embedded platform"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInput:
    """What the controller of a parallel run tells its workers (and a single process tells itself)."""

    seed: str
    started: float
    sandbox: Mapping[str, str] | None = None
    storage: str | None = None
    worker: int = 0
    workers: int = 1


class EndpointSession:
    """One per pytest process; lives in ``config.stash``."""

    def __init__(self, config: pytest.Config, options: Options, given: WorkerInput) -> None:
        self.config = config
        self.options = options
        self.given = given
        self.redactor = Redactor()
        self.results: dict[str, CaseResult] = {}
        self.case_names: dict[Path, tuple[str, ...]] = {}
        self.usage_error: str | None = None
        # The name and the base URL of the target, told by a worker to its controller.
        self.target: tuple[str, str] | None = None
        self.left_overs: list[str] = []
        # A project without endpoint docs pays for none of what they need.
        self.in_use = False
        self._docs: dict[Path, EndpointDoc] = {}
        self._markers: set[str] = set()
        self._open = ExitStack()
        self._open.enter_context(redacted_logs(self.redactor))

    # collection

    def collected(self, doc: EndpointDoc) -> None:
        """Remember a doc, for ``requires`` and UID resolution."""
        self._docs[doc.file] = doc

    def register_marker(self, name: str) -> None:
        """Register a tag's or domain's marker once, so that ``--strict-markers`` holds."""
        if name not in self._markers:
            self._markers.add(name)
            self.config.addinivalue_line("markers", f"{name}: endpoint docs with this tag or domain")

    def cases(self, doc: EndpointDoc) -> list[ContractCase]:
        """The cases of a doc, after the hook had its say."""
        from pytest_endpoint_docs.loading import cases_of
        from pytest_endpoint_docs.manual import with_manual_mode

        self.in_use = True
        mode = self.options.manual
        written = cases_of(doc)
        cases = [with_manual_mode(self._checked_requirements(case), mode) for case in written]
        if mode == "automated" and cases[0] != written[0]:
            from pytest_endpoint_docs.token_checks import check_cases

            cases += check_cases(cases[0])
        if mode == "attended":
            from pytest_endpoint_docs.attended_run import with_walkthrough

            cases = [with_walkthrough(case, self) for case in cases]
        if self.options.negative or doc.negative or self.options.tokens == "all":
            from pytest_endpoint_docs.variants import with_variants

            cases = with_variants(cases, self)
        self.config.hook.pytest_endpoint_docs_modify_cases(config=self.config, cases=cases)
        self.case_names[doc.file] = tuple(case.name for case in cases)
        return cases

    def _checked_requirements(self, case: ContractCase) -> ContractCase:
        if not case.doc.requires or case.disposition.action != "run":
            return case
        cycle = self.index.cycle(case.doc)
        if cycle is None:
            return case
        circle = " -> ".join(str(doc.endpoint) for doc in cycle)
        location = case.doc.line_of("requires")
        broken = Disposition(action="broken", reason=f"these docs require each other: {circle}")
        return replace(case, disposition=replace(broken, location=location))

    def docs_of_project(self) -> list[EndpointDoc]:
        """Every readable doc under the ini's ``endpoint_docs``, in path order."""
        from pytest_endpoint_docs.collector import display
        from pytest_endpoint_docs.errors import FrontmatterError
        from pytest_endpoint_docs.loading import load_doc

        docs = []
        for folder in self.options.docs:
            for file in sorted((self.config.rootpath / folder).rglob("*.md")):
                if not file.is_file():
                    continue
                doc = self._docs.get(file)
                if doc is None:
                    try:
                        doc = load_doc(file, display_path=display(file, self.config))
                    except FrontmatterError:
                        continue  # collecting the file itself reports it
                if doc is not None:
                    docs.append(doc)
        return docs

    @cached_property
    def index(self) -> DocIndex:
        """All docs that a case may refer to: the project's and the collected ones."""
        from pytest_endpoint_docs.loading import DocIndex

        docs = {doc.file: doc for doc in self.docs_of_project()}
        return DocIndex([*docs.values(), *(doc for file, doc in self._docs.items() if file not in docs)])

    # the run

    @cached_property
    def environment(self) -> Environment:
        """The target of this run. Raises: ``ConfigError`` with what to do."""
        from pytest_endpoint_docs.environment import load_environment

        self.in_use = True
        base_url = self.base_url
        name = self.options.env
        if name is None:
            if not base_url:
                raise ConfigError(NO_ENVIRONMENT)
            return Environment(name="base-url", file=None, base_url=base_url)
        environ: dict[str, str] = dict(os.environ)
        if self.starts_sandbox:
            environ |= self.sandbox()
            name = self._sandbox_file(name)
        environment = load_environment(name, root=self.config.rootpath, environ=environ, base_url=base_url)
        for secret in environment.secrets:
            self.redactor.add(secret)
        return environment

    @property
    def starts_sandbox(self) -> bool:
        """Whether the environment is the embedded platform, and nobody runs one already."""
        return self.is_sandbox and "SANDBOX_URL" not in os.environ

    def _sandbox_file(self, name: str) -> str:
        from pytest_endpoint_docs.environment import find_environment
        from pytest_endpoint_docs.sandbox import ENVIRONMENT_FILE

        try:
            return str(find_environment(name, root=self.config.rootpath))
        except ConfigError:
            return str(ENVIRONMENT_FILE)

    def sandbox(self) -> Mapping[str, str]:
        """Start the embedded platform, or join this run's; gives the variables that its environment file names."""
        if self.given.sandbox is None:
            try:
                from pytest_endpoint_docs.sandbox import Sandbox, SandboxSettings
            except ImportError as error:
                raise ConfigError(
                    f"the sandbox needs {error.name}: pip install 'pytest-endpoint-docs[sandbox]'"
                ) from error
            running = self._open.enter_context(Sandbox.start(SandboxSettings(code_lifetime_s=SANDBOX_CODE_LIFETIME_S)))
            # What is kept about a platform that is gone after the run must not be found by the next one.
            storage = self._open.enter_context(tempfile.TemporaryDirectory(prefix="endpoint-docs-"))
            self.given = replace(self.given, sandbox=running.environ(), storage=storage)
        assert self.given.sandbox is not None
        return self.given.sandbox

    @cached_property
    def client(self) -> HttpClient:
        """The pooled HTTP client of this process."""
        from pytest_endpoint_docs.execution import HttpClient

        client = HttpClient(self.environment)
        self.at_end(client.close)
        return client

    @cached_property
    def consent(self) -> RunConsent | None:
        """The consents of this run, where the mode and the environment allow them."""
        from pytest_endpoint_docs.consent import run_consent

        return run_consent(self)

    @property
    def consent_so_far(self) -> RunConsent | None:
        """The consents of this run, if anything asked for them yet."""
        found: RunConsent | None = self.__dict__.get("consent")
        return found

    def client_of_project(self) -> CaseClient:
        """The OAuth client that the project's doc of the token endpoint creates.

        Raises: ``ConfigError`` where there is no such doc.
        """
        from pytest_endpoint_docs.loading import parse_body
        from pytest_endpoint_docs.manual import sends_code

        for doc in self.index:
            body = parse_body(doc)
            if sends_code(body) and any(row.field == "client_id" for row in body.resolutions):
                return self.client_of(doc)
        raise ConfigError(
            f"environment {self.environment.name}: its oauth block has no client_id, "
            "and no doc of the token endpoint says how to create an app"
        )

    def client_of(self, doc: EndpointDoc) -> CaseClient:
        """The OAuth client that a doc speaks of."""
        from pytest_endpoint_docs.execution import CaseExecution
        from pytest_endpoint_docs.loading import cases_of
        from pytest_endpoint_docs.manual import with_manual_mode

        case = with_manual_mode(cases_of(doc)[0], self.options.manual)
        return CaseExecution(case, self.context({})).client()

    @cached_property
    def token_checks(self) -> TokenEndpointChecks:
        """The checks of token endpoints in this process."""
        from pytest_endpoint_docs.token_checks import TokenEndpointChecks

        return TokenEndpointChecks(self)

    def ask(self, text: str) -> str:
        """Show a text to the person at the terminal itself, and return the line that they type.

        Raises: ``ConfigError`` in a worker, ``OSError`` or ``EOFError`` where there is no terminal.
        """
        if self.is_worker:
            raise ConfigError(
                "--endpoint-manual attended asks at the terminal where there is no display, and a worker cannot: "
                "run without -n, or with a display"
            )
        from pytest_endpoint_docs.reporting.terminal_screen import TerminalScreen

        with TerminalScreen() as screen:
            return screen.ask(f"\n{text}")

    def at_end(self, close: Callable[[], object]) -> None:
        """Call this when the process ends, the latest first."""
        self._open.callback(close)

    @cached_property
    def requirements(self) -> RequirementStore:
        """What the docs that others require gave, once per process."""
        from pytest_endpoint_docs.execution import RequirementStore

        return RequirementStore()

    def end_requirements(self) -> tuple[Exception, ...]:
        """Clean up after the docs that others require. Returns: what went wrong."""
        return self.requirements.close() if "requirements" in self.__dict__ else ()

    @cached_property
    def unique(self) -> UniqueClock:
        """Milliseconds that no other case of the run gets."""
        from pytest_endpoint_docs.variables import UniqueClock

        # The real clock, whatever --endpoint-now says: a pinned one would repeat its values in the next run.
        return UniqueClock(lambda: datetime.now(UTC), worker=self.given.worker, workers=self.given.workers)

    def clock(self) -> datetime:
        """Now, or what ``--endpoint-now`` says."""
        return self.options.now or datetime.now(UTC)

    @property
    def is_worker(self) -> bool:
        """Whether this process is a worker of pytest-xdist."""
        return hasattr(self.config, "workerinput")

    @property
    def base_url(self) -> str | None:
        """What ``--base-url`` (or its ini key) says, which goes before the environment's own server."""
        return self.config.getoption("base_url", None) or self.config.getini("base_url") or None

    @property
    def is_sandbox(self) -> bool:
        """Whether the target is the embedded platform, of this run or started by hand."""
        return Path(self.options.env or "").stem == SANDBOX

    @cached_property
    def evidence(self) -> EvidenceStore:
        """The records of manual and consent runs."""
        from pytest_endpoint_docs.reporting.evidence import EvidenceStore

        return EvidenceStore(self.config.rootpath, self.redactor)

    @cached_property
    def ages(self) -> DocAges:
        """How old the docs' verifications are."""
        from pytest_endpoint_docs.freshness_in_run import ages_of

        return ages_of(self)

    @cached_property
    def tester(self) -> str:
        """Who runs this."""
        from pytest_endpoint_docs.reporting.evidence import identify_tester

        return identify_tester(self.options.tester, self.config.rootpath)

    @property
    def described_environment(self) -> tuple[str, str]:
        """The name and the base URL of the target, as far as they are known without starting anything."""
        if "environment" in self.__dict__:
            return self.environment.name, self.environment.base_url
        return self.target or (self.options.env or "", "")

    @cached_property
    def known_environment(self) -> Environment | None:
        """What is known of the target without reaching or starting it; ``None`` where that is nothing.

        What is wrong with its file is told when the run needs it.
        """
        from pytest_endpoint_docs.environment import load_offline

        if self.options.env is None:
            return None
        name = self._sandbox_file(self.options.env) if self.is_sandbox else self.options.env
        try:
            return load_offline(name, root=self.config.rootpath, environ=os.environ)
        except ConfigError:
            return None

    @property
    def usable_tokens(self) -> tuple[str, ...]:
        """The token kinds of the target that have a value; the sandbox gives them all one when it starts."""
        kinds = self.known_environment.tokens.values() if self.known_environment else ()
        return tuple(kind.name for kind in kinds if kind.value or self.starts_sandbox)

    @cached_property
    def descriptions(self) -> Descriptions | None:
        """The target's OpenAPI descriptions; ``None`` where it has none."""
        environment = self.known_environment
        if environment is None or not environment.openapi:
            return None
        from pytest_endpoint_docs.openapi import Descriptions

        return Descriptions.of_environment(environment, root=self.config.rootpath)

    @cached_property
    def response_check(self) -> ResponseCheck | None:
        """Holds answers against the descriptions; one per run, because it keeps its compiled schemas."""
        if self.descriptions is None:
            return None
        from pytest_endpoint_docs.openapi import ResponseCheck

        return ResponseCheck(self.descriptions, strict=self.options.strict, validators=self._validators)

    @cached_property
    def request_check(self) -> DescribedRequests | None:
        """Holds requests against the descriptions before they are sent."""
        if self.descriptions is None:
            return None
        from pytest_endpoint_docs.openapi import RequestCheck
        from pytest_endpoint_docs.openapi.before_sending import DescribedRequests

        check = RequestCheck(self.descriptions, strict=self.options.strict, validators=self._validators)
        return DescribedRequests(check, self.redactor)

    @cached_property
    def _validators(self) -> SchemaValidators:
        from pytest_endpoint_docs.openapi.schemas import SchemaValidators

        return SchemaValidators()

    def operation_of(self, case: ContractCase, result: CaseResult | None) -> Operation | None:
        """The OpenAPI operation of the request that a case is about; of its doc where nothing or another one was sent.

        For what did not run, descriptions are read only where somebody wants to know.
        """
        options = self.options
        if result is None and not (options.results or options.report or options.coverage):
            return None
        if self.descriptions is None:
            return None
        exchange = result.exchange if result else None
        if exchange is None or case.outline.negative is not None:
            endpoint = case.doc.endpoint
            return self.descriptions.match(endpoint.method, endpoint.path, swagger=case.doc.swagger)
        return self.descriptions.match(exchange.request.method, exchange.step.request.path, swagger=case.doc.swagger)

    def context(self, variables: Mapping[str, JSONValue]) -> RunContext:
        """Everything that a case needs to run; ``variables`` come from the fixture ``endpoint_variables``."""
        from pytest_endpoint_docs.runtime import run_context

        return run_context(self, variables)

    def failure_of(self, item: pytest.Item, error: BaseException) -> Failure | None:
        """The failure text of an item whose own case raised ``error``; ``None`` where something else did."""
        result = self.results.get(item.nodeid)
        if result is None or error not in (result.error, *result.cleanup_errors):
            return None
        from pytest_endpoint_docs.reporting.failure import render_failure

        return render_failure(result, self.redactor)

    def close(self) -> None:
        """Stop what was started: the client's connections, the sandbox."""
        self._open.close()


SESSION = pytest.StashKey[EndpointSession]()


def session_of(config: pytest.Config) -> EndpointSession:
    """The session object of a pytest process."""
    return config.stash[SESSION]


def new_seed() -> str:
    """A seed for a run that was given none."""
    return secrets.token_hex(4)


def worker_input(config: pytest.Config, options: Options) -> WorkerInput:
    """What this process was told, by pytest-xdist's controller or by nobody."""
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    if given is None or "endpoint_docs" not in given:
        return WorkerInput(seed=options.seed or new_seed(), started=time.time())
    told = given["endpoint_docs"]
    return WorkerInput(
        seed=told["seed"],
        started=told["started"],
        sandbox=told["sandbox"],
        storage=told["storage"],
        worker=int(str(given["workerid"]).removeprefix("gw")),
        workers=int(given["workercount"]),
    )

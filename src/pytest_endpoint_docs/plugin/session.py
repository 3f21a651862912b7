"""What one pytest process shares: options, secrets, target, docs, results; each is made when it is first needed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.case import CaseResult
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.plugin.options import Options
from pytest_endpoint_docs.plugin.project_docs import ProjectDocs
from pytest_endpoint_docs.plugin.run_target import Target, WorkerInput
from pytest_endpoint_docs.redaction import Redactor, redacted_logs

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.context import RunContext
    from pytest_endpoint_docs.execution.protocols import CaseClient
    from pytest_endpoint_docs.execution.requirements import RequirementStore
    from pytest_endpoint_docs.plugin.consents import RunConsent
    from pytest_endpoint_docs.plugin.oauth_items import TokenEndpointChecks
    from pytest_endpoint_docs.reporting.failure import Failure
    from pytest_endpoint_docs.variables.builtin import UniqueClock
    from pytest_endpoint_docs.verification.doc_ages import DocAges
    from pytest_endpoint_docs.verification.evidence import EvidenceStore

USAGE_ERROR = "endpoint_docs_usage_error"
TARGET = "endpoint_docs_target"


class EndpointSession:
    """One per pytest process; lives in ``config.stash``."""

    def __init__(self, config: pytest.Config, options: Options, given: WorkerInput) -> None:
        self.config = config
        self.options = options
        self.redactor = Redactor()
        self.results: dict[str, CaseResult] = {}
        self.usage_error: str | None = None
        self.left_overs: list[str] = []
        self._open = ExitStack()
        self._open.enter_context(redacted_logs(self.redactor))
        self.target = Target(config, options, self.redactor, given, self._open)
        self.docs = ProjectDocs(self)

    @property
    def given(self) -> WorkerInput:
        """What this process was told at its start, and what it added for its workers."""
        return self.target.given

    @property
    def in_use(self) -> bool:
        """Whether there is a doc, or a test that asks for one; a project without pays for none of what they need."""
        return self.docs.are_used or self.target.is_asked_for

    @cached_property
    def consent(self) -> RunConsent | None:
        """The consents of this run, where the mode and the environment allow them."""
        from pytest_endpoint_docs.plugin.consents import run_consent

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
        from pytest_endpoint_docs.manual.manual_mode import sends_code

        for doc in self.docs.index:
            body = doc.body
            if sends_code(body) and any(row.field == "client_id" for row in body.resolutions):
                return self.client_of(doc)
        raise ConfigError(
            f"environment {self.target.environment.name}: its oauth block has no client_id, "
            "and no doc of the token endpoint says how to create an app"
        )

    def client_of(self, doc: EndpointDoc) -> CaseClient:
        """The OAuth client that a doc speaks of."""
        from pytest_endpoint_docs.execution.case_execution import CaseExecution
        from pytest_endpoint_docs.loading.items import cases_of
        from pytest_endpoint_docs.manual.manual_mode import with_manual_mode

        case = with_manual_mode(cases_of(doc)[0], self.options.manual)
        return CaseExecution(case, self.context({})).client()

    @cached_property
    def token_checks(self) -> TokenEndpointChecks:
        """The checks of token endpoints in this process."""
        from pytest_endpoint_docs.plugin.oauth_items import TokenEndpointChecks

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
        from pytest_endpoint_docs.manual.terminal_screen import TerminalScreen

        with TerminalScreen() as screen:
            return screen.ask(f"\n{text}")

    def at_end(self, close: Callable[[], object]) -> None:
        """Call this when the process ends, the latest first."""
        self._open.callback(close)

    @cached_property
    def requirements(self) -> RequirementStore:
        """What the docs that others require gave, once per process."""
        from pytest_endpoint_docs.execution.case_execution import CaseExecution
        from pytest_endpoint_docs.execution.requirements import RequirementStore

        return RequirementStore(CaseExecution)

    def end_requirements(self) -> tuple[Exception, ...]:
        """Clean up after the docs that others require. Returns: what went wrong."""
        return self.requirements.close() if "requirements" in self.__dict__ else ()

    @cached_property
    def unique(self) -> UniqueClock:
        """Milliseconds that no other case of the run gets."""
        from pytest_endpoint_docs.variables.builtin import UniqueClock

        # The real clock, whatever --endpoint-now says: a pinned one would repeat its values in the next run.
        return UniqueClock(lambda: datetime.now(UTC), worker=self.given.worker, workers=self.given.workers)

    def clock(self) -> datetime:
        """Now, or what ``--endpoint-now`` says."""
        return self.options.now or datetime.now(UTC)

    @property
    def is_worker(self) -> bool:
        """Whether this process is a worker of pytest-xdist."""
        return hasattr(self.config, "workerinput")

    @cached_property
    def evidence(self) -> EvidenceStore:
        """The records of manual and consent runs."""
        from pytest_endpoint_docs.verification.evidence import EvidenceStore

        return EvidenceStore(self.config.rootpath, self.redactor)

    @cached_property
    def ages(self) -> DocAges:
        """How old the docs' verifications are."""
        from pytest_endpoint_docs.verification.doc_ages import ages_of

        return ages_of(self)

    @cached_property
    def tester(self) -> str:
        """Who runs this."""
        from pytest_endpoint_docs.verification.evidence import identify_tester

        return identify_tester(self.options.tester, self.config.rootpath)

    def context(self, variables: Mapping[str, JSONValue]) -> RunContext:
        """Everything that a case needs to run; ``variables`` come from the fixture ``endpoint_variables``."""
        from pytest_endpoint_docs.plugin.case_context import run_context

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

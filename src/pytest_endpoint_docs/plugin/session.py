"""What one pytest process is about: its options, its part in the run, its target; and what items carry."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_endpoint_docs.plugin.options import Options

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.case import CaseResult, ContractCase
    from pytest_endpoint_docs.redaction.redactor import Redactor
    from pytest_endpoint_docs.reporting.failure import Failure

# Long enough for a slow machine, short enough for a doc to prove that codes expire.
SANDBOX_CODE_LIFETIME_S = 15.0


class StartedSandbox(NamedTuple):
    """The embedded platform of a run: the variables that its environment file names, and where logins are kept."""

    environ: Mapping[str, str]
    storage: str


class RunProcess(NamedTuple):
    """This process as a part of its run: ``worker`` of ``workers``, counted from 0, which share the rest.

    ``started`` is in epoch seconds; ``sandbox`` is what a worker was told of the platform that its controller started,
    ``shared`` the folder in which all workers keep what they count together.
    """

    seed: str
    started: float
    worker: int = 0
    workers: int = 1
    is_worker: bool = False
    sandbox: StartedSandbox | None = None
    shared: Path | None = None


class Target(NamedTuple):
    """Where requests go: to an environment by name or path, and a base URL that goes before its own."""

    env: str | None
    base_url: str | None

    @property
    def is_sandbox(self) -> bool:
        """Whether the target is the embedded platform, of this run or started by hand."""
        if not self.env:
            return False
        from pytest_endpoint_docs.model.environment import SANDBOX

        return Path(self.env).stem == SANDBOX

    @property
    def starts_sandbox(self) -> bool:
        """Whether the environment is the embedded platform, and nobody runs one already."""
        if not self.env:
            return False
        from pytest_endpoint_docs.model.environment import starts_sandbox

        return starts_sandbox(self.env, os.environ)


class EndpointSession(NamedTuple):
    """One per pytest process. Its redactor is made when it is first asked for: a run without docs needs none.

    ``began`` is what the clock said when the process started. ``closing`` is what is closed when the
    process ends, the latest first.
    """

    options: Options
    process: RunProcess
    target: Target
    redactor_of: Callable[[], Redactor]
    clock: Callable[[], datetime]
    began: datetime
    closing: ExitStack


def new_session(config: pytest.Config, options: Options, told: RunProcess | None) -> EndpointSession:
    """The session of a process; ``told`` is what its controller told it, if it is a worker.

    From when the redactor is made until ``closing`` is closed, it sees all log records.
    """
    closing = ExitStack()
    process = told or RunProcess(seed=options.seed or os.urandom(4).hex(), started=time.time())
    clock = partial(datetime.now, UTC) if options.now is None else partial(_pinned, options.now)
    return EndpointSession(
        options=options,
        process=process,
        target=Target(env=options.env, base_url=_base_url(config)),
        redactor_of=cache(partial(_make_redactor, closing)),
        clock=clock,
        began=clock(),
        closing=closing,
    )


def distributes(config: pytest.Config) -> bool:
    """Whether this process is the controller of workers of pytest-xdist."""
    return bool(config.getoption("dist", "no") != "no")


def _make_redactor(closing: ExitStack) -> Redactor:
    from pytest_endpoint_docs.redaction.log_records import redacted_logs
    from pytest_endpoint_docs.redaction.redactor import Redactor

    made = Redactor()
    closing.enter_context(redacted_logs(made))
    return made


def _pinned(now: datetime) -> datetime:
    return now


def _base_url(config: pytest.Config) -> str | None:
    """What ``--base-url`` or its ini key says; they belong to pytest-base-url, which can be switched off."""
    try:
        given = config.getoption("base_url", None) or config.getini("base_url")
    except ValueError:
        return None
    return str(given) if given else None


# The name under which what sends ahead is registered; it is not imported where nothing is sent ahead.
LOOK_AHEAD = "endpoint_docs_look_ahead"
SESSION = pytest.StashKey[EndpointSession]()
# At an item: the case that it runs, for a doc's own item and for a test function with ``endpoint_case``.
CASE: pytest.StashKey[ContractCase] = pytest.StashKey()
# At an item that ran: what came of it. At one that failed: the text of its failure.
RESULT: pytest.StashKey[CaseResult] = pytest.StashKey()
FAILURE: pytest.StashKey[Failure] = pytest.StashKey()
# At an item that failed: what its record told to JUnit XML, to be taken back where the item runs again.
TOLD_OF_FAILURE: pytest.StashKey[list[tuple[str, object]]] = pytest.StashKey()
# At the config: the latest item that its record told of to JUnit XML, and the properties, where all of them are of its
# doc and this package.
DOC_PROPERTIES: pytest.StashKey[tuple[pytest.Item, list[tuple[str, object]]]] = pytest.StashKey()
# At a report: that its item is one of a doc, the item's record (as JSON types where it comes from another process),
# what the item means for its doc, and the kinds of the lines of its failure text.
OF_DOC = "endpoint_docs_item"
RECORD = "endpoint_docs_record"
DOC_PART = "endpoint_docs_doc_part"
LINE_KINDS = "endpoint_docs_line_kinds"

# The markers that mean something here; those of tags and domains are declared when docs are collected.
MARKERS = (
    "requires_manual_testing: endpoint docs that need a person (see --endpoint-manual)",
    "oauth_checks: a test with endpoint_case runs for the checks of OAuth endpoints as well",
)

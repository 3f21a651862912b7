"""What the controller of a parallel run and its workers tell each other; its hooks are pytest-xdist's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.loading.doc_files import names_markdown
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.plugin.outlets import tell, usage_error
from pytest_endpoint_docs.plugin.session import RunProcess, StartedSandbox
from pytest_endpoint_docs.plugin.signals import ending_signals
from pytest_endpoint_docs.redaction.rendering import joined, public

# A worker's words: the name and the base URL of its target, the usage error that it met, what it could not clean up.
TARGET = "endpoint_docs_target"
USAGE_ERROR = "endpoint_docs_usage_error"
LEFT_OVERS = "endpoint_docs_left_overs"

_KEY = "endpoint_docs"


def told_to_worker(config: pytest.Config) -> RunProcess | None:
    """What the controller told this process; ``None`` if it is not a worker."""
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    if given is None or _KEY not in given:
        return None
    told = given[_KEY]
    return RunProcess(
        seed=told["seed"],
        started=told["started"],
        worker=int(str(given["workerid"]).removeprefix("gw")),
        workers=int(given["workercount"]),
        is_worker=True,
        sandbox=StartedSandbox(**told["sandbox"]) if told["sandbox"] else None,
        shared=Path(told["shared"]),
    )


class Controller:
    """The side of the controller; registered only where pytest-xdist is installed.

    ``sandbox`` starts the platform that all workers share, if they need one. ``left_overs`` takes what workers could
    not clean up; ``target`` is what they say of their target. ``open_`` is closed when the process ends.
    """

    def __init__(
        self,
        process: RunProcess,
        sandbox: Callable[[], StartedSandbox] | None,
        left_overs: list[SafeText],
        open_: ExitStack,
    ) -> None:
        self.target: tuple[str, str] | None = None
        self._process = process
        self._sandbox = sandbox
        self._left_overs = left_overs
        self._open = open_
        self._is_watched = False
        self._usage_error: SafeText | None = None

    @cached_property
    def _shared(self) -> str:
        return self._open.enter_context(tempfile.TemporaryDirectory(prefix="endpoint-docs-"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker the run's seed, and what all workers share: the sandbox, and where limits are counted."""
        try:
            sandbox = self._sandbox() if self._sandbox else None
        except ConfigError as error:
            raise usage_error(public(str(error))) from None
        node.workerinput[_KEY] = {
            "seed": self._process.seed,
            "started": self._process.started,
            "sandbox": {"environ": dict(sandbox.environ), "storage": sandbox.storage} if sandbox else None,
            "shared": self._shared,
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Watch the run; all workers collect the same items, and the first one tells."""
        if not self._is_watched and any(map(names_markdown, ids)):
            self._is_watched = True
            self._open.enter_context(ending_signals())
        from pytest_endpoint_docs.plugin.progress_lines import watch

        watch(node.config, ids, workers=int(node.workerinput["workercount"]))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has to tell: its target, the usage error that all meet, what it left behind."""
        output: dict[str, Any] = getattr(node, "workeroutput", {})
        if TARGET in output:
            name, base_url = output[TARGET]
            self.target = (name, base_url)
        self._usage_error = output.get(USAGE_ERROR, self._usage_error)
        self._left_overs += output.get(LEFT_OVERS, [])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End with the exit code that a single process would end with."""
        if self._usage_error:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the usage error was."""
        if self._usage_error:
            tell(terminalreporter, joined(public("ERROR: "), self._usage_error), red=True)

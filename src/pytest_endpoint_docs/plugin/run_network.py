"""What a run says of the network: the proxy that its requests go through, and what its servers made it do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.plugin.session import Target

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.secret import SafeText

_NOTICES = "endpoint_docs_notices"


def proxy_of(target: Target, root: Path) -> str:
    """The proxies of a target that has a name or a base URL, without their credentials.

    Empty where there are none, or nothing is known yet.

    The environment is read for it only where a variable names a proxy at all; what is wrong with it is told later.
    """
    from pytest_endpoint_docs.http.connections import describe_proxies, named_proxies

    if target.is_sandbox or named_proxies().keys() <= {"no"}:
        return ""
    from pytest_endpoint_docs.environment.environment_file import load_environment
    from pytest_endpoint_docs.model.environment import Environment

    try:
        if target.env is not None:
            environment = load_environment(target.env, root=root, environ=os.environ, base_url=target.base_url)
        else:
            environment = Environment(name="base-url", file=None, base_url=str(target.base_url))
        return describe_proxies(environment)
    except ConfigError:
        return ""


class Notices:
    """Lines for the person, told once at the end of the run, whichever process they come from."""

    def __init__(self) -> None:
        self._lines: dict[SafeText, None] = {}

    def tell(self, line: SafeText) -> None:
        """Keep a line for the end; the same line again is not told again."""
        self._lines[line] = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand them to the controller of a parallel run."""
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_NOTICES] = list(self._lines)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over those of a worker."""
        for line in getattr(node, "workeroutput", {}).get(_NOTICES, ()):
            self.tell(line)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell them."""
        from pytest_endpoint_docs.plugin.outlets import tell
        from pytest_endpoint_docs.redaction.rendering import joined, public

        for line in self._lines:
            tell(terminalreporter, joined(public("warning: "), line), yellow=True)

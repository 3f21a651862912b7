"""The target of a run: where requests go, with which credentials, and which descriptions it has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.case import CaseResult, ContractCase
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.plugin.options import Options
from pytest_endpoint_docs.redaction import Redactor

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.openapi.descriptions import Descriptions
    from pytest_endpoint_docs.openapi.operations import Operation
    from pytest_endpoint_docs.openapi.request_check import RequestCheck
    from pytest_endpoint_docs.openapi.response_check import ResponseCheck
    from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators

SANDBOX = "sandbox"
# Long enough for a slow machine, short enough for a doc to prove that codes expire.
SANDBOX_CODE_LIFETIME_S = 15.0
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


class Target:
    """Where the requests of this process go; everything is looked up, read or started when it is first needed.

    ``told`` is the name and the base URL that a worker reported to its controller; ``is_asked_for``: something wanted
    the environment.
    """

    def __init__(
        self, config: pytest.Config, options: Options, redactor: Redactor, given: WorkerInput, open_: ExitStack
    ) -> None:
        self.given = given
        self.told: tuple[str, str] | None = None
        self.is_asked_for = False
        self._config = config
        self._options = options
        self._redactor = redactor
        self._open = open_

    @property
    def base_url(self) -> str | None:
        """What ``--base-url`` (or its ini key) says, which goes before the environment's own server."""
        return self._config.getoption("base_url", None) or self._config.getini("base_url") or None

    @property
    def is_sandbox(self) -> bool:
        """Whether the target is the embedded platform, of this run or started by hand."""
        return Path(self._options.env or "").stem == SANDBOX

    @property
    def starts_sandbox(self) -> bool:
        """Whether the environment is the embedded platform, and nobody runs one already."""
        return self.is_sandbox and "SANDBOX_URL" not in os.environ

    @cached_property
    def environment(self) -> Environment:
        """The target of this run. Raises: ``ConfigError`` with what to do."""
        from pytest_endpoint_docs.environment.environment_file import load_environment

        self.is_asked_for = True
        base_url = self.base_url
        name = self._options.env
        if name is None:
            if not base_url:
                raise ConfigError(NO_ENVIRONMENT)
            return Environment(name="base-url", file=None, base_url=base_url)
        environ: dict[str, str] = dict(os.environ)
        if self.starts_sandbox:
            environ |= self.sandbox()
            name = self._sandbox_file(name)
        environment = load_environment(name, root=self._config.rootpath, environ=environ, base_url=base_url)
        for secret in environment.secrets:
            self._redactor.add(secret)
        # The file that comes with the package has another name.
        return replace(environment, name=SANDBOX) if self.is_sandbox else environment

    def _sandbox_file(self, name: str) -> str:
        from pytest_endpoint_docs.environment.environment_file import find_environment
        from pytest_endpoint_docs.sandbox.settings import ENVIRONMENT_FILE

        try:
            return str(find_environment(name, root=self._config.rootpath))
        except ConfigError:
            return str(ENVIRONMENT_FILE)

    def sandbox(self) -> Mapping[str, str]:
        """Start the embedded platform, or join this run's; gives the variables that its environment file names."""
        if self.given.sandbox is None:
            try:
                from pytest_endpoint_docs.sandbox.running import Sandbox
                from pytest_endpoint_docs.sandbox.settings import SandboxSettings
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

    @property
    def described(self) -> tuple[str, str]:
        """The name and the base URL of the target, as far as they are known without starting anything."""
        if "environment" in self.__dict__:
            return self.environment.name, self.environment.base_url
        return self.told or (self._options.env or "", "")

    @cached_property
    def known_environment(self) -> Environment | None:
        """What is known of the target without reaching or starting it; ``None`` where that is nothing.

        What is wrong with its file is told when the run needs it.
        """
        from pytest_endpoint_docs.environment.environment_file import load_offline

        if self._options.env is None:
            return None
        name = self._sandbox_file(self._options.env) if self.is_sandbox else self._options.env
        try:
            return load_offline(name, root=self._config.rootpath, environ=os.environ)
        except ConfigError:
            return None

    @property
    def usable_tokens(self) -> tuple[str, ...]:
        """The token kinds of the target that have a value; the sandbox gives them all one when it starts."""
        kinds = self.known_environment.tokens.values() if self.known_environment else ()
        return tuple(kind.name for kind in kinds if kind.value or self.starts_sandbox)

    @cached_property
    def client(self) -> HttpClient:
        """The pooled HTTP client of this process."""
        from pytest_endpoint_docs.http.client import HttpClient

        client = HttpClient(self.environment)
        self._open.callback(client.close)
        return client

    @cached_property
    def descriptions(self) -> Descriptions | None:
        """The target's OpenAPI descriptions; ``None`` where it has none."""
        environment = self.known_environment
        if environment is None or not environment.openapi:
            return None
        from pytest_endpoint_docs.openapi.descriptions import Descriptions

        return Descriptions.of_environment(environment, root=self._config.rootpath)

    @cached_property
    def response_check(self) -> ResponseCheck | None:
        """Holds answers against the descriptions; one per run, because it keeps its compiled schemas."""
        if self.descriptions is None:
            return None
        from pytest_endpoint_docs.openapi.response_check import ResponseCheck

        return ResponseCheck(self.descriptions, strict=self._options.strict, validators=self._validators)

    @cached_property
    def request_check(self) -> RequestCheck | None:
        """Holds requests against the descriptions before they are sent."""
        if self.descriptions is None:
            return None
        from pytest_endpoint_docs.openapi.request_check import RequestCheck

        return RequestCheck(self.descriptions, self._redactor, strict=self._options.strict, validators=self._validators)

    @cached_property
    def _validators(self) -> SchemaValidators:
        from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators

        return SchemaValidators()

    def operation_of(self, case: ContractCase, result: CaseResult | None) -> Operation | None:
        """The OpenAPI operation of the request that a case is about; of its doc where nothing or another one was sent.

        For what did not run, descriptions are read only where somebody wants to know.
        """
        options = self._options
        if result is None and not (options.results or options.report or options.coverage):
            return None
        if self.descriptions is None:
            return None
        sent = result.sent if result else None
        if sent is None or case.outline.negative is not None:
            return self.descriptions.of_doc(case.doc)
        template, request = sent.step.request.path, sent.request
        return self.descriptions.of_request(case.doc, request.method, template, sent_path=request.path)

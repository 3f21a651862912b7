"""Consents in a pytest run, and the ``oauth.*`` variables that they give to docs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_endpoint_docs.errors import CaseSkipped, ConfigError
from pytest_endpoint_docs.manual.manual_mode import lacks_only_a_code
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.apps import AppStore, KeptApps, client_is_known
from pytest_endpoint_docs.oauth.browser.launch import has_display, require_playwright
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, NoCode, no_oauth_block, why_no_code, why_not_run
from pytest_endpoint_docs.oauth.consent_options import ConsentContext, ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession, consent_parts
from pytest_endpoint_docs.oauth.device_grant import DeviceGrants
from pytest_endpoint_docs.oauth.grant import AuthorizationGrant
from pytest_endpoint_docs.oauth.token_cache import TokenCache
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests, basic_credentials
from pytest_endpoint_docs.plugin.client_choice import ClientChoice
from pytest_endpoint_docs.variables.template import OF_A_CONSENT

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.protocols import CaseClient
    from pytest_endpoint_docs.http.client import HttpClient
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.model.environment import Environment, OAuthSettings
    from pytest_endpoint_docs.model.source import JSONValue
    from pytest_endpoint_docs.plugin.attended_terminal import AttendedTerminal
    from pytest_endpoint_docs.plugin.options import ManualMode, Options
    from pytest_endpoint_docs.plugin.session import RunProcess
    from pytest_endpoint_docs.redaction.redactor import Redactor

_Part = TypeVar("_Part")
_OF_GRANT = frozenset(["code", "code_verifier", "state"])
_VARIABLES = _OF_GRANT | {"redirect_uri", "client_id", "client_secret", "client_basic", "access_token"}


def is_oauth_variable(name: str) -> bool:
    """Whether this is one of the ``oauth.*`` variables."""
    return name.startswith(OF_A_CONSENT) and name.removeprefix(OF_A_CONSENT) in _VARIABLES


@dataclass(slots=True)
class _OfCase:
    """What a case took from its latest grant: a verifier or a state is given once, with the code that it belongs to."""

    grant: AuthorizationGrant | None = None
    left: set[str] = field(default_factory=set)


@value_class
class RunConsents:
    """All that the consents of one run consist of: the browser's side, who asks, and what is kept between runs."""

    settings: OAuthSettings
    session: ConsentSession
    redactor: Redactor
    clients: ClientChoice
    project_client: Callable[[], CaseClient]
    token_requests: TokenRequests
    devices: DeviceGrants
    tokens: TokenCache
    apps: KeptApps


class ConsentVariables:
    """Gives the ``oauth.*`` variables of docs, by the consents of one run."""

    def __init__(self, run: RunConsents, redactor: Redactor) -> None:
        self.run = run
        self._redactor = redactor
        self._lock = threading.RLock()
        self._cases: dict[str, _OfCase] = {}
        self._pictures: dict[str, list[Path]] = {}

    def defines(self, name: str) -> bool:
        """Whether this is one of the ``oauth.*`` variables."""
        return is_oauth_variable(name)

    def value(self, name: str, case: ContractCase, client: CaseClient) -> str:
        """The value of a variable. Raises: ``ConsentError``; ``ConfigError`` where nothing says which client it is."""
        try:
            return self._value(name, case, client)
        except (NoCode, ClosedByPerson) as untested:
            raise CaseSkipped(why_not_run(untested), location=case.location, cause="blocked") from None

    def _value(self, name: str, case: ContractCase, client: CaseClient) -> str:
        clients, part = self.run.clients, partial(self._of_client, case)
        self.run.session.ask_for(f"{case.name} of {case.doc.path}")
        with self._lock, self._picturing(case):
            match name.removeprefix(OF_A_CONSENT):
                case "redirect_uri":
                    return part(lambda: clients.redirect_uri(client))
                case "client_id":
                    return part(lambda: clients.client_id(client))
                case "client_secret":
                    return part(lambda: clients.client_secret(client)).reveal()
                case "client_basic":
                    client_id, secret = part(lambda: (clients.client_id(client), clients.client_secret(client)))
                    return self._redactor.add(basic_credentials(client_id, secret)).reveal()
                case "access_token":
                    return self._access_token(case, client).reveal()
                case wanted:
                    return self._of_grant(wanted, case, client)

    def _of_client(self, case: ContractCase, obtain: Callable[[], _Part]) -> _Part:
        """A part of the case's client; that there is none is told by one item of the run."""
        return self.run.session.first_failures.told_once("client", (case.doc.path,), obtain, item=case.name)

    def served(self, case: ContractCase) -> bool:
        """Whether the case took something from a consent, or tried to."""
        return case.id in self._cases

    def screenshots_of(self, case: ContractCase) -> tuple[Path, ...]:
        """The masked pictures of the consents of a case, in order."""
        return tuple(self._pictures.get(case.id, ()))

    @contextmanager
    def _picturing(self, case: ContractCase) -> Iterator[None]:
        session = self.run.session
        pictures, before = session.pictures, len(session.pictures)
        # Evidence shows the docs' consents; those of the checks would add a dozen pictures of the same page.
        session.pictured = True
        try:
            yield
        finally:
            session.pictured = False
            if pictures[before:]:
                self._pictures.setdefault(case.id, []).extend(pictures[before:])

    def _of_grant(self, wanted: str, case: ContractCase, client: CaseClient) -> str:
        if self.run.settings.grant != "authorization_code":
            raise NoCode(why_no_code(self.run.settings))
        kept = self._cases.setdefault(case.id, _OfCase())
        if kept.grant is None or wanted not in kept.left:
            clients = self.run.clients
            client_id = self._of_client(case, lambda: clients.client_id(client))
            pushed = self.run.session.pushed
            if pushed and pushed.lacks(client_id):
                pushed.know(client_id, self._of_client(case, lambda: clients.client_secret(client)))
            kept.grant = self.run.session.authorize(
                client_id=client_id,
                redirect_uri=self._of_client(case, lambda: clients.redirect_uri(client)),
                pkce=None if client.sends_verifier else "none",
            )
            kept.left = set(_OF_GRANT)
        kept.left.discard(wanted)
        value = getattr(kept.grant, wanted)
        if value is None:
            settings = self.run.settings
            raise ConfigError(f"{settings.location}: oauth.{wanted} has no value with pkce: {settings.pkce}")
        return str(value)

    def _access_token(self, case: ContractCase, client: CaseClient) -> Secret:
        run, settings = self.run, self.run.settings
        client_id = self._of_client(case, lambda: run.clients.client_id(client))
        secret = None if run.clients.is_public else self._of_client(case, lambda: run.clients.client_secret(client))
        by_device = settings.grant == "device_code"

        def obtain() -> Mapping[str, JSONValue]:
            self._cases.setdefault(case.id, _OfCase())
            if by_device:
                # That no device gets a token is told by one item of the run.
                return run.session.first_failures.told_once(
                    "token",
                    run.session.requests.identity(client_id=client_id),
                    lambda: run.devices.token(client_id, secret),
                    item=case.name,
                )
            if run.session.pushed:
                run.session.pushed.know(client_id, secret)
            grant = run.session.authorize(client_id=client_id, redirect_uri=run.clients.redirect_uri(client))
            return run.token_requests.exchange(grant, client_id, secret)

        def refresh(refresh_token: str) -> Mapping[str, JSONValue]:
            parameters = {"grant_type": "refresh_token", "refresh_token": refresh_token}
            return run.token_requests.request(parameters, client_id, secret)

        identity = (settings.token_url, client_id, settings.scope or "", *([settings.grant] if by_device else []))
        return self._redactor.add(run.tokens.access_token(*identity, obtain=obtain, refresh=refresh))


@value_class(kw_only=False)
class NoOAuthBlock:
    """The ``oauth.*`` variables of a run whose environment cannot give them."""

    environment: str

    def defines(self, name: str) -> bool:
        """Whether this is one of the ``oauth.*`` variables."""
        return is_oauth_variable(name)

    def value(self, name: str, case: ContractCase, client: CaseClient) -> str:
        """Nothing. Raises: ``ConfigError``."""
        raise self.error

    @property
    def error(self) -> ConfigError:
        """What to do."""
        return no_oauth_block(self.environment)


def options_of(options: Options, process: RunProcess, terminal: AttendedTerminal) -> ConsentOptions:
    """How the consents of a run are obtained; only for the modes that have any."""
    assert options.manual != "skip"
    return ConsentOptions(
        mode=options.manual,
        ask=terminal.ask,
        tell=terminal.tell,
        listen=terminal.listen,
        attended_timeout_s=options.attended_timeout,
        not_before=process.started if options.fresh_login else None,
        run_started=process.started,
        gives_up=True,
    )


def require_browser(cases: Iterable[ContractCase], mode: ManualMode) -> None:
    """Make sure that a consent which one of the cases is known to ask for can be led in a browser.

    Raises: ``ConfigError`` with what to install.
    """
    if mode == "attended" and not has_display(os.environ):
        return
    if any(case.outline.check or (case.is_manual and lacks_only_a_code(case.doc.body)) for case in cases):
        require_playwright()


def start_consents(
    options: ConsentOptions,
    environment: Environment,
    http: HttpClient,
    redactor: Redactor,
    *,
    storage: Path,
    project_client: Callable[[], CaseClient],
    open_: ExitStack,
) -> ConsentVariables:
    """The consents of a run; their browser ends when ``open_`` is closed, logins and apps are kept in ``storage``.

    Raises: ``ConfigError`` where the environment has no ``oauth`` block.
    """
    settings, name = environment.oauth, environment.name
    if settings is None:
        raise NoOAuthBlock(name).error
    context = ConsentContext(environment=name, storage=storage, redactor=redactor, environ=os.environ, options=options)
    parts = consent_parts(settings, http, context, open_)
    run = RunConsents(
        settings=settings,
        session=parts.session,
        redactor=redactor,
        clients=ClientChoice(settings, project_client),
        project_client=project_client,
        token_requests=parts.token_requests,
        devices=parts.devices,
        tokens=TokenCache(storage, environment=name),
        apps=KeptApps(
            AppStore(storage, environment=name),
            run_started=options.run_started or time.time(),
            is_known=lambda app: client_is_known(app, settings, http),
        ),
    )
    return ConsentVariables(run, redactor)

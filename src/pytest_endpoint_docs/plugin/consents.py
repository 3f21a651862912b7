"""Consents in a pytest run: ``{{oauth.code}}`` in docs, and the fixture ``oauth_consent``."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack, overload

import pytest

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import prepare_project_folder
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.oauth.apps import AppStore, KeptApps, client_is_known
from pytest_endpoint_docs.oauth.consent_options import ConsentOptions
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.oauth.grant import AuthorizationError, AuthorizationGrant
from pytest_endpoint_docs.oauth.token_cache import TokenCache
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests
from pytest_endpoint_docs.plugin.session import EndpointSession

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.protocols import CaseClient, Consent
    from pytest_endpoint_docs.model.case import ContractCase
    from pytest_endpoint_docs.redaction import Redactor

FIELDS = ("code", "code_verifier", "state", "redirect_uri", "client_id", "client_secret", "access_token")
HOW_TO_RUN = "needs a person's consent: run with --endpoint-manual automated or attended"


@dataclass(slots=True)
class _OfCase:
    """What a case took from its latest grant: a verifier or a state is given once, with the code that it belongs to."""

    grant: AuthorizationGrant | None = None
    left: set[str] = field(default_factory=set)


class RunConsent:
    """Gives the ``oauth.*`` variables of docs, by the consents of one run."""

    def __init__(
        self,
        consents: ConsentSession,
        settings: OAuthSettings,
        *,
        token_requests: TokenRequests,
        tokens: TokenCache,
        apps: KeptApps,
        redactor: Redactor,
        project_client: Callable[[], CaseClient],
    ) -> None:
        self.consents = consents
        self.apps = apps
        self._project_client = project_client
        self._asks_project = False
        self._redactor = redactor
        self._settings = settings
        self._token_requests = token_requests
        self._tokens = tokens
        self._lock = threading.RLock()
        self._cases: dict[str, _OfCase] = {}
        self._pictures: dict[str, list[Path]] = {}

    def defines(self, name: str) -> bool:
        """Whether this is one of the ``oauth.*`` variables."""
        return name.removeprefix("oauth.") in FIELDS and name.startswith("oauth.")

    def value(self, name: str, case: ContractCase, client: CaseClient) -> str:
        """The value of a variable. Raises: ``ConsentError``; ``ConfigError`` where nothing says which client it is."""
        wanted = name.removeprefix("oauth.")
        with self._lock, self._picturing(case):
            if wanted == "redirect_uri":
                return self.redirect_uri(client)
            if wanted == "client_id":
                return self.client_id(client)
            if wanted == "client_secret":
                return self.client_secret(client).reveal()
            if wanted == "access_token":
                return self._access_token(case, client).reveal()
            return self._of_grant(wanted, case, client)

    def served(self, case: ContractCase) -> bool:
        """Whether the case took something from a consent, or tried to."""
        return case.id in self._cases

    def screenshots_of(self, case: ContractCase) -> tuple[Path, ...]:
        """The masked pictures of the consents of a case, in order."""
        return tuple(self._pictures.get(case.id, ()))

    @contextmanager
    def _picturing(self, case: ContractCase) -> Iterator[None]:
        before = len(self.consents.pictures)
        try:
            yield
        finally:
            new = self.consents.pictures[before:]
            if new:
                self._pictures.setdefault(case.id, []).extend(new)

    def _of_grant(self, wanted: str, case: ContractCase, client: CaseClient) -> str:
        kept = self._cases.setdefault(case.id, _OfCase())
        if kept.grant is None or wanted not in kept.left:
            kept.grant = self._grant(client)
            kept.left = {"code", "code_verifier", "state"}
        kept.left.discard(wanted)
        value = getattr(kept.grant, wanted)
        if value is None:
            raise ConfigError(
                f"{self._settings.location}: oauth.{wanted} has no value with pkce: {self._settings.pkce}"
            )
        return str(value)

    def _grant(self, client: CaseClient) -> AuthorizationGrant:
        return self.consents.authorize(
            client_id=self.client_id(client),
            redirect_uri=self.redirect_uri(client),
            pkce=None if client.sends_verifier else "none",
        )

    def redirect_uri(self, client: CaseClient) -> str:
        """Where the code is sent to: as the doc's request says, else the environment, else the project's app."""
        found = client.redirect_uri() or self._settings.redirect_uri
        return self._required("redirect_uri", found or self._of_project(lambda project: project.redirect_uri()))

    def client_id(self, client: CaseClient) -> str:
        """The environment's client, else the one that the doc's UID resolution creates, else the project's."""
        found = self._settings.client_id or client.client_id()
        return self._required("client_id", found or self._of_project(lambda project: project.client_id()))

    def client_secret(self, client: CaseClient) -> Secret:
        """The secret of the same client."""
        if self._settings.client_id:
            given = self._settings.client_secret
            return Secret("CLIENT_SECRET", self._required("client_secret", given.reveal() if given else None))
        own = client.client_secret() if client.client_id() else None
        found = own or self._of_project(lambda project: project.client_secret())
        return Secret("CLIENT_SECRET", self._required("client_secret", found))

    def _of_project(self, part: Callable[[CaseClient], str | None]) -> str | None:
        """A part of the app that the project's doc of the token endpoint creates."""
        if self._asks_project:
            return None
        self._asks_project = True
        try:
            return part(self._project_client())
        finally:
            self._asks_project = False

    def _access_token(self, case: ContractCase, client: CaseClient) -> Secret:
        settings = self._settings
        is_public = settings.client_id and not settings.client_secret and not settings.client_variables
        client_id = self.client_id(client)
        secret = None if is_public else self.client_secret(client)

        def obtain() -> Mapping[str, JSONValue]:
            self._cases.setdefault(case.id, _OfCase())
            grant = self.consents.authorize(client_id=client_id, redirect_uri=self.redirect_uri(client))
            return self._token_requests.exchange(grant, client_id, secret)

        def refresh(refresh_token: str) -> Mapping[str, JSONValue]:
            parameters = {"grant_type": "refresh_token", "refresh_token": refresh_token}
            return self._token_requests.request(parameters, client_id, secret)

        identity = (settings.token_url, client_id, settings.scope or "")
        return self._redactor.add(self._tokens.access_token(*identity, obtain=obtain, refresh=refresh))

    def _required(self, name: str, value: str | None) -> str:
        if value:
            return value
        unset = self._settings.client_variables if name == "client_secret" else ()
        why = f"{' and '.join(unset)} is not set" if unset else "neither the oauth block nor a doc gives it"
        raise ConfigError(f"{self._settings.location}: a consent needs {name}, and {why}")


@dataclass(frozen=True, slots=True)
class NoOAuthBlock:
    """The ``oauth.*`` variables of a run whose environment cannot give them."""

    environment: str

    def defines(self, name: str) -> bool:
        """Whether this is one of the ``oauth.*`` variables."""
        return name.startswith("oauth.") and name.removeprefix("oauth.") in FIELDS

    def value(self, name: str, case: ContractCase, client: CaseClient) -> str:
        """Nothing. Raises: ``ConfigError``."""
        raise self.error

    @property
    def error(self) -> ConfigError:
        """What to do."""
        return ConfigError(f"environment {self.environment}: it has no oauth block; add one")


class ConsentParameters(TypedDict, total=False):
    """What a test may say of the consent that it asks for; the environment's ``oauth`` block gives the rest."""

    client_id: str | None
    redirect_uri: str | None
    scope: str | None
    user: str | None
    extra_params: Mapping[str, str | None] | None
    pkce: Literal["S256", "none"] | None


class OAuthConsent:
    """What the fixture ``oauth_consent`` gives: call it for a fresh authorization code."""

    def __init__(self, session: EndpointSession) -> None:
        self._session = session

    @overload
    def __call__(self, *, expect_error: None = None, **given: Unpack[ConsentParameters]) -> AuthorizationGrant: ...

    @overload
    def __call__(
        self, *, expect_error: str | Collection[str], **given: Unpack[ConsentParameters]
    ) -> AuthorizationError: ...

    def __call__(
        self, *, expect_error: str | Collection[str] | None = None, **given: Unpack[ConsentParameters]
    ) -> AuthorizationGrant | AuthorizationError:
        """A fresh code for the environment's client and user, or with ``expect_error`` that error response.

        What is not given comes from the environment's ``oauth`` block; a client that it does not name, from the UID
        resolution of the project's doc of the token endpoint. Skips the test in mode ``skip``.

        Raises: ``ConsentError``, ``ConfigError``.
        """
        __tracebackhide__ = True
        if self._session.options.manual == "skip":
            pytest.skip(HOW_TO_RUN)
        consent = self._session.consent
        if consent is None:
            raise NoOAuthBlock(self._session.target.environment.name).error
        settings = self._session.target.environment.oauth
        assert settings is not None
        if given.get("client_id") is None and settings.client_id is None:
            client = self._session.client_of_project()
            given["client_id"] = client.client_id()
            given["redirect_uri"] = given.get("redirect_uri") or client.redirect_uri()
        if expect_error is None:
            return consent.consents.authorize(**given)
        return consent.consents.authorize(expect_error=expect_error, **given)


def storage_of(session: EndpointSession) -> Path:
    """Where logins, apps and tokens are kept: the project's ``.endpoint-docs``; of a sandbox, not for long."""
    if session.given.storage:
        return Path(session.given.storage)
    return prepare_project_folder(session.config.rootpath)


def run_consent(session: EndpointSession) -> RunConsent | None:
    """The consents of a run; ``None`` in mode ``skip``, and where the environment has no ``oauth`` block."""
    settings, mode = session.target.environment.oauth, session.options.manual
    if settings is None or mode == "skip":
        return None
    storage = storage_of(session)
    options = ConsentOptions(
        mode=mode,
        ask=session.ask if mode == "attended" else None,
        not_before=session.given.started if session.options.fresh_login else None,
        run_started=session.given.started,
        pictures=True,
    )
    consents = ConsentSession(
        settings,
        environment=session.target.environment.name,
        storage=storage,
        redactor=session.redactor,
        environ=os.environ,
        options=options,
    )
    session.at_end(consents.close)
    http = session.target.client
    name = session.target.environment.name
    apps = KeptApps(
        AppStore(storage, environment=name),
        run_started=session.given.started,
        is_known=lambda app: client_is_known(app, settings, http),
    )
    tokens = TokenCache(storage, environment=name)
    return RunConsent(
        consents,
        settings,
        token_requests=TokenRequests(settings, http, redactor=session.redactor, announce=consents.announce),
        tokens=tokens,
        apps=apps,
        redactor=session.redactor,
        project_client=session.client_of_project,
    )


def consent_of(session: EndpointSession) -> Consent | None:
    """What gives the ``oauth.*`` variables; ``None`` in mode ``skip``."""
    if session.options.manual == "skip":
        return None
    return session.consent or NoOAuthBlock(session.target.environment.name)


def kept_apps(session: EndpointSession) -> KeptApps | None:
    """The apps that are kept for the run's environment; ``None`` where the run has no consents."""
    return session.consent.apps if session.consent else None

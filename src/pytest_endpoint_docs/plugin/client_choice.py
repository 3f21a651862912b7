"""Which OAuth client a case uses, and where its codes are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.oauth.token_endpoint import credential_of

if TYPE_CHECKING:
    from pytest_endpoint_docs.execution.protocols import CaseClient
    from pytest_endpoint_docs.model.environment import OAuthSettings


class ClientChoice:
    """Which client a case uses: the environment's, else the one of the case's own doc, else the project's.

    ``of_project`` gives the last one, and is asked only where nothing else says.
    """

    def __init__(self, settings: OAuthSettings, of_project: Callable[[], CaseClient]) -> None:
        self._settings = settings
        self._of_project = of_project
        self._asks_project = False

    @property
    def is_public(self) -> bool:
        """Whether the environment says that its client has nothing to authenticate with."""
        settings = self._settings
        unset = settings.client_id and not credential_of(settings) and not settings.client_variables
        return bool(settings.token_auth == "none" or unset)

    def redirect_uri(self, client: CaseClient) -> str:
        """Where the code is sent to: as the doc's request says, else the environment, else the project's app."""
        found = client.redirect_uri() or self._settings.redirect_uri
        return self._required("redirect_uri", found or self._project(lambda project: project.redirect_uri()))

    def client_id(self, client: CaseClient) -> str:
        """The environment's client, else the one that the doc's UID resolution creates, else the project's."""
        found = self._settings.client_id or client.client_id()
        return self._required("client_id", found or self._project(lambda project: project.client_id()))

    def client_secret(self, client: CaseClient) -> Secret:
        """What the same client authenticates with: its secret, or its private key."""
        if self._settings.token_auth == "private_key_jwt":
            key = self._settings.client_key
            return Secret("CLIENT_KEY", self._required("client_key", key.reveal() if key else None))
        if self._settings.client_id:
            given = self._settings.client_secret
            return Secret("CLIENT_SECRET", self._required("client_secret", given.reveal() if given else None))
        own = client.client_secret() if client.client_id() else None
        found = own or self._project(lambda project: project.client_secret())
        return Secret("CLIENT_SECRET", self._required("client_secret", found))

    def _project(self, part: Callable[[CaseClient], str | None]) -> str | None:
        # Creating the project's app may ask for a part of the app.
        if self._asks_project:
            return None
        self._asks_project = True
        try:
            return part(self._of_project())
        finally:
            self._asks_project = False

    def _required(self, name: str, value: str | None) -> str:
        if value:
            return value
        unset = self._settings.client_variables if name == "client_secret" else ()
        why = f"{' and '.join(unset)} is not set" if unset else "neither the oauth block nor a doc gives it"
        raise ConfigError(f"{self._settings.location}: a consent needs {name}, and {why}")

"""Apps that UID resolution created, kept between runs because a client secret is shown only once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_endpoint_docs.files import file_key, lock_for, read_private_mapping, write_private
from pytest_endpoint_docs.model.environment import OAuthSettings
from pytest_endpoint_docs.model.secret import Secret
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.consent_errors import TokenRequestFailed
from pytest_endpoint_docs.oauth.token_endpoint import request_token

if TYPE_CHECKING:
    from pytest_endpoint_docs.http.client import HttpClient


@value_class
class KeptApp:
    """A registered client. ``values`` is everything that its creation answered (field to text), secrets among it."""

    client_id: str
    client_secret: Secret | None = None
    created_at: float = 0.0
    values: dict[str, JSONValue] = field(default_factory=dict, repr=False)


class AppStore:
    """The apps of one environment, in one file with mode 0600, shared between processes under a lock.

    ``key`` says which app: where it comes from and for whom, for example ``"POST /platform/v1/apps https://myapp.example.com/cb"``.
    """

    def __init__(self, directory: Path, *, environment: str) -> None:
        self.file = directory / "apps" / f"{file_key(environment)}.json"

    def lookup(self, key: str) -> KeptApp | None:
        """The kept app, or ``None``."""
        entry = self._entries().get(key)
        if not isinstance(entry, dict) or not isinstance(entry.get("client_id"), str):
            return None
        secret, created_at, values = entry.get("client_secret"), entry.get("created_at"), entry.get("values")
        return KeptApp(
            client_id=str(entry["client_id"]),
            client_secret=Secret("APP_CLIENT_SECRET", secret) if isinstance(secret, str) else None,
            created_at=float(created_at) if isinstance(created_at, (int, float)) else 0.0,
            values=values if isinstance(values, dict) else {},
        )

    def keep(self, key: str, app: KeptApp) -> None:
        """Keep an app, in place of an earlier one."""
        with lock_for(self.file):
            self._write(key, app)

    def _write(self, key: str, app: KeptApp) -> None:
        entries = self._entries()
        entries[key] = {
            "client_id": app.client_id,
            "client_secret": app.client_secret.reveal() if app.client_secret else None,
            "created_at": app.created_at or time.time(),
            "values": app.values,
        }
        write_private(self.file, entries)

    def _entries(self) -> dict[str, JSONValue]:
        return read_private_mapping(self.file)


class KeptApps:
    """Apps that UID resolution created, kept between runs because their secret is shown only once.

    An app of an earlier run is tried once before it is used (``is_known``): one that the server no longer knows,
    because it was deleted or the server started anew, is created again. ``run_started`` is in epoch seconds.
    """

    def __init__(self, store: AppStore, *, run_started: float, is_known: Callable[[KeptApp], bool]) -> None:
        self._store = store
        self._run_started = run_started
        self._is_known = is_known
        self._tried: set[str] = set()

    def answer(self, key: str, create: Callable[[], JSONValue]) -> JSONValue:
        """The answer that created the app; where none is kept, ``create`` makes one, once for all parallel workers."""
        with lock_for(self._store.file.with_name(f"{self._store.file.stem}-in-use")):
            app = self._store.lookup(key)
            if app is None or not self._is_good(key, app):
                content = create()
                secret = _find(content, "client_secret")
                app = KeptApp(
                    client_id=_find(content, "client_id") or "",
                    client_secret=Secret("APP_CLIENT_SECRET", secret) if secret else None,
                    values={"answer": content},
                )
                self._store.keep(key, app)
            self._tried.add(key)
        return app.values["answer"]

    def _is_good(self, key: str, app: KeptApp) -> bool:
        if "answer" not in app.values:
            return False
        return key in self._tried or app.created_at >= self._run_started or self._is_known(app)


def first_kept_app(store: AppStore) -> KeptApp | None:
    """The app that was kept first, which is the one that the project's docs use."""
    return next((app for key in read_private_mapping(store.file) if (app := store.lookup(key))), None)


def client_is_known(app: KeptApp, settings: OAuthSettings, http: HttpClient) -> bool:
    """Whether the token endpoint still takes this client's secret, asked with a code that nobody issued.

    Only ``invalid_client`` says no (RFC 6749 section 5.2): whatever else is wrong, a new app would not help.
    """
    if app.client_secret is None:
        return True
    parameters = {"grant_type": "authorization_code", "code": secrets.token_urlsafe(24)}
    if settings.redirect_uri:
        parameters["redirect_uri"] = settings.redirect_uri
    try:
        request_token(http, settings, parameters, client_id=app.client_id, client_secret=app.client_secret)
    except TokenRequestFailed as refused:
        return refused.error != "invalid_client"
    return True


def _find(value: JSONValue, name: str) -> str | None:
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            return str(value[name])
        return next((found for item in value.values() if (found := _find(item, name))), None)
    return None

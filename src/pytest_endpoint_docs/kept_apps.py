"""Apps that UID resolution created, kept between runs."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from pytest_endpoint_docs.model import JSONValue, OAuthSettings, Secret
from pytest_endpoint_docs.oauth.apps import AppStore, KeptApp
from pytest_endpoint_docs.oauth.errors import TokenRequestFailed
from pytest_endpoint_docs.oauth.private_files import lock_for, read_private
from pytest_endpoint_docs.oauth.token_endpoint import request_token


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
    entries = read_private(store.file)
    keys = entries if isinstance(entries, dict) else ()
    return next((app for key in keys if (app := store.lookup(key))), None)


def client_is_known(app: KeptApp, settings: OAuthSettings) -> bool:
    """Whether the token endpoint still takes this client's secret, asked with a code that nobody issued.

    Only ``invalid_client`` says no (RFC 6749 section 5.2): whatever else is wrong, a new app would not help.
    """
    if app.client_secret is None:
        return True
    parameters = {"grant_type": "authorization_code", "code": secrets.token_urlsafe(24)}
    if settings.redirect_uri:
        parameters["redirect_uri"] = settings.redirect_uri
    try:
        request_token(
            settings.token_url,
            parameters,
            client_id=app.client_id,
            client_secret=app.client_secret,
            token_auth=settings.token_auth,
            timeout_s=settings.timeout_s,
        )
    except TokenRequestFailed as refused:
        return refused.error != "invalid_client"
    return True


def _find(value: JSONValue, name: str) -> str | None:
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            return str(value[name])
        return next((found for item in value.values() if (found := _find(item, name))), None)
    return None

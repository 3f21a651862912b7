"""Apps that a doc's UID resolution created: kept, because a client secret is shown only once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from pytest_endpoint_docs.model import JSONValue, Secret
from pytest_endpoint_docs.oauth.private_files import file_key, lock_for, read_private, write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptApp:
    """A registered client. ``values`` is everything that its creation answered (field to text), secrets among it."""

    client_id: str
    client_secret: Secret | None = None
    redirect_uri: str | None = None
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
        secret, redirect_uri, created_at = (
            entry.get("client_secret"),
            entry.get("redirect_uri"),
            entry.get("created_at"),
        )
        values = entry.get("values")
        return KeptApp(
            client_id=str(entry["client_id"]),
            client_secret=Secret("APP_CLIENT_SECRET", secret) if isinstance(secret, str) else None,
            redirect_uri=redirect_uri if isinstance(redirect_uri, str) else None,
            created_at=float(created_at) if isinstance(created_at, (int, float)) else 0.0,
            values=values if isinstance(values, dict) else {},
        )

    def keep(self, key: str, app: KeptApp) -> None:
        """Keep an app, in place of an earlier one."""
        with lock_for(self.file):
            self._write(key, app)

    def forget(self, key: str) -> None:
        """Forget an app: its client was deleted, or its secret does not work any more."""
        with lock_for(self.file):
            entries = self._entries()
            if entries.pop(key, None) is not None:
                write_private(self.file, entries)

    def _write(self, key: str, app: KeptApp) -> None:
        entries = self._entries()
        entries[key] = {
            "client_id": app.client_id,
            "client_secret": app.client_secret.reveal() if app.client_secret else None,
            "redirect_uri": app.redirect_uri,
            "created_at": app.created_at or time.time(),
            "values": app.values,
        }
        write_private(self.file, entries)

    def _entries(self) -> dict[str, JSONValue]:
        entries = read_private(self.file)
        return entries if isinstance(entries, dict) else {}

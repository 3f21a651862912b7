"""Logins that are kept between runs: a browser's cookies and local storage, per environment, server and user."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from pytest_endpoint_docs.files import file_key, lock_for, read_private_mapping, write_private
from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.model.source import JSONValue

if TYPE_CHECKING:
    from filelock import FileLock
    from playwright.async_api import StorageState


class SavedSession:
    """The saved login of one user.

    ``not_before`` (epoch seconds): older ones are ignored, which is what a fresh login means.
    """

    def __init__(
        self, directory: Path, *, environment: str, authorize_url: str, username: str, not_before: float | None = None
    ) -> None:
        parts = urlsplit(authorize_url)
        name = file_key(environment, f"{parts.scheme}://{parts.netloc}", username)
        self.file = directory / "sessions" / f"{name}.json"
        self._not_before = not_before

    def lock(self) -> FileLock:
        """Held by whoever logs in, so that parallel workers log in once."""
        return lock_for(self.file)

    def load(self) -> StorageState | None:
        """What was saved, in Playwright's ``storage_state`` form."""
        kept = read_private_mapping(self.file)
        if not isinstance(kept.get("state"), dict):
            return None
        saved_at = kept.get("saved_at")
        if self._not_before is not None and not (is_number(saved_at) and saved_at >= self._not_before):
            return None
        return cast("StorageState", kept["state"])

    def save(self, state: StorageState) -> None:
        """Keep it, with mode 0600."""
        write_private(self.file, {"saved_at": time.time(), "state": cast("JSONValue", state)})

    def reject(self, reason: str) -> None:
        """Remember that the server rejected this login: another try may lock the account. ``reason`` is masked."""
        write_private(self._rejection, {"rejected_at": time.time(), "reason": reason})

    def rejected_since(self, instant: float) -> str | None:
        """Why it was rejected, where that was at or after this time (epoch seconds)."""
        kept = read_private_mapping(self._rejection)
        rejected_at = kept.get("rejected_at")
        if not is_number(rejected_at) or rejected_at < instant:
            return None
        return str(kept.get("reason") or "the login was rejected")

    @property
    def _rejection(self) -> Path:
        return self.file.with_suffix(".rejected.json")

"""The first consent of a run that ended without a code: the rest of the run does not repeat its walk."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pytest_endpoint_docs.errors import ConsentError
from pytest_endpoint_docs.files import file_key, lock_for, read_private, write_private
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, NoCode

_Found = TypeVar("_Found")


class FirstFailures:
    """Kept per kind of consent in the run's storage, so that parallel workers know of it.

    ``run_started`` in epoch seconds: what failed in an earlier run does not count.
    """

    def __init__(self, storage: Path, *, environment: str, run_started: float) -> None:
        self._directory = storage / "consents"
        self._environment = environment
        self._run_started = run_started
        self._succeeded: set[Path] = set()

    def guard(self, identity: tuple[str, ...], obtain: Callable[[], _Found]) -> _Found:
        """What ``obtain`` gives; it is not asked where a consent of this identity failed before in this run.

        Raises: :class:`NoCode` then, and what ``obtain`` raises.
        """
        file = self._directory / f"{file_key(self._environment, *identity)}.json"
        if file in self._succeeded:
            return obtain()
        # The first consents of all workers come one after the other: the second one may find that the first one failed.
        with lock_for(file):
            earlier = self._earlier(file)
            if earlier is not None:
                raise NoCode(f"no code, see the consent that failed first: {earlier}")
            try:
                found = obtain()
            except ClosedByPerson:
                # Says nothing of the server.
                raise
            except ConsentError as error:
                write_private(file, {"failed_at": time.time(), "message": str(error).partition("\n")[0]})
                raise
        self._succeeded.add(file)
        return found

    def _earlier(self, file: Path) -> str | None:
        kept = read_private(file)
        failed_at = kept.get("failed_at") if isinstance(kept, dict) else None
        if not isinstance(kept, dict) or not isinstance(failed_at, (int, float)) or failed_at < self._run_started:
            return None
        return str(kept.get("message"))

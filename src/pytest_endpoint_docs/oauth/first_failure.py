"""The failures of a run that are told once: of the consent, of the client, of what the checks need."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pytest_endpoint_docs.errors import CaseSkipped, ConsentError, EndpointDocsError
from pytest_endpoint_docs.files import file_key, lock_for, read_private_mapping, write_private
from pytest_endpoint_docs.json_source import is_number
from pytest_endpoint_docs.oauth.consent_errors import ClosedByPerson, NoCode
from pytest_endpoint_docs.words import first_line

_Found = TypeVar("_Found")


class FirstFailures:
    """Kept in the run's storage, so that parallel workers know of them: whoever comes later is not run.

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
        file = self._file(*identity)
        if file in self._succeeded:
            return obtain()
        # The first consents of all workers come one after the other: the second one may find that the first one failed.
        with lock_for(file):
            earlier = self._earlier(file)
            if earlier is not None:
                raise NoCode(f"no code, see the consent that failed first: {earlier}")
            try:
                found = obtain()
            except (ClosedByPerson, NoCode):
                # Says nothing of the server.
                raise
            except ConsentError as error:
                write_private(file, {"failed_at": time.time(), "message": first_line(error)})
                raise
        self._succeeded.add(file)
        return found

    def told_once(self, what: str, identity: tuple[str, ...], obtain: Callable[[], _Found], *, item: str) -> _Found:
        """Obtain ``what`` a code needs; where that fails, the first ``item`` tells it.

        No lock is held meanwhile: making a client may take a code, and so another client.

        Raises: :class:`NoCode` where another item has told it, and what ``obtain`` raises.
        """
        file = self._file(what, *identity)
        self._refuse_after(file, what)
        try:
            return obtain()
        except (NoCode, ClosedByPerson, CaseSkipped):
            raise
        except EndpointDocsError as error:
            with lock_for(file):
                self._refuse_after(file, what)
                write_private(file, {"failed_at": time.time(), "message": f"{item}: {first_line(error)}"})
            raise

    def _refuse_after(self, file: Path, what: str) -> None:
        earlier = self._earlier(file)
        if earlier is not None:
            raise NoCode(f"no {what}, see what failed first: {earlier}")

    def _file(self, *identity: str) -> Path:
        return self._directory / f"{file_key(self._environment, *identity)}.json"

    def _earlier(self, file: Path) -> str | None:
        kept = read_private_mapping(file)
        failed_at = kept.get("failed_at")
        if not is_number(failed_at) or failed_at < self._run_started:
            return None
        return str(kept.get("message"))

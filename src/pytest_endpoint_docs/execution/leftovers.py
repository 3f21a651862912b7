"""What cases create on a server, on disk before it is created: a run that is killed leaves a list behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import PROJECT_FOLDER, lock_for, prepare_project_folder, read_text, write_private
from pytest_endpoint_docs.http.methods import SAFE
from pytest_endpoint_docs.instants import render_instant
from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.exchange import Request
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.model.value_class import value_class

_FILE = "leftovers.json"
_SHOWN = f"{PROJECT_FOLDER}/{_FILE}"
_NOTHING: Mapping[str, JSONValue] = MappingProxyType({})


@value_class
class Leftover:
    """What one case may have created: ``sent`` is the request that began it, ``at`` when.

    ``extracted`` and ``created`` are the variables and the values of rows that its cleanup needs; both are empty where
    the answer to ``sent`` never came.
    """

    id: str
    environment: str
    base_url: str
    doc: str
    case: str
    sent: str
    at: str
    extracted: Mapping[str, JSONValue] = field(default_factory=dict, repr=False)
    created: Mapping[str, JSONValue] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        """As people read it."""
        return f"{self.doc}::{self.case}, since {self.sent} at {self.at}"


class Leftovers:
    """The list of one project, in a private file of the project folder. Safe to use from several processes.

    ``base_url`` is the server's; ``is_given``: by the command line, and not by the environment's file.

    ``tell`` takes a line for the person about what stays on the list.
    """

    def __init__(
        self,
        root: Path,
        environment: str,
        clock: Callable[[], datetime],
        *,
        base_url: str,
        is_given: bool = False,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._root = root
        self._file = root / PROJECT_FOLDER / _FILE
        self._environment = environment
        self._base_url = base_url
        self._given = f" --base-url {base_url}" if is_given else ""
        self._clock = clock
        self._tell = tell
        self._is_lost = False

    def of_environment(self) -> tuple[Leftover, ...]:
        """Those of this environment's server, the oldest first: ids of another one mean something else here.

        Raises: ``ConfigError`` where the list cannot be read.
        """
        here = (self._environment, self._base_url)
        return tuple(entry for entry in self._read()[0].values() if (entry.environment, entry.base_url) == here)

    def begin(self, case: ContractCase, sent: str) -> Leftover:
        """List what is going to be created."""
        entry = Leftover(
            id=uuid4().hex,
            environment=self._environment,
            base_url=self._base_url,
            doc=case.doc.path,
            case=case.name,
            sent=sent,
            at=render_instant(self._clock()),
        )
        self.keep(entry)
        return entry

    def keep(self, entry: Leftover) -> None:
        """List an entry, or what is known of it now."""
        self._change(lambda entries: entries | {entry.id: entry})

    def settle(self, entry: Leftover) -> None:
        """Take an entry off the list: it is cleaned up."""
        self._change(lambda entries: {id_: other for id_, other in entries.items() if id_ != entry.id})

    def stays(self, entry: Leftover) -> None:
        """Say that an entry stays on the list."""
        if self._is_lost:
            self._tell(f"left behind: {entry.title}")
            return
        command = f"endpoint-docs cleanup --env {self._environment}{self._given}"
        self._tell(f"left behind: {entry.title}; '{command}' tries to remove it")

    def _change(self, change: Callable[[dict[str, Leftover]], dict[str, Leftover]]) -> None:
        """Change the list. Where that cannot be done, as in a read-only project, that is told, and the run goes on."""
        try:
            prepare_project_folder(self._root)
            with lock_for(self._file):
                entries, others = self._read()
                write_private(self._file, [*others, *map(_as_json, change(entries).values())])
        except OSError as error:
            self._lose(f"{_SHOWN} cannot be written: {error.strerror or error}")
        except ConfigError as error:
            self._lose(str(error))

    def _lose(self, why: str) -> None:
        self._is_lost = True
        self._tell(f"what is left behind is not listed: {why}")

    def _read(self) -> tuple[dict[str, Leftover], list[JSONValue]]:
        """The entries, and what another version wrote, which stays as it is. Raises: ``ConfigError``."""
        if not self._file.exists():
            return {}, []
        try:
            listed: JSONValue = parse_json(read_text(self._file))
        except SourceProblem as error:
            raise ConfigError(f"{_SHOWN}: {error.message}; it lists what runs left behind") from error
        if not isinstance(listed, list):
            raise ConfigError(f"{_SHOWN}: expected a list of what runs left behind")
        read = [(_entry(value), value) for value in listed]
        entries = {entry.id: entry for entry, _ in read if entry is not None}
        return entries, [value for entry, value in read if entry is None]


def _as_json(entry: Leftover) -> dict[str, JSONValue]:
    return {name: getattr(entry, name) for name in Leftover.__dataclass_fields__}


def _entry(value: JSONValue) -> Leftover | None:
    known: dict[str, Any] = value if isinstance(value, dict) else {}
    try:
        return Leftover(**known)
    except TypeError:
        return None  # of another version


class CaseJournal:
    """Lists what one case creates; does nothing for a case that cleans nothing up.

    ``leftovers`` ``None``: nothing is listed, as for a platform that is gone after the run.
    """

    def __init__(self, case: ContractCase, leftovers: Leftovers | None) -> None:
        body = case.doc.body
        has_cleanup = bool(body.cleanup) or any(row.cleanup for row in body.resolutions)
        self._leftovers = leftovers if has_cleanup else None
        self._case = case
        self._entry: Leftover | None = None
        self._must_stay = False

    def before(self, request: Request) -> None:
        """List a request that may create something, before it is sent."""
        if self._leftovers is not None and self._entry is None and request.method not in SAFE | {"DELETE"}:
            self._entry = self._leftovers.begin(self._case, f"{request.method} {request.path}")

    def no_answer(self) -> None:
        """Nobody knows what came of a request that was sent: the entry stays."""
        self.stays()

    def stays(self) -> None:
        """Something was created that nobody knows how to find: the entry stays."""
        self._must_stay = self._entry is not None

    def knows(self, extracted: Mapping[str, JSONValue] = _NOTHING, created: Mapping[str, JSONValue] = _NOTHING) -> None:
        """List what cleanup will need: more variables, more values of rows."""
        if self._leftovers is None or self._entry is None:
            return
        entry = replace(
            self._entry,
            extracted={**self._entry.extracted, **extracted},
            created={**self._entry.created, **created},
        )
        if entry != self._entry:
            self._entry = entry
            self._leftovers.keep(entry)

    def close(self, *, is_clean: bool) -> None:
        """The case is over; ``is_clean``: nothing went wrong with its cleanup."""
        entry, self._entry = self._entry, None
        if self._leftovers is None or entry is None:
            return
        if is_clean and not self._must_stay:
            self._leftovers.settle(entry)
        else:
            self._leftovers.stays(entry)

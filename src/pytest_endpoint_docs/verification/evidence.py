"""Evidence of runs by hand and by consent, and the versions that they were made with."""

from __future__ import annotations

import getpass
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import (
    PROJECT_FOLDER,
    prepare_project_folder,
    read_text,
    write_atomically,
    write_safe_text,
)
from pytest_endpoint_docs.instants import parse_instant
from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ExchangeRecord, ManualVerification
from pytest_endpoint_docs.model.secret import NO_TEXT, SafeRecord, SafeText
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.rendering import public, rendered

_PACKAGES = ("pytest", "pytest-endpoint-docs", "requests", "jsonschema")


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that decide about a run."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


EVIDENCE_VERSION = 1
EVIDENCE_FOLDER = Path(PROJECT_FOLDER, "evidence")
EvidenceOutcome = Literal["passed", "failed", "blocked"]

_GIT_TIMEOUT_S = 5.0
# What a stamp writes, or counts: the contract is the same without these.
_BOOKKEEPING = re.compile(
    r"""^(?P<q>["']?)(?:verifiedAt|verifiedBy|savedAt|timesReused)(?P=q)[ \t]*:.*\n?""", re.MULTILINE
)
_FRONTMATTER = re.compile(r"\A-{3,}[ \t]*\n(.*?)^-{3,}[ \t]*$", re.MULTILINE | re.DOTALL)


@value_class
class StepEvidence(SafeRecord):
    """What the tester answered to a step of the ``Manual Testing Procedure``; ``at`` in ISO 8601, UTC."""

    number: int
    outcome: EvidenceOutcome
    at: str
    note: SafeText = NO_TEXT


@value_class
class ItemEvidence(SafeRecord):
    """What came of an item of the doc in a consent run; ``note`` is the verdict, or why it did not run.

    ``outcome`` is that of the run's records. ``exchanges`` are the positions, from 0, of its own ones in those of the
    whole record.
    """

    name: SafeText
    outcome: str
    note: SafeText = NO_TEXT
    exchanges: tuple[int, ...] = ()


@value_class
class Evidence(SafeRecord):
    """One manual or consent run of a doc. ``at`` is when it ended (ISO 8601, UTC).

    ``screenshots`` are paths of masked ones. ``contract_hash`` is :func:`contract_hash` of the doc as it was then.
    ``sandbox``: against the embedded platform, which shows that the doc can be followed, and verifies no server.
    """

    doc: SafeText
    endpoint: SafeText
    contract_hash: str
    environment: SafeText
    tester: SafeText
    at: str
    outcome: EvidenceOutcome
    kind: Literal["manual", "consent"] = "manual"
    note: SafeText = NO_TEXT
    started_at: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    steps: tuple[StepEvidence, ...] = ()
    items: tuple[ItemEvidence, ...] = ()
    exchanges: tuple[ExchangeRecord, ...] = ()
    screenshots: tuple[SafeText, ...] = ()
    sandbox: bool = False
    schema_version: int = EVIDENCE_VERSION


@value_class
class EvidenceLog:
    """The records of a doc, newest first, and what could not be read (``path: reason``)."""

    records: tuple[Evidence, ...]
    unreadable: tuple[str, ...] = ()


class EvidenceStore:
    """The records under the root directory of a project."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / EVIDENCE_FOLDER
        # Every doc is looked up; what is written meanwhile is written here.
        self._is_kept = self._folder.is_dir()

    def write(self, evidence: Evidence) -> Path:
        """Write a record into a file of its own, in one stroke, and return the file. Raises: ``ConfigError``."""
        path = self.folder_of(evidence.doc) / f"{_file_name(evidence.at, evidence.outcome)}.json"
        try:
            prepare_project_folder(self._root)
            write_safe_text(path, rendered(_as_json, evidence))
            self._is_kept = True
        except OSError as error:
            raise ConfigError(f"{path}: cannot write the evidence: {error.strerror or error}") from error
        return path

    def keep_pictures(self, doc: str, at: str, pictures: Iterable[Path]) -> tuple[SafeText, ...]:
        """Copy masked screenshots beside the records of a doc, where they stay; returns their paths from the root.

        Raises: ``ConfigError``.
        """
        prepare_project_folder(self._root)
        folder = self.folder_of(doc)
        name = _file_name(at)
        kept = []
        for number, picture in enumerate(pictures, start=1):
            copy = folder / f"{name}-{number:02}.png"
            try:
                write_atomically(copy, picture.read_bytes())
            except OSError as error:
                raise ConfigError(f"{copy}: cannot keep the screenshot: {error.strerror or error}") from error
            kept.append(public(copy.relative_to(self._root).as_posix()))
        return tuple(kept)

    def log(self, doc: str) -> EvidenceLog:
        """Every record of a doc by its path."""
        records, unreadable = [], []
        for path in self._files(doc):
            try:
                records.append(read_evidence(path))
            except ConfigError as error:
                unreadable.append(str(error))
        return EvidenceLog(
            records=tuple(sorted(records, key=lambda record: record.at, reverse=True)), unreadable=tuple(unreadable)
        )

    def latest(self, doc: EndpointDoc) -> ManualVerification | None:
        """The newest readable record of a doc, in short, held against the doc as it is now; the sandbox's aside."""
        for path in self._files(doc.path):
            try:
                record = read_evidence(path)
            except ConfigError:
                continue  # ``log`` tells; an older record is better than none
            if record.sandbox:
                continue
            return ManualVerification(
                at=record.at,
                by=record.tester,
                outcome=record.outcome,
                doc_changed=record.contract_hash != contract_hash(doc.text),
            )
        return None

    def folder_of(self, doc: str) -> Path:
        """Where the records of a doc are; a doc outside the root directory gets a folder inside it all the same."""
        parts = [part for part in re.split(r"[/\\]+", doc) if part not in ("", ".")]
        return self._folder.joinpath(*(re.sub(r"[:\0]", "_", "_up" if part == ".." else part) for part in parts))

    def _files(self, doc: str) -> list[Path]:
        if not self._is_kept:
            return []
        # Names begin with the instant: newest first without reading any.
        return sorted(self.folder_of(doc).glob("[0-9]*.json"), key=lambda path: path.name, reverse=True)


def _as_json(evidence: Evidence) -> str:
    return json.dumps(asdict(evidence), indent=1) + "\n"


def read_evidence(path: Path) -> Evidence:
    """Read one record. Raises: ``ConfigError`` that says what is wrong with the file."""
    try:
        value: Any = parse_json(read_text(path))
    except SourceProblem as problem:
        raise ConfigError(f"{path}: not readable as evidence: {problem.message}") from problem
    version = value.get("schema_version") if isinstance(value, dict) else None
    if version != EVIDENCE_VERSION:
        raise ConfigError(f"{path}: evidence of version {version!r}, this release reads version {EVIDENCE_VERSION}")
    try:
        record = _evidence(value)
        parse_instant(record.at)
    except (TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}: not readable as evidence: {error}") from error
    return record


def contract_hash(text: str) -> str:
    """SHA-256 (hex) of a doc without ``verifiedAt``, ``verifiedBy``, ``savedAt``, ``timesReused`` of its frontmatter.

    Stamping a doc, or saving it with other newlines, therefore leaves its evidence valid; every other change does not.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    match = _FRONTMATTER.match(text)
    if match:
        text = _BOOKKEEPING.sub("", match[1]) + text[match.end() :]
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def identify_tester(option: str | None, root: Path) -> SafeText:
    """Who tests: the option, else git's ``user.name <user.email>``, else the login name."""
    return public(_tester(option, root))


def _tester(option: str | None, root: Path) -> str:
    if option and option.strip():
        return option.strip()
    name, email = (_git_config(key, root) for key in ("user.name", "user.email"))
    if name or email:
        return f"{name} <{email}>" if name and email else name or email
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _file_name(at: str, *more: str) -> str:
    """A name that nobody else gives, and that sorts by the instant."""
    return "-".join([re.sub(r"[^0-9TZ]", "", at), *more, uuid4().hex[:6]])


def _evidence(value: dict[str, Any]) -> Evidence:
    known = {item.name for item in fields(Evidence)}
    given = {key: item for key, item in value.items() if key in known}
    given["steps"] = tuple(StepEvidence(**step) for step in value.get("steps", ()))
    given["items"] = tuple(
        ItemEvidence(**{**item, "exchanges": tuple(item.get("exchanges", ()))}) for item in value.get("items", ())
    )
    given["exchanges"] = tuple(ExchangeRecord(**exchange) for exchange in value.get("exchanges", ()))
    given["screenshots"] = tuple(value.get("screenshots", ()))
    if value.get("outcome") not in ("passed", "failed", "blocked"):
        raise ValueError(f"outcome {value.get('outcome')!r}; expected passed, failed or blocked")
    return Evidence(**given)


def _git_config(key: str, root: Path) -> str:
    try:
        found = subprocess.run(
            ["git", "config", "--get", key],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""

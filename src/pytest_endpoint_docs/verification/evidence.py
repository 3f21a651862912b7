"""Evidence of runs by hand and by consent, and the versions that they were made with."""

from __future__ import annotations

import getpass
import json
import platform
import re
import subprocess
from dataclasses import asdict, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import read_text
from pytest_endpoint_docs.instants import parse_instant
from pytest_endpoint_docs.json_source import SourceProblem, parse_json
from pytest_endpoint_docs.model.digest import text_digest
from pytest_endpoint_docs.model.record import ExchangeRecord
from pytest_endpoint_docs.model.secret import NO_TEXT, SafeRecord, SafeText
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.rendering import public, rendered

_PACKAGES = ("pytest", "pytest-endpoint-docs", "requests", "jsonschema")


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that decide about a run."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


EVIDENCE_VERSION = 1
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


def evidence_text(evidence: Evidence) -> SafeText:
    """A record as the JSON text of its file."""
    return rendered(_as_json, evidence)


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
    return text_digest(text)


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

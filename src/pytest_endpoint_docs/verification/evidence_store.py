"""Where the evidence of a project lies: a folder for each doc, a file for each run.

A run looks for the evidence of every doc; what the records are is imported where there are any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import PROJECT_FOLDER, prepare_project_folder, write_atomically, write_safe_text
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.record import ManualVerification
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.redaction.rendering import public

if TYPE_CHECKING:
    from pytest_endpoint_docs.verification.evidence import Evidence, EvidenceLog

EVIDENCE_FOLDER = Path(PROJECT_FOLDER, "evidence")


class EvidenceStore:
    """The records under the root directory of a project."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / EVIDENCE_FOLDER
        # Every doc is looked up; what is written meanwhile is written here.
        self._is_kept = self._folder.is_dir()

    def write(self, evidence: Evidence) -> Path:
        """Write a record into a file of its own, in one stroke, and return the file. Raises: ``ConfigError``."""
        from pytest_endpoint_docs.verification.evidence import evidence_text

        path = self.folder_of(evidence.doc) / f"{_file_name(evidence.at, evidence.outcome)}.json"
        try:
            prepare_project_folder(self._root)
            write_safe_text(path, evidence_text(evidence))
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
        from pytest_endpoint_docs.verification.evidence import EvidenceLog, read_evidence

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
        if not self._is_kept:
            return None
        from pytest_endpoint_docs.verification.evidence import contract_hash, read_evidence

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
        # Names begin with the instant: newest first without reading any.
        return sorted(self.folder_of(doc).glob("[0-9]*.json"), key=lambda path: path.name, reverse=True)


def _file_name(at: str, *more: str) -> str:
    """A name that nobody else gives, and that sorts by the instant."""
    return "-".join([re.sub(r"[^0-9TZ]", "", at), *more, uuid4().hex[:6]])

"""Which docs a run verified, and ``verifiedAt`` and ``verifiedBy`` written into them."""

from __future__ import annotations

import codecs
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from filelock import Timeout

from pytest_endpoint_docs.errors import StampError
from pytest_endpoint_docs.files import lock_elsewhere, write_atomically
from pytest_endpoint_docs.model.secret import NO_TEXT, SafeRecord, SafeText
from pytest_endpoint_docs.model.source import SourceLocation
from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.redaction.rendering import public
from pytest_endpoint_docs.verification.evidence import contract_hash
from pytest_endpoint_docs.verification.frontmatter_edit import with_value

if TYPE_CHECKING:
    from pytest_endpoint_docs.model.environment import Environment
    from pytest_endpoint_docs.model.record import ItemRecord
    from pytest_endpoint_docs.verification.doc_part import DocPart


_LOCK_TIMEOUT_S = 30.0
_Key = TypeVar("_Key", bound=Hashable)


def stamp(path: Path, values: Mapping[str, str], *, display_path: str | None = None) -> bool:
    """Set frontmatter values of a doc, such as ``{"verifiedAt": "2026-02-08T10:24:43Z"}``; returns whether it changed.

    Only these values change: comments, quotes, order, newlines, a BOM and a missing final newline stay. A key that is
    not there gets a line of its own after ``savedAt`` or ``status``, else at the end of the frontmatter. What is
    written is read again before it replaces the file, in one stroke. Processes that stamp one doc wait for each other.

    Raises: ``StampError`` where a value cannot be written safely; the file is then as it was.
    """
    name = display_path or str(path)
    target = path.resolve()
    try:
        with lock_elsewhere(target, timeout_s=_LOCK_TIMEOUT_S):
            content = target.read_bytes()
            stamped = stamped_content(content, values, path=name)
            if stamped == content:
                return False
            write_atomically(target, stamped)
    except Timeout as error:
        raise StampError(
            f"another process has held the doc for more than {_LOCK_TIMEOUT_S:.0f} s", location=SourceLocation(name, 1)
        ) from error
    except OSError as error:
        raise StampError(f"cannot be written: {error.strerror or error}", location=SourceLocation(name, 1)) from error
    return True


def stamped_content(content: bytes, values: Mapping[str, str], *, path: str) -> bytes:
    """The bytes of a doc with the values set; ``path`` names it in errors. Raises: ``StampError``."""
    bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        text = content.removeprefix(bom).decode("utf-8")
        for key, value in values.items():
            text = with_value(text, key, value, path=path)
        return bom + text.encode("utf-8")
    except UnicodeError as error:
        raise StampError(f"not UTF-8: {error}", location=SourceLocation(path, 1)) from error


_OUTCOMES = {
    "failed": "an item failed",
    "error": "an item failed",
    "xfailed": "an item failed as expected",
    "xpassed": "an item was expected to fail",
    "skipped": "an item did not run",
}
_INCOMPLETE = "not all items of the doc ran"
_NOTHING_SENT = "an item passed without an answer from the server"
_CHANGED = "the doc changed during the run"


@value_class
class Stamp(SafeRecord):
    """What was written into a doc; ``by`` is ``None`` where ``verifiedBy`` was left alone.

    ``by_status_alone``: nothing documents the content that an item of the doc was answered with.
    """

    doc: SafeText
    at: str
    by: SafeText | None = None
    by_status_alone: bool = False


@value_class
class Stamps(SafeRecord):
    """What came of ``--endpoint-stamp``. ``refused`` maps a reason to docs; ``forbidden``: why none was looked at."""

    stamped: tuple[Stamp, ...] = ()
    refused: Mapping[SafeText, tuple[SafeText, ...]]
    forbidden: SafeText = NO_TEXT


def why_no_stamps(environment: Environment, *, is_sandbox: bool) -> str:
    """Why a run against this environment verifies nothing, whatever passes; empty where it may."""
    if environment.stamps:
        return ""
    if is_sandbox:
        return "the sandbox is not the server that the docs are about"
    file = environment.file.name if environment.file else "its file"
    return f"environment {environment.name} does not allow it; a live one says 'stamps: true' in {file}"


def stamp_docs(
    items: Mapping[_Key, ItemRecord],
    doc_parts: Mapping[_Key, DocPart],
    *,
    tester: SafeText,
    forbidden: SafeText = NO_TEXT,
) -> Stamps:
    """Write ``verifiedAt`` into the docs all of whose items passed live, ``verifiedBy`` where a person took part.

    Both mappings have the items' keys.
    """
    if forbidden:
        return Stamps(refused={}, forbidden=forbidden)
    docs: dict[str, list[tuple[ItemRecord, DocPart]]] = {}
    for key, doc_part in doc_parts.items():
        docs.setdefault(doc_part.file, []).append((items[key], doc_part))
    stamped: list[Stamp] = []
    refused: dict[SafeText, list[SafeText]] = {}
    for file, parts in docs.items():
        doc = parts[0][1].doc
        reason = _why_not(Path(file), parts)
        if not reason:
            given = _stamp_of(parts, tester)
            try:
                stamp(Path(file), _values(given), display_path=doc)
            except StampError as error:
                reason = error.message
            else:
                stamped.append(given)
        if reason:
            refused.setdefault(public(reason), []).append(doc)
    return Stamps(
        stamped=tuple(sorted(stamped, key=lambda each: each.doc)),
        refused={reason: tuple(sorted(names)) for reason, names in refused.items()},
    )


def _why_not(file: Path, parts: Iterable[tuple[ItemRecord, DocPart]]) -> str:
    parts = list(parts)
    # A check of the token endpoint that does not apply to this server says nothing about the doc.
    neutral = {part.name for item, part in parts if item.kind == "check" and item.outcome == "skipped"}
    for outcome, reason in _OUTCOMES.items():
        if any(item.outcome == outcome and part.name not in neutral for item, part in parts):
            return reason
    doc_part = parts[0][1]
    ran = {part.name for _, part in parts}
    if not doc_part.names or set(doc_part.names) - ran:
        return _INCOMPLETE
    live = {part.name for _, part in parts if part.live}
    if set(doc_part.names) - live - neutral:
        return _NOTHING_SENT
    try:
        now_hash = contract_hash(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return f"the doc can no longer be read: {error}"
    return "" if now_hash == doc_part.contract_hash else _CHANGED


def _stamp_of(parts: list[tuple[ItemRecord, DocPart]], tester: SafeText) -> Stamp:
    by_person = any(doc_part.by for _, doc_part in parts)
    # A name that is there already stood beside the old date; beside the new one it would be wrong.
    named = any(item.verified_by for item, _ in parts)
    return Stamp(
        doc=parts[0][1].doc,
        at=max(item.started_at for item, _ in parts),
        by=tester if by_person or named else None,
        by_status_alone=any(item.is_by_status_alone for item, _ in parts),
    )


def _values(given: Stamp) -> dict[str, str]:
    return {"verifiedAt": given.at} | ({"verifiedBy": given.by} if given.by else {})

"""Write ``verifiedAt`` and ``verifiedBy`` back into a doc, and leave every other byte of it alone."""

from __future__ import annotations

import codecs
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from pytest_endpoint_docs.errors import StampError
from pytest_endpoint_docs.model import SourceLocation
from pytest_endpoint_docs.reporting.atomic_write import write_atomically
from pytest_endpoint_docs.reporting.frontmatter_edit import with_value

_LOCK_TIMEOUT_S = 30.0


def stamp(path: Path, values: Mapping[str, str], *, display_path: str | None = None) -> bool:
    """Set frontmatter values of a doc, such as ``{"verifiedAt": "2026-02-08T10:24:43Z"}``; returns whether it changed.

    Only these values change: comments, quotes, order, newlines, a BOM and a missing final newline stay. A key that is
    not there gets a line of its own behind ``savedAt`` or ``status``, else at the end of the frontmatter. What is
    written is read again before it replaces the file, in one stroke. Processes that stamp one doc wait for each other.

    Raises: ``StampError`` where a value cannot be written for sure; the file is then as it was.
    """
    name = display_path or str(path)
    target = path.resolve()
    try:
        with _lock(target):
            content = target.read_bytes()
            stamped = stamped_content(content, values, path=name)
            if stamped == content:
                return False
            write_atomically(target, stamped)
    except Timeout as error:
        raise StampError(
            f"another process holds the doc for more than {_LOCK_TIMEOUT_S:.0f} s", location=SourceLocation(name, 1)
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


def _lock(target: Path) -> FileLock:
    # Not beside the doc: a lock file there would show up in version control.
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"endpoint-docs-locks-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return FileLock(folder / f"{hashlib.sha256(str(target).encode()).hexdigest()[:16]}.lock", timeout=_LOCK_TIMEOUT_S)

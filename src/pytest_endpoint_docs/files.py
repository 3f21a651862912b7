"""Files of the project folder: written whole or not at all, private where they hold secrets, locked for processes."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from pytest_endpoint_docs.json_source import WRITTEN_BY_HAND, Bounds, SourceProblem, parse_json, refuse_size
from pytest_endpoint_docs.model.digest import short_digest, text_digest
from pytest_endpoint_docs.model.secret import SafeText
from pytest_endpoint_docs.model.source import JSONValue

if TYPE_CHECKING:
    from filelock import FileLock


def write_atomically(path: Path, content: bytes, *, private: bool = False) -> None:
    """Replace ``path`` with ``content`` in one stroke. The mode stays; a symlink stays one, its target is replaced.

    ``private``: the mode is 0600. A reader sees all of the old content or all of the new one, also when this process is
    killed; what may stay then is a ``.tmp`` file beside it. Creates missing directories. Raises: ``OSError``.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:12]}.tmp")
    # Not by tempfile: its files are private to their owner, this way a new file gets the mode that the umask gives.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not private and target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_safe_text(path: Path, text: SafeText) -> None:
    """Replace ``path`` with a text for people and tools, in UTF-8, as :func:`write_atomically`. Raises: ``OSError``."""
    # What servers say may hold lone surrogates, which have no UTF-8 form.
    write_atomically(path, text.encode("utf-8", "replace"))


def read_text(file: Path, bounds: Bounds = WRITTEN_BY_HAND) -> str:
    """The text of a file in UTF-8, without BOM. Raises: ``SourceProblem`` of the kind ``file``."""
    try:
        with file.open("rb") as stream:
            content = stream.read(bounds.size + 1)
    except OSError as error:
        raise SourceProblem(f"cannot be read: {error.strerror or error}", kind="file") from error
    except ValueError as error:  # a null character in its name
        raise SourceProblem(f"cannot be read: {error}", kind="file") from error
    refuse_size(content, bounds)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8: byte 0x{content[error.start]:02x} at offset {error.start} ({error.reason})"
        raise SourceProblem(message, kind="file", line=line, hint="Save it as UTF-8.") from error


def read_regular(file: Path) -> bytes:
    """The content of a regular file, symlinks followed.

    Raises: ``ValueError`` for a pipe, a device, a socket, a folder, before it is read; ``OSError``.
    """
    if not stat.S_ISREG(file.stat().st_mode):
        raise ValueError("is not a regular file")
    # It may have become another one since: opening a pipe must not wait for a writer.
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is not a regular file")
        return stream.read()


PROJECT_FOLDER = ".endpoint-docs"
_IGNORED = """# Written by pytest-endpoint-docs: logins and tokens stay here, evidence of manual runs is for everybody.
*
!.gitignore
!evidence/
!evidence/**
"""


def prepare_project_folder(root: Path) -> Path:
    """The folder under a root directory, made where it is missing, with a ``.gitignore`` of its own."""
    folder = root / PROJECT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    # Two workers may both find it missing; what is there already is the project's.
    with suppress(FileExistsError), ignored.open("x", encoding="utf-8") as file:
        try:
            file.write(_IGNORED)
            file.flush()
        except OSError:  # a full disk; an empty one would keep nothing out of version control
            ignored.unlink()
            raise
    return folder


def _make_private(directory: Path) -> None:
    """Make a directory, where it is missing, with mode 0700."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)


def read_private(file: Path) -> JSONValue:
    """The JSON value in a file; ``None`` where there is none, or it cannot be read."""
    try:
        value: JSONValue = parse_json(read_text(file))
    except SourceProblem:
        return None
    return value


def read_private_mapping(file: Path) -> dict[str, JSONValue]:
    """The JSON object in a file; empty where there is none."""
    value = read_private(file)
    return value if isinstance(value, dict) else {}


def write_private(file: Path, value: JSONValue) -> None:
    """Write a JSON value with mode 0600 into a directory with mode 0700, in one stroke."""
    _make_private(file.parent)
    write_atomically(file, json.dumps(value).encode("ascii"), private=True)


def lock_for(file: Path) -> FileLock:
    """A lock between processes for a private file, beside it."""
    _make_private(file.parent)
    from filelock import FileLock

    return FileLock(file.with_name(f"{file.name}.lock"))


def lock_elsewhere(file: Path, *, timeout_s: float) -> FileLock:
    """A lock between processes for a file of the project: beside it, it would show up in version control.

    Who waits for it longer than ``timeout_s`` gets ``filelock.Timeout``.
    """
    from filelock import FileLock

    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"endpoint-docs-locks-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return FileLock(folder / f"{short_digest(str(file))}.lock", timeout=timeout_s)


def file_key(environment: str, *parts: str) -> str:
    """A file name for these parts: the environment stays readable, the rest is hashed (it holds user names)."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", environment).strip("-") or "environment"
    # Length prefixes: ("ab", "c") and ("a", "bc") are two keys.
    joined = "".join(f"{len(part)}:{part}" for part in (environment, *parts))
    return f"{readable}-{text_digest(joined)[:20]}"

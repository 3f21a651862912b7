"""Files that only their owner may read: sessions, apps, tokens."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

from filelock import FileLock

from pytest_endpoint_docs.model import JSONValue


def private_directory(directory: Path) -> Path:
    """The directory, made where it is missing, with mode 0700."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


def read_private(file: Path) -> JSONValue:
    """The JSON value in a file; ``None`` where there is none, or no JSON in it (half-written by a killed run)."""
    try:
        value: JSONValue = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return value


def write_private(file: Path, value: JSONValue) -> None:
    """Write a JSON value with mode 0600, in one stroke: a reader sees the old content or the new."""
    private_directory(file.parent)
    # mkstemp creates with mode 0600.
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(value, stream)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def lock_for(file: Path) -> FileLock:
    """A lock between processes for this file."""
    private_directory(file.parent)
    return FileLock(file.with_name(f"{file.name}.lock"))


def file_key(environment: str, *parts: str) -> str:
    """A file name for these parts: the environment stays readable, the rest is hashed (it holds user names)."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", environment).strip("-") or "environment"
    # Length prefixes: ("ab", "c") and ("a", "bc") are two keys.
    joined = "".join(f"{len(part)}:{part}" for part in (environment, *parts))
    return f"{readable}-{hashlib.sha256(joined.encode()).hexdigest()[:20]}"

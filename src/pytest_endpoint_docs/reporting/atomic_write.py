"""Files that are either the old one or the new one, whatever happens in between."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import uuid4


def write_atomically(path: Path, content: bytes) -> None:
    """Replace ``path`` with ``content`` in one stroke. The mode stays; a symlink stays one, its target is replaced.

    A reader sees all of the old content or all of the new one, also when this process is killed; what may stay
    behind then is a ``.tmp`` file beside it. Creates missing directories. Raises: ``OSError``.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:12]}.tmp")
    # Not by tempfile: its files are private to their owner, this way a new file gets the mode that the umask gives.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

"""Which files may be docs: the Markdown files of a folder, and how they are told by their names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_ENDINGS = (".md", ".markdown")


def is_markdown(name: str) -> bool:
    """Whether a file of this name, or at this path, is Markdown: ``.md`` or ``.markdown``, in capitals as well."""
    return name.lower().endswith(_ENDINGS)


def names_markdown(nodeid: str) -> bool:
    """Whether a node id names a Markdown file: its own, or that of the case which a project's test runs."""
    lowered = nodeid.lower()
    return any(ending in lowered for ending in _ENDINGS)


def leads_nowhere(path: Path) -> bool:
    """Whether a path is a link to what is not there: a doc was meant, and would be lost.

    Not one with a hidden name: editors mark the files that somebody edits with such links (``.#doc.md``).
    """
    return path.is_symlink() and not path.exists() and not path.name.startswith(".")


def markdown_files(folder: Path) -> list[Path]:
    """The Markdown files of a folder and of those below it, in path order; links are followed, as pytest does.

    A folder that may not be read is there itself: whoever reads it as a doc is told why not.
    """
    unread: list[Path] = []
    files = [file for file in _markdown_below(folder, unread) if file.is_file() or leads_nowhere(file)]
    return sorted(files + unread)


def _markdown_below(folder: Path, unread: list[Path]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            unread.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, onerror=note, followlinks=True):
        folders[:] = [name for name in folders if not _leads_round(parent, name)]
        yield from (Path(parent, name) for name in names if is_markdown(name))


def _leads_round(parent: str, name: str) -> bool:
    """Whether a folder is a link to one that it is in."""
    path = os.path.join(parent, name)  # noqa: PTH118 - for each folder, and few are links
    return os.path.islink(path) and Path(parent).resolve().is_relative_to(Path(path).resolve())  # noqa: PTH114

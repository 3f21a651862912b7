"""Which files may be docs: the Markdown files of a folder, and how they are told by their names."""

from __future__ import annotations

from pathlib import Path

_ENDING = ".md"


def is_markdown(name: str) -> bool:
    """Whether a file of this name, or at this path, is Markdown: ``.md``, in capitals as well."""
    return name.lower().endswith(_ENDING)


def names_markdown(nodeid: str) -> bool:
    """Whether a node id names a Markdown file: its own, or that of the case which a project's test runs."""
    return _ENDING in nodeid.lower()


def markdown_files(folder: Path) -> list[Path]:
    """The Markdown files of a folder and of those below it, in path order."""
    return sorted(file for file in folder.rglob("*") if is_markdown(file.name) and file.is_file())
